-- What the ops that scatter promise beside the sweep and the oracle: order, bits, writing in place, messages.

local luaunit = require "luaunit"
local core = require "moonlab.core"
local ml = require "moonlab"

local function fails(text, f)
  local ok, message = pcall(f)
  luaunit.assertFalse(ok)
  luaunit.assertStrContains(tostring(message), text)
end

TestScatter = {}

function TestScatter:test_where_positions_repeat_the_last_element_stays_and_has_the_gradient()
  local source = ml.tensor({ 1.0, 2.0, 3.0 }, { requires_grad = true })
  local y = ml.zeros(2):scatter(1, ml.tensor { 2, 2, 1 }, source)
  luaunit.assertEquals(y:tolist(), { 3.0, 2.0 })
  y:sum():backward()
  luaunit.assertEquals(source.grad:tolist(), { 0.0, 1.0, 1.0 })
end

function TestScatter:test_threads_change_no_bit_of_a_sum()
  local before, first = core.threads(), nil
  local index = ml.randint(1, 9, { 4000, 70 })
  local source = ml.randn(4000, 70)
  for _, threads in ipairs { 1, 2, 7 } do
    core.threads(threads)
    local y = ml.zeros(9, 70):scatter_add(1, index, source)
    first = first or y
    luaunit.assertTrue(y:equal(first))
  end
  core.threads(before)
end

function TestScatter:test_in_place_writes_over_the_tensor()
  local x = ml.zeros(3)
  luaunit.assertTrue(rawequal(x:scatter_add_(1, ml.tensor { 3, 3 }, ml.tensor { 5.0, 6.0 }), x))
  luaunit.assertEquals(x:tolist(), { 0.0, 0.0, 11.0 })
  x:index_fill_(1, ml.tensor { 1 }, 4)
  luaunit.assertEquals(x:tolist(), { 4.0, 0.0, 11.0 })
end

function TestScatter:test_means_of_integers_are_rounded_down()
  local y = ml.tensor { 0, 0 }:scatter_reduce(1, ml.tensor { 1, 1, 2 }, ml.tensor { -1, -2, 7 }, "mean", { include_self = false })
  luaunit.assertEquals(y:tolist(), { -2, 7 })
end

function TestScatter:test_a_product_with_zeros_has_finite_gradients()
  local x = ml.tensor({ 2.0, 0.0, 3.0 }, { requires_grad = true })
  local source = ml.tensor({ 0.0, 5.0, 4.0 }, { requires_grad = true })
  x:scatter_reduce(1, ml.tensor { 1, 1, 2 }, source, "prod"):sum():backward()
  luaunit.assertEquals(source.grad:tolist(), { 10.0, 0.0, 0.0 })
  luaunit.assertEquals(x.grad:tolist(), { 0.0, 4.0, 1.0 })
end

function TestScatter:test_says_what_does_not_fit()
  fails("scatter: index [2, 5] does not fit x [3, 4]: sizes of all dimensions but 1 must be at most those of x",
    function() return ml.zeros(3, 4):scatter(1, ml.ones(2, 5):long(), 1) end)
  fails("scatter_add: source [2, 2] has no element for each position of index [2, 4]",
    function() return ml.zeros(3, 4):scatter_add(1, ml.ones(2, 4):long(), ml.ones(2, 2)) end)
  fails("scatter: position 4 at [2] of index is not in 1..3 (dimension 1 of [3])",
    function() return ml.zeros(3):scatter(1, ml.tensor { 1, 4 }, 1) end)
  fails("index_add: source must be [3, 2], x [3, 4] with one position of dimension 2 for each of index, got [3, 3]",
    function() return ml.zeros(3, 4):index_add(2, ml.tensor { 1, 4 }, ml.ones(3, 3)) end)
  fails("masked_scatter: the mask holds at 2 places, source has 1 elements",
    function() return ml.zeros(2):masked_scatter(ml.tensor { true, true }, ml.ones(1)) end)
end
