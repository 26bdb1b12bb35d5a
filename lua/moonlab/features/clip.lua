--- features.clip: outliers to the fences of the training part.

local blame = require "moonlab.blame"
local core = require "moonlab.core"
local quantiles = require "moonlab.quantiles"
local Feature = require "moonlab.features.feature"
local numeric = require "moonlab.features.numeric"

local FENCES = {
  iqr = function(values, factor)
    local found = quantiles.quantile(values, { 0.25, 0.75 }, 1)
    local low, high = found:select(1, 1), found:select(1, 2)
    return low - (high - low) * factor, high + (high - low) * factor
  end,
  z_score = function(values, factor)
    local mean = values:mean(1)
    local std = (values - mean):square():mean(1):sqrt()
    return mean - std * factor, mean + std * factor
  end,
}
local FACTORS = { iqr = 1.5, z_score = 3.0 }

local function check(o, where)
  if o.factor and not (o.factor > 0) then blame.raise("%s: factor must be above 0, got %s", where, blame.show(o.factor)) end
end

local function fit(values, o)
  local low, high = FENCES[o.method](values, o.factor or FACTORS[o.method])
  return { low = low:tolist(), high = high:tolist() }
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
return Feature.kind { name = "clip", options = { { "method", { "iqr", "z_score" }, "iqr" }, { "factor", "number" } }, check = check,
  takes = numeric.TYPES, wants = "numbers", fit = fit_column, apply = apply_column }
