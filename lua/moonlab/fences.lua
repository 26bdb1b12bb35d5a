--- Fences beyond which a number is an outlier, by the quartiles (Tukey's) or by deviations from the mean. Cleaning and features.clip
-- take them from here.

local blame = require "moonlab.blame"
local quantiles = require "moonlab.quantiles"

local fences = {}

fences.METHODS = { "iqr", "z_score" }

local FACTORS = { iqr = 1.5, z_score = 3.0 }

local BY = {
  iqr = function(values, factor)
    local found = quantiles.quantile(values, { 0.25, 0.75 }, 1)
    local low, high = found:select(1, 1), found:select(1, 2)
    return low - (high - low) * factor, high + (high - low) * factor
  end,
  z_score = function(values, factor)
    local mean = values:mean(1)
    local std = (values - mean):square():mean(1):sqrt() -- divided by n
    return mean - std * factor, mean + std * factor
  end,
}

--- The factor of options { method =, factor = }: theirs, or the method's.
function fences.factor(o) return o.factor or FACTORS[o.method] end

--- Raises for a factor that is not above 0.
function fences.check(o, where)
  if o.factor and not (o.factor > 0) then blame.raise("%s: factor must be above 0, got %s", where, blame.show(o.factor)) end
end

--- The fences of each column.
-- @param values  [rows, columns], without missing ones
-- @param o       { method =, factor = }
-- @return two lists: the lower and the upper fences
function fences.of(values, o)
  local low, high = BY[o.method](values, fences.factor(o))
  return low:tolist(), high:tolist()
end

return fences
