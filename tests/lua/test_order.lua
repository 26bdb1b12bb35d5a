-- Sorting, and what is made of it, where it is easily wrong: equals, NaN, zeros of both signs, long rows, all types.

local luaunit = require "luaunit"
local ml = require "moonlab"
local core = require "moonlab.core"
local support = require "support"

local inf, nan = math.huge, 0 / 0

-- Whether positions put x in order, each equal before the next.
local function check_order(x, values, positions, descending)
  local n = x:numel()
  luaunit.assertTrue(x:index_select(1, positions):eq(values):logical_or(values:isnan()):all():item())
  luaunit.assertEquals(positions:numel(), n)
  luaunit.assertTrue(positions:bincount { minlength = n }:eq(1):all():item())
  local before, after = values:slice(1, 1, n - 1), values:slice(1, 2, n)
  local right = descending and (before:ge(after) | before:isnan()) or (before:le(after) | after:isnan())
  luaunit.assertTrue(right:all():item())
  local stays = positions:slice(1, 1, n - 1):lt(positions:slice(1, 2, n))
  luaunit.assertTrue((stays | before:ne(after)):all():item())
end

TestOrder = {}

function TestOrder:test_rows_of_any_length_come_in_order()
  for _, n in ipairs { 2, 31, 32, 33, 1000, 5000, 131071, 131072, 200001 } do
    for _, descending in ipairs { false, true } do
      for _, dtype in ipairs { "float32", "float64", "int64", "int32", "uint8" } do
        local x = ml.randn(n):mul(dtype:find "float" and 1e3 or 100):to(dtype)
        local values, positions = x:sort { descending = descending }
        check_order(x, values, positions, descending)
      end
    end
  end
end

function TestOrder:test_nan_is_the_largest_number()
  local x = ml.tensor { 1.0, nan, -inf, inf, nan, 0.0 }
  local values, positions = x:sort()
  luaunit.assertEquals(positions:tolist(), { 3, 6, 1, 4, 2, 5 })
  luaunit.assertTrue(values[5]:isnan():item() and values[6]:isnan():item())
  luaunit.assertEquals(x:argsort { descending = true }:tolist(), { 2, 5, 4, 1, 6, 3 })
  luaunit.assertEquals(select(2, x:topk(2)):tolist(), { 2, 5 })
end

function TestOrder:test_zeros_of_both_signs_are_equal_and_keep_their_sign()
  local values, positions = ml.tensor { 0.0, -0.0, -1.0, 0.0, -0.0 }:sort()
  luaunit.assertEquals(positions:tolist(), { 3, 1, 2, 4, 5 })
  luaunit.assertEquals(values:reciprocal():tolist(), { -1, inf, -inf, inf, -inf })
end

function TestOrder:test_many_equals_stay_in_their_order_in_a_long_row()
  local x = core.ops.floor(ml.rand(300000) * 5)
  check_order(x, x:sort())
end

-- A window of 32 bits of the keys decides most; the others are those of which it leaves some, all or none undecided.
local N = 140000
local LONG = {
  tenths = function() return (ml.rand(N, { dtype = "float64" }) * 10):floor() / 10 end,
  narrow = function() return ml.rand(N, { dtype = "float64" }) * 1e-9 + 1 end,
  two_clusters = function() return ml.cat({ ml.rand(N // 2, { dtype = "float64" }) * 1e-12 + 1, ml.rand(N // 2, { dtype = "float64" }) * 1e-12 - 1e9 }, 1) end,
  with_nan_and_infinities = function()
    local x = ml.randn(N, { dtype = "float64" })
    x[{ 5 }], x[{ 77 }], x[{ 9 }], x[{ 10 }] = nan, nan, inf, -inf
    return x
  end,
  wide_integers = function() return ml.randint(-4000000000000, 4000000000000, { N }) end,
  ends_of_integers = function() return ml.randint(1, 3, { N }) * math.mininteger + ml.randint(1, 9, { N }) end,
  equal = function() return ml.full({ N }, -2.5, { dtype = "float64" }) end,
}
for name, make in pairs(LONG) do
  TestOrder["test_long_rows_come_in_order_" .. name] = function()
    for _, descending in ipairs { false, true } do
      local x = make()
      local values, positions = x:sort { descending = descending }
      check_order(x, values, positions, descending)
      support.equal(x:argsort { descending = descending }, positions)
    end
  end
end

function TestOrder:test_a_sort_does_not_depend_on_threads()
  local x = ml.randn(400000)
  local before, results = core.threads(), {}
  for i, threads in ipairs { 1, 2, 7 } do
    core.threads(threads)
    results[i] = { x:sort() }
  end
  core.threads(before)
  for i = 2, 3 do
    support.equal(results[i][1], results[1][1])
    support.equal(results[i][2], results[1][2])
  end
end

function TestOrder:test_median_of_nan_is_nan_and_nanmedian_leaves_it_out()
  local x = ml.tensor { 3.0, nan, 1.0, 2.0 }
  local value, position = x:median()
  luaunit.assertTrue(value:isnan():item())
  luaunit.assertEquals(position:item(), 2)
  luaunit.assertEquals(x:nanmedian():item(), 2)
  luaunit.assertTrue(ml.tensor { nan, nan }:nanmedian():isnan():item())
end

function TestOrder:test_unique_of_masks_words_and_nothing()
  local values, inverse, counts = ml.tensor { true, false, true }:unique()
  luaunit.assertEquals(values:tolist(), { false, true })
  luaunit.assertEquals(inverse:tolist(), { 2, 1, 2 })
  luaunit.assertEquals(counts:tolist(), { 1, 2 })
  luaunit.assertEquals(ml.zeros(0):unique().shape, { 0 })
  local x = (ml.randn(1000, 3) * 3):round()
  values, inverse, counts = x:unique()
  support.equal(values:index_select(1, inverse:flatten()):reshape(1000, 3), x)
  support.equal(inverse:flatten():bincount(), counts)
end

function TestOrder:test_bincount_leaves_0_out_and_refuses_negatives()
  luaunit.assertEquals(ml.tensor { 0, 2, 0, 2 }:bincount():tolist(), { 0, 2 })
  support.fails("bincount: position -1 at element 2 is negative", function() return ml.tensor { 1, -1 }:bincount() end)
end

function TestOrder:test_messages_say_what_there_is()
  support.fails("topk: k is 4, but dimension 1 of [3] has 3 elements", function() return ml.ones(3):topk(4) end)
  support.fails("kthvalue: k is 0, but dimension 2 of [2, 3] has 3 elements", function() return ml.ones(2, 3):kthvalue(0) end)
  support.fails("median: dimension 2 of [2, 0] has no elements to choose from", function() return ml.zeros(2, 0):median(2) end)
  support.fails("quantile: q must be within 0.0..1.0, got 1.5", function() local _ = ml.ones(3):quantile(1.5) end)
  support.fails("histc: 2..1 is no range", function() return ml.ones(3):histc(3, 2, 1) end)
end

function TestOrder:test_cumsum_of_float32_does_not_lose_small_steps()
  luaunit.assertEquals(ml.full({ 20000 }, 0.1):cumsum(1)[20000]:item(), ml.tensor { 20000 * 0.10000000149011612 }:item())
end

function TestOrder:test_unique_of_a_dimension_orders_its_slices()
  local x = ml.tensor { { 1, 2, 1 }, { 0, 5, 0 }, { 1, 2, 1 }, { 0, 4, 9 } }
  local values, inverse, counts = x:unique(1)
  luaunit.assertEquals(values:tolist(), { { 0, 4, 9 }, { 0, 5, 0 }, { 1, 2, 1 } })
  luaunit.assertEquals(inverse:tolist(), { 3, 2, 3, 1 })
  luaunit.assertEquals(counts:tolist(), { 1, 1, 2 })
  luaunit.assertTrue(values:index_select(1, inverse):equal(x))
  local columns, which = x:float():unique(2)
  luaunit.assertEquals(columns.shape, { 4, 3 })
  luaunit.assertTrue(columns:index_select(2, which):equal(x:float()))
  luaunit.assertEquals(ml.tensor { { nan, 1 }, { nan, 1 }, { 2, 1 } }:unique(1).shape, { 3, 2 })
end

function TestOrder:test_quantiles_with_nan_and_infinity()
  local x = ml.tensor { { 1, nan, 3 }, { nan, nan, nan }, { 5, 1, inf } }
  local q = x:nanquantile({ 0.5, 1 }, 2)
  luaunit.assertEquals(q.shape, { 2, 3 })
  luaunit.assertEquals(q:nan_to_num(-1, 99):tolist(), { { 2, -1, 5 }, { 3, -1, 99 } })
  luaunit.assertEquals(x:quantile({ 0.5, 0 }, 2):nan_to_num(-1):tolist(), { { -1, -1, 5 }, { -1, -1, 1 } })
  luaunit.assertErrorMsgContains("nanquantile: q must be within 0..1, got 2", function() x:nanquantile { 2 } end)
  luaunit.assertErrorMsgContains("nanquantile: [0] has no elements to choose from", function() ml.zeros(0):nanquantile(0.5) end)
end

function TestOrder:test_quantiles_have_gradients()
  local function f(x) return (x:nanquantile({ 0.3, 0.9 }, 1) * x:quantile({ 0.2, 0.6 }, 1)):sum() end
  luaunit.assertTrue(core.gradcheck(f, { ml.tensor({ { 1, 5 }, { 4, 2 }, { 3, 9 }, { 7, 0 } }, { dtype = "float64", requires_grad = true }) }))
end

function TestOrder:test_logcumsumexp_neither_overflows_nor_loses_what_is_nothing()
  local x = ml.tensor({ -inf, -inf, 1000, 0, -1000, 1000 }, { dtype = "float64", requires_grad = true })
  local y = x:logcumsumexp(1)
  luaunit.assertEquals(y:detach():slice(1, 1, 5):tolist(), { -inf, -inf, 1000, 1000, 1000 })
  luaunit.assertAlmostEquals(y:detach():at(6), 1000 + math.log(2), 1e-12)
  y:slice(1, 3, 6):sum():backward()
  luaunit.assertTrue(x.grad:allclose(ml.tensor({ 0, 0, 3.5, 0, 0, 0.5 }, { dtype = "float64" })))
end
