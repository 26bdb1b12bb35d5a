--- features.robust: median 0 and distance of quartiles 1.

local blame = require "moonlab.blame"
local quantiles = require "moonlab.quantiles"
local Feature = require "moonlab.features.feature"
local numeric = require "moonlab.features.numeric"

local function check(o, where)
  local low, high = o.quantile_range[1], o.quantile_range[2]
  if #o.quantile_range ~= 2 or type(low) ~= "number" or type(high) ~= "number" or not (0 <= low and low < high and high <= 100) then
    blame.raise("%s: quantile_range must be two percentages, the lower one first, as in {25, 75}", where)
  end
end

-- A column whose two quantiles are equal keeps its scale.
local function fit(values, o)
  local found = quantiles.quantile(values, { 0.5, o.quantile_range[1] / 100, o.quantile_range[2] / 100 }, 1)
  local width = found:select(1, 3) - found:select(1, 2)
  return { center = found:select(1, 1):tolist(), scale = width:masked_fill(width:eq(0), 1):tolist() }
end

local function apply(values, state) return (values - numeric.row(state.center)) / numeric.row(state.scale) end

local fit_column, apply_column = numeric.both(fit, apply)

--- Takes off the median and divides by the distance of two quantiles, on which outliers have no weight; scikit-learn's RobustScaler.
-- @param o  { quantile_range = {25, 75} in percent, columns = names; all numbers if not given }
-- @return a spec for a recipe's features
-- @usage features = { features.robust { quantile_range = { 10, 90 } } }
return Feature.kind { name = "robust", options = { { "quantile_range", "table", { 25, 75 } } }, check = check,
  takes = numeric.TYPES, wants = "numbers", fit = fit_column, apply = apply_column }
