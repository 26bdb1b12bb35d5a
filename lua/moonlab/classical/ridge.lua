--- Ridge regression: the smallest sum of squared errors plus alpha times that of the weights; the intercept is not penalised. As
-- scikit-learn's Ridge.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local centre = require "moonlab.classical.centre"
local LinearModel = require "moonlab.classical.linear_model"
local options = require "moonlab.options"
local problem = require "moonlab.classical.problem"

local ops = core.ops
local MANY_COLUMNS = 256 -- from here on products are worth more than the digits that squares cost

local read = options("ml.ridge", { { "alpha", "number", 1.0 }, { "fit_intercept", "boolean", true } }, "ml.ridge {alpha = 0.5}")
local Ridge = LinearModel:kind("ml.ridge", { tasks = { "regression" } }, read)

local function check_alpha(alpha)
  if not (alpha >= 0 and alpha < math.huge) then blame.raise("ml.ridge: alpha must be a number from 0 on, got %s", blame.show(alpha)) end
end

--- @param o  { alpha = 1: the penalty, fit_intercept = true }
-- @return a model: model:fit(x, y), model:predict(x), model.weight, model.bias; model:path(x, y, alphas)
-- @usage ml.ridge { alpha = 2 }:fit(ml.tensor { { 1.0 }, { 2.0 }, { 3.0 } }, { 3, 5, 7 }):predict(ml.tensor { { 2.0 } })   --> 5
function Ridge:init(o) check_alpha(self:configure(o, { "weight", "bias" }).alpha) end

-- Weights [k, p] of all penalties from one singular value decomposition.
local function all_of(a, b, alphas)
  local u, s, vh = ops.svd(a, { full_matrices = false })
  local along, tiny = u:transpose(1, 2):matmul(b):squeeze(2), s:select(1, 1):item() * 2.0 ^ -52 * math.max(a:size(1), a:size(2))
  local penalty = core.tensor(alphas, { dtype = "float64" }):unsqueeze(2)
  local scale = (s / (s:square() + penalty)):masked_fill(s:le(tiny):logical_and(penalty:eq(0)), 0)
  return (scale * along):matmul(vh), s:gt(tiny):sum():item()
end

-- (A^T A + alpha) w = A^T b, or with fewer rows than columns w = A^T v, (A A^T + alpha) v = b.
local function of_many_columns(a, b, alpha)
  local wide = a:size(1) < a:size(2)
  local t = a:transpose(1, 2)
  local square = wide and a:matmul(t) or t:matmul(a)
  square = square + core.eye(square:size(1), { dtype = "float64" }) * alpha
  local w = wide and t:matmul(ops.solve(square, b)) or ops.solve(square, t:matmul(b))
  return w:transpose(1, 2)
end

-- Of more rows than columns: by their products, or, where these would cost digits, by their triangle.
local function by_rows(p, alpha, intercept)
  local b, means = core.ridge_by_products(p.x, p.y, p.weight, intercept, alpha)
  if b then return b:unsqueeze(1), means:slice(1, 1, p.columns), means:slice(1, p.columns + 1, p.columns + 1) end
  local triangle, mean, mean_y = centre.triangle(p, intercept)
  return core.ridge(triangle, alpha):unsqueeze(1), mean, mean_y
end

function Ridge:solve(p)
  local alpha, intercept = self.settings.alpha, self.settings.fit_intercept
  local weight, mean, mean_y, a, b, rank
  if alpha > 0 and p.columns <= MANY_COLUMNS and p.rows > p.columns then
    weight, mean, mean_y = by_rows(p, alpha, intercept)
  elseif alpha > 0 then
    mean, mean_y = centre.means(p, intercept)
    a, b = centre.rows(p, mean, mean_y)
    weight = of_many_columns(a, b, alpha)
  else
    a, b, mean, mean_y = centre.reduced(p, intercept)
    weight, rank = all_of(a, b, { 0.0 })
  end
  self:set_linear(weight:contiguous(), centre.bias(weight, mean, mean_y))
  local notes = rank and rank < p.columns
    and { ("the columns have rank %d of %d: of all solutions the one with the smallest weights is given"):format(rank, p.columns) } or nil
  return { iterations = 0, converged = true, rank = rank, notes = notes }
end

--- The weights for many penalties, from one factorisation. The model itself stays as it is.
-- @param x, y    as for fit
-- @param alphas  a list of penalties from 0 on
-- @param how     as for fit
-- @return { alphas =, weight = [penalties, columns], bias = [penalties] }
-- @usage ml.ridge():path(ml.tensor { { 1.0 }, { 2.0 }, { 3.0 } }, { 3, 5, 7 }, { 0, 2 }).weight   --> 2  1
function Ridge:path(x, y, alphas, how)
  if type(alphas) ~= "table" or #alphas == 0 then blame.raise("ml.ridge: path takes a list of penalties, got %s", blame.show(alphas)) end
  for _, alpha in ipairs(alphas) do check_alpha(alpha) end
  local p = problem.read("ml.ridge", Ridge, x, y, how)
  local a, b, mean, mean_y = centre.reduced(p, self.settings.fit_intercept)
  local weight = all_of(a, b, alphas)
  return { alphas = alphas, weight = weight, bias = centre.bias(weight, mean, mean_y) }
end

return Ridge
