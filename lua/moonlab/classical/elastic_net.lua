--- Elastic net: mean squared error / 2 plus alpha times (l1_ratio times the sum of the weights' sizes plus (1 - l1_ratio) / 2 times that of
-- their squares); the intercept is not penalised. As scikit-learn's ElasticNet, by coordinate descent to a smaller gap.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local LinearModel = require "moonlab.classical.linear_model"
local options = require "moonlab.options"
local problem = require "moonlab.classical.problem"

local read = options("ml.elastic_net", { { "alpha", "number", 1.0 }, { "l1_ratio", "number", 0.5 }, { "fit_intercept", "boolean", true },
  { "tol", "number", 1e-6 }, { "max_iter", "count", 10000 } }, "ml.elastic_net {alpha = 0.1, l1_ratio = 0.7}")
local ElasticNet = LinearModel:kind("ml.elastic_net", { tasks = { "regression" } }, read)

--- @param o  { alpha = 1: the penalty, l1_ratio = 0.5: the part of it that makes weights 0 (1 is the lasso), fit_intercept = true,
--           tol = 1e-6: of the duality gap, against the mean square of y; max_iter = 10000: rounds over the columns }
-- @return a model: model:fit(x, y), model.weight, model.bias, model.fitted.gap; model:path(x, y)
-- @usage ml.elastic_net { alpha = 1 }:fit(ml.tensor { { 1.0 }, { 2.0 }, { 3.0 } }, { 3, 5, 7 }).weight   --> 0.71429
function ElasticNet:init(o)
  o = self:configure(o, { "weight", "bias" })
  self:check_alpha(o.alpha)
  if not (o.l1_ratio > 0 and o.l1_ratio <= 1) then
    blame.raise("%s: l1_ratio must be above 0 and at most 1, got %s; without that part there is ml.ridge", self._name, blame.show(o.l1_ratio))
  end
end

--- Refuses what is no penalty.
function ElasticNet:check_alpha(alpha)
  if type(alpha) == "number" and alpha > 0 and alpha < math.huge then return end
  blame.raise("%s: alpha must be a number above 0, got %s; without a penalty there is ml.linear", self._name, blame.show(alpha))
end

local function descend(self, p, o)
  local mine = self.settings
  o.l1_ratio, o.intercept, o.tolerance, o.most = mine.l1_ratio or 1, mine.fit_intercept, mine.tol, mine.max_iter
  return core.elastic_net(p.x, p.y, p.weight, o)
end

function ElasticNet:solve(p)
  local found = descend(self, p, { alphas = { self.settings.alpha } })
  self:set_linear(found.weight, found.bias)
  local notes = not found.converged and { ("the solver had not converged after %d rounds"):format(found.sweeps) } or nil
  return { iterations = found.sweeps, converged = found.converged, gap = found.gaps:item(), notes = notes }
end

local read_path = options("path", { { "alphas", "table" }, { "n_alphas", "count", 100 }, { "eps", "number", 1e-3 } }, "model:path(x, y, {n_alphas = 50})")

--- The weights for many penalties, from the largest to the smallest, each begun where the last one ended. The model itself stays as it is.
-- @param x, y  as for fit
-- @param o     { alphas = a list; or n_alphas = 100 from the least that leaves no weight down to eps = 1e-3 of it }
-- @param how   as for fit
-- @return { alphas = falling, weight = [penalties, columns], bias = [penalties], gaps =, converged = }
-- @usage ml.lasso():path(ml.tensor { { 1.0 }, { 2.0 }, { 3.0 } }, { 3, 5, 7 }, { alphas = { 1, 0.5 } }).weight   --> 0.5  1.25
function ElasticNet:path(x, y, o, how)
  o = read_path(o)
  for _, alpha in ipairs(o.alphas or {}) do self:check_alpha(alpha) end
  local alphas = o.alphas and table.move(o.alphas, 1, #o.alphas, 1, {})
  if alphas then table.sort(alphas, function(a, b) return a > b end) end
  local p = problem.read(self._name, self, x, y, how)
  return descend(self, p, { alphas = alphas, count = o.n_alphas, shortest = o.eps })
end

return ElasticNet
