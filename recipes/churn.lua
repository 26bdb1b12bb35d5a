-- moonlab run recipes/churn.lua, moonlab search recipes/churn.lua
-- Which customers leave next month? A table with the defects that such tables have, cleaned as the recipe declares it; what was done
-- with each row stands in the run folder. The table is made up (tools/make_customers.lua).
local ml = require "moonlab"
local data, features, grid = ml.data, ml.features, ml.grid

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
  split    = { test = 0.2, stratify = true },
  features = { features.standardize(), features.one_hot(), features.pca(grid { false, 8 }) },
  model    = ml.logistic { C = grid { 1, 0.1, 10 } },
  assess   = { cv = ml.kfold(10), metrics = { "f1", "auc", "precision", "recall" } },
  search   = { method = "grid", select = "auc", rule = "1se" },
}
