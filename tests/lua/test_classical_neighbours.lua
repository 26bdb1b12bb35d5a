-- Nearest neighbours, naive Bayes, k-means and baselines: scikit-learn's answers, and what must stay true of any data.

local ml = require "moonlab"
local core = require "moonlab.core"
local lu = require "luaunit"
local support = require "support"
local oracle = dofile "tests/fixtures/neighbours.lua"

local DOUBLE = { dtype = "float64" }
local function tensor(list) return ml.tensor(list, DOUBLE) end
local x, q, y, w = tensor(oracle.data.x), tensor(oracle.data.q), tensor(oracle.data.y), tensor(oracle.data.w)
local classes = ml.tensor(oracle.data.classes)
local counts, asked = tensor(oracle.data.counts), tensor(oracle.data.asked)

-- f() with 1 and with 3 threads.
local function with_threads(f)
  local before = core.threads()
  core.threads(1)
  local one = f()
  core.threads(3)
  local three = f()
  core.threads(before)
  return one, three
end

TestKnn = {}

local HOW = { plain = {}, near = { n_neighbors = 7, weights = "distance" }, city = { n_neighbors = 4, p = 1, weights = "distance" } }

for name, how in pairs(HOW) do
  TestKnn[("test_classes_are_scikit_learns_%s"):format(name)] = function()
    local model = ml.knn(how):fit(x, classes)
    support.close(model:predict_proba(q), oracle.knn[name].proba, 1e-12)
    support.equal(model:predict(q), tensor(oracle.knn[name].proba):argmax(2))
  end
  TestKnn[("test_numbers_are_scikit_learns_%s"):format(name)] = function()
    support.close(ml.knn(how):fit(x, y):predict(q), oracle.knn[name].numbers, 1e-12)
  end
  TestKnn[("test_the_neighbours_are_scikit_learns_%s"):format(name)] = function()
    local rows, distance = ml.knn(how):fit(x, y):neighbours(q)
    lu.assertEquals(rows:tolist(), oracle.knn[name].rows)
    support.close(distance, oracle.knn[name].distance, 1e-7) -- scikit-learn's come from squares and products
  end
end

function TestKnn:test_rows_that_are_equally_far_come_in_their_order()
  local same = ml.ones({ 700, 3 }, DOUBLE) * 1e6
  local rows, distance = ml.knn():fit(same, ml.arange(1, 700):to "float64"):neighbours(same:slice(1, 1, 2), 699)
  support.equal(rows:select(1, 2), ml.arange(1, 699))
  lu.assertEquals(distance:max():item(), 0)
end

-- The squares of norms and products alone would be off by 1e-4 here.
function TestKnn:test_far_from_the_origin_no_digit_is_lost()
  local near = tensor { { 1e8 }, { 1e8 + 3 }, { 1e8 + 1 }, { 1e8 - 1 } }
  local rows, distance = ml.knn { n_neighbors = 1 }:fit(near, tensor { 1, 2, 3, 4 }):neighbours(tensor { { 1e8 + 0.25 } }, 4)
  lu.assertEquals(rows:tolist(), { { 1, 3, 4, 2 } })
  lu.assertEquals(distance:tolist(), { { 0.25, 0.75, 1.25, 2.75 } })
end

function TestKnn:test_is_what_sorting_all_distances_gives()
  local many, some = ml.randn({ 1500, 21 }, DOUBLE), ml.randn({ 70, 21 }, DOUBLE)
  local rows, distance = ml.knn():fit(many, ml.arange(1, 1500):to "float64"):neighbours(some, 12)
  for i = 1, 70, 23 do
    local sorted, order = (many - some:select(1, i)):square():sum(2):sqrt():sort(1)
    support.equal(rows:select(1, i), order:slice(1, 1, 12))
    support.close(distance:select(1, i), sorted:slice(1, 1, 12), 1e-12)
  end
end

-- Nearest by all differences in float64, of equals the first.
local function by_sorting(rows, queries, k)
  local near, far = {}, {}
  for i = 1, #queries do
    local distance = (rows - queries:select(1, i)):square():sum(2)
    near[i] = distance:argsort():slice(1, 1, k)
    far[i] = distance:index_select(1, near[i]):sqrt()
  end
  return ml.stack(near, 1), ml.stack(far, 1)
end

-- Where float32 tells nothing: far apart clusters, one column that is all of a distance, numbers whose squares a float does not hold.
function TestKnn:test_rows_that_a_float_does_not_tell_apart_are_told_apart()
  local noise = ml.randn({ 1300, 4 }, DOUBLE)
  local apart = noise + ml.where((ml.arange(1, 1300) % 2):eq(0), 1e7, -1e7):double():unsqueeze(2)
  local steep = noise * tensor { 1e9, 1, 1e-3, 1 }
  for name, rows in pairs { apart = apart, steep = steep, large = noise * 1e100, small = noise * 1e-100, close = noise * 1e-9 + 1 } do
    local queries = rows:index_select(1, ml.arange(1, 1300, 4))
    local near, far = by_sorting(rows, queries, 6)
    local found, away = ml.knn():fit(rows, ml.ones(1300, DOUBLE)):neighbours(queries, 6)
    lu.assertTrue(found:equal(near), name)
    lu.assertTrue(((away - far):abs() / far:max()):max():item() < 1e-15, name)
  end
end

function TestKnn:test_the_bits_do_not_depend_on_threads()
  local many = ml.randn({ 1500, 30 }, DOUBLE)
  local model = ml.knn { weights = "distance" }:fit(many, many:select(2, 1):contiguous())
  support.equal(with_threads(function() return model:predict(many * 1.01) end))
end

function TestKnn:test_more_neighbours_than_rows_are_refused()
  support.fails("ml.knn: n_neighbors is 5, but there are 3 rows", function() local _ = ml.knn():fit(x:slice(1, 1, 3), { 1, 2, 1 }) end)
end

function TestKnn:test_is_saved_and_loaded_with_what_it_was_fitted_to()
  support.with_folder(function(folder)
    for _, target in ipairs { classes, y } do
      local model = ml.knn():fit(x, target)
      model:save(folder .. "/m.safetensors")
      local loaded = ml.knn():load(folder .. "/m.safetensors")
      support.equal(loaded:predict(q), model:predict(q))
      if target == classes then support.equal(ml.knn():load(folder .. "/m.safetensors"):predict_proba(q), model:predict_proba(q)) end
    end
  end)
end

function TestKnn:test_a_class_without_rows_has_no_probability_and_is_noted()
  local model = ml.knn():fit(x, classes, { classes = 5 })
  lu.assertEquals(model:predict_proba(q):size(2), 5)
  lu.assertTrue(model:predict_proba(q):slice(2, 4, 5):max():item() < 1e-15)
  lu.assertEquals(model.fitted.notes, { "no row is of class 4, 5: it is never predicted" })
end

function TestKnn:test_a_question_with_nan_is_named()
  support.fails("ml.knn: x is not a finite number, or too large, in row 1, column 2\n  at TEST:LINE, ml.knn",
    function() local _ = ml.knn():fit(x, y):predict(tensor { { 1, 0 / 0, 2 } }) end)
end

function TestKnn:test_other_metrics_than_1_and_2_are_refused()
  support.fails("ml.knn: p must be 1 or 2, got 3", function() local _ = ml.knn { p = 3 } end)
end

TestNaiveBayes = {}

local function agrees(o, expected, rows, questions, how)
  local model = ml.naive_bayes(o):fit(rows, classes, how)
  support.close(model(questions), expected, 1e-11)
  support.equal(model:predict(questions), tensor(expected):argmax(2))
end

function TestNaiveBayes:test_gaussian_is_scikit_learns() agrees({}, oracle.bayes.gaussian, x, q) end
function TestNaiveBayes:test_gaussian_with_weights_and_smoothing() agrees({ var_smoothing = 0.1 }, oracle.bayes.smoothed, x, q, { weight = w }) end
function TestNaiveBayes:test_multinomial_is_scikit_learns() agrees({ kind = "multinomial" }, oracle.bayes.multinomial, counts, asked) end
function TestNaiveBayes:test_multinomial_with_weights_and_equal_priors()
  agrees({ kind = "multinomial", alpha = 0.3, fit_prior = false }, oracle.bayes.multinomial_weighted, counts, asked, { weight = w })
end
function TestNaiveBayes:test_bernoulli_is_scikit_learns() agrees({ kind = "bernoulli" }, oracle.bayes.bernoulli, counts, asked) end
function TestNaiveBayes:test_bernoulli_with_weights_and_a_border()
  agrees({ kind = "bernoulli", alpha = 0.5, binarize = 1 }, oracle.bayes.bernoulli_weighted, counts, asked, { weight = w })
end

function TestNaiveBayes:test_rows_that_come_twice_are_rows_of_twice_the_weight()
  local twice = ml.naive_bayes { var_smoothing = 0 }:fit(ml.cat({ x, x }, 1), ml.cat({ classes, classes }, 1))
  support.close(twice(q), ml.naive_bayes { var_smoothing = 0 }:fit(x, classes, { weight = ml.full({ 60 }, 2, DOUBLE) })(q), 1e-11)
end

function TestNaiveBayes:test_a_class_without_rows_is_never_predicted()
  local model = ml.naive_bayes():fit(x, classes + 1)
  lu.assertEquals(model.fitted.notes, { "no row is of class 1: it is never predicted" })
  support.equal(model:predict(q), ml.naive_bayes():fit(x, classes):predict(q) + 1)
  lu.assertEquals(model:predict_proba(q):select(2, 1):max():item(), 0)
end

function TestNaiveBayes:test_a_column_that_does_not_vary_is_named_if_nothing_is_added()
  support.fails("ml.naive_bayes: column 2 (b) does not vary within a class\n  hint: leave it out, or var_smoothing above 0", function()
    local _ = ml.naive_bayes { var_smoothing = 0 }:fit(tensor { { 1, 5 }, { 2, 5 }, { 3, 5 }, { 5, 5 } }, { 1, 1, 2, 2 }, { names = { "a", "b" } })
  end)
end

function TestNaiveBayes:test_counts_below_0_are_named()
  support.fails("ml.naive_bayes: counts are from 0 on, but x is -1 in row 2, column 1 (a)", function()
    local _ = ml.naive_bayes { kind = "multinomial" }:fit(tensor { { 1, 5 }, { -1, 5 } }, { 1, 2 }, { names = { "a", "b" } })
  end)
end

function TestNaiveBayes:test_one_class_alone_is_refused()
  support.fails("ml.naive_bayes: all 2 rows are of class 1: there is nothing to tell apart",
    function() local _ = ml.naive_bayes():fit(tensor { { 1 }, { 2 } }, { 1, 1 }) end)
end

TestKMeans = {}

local function same_clusters(model, expected)
  support.close(model.centers, expected.centers, 1e-12)
  lu.assertEquals(model.fitted.labels:tolist(), expected.labels)
  lu.assertAlmostEquals(model.fitted.inertia, expected.inertia, 1e-9)
  support.close(model(q), expected.distances, 1e-9)
end

local function started(o) return ml.kmeans { n_clusters = 4, init = tensor(oracle.kmeans.start), max_iter = o and o.max_iter } end

function TestKMeans:test_is_scikit_learns_from_the_same_beginning() same_clusters(started():fit(x), oracle.kmeans.plain) end
-- Each row looked at in each iteration.
local function plain_kmeans(rows, weight, centers, iterations)
  local labels
  for _ = 0, iterations do
    local distance = {}
    for k = 1, #centers do distance[k] = (rows - centers:select(1, k)):square():sum(2) end
    labels = ml.stack(distance, 2):argmin(2)
    if _ == iterations then break end
    local of = ml.one_hot(labels, #centers):double() * weight:unsqueeze(2)
    centers = of:transpose(1, 2):matmul(rows) / of:sum(1):unsqueeze(2)
  end
  return centers, labels
end

function TestKMeans:test_rows_that_are_passed_over_would_have_stayed()
  local rows = ml.randn({ 3000, 3 }, DOUBLE) + 50
  local weight = (ml.rand({ 3000 }, DOUBLE) * 3):floor()
  for iterations = 1, 40, 13 do
    for _, input in ipairs { rows, rows:float() } do
      local model = ml.kmeans { n_clusters = 9, init = input:slice(1, 1, 9), max_iter = iterations, tol = 0 }:fit(input, { weight = weight })
      local centers, labels = plain_kmeans(input:double(), weight, input:slice(1, 1, 9):double(), model.fitted.iterations)
      support.close(model.centers, centers:tolist(), 1e-10)
      lu.assertTrue(model.fitted.labels:equal(labels))
    end
  end
end

function TestKMeans:test_with_weights() same_clusters(started():fit(x, { weight = w }), oracle.kmeans.weighted) end
function TestKMeans:test_a_cluster_that_is_left_without_rows_gets_the_farthest_one()
  same_clusters(ml.kmeans { n_clusters = 4, init = tensor(oracle.kmeans.far) }:fit(x), oracle.kmeans.lost)
end

function TestKMeans:test_ends_after_so_many_iterations_and_says_so()
  local model = started { max_iter = 2 }:fit(x)
  same_clusters(model, oracle.kmeans.short)
  lu.assertEquals(model.fitted.notes, { "the centers still moved after 2 iterations" })
end

function TestKMeans:test_finds_clusters_that_are_apart()
  local middle = tensor { { 0, 0 }, { 30, 0 }, { 0, 30 }, { 30, 30 }, { 15, 60 } }
  local rows = ml.cat({ middle + 1, middle - 1, middle }, 1)
  local model = ml.kmeans { n_clusters = 5, seed = 3 }:fit(rows)
  lu.assertAlmostEquals(model.fitted.inertia, 5 * 4, 1e-9)
  support.equal(model:predict(rows), model.fitted.labels)
  support.equal(model.fitted.labels:slice(1, 1, 5), model.fitted.labels:slice(1, 11, 15))
end

function TestKMeans:test_more_beginnings_are_no_worse_and_a_seed_repeats_itself()
  local rows = ml.randn({ 900, 5 }, { dtype = "float64", key = 7 })
  local one, ten = ml.kmeans { seed = 1 }:fit(rows), ml.kmeans { seed = 1, n_init = 6 }:fit(rows)
  lu.assertTrue(ten.fitted.inertia < one.fitted.inertia)
  support.equal(ml.kmeans { seed = 1 }:fit(rows).centers, one.centers)
  lu.assertFalse(ml.kmeans { seed = 2 }:fit(rows).centers:equal(one.centers))
end

function TestKMeans:test_the_bits_do_not_depend_on_threads()
  local rows = ml.randn({ 3000, 17 }, DOUBLE)
  support.equal(with_threads(function() return ml.kmeans { seed = 1, max_iter = 9 }:fit(rows).centers end))
end

function TestKMeans:test_fewer_different_rows_than_clusters_leave_some_empty()
  local model = ml.kmeans { n_clusters = 3, seed = 1 }:fit(tensor { { 1 }, { 1 }, { 4 }, { 4 } })
  lu.assertEquals(model.fitted.inertia, 0)
  lu.assertEquals(model.fitted.notes, { "1 clusters are empty: there are only 2 different rows" })
end

function TestKMeans:test_more_clusters_than_rows_are_refused()
  support.fails("ml.kmeans: n_clusters is 8, but there are 3 rows", function() local _ = ml.kmeans():fit(x:slice(1, 1, 3)) end)
end

function TestKMeans:test_nan_is_named()
  support.fails("ml.kmeans: x is NaN in row 2, column 1\n  hint: numbers that are missing are filled in before: features.impute()",
    function() local _ = ml.kmeans { n_clusters = 1 }:fit(tensor { { 1 }, { 0 / 0 } }) end)
end

function TestKMeans:test_is_saved_and_loaded()
  support.with_folder(function(folder)
    local model = started():fit(x)
    model:save(folder .. "/m.safetensors")
    support.equal(ml.kmeans { n_clusters = 4 }:load(folder .. "/m.safetensors"):predict(q), model:predict(q))
  end)
end

-- Two clusters, and rows that come later: their distances are to the centers of the rows that it was fitted to.
function TestKMeans:test_as_a_feature_gives_the_distances_to_the_centers()
  local Feature = require "moonlab.features.feature"
  local t = ml.data.table { { "a", { 0.0, 0.0, 6.0, 6.0 } }, { "kind", { "x", "y", "x", "y" } }, { "b", { 0.0, 2.0, 8.0, 10.0 } } }
  local step, out = ml.features.kmeans(2):fit(t, { task = "regression", seed = 1 })
  lu.assertEquals(out.names, { "kmeans", "kind" })
  lu.assertEquals(out.kmeans.fields, { "kmeans1", "kmeans2" })
  local far = Feature.apply(step, ml.data.table { { "a", { 3.0 } }, { "kind", { "x" } }, { "b", { 1.0 } } }).kmeans.values:flatten():sort(1)
  support.close(far, { 3, math.sqrt(9 + 64) }, 1e-12)
end

function TestKMeans:test_as_a_feature_refuses_more_clusters_than_rows()
  support.fails("features.kmeans: 3 clusters of 2 rows",
    function() local _ = ml.features.kmeans(3):fit(ml.data.table { a = { 1.0, 2.0 } }, { task = "regression", seed = 1 }) end)
end

TestBaselines = {}

function TestBaselines:test_the_majority_has_the_shares_of_the_classes()
  local model = ml.baseline():fit(tensor { { 1 }, { 2 }, { 3 }, { 4 } }, { 2, 1, 2, 2 })
  lu.assertEquals(model:predict(q:slice(2, 1, 1)):tolist(), ml.full({ 9 }, 2):to("int64"):tolist())
  support.close(model:predict_proba(q:slice(2, 1, 1)):select(1, 1), { 0.25, 0.75 }, 1e-15)
end

function TestBaselines:test_the_mean_and_the_median_of_numbers()
  local rows, target = ml.zeros({ 4, 1 }, DOUBLE), { 1.0, 2.0, 4.0, 10.0 }
  lu.assertEquals(ml.baseline():fit(rows, target):predict(rows):select(1, 1):item(), 4.25)
  lu.assertEquals(ml.baseline { strategy = "median" }:fit(rows, target):predict(rows):select(1, 1):item(), 3)
  lu.assertEquals(ml.baseline { strategy = "median" }:fit(rows, target, { weight = { 5, 1, 1, 1 } }):predict(rows):select(1, 1):item(), 1)
end

function TestBaselines:test_of_a_series_the_last_value_or_the_last_season_goes_on()
  local set = ml.data.windows(ml.arange(1, 40):to "float64", { input = 6, output = 5, standardize = false })
  local window = set:fetch(ml.tensor { 2 }).x -- 2..7
  lu.assertEquals(ml.baseline { strategy = "last" }:fit(set)(window):flatten():tolist(), { 7, 7, 7, 7, 7 })
  lu.assertEquals(ml.baseline { strategy = "seasonal", season = 3 }:fit(set)(window):flatten():tolist(), { 5, 6, 7, 5, 6 })
end

function TestBaselines:test_a_season_longer_than_a_window_is_refused()
  local set = ml.data.windows(ml.arange(1, 40):to "float64", { input = 6, output = 5 })
  support.fails("ml.baseline: season is 7, but a window has 6 rows",
    function() local _ = ml.baseline { strategy = "seasonal", season = 7 }:fit(set) end)
end

function TestBaselines:test_a_strategy_that_does_not_suit_y_is_refused()
  support.fails("ml.baseline: 'mean' is for numbers", function() local _ = ml.baseline { strategy = "mean" }:fit(x, classes) end)
  support.fails("ml.baseline: 'majority' is for classes, integers from 1 (int64)", function() local _ = ml.baseline { strategy = "majority" }:fit(x, y) end)
  support.fails("ml.baseline: 'last' needs windows of a series, as data.windows gives", function() local _ = ml.baseline { strategy = "last" }:fit(x, y) end)
end
