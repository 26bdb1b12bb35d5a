-- Adult: logistic regression on ten folds.
local ml = require "moonlab"
local adult = require "adult"

return ml.recipe {
  name     = "adult_cv",
  task     = "binary",
  seed     = 1,
  data     = adult.data,
  features = adult.features,
  model    = ml.logistic(),
  assess   = { cv = ml.kfold(10, { stratify = true, shuffle = false }), metrics = { "accuracy", "auc", "f1" } },
}
