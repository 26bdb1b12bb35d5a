-- Houses of California: ridge regression on ten folds of rows in their order.
local ml = require "moonlab"
local data, features = ml.data, ml.features

return ml.recipe {
  name     = "california_cv",
  task     = "regression",
  seed     = 1,
  data     = { source = data.csv "california_housing.csv", target = "median_house_value", columns = { total_bedrooms = data.number { missing = "median" } } },
  features = { features.standardize(), features.one_hot() },
  model    = ml.ridge { alpha = 1 },
  assess   = { cv = ml.kfold(10, { shuffle = false }), metrics = { "r2" } },
}
