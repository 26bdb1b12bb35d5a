-- Files of other programs: what NumPy wrote, and that what is written reads back.

local ml = require "moonlab"
local core = require "moonlab.core"
local lu = require "luaunit"
local support = require "support"
local Table = require "moonlab.table.table"
local fails, equal = support.fails, support.equal

-- A failure of the data (status 4) whose message ends so.
local function bad_data(ending, f, ...)
  local ok, failure = pcall(f, ...)
  lu.assertFalse(ok, "no error was raised")
  lu.assertIsTable(failure)
  lu.assertEquals(failure.status, 4)
  lu.assertEquals(failure.message:sub(-#ending), ending)
end

local function write(path, bytes)
  local file = assert(io.open(path, "wb"))
  file:write(bytes)
  file:close()
end

TestNumpyFiles = {}

function TestNumpyFiles:test_every_type_has_the_values_that_numpy_gave_it()
  local tensors, names = core.read_npz "tests/fixtures/arrays.npz"
  local fixture = dofile "tests/fixtures/npy.lua"
  lu.assertEquals(#names, #fixture)
  for i, entry in ipairs(fixture) do
    local name, dtype, shape, values = table.unpack(entry)
    local x = tensors[name]
    lu.assertEquals({ names[i], x.dtype, x.shape }, { name, dtype, shape })
    local expected = core.tensor(values, { dtype = dtype }):reshape(shape)
    lu.assertTrue(core.ops.eq(x, expected):all():item(), name .. ": " .. tostring(x))
  end
end

function TestNumpyFiles:test_a_stored_archive_gives_the_same_as_a_packed_one()
  local packed, stored = core.read_npz "tests/fixtures/arrays.npz", ml.load "tests/fixtures/arrays_stored.npz"
  for _, name in ipairs { "fortran", "bool", "be_f2" } do equal(stored[name], packed[name]) end
end

function TestNumpyFiles:test_load_and_save_follow_content_and_ending()
  support.with_folder(function(folder)
    local x, y = core.tensor { { 1.5, 2.0 }, { 3.0, 4.0 } }, core.tensor { 1, 2, 3 }
    ml.save(folder .. "/x.npy", x:transpose(1, 2))
    equal(ml.load(folder .. "/x.npy"), { { 1.5, 3.0 }, { 2.0, 4.0 } })
    lu.assertEquals(core.peek_npy(folder .. "/x.npy"), { shape = { 2, 2 }, dtype = "float32" })
    for _, ending in ipairs { "npz", "safetensors" } do
      local path = folder .. "/both." .. ending
      ml.save(path, { y = y, x = x })
      local tensors, names = ml.load(path)
      lu.assertEquals(names, { "x", "y" })
      equal(tensors.x, x)
      equal(tensors.y, y)
      ml.save(path, { { "y", y }, { "x", x } })
      lu.assertEquals(select(2, ml.load(path)), { "y", "x" })
    end
  end)
end

function TestNumpyFiles:test_errors_say_what_to_write()
  local x = core.tensor { 1 }
  fails("save: x.txt must end in .npy (one tensor), .npz or .safetensors (several with names)", function() ml.save("x.txt", x) end)
  fails("save: a .npy file holds one tensor, got a table; several with names go into a .npz or .safetensors file",
    function() ml.save("x.npy", { x = x }) end)
  fails("save: a .npz file holds tensors with names, as in ml.save(path, { x = x }); got a tensor", function() ml.save("x.npz", x) end)
  fails("save: 'y' must be a tensor, got 3", function() ml.save("x.npz", { y = 3 }) end)
  fails("save: names of tensors are strings, got 2", function() ml.save("x.npz", { [2] = x }) end)
  fails("save: path must be a string, got nil", function() ml.save(nil, x) end)
end

function TestNumpyFiles:test_a_damaged_file_is_a_failure_of_the_data()
  support.with_folder(function(folder)
    write(folder .. "/x.npz", "PK\3\4 and so on, long enough for a zip archive")
    bad_data("/x.npz: is no whole zip archive: it has no end record; fetch it again", ml.load, folder .. "/x.npz")
    bad_data("/no.npy: can't be opened: No such file or directory", ml.load, folder .. "/no.npy")
  end)
end

TestSounds = {}

function TestSounds:test_every_format_has_the_samples_that_scipy_reads()
  local count = 0
  for name, entry in pairs(dofile "tests/fixtures/wav.lua") do
    local x, rate = ml.data.read_sound("tests/fixtures/wav/" .. name)
    lu.assertEquals(rate, entry[1], name)
    lu.assertEquals(x.dtype, "float32")
    equal(x, entry[2])
    lu.assertEquals(core.peek_wav("tests/fixtures/wav/" .. name).frames, #entry[2][1])
    count = count + 1
  end
  lu.assertEquals(count, 7)
end

-- Every 100th of the 3,000 recordings.
function TestSounds:test_real_recordings_load_and_write_back()
  local root = os.getenv "MOONLAB_DATA"
  local listing = root and io.popen(("ls %s/fsdd/recordings/*.wav 2>/dev/null"):format(root))
  local paths = {}
  for path in listing and listing:lines() or function() end do paths[#paths + 1] = path end
  if listing then listing:close() end
  if #paths == 0 then lu.skip "MOONLAB_DATA has no fsdd/recordings" end
  support.with_folder(function(folder)
    for i = 1, #paths, 100 do
      local x, rate = ml.data.read_sound(paths[i])
      lu.assertEquals({ rate, x.shape[1] }, { 8000, 1 })
      lu.assertEquals(core.peek_wav(paths[i]).frames, x.shape[2])
      ml.data.write_sound(folder .. "/x.wav", x, rate)
      equal(ml.data.read_sound(folder .. "/x.wav"), x)
    end
  end)
end

function TestSounds:test_errors_name_the_argument()
  local x = core.zeros(1, 4)
  fails("write_sound: bits must be 8, 16, 24 or 32 (of floats 32), got 12", function() ml.data.write_sound("x.wav", x, 8000, { bits = 12 }) end)
  fails("data.write_sound: unknown option 'bit'; did you mean 'bits'?", function() ml.data.write_sound("x.wav", x, 8000, { bit = 12 }) end)
  lu.assertErrorMsgContains("data.read_sound: there is no file no.wav", ml.data.read_sound, "no.wav")
end

TestJsonLines = {}

-- The column of that name.
local function column(t, name)
  for _, found in ipairs(t) do
    if found.name == name then return found end
  end
end

function TestJsonLines:test_schema_says_what_all_rows_are()
  support.with_folder(function(folder)
    local path = folder .. "/x.jsonl"
    write(path, '{"id": 1, "x": 2}\n{"id": 2, "x": 3.5}\n{"id": 3, "x": "n/a", "y": {"z": true}}\n{"id": 4, "x": 9}\n')
    local reader = core.jsonl_open(path)
    local schema = reader:schema()
    lu.assertEquals({ schema.rows, schema.bytes, #schema.columns }, { 4, 96, 3 })
    lu.assertEquals(schema.columns[2], { name = "x", wanted = true, type = "text", rows = 4, missing = 0,
      other = { count = 1, most = "number", first = { line = 3, text = "n/a" } } })
    lu.assertEquals(schema.columns[3], { name = "y.z", wanted = true, type = "boolean", rows = 4, missing = 3 })
    local t = reader:read(3)
    lu.assertEquals({ t.rows, t[1].values:tolist() }, { 3, { 1, 2, 3 } })
    lu.assertEquals(reader:read().rows, 1)
    lu.assertNil(reader:read())
  end)
end

function TestJsonLines:test_texts_that_are_all_iso_times_are_times_unless_another_type_is_declared()
  support.with_folder(function(folder)
    local path = folder .. "/x.jsonl"
    write(path, '{"day": "2024-02-29", "at": "2024-02-29T13:45:06.5Z", "mixed": "2024-02-29", "text": "2024-02-29T00:00"}\n'
      .. '{"day": null, "at": "2024-03-01 00:00:00+01:00", "mixed": "2024-02-30"}\n')
    local reader = core.jsonl_open(path, { types = { text = "text" } })
    local t = reader:read()
    lu.assertEquals({ t[1].type, t[2].type, t[3].type, t[4].type }, { "time", "time", "text", "text" })
    lu.assertEquals(t[1].values[1]:item(), 1709164800.0)
    lu.assertTrue(t[1].values:isnan()[2]:item())
    lu.assertEquals(t[2].values:tolist(), { 1709214306.5, 1709247600.0 })
    lu.assertEquals(t[4].bytes:tolist(), { ("2024-02-29T00:00"):byte(1, -1) })
    lu.assertNil(reader:schema().columns[3].other) -- half of them
    write(path, ('{"day": "2024-02-29"}\n'):rep(3) .. '{"day": "soon"}\n')
    lu.assertEquals(core.jsonl_open(path):schema().columns[1].other, { count = 1, most = "time", first = { line = 4, text = "soon" } })
  end)
end

function TestJsonLines:test_a_text_after_many_times_makes_them_texts_as_they_were_written()
  support.with_folder(function(folder)
    local path = folder .. "/x.jsonl"
    write(path, ('{"day": "2024-02-29T00:00"}\n'):rep(60000) .. '{"day": "soon"}\n')
    local column = Table.of(core.jsonl_open(path):read()).day
    lu.assertEquals({ column.type, column:item(1), column:item(60000), column:item(60001) }, { "text", "2024-02-29T00:00", "2024-02-29T00:00", "soon" })
  end)
end

function TestJsonLines:test_integers_that_would_be_rounded_make_texts_or_are_problems_where_integers_are_declared()
  support.with_folder(function(folder)
    local path = folder .. "/x.jsonl"
    write(path, '{"a": 9223372036854775808, "b": 9007199254740993, "c": 9007199254740993, "d": 9007199254740992, "e": -0}\n'
      .. '{"a": 1, "b": 0.5, "c": 1, "d": 0.5, "e": 1}\n')
    local reader = core.jsonl_open(path)
    local t, schema = Table.of(reader:read()), reader:schema()
    lu.assertEquals(t:types(), { a = "text", b = "text", c = "integer", d = "number", e = "number" })
    lu.assertEquals({ t.a:to_list(), t.b:to_list(), t.c:item(1) }, { { "9223372036854775808", "1" }, { "9007199254740993", "0.5" }, 9007199254740993 })
    lu.assertEquals(schema.columns[1].other, { count = 1, most = "integer", first = { line = 1, text = "9223372036854775808" },
      why = "a whole number that 64 bits do not hold" })
    lu.assertEquals(schema.columns[2].other.why, "a whole number that would be rounded beside fractions")
    local ok, failure = pcall(function() core.jsonl_open(path, { types = { a = "integer" } }):read() end)
    lu.assertFalse(ok)
    lu.assertStrContains(failure.message, ":1:7: 'a': found '9223372036854775808', expected an integer")
    lu.assertEquals(Table.of(core.jsonl_open(path, { types = { a = "number" } }):read()).a:item(1), 2.0 ^ 63)
  end)
end

function TestJsonLines:test_marks_of_a_recipes_column_mean_missing()
  support.with_folder(function(folder)
    write(folder .. "/x.jsonl", '{"a": "?", "b": "x"}\n{"a": 3, "b": 2}\n{"a": "old", "b": 5}\n')
    local t, problems = ml.data.jsonl(folder .. "/x.jsonl"):table { declared = { types = { a = "number", b = "number" }, missing_of = { a = { "?" } } } }
    lu.assertEquals({ t.a:to_list(), t.b:to_list() }, { { ml.data.missing, 3, ml.data.missing }, { ml.data.missing, 2, 5 } })
    problems.count = nil -- of those that the reader found
    lu.assertEquals(problems, { { line = 1, row = 1, column = "b", text = "x", wanted = "a number" }, { row = 3, column = "a", text = "old", wanted = "a number" } })
  end)
end

function TestJsonLines:test_columns_types_and_problems()
  support.with_folder(function(folder)
    local path = folder .. "/x.jsonl"
    write(path, '{"id": 1, "x": "7", "t": "1970-01-01T00:01:00Z"}\n{"id": 2, "x": "seven"}\n{"id": 3\n')
    local reader <close> = core.jsonl_open(path, { columns = { "x", "t" }, types = { x = "number", t = "time" }, problems = "collect" })
    local t = reader:read()
    lu.assertEquals({ #t, column(t, "x").values[1]:item(), column(t, "t").values[1]:item() }, { 2, 7.0, 60.0 })
    lu.assertEquals(reader:problems(), { count = 2, { line = 2, row = 2, column = "x", text = "seven", wanted = "a number" },
      { line = 3, row = 3, text = '{"id": 3', wanted = "one JSON object" } })
    bad_data("/x.jsonl:3:9: the line ends within an object; JSON Lines has one object a line", function() core.jsonl_open(path):read() end)
  end)
end

function TestJsonLines:test_errors_name_the_argument()
  fails("data.jsonl: unknown option 'colums'; did you mean 'columns'?", function() core.jsonl_open("x", { colums = {} }) end)
  fails("data.jsonl: types['a'] must be \"integer\", \"number\", \"boolean\", \"time\" or \"text\", got numbr; did you mean \"number\"?",
    function() core.jsonl_open("x", { types = { a = "numbr" } }) end)
  fails("data.jsonl: problems must be \"error\" or \"collect\", got ignore", function() core.jsonl_open("x", { problems = "ignore" }) end)
  fails("data.jsonl: columns[1] must be a name, got number", function() core.jsonl_open("x", { columns = { 3 } }) end)
end

function TestJsonLines:test_what_is_written_reads_back()
  support.with_folder(function(folder)
    local path = folder .. "/x.jsonl"
    write(path, '{"a": 1.5, "b": "x\\ny", "c": null}\n{"a": 2.0, "b": null, "c": 3}\n')
    local t = core.jsonl_open(path):read()
    core.write_jsonl(path, t)
    local file = assert(io.open(path))
    lu.assertEquals(file:read "a", '{"a": 1.5, "b": "x\\ny", "c": null}\n{"a": 2.0, "b": null, "c": 3}\n')
    file:close()
  end)
end

TestSqlite = {}

-- A database made by the sqlite3 of Python's library, which the test programs need anyway.
local function with_database(f)
  support.with_folder(function(folder)
    local path = folder .. "/x.db"
    local script = [[
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute('create table "odd ""name" (id integer, score real, city text)')
db.executemany('insert into "odd ""name" values (?, ?, ?)', [(1, 0.5, "Rome"), (2, None, None), (3, 2, "Oslo")])
db.execute('create view rome as select * from "odd ""name" where city = \'Rome\'')
db.commit()]]
    write(folder .. "/make.py", script)
    if not os.execute(("python3 %s/make.py %s"):format(folder, path)) then lu.skip "python3 has no sqlite3" end
    f(path)
  end)
end

function TestSqlite:test_tables_and_queries()
  with_database(function(path)
    lu.assertEquals(core.sqlite_tables(path), { 'odd "name', "rome" })
    local reader <close> = core.sqlite_open(path, { table = 'odd "name' })
    local schema = reader:schema()
    lu.assertEquals(schema.rows, 3)
    lu.assertEquals(schema.columns[2], { name = "score", wanted = true, type = "number", rows = 3, missing = 1 })
    local t = reader:read(2)
    lu.assertEquals({ t.rows, column(t, "id").values:tolist(), column(t, "city").ends:tolist() }, { 2, { 1, 2 }, { 4, 4 } })
    lu.assertEquals(reader:read().rows, 1)
    lu.assertNil(reader:read())
    local q = core.sqlite_open(path, { query = 'select id * 2 as twice from "odd ""name" where id > :least', parameters = { least = 1 } }):read()
    lu.assertEquals(q[1].values:tolist(), { 4, 6 })
    q = core.sqlite_open(path, { query = "select ? as a, ? as b", parameters = { "x", 2.5 } }):read()
    lu.assertEquals({ q[1].type, q[2].values:tolist() }, { "text", { 2.5 } })
  end)
end

function TestSqlite:test_times_and_long_integers_are_kept()
  with_database(function(path)
    local function types(query)
      local reader <close> = core.sqlite_open(path, { query = query })
      local t = Table.of(reader:read())
      return t:types(), t, reader:schema()
    end
    local of, t = types "select '2024-02-29' as day, '2024-02-29T12:00' as mixed union all select '2024-03-01 06:00', 'noon' order by 1"
    lu.assertEquals(of, { day = "time", mixed = "text" })
    lu.assertEquals(t.mixed:to_list(), { "2024-02-29T12:00", "noon" })
    local rounded, u, schema = types "select 9007199254740993 as id, 9007199254740993 as x union all select 1, 0.5 order by 1 desc"
    lu.assertEquals(rounded, { id = "integer", x = "text" })
    lu.assertEquals(u.x:to_list(), { "9007199254740993", "0.5" })
    lu.assertEquals(schema.columns[2].other.why, "a whole number that would be rounded beside fractions")
  end)
end

function TestSqlite:test_a_column_of_times_is_what_a_recipe_declares()
  with_database(function(path)
    local query = "select '2024-02-29T12:00' as a, '2024-02-29' as b, '2024-02-29' as c"
    local t, problems = ml.data.sqlite(path, { query = query }):table { declared = { types = { a = "text", b = "time", c = "number" } } }
    lu.assertEquals(t:types(), { a = "text", b = "time", c = "number" })
    lu.assertEquals(t.a:item(1), "2024-02-29T12:00")
    lu.assertEquals(problems, { { row = 1, column = "c", text = "2024-02-29", wanted = "a number" } })
  end)
end

function TestSqlite:test_errors_say_what_to_write()
  fails('data.sqlite: write { table = "name" } or { query = "select ..." }, one of them', function() core.sqlite_open("x.db", {}) end)
  fails('data.sqlite: options must be a table, got nil: write { table = "name" } or { query = "select ..." }', function() core.sqlite_open "x.db" end)
  fails("data.sqlite: parameters must be numbers, texts, true or false, got table",
    function() core.sqlite_open("x.db", { query = "select ?", parameters = { {} } }) end)
  bad_data("no.db: can't be opened: No such file or directory", core.sqlite_tables, "no.db")
end

TestTimeSeries = {}

local function with_ts(text, f)
  support.with_folder(function(folder)
    write(folder .. "/x.ts", text)
    f(folder .. "/x.ts")
  end)
end

local HEADER = "# a comment\n@problemName Small\n@univariate false\n@classLabel true up down\n@data\n"

function TestTimeSeries:test_dimensions_missing_values_and_lengths()
  with_ts(HEADER .. "1,2,3:4,?,6:down\n\n7, 8.5:-1e2:up\n", function(path)
    local set = ml.data.ts(path)
    lu.assertEquals({ #set, set.columns.x.shape, set.classes }, { 2, { 2, 2, 3 }, { "up", "down" } })
    lu.assertEquals(set.columns.y:tolist(), { 2, 1 })
    lu.assertEquals(set.columns.lengths:tolist(), { 3, 2 })
    local x = set.columns.x:reshape { 12 }:tolist()
    lu.assertEquals({ x[1], x[3], x[4], x[6], x[7], x[8], x[10] }, { 1, 3, 4, 6, 7, 8.5, -100 })
    for _, i in ipairs { 5, 9, 11, 12 } do lu.assertTrue(x[i] ~= x[i]) end
    local batch = set:batches { size = 2 }()
    lu.assertEquals({ batch.x.shape, batch.lengths:tolist() }, { { 2, 2, 3 }, { 3, 2 } })
  end)
end

function TestTimeSeries:test_targets_and_files_without_labels()
  with_ts("@targetLabel true\n@data\n1,2:0.5\n3,4:-1", function(path)
    lu.assertEquals(ml.data.ts(path).columns.y:tolist(), { 0.5, -1 })
  end)
  with_ts("@classLabel false\n@data\r\n1,2\r\n3,4\r\n", function(path)
    local set = ml.data.ts(path)
    lu.assertNil(set.columns.y)
    equal(set.columns.x, { { { 1, 2 } }, { { 3, 4 } } })
  end)
end

function TestTimeSeries:test_wrong_lines_are_named()
  local function refused(text, ending)
    with_ts(text, function(path) bad_data("/x.ts:" .. ending, ml.data.ts, path) end)
  end
  refused("", "1: the file ends before @data")
  refused("hello\n@data\n", "1: expected a directive as @classLabel or @data, found 'hello'")
  refused("@clasLabel true a\n@data\n", "1: unknown directive 'clasLabel'; did you mean 'classLabel'?")
  refused("@univariate yes\n@data\n", "1: @univariate is true or false, found 'yes'")
  refused("@dimensions 0\n@data\n", "1: @dimensions is a positive integer, found '0'")
  refused("@classLabel true a a\n@data\n", "1: @classLabel names 'a' twice")
  refused("@timeStamps true\n@data\n", "2: the series have time stamps, which are not read; save values at equal distances")
  refused(HEADER .. "1,2:3,4:left\n", "6: the label is 'left', expected one of those of @classLabel: up down")
  refused(HEADER .. "1,2:3,x:up\n", "6: value 2 of dimension 2 is 'x', expected a number or ?")
  refused(HEADER .. "1,2:3,0x10:up\n", "6: value 2 of dimension 2 is '0x10', expected a number or ?")
  refused(HEADER .. "1,2:3,4:up\n5,6:up\n", "7: 1 dimensions, expected 2")
  refused(HEADER .. "1,2\n", "6: a label is expected behind a ':' at the end of the line")
  refused(HEADER, "5: there is no case behind @data")
  refused("@equalLength true\n@seriesLength 3\n@data\n1,2\n", "4: dimension 1 has 2 values, expected 3 as @seriesLength says")
  refused("@equalLength true\n@data\n1,2\n1,2,3\n", "4: 3 values, expected 2 as in the first case, since @equalLength is true")
  refused("@missing false\n@data\n1,?\n", "3: value 2 of dimension 1 is missing, but @missing is false")
end

-- The nearest training series by Euclid's distance names the class: the error that the archive publishes.
function TestTimeSeries:test_the_archives_own_results()
  local folder = (os.getenv "MOONLAB_DATA" or "") .. "/timeseries/ucr/"
  local probe = io.open(folder .. "GunPoint_TRAIN.ts")
  if not probe then lu.skip "MOONLAB_DATA has no timeseries/ucr" end
  probe:close()
  for name, expected in pairs { GunPoint = 0.0867, ArrowHead = 0.2, ItalyPowerDemand = 0.0447 } do
    local train, test = ml.data.ts(folder .. name .. "_TRAIN.ts"), ml.data.ts(folder .. name .. "_TEST.ts")
    local a = test.columns.x:squeeze(2):double()
    local b = train.columns.x:squeeze(2):double()
    local distance = (a * a):sum(2):unsqueeze(2) + (b * b):sum(2):unsqueeze(1) - 2 * a:matmul(b:transpose(1, 2))
    local nearest = train.columns.y:index_select(1, distance:argmin(2))
    local mistakes = core.ops.ne(nearest, test.columns.y):to "float64":mean():item()
    lu.assertAlmostEquals(mistakes, expected, 5e-5, name)
  end
  local set = ml.data.ts(folder .. "BasicMotions_TRAIN.ts")
  lu.assertEquals({ set.columns.x.shape, set.classes }, { { 40, 6, 100 }, { "Standing", "Running", "Walking", "Badminton" } })
end
