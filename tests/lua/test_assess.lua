-- What a score is worth: intervals, tests, calibration, thresholds and importance against SciPy, statsmodels and scikit-learn
-- (tests/fixtures/make_assess.py), closed forms, and where they are undefined.

local ml = require "moonlab"
local lu = require "luaunit"
local support = require "support"
local json = require "moonlab.json"
local distributions = require "moonlab.distributions"
local bootstrap = require "moonlab.assess.bootstrap"
local intervals = require "moonlab.assess.intervals"
local assess, metrics = ml.assess, ml.metrics
local fixture = dofile "tests/fixtures/assess.lua"

local function float64(x) return ml.tensor(x, { dtype = "float64" }) end
local refuses = support.refuses(function(f, ...)
  local result = f(...) -- no tail call: the place of this line is what the message begins with
  return result
end)

local function near(actual, expected, tolerance, what)
  lu.assertTrue(math.abs(actual - expected) <= tolerance * math.max(math.abs(expected), 1e-12),
    ("%s: %.17g, expected %.17g"):format(what or "", actual, expected))
end

-- Results of probabilities of class 2, of scores, of numbers.
local function of_probabilities(p, y)
  p = float64(p)
  return { rows = #p, y = ml.tensor(y), probabilities = ml.stack({ 1 - p, p }, 2) }
end
local function of_scores(z, y) return { rows = #y, y = ml.tensor(y), output = float64(z) } end
local function of_numbers(p, y) return { rows = #y, y = float64(y), output = float64(p) } end

-- Distributions ------------------------------------------------------------------------------------------------------------------------

TestDistributions = {}

for name, cases in pairs(fixture.distributions) do
  TestDistributions[("test_%s_is_that_of_scipy"):format(name)] = function()
    for _, case in ipairs(cases) do
      local given = table.move(case, 1, #case - 1, 1, {})
      near(distributions[name](table.unpack(given)), case[#case], 1e-11, name .. "(" .. table.concat(given, ", ") .. ")")
    end
  end
end

-- Bootstrap ----------------------------------------------------------------------------------------------------------------------------

TestBootstrap = {}

-- 40 rows, 30 of them right.
local function rows_right()
  local p, y = {}, {}
  for i = 1, 40 do p[i], y[i] = (i % 20 + 1) / 22, (i % 4 == 0) and ((i % 20 + 1) / 22 > 0.5 and 1 or 2) or ((i % 20 + 1) / 22 > 0.5 and 2 or 1) end
  return of_probabilities(p, y)
end

function TestBootstrap:test_bca_has_the_ends_of_scipy()
  local case = fixture.bca
  local low, high = bootstrap.bca(case.sorted, 0.95, case.value, case.others)
  near(low, case.low, 1e-12)
  near(high, case.high, 1e-12)
end

function TestBootstrap:test_the_standard_error_of_an_accuracy_is_that_of_the_binomial()
  local one = assess.bootstrap("accuracy", rows_right(), { samples = 2000 })
  lu.assertEquals(one.value, 0.75)
  lu.assertAlmostEquals(one.se, math.sqrt(0.75 * 0.25 / 40), 0.004)
  lu.assertTrue(one.low < 0.65 and one.low > 0.55 and one.high > 0.83 and one.high < 0.93)
end

function TestBootstrap:test_a_seed_gives_the_same_interval_and_another_another()
  local function ends(seed) local one = assess.bootstrap("auc", rows_right(), { samples = 100, seed = seed }); return { one.low, one.high } end
  lu.assertEquals(ends(1), ends(1))
  lu.assertNotEquals(ends(1), ends(2))
end

function TestBootstrap:test_weights_of_draws_give_what_drawn_rows_give()
  local result = rows_right()
  local counts = ml.randint(1, 40, { 40 }):bincount { minlength = 40 }
  local rows = {}
  for i, n in ipairs(counts:tolist()) do for _ = 1, n do rows[#rows + 1] = i end end
  rows = ml.tensor(rows)
  local drawn = { rows = 40, y = result.y:index_select(1, rows), probabilities = result.probabilities:index_select(1, rows) }
  local weighted = require "moonlab.metrics.result".weighted(result, counts:double())
  for _, name in ipairs { "auc", "average_precision", "log_loss", "brier", "f1", "mcc", "balanced_accuracy", "calibration_error" } do
    near(metrics.of(name, weighted), metrics.of(name, drawn), 1e-13, name)
  end
end

function TestBootstrap:test_intervals_of_all_scores_are_those_of_each()
  local found = intervals.of({ "accuracy", "auc", "loss" }, rows_right(), { seed = 7 })
  lu.assertEquals({ found.samples, found.level, found.by.loss }, { 400, 0.95, nil })
  for _, name in ipairs { "accuracy", "auc" } do
    local one = assess.bootstrap(name, rows_right(), { samples = 400, seed = 7, method = "percentile" })
    lu.assertEquals(found.by[name], { low = one.low, high = one.high })
  end
end

function TestBootstrap:test_of_many_rows_fewer_resamples_are_drawn_and_then_none()
  local y = ml.arange(1, 30000) % 2 + 1
  local result = { rows = 30000, y = y, output = (y * 2 - 3):double() * ((ml.arange(1, 30000) % 10):ne(0):double() - 0.5), classes = 2 }
  local found = intervals.of({ "accuracy" }, result, { seed = 1 })
  lu.assertEquals(found.samples, 133)
  lu.assertAlmostEquals(found.by.accuracy.high - found.by.accuracy.low, 2 * 1.96 * math.sqrt(0.09 / 30000), 0.002) -- few resamples: by their deviation
  lu.assertNil(intervals.of({ "accuracy" }, { rows = 100000, y = ml.ones(100000):to "int64" }, { seed = 1 }))
  lu.assertNil(intervals.of({ "accuracy" }, of_probabilities({ 0.1, 0.9, 0.8 }, { 1, 2, 2 }), { seed = 1 })) -- all right: no width
end

function TestBootstrap:test_groups_are_drawn_whole()
  local p, y, group = {}, {}, {}
  for i = 1, 40 do p[i], y[i], group[i] = 0.9, i <= 20 and 1 or 2, i <= 20 and "a" or "b" end
  local one = assess.bootstrap("accuracy", of_probabilities(p, y), { method = "percentile", group = group })
  lu.assertEquals({ one.low, one.high }, { 0.0, 1.0 })
end

function TestBootstrap:test_what_can_not_be_said_is_nil_and_says_why()
  lu.assertEquals({ assess.bootstrap("auc", of_probabilities({ 0.1, 0.2 }, { 1, 1 })) }, { nil, "all rows are of one class" })
  lu.assertEquals({ assess.bootstrap("loss", of_probabilities({ 0.1 }, { 1 })) }, { nil, "there was no loss" })
  lu.assertEquals({ assess.bootstrap("accuracy", { matrix = { { 1 } }, rows = 1 }) }, { nil, "the rows have no classes" })
  local one = assess.bootstrap("accuracy", of_probabilities({ 0.9 }, { 2 }), { samples = 10 })
  lu.assertEquals({ one.low, one.high, one.method }, { 1.0, 1.0, "percentile" })
  refuses("assess.bootstrap: level must be between 0 and 1, got 95", assess.bootstrap, "auc", rows_right(), { level = 95 })
  refuses("bootstrap: 1 groups, but 40 rows", assess.bootstrap, "auc", rows_right(), { group = { 1 } })
end

-- Tests --------------------------------------------------------------------------------------------------------------------------------

TestPaired = {}

function TestPaired:test_the_corrected_t_is_that_of_its_formula()
  local case = fixture.t_tests
  local one = assess.corrected_t(case.a, case.b, { train = 900, test = 100 })
  near(one.t, case.t, 1e-12)
  near(one.p, case.p, 1e-11)
  lu.assertTrue(one.low < one.difference and one.high > one.difference)
  lu.assertEquals({ assess.corrected_t({ 1, 2 }, { 0, 1 }) }, { nil, "all differences are equal" })
end

function TestPaired:test_an_interval_ends_where_p_is_one_in_twenty()
  local case, moved = fixture.t_tests, {}
  local low = assess.corrected_t(case.a, case.b).low
  for i, v in ipairs(case.a) do moved[i] = v - low end
  near(assess.corrected_t(moved, case.b).p, 0.05, 1e-9)
end

function TestPaired:test_five_by_two_is_that_of_its_formula()
  local case = fixture.t_tests
  local one = assess.five_by_two(case.pairs_a, case.pairs_b)
  near(one.t, case.t5, 1e-12)
  near(one.p, case.p5, 1e-11)
end

function TestPaired:test_mcnemar_is_that_of_statsmodels()
  for _, case in ipairs(fixture.mcnemars) do
    local a, b, y = {}, {}, {}
    for i = 1, 100 do
      y[i] = 1
      a[i] = i <= case.only_a and 1 or i <= case.only_a + case.only_b and 2 or 1
      b[i] = i <= case.only_a and 2 or i <= case.only_a + case.only_b and 1 or 1
    end
    local one = assess.mcnemar(a, b, y)
    lu.assertEquals({ one.only_a, one.only_b, one.exact }, { case.only_a, case.only_b, case.exact })
    near(one.p, case.p, 1e-12)
    if not case.exact then near(one.statistic, case.statistic, 1e-12) end
  end
  lu.assertEquals({ assess.mcnemar({ 1 }, { 1 }, { 2 }) }, { nil, "both models are right and wrong on the same rows" })
end

function TestPaired:test_wilcoxon_is_that_of_scipy()
  for i, case in ipairs(fixture.wilcoxons) do
    local one = assess.wilcoxon(case.a, float64(case.b))
    near(one.statistic, case.statistic, 1e-12, "statistic " .. i)
    near(one.p, case.p, 1e-11, "p " .. i)
  end
  lu.assertEquals({ assess.wilcoxon({ 1, 2 }, { 1, 2 }) }, { nil, "all pairs are equal" })
end

function TestPaired:test_pairs_must_be_pairs()
  refuses("assess.corrected_t: 2 scores of one model, but 1 of the other", assess.corrected_t, { 1, 2 }, { 1 })
  refuses("assess.corrected_t: at least 2 pairs are needed, got 1", assess.corrected_t, { 1 }, { 1 })
  refuses("assess.wilcoxon: pair 2 is NaN", assess.wilcoxon, { 1, 0 / 0 }, { 1, 2 })
  refuses("assess.five_by_two: five pairs of scores of each model are needed", assess.five_by_two, { 1 }, { 1 })
end

-- Six folds of 40 rows; noise is how far the probabilities are from the classes.
local function folds_of(noise, seed)
  local list = {}
  for k = 1, 6 do
    local y = ml.randint(1, 2, { 40 }, { key = k })
    local p = (y:double() - 1.5) * 0.6 + 0.5 + (ml.rand(40, { key = k + seed, dtype = "float64" }) - 0.5) * noise
    list[k] = of_probabilities(p:clamp(0.01, 0.99):tolist(), y:tolist())
  end
  return list
end

function TestPaired:test_a_better_model_is_told_from_a_worse_one_in_the_same_folds()
  local one = assess.compare("accuracy", folds_of(0.7, 10), folds_of(3, 20))
  lu.assertTrue(one.corrected_t.p < 0.05 and one.rows.p < 0.001 and one.mean_a > one.mean_b)
  lu.assertStrContains(one.text, "more than chance explains")
  lu.assertEquals(#one.a, 6)
end

function TestPaired:test_numbers_are_compared_by_their_errors()
  local y = ml.randn(30, { key = 1, dtype = "float64" })
  local a, b = y + 0.1 * ml.randn(30, { key = 2, dtype = "float64" }), y + ml.randn(30, { key = 3, dtype = "float64" })
  local function halves(p)
    return { of_numbers(p:slice(1, 1, 15):tolist(), y:slice(1, 1, 15):tolist()), of_numbers(p:slice(1, 16, 30):tolist(), y:slice(1, 16, 30):tolist()) }
  end
  lu.assertTrue(assess.compare("rmse", halves(a), halves(b)).rows.p < 1e-4)
end

function TestPaired:test_models_are_compared_on_the_same_rows_alone()
  local other = folds_of(1, 1)
  other[2], other[3] = other[3], other[2]
  refuses("assess.compare: the rows of fold 2 are not the same for both models", assess.compare, "accuracy", folds_of(1, 1), other)
end

TestSpread = {}

function TestSpread:test_accuracies_are_tested_as_by_pearson()
  local case, scores, variances, right, all = fixture.folds, {}, {}, 0, 0
  for k, n in ipairs(case.rows) do right, all = right + case.right[k], all + n end
  local p = right / all
  for k, n in ipairs(case.rows) do scores[k], variances[k] = case.right[k] / n, p * (1 - p) / n end
  local one = assess.homogeneity(scores, case.rows, variances)
  near(one.q, case.q, 1e-12)
  near(one.p, case.p, 1e-11)
end

function TestSpread:test_a_fold_that_is_unlike_the_others_is_told_and_folds_that_are_alike_are_not()
  local alike, unlike = folds_of(2, 30), folds_of(2, 30)
  unlike[2] = folds_of(0.1, 40)[2]
  unlike[2].probabilities = unlike[2].probabilities:flip(2)
  lu.assertFalse(assess.fold_spread("accuracy", alike).differ)
  local one = assess.fold_spread("auc", unlike)
  lu.assertTrue(one.differ)
  lu.assertStrContains(one.text, "auc of the folds differs more than chance allows (Cochran's Q = ")
  lu.assertEquals({ assess.homogeneity({ 1 }, { 3 }, { 0 }) }, { nil, "there is one fold alone" })
end

function TestSpread:test_folds_of_one_row_tell_nothing_of_chance()
  local single = {}
  for k = 1, 4 do single[k] = of_scores({ k % 2 - 0.5 }, { k % 3 == 0 and 1 or 2 }) end
  lu.assertEquals({ assess.fold_spread("accuracy", single) }, { nil, "fold 1: one row has no spread" })
  lu.assertEquals({ assess.homogeneity({ 0.9, 1 }, { 3, 3 }, { 1e-33, 0 }) }, { nil, "the scores have no variance within the folds" })
end

function TestSpread:test_the_variance_within_a_small_fold_is_not_made_smaller_by_resampling()
  local one = of_numbers({ 0, 0 }, { 1, 3 })
  near(require "moonlab.assess.spread".within({ "mae" }, one, 1, 1, { samples = 20000 }).mae, 1, 0.05) -- 2 / 2: the sample variance of errors 1 and 3, of a mean of two
end

-- Calibration --------------------------------------------------------------------------------------------------------------------------

TestCalibration = {}

local case = fixture.calibrations

local function fitted(method, weight)
  local result = of_scores(case.f, case.y)
  result.weight = weight and float64(weight)
  return assess.calibrate(result, { method = method })
end

local function at(calibrator)
  local y = {}
  for i = 1, #case.at do y[i] = 1 end
  return calibrator:apply(of_scores(case.at, y)).probabilities:select(2, 2)
end

function TestCalibration:test_sigmoid_and_isotonic_map_as_scikit_learn_does()
  support.close(at(fitted "sigmoid"), case.sigmoid, 1e-5) -- its solver ends there
  support.close(at(fitted("sigmoid", case.w)), case.sigmoid_weighted, 1e-5)
  support.close(at(fitted "isotonic"), case.isotonic, 1e-12)
  support.close(at(fitted("isotonic", case.w)), case.isotonic_weighted, 1e-12)
end

function TestCalibration:test_the_sigmoid_has_no_slope_left()
  local c, f, y = fitted "sigmoid", float64(case.f), ml.tensor(case.y):eq(2):double()
  local n = y:sum():item()
  local t = y * ((n + 1) / (n + 2) - 1 / (#y - n + 2)) + 1 / (#y - n + 2)
  local r = (f * c.maps[1].a + c.maps[1].b):sigmoid() - t
  lu.assertAlmostEquals(r:sum():item(), 0, 1e-8)
  lu.assertAlmostEquals((r * f):sum():item(), 0, 1e-8)
end

function TestCalibration:test_the_temperature_is_that_of_scikit_learn_and_changes_no_answer()
  local result = of_scores(case.z, case.y3)
  local c = assess.calibrate(result)
  lu.assertEquals(c.method, "temperature")
  near(c.temperature, case.temperature, 1e-4)
  local other = of_scores(case.z, case.y3)
  local after = c:apply(other)
  lu.assertTrue(metrics.of("log_loss", after) < metrics.of("log_loss", other))
  lu.assertEquals(metrics.of("accuracy", after), metrics.of("accuracy", other))
end

function TestCalibration:test_several_classes_sum_to_one()
  for _, method in ipairs { "sigmoid", "isotonic" } do
    local c = assess.calibrate(of_scores(case.z, case.y3), { method = method })
    local p = c:apply(of_scores(case.z, case.y3)).probabilities
    support.close(p:sum(2), ml.ones(#case.y3, { dtype = "float64" }), 1e-12)
    lu.assertTrue(metrics.log_loss(p:clamp(1e-6, 1) / p:clamp(1e-6, 1):sum({ 2 }, { keepdim = true }), case.y3) < 1.1)
  end
end

function TestCalibration:test_a_calibrator_does_not_judge_the_rows_that_it_was_fitted_to()
  local result = of_scores(case.f, case.y)
  local c = assess.calibrate(result)
  refuses("calibrator: it was fitted to these rows, so that they can't judge it; apply it to rows of another part", c.apply, c, result)
  refuses("calibrator: it is for 2 classes, not 3", c.apply, c, of_scores(case.z, case.y3))
end

function TestCalibration:test_a_calibrator_is_plain_data()
  for _, method in ipairs { "sigmoid", "isotonic", "temperature" } do
    local c = fitted(method)
    local again = assess.calibrator(json.decode(json.encode(c)))
    local p = again:apply(of_scores(case.f, case.y))
    support.equal(p.probabilities or p.output, (c:apply(of_scores(case.f, case.y)).probabilities or c:apply(of_scores(case.f, case.y)).output))
  end
end

function TestCalibration:test_what_can_not_be_fitted_is_nil_and_says_why()
  lu.assertEquals({ assess.calibrate(of_scores({ 1, 2 }, { 2, 2 })) }, { nil, "no row is of class 1" })
  lu.assertEquals({ assess.calibrate(of_scores({ -1, 2 }, { 1, 2 }), { method = "temperature" }) },
    { nil, "every row is answered right: no temperature is best" })
  lu.assertEquals({ assess.calibrate(of_scores({ 1, -2 }, { 1, 2 }), { method = "temperature" }) },
    { nil, "the scores tell nothing of the classes: no temperature is best" })
  lu.assertEquals({ assess.calibrate(of_scores({ 1, 0 / 0 }, { 1, 2 })) }, { nil, "the output of row 2 is NaN" })
  local flat = assess.calibrate(of_scores({ 1, 1, 1 }, { 1, 2, 2 }), { method = "isotonic" })
  lu.assertAlmostEquals(flat:apply(of_scores({ 5 }, { 1 })).probabilities:select(2, 2):item(), 2 / 3, 1e-15)
end

-- Thresholds ---------------------------------------------------------------------------------------------------------------------------

TestThreshold = {}

local P, Y = { 0.1, 0.2, 0.35, 0.35, 0.5, 0.8, 0.9 }, { 1, 1, 2, 1, 1, 2, 2 }

function TestThreshold:test_no_other_threshold_costs_less()
  local cost = { { 0, 1 }, { 3, 0 } }
  local one = assess.threshold(of_probabilities(P, Y), { cost = cost })
  local least = math.huge
  for t = 0, 1.01, 0.01 do
    local sum = 0
    for i, p in ipairs(P) do sum = sum + cost[Y[i]][p >= t and 2 or 1] end
    least = math.min(least, sum / #P)
  end
  lu.assertAlmostEquals(one.cost, least, 1e-15)
  lu.assertEquals(one.of_probabilities, 0.25)
  lu.assertAlmostEquals(one.threshold, 0.275, 1e-15)
end

function TestThreshold:test_the_largest_f1_is_found_and_applied_to_other_rows()
  local one = assess.threshold(of_probabilities(P, Y), { maximise = "f1" })
  lu.assertAlmostEquals(one.threshold, 0.65, 1e-15)
  lu.assertAlmostEquals(one.score, 0.8, 1e-15)
  local after = one:apply(of_probabilities(P, Y))
  lu.assertAlmostEquals(metrics.of("f1", after), 0.8, 1e-15)
  lu.assertAlmostEquals(metrics.of("auc", after), metrics.of("auc", of_probabilities(P, Y)), 1e-15)
end

function TestThreshold:test_never_and_always_are_thresholds_too()
  lu.assertEquals(assess.threshold(of_probabilities(P, Y), { cost = { { 0, 100 }, { 1, 0 } } }).cost, 2 / 7 < 3 / 7 and 1 / 7 or 0)
  lu.assertEquals(assess.threshold(of_probabilities({ 0.9, 0.8 }, { 1, 1 }), { cost = { { 0, 1 }, { 1, 0 } } }).threshold, math.huge)
  lu.assertEquals(assess.threshold(of_probabilities({ 0.1, 0.2 }, { 2, 2 }), { cost = { { 0, 1 }, { 1, 0 } } }).threshold, 0)
end

function TestThreshold:test_what_is_wrong_is_told()
  refuses("assess.threshold: say what counts, either cost = {{0, 1}, {5, 0}} or maximise = 'f1'", assess.threshold, of_probabilities(P, Y), {})
  refuses("assess.threshold: cost is what each answer costs, cost[actual][predicted]: {{0, 1}, {5, 0}}", assess.threshold, of_probabilities(P, Y),
    { cost = { 1, 2 } })
  refuses("assess.threshold: of 'log_loss' smaller values are the better ones", assess.threshold, of_probabilities(P, Y), { maximise = "log_loss" })
  lu.assertEquals({ assess.threshold(of_scores(case.z, case.y3), { maximise = "accuracy" }) }, { nil, "there are 3 classes, not two" })
end

-- Importance ---------------------------------------------------------------------------------------------------------------------------

TestImportance = {}

local Weighted = ml.nn.Module:extend "Weighted"
function Weighted:init(weights) self.weights = ml.tensor(weights, { dtype = "float32" }):reshape { -1, 1 } end
function Weighted:forward(x) return x:matmul(self.weights) end

local function numbers_set(n)
  local x = ml.randn(n, 3, { key = 5 })
  return ml.data.tensors { x = x, y = x:matmul(ml.tensor { { 2.0 }, { 1.0 }, { 0.0 } }) }
end

function TestImportance:test_columns_come_by_what_the_score_loses()
  local list, score = assess.permutation_importance(Weighted { 2.0, 1.0, 0.0 }, numbers_set(300), { fields = { "a", "b", "c" }, metric = "mse" })
  lu.assertEquals({ list[1].name, list[2].name, list[3].name, score }, { "a", "b", "c", 0.0 })
  -- two draws of a variance v differ by 2 v in the mean square
  lu.assertAlmostEquals(list[1].mean, 2 * 4, 1.2)
  lu.assertAlmostEquals(list[2].mean, 2, 0.4)
  lu.assertEquals(list[3].drops, { 0.0, 0.0, 0.0, 0.0, 0.0 })
end

function TestImportance:test_a_seed_gives_the_same_importance_whatever_columns_are_asked_for()
  local function drops(o) return assess.permutation_importance(Weighted { 2.0, 1.0, 0.0 }, numbers_set(50), o)[1].drops end
  lu.assertEquals(drops { seed = 3, columns = { "x1" } }, drops { seed = 3 })
  lu.assertNotEquals(drops { seed = 4 }, drops { seed = 3 })
end

function TestImportance:test_columns_of_a_table_are_those_before_the_pipeline()
  local pipeline, features = require "moonlab.features.pipeline", ml.features
  local rows = ml.data.table { { "age", { 20, 30, 40, 50 } }, { "city", { "Rome", "Bern", "Rome", "Bern" } }, { "noise", { 1.5, 2.5, 0.5, 3.5 } } }
  local p = pipeline.fit(rows, { columns = {}, derive = {}, excluded = {}, features = { features.standardize(), features.one_hot() },
    context = { seed = 1, task = "regression" } })
  lu.assertEquals(p.fields, { "age", "city=Bern", "city=Rome", "noise" })
  local x = pipeline.x(pipeline.apply(p, rows))
  local set = ml.data.tensors { x = x, y = x:matmul(ml.tensor { { 0.0 }, { 1.0 }, { 0.0 }, { 0.0 } }) }
  local model = Weighted { 0.0, 1.0, 0.0, 0.0 }
  local list = assess.permutation_importance(model, set, { table = rows, pipeline = p, repeats = 10 })
  lu.assertEquals(list[1].name, "city")
  lu.assertTrue(list[1].mean > 0)
  lu.assertEquals({ #list, list[2].mean, list[3].mean }, { 3, 0.0, 0.0 })
  local one = assess.partial_dependence(model, set, { column = "city", table = rows, pipeline = p })
  lu.assertEquals({ one.values, one.mean }, { { "Bern", "Rome" }, { 1.0, 0.0 } })
  lu.assertEquals(assess.partial_dependence(model, set, { column = "age", values = { 25, 60 }, table = rows, pipeline = p }).mean, { 0.5, 0.5 })
end

function TestImportance:test_the_partial_dependence_of_a_linear_model_is_its_line()
  local set = numbers_set(100)
  local one = assess.partial_dependence(Weighted { 2.0, 1.0, 0.0 }, set, { column = 2, points = 5 })
  local others = set:column "x":select(2, 1):double():mean():item() * 2
  lu.assertEquals(#one.values, 5)
  for i, v in ipairs(one.values) do lu.assertAlmostEquals(one.mean[i], others + v, 1e-6) end
end

function TestImportance:test_classes_answer_with_the_probability_of_one()
  local set = ml.data.tensors { x = ml.tensor { { 0.0, 1.0 }, { 0.0, -1.0 } }, y = ml.tensor { 1, 2 } }
  local one = assess.partial_dependence(Weighted { 1.0, 0.0 }, set, { column = "x1", values = { 0, 2 } })
  lu.assertAlmostEquals(one.mean[1], 0.5, 1e-12)
  lu.assertAlmostEquals(one.mean[2], 1 / (1 + math.exp(-2)), 1e-7)
end

function TestImportance:test_what_is_wrong_is_told()
  local set = numbers_set(10)
  refuses("assess: unknown column 'x4'; did you mean 'x1'?", assess.partial_dependence, Weighted { 1, 1, 1 }, set, { column = "x4" })
  refuses("assess.partial_dependence: which column? Write {column = 'age'}", assess.partial_dependence, Weighted { 1, 1, 1 }, set, {})
  refuses("assess: table and pipeline go together", assess.permutation_importance, Weighted { 1, 1, 1 }, set, { table = {} })
  lu.assertEquals({ assess.permutation_importance(Weighted { 1, 1, 1 }, set, { metric = "auc" }) }, { nil, "the rows have no classes with scores" })
end

-- Worst rows ---------------------------------------------------------------------------------------------------------------------------

TestWorst = {}

function TestWorst:test_rows_come_by_what_they_lose()
  local list = assess.worst(of_probabilities({ 0.9, 0.2, 0.6, 0.1 }, { 2, 2, 1, 1 }), { n = 2 })
  lu.assertEquals({ list[1].row, list[1].actual, list[1].predicted, #list }, { 2, 2, 1, 2 })
  lu.assertAlmostEquals(list[1].loss, -math.log(0.2), 1e-15)
  lu.assertAlmostEquals(list[2].probability, 0.4, 1e-15)
  lu.assertEquals(assess.worst(of_numbers({ 1, 5, 3 }, { 1, 2, 4 }))[1], { row = 2, loss = 3.0, actual = 2.0, predicted = 5.0 })
  lu.assertEquals(#assess.worst(of_numbers({ 1, 5, 3 }, { 1, 5, 4 })), 1) -- right answers are none of the worst
  lu.assertEquals({ assess.worst({ matrix = { { 1 } } }) }, { nil, "the rows have no classes with probabilities" })
end
