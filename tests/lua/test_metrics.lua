-- Metrics against values worked out by hand, and the edges where they are undefined.

local ml = require "moonlab"
local lu = require "luaunit"
local support = require "support"
local metrics = ml.metrics

-- actual 1: 2 right, 1 taken for 2; actual 2: 1 right, 1 taken for 3; actual 3: 1 right.
local predicted, actual = { 1, 1, 2, 2, 3, 3 }, { 1, 1, 1, 2, 2, 3 }

TestMetrics = {}

function TestMetrics:test_confusion_counts_actual_by_predicted()
  lu.assertEquals(metrics.confusion(predicted, actual), { { 2, 1, 0 }, { 0, 1, 1 }, { 0, 0, 1 } })
end

function TestMetrics:test_accuracy() lu.assertAlmostEquals(metrics.accuracy(predicted, actual), 4 / 6, 1e-15) end

function TestMetrics:test_macro_means_weigh_classes_alike()
  lu.assertAlmostEquals(metrics.precision_macro(predicted, actual), (1 + 1 / 2 + 1 / 2) / 3, 1e-15)
  lu.assertAlmostEquals(metrics.recall_macro(predicted, actual), (2 / 3 + 1 / 2 + 1) / 3, 1e-15)
  lu.assertAlmostEquals(metrics.f1_macro(predicted, actual), (4 / 5 + 2 / 4 + 2 / 3) / 3, 1e-15)
end

function TestMetrics:test_takes_tensors()
  lu.assertEquals(metrics.accuracy(ml.tensor { 1, 2 }, ml.tensor { 1, 1 }),
    0.5)
end

function TestMetrics:test_precision_of_a_class_never_predicted_is_undefined_and_says_why()
  local value, why = metrics.precision_macro({ 1, 1 }, { 1, 2 })
  lu.assertNil(value)
  lu.assertEquals(why, "class 2 was never predicted")
end

function TestMetrics:test_of_no_rows_is_undefined()
  local value, why = metrics.accuracy({}, {})
  lu.assertNil(value)
  lu.assertEquals(why, "there are no rows")
end

function TestMetrics:test_refuses_lists_of_different_lengths()
  support.fails("confusion: 1 predictions, but 2 rows", function() metrics.confusion({ 1 }, { 1, 2 }) end)
end

function TestMetrics:test_refuses_a_class_that_is_none()
  support.fails("confusion: row 2 has the class 0, which is not an integer from 1 to the number of classes",
    function() metrics.confusion({ 1, 0 }, { 1, 1 }) end)
end

function TestMetrics:test_majority_answers_the_commonest_class_of_the_training_part()
  local majority = metrics.majority({ 1, 2, 2 }, { 1, 1, 2, 3 }, 3)
  lu.assertEquals(majority.class, 2)
  lu.assertEquals(majority.matrix, { { 0, 2, 0 }, { 0, 1, 0 }, { 0, 1, 0 } })
end

function TestMetrics:test_majority_says_the_frequencies_of_the_training_part()
  local majority = metrics.majority({ 1, 2, 2, 2 }, { 1, 2 }, 2)
  lu.assertAlmostEquals(metrics.of("log_loss", majority), -(math.log(0.25) + math.log(0.75)) / 2, 1e-15)
  lu.assertEquals(metrics.of("auc", majority), 0.5)
end

-- A model that always gives these scores.
local function fixed(scores)
  local Fixed = ml.nn.Module:extend "Fixed"
  function Fixed:forward(x) return x:matmul(ml.tensor(scores)) end
  return Fixed()
end

function TestMetrics:test_of_a_model_weigh_rows_and_not_batches()
  local set = ml.data.tensors { x = ml.eye(5), y = ml.tensor { 1, 1, 2, 2, 2 } }
  local model = fixed { { 1.0, 0.0 }, { 0.0, 1.0 }, { 0.0, 1.0 }, { 0.0, 1.0 }, { 1.0, 0.0 } }
  local loss = function(output, batch) return ml.nn.cross_entropy(output, batch.y) end
  local result = metrics.evaluate(model, set, { batch = 2, loss = loss })
  lu.assertEquals(metrics.of("accuracy", result), 3 / 5)
  local right, wrong = math.log(1 + math.exp(-1)), math.log(1 + math.exp(1))
  lu.assertAlmostEquals(result.loss, (3 * right + 2 * wrong) / 5, 1e-6)
end

function TestMetrics:test_of_a_model_restore_its_mode_and_the_graph()
  local set = ml.data.tensors { x = ml.eye(2), y = ml.tensor { 1, 2 } }
  local model = fixed { { 1.0, 0.0 }, { 0.0, 1.0 } }
  local seen
  local forward = model.forward
  function model:forward(x)
    seen = { self.training, require("moonlab.core").is_grad_enabled() }
    return forward(self, x)
  end
  metrics.accuracy(model, set)
  lu.assertEquals(seen, { false, false })
  lu.assertEquals({ model.training, require("moonlab.core").is_grad_enabled() }, { true, true })
  model:eval()
  metrics.accuracy(model, set)
  lu.assertFalse(model.training)
end

function TestMetrics:test_unknown_name_gets_the_nearest()
  support.fails("unknown metric 'acuracy'; did you mean 'accuracy'?", function() metrics.of("acuracy", {}) end)
end
