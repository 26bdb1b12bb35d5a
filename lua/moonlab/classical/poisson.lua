--- Poisson regression: counts whose mean has a linear logarithm. As scikit-learn's PoissonRegressor: the mean of half the deviance plus alpha / 2
-- times the squares of the weights (not of the intercept).

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local centre = require "moonlab.classical.centre"
local distributions = require "moonlab.distributions"
local Inference = require "moonlab.classical.inference"
local LinearModel = require "moonlab.classical.linear_model"
local options = require "moonlab.options"

local TIGHT = 1e-20 -- of a Newton step's gain, against the loss: as far as it goes

local read = options("ml.poisson", { { "alpha", "number", 1.0 }, { "fit_intercept", "boolean", true }, { "max_iter", "count", 100 } }, "ml.poisson {alpha = 0}")
local Poisson = LinearModel:kind("ml.poisson", { tasks = { "regression" }, loss_name = "poisson_nll", takes_sparse = true }, read)

--- @param o  { alpha = 1: the penalty, fit_intercept = true, max_iter = 100 }
-- @return a model: model:fit(x, y), model:predict(x): the expected counts, model.weight, model.bias, model:summary()
-- @usage ml.poisson { alpha = 0 }:fit(ml.tensor { { 0.0 }, { 0.0 }, { 1.0 }, { 1.0 } }, { 1, 3, 4, 4 }):predict(ml.tensor { { 0.0 }, { 1.0 } })   --> 2  4
function Poisson:init(o)
  o = self:configure(o, { "weight", "bias" })
  if not (o.alpha >= 0 and o.alpha < math.huge) then blame.raise("ml.poisson: alpha must be a number from 0 on, got %s", blame.show(o.alpha)) end
end

--- The expected counts of the outputs, their logarithms.
function Poisson:mean_of(out) return out:exp() end

local function check_counts(y)
  local least = y:min():item()
  if least < 0 then blame.raise("ml.poisson: y of row %d is %g: counts are not below 0", y:argmin():item(), least) end
  if y:max():item() == 0 then blame.raise "ml.poisson: y is 0 in all rows: the mean has no logarithm" end
end

local function weighted(values, weight) return (weight and values * weight or values):sum():item() end

-- y log(y / mean), 0 where y is.
local function surprise(y, mean) return y:masked_fill(y:eq(0), 1):div(mean):log():mul(y) end

local function log_factorials(y, weight)
  local sum, w = 0, weight and weight:tolist()
  for i, count in ipairs(y:tolist()) do sum = sum + (w and w[i] or 1) * distributions.log_gamma(count + 1) end
  return sum
end

-- Deviance, Pearson's chi2 and the likelihood of the fit.
local function figures(self, p, fitted)
  local y, w, mean = p.y, p.weight, self:mean_of(self(p.x)):squeeze(2)
  local middle = weighted(y, w) / (w and w:sum():item() or p.rows)
  fitted.deviance = 2 * weighted(surprise(y, mean) - (y - mean), w)
  fitted.null_deviance = 2 * weighted(surprise(y, y * 0 + middle), w)
  fitted.pearson_chi2 = weighted((y - mean):square() / mean, w)
  fitted.log_likelihood = weighted(y * mean:log() - mean, w) - log_factorials(y, w)
  return fitted
end

function Poisson:solve(p)
  check_counts(p.y)
  local o, shift = self.settings, nil
  p, shift = centre.near(p, o.fit_intercept)
  local total = p.weight and p.weight:sum():item() or p.rows
  local found = core.newton(p.x, p.y, p.weight, { link = "poisson", intercept = o.fit_intercept, penalty = o.alpha * total, ones = 0, tolerance = TIGHT,
    most = o.max_iter, inverse = o.alpha == 0 })
  self:set_linear(found.b:slice(1, 1, p.columns):reshape { 1, p.columns }, found.b:slice(1, p.columns + 1, p.columns + 1))
  local notes = not found.converged and { ("the solver had not converged after %d iterations"):format(found.iterations) } or {}
  if found.absent > 0 then notes[#notes + 1] = ("%d columns depend on others: their weights are 0"):format(found.absent) end
  local fitted = { iterations = found.iterations, converged = found.converged, loss = found.loss, inverse = found.inverse, absent = found.absent,
    notes = notes }
  return centre.back(self, o.alpha == 0 and figures(self, p, fitted) or fitted, shift)
end

--- Standard errors, z, p and 95 % intervals of the coefficients, deviance and likelihood, as those of statsmodels' GLM with its Poisson
-- family. For alpha = 0, whose errors alone are known.
-- @return a table that prints itself, with coefficients = a list of { name =, value =, error =, statistic =, p =, low =, high = },
-- deviance =, null_deviance =, pearson_chi2 =, log_likelihood =, aic =
-- @error alpha above 0, columns that depend on others, a model that was loaded
function Poisson:summary()
  local f = self.fitted
  Inference.require_fitted(self, f and f.inverse, "they are known without a penalty: ml.poisson {alpha = 0}")
  Inference.require_fitted(self, f.absent == 0, "some columns depend on others, so that their weights are not determined")
  local k = self.fitted_columns + (self.settings.fit_intercept and 1 or 0)
  return Inference.new(self, ("Poisson regression: %d rows, %d coefficients"):format(f.rows, k), f.inverse:diagonal():sqrt():tolist(), nil, {
    { "rows", "rows", f.rows }, { "deviance", "deviance", f.deviance }, { "null_deviance", "that of a constant", f.null_deviance },
    { "pearson_chi2", "Pearson's chi2", f.pearson_chi2 }, { "log_likelihood", "log likelihood", f.log_likelihood },
    { "aic", "AIC", 2 * k - 2 * f.log_likelihood },
  })
end

return Poisson
