-- Tensors as users meet them: constructors, operators, indexing in both sugars, assignment, conversion to Lua, and the
-- messages of what is wrong, compared whole.

local luaunit = require "luaunit"
local support = require "support"
local core = require "moonlab.core"
local ml = require "moonlab"

local fails, equal, same = support.fails, support.equal, luaunit.assertEquals

local function is(x, dtype, shape, list)
  same(x.dtype, dtype)
  same(x.shape, shape)
  same(x:tolist(), list)
end

-- Constructors -------------------------------------------------------------------------------------------------------

TestConstructors = {}

function TestConstructors:test_a_table_gives_shape_and_type()
  is(ml.tensor { { 1, 2 }, { 3, 4 } }, "int64", { 2, 2 }, { { 1, 2 }, { 3, 4 } })
  is(ml.tensor { 1, 2.5 }, "float32", { 2 }, { 1.0, 2.5 })
  is(ml.tensor { true, false }, "bool", { 2 }, { true, false })
  is(ml.tensor { true, 2 }, "float32", { 2 }, { 1.0, 2.0 })
  is(ml.tensor { { { 1 } } }, "int64", { 1, 1, 1 }, { { { 1 } } })
  is(ml.tensor(3), "int64", {}, 3)
  is(ml.tensor(3.0), "float32", {}, 3.0)
  is(ml.tensor {}, "float32", { 0 }, {})
  is(ml.tensor { {}, {} }, "float32", { 2, 0 }, { {}, {} })
  is(ml.tensor({ 1, 2 }, { dtype = "float64" }), "float64", { 2 }, { 1.0, 2.0 })
  is(ml.tensor({ 1.9, -1.9, 300 }, { dtype = "uint8" }), "uint8", { 3 }, { 1, 0, 255 })
  same(ml.tensor({ 1.0 }, { requires_grad = true }).requires_grad, true)
end

function TestConstructors:test_integers_are_exact()
  local large = (1 << 53) + 1
  same(ml.tensor({ large, math.mininteger, math.maxinteger }):tolist(), { large, math.mininteger, math.maxinteger })
  same(ml.full({ 2 }, large):tolist(), { large, large })
  same(ml.arange(large, large + 2):tolist(), { large, large + 1, large + 2 })
end

function TestConstructors:test_a_tensor_is_copied()
  local x = ml.tensor { 1.0, 2.0 }
  local y = ml.tensor(x)
  y[1] = 9
  same(x:tolist(), { 1.0, 2.0 })
  is(ml.tensor(x, { dtype = "int32" }), "int32", { 2 }, { 1, 2 })
end

function TestConstructors:test_sizes_stand_in_a_row_or_in_a_table()
  for _, f in ipairs { ml.zeros, ml.ones, ml.empty, ml.rand, ml.randn } do
    same(f(2, 3).shape, { 2, 3 })
    same(f({ 2, 3 }).shape, { 2, 3 })
    same(f(2, 3, { dtype = "float64" }).dtype, "float64")
    same(f().shape, {})
    same(f(0, 3).shape, { 0, 3 })
  end
  is(ml.zeros(2), "float32", { 2 }, { 0.0, 0.0 })
  is(ml.ones(2, { dtype = "bool" }), "bool", { 2 }, { true, true })
  is(ml.full({ 2 }, 7), "int64", { 2 }, { 7, 7 })
  is(ml.full({ 2 }, 0.5), "float32", { 2 }, { 0.5, 0.5 })
  is(ml.eye(2), "float32", { 2, 2 }, { { 1.0, 0.0 }, { 0.0, 1.0 } })
end

function TestConstructors:test_ranges_include_their_ends()
  is(ml.arange(4), "int64", { 4 }, { 1, 2, 3, 4 })
  is(ml.arange(2, 5), "int64", { 4 }, { 2, 3, 4, 5 })
  is(ml.arange(5, 1, -2), "int64", { 3 }, { 5, 3, 1 })
  is(ml.arange(1, 6, 2), "int64", { 3 }, { 1, 3, 5 })
  is(ml.arange(5, 1), "int64", { 0 }, {})
  is(ml.arange(0.0, 1.0, 0.25), "float32", { 5 }, { 0.0, 0.25, 0.5, 0.75, 1.0 })
  same(#ml.arange(0.0, 1.0, 0.1), 11)
  is(ml.linspace(0, 1, 3), "float32", { 3 }, { 0.0, 0.5, 1.0 })
  is(ml.linspace(4, 9, 1), "float32", { 1 }, { 4.0 })
end

function TestConstructors:test_random_tensors_stay_in_their_range()
  local r = ml.rand(1000)
  same(r:ge(0):all():item() and r:lt(1):all():item(), true)
  local n = ml.randint(2, 4, { 1000 })
  same({ n:min():item(), n:max():item(), n.dtype }, { 2, 4, "int64" })
  local p = ml.randperm(50)
  same(ml.zeros(50, { dtype = "int64" }):add_(p):sum():item(), 1275)
  same(p:eq(ml.arange(50)):all():item(), false)
end

function TestConstructors:test_a_seed_repeats_what_is_drawn()
  ml.manual_seed(5)
  local a, b = ml.randn(7), ml.randn(7)
  ml.manual_seed(5)
  equal(ml.randn(7), a)
  equal(ml.randn(7), b)
  same(a:equal(b), false)
end

function TestConstructors:test_what_is_wrong_is_said()
  fails("tensor: numbers or booleans are needed, got string", function() return ml.tensor { 1, "2" } end)
  fails("tensor: rows are not alike: at depth 2 one has 2 entries, another 1", function() return ml.tensor { { 1, 2 }, { 3 } } end)
  fails("tensor: rows are not alike: a table and number at depth 2", function() return ml.tensor { { 1, 2 }, 3 } end)
  fails("tensor: a number, a table of numbers or a tensor is needed, got nil", function() return ml.tensor(nil) end)
  fails("tensor: takes one value and options\n  hint: rows stand in one table: ml.tensor{{1, 2}, {3, 4}}", function() return ml.tensor({ 1, 2 }, { 3, 4 }) end)
  fails("tensor: unknown option 'dtyp'; did you mean 'dtype'?", function() return ml.tensor({ 1 }, { dtyp = "int64" }) end)
  fails('tensor: dtype must be one of "bool", "uint8", "int32", "int64", "float32", "float64", got float16', function() return ml.tensor({ 1 }, { dtype = "float16" }) end)
  fails("tensor: only floating tensors have gradients, this one is int64", function() return ml.tensor({ 1 }, { requires_grad = true }) end)
  fails("zeros: size 2 is negative: -3", function() return ml.zeros(2, -3) end)
  fails("zeros: a size must be a whole number, got 1.5", function() return ml.zeros(1.5) end)
  fails("zeros: a size must be a whole number, got string", function() return ml.zeros("3") end)
  fails("zeros: at most 8 dimensions", function() return ml.zeros(1, 1, 1, 1, 1, 1, 1, 1, 1) end)
  fails("full: the sizes come first, in a table: ml.full({2, 3}, 0.5)", function() return ml.full(2, 3) end)
  fails("full: value must be a number, got no value", function() return ml.full({ 2 }) end)
  fails("arange: from 1.0 to 5.0 in steps of 0.0 never ends", function() return ml.arange(1, 5, 0) end)
  fails("arange: from 1.0 to inf in steps of 1.0 never ends", function() return ml.arange(math.huge) end)
  fails("linspace: n must be at least 1, got 0", function() return ml.linspace(0, 1, 0) end)
  fails("randint: to (1) is less than from (2)", function() return ml.randint(2, 1, { 3 }) end)
end

-- Operators ----------------------------------------------------------------------------------------------------------

TestOperators = {}

local a, b = ml.tensor { 5, -7, 9 }, ml.tensor { 2, 2, -4 }

function TestOperators:test_they_are_elementwise_with_a_number_on_either_side()
  same((a + b):tolist(), { 7, -5, 5 })
  same((a - 1):tolist(), { 4, -8, 8 })
  same((1 - a):tolist(), { -4, 8, -8 })
  same((a * b):tolist(), { 10, -14, -36 })
  is(a / b, "float32", { 3 }, { 2.5, -3.5, -2.25 })
  same((a // b):tolist(), { 2, -4, -3 })
  same((a % b):tolist(), { 1, 1, -3 })
  same((b ^ 2):tolist(), { 4, 4, 16 })
  same((2 ^ ml.tensor { 3, 5 }):tolist(), { 8, 32 })
  same((-a):tolist(), { -5, 7, -9 })
  is(a + 0.5, "float32", { 3 }, { 5.5, -6.5, 9.5 })
end

function TestOperators:test_they_agree_with_luas_own()
  local values = { 7, -7, 3, -3, 1, 100 }
  for _, x in ipairs(values) do
    for _, y in ipairs(values) do
      same((ml.tensor { x } // y):item(), x // y)
      same((ml.tensor { x } % y):item(), x % y)
      same((ml.tensor { x + 0.5 } // y):item(), (x + 0.5) // y)
      same((ml.tensor { x + 0.5 } % y):item(), (x + 0.5) % y)
    end
  end
end

function TestOperators:test_masks_combine()
  local p, q = ml.tensor { true, true, false, false }, ml.tensor { true, false, true, false }
  same((p & q):tolist(), { true, false, false, false })
  same((p | q):tolist(), { true, true, true, false })
  same((p ~ q):tolist(), { false, true, true, false })
  same((~p):tolist(), { false, false, true, true })
  same((ml.tensor { 12 } & 10):tolist(), { 8 })
end

function TestOperators:test_shapes_broadcast()
  same((ml.tensor { { 1 }, { 2 } } + ml.tensor { 10, 20 }):tolist(), { { 11, 21 }, { 12, 22 } })
  fails("add: shapes [3] and [2] don't fit: dimension 1 from the end is 3 and 2\n  hint: sizes must be equal, or one of them 1",
    function() return a + ml.tensor { 1, 2 } end)
end

function TestOperators:test_equality_is_identity_and_order_is_of_numbers()
  local x = ml.tensor { 1.0 }
  same(x == x, true)
  same(x == ml.tensor { 1.0 }, false)
  same(x:equal(ml.tensor { 1.0 }), true)
  same(ml.tensor(1.5) < 2, true)
  same(2 < ml.tensor(1.5), false)
  same(ml.tensor(2) <= ml.tensor { 2 }, true)
  same(ml.tensor(3) > 2, true)
  fails("<: tensors with more than one element are compared by x:lt(y), which gives a mask; this one has shape [3]", function() return a < b end)
  fails("<=: tensors with more than one element are compared by x:le(y), which gives a mask; this one has shape [3]", function() return a <= 1 end)
  fails("<: a tensor and string can't be compared", function() return ml.tensor(1) < "2" end)
end

function TestOperators:test_comparisons_give_masks()
  same(a:lt(b):tolist(), { false, true, false })
  same(a:ge(5):tolist(), { true, false, true })
  same(a:eq(9):tolist(), { false, false, true })
  same(ml.tensor { 1.0, 0 / 0 }:ne(1):tolist(), { false, true })
  same(a:allclose(a + 1e-9), true)
  same(ml.tensor { 0 / 0 }:allclose(ml.tensor { 0 / 0 }), false)
  same(ml.tensor { 1 / 0 }:allclose(ml.tensor { 1 / 0 }), true)
  same(a:equal(ml.tensor { 5, -7 }), false)
end

function TestOperators:test_what_does_not_combine_is_said()
  fails("add: a tensor and string can't be combined with +", function() return a + "1" end)
  fails("mul: a tensor and table can't be combined with *", function() return {} * a end)
  fails("floor_divide: an integer divided by zero, at element 1\n  hint: x:float() gives inf or nan there", function() return a // 0 end)
  fails("pow: an integer to a negative power, at element 1\n  hint: x:float() first", function() return a ^ -1 end)
  fails('add: masks (bool) can\'t be calculated with\n  hint: combine them with & | ~, or convert with x:to "int64"',
    function() return a:lt(0) + a:gt(0) end)
  fails("logical_and: masks or integers are needed, got float32\n  hint: x:ne(0) makes a mask", function() return ml.ones(2) & ml.ones(2) end)
end

-- Reading by index ---------------------------------------------------------------------------------------------------

TestIndex = {}

local m = ml.arange(12):reshape(3, 4)

function TestIndex:test_a_position_gives_a_tensor()
  same(m[2]:tolist(), { 5, 6, 7, 8 })
  same(m[-1]:tolist(), { 9, 10, 11, 12 })
  is(m[2][3], "int64", {}, 7)
  same(m[2][3]:item(), 7)
  same(m:at(2, 3), 7)
  same(m:at(-1, -1), 12)
  same(m:select(2, -1):tolist(), { 4, 8, 12 })
end

function TestIndex:test_both_sugars_are_one_parser()
  for _, pair in ipairs {
    { "2", { 2 }, { 5, 6, 7, 8 } },
    { ":, 2", { {}, 2 }, { 2, 6, 10 } },
    { "2:3", { { 2, 3 } }, { { 5, 6, 7, 8 }, { 9, 10, 11, 12 } } },
    { "2:, -1", { { 2, -1 }, -1 }, { 8, 12 } },
    { ":2, 1", { { 1, 2 }, 1 }, { 1, 5 } },
    { "1::2, 2:3", { { 1, -1, 2 }, { 2, 3 } }, { { 2, 3 }, { 10, 11 } } },
    { " -1 , -2 ", { -1, -2 }, 11 },
    { "-2:, :2", { { -2, -1 }, { 1, 2 } }, { { 5, 6 }, { 9, 10 } } },
    { "3:2", { { 3, 2 } }, {} },
    { "2:2", { { 2 } }, { { 5, 6, 7, 8 } } },
  } do
    same(m[pair[1]]:tolist(), pair[3], pair[1])
    same(m[pair[2]]:tolist(), pair[3], pair[1])
  end
end

function TestIndex:test_views_share_their_elements()
  local x = ml.zeros(3, 4)
  x["2, :"]:fill_(5)
  x[{ {}, 1 }]:add_(1)
  same(x:tolist(), { { 1.0, 0.0, 0.0, 0.0 }, { 6.0, 5.0, 5.0, 5.0 }, { 1.0, 0.0, 0.0, 0.0 } })
  x:transpose()[4]:fill_(7)
  same(x:select(2, 4):tolist(), { 7.0, 7.0, 7.0 })
end

function TestIndex:test_masks_and_vectors_of_positions_pick()
  same(m[m:gt(9)]:tolist(), { 10, 11, 12 })
  same(m[ml.tensor { 3, 1, 3 }]:tolist(), { { 9, 10, 11, 12 }, { 1, 2, 3, 4 }, { 9, 10, 11, 12 } })
end

function TestIndex:test_rows_are_iterated()
  local sums = {}
  for row in m:rows() do sums[#sums + 1] = row:sum():item() end
  same(sums, { 10, 26, 42 })
  same(#m, 3)
  same(m:size(), { 3, 4 })
  same({ m:size(2), m:size(-1), m:dim(), m:numel() }, { 4, 4, 2, 12 })
end

function TestIndex:test_what_is_not_there_is_said()
  fails("select: position 4 of dimension 1, which has 3", function() return m[4] end)
  fails("select: position -4 of dimension 1, which has 3", function() return m[-4] end)
  fails("index: position 0, but positions count from 1 (or from the end: -1 is the last)", function() return m[0] end)
  fails("index: a position must be a whole number, got 1.5", function() return m[1.5] end)
  fails("index: 3 positions for a tensor of shape [3, 4]", function() return m["1, 2, 3"] end)
  fails('index: "1,,2" is not an index: write "1:3, :, -1"', function() return m["1,,2"] end)
  fails('index: "" is not an index: write "1:3, :, -1"', function() return m[""] end)
  fails("slice: step must be at least 1, not 0", function() return m["1:3:0"] end)
  fails("index: a range is {from, to} or {from, to, step}", function() return m[{ { 1, 2, 3, 4 } }] end)
  fails("index: a scalar has no positions\n  hint: x:item() is its number", function() return ml.tensor(1)[1] end)
  fails("index: the mask has shape [2], the tensor [3, 4]", function() return m[ml.tensor { true, false }] end)
  fails("index: positions must be a vector, got shape [1, 1]", function() return m[ml.tensor { { 1 } }] end)
  fails("index_select: position 4 at [2] of index is not in 1..3 (dimension 1 of [3, 4])", function() return m[ml.tensor { 1, 4 }] end)
  fails('index: a position, {ranges}, "1:3, :", a mask or a vector of positions is needed, got boolean', function() return m[true] end)
  fails("at: 1 positions for a tensor of shape [3, 4]", function() return m:at(1) end)
  fails("at: position 5 of dimension 2, which has 4", function() return m:at(1, 5) end)
  fails("#: a scalar has no first dimension", function() return #ml.tensor(1) end)
  fails("size: dimension 3 of a tensor with 2 (1..2)", function() return m:size(3) end)
end

-- Writing by index ---------------------------------------------------------------------------------------------------

TestAssignment = {}

function TestAssignment:test_numbers_and_tensors_are_written()
  local x = ml.zeros(3, 4, { dtype = "int64" })
  x[1] = 7
  x[{ {}, 1 }] = ml.tensor { 1, 2, 3 }
  x["2:3, 3:4"] = ml.tensor { { 5, 6 }, { 7, 8 } }
  x["2, 2"] = 2.9
  x[3][2] = -1
  same(x:tolist(), { { 1, 7, 7, 7 }, { 2, 2, 5, 6 }, { 3, -1, 7, 8 } })
  x["2:"] = ml.tensor { 9, 9, 9, 9 } -- broadcasts
  same(x:select(1, 3):tolist(), { 9, 9, 9, 9 })
  x[{}] = 4
  same(x:eq(4):all():item(), true)
end

function TestAssignment:test_a_mask_is_written_through()
  local x = ml.tensor { -1.0, 2.0, -3.0 }
  x[x:lt(0)] = 0
  same(x:tolist(), { 0.0, 2.0, 0.0 })
  local y = ml.tensor { true, false }
  y[ml.tensor { false, true }] = true
  same(y:tolist(), { true, true })
end

function TestAssignment:test_what_overlaps_is_read_before_it_is_written()
  local x = ml.arange(5)
  x["2:"] = x[":-2"]
  same(x:tolist(), { 1, 1, 2, 3, 4 })
  x = ml.arange(5)
  x[":-2"] = x["2:"]
  same(x:tolist(), { 2, 3, 4, 5, 5 })
  x = ml.arange(5)
  x["2:"]:copy_(x[":-2"])
  same(x:tolist(), { 1, 1, 2, 3, 4 })
  x = ml.arange(5)
  x["2:"]:add_(x[":-2"])
  same(x:tolist(), { 1, 3, 5, 7, 9 })
  local square = ml.arange(9):reshape(3, 3)
  square[{}] = square:transpose()
  same(square:tolist(), { { 1, 4, 7 }, { 2, 5, 8 }, { 3, 6, 9 } })
end

function TestAssignment:test_what_cannot_be_written_is_said()
  local x = ml.zeros(2, 3)
  fails("index: shapes [2] and [3] don't fit: dimension 1 from the end is 2 and 3\n  hint: sizes must be equal, or one of them 1",
    function() x[1] = ml.tensor { 1, 2 } end)
  fails("index: shape [2, 3] does not fit into [3]", function() x[1] = ml.ones(2, 3) end)
  fails("select: position 3 of dimension 1, which has 2", function() x[3] = 1 end)
  fails("index: a number or a tensor can be assigned, got string", function() x[1] = "a" end)
  fails("index: a mask (bool) can be assigned through, got int64", function() x[ml.tensor { 1 }] = 1 end)
  fails("index: can't write into an expanded tensor, whose elements share memory\n  hint: x:contiguous() makes a copy",
    function() ml.zeros(3):expand(2, 3)[1] = 1 end)
  fails("a tensor's 'shape' can't be assigned", function() x.shape = { 6 } end)
  fails("copy_: shapes [4] and [2, 3] don't fit: dimension 1 from the end is 4 and 3\n  hint: sizes must be equal, or one of them 1",
    function() x:copy_(ml.zeros(4)) end)
  fails("copy_: shape [2, 3] does not fit into [3]", function() ml.zeros(3):copy_(x) end)
  fails("fill_: value must be a number, got string", function() x:fill_ "1" end)
  local only = core.shape_only { 3 }
  local message = "a tensor of shape [3] has no data to copy: the model is only being checked, or not built"
  fails(message, function() x[1] = only end)
  fails(message, function() return ml.tensor(only) end)
  fails("copy_: the source has a shape but no data", function() x:copy_(only) end)
  same(x:eq(0):all():item(), true) -- nothing was written
end

function TestAssignment:test_graphs_are_not_written_into()
  local w = ml.ones(2, { requires_grad = true })
  local note = "\n  hint: compute a new tensor, or write inside ml.no_grad(function() ... end)"
  fails("index: can't write into a tensor that is part of a graph" .. note, function() w[1] = 2 end)
  fails("zero_: can't write into a tensor that is part of a graph" .. note, function() (w * 2):zero_() end)
  fails("add_: can't write in place what is part of a graph\n  hint: write x = x:add(...), or do it inside ml.no_grad(function() ... end)",
    function() w:add_(1) end)
  fails("index: can't assign a tensor that is part of a graph\n  hint: build the result with ml.cat or ml.where, or assign value:detach()",
    function() ml.zeros(2)[1] = w[1] end)
  ml.no_grad(function() w[1] = 5 end)
  same(w:tolist(), { 5.0, 1.0 })
end

-- Values and conversion ----------------------------------------------------------------------------------------------

TestValues = {}

function TestValues:test_item_gives_luas_own_kind()
  same(math.type(ml.tensor(3):item()), "integer")
  same(math.type(ml.tensor(3.0):item()), "float")
  same(ml.tensor(true):item(), true)
  same(ml.tensor({ { 4 } }):item(), 4)
  same(math.type(ml.tensor(3, { dtype = "uint8" }):item()), "integer")
  fails("item: a tensor of shape [3] has 3 elements, not one", function() return a:item() end)
  fails("item: a tensor of shape [0] has 0 elements, not one", function() return ml.zeros(0):item() end)
end

function TestValues:test_conversions()
  local x = ml.tensor { 1.7, -1.7, 0.0 }
  for method, dtype in pairs { float = "float32", double = "float64", long = "int64", int = "int32", byte = "uint8", bool = "bool" } do
    same(x[method](x).dtype, dtype)
    same(x:to(dtype).dtype, dtype)
  end
  same(x:long():tolist(), { 1, -1, 0 })
  same(x:bool():tolist(), { true, true, false })
  same(x:byte():tolist(), { 1, 0, 0 })
  fails('to: dtype must be one of "bool", "uint8", "int32", "int64", "float32", "float64", got "double"', function() return x:to "double" end)
end

function TestValues:test_tolist_follows_strides()
  same(m:transpose():tolist(), { { 1, 5, 9 }, { 2, 6, 10 }, { 3, 7, 11 }, { 4, 8, 12 } })
  same(ml.zeros(2, 0):tolist(), { {}, {} })
  same(ml.ones(1):expand(3):tolist(), { 1.0, 1.0, 1.0 })
end

function TestValues:test_pieces()
  local pieces = ml.arange(5):split(2)
  same({ pieces[1]:tolist(), pieces[2]:tolist(), pieces[3]:tolist(), #pieces }, { { 1, 2 }, { 3, 4 }, { 5 }, 3 })
  local chunks = m:chunk(2, 2)
  same({ chunks[1].shape, chunks[2].shape }, { { 3, 2 }, { 3, 2 } })
  fails("split: size must be at least 1, got 0", function() return m:split(0) end)
end

function TestValues:test_in_place_methods_give_the_tensor()
  local x = ml.ones(2)
  same(rawequal(x:add_(1):mul_(3):zero_():fill_(4), x), true)
  same(x:tolist(), { 4.0, 4.0 })
  fails("add_: the result has shape [2, 2], the tensor written to [2]", function() x:add_(ml.ones(2, 2)) end)
  fails("add_: a float32 result can't be written into a int64 tensor", function() ml.tensor { 1 }:add_(0.5) end)
end

-- Calls --------------------------------------------------------------------------------------------------------------

TestCalls = {}

-- Those that take more than the op, in Lua: lists, probabilities.
local IN_LUA = { quantile = true, cross_entropy = true }

function TestCalls:test_methods_and_functions_are_one_table()
  for name, f in pairs(core.ops) do
    local space, method = core.spaces[name], core.methods[name]
    local shown = (space and ml[space] or ml)[name]
    same(rawequal(shown, f), not IN_LUA[name], name)
    if method then same(rawequal(method, shown), true, name) end
  end
end

function TestCalls:test_dimensions_count_from_either_end()
  same(m:sum(1):tolist(), m:sum(-2):tolist())
  same(m:sum { 1, 2 }:item(), 78)
  same(m:sum(1, 2):item(), 78)
  same(m:sum({ dim = 2 }):tolist(), { 10, 26, 42 })
  same(m:sum(2, { keepdim = true }).shape, { 3, 1 })
  same(m:permute(2, 1).shape, { 4, 3 })
  same(m:reshape(2, -1).shape, { 2, 6 })
  same(m:reshape { 2, 6 }.shape, { 2, 6 })
end

function TestCalls:test_max_of_one_dimension_gives_positions_too()
  local values, positions = m:max(2)
  same({ values:tolist(), positions:tolist() }, { { 4, 8, 12 }, { 4, 4, 4 } })
  same(select("#", m:max()), 1)
  same(select("#", m:max(1, 2)), 1)
  same(select("#", m:max { 1, 2 }), 1)
  same(select("#", m:min { dim = 1 }), 2)
end

function TestCalls:test_what_is_wrong_with_arguments_is_said()
  fails("sum: dimension 3 of a tensor with 2 (1..2)", function() return m:sum(3) end)
  fails("sum: dims is 0, but positions count from 1 (or from the end: -1 is the last)", function() return m:sum(0) end)
  fails("sum: dims must be a whole number, got 1.5", function() return m:sum(1.5) end)
  fails('sum: dims must be a whole number, got "1"', function() return m:sum "1" end)
  fails("sum: dimension 1 is named twice", function() return m:sum { 1, 1 } end)
  fails("sum: unknown option 'keepdims'; did you mean 'keepdim'?", function() return m:sum(1, { keepdims = true }) end)
  fails("sum: keepdim must be true or false, got 1", function() return m:sum(1, { keepdim = 1 }) end)
  fails("matmul: [3, 4] and []: a number is multiplied with *", function() return m:matmul(3) end)
  fails('matmul: y must be a tensor, got "3"', function() return m:matmul "3" end)
  fails("matmul: y must be a tensor, got nil", function() return m:matmul(nil, 1) end)
  fails("matmul: takes (x, y), got 1 arguments", function() return m:matmul() end)
  fails("relu: takes (x), got 2 arguments", function() return m:relu(1) end)
  fails("select: takes (x, dim, index), got 1 arguments", function() return m:select {} end)
  fails("gather: positions must be integers, got float32\n  hint: x:to \"int64\"", function() return m:gather(1, ml.ones(1, 1)) end)
  fails("masked_fill: the mask must be bool, got int64\n  hint: x:ne(0) makes a mask", function() return m:masked_fill(m, 1) end)
  fails("reshape: [3, 4] has 12 elements, [5, 2] would have 10", function() return m:reshape(5, 2) end)
  fails("cat: the list of tensors is empty", function() return ml.cat({}, 1) end)
  fails("cat: entry 2 of tensors must be a tensor, got number", function() return ml.cat { m, 2 } end)
  fails("a tensor has no 'summ'; did you mean 'sum'?", function() return m:summ() end)
  fails("a tensor has no 'xyzzy'", function() return m.xyzzy end)
end

function TestCalls:test_numbers_of_integer_ops_are_whole()
  fails("clamp: 0.5 is not a whole number, and the tensor is int64\n  hint: x:float() first", function() ml.tensor { 1, 2 }:clamp(0.5) end)
  fails("masked_fill: 1.5 is not a whole number, and the tensor is int64\n  hint: x:float() first",
    function() ml.tensor { 1, 2 }:masked_fill(ml.tensor { true, false }, 1.5) end)
end

function TestCalls:test_clamp_of_integers_keeps_to_the_side_that_is_given()
  same(ml.tensor { -3, 0, 200 }:clamp(-1):tolist(), { -1, 0, 200 })
  same(ml.tensor({ -3, 0, 200 }, { dtype = "int32" }):clamp(-1):tolist(), { -1, 0, 200 })
  same(ml.clamp(ml.tensor({ 1, 250 }, { dtype = "uint8" }), -1, 300):tolist(), { 1, 250 })
end

-- Gradients from Lua -------------------------------------------------------------------------------------------------

TestGradients = {}

function TestGradients:test_parts_of_a_tensor_add_up_in_its_gradient()
  local x = ml.arange(1, 6):double():reshape(2, 3)
  x.requires_grad = true
  for _, whole in ipairs { x, x * 1 } do
    x.grad = nil
    local a, b, c = whole:slice(2, 1, 2), whole:slice(2, 1, 3, 2), whole:select(1, 2)
    ;(a * a):sum():add((b * 10):sum()):add((c * 100):sum()):backward()
    same(x.grad:tolist(), { { 12, 4, 10 }, { 118, 110, 110 } })
  end
end

function TestGradients:test_fields()
  local w = ml.tensor({ 2.0, 3.0 }, { requires_grad = true })
  local y = (w * w):sum()
  same({ w.is_leaf, y.is_leaf, w.grad_op, y.grad_op, w.grad }, { true, false, nil, "sum", nil })
  y:backward()
  same(w.grad:tolist(), { 4.0, 6.0 })
  w.grad = nil
  same(w.grad, nil)
  fails("grad: shape [3] float32 for a tensor of shape [2] float32", function() w.grad = ml.zeros(3) end)
  fails("requires_grad: only floating tensors have gradients, this one is int64", function() m.requires_grad = true end)
  fails("requires_grad: the tensor was computed; x:detach() cuts it off the graph", function() (w * 2).requires_grad = false end)
  fails("backward: unknown option 'retain_grap'; did you mean 'retain_graph'?", function() w:backward(nil, { retain_grap = true }) end)
end

function TestGradients:test_no_grad_and_detach()
  local w = ml.ones(2, { requires_grad = true })
  same(ml.no_grad(function() return w * 2 end).requires_grad, false)
  same(w:detach().requires_grad, false)
  same((w * 2).requires_grad, true)
  pcall(ml.no_grad, function() error "inside" end)
  same(core.is_grad_enabled(), true)
end

function TestGradients:test_gradients_of_functions()
  local g = ml.grad(function(x, y) return (x * x * y):sum() end)
  local dx, dy = g(ml.tensor { 1.0, 2.0 }, ml.tensor { 3.0, 4.0 })
  same({ dx:tolist(), dy:tolist() }, { { 6.0, 16.0 }, { 1.0, 4.0 } })
end

function TestGradients:test_gradcheck_finds_a_wrong_gradient()
  local x = ml.tensor({ 0.5, 1.5 }, { dtype = "float64", requires_grad = true })
  same(ml.gradcheck(function(v) return (v * v):sum() end, { x }), true)
  fails("gradcheck: input 1, element 1: backward gives 0.5, differences give 1", function()
    ml.gradcheck(function(v) return (v * v:detach()):sum() end, { x }, { atol = 1e-4 })
  end)
  fails("gradcheck: input 1 must be contiguous float64", function() ml.gradcheck(function(v) return v:sum() end, { ml.ones(2, { requires_grad = true }) }) end)
end

function TestGradients:test_anomaly_mode_names_the_line()
  local before = core.set_anomaly(true)
  local ok, message = pcall(function() return ml.tensor { -1.0 }:log() end)
  core.set_anomaly(before)
  same(ok, false)
  luaunit.assertStrMatches(tostring(message), ".*test_tensor%.lua:%d+: log: gave NaN from finite inputs\n  at tests/lua/test_tensor%.lua:%d+.*")
end
