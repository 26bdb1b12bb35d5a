-- What must stay true of the classical models, whatever the data: all of them in turn.

local ml = require "moonlab"
local lu = require "luaunit"
local support = require "support"

local DOUBLE = { dtype = "float64" }
local ROWS = 60
local function tensor(list) return ml.tensor(list, DOUBLE) end

local function random(columns, key) return ml.randn({ ROWS, columns }, { dtype = "float64", key = key }) end
local x = random(4, 11)
local line = x:matmul(tensor { { 1 }, { -2 }, { 0.5 }, { 0.25 } }):squeeze(2)
local numbers = line + random(1, 12):squeeze(2) * 0.3 + 2
local noisy = line + random(1, 13):squeeze(2)
local two = noisy:gt(0):to "int64" + 1
local three = noisy:gt(-1):to "int64" + noisy:gt(1):to "int64" + 1
local counts = (noisy:exp() * 2):clamp(0, 30):floor()
local START = x:slice(1, 1, 3):clone()

-- y; of(c) makes the model whose answers weights that are c times as large do not change; free: x of another unit has the same answers.
local MODELS = {
  linear = { y = numbers, free = true, of = function() return ml.linear() end },
  ridge = { y = numbers, of = function(c) return ml.ridge { alpha = 2 * c } end },
  ridge_without_penalty = { y = numbers, free = true, of = function() return ml.ridge { alpha = 0 } end },
  lasso = { y = numbers, of = function() return ml.lasso { alpha = 0.1, tol = 1e-13 } end },
  elastic_net = { y = numbers, of = function() return ml.elastic_net { alpha = 0.1, tol = 1e-13 } end },
  logistic = { y = two, of = function(c) return ml.logistic { C = 1 / c } end },
  logistic_l1 = { y = two, of = function(c) return ml.logistic { penalty = "l1", C = 1 / c } end },
  logistic_without_penalty = { y = two, free = true, of = function() return ml.logistic { penalty = "none" } end },
  logistic_of_three = { y = three, of = function(c) return ml.logistic { C = 1 / c, tol = 1e-10 } end },
  logistic_of_three_l1 = { y = three, of = function(c) return ml.logistic { penalty = "l1", C = 1 / c, tol = 1e-9 } end },
  poisson = { y = counts, of = function() return ml.poisson { alpha = 0.5 } end },
  poisson_without_penalty = { y = counts, free = true, of = function() return ml.poisson { alpha = 0 } end },
  quantile_regression = { y = numbers, free = true, of = function() return ml.quantile_regression { quantile = 0.3 } end },
  quantile_regression_with_penalty = { y = numbers, of = function() return ml.quantile_regression { quantile = 0.3, alpha = 0.05 } end },
  naive_bayes = { y = three, free = true, of = function() return ml.naive_bayes { var_smoothing = 0 } end },
  naive_bayes_of_words = { y = three, counts = true, of = function(c) return ml.naive_bayes { kind = "multinomial", alpha = c } end },
  naive_bayes_of_bits = { y = three, free = true, of = function(c) return ml.naive_bayes { kind = "bernoulli", alpha = c } end },
  knn_of_classes = { y = three, free = true, unweighted = true, of = function() return ml.knn() end },
  knn_of_numbers = { y = numbers, free = true, unweighted = true, of = function() return ml.knn { weights = "distance" } end },
  kmeans = { of = function() return ml.kmeans { n_clusters = 3, init = START } end },
}

local names = {}
for name in pairs(MODELS) do names[#names + 1] = name end
table.sort(names)

local function fit(m, model, rows, y, how)
  if m.counts then rows = rows:abs() end
  if not m.y then return model:fit(rows, how) end
  return model:fit(rows, y, how)
end

-- What a model says of rows: probabilities where there are some.
local function answers(m, model, rows)
  if m.counts then rows = rows:abs() end
  return m.y and m.y.dtype == "int64" and model:predict_proba(rows) or model:predict(rows):double()
end

local function same(name, got, expected, tolerance)
  if not got:allclose(expected, { rtol = tolerance, atol = tolerance }) then
    lu.fail(("%s: answers differ by %g"):format(name, (got - expected):abs():max():item()))
  end
end

-- f(name, m) for each model that has a trait (or all).
local function each(trait, f)
  for _, name in ipairs(names) do
    if not trait or MODELS[name][trait] then f(name, MODELS[name]) end
  end
end

local function each_weighted(f)
  each(nil, function(name, m) if not m.unweighted then f(name, m) end end)
end

local function plain(m) return answers(m, fit(m, m.of(1), x, m.y), x) end
local function of_y(m, f) return m.y and f(m.y) end

TestProperties = {}

function TestProperties:test_the_order_of_rows_does_not_matter()
  local order = (ml.arange(1, ROWS) * 7) % ROWS + 1
  lu.assertEquals(#order:unique(), ROWS)
  each(nil, function(name, m)
    local turned = fit(m, m.of(1), x:index_select(1, order), of_y(m, function(y) return y:index_select(1, order) end))
    same(name, answers(m, turned, x), plain(m), 1e-6)
  end)
end

function TestProperties:test_weights_in_another_unit_are_a_penalty_in_another_unit()
  local w = ml.rand({ ROWS }, { dtype = "float64", key = 3 }) + 0.1
  each_weighted(function(name, m)
    local one = answers(m, fit(m, m.of(1), x, m.y, { weight = w }), x)
    for _, c in ipairs { 8, 1e-3 } do same(name, answers(m, fit(m, m.of(c), x, m.y, { weight = w * c }), x), one, 1e-6) end
  end)
end

function TestProperties:test_weights_of_any_size_do_no_harm()
  each_weighted(function(name, m)
    if not m.free and not name:find "quantile" and not name:find "lasso$" and name ~= "poisson" then return end
    for _, c in ipairs { 1e-150, 1e150 } do same(name, answers(m, fit(m, m.of(c), x, m.y, { weight = ml.full({ ROWS }, c, DOUBLE) }), x), plain(m), 1e-6) end
  end)
end

function TestProperties:test_rows_that_come_twice_are_rows_of_twice_the_weight()
  local weight = ml.cat({ ml.full({ 20 }, 2, DOUBLE), ml.ones({ ROWS - 20 }, DOUBLE) }, 1)
  local function twice(t) return ml.cat({ t, t:slice(1, 1, 20) }, 1) end
  each_weighted(function(name, m)
    same(name, answers(m, fit(m, m.of(1), twice(x), of_y(m, twice)), x), answers(m, fit(m, m.of(1), x, m.y, { weight = weight }), x), 1e-6)
  end)
end

function TestProperties:test_rows_without_weight_are_rows_that_are_not_there()
  local weight = (ml.arange(1, ROWS) % 3):gt(0):to "float64"
  local there = weight:nonzero():squeeze(2)
  each_weighted(function(name, m)
    local without = fit(m, m.of(1), x:index_select(1, there), of_y(m, function(y) return y:index_select(1, there) end))
    same(name, answers(m, fit(m, m.of(1), x, m.y, { weight = weight }), x), answers(m, without, x), 1e-6)
  end)
end

function TestProperties:test_a_class_whose_rows_have_no_weight_is_a_class_without_rows()
  for class = 1, 3 do
    local weight = three:ne(class):to "float64"
    local there = weight:nonzero():squeeze(2)
    for _, name in ipairs { "logistic_of_three", "logistic_of_three_l1", "naive_bayes_of_words" } do
      local m = MODELS[name]
      local model = fit(m, m.of(1), x, three, { weight = weight })
      lu.assertEquals(model.fitted.notes, { ("no row is of class %d: it is never predicted"):format(class) })
      lu.assertEquals(answers(m, model, x):select(2, class):max():item(), 0)
      local without = fit(m, m.of(1), x:index_select(1, there), three:index_select(1, there), { classes = 3 })
      same(name, answers(m, model, x), answers(m, without, x), 1e-6)
    end
  end
  support.fails("ml.logistic: all 1 rows that have a weight are of class 1: there is nothing to tell apart",
    function() local _ = ml.logistic():fit(tensor { { 1 }, { 2 } }, { 1, 2 }, { weight = { 3, 0 } }) end)
end

function TestProperties:test_weights_of_0_alone_and_no_rows_and_no_columns_are_refused()
  each(nil, function(name, m)
    local where = m.of(1)._name
    local function refused(message, rows, y, how)
      local ok, problem = pcall(fit, m, m.of(1), rows, y, how)
      lu.assertFalse(ok, name)
      lu.assertStrContains(tostring(problem), ("%s: %s"):format(where, message))
    end
    refused("the weights of all rows are 0", x, m.y, { weight = ml.zeros({ ROWS }, DOUBLE) })
    refused("there are no rows", ml.zeros({ 0, 4 }, DOUBLE), of_y(m, function(y) return ml.zeros({ 0 }, { dtype = y.dtype }) end))
    refused("x has no columns", ml.zeros({ ROWS, 0 }, DOUBLE), m.y)
  end)
end

function TestProperties:test_a_number_that_is_none_or_too_large_is_named_by_row_and_column()
  for value, what in pairs { [1 / 0] = "infinite", [-1 / 0] = "infinite", [4e150] = "4e+150, too large for sums of squares," } do
    local rows = x:clone()
    rows:select(1, 7):select(1, 3):fill_(value)
    each(nil, function(name, m)
      local ok, problem = pcall(fit, m, m.of(1), rows, m.y, { names = { "a", "b", "c", "d" } })
      lu.assertFalse(ok, name)
      lu.assertStrContains(tostring(problem), ("%s: x is %s in row 7, column 3 (c)"):format(m.of(1)._name, m.counts and what:gsub("^%-", "") or what))
    end)
  end
  support.fails("ml.linear: y of row 2 is 1e+200, too large for sums of squares", function() local _ = ml.linear():fit(tensor { { 1 }, { 2 } }, tensor { 1, 1e200 }) end)
end

function TestProperties:test_columns_of_zeros_or_of_one_value_change_nothing()
  local three_columns = ml.cat({ ml.zeros({ ROWS, 1 }, DOUBLE), x, ml.full({ ROWS, 1 }, 3, DOUBLE) }, 2)
  each(nil, function(name, m)
    if name:find "bayes" then return end -- it needs columns that vary, or counts them
    local model = m.y and m.of(1) or ml.kmeans { n_clusters = 3, init = three_columns:slice(1, 1, 3):clone() }
    same(name, answers(m, fit(m, model, three_columns, m.y), three_columns), plain(m), 1e-6)
  end)
end

function TestProperties:test_a_column_of_one_value_that_has_no_exact_mean_gets_no_weight()
  for _, value in ipairs { 0.1, 1 / 3, 1e9 + 0.7 } do
    local wider = ml.cat({ x, ml.full({ ROWS, 1 }, value, DOUBLE) }, 2)
    for _, name in ipairs { "logistic", "logistic_without_penalty", "poisson_without_penalty", "quantile_regression", "linear" } do
      local m = MODELS[name]
      lu.assertEquals(fit(m, m.of(1), wider, m.y).weight:select(2, 5):item(), 0, name)
    end
  end
end

function TestProperties:test_weights_of_classes_and_of_rows_are_multiplied()
  local w = ml.rand({ ROWS }, { dtype = "float64", key = 3 }) + 0.1
  local both = ml.logistic { class_weight = { 1, 3 } }:fit(x, two, { weight = w })
  same("logistic", both.weight, ml.logistic():fit(x, two, { weight = w * (two:double() * 2 - 1) }).weight, 1e-9)
end

function TestProperties:test_columns_that_come_twice_are_no_error()
  each(nil, function(name, m)
    if not m.y then return end
    local both = ml.cat({ x, x }, 2)
    local got = answers(m, fit(m, m.of(1), both, m.y), both)
    lu.assertTrue(got:isfinite():all():item(), name)
    if m.free and not name:find "bayes" or name == "lasso" then same(name, got, plain(m), 1e-6) end
  end)
end

function TestProperties:test_more_columns_than_rows_are_no_error()
  local wide = ml.randn({ 12, 40 }, { dtype = "float64", key = 3 })
  each(nil, function(name, m)
    if not m.y or name == "logistic_without_penalty" then return end -- which is refused: anything tells classes apart
    local got = answers(m, fit(m, m.of(1), wide, m.y:slice(1, 1, 12)), wide)
    lu.assertTrue(got:isfinite():all():item(), name)
  end)
end

function TestProperties:test_one_row_is_that_row_or_refused()
  each(nil, function(name, m)
    local ok, model = pcall(fit, m, m.of(1), x:slice(1, 1, 1), of_y(m, function(y) return y:slice(1, 1, 1) end))
    if m.y == numbers and not m.unweighted then
      same(name, model:predict(x:slice(1, 1, 1)), numbers:slice(1, 1, 1), 1e-9)
    elseif m.y ~= counts then
      lu.assertFalse(ok, name)
      lu.assertStrContains(tostring(model), " rows", false, false, name)
    end
  end)
end

function TestProperties:test_the_unit_of_x_does_not_matter()
  each("free", function(name, m)
    for _, unit in ipairs { 1e-140, 1e-3, 1e140 } do
      local model = fit(m, m.of(1), x * unit, m.y)
      same(("%s, %g"):format(name, unit), answers(m, model, x * unit), plain(m), 1e-6)
    end
  end)
end

function TestProperties:test_columns_of_unlike_units_do_no_harm()
  local unit = tensor { 1e140, 1, 1e-140, 1e3 }
  for _, name in ipairs { "linear", "logistic_without_penalty", "poisson_without_penalty", "quantile_regression", "naive_bayes" } do
    local m = MODELS[name]
    same(name, answers(m, fit(m, m.of(1), x * unit, m.y), x * unit), plain(m), 1e-6)
  end
end

-- Years, times: with an intercept only the bias may move.
function TestProperties:test_columns_far_from_0_have_the_same_weights()
  each(nil, function(name, m)
    local model = fit(m, m.of(1), x, m.y)
    if not model.weight or name:find "bayes" then return end
    for _, far in ipairs { 2e3, 1e7 } do
      local moved = fit(m, m.of(1), x + far, m.y)
      lu.assertTrue(moved.fitted.converged, name)
      same(("%s, %g"):format(name, far), moved.weight, model.weight, 1e-6)
      same(("%s, %g"):format(name, far), answers(m, moved, x + far), answers(m, model, x), 1e-6)
    end
  end)
end

function TestProperties:test_columns_far_from_0_have_the_same_weights_in_a_sparse_matrix()
  local marks = ml.eye(7, DOUBLE):index_select(1, ml.arange(1, ROWS) % 7 + 1)
  local rows, near = ml.cat({ x + 1e6, marks }, 2), ml.cat({ x, marks }, 2)
  for _, name in ipairs { "logistic", "logistic_l1", "logistic_of_three", "poisson" } do
    local m = MODELS[name]
    local moved = fit(m, m.of(1), ml.sparse.of(rows), m.y)
    lu.assertTrue(moved.fitted.converged, name)
    same(name, moved.weight, fit(m, m.of(1), near, m.y).weight, 1e-6)
  end
end

function TestProperties:test_columns_far_from_0_have_the_same_standard_errors()
  for name, model in pairs { logistic = ml.logistic { penalty = "none" }, poisson = ml.poisson { alpha = 0 } } do
    local y = name == "poisson" and counts or two
    local near, far = model:fit(x, y):summary(), model:clone():fit(x + 5e5, y):summary()
    for j = 1, 4 do lu.assertAlmostEquals(far.coefficients[j].error / near.coefficients[j].error, 1, 1e-6) end
    lu.assertAlmostEquals(far.log_likelihood, near.log_likelihood, 1e-6)
  end
  -- of the intercept: what the data themselves give, at a place where squares still have digits
  local shifted = x + 30
  local inverse = ml.poisson { alpha = 0 }:fit(shifted, counts)
  local with_one = ml.cat({ shifted, ml.ones({ ROWS, 1 }, DOUBLE) }, 2)
  local information = (with_one * inverse:predict(shifted):unsqueeze(2)):transpose(1, 2):matmul(with_one)
  local expected = require "moonlab.core".ops.inv(information)
  local errors = inverse:summary().coefficients
  lu.assertAlmostEquals(errors[5].error / math.sqrt(expected:select(1, 5):select(1, 5):item()), 1, 1e-7)
end

function TestProperties:test_y_of_one_value_is_answered_with_it()
  for _, value in ipairs { 0, 3, -1e-150, 1e140 } do
    for _, name in ipairs { "linear", "ridge", "lasso", "elastic_net", "quantile_regression", "quantile_regression_with_penalty", "knn_of_numbers" } do
      local m = MODELS[name]
      local model = fit(m, m.of(1), x, ml.full({ ROWS }, value, DOUBLE))
      lu.assertTrue(model.fitted.converged or value > 1e100, name) -- of the rounding of its mean there lasso makes weights
      lu.assertTrue((model:predict(x) - value):abs():max():item() <= 1e-12 * math.abs(value), ("%s of %g"):format(name, value))
    end
  end
  support.fails("ml.poisson: y is 0 in all rows: the mean has no logarithm", function() local _ = ml.poisson():fit(x, counts * 0) end)
end

function TestProperties:test_the_unit_of_y_does_not_matter()
  for _, name in ipairs { "linear", "ridge", "quantile_regression", "quantile_regression_with_penalty", "knn_of_numbers" } do
    local m = MODELS[name]
    for _, unit in ipairs { 1e-140, 1e140 } do same(name, answers(m, fit(m, m.of(1), x, numbers * unit), x) / unit, plain(m), 1e-9) end
  end
end

function TestProperties:test_ridge_without_penalty_says_of_what_rank_the_columns_are()
  local model = ml.ridge { alpha = 0 }:fit(ml.cat({ x, x }, 2), numbers)
  lu.assertEquals(model.fitted.notes, { "the columns have rank 4 of 8: of all solutions the one with the smallest weights is given" })
end

function TestProperties:test_what_leaves_double_precision_is_refused()
  support.fails("ml.ridge: its weight came out of the solver as no finite number: the columns or y are too large, or too small\n"
    .. "  hint: features.standardize() brings columns near 1", function() local _ = ml.ridge { alpha = 0 }:fit(x * 1e-300, numbers) end)
end
