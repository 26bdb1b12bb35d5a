-- Metrics of rows with any number of labels each, against scikit-learn (tests/fixtures/make_labels.py), and a run of the task multilabel.

local ml = require "moonlab"
local lu = require "luaunit"
local support = require "support"
local synthetic = require "synthetic"
local metrics = ml.metrics
local fixture = dofile "tests/fixtures/labels.lua"

local function float64(x) return ml.tensor(x, { dtype = "float64" }) end

-- A name with options -> its direct function and the options.
local function direct(name, weight)
  local base, inside = name:match "^([%w_]+)%((.*)%)$"
  local o = { weight = weight }
  for key, value in (inside or ""):gmatch "([%w_]+)=([%w.]+)" do o[key] = math.tointeger(tonumber(value)) or tonumber(value) end
  return metrics[base or name], o
end

-- A model whose outputs are the rows of x.
local Same = ml.nn.Module:extend "Same"
function Same:forward(x) return x end

TestMetricsLabels = {}

for name, case in pairs(fixture) do
  local result = { rows = #case.y, labels = ml.tensor(case.y, { dtype = "int64" }), output = float64(case.scores), weight = case.w and float64(case.w) }
  local function check(list, given)
    local count = 0
    for metric, expected in pairs(list) do
      local f, o = direct(metric, case.w)
      lu.assertAlmostEquals(f(given, case.y, o), expected, 1e-12, metric)
      lu.assertAlmostEquals(metrics.of(metric, result), expected, 1e-12, "of " .. metric)
      count = count + 1
    end
    lu.assertTrue(count >= 8)
  end
  TestMetricsLabels[("test_labels_of_%s_score_as_in_scikit_learn"):format(name)] = function() check(case.of_labels, case.answered) end
  TestMetricsLabels[("test_scores_of_%s_score_as_in_scikit_learn"):format(name)] = function() check(case.of_scores, case.scores) end
end

function TestMetricsLabels:test_a_model_gives_what_its_labels_give()
  local case = fixture.plain
  local set = ml.data.tensors { x = float64(case.scores), y = ml.tensor(case.y, { dtype = "float32" }) }
  for _, name in ipairs { "subset_accuracy", "f1_macro", "precision_micro", "auc_macro", "coverage" } do
    local expected = case.of_labels[name] or case.of_scores[name]
    lu.assertAlmostEquals(metrics[name](Same(), set, { batch = 7 }), expected, 1e-12, name)
  end
  local result = metrics.evaluate(Same(), set, { labels = true })
  lu.assertEquals({ result.labels.dtype, result.y, #result.labels, result.matrix }, { "int64", nil, #case.y, nil })
  lu.assertAlmostEquals(metrics.by_label(result)[3].precision, case.of_labels["precision(class=3)"], 1e-12)
end

function TestMetricsLabels:test_labels_may_be_truths_and_integers()
  local case, got = fixture.plain, {}
  for i, dtype in ipairs { "bool", "int64", "uint8", "float32" } do
    got[i] = metrics.hamming_loss(ml.tensor(case.answered):to(dtype), ml.tensor(case.y):to(dtype))
    lu.assertEquals(got[i], got[1])
  end
end

local EDGES = { -- name, predicted or scores, actual, options, why it is undefined
  { "precision_macro", { { 1, 0 } }, { { 1, 1 } }, {}, "label 2 was never predicted" },
  { "recall_macro", { { 1, 0 } }, { { 1, 0 } }, {}, "no row is of label 2" },
  { "f1_macro", { { 1, 0 } }, { { 1, 0 } }, {}, "label 2 neither occurs nor was predicted" },
  { "f1_micro", { { 0, 0 } }, { { 0, 0 } }, {}, "no row has a label, and none was predicted" },
  { "precision_micro", { { 0, 0 } }, { { 0, 1 } }, {}, "no label was predicted" },
  { "f1_weighted", { { 0, 1 } }, { { 0, 0 } }, {}, "no row has a label" },
  { "precision", { { 0, 1 } }, { { 0, 0 } }, { class = 3 }, "there are 2 labels, no label 3" },
  { "f1_samples", { { 1, 0 }, { 0, 0 } }, { { 1, 0 }, { 0, 0 } }, {},
    "there is no label, and none was predicted, of row 2; empty=0 in the metric's name says what such a row counts" },
  { "auc_macro", { { 0.1, 0.2 }, { 0.3, 0.4 } }, { { 1, 1 }, { 1, 0 } }, {}, "all rows have label 1" },
  { "auc_micro", { { 0.1, 0.2 } }, { { 0, 0 } }, {}, "no row has a label" },
  { "average_precision_macro", { { 0.1, 0.2 } }, { { 1, 0 } }, {}, "no row has label 2" },
  { "hamming_loss", {}, {}, {}, "there are no rows" },
  { "auc_macro", {}, {}, {}, "there are no rows" },
}

function TestMetricsLabels:test_undefined_metrics_are_nil_and_say_why()
  for _, edge in ipairs(EDGES) do
    lu.assertEquals({ metrics[edge[1]](edge[2], edge[3], edge[4]) }, { nil, edge[5] }, edge[1])
  end
end

local refuses = support.refuses(function(f, ...)
  local result = f(...) -- no tail call: the place of this line is what the message begins with
  return result
end)

function TestMetricsLabels:test_what_is_wrong_is_told()
  refuses("hamming_loss: actual of row 2 is not 0 or 1 for each label", metrics.hamming_loss, { { 1, 0 }, { 1, 0 } }, { { 1, 0 }, { 2, 0 } })
  refuses("hamming_loss: the predictions are [1, 2], the labels [1, 3]", metrics.hamming_loss, { { 1, 0 } }, { { 1, 0, 0 } })
  refuses("accuracy: actual has two dimensions, but each row has one class; rows with any number of labels have subset_accuracy, hamming_loss, f1_macro, "
    .. "auc_macro and so on", metrics.accuracy, { { 1, 0 } }, { { 1, 0 } })
  lu.assertStrContains(select(2, metrics.of("accuracy", { rows = 1, labels = ml.tensor { { 1 } }, output = float64 { { 1 } } })), "rows have any number of labels")
  lu.assertStrContains(select(2, metrics.of("hamming_loss", { rows = 1, y = ml.tensor { 1 } })), "rows have no labels")
end

function TestMetricsLabels:test_two_models_are_compared_by_the_rows_whose_labels_are_all_right()
  local labels = ml.tensor { { 1, 0 }, { 0, 1 }, { 1, 1 }, { 0, 0 } }
  local function result(signs) return { rows = 4, labels = labels, output = float64(signs) } end
  local a = result { { 1, -1 }, { -1, 1 }, { 1, 1 }, { -1, 1 } } -- three rows are right
  local b = result { { 1, 1 }, { -1, 1 }, { -1, 1 }, { -1, 1 } } -- one, which a has too
  local found = ml.assess.compare("hamming_loss", { a }, { b })
  lu.assertEquals({ found.rows.only_a, found.rows.only_b, found.a[1], found.b[1] }, { 2, 0, 0.125, 0.375 })
  refuses("assess.compare: the rows of fold 1 are not the same for both models", ml.assess.compare, "hamming_loss", { a }, { { rows = 4, labels = 1 - labels, output = b.output } })
end

function TestMetricsLabels:test_the_worst_rows_are_those_whose_labels_are_said_against_most()
  local labels = ml.tensor { { 1, 0 }, { 0, 1 }, { 0, 0 } }
  local worst = ml.assess.worst({ rows = 3, labels = labels, output = float64 { { 4, -4 }, { 5, -5 }, { 0.5, -1 } } }, { n = 2 })
  lu.assertEquals({ worst[1].row, worst[1].actual, worst[1].predicted, worst[2].row, worst[2].actual, worst[2].predicted }, { 2, { 2 }, { 1 }, 3, {}, { 1 } })
  lu.assertAlmostEquals(worst[1].loss, math.log(1 + math.exp(5)), 1e-12)
end

function TestMetricsLabels:test_intervals_of_labels_have_a_width()
  local case = fixture.plain
  local found = ml.assess.bootstrap("f1_micro", { rows = #case.y, labels = ml.tensor(case.y, { dtype = "int64" }), output = float64(case.scores) }, { samples = 200 })
  lu.assertTrue(found.low < case.of_labels.f1_micro and found.high > case.of_labels.f1_micro)
end

-- Runs ---------------------------------------------------------------------------------------------------------------------

local RECIPE = {
  name = '"tags"', task = '"multilabel"', seed = "1", split = "{ valid = 0.2, test = 0.2 }",
  data = "{ source = ml.data.tensors { x = x, y = x:slice(2, 1, 3):gt(0):to 'float32', classes = { 'red', 'green', 'blue' } } }",
  model = "nn.Linear(3)", train = "{ epochs = 3, optimizer = ml.optim.adam { lr = 0.1 } }",
}

local function with_recipe(fields, f)
  support.with_folder(function(folder)
    local text = synthetic.recipe(setmetatable(fields or {}, { __index = RECIPE }))
    synthetic.write_file(folder .. "/tags.lua", (text:gsub("return ml", "ml.manual_seed(5)\nlocal x = ml.randn(120, 4)\nreturn ml", 1)))
    f(folder)
  end)
end

local function all(fields)
  local out = {}
  for _, list in ipairs { RECIPE, fields or {} } do
    for name, value in pairs(list) do out[name] = value end
  end
  return out
end

function TestMetricsLabels:test_a_run_scores_each_label_beside_the_commonest_answer()
  with_recipe(all(), function(folder)
    local status, out, err = synthetic.run(folder, "run tags.lua --out out")
    lu.assertEquals(status, 0, err)
    for _, word in ipairs { "test f1_micro ", "test subset_accuracy ", "test hamming_loss ", "baseline 0%.%d+ %(always [%a, ]+%)", "\n  green +%d+ rows  precision 0?1?%.%d+" } do
      lu.assertStrMatches(out, ".*" .. word .. ".*")
    end
    for _, text in ipairs { "Scores by label", "ROC of red", "Precision and recall of blue", "The rows it is most wrong about" } do
      lu.assertStrContains(synthetic.read_file(folder .. "/out/report.html"), text)
    end
    local json = require "moonlab.json".decode(synthetic.read_file(folder .. "/out/metrics.json"))
    lu.assertEquals({ json.by_label[2].label, type(json.by_label[2].scores.f1), type(json.test.f1_micro) }, { "green", "number", "number" })
  end)
end

function TestMetricsLabels:test_predictions_have_a_column_a_label_that_give_the_scores_again()
  with_recipe(all(), function(folder)
    lu.assertEquals((synthetic.run(folder, "run tags.lua --out out")), 0)
    local t = ml.data.csv(folder .. "/out/predictions.csv"):table()
    lu.assertEquals(t.names, { "row", "actual red", "predicted red", "probability of red", "actual green", "predicted green", "probability of green", "actual blue", "predicted blue", "probability of blue" })
    local function labels(what) return t:tensor({ what .. " red", what .. " green", what .. " blue" }, { dtype = "float64" }) end
    local json = require "moonlab.json".decode(synthetic.read_file(folder .. "/out/metrics.json"))
    lu.assertAlmostEquals(metrics.hamming_loss(labels "predicted", labels "actual"), json.test.hamming_loss, 1e-12)
    lu.assertAlmostEquals(metrics.auc_macro(labels "probability of", labels "actual"), (json.by_label[1].scores.auc + json.by_label[2].scores.auc + json.by_label[3].scores.auc) / 3, 1e-12)
  end)
end

function TestMetricsLabels:test_what_labels_can_not_be_is_told()
  for _, one in ipairs {
    { { data = "{ source = ml.data.tensors { x = x, y = x:select(2, 1):gt(0):to 'int64', classes = { 'a', 'b', 'c' } } }" },
      "a row of y is one number; the task multilabel takes y [rows, labels] of 0 and 1" },
    { { split = "{ valid = 0.2, stratify = true }" }, "rows with any number of labels have no one class to be stratified by; leave it out" },
    { { data = "{ source = ml.data.tensors { x = x, y = x:slice(2, 1, 3), classes = { 'a', 'b', 'c' } } }" }, "y of row 1 is not 0 or 1 for each label" } } do
    with_recipe(all(one[1]), function(folder)
      local status, _, err = synthetic.run(folder, "run tags.lua --quiet")
      lu.assertEquals(status, 1)
      lu.assertStrContains(err, one[2])
    end)
  end
end

function TestMetricsLabels:test_a_model_with_another_number_of_scores_is_told()
  with_recipe(all { model = "nn.Linear(2)" }, function(folder)
    local status, _, err = synthetic.run(folder, "run tags.lua")
    lu.assertEquals(status, 1)
    lu.assertStrContains(err, "the model gives [64, 2] for a batch, but the data has 3 labels: the last layer must be nn.Linear(3), a score for each label")
  end)
end
