-- ml.cross_validate.

local lu = require "luaunit"
local ml = require "moonlab"
local support = require "support"

TestCrossValidate = {}

local function line_set(classes)
  local x = ml.arange(1, 60, { dtype = "float32" }):reshape { 20, 3 } / 60
  x = x + x:sin() * 7
  local y = x:sum { 2 }:reshape { 20, 1 }
  return ml.data.tensors { x = x, y = classes and y:squeeze(2):gt(y:mean()):to "int64" + 1 or y }
end

function TestCrossValidate:test_each_fold_has_a_model_of_its_own_and_the_mean_is_that_of_its_scores()
  local made, set = 0, line_set()
  local result = ml.cross_validate { data = set, cv = ml.kfold(4), metrics = { "rmse" }, model = function()
    made = made + 1
    return ml.ridge { alpha = 0.001 }
  end }
  lu.assertEquals({ made, #result.folds, #result.metrics[1].values, result.folds[1].rows }, { 5, 4, 4, 5 })
  local sum = 0
  for i, fold in ipairs(ml.kfold(4):folds(set, { seed = 0 })) do
    local model = ml.ridge { alpha = 0.001 }:fit(set:part(fold.train, "train"))
    local part = set:part(fold.test, "test")
    local rmse = (model:predict(part:column "x") - part:column "y":double():squeeze(2)):square():mean():sqrt():item()
    lu.assertAlmostEquals(result.metrics[1].values[i], rmse, 1e-9)
    sum = sum + rmse
  end
  lu.assertAlmostEquals(result.metrics[1].mean, sum / 4, 1e-9)
  lu.assertStrMatches(tostring(result), "rmse +%d%.%d+ %+%- %d%.%d+")
end

function TestCrossValidate:test_a_network_is_trained_in_each_fold()
  local result = ml.cross_validate { data = line_set(true), cv = ml.kfold(2), metrics = { "accuracy" }, valid = 0,
    model = function() return ml.nn.Linear(2) end, train = { optimizer = ml.optim.adam { lr = 0.1 }, epochs = 3, batch = 5 } }
  lu.assertEquals({ #result.folds, result.folds[1].epochs }, { 2, 3 })
end

function TestCrossValidate:test_what_is_missing_is_said()
  support.fails("cross_validate: a model and data are needed: write ml.cross_validate {model = function() return ml.ridge() end, data = set, cv = ml.kfold(5)}",
    function() ml.cross_validate { data = line_set() } end)
  local function wrong(o) return function() ml.cross_validate { data = o.data or line_set(), model = o.model or function() return ml.ridge() end, cv = o.cv, metrics = o.metrics } end end
  support.fails("cross_validate: model must be a function that makes it anew for each fold, as function() return ml.ridge() end, got a ml.ridge", wrong { model = ml.ridge() })
  support.fails("cross_validate: data must be a data set, as ml.data.tensors {x = x, y = y} gives, got a tensor", wrong { data = ml.ones(3, 2) })
  support.fails("cross_validate: cv must be a way of making folds, as ml.kfold(5) gives, got 5", wrong { cv = 5 })
  support.fails("cross_validate: the metric 'auc' is of classes, and the task 'regression' has numbers: rmse, mae, r2", wrong { metrics = { "auc" } })
  support.fails("cross_validate: model must return a module, it returned 3", function() ml.cross_validate { data = line_set(), model = function() return 3 end } end)
end
