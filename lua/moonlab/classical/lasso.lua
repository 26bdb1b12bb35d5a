--- Lasso: mean squared error / 2 plus alpha times the sum of the weights' sizes, which leaves many weights 0. As scikit-learn's Lasso, by
-- coordinate descent to a smaller gap.

local ElasticNet = require "moonlab.classical.elastic_net"
local options = require "moonlab.options"

local read = options("ml.lasso", { { "alpha", "number", 1.0 }, { "fit_intercept", "boolean", true }, { "tol", "number", 1e-6 }, { "max_iter", "count", 10000 } },
  "ml.lasso {alpha = 0.1}")
local Lasso = ElasticNet:kind("ml.lasso", { tasks = { "regression" } }, read)

--- @param o  { alpha = 1: the penalty, fit_intercept = true, tol = 1e-6: of the duality gap, against the mean square of y; max_iter = 10000:
--           rounds over the columns }
-- @return a model: model:fit(x, y), model.weight, model.bias, model.fitted.gap; model:path(x, y) as that of ml.elastic_net
-- @usage ml.lasso { alpha = 0.5 }:fit(ml.tensor { { 1.0 }, { 2.0 }, { 3.0 } }, { 3, 5, 7 }).weight   --> 1.25
function Lasso:init(o) self:check_alpha(self:configure(o, { "weight", "bias" }).alpha) end

return Lasso
