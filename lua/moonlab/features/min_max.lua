--- features.min_max: into a range.

local blame = require "moonlab.blame"
local Feature = require "moonlab.features.feature"
local numeric = require "moonlab.features.numeric"

local function check(o, where)
  local low, high = o.range[1], o.range[2]
  if #o.range ~= 2 or type(low) ~= "number" or type(high) ~= "number" or not (low < high) then
    blame.raise("%s: range must be two numbers, the lower one first, as in {0, 1}", where)
  end
end

-- A column of one value has no width: it becomes the lower end.
local function fit(values, o)
  local low, high = values:min { dims = { 1 } }, values:max { dims = { 1 } }
  local width = high - low
  local scale = (o.range[2] - o.range[1]) / width:masked_fill(width:eq(0), 1)
  return { scale = scale:tolist(), offset = (o.range[1] - low * scale):tolist() }
end

local function apply(values, state, o)
  local y = values * numeric.row(state.scale) + numeric.row(state.offset)
  return o.clip and y:clamp(o.range[1], o.range[2]) or y
end

local fit_column, apply_column = numeric.both(fit, apply)

--- Brings the smallest number of the training part to the lower end of a range and the largest to the upper one; scikit-learn's
-- MinMaxScaler. A column of one value becomes the lower end.
-- @param o  { range = {0, 1} (scikit-learn's feature_range), clip = false: other rows may lie outside of the range, true: not,
--           columns = names; all numbers if not given }
-- @return a spec for a recipe's features
-- @usage features = { features.min_max { range = { -1, 1 } } }
return Feature.kind { name = "min_max", options = { { "range", "table", { 0, 1 } }, { "clip", "boolean", false } }, check = check,
  takes = numeric.TYPES, wants = "numbers", fit = fit_column, apply = apply_column }
