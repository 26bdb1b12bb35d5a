--- features.power: the power of each column that makes it most like a normal distribution.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local minimise = require "moonlab.features.minimise"
local Feature = require "moonlab.features.feature"
local numeric = require "moonlab.features.numeric"

local ops = core.ops

-- (exp(l * log_x) - 1) / l, the logarithm where l is 0. expm1 keeps the digits where l is small.
local function box_cox_of_log(log_x, l)
  if l == 0 then return log_x end
  return (log_x * l):expm1() / l
end

-- Yeo and Johnson 2000: both halves of the line, each by the logarithm of its distance from -1 or 1.
local function yeo_johnson(x, l)
  local right = box_cox_of_log(x:clamp(0, math.huge):log1p(), l)
  local left = -box_cox_of_log((-x):clamp(0, math.huge):log1p(), 2 - l)
  return ops.where(x:ge(0), right, left)
end

local METHODS = {
  box_cox = { transform = function(x, l) return box_cox_of_log(x:log(), l) end, jacobian = function(x) return x:log():sum():item() end },
  yeo_johnson = { transform = yeo_johnson, jacobian = function(x) return (x:sign() * x:abs():log1p()):sum():item() end },
}

local TOLERANCE = 1.48e-8 -- scipy's

-- The lambda of greatest likelihood. A column of one value has none: it keeps 1.
local function lambda_of(x, method)
  if x:eq(x:slice(1, 1, 1)):all():item() then return 1.0 end
  local n, jacobian = #x, method.jacobian(x)
  local function cost(l)
    local y = method.transform(x, l)
    local variance = (y - y:mean()):square():mean():item()
    if variance ~= variance or variance == math.huge then return math.huge end
    return n / 2 * math.log(variance) - (l - 1) * jacobian
  end
  return minimise(cost, -2, 2, TOLERANCE)
end

local function transformed(values, lambdas, method)
  local fields = {}
  for field, l in ipairs(lambdas) do fields[field] = method.transform(values:select(2, field):contiguous(), l) end
  return ops.stack(fields, 2)
end

local function check_positive(values, column)
  local least = values:min():item()
  if least > 0 then return end
  blame.raise("features.power: column '%s' has the value %g; box_cox takes numbers above 0, method = 'yeo_johnson' takes all", column.name, least)
end

local function fit(values, o, column)
  local method, lambdas = METHODS[o.method], {}
  if o.method == "box_cox" then check_positive(values, column) end
  for field = 1, values:size(2) do lambdas[field] = lambda_of(values:select(2, field):contiguous(), method) end
  local y = transformed(values, lambdas, method)
  local mean = y:mean(1)
  return { lambdas = lambdas, mean = mean:tolist(), std = (y - mean):square():mean(1):sqrt():tolist() }
end

local function apply(values, state, o)
  local y = transformed(values, state.lambdas, METHODS[o.method])
  if not o.standardize then return y end
  local std = numeric.row(state.std)
  return (y - numeric.row(state.mean)) / std:masked_fill(std:eq(0), 1)
end

local fit_column, apply_column = numeric.both(fit, apply)

--- The power transform of greatest likelihood, then mean 0 and deviation 1; scikit-learn's PowerTransformer, with its words yeo-johnson
-- and box-cox written with "_". Lambda is found by Brent's method on the training part.
-- @param o  { method = "yeo_johnson" or "box_cox" (numbers above 0 alone), standardize = true, columns = names; all numbers if not given }
-- @return a spec for a recipe's features
-- @error box_cox of a column that has a number that is not above 0
-- @usage features = { features.power { columns = { "fare" } } }
return Feature.kind { name = "power", options = { { "method", { "yeo_johnson", "box_cox" }, "yeo_johnson" }, { "standardize", "boolean", true } },
  takes = numeric.TYPES, wants = "numbers", fit = fit_column, apply = apply_column }
