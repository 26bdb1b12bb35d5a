-- Plots that compute something first: curves of scores, boxes, bins; scikit-learn and numpy are the oracles.

local ml = require "moonlab"
local lu = require "luaunit"
local support = require "support"
local box = require "moonlab.plot.box"
local calibration = require "moonlab.plot.calibration"
local curves = require "moonlab.plot.curves"
local fixture = dofile "tests/fixtures/curves.lua"
local plot = ml.plot

-- Two lists of numbers agree to what the fixture shows.
local function agree(actual, expected)
  lu.assertEquals(#actual, #expected)
  for i, x in ipairs(expected) do lu.assertAlmostEquals(actual[i], x, 1e-10 * math.max(1, math.abs(x))) end
end

local function positives(labels) return curves.positives(labels, nil, "test") end

TestCurves = {}

for i, case in ipairs(fixture.curves) do
  TestCurves["test_roc_agrees_with_scikit_learn_" .. i] = function()
    local x, y, area = curves.roc(case.scores, positives(case.labels))
    agree(x, case.fpr)
    agree(y, case.tpr)
    lu.assertAlmostEquals(area, case.auc, 1e-10)
  end
  TestCurves["test_precision_and_recall_agree_with_scikit_learn_" .. i] = function()
    local x, y, average = curves.precision_recall(case.scores, positives(case.labels))
    agree(x, case.recall)
    agree(y, case.precision)
    lu.assertAlmostEquals(average, case.ap, 1e-10)
  end
end

for i, case in ipairs(fixture.calibration) do
  TestCurves["test_calibration_agrees_with_scikit_learn_" .. i] = function()
    local x, y = calibration.curve(case.p, positives(case.labels), case.bins)
    agree(x, case.predicted)
    agree(y, case.observed)
  end
end

for i, case in ipairs(fixture.boxes) do
  TestCurves["test_quartiles_agree_with_numpy_" .. i] = function()
    local n = box.numbers(case.x)
    agree({ n.low, n.q1, n.median, n.q3, n.high }, case.numbers)
    agree(n.outliers, case.outliers)
  end
end

for i, case in ipairs(fixture.bins) do
  TestCurves["test_as_many_bins_as_numpy_" .. i] = function()
    lu.assertEquals(#plot.hist(case.x).scene.panels[1].marks[1], case.count)
  end
end

TestLabels = {}

function TestLabels:test_labels_may_be_of_any_two_kinds()
  local expected = { false, true }
  for _, labels in ipairs { { 0, 1 }, { false, true }, { 1, 2 }, { -1, 1 }, ml.tensor { 0, 1 }, ml.tensor({ 1, 2 }, { dtype = "int64" }) } do
    lu.assertEquals(curves.positives(labels, nil, "roc"), expected)
  end
  lu.assertEquals(curves.positives({ "ham", "spam" }, "spam", "roc"), expected)
  lu.assertEquals(curves.positives({ 1, 0 }, 0, "roc"), expected)
end

function TestLabels:test_what_is_not_of_two_kinds_is_refused()
  support.fails("plot.roc: labels have 3 different values, two are needed", function() plot.roc({ 1, 2, 3 }, { 1, 2, 3 }) end)
  support.fails("plot.roc: 2 of 2 labels are positive; both classes are needed", function() plot.roc({ 1, 2 }, { 1, 1 }) end)
  support.fails("plot.roc: 0 of 2 labels are positive; both classes are needed", function() plot.roc({ 1, 2 }, { 0, 0 }) end)
  support.fails("plot.pr: which label is the positive one? write positive = 'spam'", function() plot.pr({ 1, 2 }, { "ham", "spam" }) end)
  support.fails("plot.roc: 3 scores for 2 labels", function() plot.roc({ 1, 2, 3 }, { 0, 1 }) end)
  support.fails("plot.calibration: probability 2 is 1.5, beyond 0..1", function() plot.calibration({ 0, 1.5 }, { 0, 1 }) end)
end

TestCurvePlots = {}

local function shows(expected, p) lu.assertEquals(tostring(p), table.concat(expected, "\n")) end

function TestCurvePlots:test_roc_has_its_area_in_the_legend()
  shows({
    "* AUC 0.750",
    "true positive rate",
    "1.0 +            *************",
    "    |            *   .   .",
    "0.5 +*************",
    "    |*   .   .",
    "0.0 +*",
    "    ++-----------+-----------+",
    "     0.0        0.5        1.0",
    "        false positive rate",
  }, plot.roc({ 0.1, 0.4, 0.35, 0.8 }, { 0, 0, 1, 1 }, { width = 30, height = 5, utf8 = false }))
end

function TestCurvePlots:test_scores_that_are_nan_are_left_out_and_counted()
  local p = plot.roc({ 0.1, 0.4, 0.35, 0.8, 0 / 0 }, { 0, 0, 1, 1, 1 }, { width = 60 })
  lu.assertStrContains(tostring(p), "AUC 0.750")
  lu.assertStrContains(tostring(p), "1 score that is NaN is left out")
end

function TestCurvePlots:test_several_models_have_letters()
  local p = plot.pr({ { "linear", { 1, 2 } }, { "net", { 2, 1 } } }, { 0, 1 }, { width = 60 })
  lu.assertStrContains(tostring(p), "* linear (AP 1.000)  o net (AP 0.500)")
end

function TestCurvePlots:test_box_has_whiskers_and_outliers()
  shows({
    "cat |-=M==              o",
    "dog        |-=M=-|",
    "    -------+--------+----",
    "           5       10",
  }, plot.box({ { "cat", { 1, 2, 2, 3, 4, 12 } }, { "dog", { 5, 6, 7, 8 } } }, { width = 26, utf8 = false }))
end

function TestCurvePlots:test_learning_curve_marks_the_best_epoch()
  local records = { { epoch = 1, loss = 3, valid_loss = 2 }, { epoch = 2, loss = 2, valid_loss = 1 }, { epoch = 3, loss = 1, valid_loss = 3 } }
  shows({
    "loss",
    "3 +***      .       oo o valid",
    "  |   ****        oo",
    "2 +ooo    ***** oo",
    "  |   oooo    oo***",
    "1 +       oo@o     *** * train",
    "  ++--------+--------+",
    "   1        2        3",
    "          epoch",
    "best epoch 2: valid loss 1",
  }, plot.learning_curve(records, { width = 30, height = 5, utf8 = false }))
end

function TestCurvePlots:test_learning_curve_believes_the_records_about_the_best()
  local p = plot.learning_curve { { epoch = 1, loss = 3, valid_loss = 1, best = true }, { epoch = 2, loss = 2, valid_loss = 2, best = true } }
  lu.assertStrContains(tostring(p), "best epoch 2: valid loss 2")
end

function TestCurvePlots:test_learning_curve_joins_epochs_that_were_validated()
  local p = plot.learning_curve { { epoch = 1, loss = 3, valid_loss = 2 }, { epoch = 2, loss = 2 }, { epoch = 3, loss = 1, valid_loss = 1 } }
  lu.assertEquals(p.scene.panels[1].marks[3].x, { 0, 1 })
  support.fails("plot.learning_curve: no record has f1 or valid_f1", function() plot.learning_curve({ { epoch = 1, loss = 3 } }, { metric = "f1" }) end)
end

function TestCurvePlots:test_pairs_have_histograms_on_the_diagonal()
  shows({
    "  a             b",
    "a|#   #    #  #|*",
    " |#   #    #  #|    *   *",
    " |#   #    #  #|            *",
    " +---------------------------",
    "b|*            |#   #    #  #",
    " |    *   *    |#   #    #  #",
    " |            *|#   #    #  #",
    " +---------------------------",
  }, plot.pairs({ { "a", { 1, 2, 3, 4 } }, { "b", { 4, 3, 2, 1 } } }, { width = 30, height = 3, utf8 = false }))
end

function TestCurvePlots:test_pairs_refuse_too_few_columns_and_uneven_ones()
  support.fails("plot.pairs: 2 to 10 columns of numbers are needed, got 1", function() plot.pairs { { "a", { 1 } } } end)
  support.fails("plot.pairs: column 'b' has 1 values, 'a' has 2", function() plot.pairs { { "a", { 1, 2 } }, { "b", { 1 } } } end)
end

TestTicks = {}

local ticks = require "moonlab.plot.ticks"

local function texts(list)
  local out = {}
  for i, tick in ipairs(list) do out[i] = tick.text end
  return table.concat(out, " ")
end

function TestTicks:test_numbers_stand_at_multiples_of_1_2_and_5()
  lu.assertEquals(texts(ticks.linear(0, 1, 5)), "0.0 0.2 0.4 0.6 0.8 1.0")
  lu.assertEquals(texts(ticks.linear(-3, 7, 4)), "0 5")
  lu.assertEquals(texts(ticks.linear(0.0012, 0.0019, 4)), "0.0012 0.0014 0.0016 0.0018")
  lu.assertEquals(texts(ticks.linear(0, 5e7, 3)), "0 2e7 4e7")
  lu.assertEquals(texts(ticks.linear(1e-9, 3e-9, 3)), "1e-9 2e-9 3e-9")
  lu.assertEquals(texts(ticks.linear(1000000, 1000010, 3)), "1000000 1000005 1000010")
  lu.assertEquals(texts(ticks.linear(1, 3, 10, true)), "1 2 3")
end

function TestTicks:test_powers_of_ten_stand_on_logarithmic_axes()
  lu.assertEquals(texts(ticks.log(1, 1e6, 7)), "1 10 100 1000 10000 100000 1e6")
  lu.assertEquals(texts(ticks.log(1, 50, 8)), "1 2 5 10 20 50")
  lu.assertEquals(texts(ticks.log(1e-12, 1e12, 5)), "1e-10 1e-5 1 100000 1e10")
end

function TestTicks:test_times_stand_at_whole_units()
  lu.assertEquals(texts(ticks.time(0, 86400 * 365 * 30, 4)), "1970 1980 1990")
  lu.assertEquals(texts(ticks.time(951696000, 951955200, 4)), "2000-02-28 2000-02-29 2000-03-01 2000-03-02")
  lu.assertEquals(texts(ticks.time(0, 3600, 4)), "00:00 00:15 00:30 00:45 01:00")
  lu.assertEquals(texts(ticks.time(-86400 * 60, 0, 3)), "1969-12 1970-01")
  lu.assertEquals(texts(ticks.time(0, 4, 4)), "00:00:00 00:00:01 00:00:02 00:00:03 00:00:04")
  lu.assertEquals(texts(ticks.time(-5e9, -4.9e9, 2)), "1812 1814")
end
