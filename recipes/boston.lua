-- moonlab cv recipes/boston.lua
-- What is a house in Boston worth, in thousands of dollars? 506 tracts of the census of 1970 (Harrison & Rubinfeld 1978). The reference is a
-- cross-validation in ten parts: linear regression is off by 4.80 (root mean square).
local ml = require "moonlab"
local data = ml.data

return ml.recipe {
  name    = "boston",
  problem = { ask = "What is the median house of this tract worth?", accept = { rmse = 5.5 } },
  task    = "regression",
  seed    = 1,
  data     = { source = data.csv "data/boston.csv", target = "MEDV" },
  split    = { test = 0.2 },
  features = {},
  model    = ml.linear(),
  assess   = { cv = ml.kfold(10), metrics = { "rmse", "mae", "r2" } },
}
