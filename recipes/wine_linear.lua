-- moonlab cv recipes/wine_linear.lua
-- The grade of a red wine (see wine.lua) by the linear model of its authors: a mean error of 0.507 in five parts (Cortez et al. 2009), with the 240
-- rows that are there twice left in, as they had them.
local ml = require "moonlab"
local data = ml.data

return ml.recipe {
  name    = "wine-linear",
  problem = { ask = "Which grade do tasters give this wine?", accept = { mae = 0.52 } },
  task    = "regression",
  seed    = 3,
  data     = { source = data.csv("data/wine-quality/winequality-red.csv", { separator = ";" }), target = "quality" },
  split    = { test = 0.2 },
  features = {},
  model    = ml.linear(),
  assess   = { cv = ml.kfold(5, { repeats = 4 }), metrics = { "mae", "rmse", "r2" } },
}
