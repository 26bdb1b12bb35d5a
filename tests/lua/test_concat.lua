-- Data sets behind one another.

local ml = require "moonlab"
local lu = require "luaunit"
local support = require "support"
local synthetic = require "synthetic"
local data = ml.data

-- Three sets of 1 + 0 + 5 rows whose x is 101, then 301 to 305.
local function set_of(from, n, more)
  local columns = { x = n > 0 and ml.arange(from, from + n - 1):reshape { n, 1 } or ml.empty(0, 1, { dtype = "int64" }),
    y = ml.ones(n, { dtype = "int64" }) * (n > 1 and 2 or 1), classes = { "a", "b" }, name = "set" .. from }
  for name, value in pairs(more or {}) do columns[name] = value end
  return data.tensors(columns)
end

local function three() return data.concat { set_of(101, 1), set_of(201, 0), set_of(301, 5) } end

TestConcatTables = {}

function TestConcatTables:test_pieces_have_the_types_of_the_whole()
  support.with_folder(function(folder)
    synthetic.write_file(folder .. "/a.csv", "age,size,note\n1,2,3\n4,5,6\n")
    synthetic.write_file(folder .. "/b.csv", "age,size,note\n7,0.5,x\n")
    local both = data.concat { data.csv(folder .. "/a.csv"), data.csv(folder .. "/b.csv") }
    for piece in both:pieces(1) do lu.assertEquals(piece:types(), both:table():types()) end
    local profile = both:profile()
    lu.assertEquals({ profile.rows, #profile.columns, profile.columns[2].max, profile.columns[3].type }, { 3, 4, 5, "text" })
  end)
end

function TestConcatTables:test_parts_of_different_types_go_behind_one_another()
  support.with_folder(function(folder)
    synthetic.write_file(folder .. "/a.csv", "age,size\n1,2\n4,5\n")
    synthetic.write_file(folder .. "/b.csv", "age,size\nold,0.5\n")
    local t = data.parts({ train = data.csv(folder .. "/a.csv"), test = data.csv(folder .. "/b.csv") }):table()
    lu.assertEquals(t:to_lists(), { age = { "1", "4", "old" }, size = { 2, 5, 0.5 }, part = { "train", "train", "test" } })
  end)
end

function TestConcatTables:test_a_row_of_two_sources_is_there_twice()
  support.with_folder(function(folder)
    local lines = { "x,y" }
    for i = 1, 40 do lines[#lines + 1] = ("%d,%s"):format(i, i % 3 == 0 and "a" or "b") end
    synthetic.write_file(folder .. "/a.csv", table.concat(lines, "\n") .. "\n")
    synthetic.write_file(folder .. "/b.csv", table.concat(lines, "\n", 1, 11) .. "\n99,a\n")
    synthetic.write_file(folder .. "/r.lua", [[
local ml = require "moonlab"
local data = ml.data
return ml.recipe { name = "both", task = "binary", model = ml.nn.Linear(2), split = { test = 0.2 },
  data = { source = data.concat { data.csv "a.csv", data.csv "b.csv" }, target = "y", clean = { duplicates = "drop" } },
  train = { epochs = 1, optimizer = ml.optim.adam {} } }
]])
    local status, out, err = synthetic.run(folder, "data r.lua")
    lu.assertEquals(status, 0, err)
    lu.assertStrContains(out, "read 51 rows: 41 kept, 0 quarantined, 10 dropped")
    lu.assertStrContains(out, "10 rows are the same as one before")
  end)
end

TestConcat = {}

function TestConcat:test_has_the_rows_of_all_in_order()
  local batch = three():batches { size = 10 }()
  lu.assertEquals(batch.x:reshape({ -1 }):tolist(), { 101, 301, 302, 303, 304, 305 })
  lu.assertEquals(batch.y:tolist(), { 1, 2, 2, 2, 2, 2 })
  lu.assertEquals(batch.source:tolist(), { 1, 3, 3, 3, 3, 3 })
end

function TestConcat:test_rows_come_in_the_order_that_is_asked_for()
  local set = three()
  local batch = set:fetch(ml.tensor { 4, 1, 6, 2, 1 }, {})
  lu.assertEquals(batch.x:reshape({ -1 }):tolist(), { 303, 101, 305, 301, 101 })
  lu.assertEquals(batch.source:tolist(), { 3, 1, 3, 3, 1 })
  for shuffled in set:batches { size = 4, shuffle = true } do
    local expected = set:column("x"):index_select(1, shuffled.rows)
    support.equal(shuffled.x, expected)
  end
end

function TestConcat:test_tells_where_rows_come_from()
  lu.assertEquals(three():sources(), { { name = "set101", rows = 1, synthetic = false }, { name = "set201", rows = 0, synthetic = false },
    { name = "set301", rows = 5, synthetic = false } })
  lu.assertEquals(three():column("source"):tolist(), { 1, 3, 3, 3, 3, 3 })
end

function TestConcat:test_labels_classes_and_shapes_are_those_of_all()
  local set = three()
  lu.assertEquals(set:labels():tolist(), { 1, 2, 2, 2, 2, 2 })
  lu.assertEquals(set.classes, { "a", "b" })
  lu.assertEquals(set:peek(), { count = 6, x = { 1, dtype = "int64" }, y = { dtype = "int64" }, classes = 2, stored_bytes = 4 })
end

function TestConcat:test_is_cut_and_balanced_as_any_set()
  local set = three()
  lu.assertEquals(set:part(ml.tensor { 6, 1 }):column("x"):reshape({ -1 }):tolist(), { 305, 101 })
  for batch in set:batches { balanced = true, size = 2 } do lu.assertEquals(batch.y:sum():item(), 3) end
  local parts = ml.split.parts(set, { by = { column = "source", test = 3 } })
  lu.assertEquals({ #parts.train, #parts.test }, { 1, 5 })
end

function TestConcat:test_of_concats_goes_on()
  local set = data.concat { three(), set_of(401, 2), name = "more" }
  lu.assertEquals(set:column("x"):reshape({ -1 }):tolist(), { 101, 301, 302, 303, 304, 305, 401, 402 })
  lu.assertEquals({ set.name, set:column("source"):tolist() }, { "more", { 1, 1, 1, 1, 1, 1, 2, 2 } })
end

function TestConcat:test_is_synthetic_if_a_part_of_it_is()
  local moons = data.make_moons { n = 10 }
  local real = data.tensors { x = ml.zeros(3, 2), y = ml.ones(3, { dtype = "int64" }), classes = moons.classes }
  local set = data.concat { real, moons }
  lu.assertTrue(set.synthetic)
  lu.assertEquals({ set:sources()[1].synthetic, set:sources()[2].synthetic }, { false, true })
  local said = data.concat({ data.jitter(real), data.jitter(moons, { seed = 9 }) }):describe()
  lu.assertEquals({ said.synthetic, said.sources[2].seed, said.sources[2].base.maker }, { true, 9, "make_moons" })
  lu.assertNil(data.concat({ real }).synthetic)
end

function TestConcat:test_what_differs_is_named()
  local first = set_of(101, 2)
  local function refused(message, ...)
    local sets = { first, ... }
    support.fails(message, function() data.concat(sets) end)
  end
  refused("data.concat: x of set101 is int64 [1], that of set301 is float32 [1]", set_of(301, 3, { x = ml.zeros(3, 1) }))
  refused("data.concat: x of set101 is int64 [1], that of set301 is int64 [2]", set_of(301, 3, { x = ml.zeros(3, 2, { dtype = "int64" }) }))
  refused("data.concat: the rows of set101 have x, y, those of set301 have w, x, y", set_of(301, 3, { w = ml.zeros(3) }))
  refused("data.concat: class 2 of set101 is 'b', that of set301 is 'c'", set_of(301, 3, { classes = { "a", "c" } }))
  refused("data.concat: class 3 of set101 is nil, that of set301 is 'c'", set_of(301, 3, { classes = { "a", "b", "c" } }))
  refused("data.concat: set101 has classes, bare has none", data.tensors { x = ml.zeros(3, 1), name = "bare" })
end

function TestConcat:test_takes_a_list_of_data_sets()
  support.fails("data.concat: entry 2 must be a data set, got 3", function() data.concat { set_of(1, 1), 3 } end)
  support.fails("data.concat: entry 1 must be a data set, got a moonlab.PictureSource; of a source take .train",
    function() data.concat { data.mnist() } end)
  support.fails("data.concat: a list of data sets is needed, as data.concat{a, b}; got an empty one", function() data.concat {} end)
  support.fails("data.concat: unknown option 'nmae'; it takes name and hold_out", function() data.concat { set_of(1, 1), nmae = "x" } end)
end
