-- Parquet files hold what their writers put in, value for value, however they are stored (tests/fixtures/make_parquet.py), and
-- what is wrong with one is said.

local core = require "moonlab.core"
local support = require "support"
local lu = require "luaunit"
local fixture = dofile "tests/fixtures/parquet.lua"
local fails = support.fails

local FOLDER = "tests/fixtures/parquet/"
local function path_of(name) return FOLDER .. name .. ".parquet" end

-- Appends a column's values to a list; fixture.missing where there is none.
local function append(list, column)
  local marks = column.missing and column.missing:tolist()
  local bytes = column.bytes and string.char(table.unpack(column.bytes:tolist()))
  local values, from = (column.values or column.ends):tolist(), 1
  for i, value in ipairs(values) do
    if bytes then value, from = bytes:sub(from, value), value + 1 end
    local absent = marks and marks[i] or value ~= value
    list[#list + 1] = absent and fixture.missing or value
  end
end

-- All rows of a file as lists, read so many at a time.
local function lists_of(path, options, rows)
  local reader <close> = core.parquet_open(path, options)
  local lists, count = {}, 0
  for part in function() return reader:read(rows) end do
    lu.assertTrue(not rows or part.rows <= rows)
    count = count + part.rows
    for i, column in ipairs(part) do
      lists[i] = lists[i] or { name = column.name, type = column.type }
      append(lists[i], column)
    end
  end
  return lists, count
end

local function check(list, name, kind, values, where)
  lu.assertEquals({ list.name, list.type, #list }, { name, kind, #values }, where)
  for i, expected in ipairs(values) do
    if list[i] ~= expected or math.type(list[i]) ~= math.type(expected) then
      lu.fail(("%s, column %s, row %d: got %s, expected %s"):format(where, name, i, tostring(list[i]), tostring(expected)))
    end
  end
end

local function check_file(entry, rows)
  local name, columns = entry[1], entry[2]
  local lists = lists_of(path_of(name), nil, rows)
  lu.assertEquals(#lists, #columns, name)
  for i, column in ipairs(columns) do check(lists[i], column, fixture.columns[column][1], fixture.columns[column][2], name) end
end

TestParquet = {}

function TestParquet:test_every_encoding_codec_and_type_gives_what_was_written()
  for _, entry in ipairs(fixture.files) do check_file(entry) end
end

function TestParquet:test_read_in_pieces_gives_the_same()
  for _, rows in ipairs { 1, 7, 40, 41, 74 } do
    for _, entry in ipairs(fixture.files) do
      if rows > 1 or #entry[2] < 10 then check_file(entry, rows) end
    end
  end
end

function TestParquet:test_what_no_writer_makes_any_more_is_read()
  for _, entry in ipairs(fixture.by_hand) do
    check(lists_of(path_of(entry[1]))[1], "x", entry[2], entry[3], entry[1])
  end
end

function TestParquet:test_the_schema_names_types_and_counts_missing_values()
  local reader <close> = core.parquet_open(path_of "old")
  local schema = reader:schema()
  lu.assertEquals(schema.rows, 75)
  lu.assertEquals(schema.left_out, {})
  lu.assertEquals(schema.columns[1], { name = "i32", type = "integer", parquet = "INT32", rows = 75, missing = 20 })
  lu.assertEquals(schema.columns[2].parquet, "INT96")
  lu.assertEquals(schema.columns[3].parquet, "BYTE_ARRAY STRING")
  lu.assertEquals(schema.columns[4].parquet, "FIXED_LEN_BYTE_ARRAY(4) DECIMAL(9, 2)")
  lu.assertEquals(schema.columns[5].parquet, "INT32 UINT_8")
end

function TestParquet:test_chosen_columns_come_alone_in_the_order_of_the_file()
  local lists = lists_of(path_of "plain", { columns = { "text", "i64" } })
  lu.assertEquals({ #lists, lists[1].name, lists[2].name }, { 2, "i64", "text" })
  check(lists[2], "text", "text", fixture.columns.text[2], "plain")
end

function TestParquet:test_an_unknown_column_is_named_with_the_nearest()
  fails("data.parquet: " .. path_of "snappy" .. " has no column 'txet'; did you mean 'text'?",
    function() core.parquet_open(path_of "snappy", { columns = { "txet" } }) end)
end

function TestParquet:test_fields_of_structs_are_columns_and_lists_are_left_out()
  local reader <close> = core.parquet_open(path_of "nested")
  lu.assertEquals(reader:schema().left_out,
    { { name = "tags.list.element", parquet = "BYTE_ARRAY STRING", why = "it is part of a list or map" } })
  local N, lists = fixture.missing, lists_of(path_of "nested")
  lu.assertEquals({ lists[2].name, lists[3].name, #lists }, { "place.city", "place.at.lat", 3 })
  lu.assertEquals({ lists[2][1], lists[2][2] == N, lists[2][3] == N }, { "Bern", true, true })
  lu.assertEquals({ lists[3][1], lists[3][2] == N, lists[3][3] == N }, { 46.9, true, true })
end

function TestParquet:test_a_file_without_rows_has_a_schema_and_nothing_to_read()
  local reader <close> = core.parquet_open(path_of "empty")
  lu.assertEquals({ reader:schema().rows, #reader:schema().columns, reader:read() }, { 0, 8, nil })
end

function TestParquet:test_the_end_stays_the_end()
  local reader <close> = core.parquet_open(path_of "rle")
  lu.assertEquals({ reader:read(75).rows, reader:read(), reader:read(1) }, { 75, nil, nil })
end

-- What cannot be read -----------------------------------------------------------------------------------------------------

TestParquetErrors = {}

local function is_bad_data(message, f)
  local ok, failure = pcall(f)
  lu.assertFalse(ok)
  lu.assertIsTable(failure)
  lu.assertEquals({ failure.status, failure.message }, { 4, message })
end

function TestParquetErrors:test_name_the_codec()
  is_bad_data(path_of "brotli" .. ": row group 1, column 'i32': it is compressed with Brotli, which is not read; write it with "
    .. "Zstandard or Snappy", function() lists_of(path_of "brotli") end)
  is_bad_data(path_of "lz4_hadoop" .. ": row group 1, column 'x': it is compressed with LZ4, which is not read; write it with "
    .. "Zstandard or Snappy", function() lists_of(path_of "lz4_hadoop") end)
end

function TestParquetErrors:test_a_column_that_is_left_out_can_not_be_asked_for()
  is_bad_data(path_of "nested" .. ": column 'tags.list.element' (BYTE_ARRAY STRING) can't be read: it is part of a list or map",
    function() core.parquet_open(path_of "nested", { columns = { "tags.list.element" } }) end)
end

function TestParquetErrors:test_an_integer_beyond_64_bits_with_sign_is_refused()
  is_bad_data(path_of "unsigned" .. ": row group 1, column 'id': it has an integer beyond 2^63 - 1, the largest that is "
    .. "read; leave the column out, or write it as DOUBLE", function() lists_of(path_of "unsigned") end)
end

function TestParquetErrors:test_text_must_be_UTF_8()
  is_bad_data(path_of "latin" .. ": row group 1, column 'name': row 2 is no UTF-8 text; leave the column out",
    function() lists_of(path_of "latin") end)
end

function TestParquetErrors:test_headers_that_lie_are_caught_before_they_are_believed()
  local before = core.memory().peak
  local function with(name, message)
    is_bad_data(path_of(name) .. ": row group 1, column 'x'" .. message .. "; fetch it again", function() lists_of(path_of(name)) end)
  end
  with("lie_rows", ": it announces more values than its bytes can hold")
  with("lie_bytes", ", page of row 1: it announces more bytes than its codec can make")
  with("lie_values", ", page of row 1: its pages have more rows than the row group")
  with("lie_fewer", ", page of row 3: it is not there: the pages have fewer rows than the row group")
  with("lie_short", ", page of row 1: it has too few values")
  with("lie_levels", ", page of row 1: its definition levels are too large")
  with("lie_length", ", page of row 1: it has a value that is longer than the page")
  with("lie_dictionary", ", page of row 1: it needs a dictionary, but there is none")
  lu.assertTrue(core.memory().peak < before + (4 << 20))
end

function TestParquetErrors:test_other_files_are_told_apart()
  support.with_folder(function(folder)
    local path = folder .. "/x"
    local function with(bytes, message)
      local file <close> = assert(io.open(path, "wb"))
      file:write(bytes)
      file:flush()
      is_bad_data(path .. ": " .. message, function() core.parquet_open(path) end)
    end
    with("", "is empty; fetch it again")
    with("PAR1", "is no Parquet file: it has 4 bytes")
    with(("a,b,c\n"):rep(9), "is no Parquet file: it does not begin with PAR1")
    with("PAR1" .. ("x"):rep(20), "is cut short: it does not end with PAR1, as a Parquet file does; fetch it again")
    with("PAR1xxxx\255\0\0\0PAR1", "is damaged: its footer of 255 bytes is longer than the file; fetch it again")
  end)
end

function TestParquetErrors:test_wrong_arguments_are_named()
  fails("data.parquet: path must be a string, got nil", function() core.parquet_open() end)
  fails("data.parquet: unknown option 'colums'; did you mean 'columns'?", function() core.parquet_open("x", { colums = {} }) end)
  fails("data.parquet: columns[1] must be a name, got number", function() core.parquet_open(path_of "rle", { columns = { 1 } }) end)
  fails("read: max_rows must be 1 or more, got 0", function() core.parquet_open(path_of "rle"):read(0) end)
  fails("read: the reader is closed", function()
    local reader = core.parquet_open(path_of "rle")
    reader:close()
    reader:read()
  end)
end
