-- Metrics against scikit-learn and pycocotools (tests/fixtures/make_metrics.py), asked for in each of the three ways, and where they are
-- undefined or asked for what is wrong.

local ml = require "moonlab"
local lu = require "luaunit"
local support = require "support"
local metrics = ml.metrics
local fixture = dofile "tests/fixtures/metrics.lua"

local nan = 0 / 0

local function float64(x) return ml.tensor(x, { dtype = "float64" }) end

-- A name with options -> its direct function and the options.
local function direct(name, weight)
  local base, inside = name:match "^([%w_]+)%((.*)%)$"
  local o = { weight = weight }
  for key, value in (inside or ""):gmatch "([%w_]+)=([%w.]+)" do o[key] = math.tointeger(tonumber(value)) or tonumber(value) or value end
  return metrics[base or name], o
end

local function check(case, list, given, result)
  local count = 0
  for name, expected in pairs(list) do
    local f, o = direct(name, case.w)
    lu.assertAlmostEquals(f(given, case.y, o), expected, 1e-12, name)
    result.weight = case.w and float64(case.w)
    lu.assertAlmostEquals(metrics.of(name, result), expected, 1e-12, "of " .. name)
    lu.assertEquals(metrics.name(name), name)
    count = count + 1
  end
  lu.assertTrue(count >= 6)
end

TestMetricsOracle = {}

for _, name in ipairs { "binary", "binary_weighted", "multiclass", "multiclass_weighted" } do
  local case = fixture[name]
  local y = ml.tensor(case.y)
  TestMetricsOracle[("test_classes_of_%s_score_as_in_scikit_learn"):format(name)] = function()
    check(case, case.of_classes, case.answered, { rows = #y, y = y, predicted = ml.tensor(case.answered) })
  end
  TestMetricsOracle[("test_scores_of_%s_score_as_in_scikit_learn"):format(name)] = function()
    local p = float64(case.p)
    if p:dim() == 1 then p = ml.stack({ 1 - p, p }, 2) end
    check(case, case.of_scores, case.p, { rows = #y, y = y, probabilities = p })
  end
end

for _, name in ipairs { "regression", "regression_weighted" } do
  local case = fixture[name]
  TestMetricsOracle[("test_numbers_of_%s_score_as_in_scikit_learn"):format(name)] = function()
    check(case, case.of_values, case.p, { rows = #case.y, y = float64(case.y), output = float64(case.p) })
  end
end

function TestMetricsOracle:test_curves_have_the_points_of_scikit_learn()
  for _, name in ipairs { "binary", "binary_weighted" } do
    local case = fixture[name]
    local roc = metrics.roc_curve(case.p, case.y, { weight = case.w })
    local found = metrics.precision_recall_curve(case.p, case.y, { weight = case.w })
    for _, part in ipairs { "threshold", "fpr", "tpr" } do support.close(roc[part], case[part], 1e-12) end
    -- scikit-learn leaves out the points behind full recall
    for _, part in ipairs { "precision", "recall" } do support.close(found[part]:slice(1, 1, #case[part]), case[part], 1e-12) end
  end
end

function TestMetricsOracle:test_boxes_score_as_in_pycocotools()
  local case = fixture.boxes
  local got = metrics.mean_average_precision(case.found, case.actual, { classes = 3 })
  lu.assertAlmostEquals(got.mean, case.mean, 1e-12)
  lu.assertAlmostEquals(got.by_iou[1], case.at_50, 1e-12)
  lu.assertAlmostEquals(got.by_iou[6], case.at_75, 1e-12)
  for class = 1, 3 do lu.assertAlmostEquals(got.by_class[class], case.by_class[class], 1e-12) end
end

-- Of a model ---------------------------------------------------------------------------------------------------------------------------

-- A model whose outputs are the rows of x.
local Same = ml.nn.Module:extend "Same"
function Same:forward(x) return x end

function TestMetricsOracle:test_a_model_of_scores_gives_what_its_probabilities_give()
  local case = fixture.multiclass
  local z = (float64(case.p) + 1e-3):log()
  local set = ml.data.tensors { x = z, y = ml.tensor(case.y) }
  local p = z:softmax(2)
  for _, name in ipairs { "log_loss", "brier", "auc_ovr", "top_k", "calibration_error" } do
    local o = name == "top_k" and { k = 2 } or {}
    lu.assertAlmostEquals(metrics[name](Same(), set, o), metrics[name](p, case.y, o), 1e-12, name)
  end
  lu.assertEquals(metrics.accuracy(Same(), set), metrics.accuracy(p:argmax(2), case.y))
end

function TestMetricsOracle:test_a_model_of_one_logit_gives_what_its_probabilities_give()
  local case = fixture.binary
  local p = float64(case.p)
  local z = (p / (1 - p)):log():reshape { -1, 1 }
  local set = ml.data.tensors { x = z, y = ml.tensor(case.y) }
  for _, name in ipairs { "log_loss", "brier", "auc", "average_precision" } do
    lu.assertAlmostEquals(metrics[name](Same(), set), case.of_scores[name], 1e-12, name)
  end
  lu.assertAlmostEquals(metrics.f1(Same(), set), case.of_classes.f1, 1e-12)
end

function TestMetricsOracle:test_a_model_of_numbers_gives_what_its_numbers_give()
  local case = fixture.regression
  local set = ml.data.tensors { x = float64(case.p):reshape { -1, 1 }, y = float64(case.y):reshape { -1, 1 } }
  for name, expected in pairs(case.of_values) do
    local f, o = direct(name)
    o.batch = 7
    lu.assertAlmostEquals(f(Same(), set, o), expected, 1e-12, name)
  end
end

function TestMetricsOracle:test_evaluate_gives_outputs_and_targets_of_all_rows()
  local case = fixture.multiclass
  local set = ml.data.tensors { x = ml.tensor(case.p), y = ml.tensor(case.y) }
  local result = metrics.evaluate(Same(), set, { batch = 7 })
  support.equal(result.output, ml.tensor(case.p):double())
  support.equal(result.y, ml.tensor(case.y))
  lu.assertEquals({ result.output.dtype, result.rows, result.classes, #result.matrix }, { "float64", #case.y, 4, 4 })
end

function TestMetricsOracle:test_masks_count_pixels_and_leave_out_class_0()
  local x = ml.zeros(2, 2, 1, 3)
  x[{ {}, 2, 1, 2 }] = 1
  local set = ml.data.tensors { x = x, y = ml.tensor { { { 1, 2, 0 } }, { { 1, 1, 2 } } } }
  local result = metrics.evaluate(Same(), set, { pixels = true })
  lu.assertEquals(result.matrix, { { 2, 1 }, { 1, 1 } })
  lu.assertAlmostEquals(metrics.of("mean_iou", result), (2 / 4 + 1 / 3) / 2, 1e-15)
  lu.assertAlmostEquals(metrics.iou(Same(), set, { pixels = true }), 1 / 3, 1e-15)
end

-- Edges --------------------------------------------------------------------------------------------------------------------------------

local EDGES = { -- name, predicted, actual, options, why it is undefined
  { "auc", { 0.5 }, { 2 }, {}, "all rows are of one class" },
  { "auc", {}, {}, {}, "there are no rows" },
  { "auc", { 0.1, 0.2, 0.3 }, { 1, 2, 3 }, {}, "there are 3 classes, not two; auc_ovr is the mean of one against the rest" },
  { "auc_ovr", { { 0.5, 0.3, 0.2 }, { 0.5, 0.3, 0.2 } }, { 1, 2 }, {}, "no row is of class 3" },
  { "average_precision", { 0.5, 0.4 }, { 1, 1 }, {}, "all rows are of one class" },
  { "log_loss", {}, {}, {}, "there are no rows" },
  { "mse", {}, {}, {}, "there are no rows" },
  { "r2", { 1 }, { 2 }, {}, "all targets are equal" },
  { "r2", { 1, 2, 3, 4, 5, 6 }, { 0.1, 0.1, 0.1, 0.1, 0.1, 0.1 }, {}, "all targets are equal" }, -- whose mean is beside them by rounding
  { "r2", { 1, 2, 3, 9 }, { 1.3, 1.3, 1.3, 7 }, { weight = { 0.3, 0.2, 0.9, 0 } }, "all targets are equal" },
  { "mape", { 1, 2 }, { 1, 0 }, {}, "the target of row 2 is 0" },
  { "top_k", { { 0.5, 0.5 } }, { 1 }, {}, "of 2 classes each is among the first 5" },
  { "mcc", { 1, 2 }, { 1, 1 }, {}, "all rows are of one class" },
  { "mcc", { 1, 1 }, { 1, 2 }, {}, "one class alone was predicted" },
  { "kappa", { 1, 1 }, { 1, 1 }, {}, "there is one class alone" },
  { "specificity", { 1, 2 }, { 2, 2 }, {}, "all rows are of the positive class" },
  { "precision", { 1, 1 }, { 1, 2 }, {}, "the positive class was never predicted" },
  { "recall", { 1, 1 }, { 1, 1 }, { classes = 2 }, "no row is of the positive class" },
  { "f1", { 1, 1 }, { 1, 1 }, { classes = 2 }, "the positive class neither occurs nor was predicted" },
  { "f1", { 1, 3 }, { 1, 2 }, {}, "there are 3 classes, not two" },
  { "precision", { 1, 2 }, { 1, 2 }, { class = 3 }, "there are 2 classes, no class 3" },
  { "precision_weighted", { 1, 1 }, { 1, 2 }, {}, "class 2 was never predicted" },
  { "balanced_accuracy", {}, {}, {}, "there are no rows" },
}

function TestMetricsOracle:test_undefined_metrics_are_nil_and_say_why()
  for _, edge in ipairs(EDGES) do
    lu.assertEquals({ metrics[edge[1]](edge[2], edge[3], edge[4]) }, { nil, edge[5] }, edge[1])
  end
end

function TestMetricsOracle:test_balanced_accuracy_leaves_out_a_class_without_rows()
  lu.assertEquals(metrics.balanced_accuracy({ 1, 3, 2 }, { 1, 1, 2 }), 0.75)
end

function TestMetricsOracle:test_equal_scores_are_worth_nothing_and_one_row_is_enough_for_a_mean()
  lu.assertEquals(metrics.auc({ 0.3, 0.3, 0.3 }, { 1, 2, 2 }), 0.5)
  lu.assertAlmostEquals(metrics.average_precision({ 0.3, 0.3, 0.3 }, { 1, 2, 2 }), 2 / 3, 1e-15)
  lu.assertEquals(metrics.mae({ 3 }, { 1 }), 2.0)
  lu.assertEquals(metrics.median_ae({ 3 }, { 1 }), 2.0)
  lu.assertEquals(metrics.brier({ 0.5 }, { 2 }), 0.25)
end

function TestMetricsOracle:test_a_row_of_weight_two_is_that_row_twice()
  local case, w, p, y, a = fixture.binary, {}, {}, {}, {}
  for i = 1, #case.y do
    w[i] = i % 3
    for _ = 1, w[i] do p[#p + 1], y[#y + 1], a[#a + 1] = case.p[i], case.y[i], case.answered[i] end
  end
  for _, name in ipairs { "auc", "average_precision", "log_loss", "calibration_error" } do
    lu.assertAlmostEquals(metrics[name](case.p, case.y, { weight = w }), metrics[name](p, y), 1e-13, name)
  end
  lu.assertAlmostEquals(metrics.mcc(case.answered, case.y, { weight = w }), metrics.mcc(a, y), 1e-13)
  lu.assertEquals(metrics.median_ae(case.p, case.y, { weight = w }), metrics.median_ae(p, y))
end


local refuses = support.refuses(function(f, ...)
  local result = f(...) -- no tail call: the place of this line is what the message begins with
  return result
end)

function TestMetricsOracle:test_what_is_wrong_is_told_with_its_row()
  refuses("auc: the score of row 2 is NaN", metrics.auc, { 0.1, nan }, { 1, 2 })
  refuses("mse: the prediction of row 3 is NaN", metrics.mse, float64 { 1, 2, nan }, { 1, 2, 3 })
  refuses("mse: the target of row 1 is NaN", metrics.mse, { 1 }, { nan })
  refuses("log_loss: the probability of row 2 is not within 0..1; of scores, x:softmax(2) or x:sigmoid() makes probabilities", metrics.log_loss,
    { 0.5, 3 }, { 1, 2 })
  refuses("brier: the probabilities of row 1 do not sum to 1", metrics.brier, { { 0.5, 0.1 } }, { 1 })
  refuses("auc: 2 predictions, but 3 rows", metrics.auc, { 0.1, 0.2 }, { 1, 2, 2 })
  refuses("accuracy: row 2 has the class 5, which is not an integer from 1 to 2", metrics.accuracy, ml.tensor { 1, 5 }, ml.tensor { 1, 1 }, { classes = 2 })
  refuses("accuracy: predicted must be classes from 1, which are integers; got float32 [2]", metrics.accuracy, ml.tensor { 0.1, 0.9 }, { 1, 2 })
  refuses("log_loss: row 1 has the class 3, which is not an integer from 1 to 2", metrics.log_loss, { 0.5 }, { 3 })
  refuses("mse: the weight of row 2 is negative", metrics.mse, { 1, 2 }, { 1, 2 }, { weight = { 1, -1 } })
  refuses("mse: all weights are 0", metrics.mse, { 1, 2 }, { 1, 2 }, { weight = { 0, 0 } })
  refuses("mse: 2 rows need as many weights, got [1]", metrics.mse, { 1, 2 }, { 1, 2 }, { weight = { 1 } })
  refuses("quantile_loss: quantile must be between 0 and 1, got 2", metrics.quantile_loss, { 1 }, { 1 }, { quantile = 2 })
  refuses("metrics.f_beta: unknown option 'bta'; did you mean 'beta'?", metrics.f_beta, { 1 }, { 1 }, { bta = 2 })
  refuses("perplexity: it is made of a model and a data set", metrics.perplexity, { 1 }, { 1 })
end

function TestMetricsOracle:test_what_a_result_lacks_is_told()
  lu.assertEquals({ metrics.of("rmse", { matrix = { { 1 } } }) }, { nil, "the rows have no numbers as targets" })
  lu.assertEquals({ metrics.of("auc", { matrix = { { 1 } } }) }, { nil, "the rows have no classes with scores" })
  lu.assertEquals({ metrics.of("accuracy", {}) }, { nil, "the rows have no classes" })
  lu.assertEquals({ metrics.of("perplexity", {}) }, { nil, "there was no loss" })
end

function TestMetricsOracle:test_outputs_that_are_not_numbers_leave_a_metric_undefined()
  local result = { rows = 2, y = ml.tensor { 1, 2 }, output = float64 { { 0, 1 }, { nan, 1 } } }
  lu.assertEquals({ metrics.of("log_loss", result) }, { nil, "the output of row 2 is NaN" })
end

-- Each metric of the list at its edges: results of the three kinds, by the number of rows, what the outputs are and what is asked for.
local function every_name()
  local out = {}
  for _, name in ipairs(metrics.names) do out[#out + 1] = name:find "f_beta" and name .. "(beta=2)" or name end
  return out
end

local function results(rows, of_output, class)
  local function output(...) return ml.full({ rows, ... }, of_output, { dtype = "float64" }) end
  local y = ml.full({ rows }, class, { dtype = "int64" })
  return { classes = { rows = rows, y = y, output = output(2), classes = 2, loss = rows > 0 and of_output or nil },
    one_logit = { rows = rows, y = y, output = output(1), classes = 2 },
    pixels = { rows = rows, matrix = rows > 0 and { { rows, 0 }, { 0, 0 } } or nil, not_a_number = of_output ~= of_output and "the output of picture 1 is NaN" or nil },
    labels = { rows = rows, labels = ml.full({ rows, 3 }, class - 1, { dtype = "int64" }), output = output(3) },
    values = { rows = rows, y = ml.ones({ rows }, { dtype = "float64" }), output = output(1):reshape { -1 } } }
end

function TestMetricsOracle:test_no_metric_is_a_number_where_there_are_no_rows()
  for kind, result in pairs(results(0, 0.5, 1)) do
    for _, name in ipairs(every_name()) do
      lu.assertEquals({ metrics.of(name, result) }, { nil, "there are no rows" }, name .. " of " .. kind)
    end
  end
end

function TestMetricsOracle:test_no_metric_is_a_number_where_outputs_are_none()
  local asked = 0
  for kind, result in pairs(results(4, nan, 2)) do
    for _, name in ipairs(every_name()) do
      local value, why = metrics.of(name, result)
      lu.assertEquals({ value, type(why) }, { nil, "string" }, name .. " of " .. kind)
      if why:find "NaN" then asked = asked + 1 end
    end
  end
  lu.assertTrue(asked > #metrics.names) -- most are refused for that, and not for what they lack
end

-- What is a number where all rows are of class 1 and the answers are the same; all else says why it is not.
local ONE_CLASS = { accuracy = true, balanced_accuracy = true, specificity = true, log_loss = true, brier = true, calibration_error = true,
  subset_accuracy = true, hamming_loss = true, coverage = true, loss = true, perplexity = true }
for _, kind in ipairs { "precision", "recall", "f1", "f_beta(beta=2)" } do
  local name, o = kind:match "^([%w_]+)(.*)$"
  for _, mean in ipairs { "_macro", "_weighted", "_micro" } do ONE_CLASS[name .. mean .. o] = true end
end
ONE_CLASS.mean_iou, ONE_CLASS.mean_dice = true, true

function TestMetricsOracle:test_where_all_rows_are_of_one_class_each_metric_is_a_number_or_says_why_not()
  for kind, result in pairs(results(4, -0.5, 1)) do
    for _, name in ipairs(every_name()) do
      local value, why = metrics.of(name, result)
      if kind == "classes" or kind == "one_logit" then
        lu.assertEquals(value ~= nil, ONE_CLASS[name] and not why and true or false, name .. " of " .. kind)
      end
      lu.assertTrue(value == nil and type(why) == "string" or math.type(value) ~= nil and value == value and math.abs(value) < math.huge, name .. " of " .. kind)
    end
  end
end

function TestMetricsOracle:test_infinite_outputs_give_no_number_that_is_none()
  for kind, result in pairs(results(4, math.huge, 2)) do
    for _, name in ipairs(every_name()) do
      local value, why = metrics.of(name, result)
      lu.assertTrue(value == nil and type(why) == "string" or value == value, name .. " of " .. kind)
    end
  end
end

function TestMetricsOracle:test_masks_whose_outputs_are_no_numbers_leave_the_scores_undefined()
  local x = ml.zeros(2, 2, 1, 3)
  x[{ 2, 1, 1, 1 }] = nan
  local set = ml.data.tensors { x = x, y = ml.ones({ 2, 1, 3 }, { dtype = "int64" }) }
  lu.assertEquals({ metrics.iou(Same(), set, { pixels = true, class = 1 }) }, { nil, "the output of picture 2 is NaN" })
end

-- Names --------------------------------------------------------------------------------------------------------------------------------

function TestMetricsOracle:test_names_hold_options_in_one_form()
  lu.assertEquals(metrics.name { name = "f_beta", class = 3, beta = 2 }, "f_beta(beta=2, class=3)")
  lu.assertEquals(metrics.name "f_beta( class=3,beta=2 )", "f_beta(beta=2, class=3)")
  lu.assertEquals(metrics.name "calibration_error(bins=10)", "calibration_error")
  lu.assertEquals({ metrics.is "f_beta(beta=2)", metrics.is "f_beta", metrics.is "f1", metrics.is "f1(beta=2)" }, { true, false, true, false })
  lu.assertEquals({ metrics.larger_is_better "quantile_loss(quantile=0.9)", metrics.larger_is_better "f1" }, { false, true })
end

function TestMetricsOracle:test_wrong_names_are_told()
  refuses("f_beta: beta, a number above 0, is needed: f_beta(beta=2), or { name = \"f_beta\", beta = 2 } in a recipe", metrics.name, "f_beta")
  refuses("metric 'f1': unknown option 'clas'; did you mean 'class'?", metrics.name, { name = "f1", clas = 3 })
  refuses("metric 'f1(3)': options stand in it as in f_beta(beta=2)", metrics.name, "f1(3)")
  refuses("a metric is a name, or a table as { name = \"f_beta\", beta = 2 }; got 3", metrics.name, 3)
end

function TestMetricsOracle:test_each_name_is_a_function_of_the_module()
  for _, name in ipairs(metrics.names) do lu.assertEquals(type(metrics[name]), "function", name) end
end
