-- moonlab cv recipes/housing.lua --jobs 2
-- What is a house in this block of California worth? 20,640 blocks of the census of 1990: 207 do not know their bedrooms, one column is text,
-- and 965 prices stop at 500,001. Linear regression, cross-validated in ten parts, is off by 69,052 dollars (root mean square; Géron's Hands-On
-- Machine Learning, with three ratios as columns more).
local ml = require "moonlab"
local data, features = ml.data, ml.features

return ml.recipe {
  name    = "housing",
  problem = { ask = "What is the median house of this block worth?", accept = { rmse = 70000 } },
  task    = "regression",
  seed    = 42,
  data = {
    source  = data.csv "data/california_housing.csv.gz",
    target  = "median_house_value",
    columns = { total_bedrooms = data.number { min = 1, missing = "median" }, ocean_proximity = data.category {} },
    derive  = {
      rooms_per_household      = function(c) return c.total_rooms / c.households end,
      bedrooms_per_room        = function(c) return c.total_bedrooms:fill(435) / c.total_rooms end,
      population_per_household = function(c) return c.population / c.households end,
    },
  },
  split    = { test = 0.2 },
  features = { features.standardize(), features.one_hot() },
  model    = ml.linear(),
  assess   = { cv = ml.kfold(10), metrics = { "rmse", "mae", "r2" } },
}
