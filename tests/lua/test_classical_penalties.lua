-- Lasso, elastic net, Poisson and quantile regression, and what linear models tell of their coefficients: oracles, optimality, edges.

local ml = require "moonlab"
local lu = require "luaunit"
local support = require "support"
local nist = dofile "tests/fixtures/nist.lua"
local oracle = dofile "tests/fixtures/classical.lua"

local DOUBLE = { dtype = "float64" }
local function tensor(list) return ml.tensor(list, DOUBLE) end
local x, y, w = tensor(oracle.data.x), tensor(oracle.data.y), tensor(oracle.data.w)

local function agrees(model, expected, tolerance)
  support.close(model.weight, { expected.weight }, tolerance)
  support.close(model.bias, { expected.bias }, tolerance)
end

TestElasticNet = {}

local TIGHT = 1e-13
function TestElasticNet:test_lasso_is_scikit_learns() agrees(ml.lasso { alpha = 0.3, tol = TIGHT }:fit(x, y), oracle.elastic_net.lasso, 1e-6) end
function TestElasticNet:test_is_scikit_learns()
  agrees(ml.elastic_net { alpha = 0.5, l1_ratio = 0.3, tol = TIGHT }:fit(x, y), oracle.elastic_net.plain, 1e-6)
end
function TestElasticNet:test_with_weights()
  agrees(ml.lasso { alpha = 0.1, tol = TIGHT }:fit(x, y, { weight = w }), oracle.elastic_net.lasso_weighted, 1e-6)
end
function TestElasticNet:test_without_intercept()
  agrees(ml.elastic_net { alpha = 0.2, fit_intercept = false, tol = TIGHT }:fit(x, y), oracle.elastic_net.bare, 1e-6)
end
function TestElasticNet:test_of_more_columns_than_rows()
  agrees(ml.lasso { alpha = 0.05, tol = TIGHT }:fit(x:slice(1, 1, 3), y:slice(1, 1, 3)), oracle.elastic_net.wide, 1e-5)
end

-- Where a weight is 0 the slope of the squares is at most the penalty, elsewhere it is the penalty.
local function worst_condition(wide, target, weight, bias, alpha)
  local rest = target - wide:matmul(weight:unsqueeze(2)):squeeze(2) - bias
  local slope = wide:transpose(1, 2):matmul(rest:unsqueeze(2)):squeeze(2) / #target
  local off = ml.where(weight:eq(0), (slope:abs() - alpha):clamp(0), (slope - weight:sign() * alpha):abs())
  return off:max():item()
end

function TestElasticNet:test_a_path_fulfils_the_conditions_of_an_optimum()
  local wide = ml.randn({ 60, 200 }, DOUBLE)
  local target = wide:slice(2, 1, 5):sum(2) + ml.randn({ 60 }, DOUBLE) * 0.5 + 3
  local path = ml.lasso { tol = 1e-13 }:path(wide, target, { n_alphas = 12, eps = 0.02 })
  lu.assertTrue(path.converged)
  lu.assertEquals(path.weight:select(1, 1):ne(0):sum():item(), 0)
  for k, alpha in ipairs(path.alphas:tolist()) do
    local off = worst_condition(wide, target, path.weight:select(1, k), path.bias:select(1, k), alpha)
    lu.assertTrue(off < 1e-6, ("penalty %d: %g"):format(k, off))
  end
end

-- Of scikit-learn's definition, with the slopes of all columns.
local function duality_gap(wide, target, weight, alpha)
  local n, rest = #target, target - wide:matmul(weight:unsqueeze(2)):squeeze(2)
  local size = wide:transpose(1, 2):matmul(rest:unsqueeze(2)):abs():max():item() / n
  local part = math.min(1, alpha / size)
  return (rest:square():sum():item() / n * (1 + part * part)) / 2 + alpha * weight:abs():sum():item() - part * (rest * target):sum():item() / n
end

function TestElasticNet:test_gaps_count_the_columns_that_were_not_looked_at()
  local wide = ml.randn({ 80, 400 }, DOUBLE)
  local target = wide:slice(2, 1, 5):sum(2) + ml.randn({ 80 }, DOUBLE)
  local path = ml.lasso { tol = 1e-2, fit_intercept = false }:path(wide, target, { n_alphas = 40, eps = 0.01 })
  for k, alpha in ipairs(path.alphas:tolist()) do
    lu.assertAlmostEquals(path.gaps:select(1, k):item(), duality_gap(wide, target, path.weight:select(1, k), alpha), 1e-12)
  end
end

function TestElasticNet:test_columns_of_any_size_are_columns()
  for _, size in ipairs { 2.0 ^ -90, 2.0 ^ 90 } do
    local model = ml.lasso { alpha = 0.3 * size, tol = TIGHT }:fit(x * size, y)
    support.close(model.weight * size, { oracle.elastic_net.lasso.weight }, 1e-6)
  end
end

-- The slope of the weighted squares and of the penalty's square part, against the penalty of sizes.
function TestElasticNet:test_with_weights_and_both_penalties_the_conditions_of_an_optimum_hold()
  local wide, weight = ml.randn({ 80, 30 }, { dtype = "float64", key = 5 }), ml.rand({ 80 }, { dtype = "float64", key = 6 }) + 0.1
  local target = wide:slice(2, 1, 4):sum(2) * 2 + ml.randn({ 80 }, { dtype = "float64", key = 7 }) - 5
  for _, o in ipairs { { alpha = 0.3, l1_ratio = 0.7 }, { alpha = 0.05, l1_ratio = 0.2 }, { alpha = 1, l1_ratio = 1 } } do
    local model = ml.elastic_net { alpha = o.alpha, l1_ratio = o.l1_ratio, tol = 1e-14 }:fit(wide, target, { weight = weight })
    local b, rest = model.weight:squeeze(1), (target - model:predict(wide)) * weight
    local slope = wide:transpose(1, 2):matmul(rest:unsqueeze(2)):squeeze(2) / weight:sum() - b * (o.alpha * (1 - o.l1_ratio))
    local ones = o.alpha * o.l1_ratio
    local off = ml.where(b:eq(0), (slope:abs() - ones):clamp(0), (slope - b:sign() * ones):abs())
    lu.assertTrue(off:max():item() < 1e-6, ("%g"):format(off:max():item()))
    lu.assertAlmostEquals(rest:sum():item(), 0, 1e-6) -- of the intercept, which has no penalty
  end
end

function TestElasticNet:test_a_path_has_what_each_penalty_gives_alone()
  local path = ml.lasso { tol = TIGHT }:path(x, y, { alphas = { 0.1, 0.3 } })
  lu.assertEquals(path.alphas:tolist(), { 0.3, 0.1 })
  support.close(path.weight:select(1, 1), oracle.elastic_net.lasso.weight, 1e-6)
end

function TestElasticNet:test_a_large_penalty_leaves_the_mean()
  local model = ml.lasso { alpha = 1e6 }:fit(x, y)
  lu.assertEquals(model.weight:ne(0):sum():item(), 0)
  support.close(model.bias, { y:mean():item() }, 1e-12)
end

function TestElasticNet:test_a_constant_column_gets_no_weight()
  lu.assertEquals(ml.lasso { alpha = 0.1 }:fit(ml.cat({ x, ml.ones({ 30, 1 }, DOUBLE) }, 2), y).weight:select(2, 5):item(), 0)
end

function TestElasticNet:test_the_bits_do_not_depend_on_threads()
  local core = require "moonlab.core"
  local wide = ml.randn({ 100, 300 }, DOUBLE)
  local before = core.threads()
  core.threads(1)
  local one = ml.lasso():path(wide, wide:sum(2), { n_alphas = 10 }).weight
  core.threads(3)
  support.equal(ml.lasso():path(wide, wide:sum(2), { n_alphas = 10 }).weight, one:tolist())
  core.threads(before)
end

function TestElasticNet:test_no_penalty_is_refused()
  support.fails("ml.lasso: alpha must be a number above 0, got 0; without a penalty there is ml.linear", function() local _ = ml.lasso { alpha = 0 } end)
end

TestPoisson = {}

local counts = oracle.poisson.y
function TestPoisson:test_is_scikit_learns() agrees(ml.poisson():fit(x, counts), oracle.poisson.plain, 1e-8) end
function TestPoisson:test_without_penalty() agrees(ml.poisson { alpha = 0 }:fit(x, counts), oracle.poisson.free, 1e-7) end
function TestPoisson:test_with_weights() agrees(ml.poisson { alpha = 0.1 }:fit(x, counts, { weight = w }), oracle.poisson.weighted, 1e-8) end
function TestPoisson:test_without_intercept() agrees(ml.poisson { alpha = 0.5, fit_intercept = false }:fit(x, counts), oracle.poisson.bare, 1e-8) end
function TestPoisson:test_predicts_counts_whose_sum_is_that_of_the_counts()
  lu.assertAlmostEquals(ml.poisson { alpha = 0 }:fit(x, counts):predict(x):sum():item(), tensor(counts):sum():item(), 1e-7)
end
function TestPoisson:test_a_count_below_0_is_refused()
  support.fails("ml.poisson: y of row 2 is -1: counts are not below 0", function() local _ = ml.poisson():fit(tensor { { 1 }, { 2 } }, { 1, -1 }) end)
end

TestQuantileRegression = {}

local function quantile(o, how) return ml.quantile_regression(o):fit(x, y, how) end
function TestQuantileRegression:test_of_the_median_is_scikit_learns() agrees(quantile(), oracle.quantile.median, 1e-9) end
function TestQuantileRegression:test_of_a_high_quantile() agrees(quantile { quantile = 0.9 }, oracle.quantile.high, 1e-9) end
function TestQuantileRegression:test_with_weights() agrees(quantile({ quantile = 0.3 }, { weight = w }), oracle.quantile.weighted, 1e-9) end
function TestQuantileRegression:test_with_a_penalty() agrees(quantile { alpha = 0.3 }, oracle.quantile.sparse, 1e-7) end
function TestQuantileRegression:test_without_intercept() agrees(quantile { quantile = 0.4, fit_intercept = false }, oracle.quantile.bare, 1e-9) end
function TestQuantileRegression:test_its_part_of_the_rows_lies_below_the_line()
  local wide = ml.randn({ 401, 3 }, { dtype = "float64", key = 5 })
  local target = wide:sum(2) + ml.randn({ 401 }, { dtype = "float64", key = 6 }) * (wide:select(2, 1):abs() + 0.2)
  for _, part in ipairs { 0.02, 0.25, 0.5, 0.9 } do
    local rest = target - ml.quantile_regression { quantile = part }:fit(wide, target):predict(wide)
    local on = rest:abs():lt(1e-9)
    local below = (rest:lt(0) & on:logical_not()):sum():item()
    lu.assertTrue(below <= part * 401 and part * 401 <= below + on:sum():item(), ("%g: %d below, %d on it"):format(part, below, on:sum():item()))
    lu.assertEquals(on:sum():item(), 4) -- as many as there are coefficients
  end
end

function TestQuantileRegression:test_of_a_share_that_is_none_is_refused()
  support.fails("ml.quantile_regression: quantile must be between 0 and 1, got 1.5", function() local _ = ml.quantile_regression { quantile = 1.5 } end)
end

TestInference = {}

-- statsmodels has the constant first.
local function tells(summary, expected, tolerance)
  local n = #summary.coefficients
  for j, c in ipairs(summary.coefficients) do
    local at = j == n and 1 or j + 1
    for mine, theirs in pairs { error = "errors", statistic = "statistic", p = "p", low = "low", high = "high" } do
      local off = math.abs(c[mine] - expected[theirs][at]) / math.max(math.abs(expected[theirs][at]), 1e-10)
      lu.assertTrue(off < tolerance, ("%s of %s: %.15g, statsmodels has %.15g"):format(mine, c.name, c[mine], expected[theirs][at]))
    end
  end
end

local function figures(summary, expected, names)
  for mine, theirs in pairs(names) do
    lu.assertTrue(math.abs(summary[mine] / expected[theirs] - 1) < 1e-8, ("%s: %.15g, statsmodels has %.15g"):format(mine, summary[mine], expected[theirs]))
  end
end

local OF_SQUARES = { r2 = "rsquared", r2_adjusted = "rsquared_adj", f = "fvalue", f_p = "f_pvalue", log_likelihood = "llf", aic = "aic", bic = "bic" }

function TestInference:test_of_least_squares_is_statsmodels()
  local summary = ml.linear():fit(x, y):summary()
  tells(summary, oracle.summary.ols, 1e-8)
  figures(summary, oracle.summary.ols, OF_SQUARES)
  figures(summary, oracle.summary.ols, { condition = "condition_number" })
end

function TestInference:test_of_weighted_least_squares_is_statsmodels()
  local summary = ml.linear():fit(x, y, { weight = w }):summary()
  tells(summary, oracle.summary.wls, 1e-8)
  figures(summary, oracle.summary.wls, OF_SQUARES)
end

function TestInference:test_of_logistic_regression_is_statsmodels()
  local summary = ml.logistic { penalty = "none" }:fit(x, ml.tensor(oracle.logistic.two)):summary()
  tells(summary, oracle.summary.logit, 1e-7)
  figures(summary, oracle.summary.logit, { pseudo_r2 = "prsquared", log_likelihood = "llf", null_log_likelihood = "llnull", ratio = "llr",
    ratio_p = "llr_pvalue", aic = "aic", bic = "bic" })
end

function TestInference:test_of_poisson_regression_is_statsmodels()
  local summary = ml.poisson { alpha = 0 }:fit(x, counts):summary()
  tells(summary, oracle.summary.poisson, 1e-7)
  figures(summary, oracle.summary.poisson, { deviance = "deviance", pearson_chi2 = "pearson_chi2", null_deviance = "null_deviance", log_likelihood = "llf",
    aic = "aic" })
end

function TestInference:test_has_the_certified_errors_of_longleys_data()
  local summary = ml.linear():fit(tensor(nist.Longley.x), nist.Longley.y):summary()
  for j, expected in ipairs(nist.Longley.errors) do lu.assertTrue(math.abs(summary.coefficients[j].error / expected - 1) < 1e-9) end
  lu.assertAlmostEquals(summary.r2, nist.Longley.r2, 1e-12)
end

function TestInference:test_prints_as_a_table_with_the_names_of_the_columns()
  local text = tostring(ml.linear():fit(x, y, { names = { "age", "size", "price", "year" } }):summary())
  lu.assertStrContains(text, "Least squares: 30 rows, 5 coefficients")
  lu.assertStrContains(text, "price")
  lu.assertStrContains(text, "condition number")
end

function TestInference:test_of_dependent_columns_is_refused()
  support.fails("ml.linear: there are no standard errors: the columns depend on others, so that their weights are not determined",
    function() local _ = ml.linear():fit(ml.cat({ x, x }, 2), y):summary() end)
end

function TestInference:test_of_a_penalised_fit_is_refused()
  support.fails("ml.logistic: there are no standard errors: they are known for two classes without a penalty: ml.logistic {penalty = \"none\"}",
    function() local _ = ml.logistic():fit(x, ml.tensor(oracle.logistic.two)):summary() end)
end
