-- Least squares and ridge: certified values, scikit-learn's answers, and what must stay true of any data.

local ml = require "moonlab"
local lu = require "luaunit"
local support = require "support"
local nist = dofile "tests/fixtures/nist.lua"
local oracle = dofile "tests/fixtures/classical.lua"

local DOUBLE = { dtype = "float64" }
local function tensor(list) return ml.tensor(list, DOUBLE) end
local x, y, w = tensor(oracle.data.x), tensor(oracle.data.y), tensor(oracle.data.w)

-- Relative, in the worst coefficient.
local function digits(model, b)
  local found, worst = model.weight:squeeze(1):tolist(), 0
  found[#found + 1] = model.bias:item()
  for i, value in ipairs(b) do worst = math.max(worst, math.abs(found[i] / value - 1)) end
  return -math.log(math.max(worst, 1e-17), 10)
end

local function agrees(model, expected, tolerance)
  support.close(model.weight, { expected.weight }, tolerance or 1e-11)
  support.close(model.bias, { expected.bias }, tolerance or 1e-11)
end

TestNist = {}

local function rows_of(set)
  if not set.degree then return tensor(set.x) end
  local rows = {}
  for i, value in ipairs(set.x) do
    local row = { value }
    for k = 2, set.degree do row[k] = row[k - 1] * value end
    rows[i] = row
  end
  return tensor(rows)
end

for name, set in pairs(nist) do
  TestNist[("test_%s_to_%d_digits"):format(name, set.digits or 9)] = function()
    local model = ml.linear { fit_intercept = not set.no_intercept }:fit(rows_of(set), tensor(set.y))
    lu.assertTrue(digits(model, set.b) > (set.digits or 9), ("%.1f digits"):format(digits(model, set.b)))
    if set.rounded then lu.assertTrue(digits(model, set.rounded) > 13, ("%.1f digits"):format(digits(model, set.rounded))) end
  end
end

TestLinearRegression = {}

function TestLinearRegression:test_is_scikit_learns() agrees(ml.linear():fit(x, y), oracle.linear.plain) end
function TestLinearRegression:test_with_weights() agrees(ml.linear():fit(x, y, { weight = w }), oracle.linear.weighted) end
function TestLinearRegression:test_without_intercept() agrees(ml.linear { fit_intercept = false }:fit(x, y), oracle.linear.bare) end

function TestLinearRegression:test_of_dependent_columns_is_the_solution_of_least_norm_and_says_so()
  local model = ml.linear():fit(tensor(oracle.linear.dependent_x), y, { names = { "a", "b", "c", "d", "sum", "seven" } })
  agrees(model, oracle.linear.dependent, 1e-10)
  lu.assertEquals(model.fitted.rank, 4)
  lu.assertStrContains(model.fitted.notes[1], "the columns have rank 4 of 6: of all solutions the one with the smallest weights is given")
end

-- Whatever the columns' mean, weights or none, with an intercept or without.
function TestLinearRegression:test_a_column_that_comes_twice_shares_its_weight()
  for _, case in ipairs { { shift = 0 }, { shift = 0, weight = w }, { shift = 1e6, weight = w }, { shift = 0, fit_intercept = false } } do
    local rows, how = x + case.shift, { weight = case.weight }
    local make = function() return ml.linear { fit_intercept = case.fit_intercept ~= false } end
    local one, twice = make():fit(rows, y, how), make():fit(ml.cat({ rows, rows:slice(2, 1, 1) }, 2), y, how)
    lu.assertEquals(twice.fitted.rank, 4)
    local half = one.weight:select(2, 1):item() / 2
    support.close(twice.weight, { { half, one.weight[{ 1, 2 }]:item(), one.weight[{ 1, 3 }]:item(), one.weight[{ 1, 4 }]:item(), half } }, case.shift > 0 and 1e-7 or 1e-12)
    support.close(twice:predict(ml.cat({ rows, rows:slice(2, 1, 1) }, 2)), one:predict(rows), case.shift > 0 and 1e-7 or 1e-11)
  end
end

function TestLinearRegression:test_a_large_constant_column_gets_no_weight()
  local model = ml.linear():fit(ml.cat({ x, ml.full({ 30, 1 }, 1e10, DOUBLE) }, 2), y)
  lu.assertEquals(model.weight:select(2, 5):item(), 0)
  support.close(model.weight:slice(2, 1, 4), { oracle.linear.plain.weight }, 1e-9)
end

function TestLinearRegression:test_of_more_columns_than_rows_is_the_solution_of_least_norm()
  agrees(ml.linear():fit(x:slice(1, 1, 3), y:slice(1, 1, 3)), oracle.linear.wide, 1e-10)
end

function TestLinearRegression:test_of_one_row_is_that_row()
  local model = ml.linear():fit(tensor { { 3, 4 } }, { 5 })
  lu.assertEquals(model:predict(tensor { { 3, 4 }, { 1, 0 } }):tolist(), { 5, 5 })
end

function TestLinearRegression:test_rows_that_come_twice_are_rows_of_twice_the_weight()
  local twice = ml.linear():fit(ml.cat({ x, x:slice(1, 1, 10) }, 1), ml.cat({ y, y:slice(1, 1, 10) }, 1))
  local weight = ml.cat({ ml.full({ 10 }, 2, DOUBLE), ml.ones(20, DOUBLE) }, 1)
  agrees(twice, { weight = ml.linear():fit(x, y, { weight = weight }).weight:squeeze(1):tolist(), bias = twice.bias:item() }, 1e-12)
end

function TestLinearRegression:test_the_order_of_rows_does_not_matter()
  local order = ml.arange(30, 1, -1)
  local turned = ml.linear():fit(x:index_select(1, order), y:index_select(1, order))
  support.close(turned.weight, ml.linear():fit(x, y).weight, 1e-13)
end

function TestLinearRegression:test_takes_a_data_set()
  agrees(ml.linear():fit(ml.data.tensors { x = x, y = y }), oracle.linear.plain)
end

function TestLinearRegression:test_of_float32_is_solved_in_float64()
  lu.assertEquals(ml.linear():fit(x:float(), y).weight.dtype, "float64")
end

function TestLinearRegression:test_the_bits_do_not_depend_on_threads()
  local core = require "moonlab.core"
  local many = ml.randn({ 5000, 20 }, DOUBLE)
  local target = many:sum(2)
  local before = core.threads()
  core.threads(1)
  local one = ml.linear():fit(many, target).weight
  core.threads(3)
  support.equal(ml.linear():fit(many, target).weight, one)
  core.threads(before)
end

function TestLinearRegression:test_fits_anew()
  local model = ml.linear():fit(x:slice(2, 1, 2), y)
  agrees(model:fit(x, y), oracle.linear.plain)
end

function TestLinearRegression:test_is_saved_and_loaded_as_any_module()
  support.with_folder(function(folder)
    local model = ml.linear():fit(x, y)
    model:save(folder .. "/m.safetensors")
    support.equal(ml.linear():load(folder .. "/m.safetensors"):predict(x), model:predict(x))
  end)
end

TestRidge = {}

function TestRidge:test_is_scikit_learns() agrees(ml.ridge { alpha = 2 }:fit(x, y), oracle.ridge.plain) end
function TestRidge:test_with_weights() agrees(ml.ridge { alpha = 0.3 }:fit(x, y, { weight = w }), oracle.ridge.weighted) end
function TestRidge:test_without_intercept() agrees(ml.ridge { alpha = 5, fit_intercept = false }:fit(x, y), oracle.ridge.bare) end

function TestRidge:test_of_more_columns_than_rows()
  agrees(ml.ridge { alpha = 0.7 }:fit(x:slice(1, 1, 3), y:slice(1, 1, 3)), oracle.ridge.wide)
end

function TestRidge:test_a_path_has_what_each_penalty_gives_alone()
  local path = ml.ridge():path(x, y, { 2, 0 })
  support.close(path.weight, { oracle.ridge.plain.weight, oracle.linear.plain.weight }, 1e-11)
  support.close(path.bias, { oracle.ridge.plain.bias, oracle.linear.plain.bias }, 1e-11)
end

function TestRidge:test_of_many_columns_has_no_gradient_left()
  local wide = ml.randn({ 400, 300 }, DOUBLE)
  local target = ml.randn({ 400 }, DOUBLE)
  local model = ml.ridge { alpha = 3 }:fit(wide, target)
  local rest = target - model:predict(wide)
  lu.assertTrue((wide:transpose(1, 2):matmul(rest:unsqueeze(2)):squeeze(2) - model.weight:squeeze(1) * 3):abs():max():item() < 1e-9)
end

TestRowsOfModels = {}

function TestRowsOfModels:test_nan_is_named_with_its_column()
  support.fails("ml.ridge: x is NaN in row 2, column 1 (age)\n  hint: numbers that are missing are filled in before: features.impute()",
    function() local _ = ml.ridge():fit(tensor { { 1, 2 }, { 0 / 0, 3 } }, { 1, 2 }, { names = { "age", "size" } }) end)
end

function TestRowsOfModels:test_a_target_that_is_no_number_is_named()
  support.fails("ml.ridge: y of row 2 is infinite", function() local _ = ml.ridge():fit(tensor { { 1 }, { 2 } }, { 1, 1 / 0 }) end)
end

function TestRowsOfModels:test_lengths_must_agree()
  support.fails("ml.ridge: x has 2 rows, but y has 3", function() local _ = ml.ridge():fit(tensor { { 1 }, { 2 } }, { 1, 2, 3 }) end)
end

function TestRowsOfModels:test_a_weight_below_0_is_refused()
  support.fails("ml.ridge: the weight of row 1 is below 0: -1",
    function() local _ = ml.ridge():fit(tensor { { 1 }, { 2 } }, { 1, 2 }, { weight = { -1, 2 } }) end)
end

function TestRowsOfModels:test_a_model_that_is_not_fitted_says_so()
  support.fails("ml.ridge: the model is not fitted yet: model:fit(x, y)\n  at TEST:LINE, ml.ridge", function() local _ = ml.ridge()(x) end)
end

function TestRowsOfModels:test_a_negative_penalty_is_refused()
  support.fails("ml.ridge: alpha must be a number from 0 on, got -1", function() local _ = ml.ridge { alpha = -1 } end)
end
