--- features.standardize: mean 0 and deviation 1.

local Feature = require "moonlab.features.feature"
local numeric = require "moonlab.features.numeric"

-- A column of one value has no deviation: it becomes 0. The deviation is that of the part itself (divided by n), as in
-- scikit-learn's StandardScaler.
local function fit(values)
  local mean = values:mean(1)
  local std = (values - mean):square():mean(1):sqrt()
  return { mean = mean:tolist(), std = std:tolist() }
end

local function apply(values, state)
  local mean, std = numeric.row(state.mean), numeric.row(state.std)
  return (values - mean) / std:masked_fill(std:eq(0), 1)
end

local fit_column, apply_column = numeric.both(fit, apply)

--- Brings numbers to mean 0 and deviation 1 of the training part.
-- @param o  { columns = names; all numbers if not given }
-- @return a spec for a recipe's features
-- @usage features = { features.standardize() }
return Feature.kind { name = "standardize", options = {}, takes = numeric.TYPES, wants = "numbers", fit = fit_column, apply = apply_column }
