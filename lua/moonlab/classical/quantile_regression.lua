--- Quantile regression: the line below which a part of the rows lies (Koenker & Bassett 1978), with the smallest mean quantile loss plus alpha
-- times the sum of the weights' sizes. As scikit-learn's QuantileRegressor, but alpha is 0 unless given. By an interior point method
-- (Portnoy & Koenker 1997), then exactly through as many rows as there are coefficients.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local centre = require "moonlab.classical.centre"
local interior = require "moonlab.classical.quantile_interior"
local LinearModel = require "moonlab.classical.linear_model"
local options = require "moonlab.options"

local ops = core.ops

local read = options("ml.quantile_regression", { { "quantile", "number", 0.5 }, { "alpha", "number", 0.0 }, { "fit_intercept", "boolean", true },
  { "max_iter", "count", 100 } }, "ml.quantile_regression {quantile = 0.9}")
local Quantile = LinearModel:kind("ml.quantile_regression", { tasks = { "regression" }, loss_name = "quantile" }, read)

--- The options of the loss that it stands for in a recipe.
function Quantile:loss_options() return { quantile = self.settings.quantile } end

--- @param o  { quantile = 0.5: between 0 and 1, alpha = 0: the penalty, fit_intercept = true, max_iter = 100 }
-- @return a model: model:fit(x, y), model:predict(x), model.weight, model.bias
-- @usage ml.quantile_regression { quantile = 0.5 }:fit(ml.tensor { { 1.0 }, { 2.0 }, { 3.0 } }, { 1, 2, 3 }):predict(ml.tensor { { 9.0 } })   --> 9
function Quantile:init(o)
  o = self:configure(o, { "weight", "bias" })
  if not (o.quantile > 0 and o.quantile < 1) then
    blame.raise("ml.quantile_regression: quantile must be between 0 and 1, got %s", blame.show(o.quantile))
  end
  if not (o.alpha >= 0 and o.alpha < math.huge) then
    blame.raise("ml.quantile_regression: alpha must be a number from 0 on, got %s", blame.show(o.alpha))
  end
end

-- The penalty of a weight is the loss of a row more: half of |0 - 2 c w| is c |w|.
local function with_penalty(lp, columns, c)
  local unit = core.eye(columns, { dtype = "float64" }) * (2 * c)
  if lp.x:size(2) > columns then unit = ops.cat({ unit, core.zeros({ columns, 1 }, { dtype = "float64" }) }, 2) end
  local function more(value) return core.full({ columns }, value, { dtype = "float64" }) end
  return { x = ops.cat({ lp.x, unit }, 1), y = ops.cat({ lp.y, more(0) }, 1), part = ops.cat({ lp.part, more(0.5) }, 1),
    weight = ops.cat({ lp.weight, more(1) }, 1) }
end

-- The same with columns and y of a size near 1, and what gives the solution of the one from that of the other.
local function of_size_one(lp)
  local columns, size = lp.x:abs():max(1), lp.y:abs():max():item()
  columns, size = columns:masked_fill(columns:eq(0), 1), size > 0 and size or 1
  return { x = lp.x / columns, y = lp.y / size, part = lp.part, weight = lp.weight }, size / columns
end

function Quantile:solve(p)
  local o, double, shift = self.settings, { dtype = "float64" }, nil
  p, shift = centre.near(p, o.fit_intercept)
  local lp = { x = p.x:to "float64", y = p.y, part = core.full({ p.rows }, o.quantile, double), weight = p.weight or core.ones(p.rows, double) }
  if p.weight then -- rows without weight have no bound to keep
    local there = p.weight:gt(0):nonzero():squeeze(2)
    lp = { x = lp.x:index_select(1, there), y = lp.y:index_select(1, there), part = lp.part:index_select(1, there), weight = p.weight:index_select(1, there) }
    lp.weight = lp.weight / lp.weight:mean()
  end
  if o.fit_intercept then lp.x = ops.cat({ lp.x, core.ones({ lp.x:size(1), 1 }, double) }, 2) end
  if o.alpha > 0 then lp = with_penalty(lp, p.columns, o.alpha * lp.weight:sum():item()) end
  local scaled, back = of_size_one(lp)
  local found = interior.solve(scaled, o.max_iter)
  local b = found.b * back
  self:set_linear(b:slice(1, 1, p.columns):reshape { 1, p.columns }, o.fit_intercept and b:slice(1, p.columns + 1, p.columns + 1) or nil)
  local notes = not found.converged and { ("the solver had not converged after %d iterations"):format(found.iterations) } or nil
  return centre.back(self, { iterations = found.iterations, converged = found.converged, gap = found.gap, notes = notes }, shift)
end

return Quantile
