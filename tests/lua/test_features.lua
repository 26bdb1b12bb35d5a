-- Features against scikit-learn, and what all of them promise.

local luaunit = require "luaunit"
local ml = require "moonlab"
local json = require "moonlab.json"
local Column = require "moonlab.table.column"
local Feature = require "moonlab.features.feature"
local Table = require "moonlab.table.table"
local eigenvectors = require "moonlab.features.eigenvectors"
local pipeline = require "moonlab.features.pipeline"
local support = require "support"

local data, features = ml.data, ml.features
local equals = luaunit.assertEquals
local oracle = dofile "tests/fixtures/features.lua"

-- The numbers of every column of a table of features, float64.
local function numbers(table_)
  local parts = {}
  for i, name in ipairs(table_.names) do parts[i] = require("moonlab.features.numeric").values(table_:column(name)) end
  return require("moonlab.core").ops.cat(parts, 2)
end

local function rows_of(table_, from, to)
  local list = {}
  for i = from, to do list[#list + 1] = i end
  return table_:rows(list)
end

local function oracle_table(names)
  local list = {}
  for i, name in ipairs(names) do list[i] = { name, oracle[name] } end
  return data.table(list)
end

local function context(table_, target, task)
  return { target = target and table_:column(target), task = task or "regression", seed = 3 }
end

-- The spec fitted to the first rows, and the step applied to all of them.
local function transformed(spec, names, target, task)
  local all = oracle_table(names)
  if all.names[#all.names] == "plan" then all = all:with { plan = function(c) return c.plan:category { "x", "y", "z" } end } end
  local train = rows_of(all, 1, oracle.seen)
  local step, learned = spec:fit(train, context(rows_of(oracle_table { "y", "kind" }, 1, oracle.seen), target, task))
  return Feature.apply(step, all), step, learned
end

local function agrees(spec, name, names, tolerance, ...)
  local out, step = transformed(spec, names or { "a", "b", "c", "d" }, ...)
  local case = oracle[name]
  support.agrees(numbers(out), case.values, { oracle.rows, case.fields }, tolerance or 1e-10, name)
  return out, step
end

TestFeatures = {}

function TestFeatures:test_scales_are_scikit_learns()
  agrees(features.standardize(), "standardize")
  agrees(features.min_max { range = { -1, 2 } }, "min_max")
  agrees(features.min_max { clip = true }, "min_max_clip")
  agrees(features.robust(), "robust")
  agrees(features.robust { quantile_range = { 10, 95 } }, "robust_wide")
end

function TestFeatures:test_quantiles_are_scikit_learns()
  agrees(features.quantile(), "quantile_uniform")
  agrees(features.quantile { n_quantiles = 7 }, "quantile_few")
  agrees(features.quantile { output = "normal" }, "quantile_normal", nil, 1e-8)
end

function TestFeatures:test_the_normal_quantile_has_the_digits_that_scipy_has()
  local found = require "moonlab.features.normal_quantile"(ml.tensor({ 1e-300, 1e-20, 1e-7, 0.02, 0.075, 0.3, 0.5, 0.975 }, { dtype = "float64" }))
  support.close(found, { -37.0471, -9.262340089798408, -5.199337582192816, -2.0537489106318225, -1.439531470938456, -0.5244005127080409, 0,
    1.959963984540054 }, 3e-5)
  support.close(found:slice(1, 2, 8), { -9.262340089798408, -5.199337582192816, -2.0537489106318225, -1.439531470938456, -0.5244005127080409, 0,
    1.959963984540054 }, 1e-14)
end

function TestFeatures:test_powers_are_those_of_greatest_likelihood()
  local _, step = agrees(features.power(), "yeo_johnson", nil, 1e-6)
  for i, state in ipairs(step.state) do luaunit.assertAlmostEquals(state.lambdas[1], oracle.lambdas[i], 1e-6) end
  agrees(features.power { standardize = false }, "yeo_johnson_raw", nil, 1e-5)
  _, step = agrees(features.power { method = "box_cox" }, "box_cox", { "b" }, 1e-6)
  luaunit.assertAlmostEquals(step.state[1].lambdas[1], oracle.box_cox_lambda[1], 1e-6)
end

function TestFeatures:test_bins_are_scikit_learns()
  for _, strategy in ipairs { "uniform", "quantile", "kmeans" } do
    local out = transformed(features.binning { n_bins = 4, strategy = strategy, encode = "ordinal" }, { "a", "b" })
    support.agrees(numbers(out) - 1, oracle["bins_" .. strategy].values, { oracle.rows, 2 }, 0, strategy)
  end
  agrees(features.binning { n_bins = 4, strategy = "uniform" }, "bins_one_hot", { "a", "b" }, 0)
end

function TestFeatures:test_products_are_in_scikit_learns_order()
  agrees(features.polynomial(3), "polynomial")
  agrees(features.polynomial { degree = 3, interaction_only = true }, "interactions")
end

function TestFeatures:test_components_are_scikit_learns_with_their_signs()
  agrees(features.pca(), "pca", nil, 1e-9)
  agrees(features.pca { n = 2, whiten = true }, "pca_two", nil, 1e-9)
  agrees(features.pca(0.9), "pca_share", nil, 1e-9)
  agrees(features.svd(2), "svd", nil, 1e-9)
end

function TestFeatures:test_the_randomized_solver_finds_the_components_of_the_full_one()
  local function noise(rows, columns, key) return ml.randn(rows, columns, { key = key, dtype = "float64" }) end
  local x = noise(60, 5, 1):matmul(noise(5, 40, 2)) + noise(60, 40, 3) * 1e-3
  local list = {}
  for i = 1, 40 do list[i] = { "f" .. i, x:select(2, i) } end
  local t = data.table(list)
  for _, kind in ipairs { "pca", "svd" } do
    local full = features[kind] { n = 3, solver = "full" }:fit(t, context(t))
    local quick = features[kind] { n = 3, solver = "randomized" }:fit(t, context(t))
    support.close(numbers(Feature.apply(quick, t)), numbers(Feature.apply(full, t)):tolist(), 1e-6)
  end
end

local function matrix_table(x)
  local names = {}
  for i = 1, x:size(2) do names[i] = "f" .. i end
  return Table.of_columns({ Column.new { type = "matrix", name = "x", values = x, fields = names } }, #x)
end

function TestFeatures:test_the_covariance_has_the_components_of_the_singular_values()
  local x = ml.randn({ 1300, 40 }, { key = 4, dtype = "float64" }):matmul(ml.randn({ 40, 40 }, { key = 5, dtype = "float64" })) + 100
  local full = features.pca { n = 6, solver = "full" }:learn(matrix_table(x), {}).state
  for _, case in ipairs { { x, 1e-9 }, { x:float(), 2e-3 } } do
    local state = features.pca { n = 6, solver = "covariance" }:learn(matrix_table(case[1]), {}).state
    support.close(ml.tensor(state.components), full.components, case[2])
    support.close(ml.tensor(state.explained), full.explained, case[2] / 10)
    support.close(ml.tensor(state.mean), full.mean, case[2])
  end
end

function TestFeatures:test_the_covariance_says_which_field_is_no_number()
  local x = ml.ones({ 30, 3 })
  x[{ 7, 2 }] = 0 / 0
  support.fails("feature 'f2' is not a finite number in 1 of 30 rows", function() features.pca { solver = "covariance" }:learn(matrix_table(x), {}) end)
end

-- 300 columns; the vectors of an orthonormal basis.
local function symmetric(values)
  local q = ml.linalg.qr(ml.randn({ 300, 300 }, { key = 6, dtype = "float64" }))
  return (q * ml.tensor(values, { dtype = "float64" })):matmul(q:transpose(1, 2))
end

-- More copies than a block has vectors, fewer values than are wanted, none, and what falls slowly.
function TestFeatures:test_the_largest_eigenvalues_are_found_with_all_their_copies()
  local copies, rank, none, slow = {}, {}, {}, {}
  for i = 1, 300 do copies[i], rank[i], none[i], slow[i] = i <= 20 and 10 or 5 / i, i <= 3 and 4 - i or 0, 0, 1 / (300 + i) end
  for name, values in pairs { copies = copies, rank = rank, none = none, slow = slow } do
    local w, v = eigenvectors.largest(symmetric(values), 25, 1)
    support.agrees(w, table.move(values, 1, 25, 1, {}), { 25 }, 1e-12, name)
    luaunit.assertTrue((v:matmul(v:transpose(1, 2)) - ml.eye(25, { dtype = "float64" })):abs():max():item() < 1e-12, name)
  end
end

function TestFeatures:test_the_target_is_encoded_as_by_scikit_learn()
  agrees(features.target_encode(), "target_regression", { "plan" }, 1e-12, "y")
  agrees(features.target_encode { smooth = 5 }, "target_smooth", { "plan" }, 1e-12, "y")
  local out = agrees(features.target_encode(), "target_classes", { "plan" }, 1e-12, "kind", "multiclass")
  equals(out:column("plan").fields, { "plan_target=p", "plan_target=q", "plan_target=r" })
end

function TestFeatures:test_no_row_of_the_training_part_sees_its_own_target()
  local plan, y = {}, {}
  for i = 1, 20 do plan[i], y[i] = i % 2 == 0 and "even" or "odd", i * 1.0 end
  local function learned(targets)
    local t = data.table { plan = plan }:with { plan = function(c) return c.plan:category { "even", "odd" } end }
    local _, out = features.target_encode():fit(t, { target = data.table { y = targets }.y, task = "regression", seed = 1 })
    return out:column("plan").values:select(2, 1):tolist()
  end
  local before = learned(y)
  for i = 1, 20 do
    local changed = table.move(y, 1, 20, 1, {})
    changed[i] = 1e6
    local after = learned(changed)
    equals(after[i], before[i])
    luaunit.assertNotEquals(after, before)
  end
end

function TestFeatures:test_a_fold_without_a_category_gives_it_the_mean_of_the_fold()
  local t = data.table { plan = { "a", "a", "a", "b" } }:with { plan = function(c) return c.plan:category { "a", "b" } end }
  local _, out = features.target_encode { cv = 2, smooth = 0 }:fit(t, { target = data.table { y = { 1.0, 1.0, 1.0, 9.0 } }.y, task = "regression", seed = 1 })
  equals(out:column("plan").values:at(4, 1), 1.0)
end

function TestFeatures:test_fields_are_chosen_by_variance()
  agrees(features.select_variance(3.0), "variance")
end

local function scores(spec, target, task, names)
  local _, step = transformed(spec, names or { "a", "b", "d" }, target, task)
  return step.state.scores
end

local function close_lists(actual, expected, tolerance)
  equals(#actual, #expected)
  for i, value in ipairs(expected) do luaunit.assertAlmostEquals(actual[i], value, tolerance) end
end

function TestFeatures:test_mutual_information_is_scikit_learns()
  close_lists(scores(features.select_mutual_information(2), "y"), oracle.mi_regression, 1e-9)
  close_lists(scores(features.select_mutual_information(2), "kind", "multiclass"), oracle.mi_classes, 0.02) -- see make_features.py
  close_lists(scores(features.select_mutual_information(2), "kind", "multiclass"), oracle.mi_ross, 1e-9)
end

function TestFeatures:test_mutual_information_of_fields_of_0_and_1_is_scikit_learns()
  local t = rows_of(oracle_table { "plan", "y", "kind" }, 1, oracle.seen):with { plan = function(c) return c.plan:category { "x", "y", "z" } end }
  local _, one_hot = features.one_hot():fit(t:select { "plan" }, context(t))
  local step = features.select_mutual_information(1):fit(one_hot, context(t, "kind", "multiclass"))
  close_lists(step.state.scores, oracle.mi_one_hot_classes, 1e-9)
  step = features.select_mutual_information(1):fit(one_hot, context(t, "y"))
  close_lists(step.state.scores, oracle.mi_one_hot_regression, 1e-9)
end

function TestFeatures:test_a_lasso_keeps_what_scikit_learns_keeps()
  local out, step = transformed(features.select_lasso(0.3), { "a", "b", "c", "d" }, "y")
  local kept = {}
  for i, weight in ipairs(oracle.lasso) do
    luaunit.assertAlmostEquals(step.state.scores[i], math.abs(weight), 1e-7)
    if weight ~= 0 then kept[#kept + 1] = ("abcd"):sub(i, i) end
  end
  equals(out.names, kept)
  luaunit.assertTrue(#kept < 4)
end

-- Without an oracle ----------------------------------------------------------------------------------------------------------

local function fitted(spec, table_, wish)
  wish = wish or {}
  return spec:fit(table_, { target = wish.target, task = wish.task or "regression", classes = wish.classes, seed = 3 })
end

local function fields_of(spec, table_)
  local _, out = fitted(spec, table_)
  return pipeline.fields(out)
end

function TestFeatures:test_outliers_become_the_fence()
  local t = data.table { a = { 1.0, 2.0, 3.0, 4.0, 100.0 } }
  local step = fitted(features.clip(), t)
  equals({ step.state[1].low[1], step.state[1].high[1] }, { -1.0, 7.0 })
  equals(numbers(Feature.apply(step, data.table { a = { -5.0, 0.0, 9.0 } })):tolist(), { { -1.0 }, { 0.0 }, { 7.0 } })
  step = fitted(features.clip { method = "z_score", factor = 1 }, data.table { a = { -1.0, 1.0 } })
  equals({ step.state[1].low[1], step.state[1].high[1] }, { -1.0, 1.0 })
end

local function category(words, order)
  return data.table { size = words }:with { size = function(c) return c.size:category(order or { "small", "medium", "large" }) end }
end

function TestFeatures:test_categories_become_their_place_in_an_order()
  local order = { size = { "large", "medium", "small" } }
  local step, out = fitted(features.ordinal { order = order }, category { "small", "large" })
  equals(numbers(out):tolist(), { { 3.0 }, { 1.0 } })
  equals(numbers(Feature.apply(step, category({ "medium", "huge" }, { "medium", "huge" }))):tolist(), { { 2.0 }, { 0.0 } })
  support.fails("features.ordinal: column 'size' has the category 'small', which is not in its order",
    function() fitted(features.ordinal { order = { size = { "large" } } }, category { "small" }) end)
end

function TestFeatures:test_a_hash_stays_what_it_was()
  local t = data.table { city = { "Bern", "Rome", "Bern", data.missing } }
  local _, out = fitted(features.hashing { n = 4 }, t)
  equals(pipeline.fields(out), { "city#1", "city#2", "city#3", "city#4" })
  local rows = numbers(out):tolist()
  equals(rows[1], rows[3])
  equals(rows[4], { 0.0, 0.0, 0.0, 0.0 })
  equals({ rows[1], rows[2] }, { { 0.0, 0.0, 0.0, -1.0 }, { 0.0, 0.0, 0.0, 1.0 } }) -- worked out apart from this code
end

function TestFeatures:test_words_are_hashed_one_by_one()
  local _, out = fitted(features.hashing { n = 32, tokens = "words", alternate_sign = false }, data.table { text = { "A cat, a dog!", "dog a CAT a" } })
  local rows = numbers(out):tolist()
  equals(rows[1], rows[2])
  equals(numbers(out):sum(2):tolist(), { 4.0, 4.0 })
end

local function times(list) return data.table { date = list }:with { date = function(c) return c.date:time() end } end

function TestFeatures:test_dates_become_fields_of_the_calendar()
  local _, out = fitted(features.dates { since = "2024-02-01" }, times { "2024-02-29", "2023-12-31" })
  equals(pipeline.fields(out), { "date.year", "date.month", "date.day", "date.weekday", "date.days" })
  equals(numbers(out):tolist(), { { 2024.0, 2.0, 29.0, 4.0, 28.0 }, { 2023.0, 12.0, 31.0, 7.0, -32.0 } })
end

function TestFeatures:test_times_of_day_bring_the_hour()
  local _, out = fitted(features.dates(), times { "2024-02-29 13:05" })
  equals(pipeline.fields(out)[5], "date.hour")
end

function TestFeatures:test_cyclic_fields_lie_on_a_circle()
  local _, out = fitted(features.dates { fields = { "month" }, cyclic = true }, times { "2024-01-15", "2024-04-15", "2024-07-15" })
  equals(pipeline.fields(out), { "date.month_sin", "date.month_cos" })
  support.close(numbers(out), { { 0, 1 }, { 1, 0 }, { 0, -1 } }, 1e-12)
end

function TestFeatures:test_a_change_of_variables_stands_in_the_place_of_its_columns()
  local t = data.table { { "x", { 3.0, 0.0 } }, { "other", { 1.0, 2.0 } }, { "y", { 4.0, -1.0 } } }
  local step, out = fitted(features.polar { columns = { "x", "y" } }, t)
  equals(pipeline.fields(out), { "angle", "r", "other" })
  support.close(numbers(out), { { 0.9272952180016122, 5, 1 }, { -1.5707963267948966, 1, 2 } }, 1e-15)
  equals(step.name, "map")
end

function TestFeatures:test_a_change_of_variables_can_keep_its_columns()
  local t = data.table { { "x", { 3, 0 } }, { "other", { 1.0, 2.0 } } }
  local spec = features.map { columns = { "x" }, keep = true, function(c) return { twice = c.x * 2, positive = c.x:gt(0) } end }
  local _, out = fitted(spec, t)
  equals(pipeline.fields(out), { "x", "positive", "twice", "other" })
  equals(numbers(out):tolist(), { { 3.0, 1.0, 6.0, 1.0 }, { 0.0, 0.0, 0.0, 2.0 } })
end

function TestFeatures:test_a_twist_straightens_a_spiral()
  local radius = ml.linspace(0.1, 1, 7, { dtype = "float64" })
  local t = data.table { x = radius * (radius * 9):cos(), y = radius * (radius * 9):sin() }
  local _, out = fitted(features.polar { columns = { "x", "y" }, twist = 9 / (2 * math.pi), cyclic = true }, t)
  equals(pipeline.fields(out), { "angle_cos", "angle_sin", "r" })
  support.close(out:column("angle_cos").values, ml.ones(7), 1e-12)
end

function TestFeatures:test_every_output_field_has_a_telling_name()
  local t = data.table { { "age", { 20.0, 40.0, 60.0, 80.0 } }, { "fare", { 1.0, 5.0, 2.0, 9.0 } } }
  equals(fields_of(features.polynomial(), t), { "age", "fare", "age^2", "age*fare", "fare^2" })
  equals(fields_of(features.pca(), t), { "pca1", "pca2" })
  equals(fields_of(features.binning { n_bins = 2, columns = { "age" } }, t), { "age[..50)", "age[50..]", "fare" })
end

function TestFeatures:test_a_second_step_of_a_kind_has_names_of_its_own()
  local t = data.table { { "a", { 1.0, 2.0, 4.0 } }, { "b", { 1.0, 0.0, 5.0 } } }
  local fit = pipeline.fit(t, { columns = {}, derive = {}, excluded = {}, context = { seed = 1 },
    features = { features.pca { n = 1, columns = { "a" } }, features.pca { n = 1, columns = { "b" } } } })
  equals(fit.fields, { "pca1", "pca_21" })
end

-- Edges --------------------------------------------------------------------------------------------------------------------

local EACH = { "standardize", "min_max", "robust", "quantile", "power", "log", "clip", "binning", "polynomial", "pca", "svd" }

local function spec_of(name) return features[name](name == "svd" and 1 or nil) end

function TestFeatures:test_constant_columns_and_single_rows_give_finite_numbers()
  for _, values in ipairs { { 7.0, 7.0, 7.0, 7.0 }, { 7.0 } } do
    local t = data.table { a = values, b = values }
    for _, name in ipairs(EACH) do
      local _, out = fitted(spec_of(name), t)
      luaunit.assertTrue(numbers(out):isfinite():all():item(), name)
    end
    for _, o in ipairs { { output = "normal" } } do
      local _, out = fitted(features.quantile(o), t)
      luaunit.assertTrue(numbers(out):isfinite():all():item())
    end
    local _, out = fitted(features.pca { whiten = true }, t)
    luaunit.assertTrue(numbers(out):isfinite():all():item())
  end
end

function TestFeatures:test_infinite_numbers_are_refused_with_their_name()
  local good, bad = data.table { a = { 1.0, 2.0 }, b = { 1.0, 5.0 } }, data.table { a = { 1.0, 2.0 }, b = { 1.0, math.huge } }
  for _, name in ipairs(EACH) do
    local step = fitted(spec_of(name), good)
    support.fails("feature 'b' is not a finite number in 1 of 2 rows", function() fitted(spec_of(name), bad) end)
    support.fails("feature 'b' is not a finite number in 1 of 2 rows", function() Feature.apply(step, bad) end)
  end
end

function TestFeatures:test_more_components_than_rows_are_refused()
  local t = data.table { a = { 1.0, 2.0 }, b = { 1.0, 5.0 }, c = { 3.0, 4.0 } }
  support.fails("features.pca: 3 components of 2 rows and 3 fields; there are at most 2", function() fitted(features.pca(3), t) end)
  support.fails("features.svd: 3 components of 2 rows and 3 fields; there are at most 2", function() fitted(features.svd(3), t) end)
  support.fails("features.pca: n must be a number of components from 1 or a share of the variance between 0 and 1, got 1.5", function() features.pca(1.5) end)
end

function TestFeatures:test_what_has_no_logarithm_is_named()
  support.fails("features.log: column 'a' has the value -1; log1p takes numbers above -1, features.power takes all",
    function() fitted(features.log(), data.table { a = { -1.0, 2.0 } }) end)
  support.fails("features.power: column 'a' has the value 0; box_cox takes numbers above 0, method = 'yeo_johnson' takes all",
    function() fitted(features.power { method = "box_cox" }, data.table { a = { 0.0, 2.0 } }) end)
end

function TestFeatures:test_a_selection_that_leaves_nothing_is_an_error()
  support.fails("features.select_variance: no field is left of 1", function() fitted(features.select_variance(), data.table { a = { 7.0, 7.0 } }) end)
  support.fails("features.pca: there is no column of numbers", function() fitted(features.pca(), category { "small" }) end)
end

function TestFeatures:test_wrong_options_say_what_is_right()
  support.fails("features.min_max: range must be two numbers, the lower one first, as in {0, 1}", function() features.min_max({ range = { 1, 0 } }) end)
  support.fails("features.clip: factor must be above 0, got 0", function() features.clip({ factor = 0 }) end)
  support.fails("features.dates: unknown field 'months'; did you mean 'month'?", function() features.dates({ fields = { "months" } }) end)
  support.fails("features.target_encode: smooth must be 'auto' or a number from 0, got -1", function() features.target_encode({ smooth = -1 }) end)
  support.fails("features.polar: a twist needs cyclic = true: the angle would jump in every turn", function() features.polar({ columns = { "x", "y" }, twist = 1 }) end)
  support.fails("features.map: columns and a function are needed, as in features.map { columns = { \"x\" }, function(c) return { z = c.x * 2 } end }", function() features.map({ columns = { "x" } }) end)
end

-- What every kind promises ---------------------------------------------------------------------------------------------------

local SWEEP = {
  standardize = { {} }, min_max = { {} }, robust = { {} }, quantile = { {}, { output = "normal" } }, power = { {} }, log = { { columns = { "b" } } },
  clip = { {}, { method = "z_score" } }, binning = { {}, { encode = "ordinal", strategy = "kmeans" } }, polynomial = { { degree = 3 } },
  map = { { columns = { "a", "b" }, function(c) return { ratio = c.a / (c.b + 1), angle = c.a:atan2(c.b) } end } },
  polar = { { columns = { "a", "b" }, twist = 1.5, cyclic = true } }, dates = { { cyclic = true, since = "2020-01-01" } }, one_hot = { {} },
  ordinal = { {} }, target_encode = { {} }, hashing = { { n = 5 } }, pca = { {}, { n = 2, whiten = true, solver = "randomized" } }, svd = { {} }, kmeans = { { n = 3 } },
  fft = { {}, { output = "log", window = "hann" } }, select_variance = { { threshold = 4 } }, select_mutual_information = { { k = 2 } }, select_lasso = { { alpha = 0.1 } },
}

local function sweep_table()
  local t = oracle_table { "a", "b", "c", "plan", "y" }
  local dates = {}
  for i = 1, #t do dates[i] = ("2023-%02d-%02d %02d:15"):format(i % 12 + 1, i % 28 + 1, i % 24) end
  return t:with { plan = function(c) return c.plan:category { "x", "y", "z", "new" } end, date = data.table { date = dates }:with {
    date = function(c) return c.date:time() end }.date }
end

-- The columns of numbers alone of what a step gives.
local function outcome(table_)
  local kept = {}
  for _, name in ipairs(table_.names) do
    local kind = table_:column(name).type
    if kind ~= "category" and kind ~= "text" and kind ~= "time" then kept[#kept + 1] = name end
  end
  return numbers(table_:select(kept))
end

local function fit_first(spec, t)
  local train = t:head(oracle.seen)
  return spec:fit(train:without { "y" }, context(train, "y"))
end

TestFeatureSweep = {}

-- Of texts, of sounds and of the past: test_text_features.lua, test_sound_features.lua and test_past.lua hold them to the same.
local ELSEWHERE = { lags = true, rolling = true, tokens = true, bpe = true, byte_pairs = true, stft = true, ngrams = true, tfidf = true, letters = true, mel = true, mfcc = true }

function TestFeatureSweep:test_every_kind_is_swept()
  for name in pairs(features) do luaunit.assertNotNil(SWEEP[name] or ELSEWHERE[name], name) end
end

for name, all in pairs(SWEEP) do
  for number, o in ipairs(all) do
    TestFeatureSweep[("test_%s_%d"):format(name, number)] = function()
      local t = sweep_table()
      local spec, rows = features[name](o), t:without { "y" }
      local step = fit_first(spec, t)
      local text = json.encode(step)
      local changed = t:head(oracle.seen):append(t:tail(#t - oracle.seen):with { a = function(c) return c.a * 100 end, y = 0.5 })
      equals(json.encode((fit_first(spec, changed))), text) -- no fitted number comes from other rows
      local whole = outcome(Feature.apply(step, rows))
      support.equal(outcome(Feature.apply(step, rows)), whole) -- twice the same
      support.equal(outcome(Feature.apply(json.decode(text), rows)), whole) -- nor is anything lost on the way through JSON
      for _, row in ipairs { 1, 7, 41, 60 } do support.equal(outcome(Feature.apply(step, rows:rows { row })), whole:slice(1, row, row)) end
    end
  end
end
