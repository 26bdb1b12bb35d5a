--- features.clip: outliers to the fences of the training part.

local core = require "moonlab.core"
local fences = require "moonlab.fences"
local Feature = require "moonlab.features.feature"
local numeric = require "moonlab.features.numeric"

local function fit(values, o)
  local low, high = fences.of(values, o)
  return { low = low, high = high }
end

local function apply(values, state)
  return core.ops.minimum(core.ops.maximum(values, numeric.row(state.low)), numeric.row(state.high))
end

local fit_column, apply_column = numeric.both(fit, apply)

--- Numbers beyond two fences become the fence. The fences are fitted to the training part: factor times the distance of the quartiles
-- beyond them (Tukey's), or factor deviations (divided by n) from the mean.
-- @param o  { method = "iqr" or "z_score", factor = 1.5 of iqr, 3 of z_score, columns = names; all numbers if not given }
-- @return a spec for a recipe's features
-- @error a factor that is not above 0
-- @usage features = { features.clip { method = "iqr", factor = 3 } }
return Feature.kind { name = "clip", options = { { "method", fences.METHODS, "iqr" }, { "factor", "number" } }, check = fences.check,
  takes = numeric.TYPES, wants = "numbers", fit = fit_column, apply = apply_column }
