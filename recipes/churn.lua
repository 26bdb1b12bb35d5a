-- moonlab run recipes/churn.lua
-- Which customers leave next month? A table with the defects that such tables have, cleaned as the recipe declares it; what was done
-- with each row stands in the run folder. The table is made up (tools/make_customers.lua).
local ml = require "moonlab"
local nn, data, features = ml.nn, ml.data, ml.features

return ml.recipe {
  name    = "churn",
  problem = { ask = "Which customers leave next month?", accept = { f1 = 0.60, auc = 0.80 } },
  task    = "binary",
  seed    = 17,
  data = {
    source  = data.csv "data/customers.csv",
    target  = "churned", positive = "yes", id = "customer_id", group = "household",
    columns = {
      age   = data.number { min = 18, max = 120, missing = { "median", "indicator" } },
      spend = data.number { min = 0, missing = "median", map = "log1p" },
      plan  = data.category { "basic", "plus", "pro" },
      city  = data.ignore(),
    },
    derive  = { spend_per_year = function(c) return c.spend:fill(0) / (c.tenure + 1) end },
    clean   = { duplicates = "drop", invalid = "quarantine" },
  },
  split    = { valid = 0.15, test = 0.2 },
  features = { features.standardize(), features.one_hot() },
  model    = nn.Linear(1),
  train    = { loss = "bce_with_logits", batch = 64, epochs = 30, patience = 6, select = "auc",
               optimizer = ml.optim.adamw { lr = ml.grid { 1e-2, 3e-3 }, weight_decay = 1e-3 } },
  assess   = { metrics = { "f1", "auc", "precision", "recall" } },
}
