--- features.select_variance: without fields that hardly vary.

local blame = require "moonlab.blame"
local core = require "moonlab.core"
local Feature = require "moonlab.features.feature"
local numeric = require "moonlab.features.numeric"
local selection = require "moonlab.features.selection"

local function check(o, where)
  if o.threshold < 0 then blame.raise("%s: threshold must be a number from 0, got %s", where, blame.show(o.threshold)) end
end

-- A constant field may have a variance of rounding: with threshold 0 its width counts as well.
local function choose(values, _, o)
  local variance = (values - values:mean(1)):square():mean(1)
  if o.threshold == 0 then variance = core.ops.minimum(variance, values:max { dims = { 1 } } - values:min { dims = { 1 } }) end
  return variance:gt(o.threshold):tolist()
end

local fit, apply = selection.both("select_variance", choose)

--- Keeps the fields whose variance (divided by n) in the training part is above a threshold; with 0, all that are not constant.
-- scikit-learn's VarianceThreshold.
-- @param o  { threshold = 0, columns = names; all numbers if not given }
-- @return a spec for a recipe's features
-- @error no field is left
-- @usage features = { features.one_hot(), features.select_variance(0.01) }
return Feature.kind { name = "select_variance", options = { { "threshold", "number", 0 } }, first = { "threshold", "number" }, check = check,
  takes = numeric.TYPES, wants = "numbers", fit = fit, apply = apply }
