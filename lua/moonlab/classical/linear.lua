--- Linear regression by least squares: weight and bias with the smallest sum of squared errors, by orthogonal factorisation in float64.
-- Columns that depend on others are no error: of all solutions the one with the smallest weights is given, and model.fitted.notes says so.

local core = require "moonlab.core"
local centre = require "moonlab.classical.centre"
local LinearModel = require "moonlab.classical.linear_model"
local options = require "moonlab.options"

local ops = core.ops
local EPSILON = 2.0 ^ -52

local read = options("ml.linear", { { "fit_intercept", "boolean", true } }, "ml.linear {fit_intercept = false}")
local Linear = LinearModel:kind("ml.linear", { tasks = { "regression" } }, read)

--- @param o  { fit_intercept = true }
-- @return a model: model:fit(x, y), model:predict(x), model.weight, model.bias, model:summary()
-- @usage ml.linear():fit(ml.tensor { { 1.0 }, { 2.0 }, { 3.0 } }, { 3, 5, 7 }):predict(ml.tensor { { 10.0 } })   --> 21
function Linear:init(o) self:configure(o, { "weight", "bias" }) end

-- The solution of least norm of fewer rows than columns, by singular values: weight, bias, rank.
local function least_norm(p, intercept)
  local mean, mean_y = centre.means(p, intercept)
  local a, b = centre.rows(p, mean, mean_y)
  local u, s, vh = ops.svd(a, { full_matrices = false })
  local rank = s:gt(s:select(1, 1) * (math.max(p.rows, p.columns) * EPSILON)):sum():item()
  local weight = core.zeros({ 1, p.columns }, { dtype = "float64" })
  if rank > 0 then
    local along = u:slice(2, 1, rank):transpose(1, 2):matmul(b) / s:slice(1, 1, rank):unsqueeze(2)
    weight = vh:slice(1, 1, rank):transpose(1, 2):matmul(along):transpose(1, 2)
  end
  return weight:contiguous(), centre.bias(weight, mean, mean_y), rank
end

local function name_of(p, column)
  if column > p.columns then return "the intercept" end
  return p.names and p.names[column] or ("column %d"):format(column)
end

-- "the columns have rank 2 of 3 ..."
local function note(p, rank, dependent)
  local text = ("the columns have rank %d of %d: of all solutions the one with the smallest weights is given"):format(rank, p.columns)
  if not dependent then return { text } end
  return { text .. "; dependent on others: " .. table.concat(dependent, ", ") }
end

-- Of the weights, which the likelihood has.
local function log_weights(weight) return weight and weight:log():sum():item() or 0 end

function Linear:solve(p)
  local intercept = self.settings.fit_intercept
  local q = p.columns + (intercept and 1 or 0)
  if p.rows < q then
    local weight, bias, rank = least_norm(p, intercept)
    self:set_linear(weight, bias)
    return { rank = rank, converged = true, iterations = 0, notes = note(p, rank) }
  end
  local found = core.least_squares(p.x, p.y, p.weight, intercept)
  self:set_linear(found.b:slice(1, 1, p.columns):reshape { 1, p.columns }, intercept and found.b:slice(1, q, q) or nil)
  if found.rank == q then
    return { rank = p.columns, condition = found.condition, iterations = found.refinements, converged = true, triangle = found.r,
      log_weights = log_weights(p.weight) }
  end
  local rank, dependent = found.rank - (intercept and 1 or 0), {}
  for i = found.rank + 1, q do dependent[#dependent + 1] = name_of(p, found.columns[i]) end
  return { rank = rank, converged = true, iterations = 0, notes = note(p, rank, dependent), triangle = found.r }
end

--- Standard errors, t, p and 95 % intervals of the coefficients, R2, F, the likelihood, AIC, BIC and the condition number, as those of
-- statsmodels' OLS (with weights: WLS).
-- @return a table that prints itself, with coefficients = a list of { name =, value =, error =, statistic =, p =, low =, high = }, r2 =,
-- r2_adjusted =, f =, f_p =, log_likelihood =, aic =, bic =, condition =, df =, deviation =
-- @error columns that depend on others, no more rows than coefficients, a model that was loaded
-- @usage ml.linear():fit(ml.tensor { { 1.0 }, { 2.0 }, { 3.0 } }, { 1, 3, 4 }):summary().r2   --> 0.9643
function Linear:summary() return require "moonlab.classical.linear_inference"(self) end

return Linear
