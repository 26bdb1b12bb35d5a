--- Logistic regression: of two classes the logarithm of their odds is linear, of several their scores. As scikit-learn's, with its objective:
-- C times the sum of the losses, plus the penalty of the weights (not of the intercept).

local core = require "moonlab.core"
local ClassWeights = require "moonlab.train.class_weights"
local blame = require "moonlab.blame"
local centre = require "moonlab.classical.centre"
local distributions = require "moonlab.distributions"
local Inference = require "moonlab.classical.inference"
local LinearModel = require "moonlab.classical.linear_model"
local options = require "moonlab.options"

local MANY_COEFFICIENTS = 700 -- of several classes in all, for Newton's method
local MANY_COLUMNS = 500    -- for Newton's method: its steps cost their square a row
local TIGHT = 1e-15         -- of a Newton step's gain, against the loss

local SPARSE = 1e-15         -- the same, where zeros have to be told from what is small

local read = options("ml.logistic", {
  { "penalty", { "l2", "l1", "elasticnet", "none" }, "l2" }, { "C", "number", 1.0 }, { "l1_ratio", "number", 0.5 }, { "fit_intercept", "boolean", true },
  { "class_weight", "any" }, { "max_iter", "count", 1000 }, { "tol", "number", 1e-11 },
}, "ml.logistic {C = 0.1}")
local Logistic = LinearModel:kind("ml.logistic", { tasks = { "binary", "multiclass" }, wants = "classes", loss_name = "bce_with_logits", takes_sparse = true }, read)

--- @param o  { penalty = "l2", "l1" (leaves many weights 0), "elasticnet" (l1_ratio = 0.5 of it the one, the rest the other) or "none"; C = 1: the
--           larger, the smaller the penalty; fit_intercept = true, class_weight = a list of numbers,
--           one a class, or "balanced"; max_iter = 1000, tol = 1e-11: of the gradient of the mean loss, where
--           the solver goes by gradients (of large float32 x 1e-8 at least) }
-- @return a model: model:fit(x, y), model:predict(x), model:predict_proba(x), model.weight, model.bias, model:summary()
-- @usage ml.logistic():fit(ml.tensor { { 1.0 }, { 2.0 }, { 3.0 }, { 4.0 } }, { 1, 1, 2, 2 }):predict(ml.tensor { { 0.0 }, { 5.0 } })   --> 1  2
function Logistic:init(o)
  o = self:configure(o, { "weight", "bias" })
  if not (o.C > 0 and o.C < math.huge) then blame.raise("ml.logistic: C must be a number above 0, got %s", blame.show(o.C)) end
  if not (o.l1_ratio >= 0 and o.l1_ratio <= 1) then
    blame.raise("ml.logistic: l1_ratio must be between 0 and 1, got %s", blame.show(o.l1_ratio))
  end
  if o.class_weight then self.class_weights = ClassWeights.new("ml.logistic: class_weight", o.class_weight) end
end

-- Weights of the rows with those of their classes; nil where all are 1.
local function row_weights(self, p)
  local by_class = self.class_weights
  if not by_class then return p.weight end
  by_class:fit(p.y)
  if #by_class.list < p.classes then blame.raise("ml.logistic: class_weight has %d numbers, but there are %d classes", #by_class.list, p.classes) end
  local weight = core.tensor(by_class.list, { dtype = "float64" }):index_select(1, p.y)
  return p.weight and weight * p.weight or weight
end

-- Towards a minimum that is there the steps shrink by their squares; more of them lead to where there is none.
local FAR_AWAY = 20

local function refuse_separated(found, penalty, most)
  local ended = not found.converged and found.iterations < most
  if penalty > 0 or not (ended or found.iterations > FAR_AWAY) then return end
  blame.raise("ml.logistic: some columns tell classes apart without error: without a penalty their weights grow without end\n"
    .. "  hint: penalty = 'l2', with a large C for a small penalty")
end

-- The weights of both classes.
local function totals(p, weight, second)
  local all, of_second = weight and weight:sum():item() or p.rows, (weight and weight * second or second):sum():item()
  return { all - of_second, of_second }
end

-- What stands before the squares and before the sizes of the weights, against the sum of the losses.
local function penalties(o)
  local share = ({ l2 = 0, none = 0, l1 = 1 })[o.penalty] or o.l1_ratio
  if o.penalty == "none" then return 0, 0 end
  return (1 - share) / o.C, share / o.C
end

-- Where Newton's method begins: the odds of the classes, whatever the columns.
local function odds(p)
  local start, second = core.zeros(p.columns + 1, { dtype = "float64" }), p.y:eq(2):sum():item()
  start:select(1, p.columns + 1):fill_(math.log(second / (p.rows - second)))
  return start
end

-- Two classes, the second where y is 1, by the solver for as many columns. Of sizes, Newton's method finds its steps in the Hessian, or, where that
-- would be large, one coefficient after the other.
-- @param how  { weight =, penalty =, ones =, tolerance = of a Newton step, most =, offset =, start =, inverse = }
local function of_two(self, x, y, how)
  local o = self.settings
  local given = { link = "logistic", intercept = o.fit_intercept, penalty = how.penalty, ones = how.ones, tolerance = how.tolerance, most = how.most,
    offset = how.offset, start = how.start, inverse = how.inverse }
  if how.ones == 0 or x:size(2) <= MANY_COLUMNS then return core.newton(x, y, how.weight, given) end
  given.tolerance = o.tol
  return core.logistic_lasso(x, y, how.weight, given)
end

local function binary(self, p)
  local o = self.settings
  local weight, second, penalty, ones = row_weights(self, p), (p.y - 1):to "float64", penalties(o)
  local free = penalty + ones == 0
  local found = of_two(self, p.x, second, { weight = weight, penalty = penalty, ones = ones, tolerance = free and 1e-20 or ones > 0 and SPARSE or TIGHT,
    most = o.max_iter, inverse = free, start = o.fit_intercept and odds(p) or nil })
  refuse_separated(found, penalty + ones, o.max_iter)
  self:set_linear(found.b:slice(1, 1, p.columns):reshape { 1, p.columns }, found.b:slice(1, p.columns + 1, p.columns + 1))
  return { iterations = found.iterations, converged = found.converged, loss = found.loss, inverse = found.inverse, absent = found.absent,
    class_totals = free and totals(p, weight, second) or nil }
end

local LARGE = 1 << 24    -- numbers in x: fewer are worth float64
local SINGLE = 1e-8      -- what sums of float32 can tell of a gradient

-- Several classes, or many columns: y from 0, `outputs` scores.
local function by_gradients(self, p, y, outputs)
  local o = self.settings
  local x = p.x
  if not core.is_sparse(x) and p.rows * p.columns < LARGE then x = x:to "float64" end
  local tolerance = x.dtype == "float32" and math.max(o.tol, SINGLE) or o.tol
  local found = core.softmax_fit(x, y, row_weights(self, p),
    { outputs = outputs, intercept = o.fit_intercept, penalty = penalties(o), tolerance = tolerance, most = o.max_iter })
  self:set_linear(found.b:slice(2, 1, p.columns):contiguous(), found.b:select(2, p.columns + 1):contiguous())
  return { iterations = found.iterations, converged = found.converged, loss = found.loss, gradient = found.largest }
end

-- Several classes with few coefficients in all, by Newton's method: as many steps whatever the columns' units.
local function by_hessian(self, p)
  local o, penalty = self.settings, penalties(self.settings)
  local found = core.multinomial(p.x, p.y - 1, row_weights(self, p),
    { classes = p.classes, intercept = o.fit_intercept, penalty = penalty, tolerance = penalty == 0 and 1e-20 or TIGHT, most = o.max_iter })
  refuse_separated(found, penalty, o.max_iter)
  self:set_linear(found.b:slice(2, 1, p.columns):contiguous(), found.b:select(2, p.columns + 1):contiguous())
  return { iterations = found.iterations, converged = found.converged, loss = found.loss }
end

-- One class after the other, the others' scores as they are (Friedman, Hastie & Tibshirani 2010): its loss is that of two classes, the other
-- one having the logarithm of the others' sum as its score.
local function by_classes(self, p)
  local o, double = self.settings, { dtype = "float64" }
  local weight, penalty, ones = row_weights(self, p), penalties(o)
  local x = core.is_sparse(p.x) and p.x or p.x:to "float64"
  local scores, starts, is = core.zeros({ p.rows, p.classes }, double), {}, {}
  for k = 1, p.classes do starts[k], is[k] = core.zeros(p.columns + 1, double), p.y:eq(k):to "float64" end
  local rounds, converged, last = 0, false, math.huge
  while not converged and rounds < o.max_iter do
    rounds = rounds + 1
    local most, found = 0
    for k = 1, p.classes do
      local others = scores:clone()
      others:select(2, k):fill_(-math.huge)
      found = of_two(self, x, is[k], { weight = weight, penalty = penalty, ones = ones, tolerance = SPARSE, most = 3, offset = -others:logsumexp(2),
        start = starts[k] })
      most = math.max(most, (found.b - starts[k]):abs():max():item())
      starts[k] = found.b
      local weights = found.b:slice(1, 1, p.columns):unsqueeze(1)
      local products = core.is_sparse(x) and x:product(weights) or x:matmul(weights:transpose(1, 2))
      scores:select(2, k):copy_(products:squeeze(2) + found.b:select(1, p.columns + 1))
    end
    converged, last = most <= o.tol, most
  end
  local b = core.ops.stack(starts, 1)
  self:set_linear(b:slice(2, 1, p.columns):contiguous(), b:select(2, p.columns + 1):contiguous())
  return { iterations = rounds, converged = converged, change = last }
end

local NEVER = -1e30 -- the score of a class without rows

-- A model of the classes that occur, and for the others scores that are never the largest.
local function of_those_that_occur(self, p, fit)
  local present, number, absent = {}, {}, {}
  for class, count in ipairs(p.counts) do
    if count > 0 then present[#present + 1] = class else absent[#absent + 1] = class end
    number[class] = math.max(1, #present) -- rows of a class that is absent have no weight: any will do
  end
  if #absent == 0 then return fit(p) end
  local less = setmetatable({ y = core.tensor(number):index_select(1, p.y), classes = #present }, { __index = p })
  local fitted = fit(less)
  local weight, bias = self.weight, self.bias
  if #present == 2 then weight, bias = core.ops.cat({ -weight / 2, weight / 2 }, 1), core.ops.cat({ -bias / 2, bias / 2 }, 1) end
  local whole_weight = core.zeros({ p.classes, p.columns }, { dtype = "float64" })
  local whole_bias = core.full({ p.classes }, NEVER, { dtype = "float64" })
  local rows = core.tensor(present)
  whole_weight:index_put_({ rows }, weight)
  whole_bias:index_put_({ rows }, bias)
  self:set_linear(whole_weight, whole_bias)
  fitted.notes = { ("no row is of class %s: it is never predicted"):format(table.concat(absent, ", ")) }
  return fitted
end

function Logistic:solve(p)
  local shift
  p, shift = centre.near(p, self.settings.fit_intercept)
  local fitted = of_those_that_occur(self, p, function(q)
    local _, ones = penalties(self.settings)
    if q.classes > 2 and ones > 0 then return by_classes(self, q) end
    if q.classes > 2 and q.classes * (q.columns + 1) <= MANY_COEFFICIENTS then return by_hessian(self, q) end
    if q.classes > 2 then return by_gradients(self, q, q.y - 1, q.classes) end
    if q.columns > MANY_COLUMNS and ones == 0 then return by_gradients(self, q, q.y - 1, 1) end
    return binary(self, q)
  end)
  centre.back(self, fitted, shift)
  self.loss_name = self.weight:size(1) == 1 and "bce_with_logits" or "cross_entropy"
  fitted.notes = fitted.notes or {}
  if (fitted.absent or 0) > 0 then table.insert(fitted.notes, ("%d columns depend on others: their weights are 0"):format(fitted.absent)) end
  if not fitted.converged then
    table.insert(fitted.notes, ("the solver had not converged after %d iterations"):format(fitted.iterations))
  end
  return fitted
end

--- Standard errors, z, p and 95 % intervals of the coefficients, the likelihood beside that of a constant, AIC and BIC, as those of
-- statsmodels' Logit. For two classes without a penalty, whose errors alone are known.
-- @return a table that prints itself, with coefficients = a list of { name =, value =, error =, statistic =, p =, low =, high = },
-- log_likelihood =, null_log_likelihood =, pseudo_r2 =, ratio =, ratio_p =, aic =, bic =
-- @error a penalty, several classes, columns that depend on others, a model that was loaded
function Logistic:summary()
  local fitted = self.fitted
  Inference.require_fitted(self, fitted and fitted.inverse, "they are known for two classes without a penalty: ml.logistic {penalty = \"none\"}")
  Inference.require_fitted(self, fitted.absent == 0, "some columns depend on others, so that their weights are not determined")
  local k = self.fitted_columns + (self.settings.fit_intercept and 1 or 0)
  local null, likelihood, ratio_df = 0, -fitted.loss, self.fitted_columns
  for _, weight in ipairs(fitted.class_totals) do
    if weight > 0 then null = null + weight * math.log(weight / (fitted.class_totals[1] + fitted.class_totals[2])) end
  end
  local ratio = 2 * (likelihood - null)
  return Inference.new(self, ("Logistic regression: %d rows, %d coefficients"):format(fitted.rows, k), fitted.inverse:diagonal():sqrt():tolist(), nil, {
    { "rows", "rows", fitted.rows }, { "log_likelihood", "log likelihood", likelihood }, { "null_log_likelihood", "that of a constant", null },
    { "pseudo_r2", "pseudo R2 (McFadden)", 1 - likelihood / null }, { "ratio", "likelihood ratio", ratio },
    { "ratio_p", "p of the ratio", distributions.chi_squared_above(ratio, ratio_df) },
    { "aic", "AIC", 2 * k - 2 * likelihood }, { "bic", "BIC", math.log(fitted.rows) * k - 2 * likelihood },
  })
end

return Logistic
