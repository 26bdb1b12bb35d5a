-- Logistic regression: scikit-learn's answers, and what must stay true of any data.

local ml = require "moonlab"
local lu = require "luaunit"
local support = require "support"
local oracle = dofile "tests/fixtures/classical.lua"

local DOUBLE = { dtype = "float64" }
local function tensor(list) return ml.tensor(list, DOUBLE) end
local x, w = tensor(oracle.data.x), tensor(oracle.data.w)
local expected = oracle.logistic
local two, three = ml.tensor(expected.two), ml.tensor(expected.three)

local function agrees(model, answer, tolerance)
  support.close(model.weight, answer.weight, tolerance)
  support.close(model.bias, answer.bias, tolerance)
end

TestLogistic = {}

function TestLogistic:test_of_two_classes_is_scikit_learns() agrees(ml.logistic():fit(x, two), expected.plain, 1e-8) end
function TestLogistic:test_with_a_large_penalty() agrees(ml.logistic { C = 0.01 }:fit(x, two), expected.strong, 1e-8) end
function TestLogistic:test_with_weights() agrees(ml.logistic { C = 3 }:fit(x, two, { weight = w }), expected.weighted, 1e-8) end
function TestLogistic:test_with_weights_of_classes() agrees(ml.logistic { class_weight = { 1, 3 } }:fit(x, two), expected.balanced, 1e-8) end
function TestLogistic:test_without_intercept() agrees(ml.logistic { fit_intercept = false }:fit(x, two), expected.bare, 1e-8) end
function TestLogistic:test_without_penalty() agrees(ml.logistic { penalty = "none" }:fit(x, two), expected.free, 1e-7) end
function TestLogistic:test_of_three_classes_is_scikit_learns() agrees(ml.logistic { tol = 1e-10 }:fit(x, three), expected.multi, 1e-6) end
-- Columns of units that have nothing to do with each other: steps by gradients would not end.
function TestLogistic:test_of_three_classes_whatever_the_units()
  local units = ml.tensor({ 1e-6, 1, 1e4, 1e9 }, DOUBLE)
  local plain, scaled = ml.logistic { penalty = "none" }:fit(x, three), ml.logistic { penalty = "none" }:fit(x * units + units * 3, three)
  support.close(scaled:predict_proba(x * units + units * 3), plain:predict_proba(x), 1e-6)
end

function TestLogistic:test_of_three_classes_with_weights()
  agrees(ml.logistic { C = 0.2, tol = 1e-10 }:fit(x, three, { weight = w }), expected.multi_weighted, 1e-6)
end

local sparse = oracle.sparse_logistic
function TestLogistic:test_with_l1_is_scikit_learns() agrees(ml.logistic { penalty = "l1", C = 0.5 }:fit(x, two), sparse.lasso, 1e-6) end
function TestLogistic:test_with_elasticnet_is_scikit_learns()
  agrees(ml.logistic { penalty = "elasticnet", l1_ratio = 0.4 }:fit(x, two), sparse.elastic, 1e-6)
end
function TestLogistic:test_of_three_classes_with_l1_is_scikit_learns()
  local model = ml.logistic { penalty = "l1", C = 0.5 }:fit(x, three)
  support.close(model.weight, sparse.multi.weight, 1e-5)
  support.close(model.bias - model.bias:mean(), (tensor(sparse.multi.bias) - tensor(sparse.multi.bias):mean()):tolist(), 1e-5)
end

function TestLogistic:test_with_l1_fulfils_the_conditions_of_an_optimum()
  local wide = ml.randn({ 200, 40 }, DOUBLE)
  local y = (wide:slice(2, 1, 3):sum(2) + ml.randn({ 200 }, DOUBLE)):gt(0):to "int64" + 1
  local model = ml.logistic { penalty = "l1", C = 0.2 }:fit(wide, y)
  local b = model.weight:squeeze(1)
  local slope = ((y - 1):double() - model:predict_proba(wide):select(2, 2)):unsqueeze(1):matmul(wide):squeeze(1) * 0.2
  local off = ml.where(b:eq(0), (slope:abs() - 1):clamp(0), (slope - b:sign()):abs())
  lu.assertTrue(off:max():item() < 1e-6)
  lu.assertTrue(b:eq(0):sum():item() > 10)
end

function TestLogistic:test_fields_that_are_mostly_zero_are_read_by_their_non_zeros()
  local rows, columns = 300, 24 -- enough for them to be taken apart
  local place = ml.arange(1, rows) % columns + 1
  local wide = ml.cat({ ml.eye(columns, DOUBLE):index_select(1, place) * 2, ml.randn({ rows, 2 }, DOUBLE) }, 2)
  local y = (place:ge(12) | ml.arange(1, rows):remainder(7):eq(0)):to "int64" + 1
  local model = ml.logistic { C = 2 }:fit(wide, y)
  local slope = (model:predict_proba(wide):select(2, 2) - (y - 1):double()):unsqueeze(1):matmul(wide) * 2 + model.weight
  lu.assertTrue(slope:abs():max():item() < 1e-7)
end

function TestLogistic:test_many_columns_have_no_gradient_left()
  local wide = ml.randn({ 80, 600 }, DOUBLE)
  local y = wide:sum(2):gt(0):to "int64" + 1
  local model = ml.logistic { tol = 1e-9 }:fit(wide, y)
  local slope = (model:predict_proba(wide):select(2, 2) - (y - 1):double()):unsqueeze(1):matmul(wide) + model.weight
  lu.assertTrue(slope:abs():max():item() < 1e-6)
end

function TestLogistic:test_rows_that_come_twice_are_rows_of_twice_the_weight()
  local weight = ml.cat({ ml.full({ 10 }, 2, DOUBLE), ml.ones(20, DOUBLE) }, 1)
  local twice = ml.logistic():fit(ml.cat({ x, x:slice(1, 1, 10) }, 1), ml.cat({ two, two:slice(1, 1, 10) }, 1))
  support.close(ml.logistic():fit(x, two, { weight = weight }).weight, twice.weight:tolist(), 1e-9)
end

function TestLogistic:test_probabilities_add_up_and_agree_with_the_classes()
  for _, y in ipairs { two, three } do
    local model = ml.logistic():fit(x, y)
    local p = model:predict_proba(x)
    support.close(p:sum(2), ml.ones(30, DOUBLE):tolist(), 1e-12)
    support.equal(p:argmax(2), model:predict(x):tolist())
  end
end

function TestLogistic:test_classes_that_can_be_told_apart_without_error_need_a_penalty()
  local rows = { { { 1 }, { 2 }, { 3 }, { 4 } }, { { 0 }, { 0 }, { 1 }, { 1 } } }
  for i, y in ipairs { { 1, 1, 2, 2 }, { 1, 2, 2, 2 } } do -- all of them; those of one value alone
    support.fails("ml.logistic: some columns tell classes apart without error: without a penalty their weights grow without end\n"
      .. "  hint: penalty = 'l2', with a large C for a small penalty", function()
      local _ = ml.logistic { penalty = "none" }:fit(tensor(rows[i]), ml.tensor(y))
    end)
  end
end

function TestLogistic:test_one_class_alone_is_refused()
  support.fails("ml.logistic: all 2 rows are of class 2: there is nothing to tell apart", function()
    local _ = ml.logistic():fit(tensor { { 1 }, { 2 } }, ml.tensor { 2, 2 })
  end)
end

function TestLogistic:test_a_class_without_rows_is_never_predicted_and_said()
  local model = ml.logistic():fit(x, two * 2 - 1, { classes = 3 })
  lu.assertEquals(model.fitted.notes, { "no row is of class 2: it is never predicted" })
  support.close(model:predict_proba(x):select(2, 3), ml.logistic():fit(x, two):predict_proba(x):select(2, 2):tolist(), 1e-12)
end

function TestLogistic:test_a_constant_column_does_no_harm()
  local wider = ml.cat({ x, ml.ones({ 30, 1 }, DOUBLE) }, 2)
  local model = ml.logistic { penalty = "none" }:fit(wider, two)
  support.close(model:predict_proba(wider):select(2, 2),
    ml.logistic { penalty = "none" }:fit(x, two):predict_proba(x):select(2, 2):tolist(), 1e-7)
end

function TestLogistic:test_the_bits_do_not_depend_on_threads()
  local core = require "moonlab.core"
  local many = ml.randn({ 9000, 20 }, DOUBLE)
  local before = core.threads()
  for _, y in ipairs { many:sum(2):gt(0):to "int64" + 1, many:sum(2):clamp(-1, 1):to "int64" + 2 } do
    core.threads(1)
    local one = ml.logistic { max_iter = 8 }:fit(many, y).weight
    core.threads(3)
    support.equal(ml.logistic { max_iter = 8 }:fit(many, y).weight, one:tolist())
  end
  core.threads(before)
end

function TestLogistic:test_not_converged_is_said()
  local model = ml.logistic { max_iter = 2 }:fit(x, three)
  lu.assertFalse(model.fitted.converged)
  lu.assertEquals(model.fitted.notes, { "the solver had not converged after 2 iterations" })
end

function TestLogistic:test_labels_must_be_classes()
  support.fails("ml.logistic: y must be classes, integers from 1 (int64), got float32", function()
    local _ = ml.logistic():fit(x, ml.zeros(30))
  end)
end
