--- features.select_lasso: the fields that a sparse linear model uses.

local blame = require "moonlab.blame"
local core = require "moonlab.core"
local Feature = require "moonlab.features.feature"
local numeric = require "moonlab.features.numeric"
local selection = require "moonlab.features.selection"
local targets = require "moonlab.features.targets"

local MOST_ROUNDS = 10000
local TOLERANCE = 1e-14 -- of the duality gap, against the mean square of the target

local function check(o, where)
  if not (o.alpha > 0) then blame.raise("%s: alpha must be a number above 0, got %s", where, blame.show(o.alpha)) end
end

local function standardized(x)
  local centered = x - x:mean(1)
  local std = centered:square():mean(1):sqrt()
  return centered / std:masked_fill(std:eq(0), 1)
end

-- A field stays if the model of any class uses it.
local function choose(values, fields, o, context)
  local x = standardized(values):double():contiguous()
  local chosen, weights = {}, {}
  for i in ipairs(fields) do chosen[i], weights[i] = false, 0.0 end
  for _, one in ipairs(targets.columns(context, "select_lasso")) do
    local y = core.tensor(one.values, { dtype = "float64" })
    local found = core.elastic_net(x, y, nil, { alphas = { o.alpha }, l1_ratio = 1, intercept = true, tolerance = TOLERANCE, most = MOST_ROUNDS })
    for i, value in ipairs(found.weight:squeeze(1):tolist()) do
      chosen[i] = chosen[i] or value ~= 0
      weights[i] = math.max(weights[i], math.abs(value))
    end
  end
  return chosen, weights
end

local fit, apply = selection.both("select_lasso", choose)

--- Keeps the fields that have a coefficient in a lasso on standardized numbers: scikit-learn's SelectFromModel(Lasso(alpha)) behind a
-- StandardScaler. For a class the model is fitted to 0 and 1, for several classes once for each.
-- @param o  { alpha = 0.01: the larger, the fewer stay; in units of the target, columns = names; all numbers if not given }
-- @return a spec for a recipe's features
-- @error no field is left
-- @usage features = { features.standardize(), features.select_lasso { alpha = 0.1 } }
return Feature.kind { name = "select_lasso", options = { { "alpha", "number", 0.01 } }, first = { "alpha", "number" }, check = check,
  takes = numeric.TYPES, wants = "numbers", fit = fit, apply = apply }
