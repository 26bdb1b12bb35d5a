-- Adult: five penalties, judged on ten folds each, then the chosen one on all rows.
local ml = require "moonlab"
local adult = require "adult"

return ml.recipe {
  name     = "adult_grid",
  task     = "binary",
  seed     = 1,
  data     = adult.data,
  features = adult.features,
  model    = ml.logistic { C = ml.grid { 1e-3, 1e-2, 0.1, 1, 10 } },
  assess   = { cv = ml.kfold(10, { stratify = true, shuffle = false }), metrics = { "auc" } },
}
