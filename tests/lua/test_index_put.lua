-- index_put: places, masks, what is written in place, and its messages. Against PyTorch: test_oracle.lua.

local luaunit = require "luaunit"
local ml = require "moonlab"

local function equal(x, list) luaunit.assertEquals(x:tolist(), list) end
local function fails(text, f) luaunit.assertErrorMsgContains(text, f) end

TestIndexPut = {}

function TestIndexPut:test_positions_of_all_dimensions_name_elements()
  equal(ml.zeros(2, 3):index_put({ ml.tensor { 1, 2 }, ml.tensor { 3, 1 } }, ml.tensor { 5.0, 6.0 }), { { 0, 0, 5 }, { 6, 0, 0 } })
end
function TestIndexPut:test_the_last_of_repeated_places_stays_and_accumulate_adds_them()
  local at, values = { ml.tensor { 2, 2 } }, ml.tensor { 5.0, 6.0 }
  equal(ml.ones(2):index_put(at, values), { 1, 6 })
  equal(ml.ones(2):index_put(at, values, { accumulate = true }), { 1, 12 })
end
function TestIndexPut:test_a_mask_may_stand_among_positions()
  equal(ml.zeros(2, 3):index_put({ ml.tensor { 2 }, ml.tensor { true, false, true } }, 7), { { 0, 0, 0 }, { 7, 0, 7 } })
end
function TestIndexPut:test_it_writes_in_place_through_views_too()
  local x = ml.zeros(2, 3)
  luaunit.assertTrue(rawequal(x:index_put_({ ml.tensor { 1 } }, 1), x))
  x:transpose():index_put_({ ml.tensor { 3 }, ml.tensor { 2 } }, 9)
  equal(x, { { 1, 1, 1 }, { 0, 0, 9 } })
end
function TestIndexPut:test_integers_stay_integers() luaunit.assertEquals(ml.ones(2):long():index_put({ ml.tensor { 1 } }, 3).dtype, "int64") end
function TestIndexPut:test_no_positions_change_nothing() equal(ml.ones(2):index_put({ ml.zeros(0):long() }, 3), { 1, 1 }) end
function TestIndexPut:test_messages()
  local x = ml.zeros(2, 3)
  fails("index_put: position 3 in dimension 1 of x, which has 2", function() x:index_put({ ml.tensor { 3 } }, 1) end)
  fails("index_put: position 0 in dimension 2 of x, which has 3", function() x:index_put({ ml.tensor { 1 }, ml.tensor { 0 } }, 1) end)
  fails("index_put: positions must be integers or a mask, got float32", function() x:index_put({ ml.ones(1) }, 1) end)
  fails("index_put: there are positions for more dimensions than the 2 of x [2, 3]", function()
    x:index_put({ ml.tensor { 1 }, ml.tensor { 1 }, ml.tensor { 1 } }, 1)
  end)
  fails("index_put: the mask is [3], dimension 1 of x is 2", function() x:index_put({ ml.tensor { true, true, false } }, 1) end)
  fails("index_put: the positions must be a list of tensors, one for each of the first dimensions, got", function() x:index_put(1, 1) end)
end
