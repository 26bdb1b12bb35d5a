--- features.select_lasso: the fields that a sparse linear model uses.

local blame = require "moonlab.blame"
local core = require "moonlab.core"
local Feature = require "moonlab.features.feature"
local numeric = require "moonlab.features.numeric"
local selection = require "moonlab.features.selection"
local targets = require "moonlab.features.targets"

local MOST_ROUNDS = 10000
local TOLERANCE = 1e-10 -- of the largest coefficient's change in a round

local function check(o, where)
  if not (o.alpha > 0) then blame.raise("%s: alpha must be a number above 0, got %s", where, blame.show(o.alpha)) end
end

local function standardized(x)
  local centered = x - x:mean(1)
  local std = centered:square():mean(1):sqrt()
  return centered / std:masked_fill(std:eq(0), 1)
end

-- Coordinate descent for |y - x w|^2 / (2 n) + alpha |w|, from x'x / n and x'y / n. gradient = x'(y - x w) / n is kept up to date.
local function lasso(gram, xy, alpha)
  local n, w, gradient = #xy, {}, {}
  for j = 1, n do w[j], gradient[j] = 0.0, xy[j] end
  for _ = 1, MOST_ROUNDS do
    local largest, moved = 0.0, 0.0
    for j = 1, n do
      local curvature, old = gram[j][j], w[j]
      local wish = gradient[j] + curvature * old
      local size = math.abs(wish) - alpha
      local new = (size > 0 and curvature > 0) and (wish > 0 and size or -size) / curvature or 0.0
      if new ~= old then
        local step, row = new - old, gram[j]
        for i = 1, n do gradient[i] = gradient[i] - row[i] * step end
        w[j] = new
      end
      largest, moved = math.max(largest, math.abs(new)), math.max(moved, math.abs(new - old))
    end
    if moved <= TOLERANCE * largest then break end
  end
  return w
end

-- A field stays if the model of any class uses it.
local function choose(values, fields, o, context)
  local x, n = standardized(values), #values
  local xt = x:transpose(1, 2)
  local gram = (xt:matmul(x) / n):tolist()
  local chosen, weights = {}, {}
  for i in ipairs(fields) do chosen[i], weights[i] = false, 0.0 end
  for _, one in ipairs(targets.columns(context, "select_lasso")) do
    local y = core.tensor(one.values, { dtype = "float64" }):unsqueeze(2)
    local w = lasso(gram, (xt:matmul(y - y:mean(1)) / n):squeeze(2):tolist(), o.alpha)
    for i, value in ipairs(w) do
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
