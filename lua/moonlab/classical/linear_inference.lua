-- The figures of a least squares fit, from its triangle R of [x 1 y]: sums of squares are lengths of its columns (statsmodels' OLS and WLS).

local core = require "moonlab.core"
local distributions = require "moonlab.distributions"
local Inference = require "moonlab.classical.inference"

local ops = core.ops

-- Sums of squares: of what is left, and of y about its mean (about 0 without an intercept).
local function squares(triangle, q, intercept)
  local y = triangle:select(2, q + 1)
  local rest, total = triangle:select(1, q + 1):select(1, q + 1):item() ^ 2, (y * y):sum():item()
  if not intercept then return rest, total end
  local ones = triangle:select(2, q)
  return rest, total - (ones * y):sum():item() ^ 2 / (ones * ones):sum():item()
end

return function(model)
  local fitted, intercept = model.fitted, model.settings.fit_intercept
  Inference.require_fitted(model, fitted and fitted.triangle and fitted.rank == model.fitted_columns,
    "the columns depend on others, so that their weights are not determined")
  local n, q = fitted.rows, model.fitted_columns + (intercept and 1 or 0)
  local df, df_model = n - q, q - (intercept and 1 or 0)
  Inference.require_fitted(model, df > 0, ("%d rows determine %d coefficients, and none is left to tell their errors"):format(n, q))
  local r = fitted.triangle:slice(1, 1, q):slice(2, 1, q)
  local rest, total = squares(fitted.triangle, q, intercept)
  local errors = (ops.inv(r):square():sum(2) * (rest / df)):sqrt():tolist()
  local r2 = 1 - rest / total
  local f = df_model > 0 and (total - rest) / df_model / (rest / df) or nil
  local likelihood = -n / 2 * (math.log(rest) + 1 + math.log(2 * math.pi / n)) + 0.5 * (fitted.log_weights or 0)
  local singular = select(2, ops.svd(r:contiguous(), { full_matrices = false }))
  return Inference.new(model, ("Least squares: %d rows, %d coefficients"):format(n, q), errors, df, {
    { "rows", "rows", n }, { "df", "degrees of freedom left", df }, { "r2", "R2", r2 },
    { "r2_adjusted", "adjusted R2", 1 - (n - (intercept and 1 or 0)) / df * (1 - r2) },
    { "f", "F", f }, { "f_p", "p of F", f and distributions.f_above(f, df_model, df) or nil },
    { "deviation", "standard error of y", math.sqrt(rest / df) },
    { "log_likelihood", "log likelihood", likelihood }, { "aic", "AIC", 2 * q - 2 * likelihood }, { "bic", "BIC", math.log(n) * q - 2 * likelihood },
    { "condition", "condition number", (singular:select(1, 1) / singular:select(1, q)):item() },
  })
end
