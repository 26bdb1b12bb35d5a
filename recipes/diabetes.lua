-- moonlab run recipes/diabetes.lua     moonlab cv recipes/diabetes.lua
-- How far does diabetes go within a year? Ten marks of 442 patients (Efron et al. 2004). What the literature gives is the least squares of all
-- rows, judged on the same rows: R2 = 0.51774842. So the held-out part here are the training rows themselves; the cross-validation tells how
-- much of it holds for others.
local ml = require "moonlab"
local data = ml.data

local patients = data.csv "data/diabetes.csv"

return ml.recipe {
  name    = "diabetes",
  problem = { ask = "How far has the disease gone after a year?", accept = { r2 = 0.5177484 } },
  task    = "regression",
  seed    = 1,
  data     = { source = data.parts { train = patients, test = patients }, target = "progression" },
  split    = { by = "part" },
  features = {},
  model    = ml.linear(),
  assess   = { cv = ml.kfold(10), metrics = { "r2", "rmse", "mae" } },
}
