-- Files of separated values: what is read, what is found out, what is refused.

local lu = require "luaunit"
local core = require "moonlab.core"
local support = require "support"
local Table = require "moonlab.table.table"

local DATA = os.getenv "MOONLAB_DATA"

--- Calls f with the path of a file that holds this text.
local function with_file(text, f)
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  local ok, failure = pcall(f, path)
  os.remove(path)
  if not ok then error(failure, 0) end
end

--- The values of a column; false where one is missing.
local function values_of(column)
  local values, missing = {}, column.missing and column.missing:tolist() or {}
  if column.type == "text" then
    local bytes, from = column.bytes:tolist(), 1
    for row, to in ipairs(column.ends:tolist()) do
      values[row] = string.char(table.unpack(bytes, from, to))
      from = to + 1
    end
  else
    values = column.values:tolist()
  end
  for row, value in ipairs(values) do
    if missing[row] or value ~= value then values[row] = false end
  end
  return values, missing
end

--- The same as texts; a dot where one is missing.
local function cells(column)
  local values, missing = values_of(column)
  for row, value in ipairs(values) do
    local shown_as_missing = value == false and (column.type ~= "boolean" or missing[row])
    values[row] = shown_as_missing and "." or tostring(value)
  end
  return values
end

--- "type: a b c" of each column that the reader gives.
local function shown(reader)
  local result = {}
  for i, column in ipairs(reader:read()) do
    result[i] = column.name .. " " .. column.type .. ": " .. table.concat(cells(column), " ")
  end
  return result
end

--- The same of a text read with these options, and the reader's schema and problems.
local function read(text, options)
  local result, schema, problems
  with_file(text, function(path)
    local reader <close> = core.csv_open(path, options)
    result = shown(reader)
    schema, problems = reader:schema(), reader:problems()
  end)
  return result, schema, problems
end

--- Reading this fails with the path, this, and the status of bad data.
local function bad(expected, text, options)
  with_file(text, function(path)
    local ok, failure = pcall(function() shown(core.csv_open(path, options)) end)
    lu.assertFalse(ok, "no error was raised")
    lu.assertEquals(failure.status, 4)
    lu.assertStrContains(failure.message, path .. expected)
  end)
end

TestCsv = {}

function TestCsv:test_each_column_has_the_narrowest_type_that_holds_all_its_rows()
  lu.assertEquals(read "i,n,b,t,s\n1,1,true,1970-01-01,a\n2,2.5,false,1970-01-02 00:00:01,1\n", {
    "i integer: 1 2", "n number: 1.0 2.5", "b boolean: true false", "t time: 0.0 86401.0", "s text: a 1" })
end

function TestCsv:test_integers_beyond_64_bits_and_leading_zeros_make_texts()
  local got, schema = read "a,b,c\n9223372036854775807,9223372036854775808,00123\n-9223372036854775808,1,7\n"
  lu.assertEquals(got, { "a integer: 9223372036854775807 -9223372036854775808", "b text: 9223372036854775808 1", "c text: 00123 7" })
  lu.assertEquals(schema.columns[2].other, { count = 1, most = "number", first = { line = 2, text = "9223372036854775808" },
    why = "a whole number that 64 bits do not hold" })
end

function TestCsv:test_integers_that_fractions_would_round_make_texts()
  local got, schema = read "a,b,c,d\n9007199254740992,9007199254740993,-0,12345678901234567890123\n1.5,0.5,1,22345678901234567890123\n"
  lu.assertEquals(got, { "a number: 9.007199254741e+15 1.5", "b text: 9007199254740993 0.5", "c number: -0.0 1.0",
    "d text: 12345678901234567890123 22345678901234567890123" })
  lu.assertEquals(schema.columns[2].other, { count = 1, most = "number", first = { line = 2, text = "9007199254740993" },
    why = "a whole number that would be rounded beside fractions" })
  lu.assertEquals(schema.columns[4].other.count, 2)
end

-- The type is another one in a later block: what was stored is read again.
function TestCsv:test_a_long_integer_that_comes_late_is_not_rounded_either()
  for _, pair in ipairs { { "7", "9223372036854775808" }, { "7.25", "9007199254740993" }, { "9007199254740993", "0.5" } } do
    with_file("a,b\n" .. (pair[1] .. ",x\n"):rep(400000) .. pair[2] .. ",x\n", function(path)
      local column = Table.of(core.csv_open(path):read()).a
      lu.assertEquals({ column.type, column:item(1), column:item(-1) }, { "text", pair[1], pair[2] })
    end)
  end
end

function TestCsv:test_integers_beyond_64_bits_are_problems_where_integers_are_declared_and_rounded_where_numbers_are()
  bad(":2:1 'a': found '9223372036854775808', expected an integer", "a\n9223372036854775808\n", { types = { a = "integer" } })
  lu.assertEquals(read("a\n9223372036854775809\n", { types = { a = "number" } }), { "a number: 9.2233720368548e+18" })
end

function TestCsv:test_booleans_are_spelled_one_way_in_a_column()
  lu.assertEquals(read "a,b,c\nyes,TRUE,yes\nno,FALSE,true\n", { "a boolean: true false", "b boolean: true false", "c text: yes true" })
end

function TestCsv:test_marks_of_missing_values_count_with_blanks_around_them()
  lu.assertEquals(read "i,n,s,t\n 1, ?,NA ,null\n , 2.5,-,2024-01-01\n", {
    "i integer: 1 .", "n number: . 2.5", "s number: . .", "t time: . 1704067200.0" })
end

function TestCsv:test_marks_are_the_ones_that_are_given_also_for_one_column()
  local text = "a,b,c\n-999,-999,NA\n5,5,x\n"
  lu.assertEquals(read(text, { missing = { "-999" } }), { "a integer: . 5", "b integer: . 5", "c text: NA x" })
  lu.assertEquals(read(text, { missing_of = { b = { "-999", "5" } } }), { "a integer: -999 5", "b number: . .", "c text: . x" })
end

function TestCsv:test_a_mark_in_quotes_is_a_text_among_texts_and_missing_among_numbers()
  lu.assertEquals(read 'a,b\n"","NA"\n1,x\n,NA\n', { "a integer: . 1 .", "b text: NA x ." })
end

function TestCsv:test_quoted_fields_hold_separators_newlines_and_doubled_quotes()
  lu.assertEquals(read 'a,b\n"x, ""y""\nz",1\n"",2\n', { 'a text: x, "y"\nz ', "b integer: 1 2" })
end

function TestCsv:test_quotes_inside_of_an_unquoted_field_are_characters()
  lu.assertEquals(read 'a,b\n5" pipe,1\nx"y"z,2\n', { 'a text: 5" pipe x"y"z', "b integer: 1 2" })
  lu.assertEquals(read('a,b\n"x,1\ny",2\n', { quote = false }), { 'a text: "x y"', "b integer: 1 2" })
end

function TestCsv:test_line_ends_of_all_systems_are_read_and_the_last_may_be_missing()
  local expected = { "a integer: 1 3", "b text: x y" }
  for _, text in ipairs { "a,b\n1,x\n3,y", "a,b\r\n1,x\r\n3,\"y\"\r\n", "a,b\r1,x\r3,y\r", "\n\na,b\n\n1,x\n   \n3,y\n\n", "\xef\xbb\xbfa,b\n1,x\n3,y" } do
    lu.assertEquals(read(text), expected)
  end
end

function TestCsv:test_separator_and_decimal_comma_are_found_out()
  for _, separator in ipairs { ",", ";", "\t", "|" } do
    local text = ("a_b_c\n1_x y_2.5\n2_z w_3.5\n"):gsub("_", separator)
    local got, schema = read(text)
    lu.assertEquals(got, { "a integer: 1 2", "b text: x y z w", "c number: 2.5 3.5" })
    lu.assertEquals({ schema.separator, schema.decimal, schema.header, schema.rows }, { separator, ".", true, 2 })
  end
  local got, schema = read "a;b\n1,5;2,25\n-3,0;4\n"
  lu.assertEquals(got, { "a number: 1.5 -3.0", "b number: 2.25 4.0" })
  lu.assertEquals({ schema.separator, schema.decimal }, { ";", "," })
  lu.assertEquals(read "  1   2.5  x\n  20  3.5  y\n", { "column_1 integer: 1 20", "column_2 number: 2.5 3.5", "column_3 text: x y" })
end

function TestCsv:test_comments_and_skipped_lines_are_left_out()
  lu.assertEquals(read("made, \"today\na,b\n# no, \"comment\n1,2\n#\n3,4\n", { skip = 1, comment = "#" }), { "a integer: 1 3", "b integer: 2 4" })
end

function TestCsv:test_a_header_is_found_out_or_said()
  lu.assertEquals(read "1,2\n3,4\n", { "column_1 integer: 1 3", "column_2 integer: 2 4" })
  lu.assertEquals(read("1,2\n3,4\n", { header = true }), { "1 integer: 3", "2 integer: 4" })
  lu.assertEquals(read("a,b\n3,4\n", { header = false }), { "column_1 text: a 3", "column_2 text: b 4" })
  lu.assertEquals(read("1,2\n3,4\n", { names = { "x", "y" } }), { "x integer: 1 3", "y integer: 2 4" })
  lu.assertEquals(read "ham\thello\nspam\tbuy\nham\tbye\n", { "column_1 text: ham spam ham", "column_2 text: hello buy bye" })
  lu.assertEquals(read "a,b\n", { "a number: ", "b number: " })
end

function TestCsv:test_names_are_made_unique_and_the_schema_says_what_they_were()
  local got, schema = read "a,a,,a_2\n1,2,3,4\n"
  lu.assertEquals(got, { "a integer: 1", "a_3 integer: 2", "column_3 integer: 3", "a_2 integer: 4" })
  lu.assertEquals({ schema.columns[2].was, schema.columns[3].was, schema.columns[4].was }, { "a", "" })
end

function TestCsv:test_only_the_wanted_columns_are_read()
  local got, schema = read("a,b,c\n1,2,x\n", { columns = { "c", "a" } })
  lu.assertEquals(got, { "a integer: 1", "c text: x" })
  lu.assertFalse(schema.columns[2].wanted)
end

function TestCsv:test_declared_types_are_kept()
  local types = { a = "text", b = "number", c = "time" }
  lu.assertEquals(read("a,b,c\n1,007,2024-01-01T00:00:01Z\n", { types = types }), { "a text: 1", "b number: 7.0", "c time: 1704067201.0" })
end

function TestCsv:test_the_schema_says_which_few_cells_make_a_text_of_numbers()
  local _, schema = read "a,b\n1,x\n2,y\nabc,z\n4,\n"
  lu.assertEquals(schema.columns[1], { name = "a", wanted = true, type = "text", rows = 4, missing = 0,
    other = { count = 1, most = "number", first = { line = 4, text = "abc" } } })
  lu.assertEquals(schema.columns[2], { name = "b", wanted = true, type = "text", rows = 4, missing = 1 })
end

function TestCsv:test_the_schema_is_the_same_before_and_after_reading()
  with_file("a,b\n1,\n2.5,x\n,y\n", function(path)
    local before, after = core.csv_open(path), core.csv_open(path)
    after:read()
    lu.assertEquals(before:schema(), after:schema())
    lu.assertEquals(shown(before), { "a number: 1.0 2.5 .", "b text: . x y" })
  end)
end

function TestCsv:test_rows_come_in_parts_with_one_type_for_all()
  with_file("a\n1\n2\n3\n4.5\n", function(path)
    local reader, parts = core.csv_open(path, { header = true }), {}
    for part in function() return reader:read(2) end do parts[#parts + 1] = table.concat(cells(part[1]), " ") end
    lu.assertEquals(parts, { "1.0 2.0", "3.0 4.5" })
    lu.assertNil(reader:read())
  end)
end

function TestCsv:test_problems_are_collected_with_line_and_row()
  local got, _, problems = read('a,b,c\n1,x,2\n"3\n",y,z\n4,u\n5,v,6,7,8\n', { types = { c = "integer", a = "integer" }, problems = "collect" })
  lu.assertEquals(got, { "a integer: 1 . 4 5", "b text: x y u v", "c integer: 2 . . 6" })
  lu.assertEquals(problems, { count = 4,
    { line = 3, row = 2, column = "a", text = "3\n", wanted = "an integer" },
    { line = 3, row = 2, column = "c", text = "z", wanted = "an integer" },
    { line = 5, row = 3, text = "2 fields", wanted = "3 fields" },
    { line = 6, row = 4, text = "7,8", wanted = "3 fields" } })
end

function TestCsv:test_problems_are_errors_with_path_line_and_column()
  bad(":3:2 'age': found 'abc', expected a number", "id,age\n1,2\n3,abc\n", { types = { age = "number" } })
  bad(":3: found 1 field, expected 2 fields", "a,b\n1,2\n3\n")
  bad(": has no column 'x'; its columns are a, b", "a,b\n1,2\n", { columns = { "x" } })
  bad(": has 2 columns, but names gives 1", "a,b\n1,2\n", { names = { "x" } })
end

function TestCsv:test_first_lines_that_are_no_rows_are_told_with_what_to_write()
  bad(":1: found 1 field, expected 2 fields; line 1 begins with '#': if it is a comment, say comment = \"#\"", "# made here\na,b\n1,2\n3,4\n")
  bad(":1: found 3 fields, expected 2 fields; the first line has not as many fields as those behind: if it is no row, say skip = 1",
    "569,malignant,benign\n1,2\n3,4\n")
  bad(":1: found 1 field, expected 2 fields; the first lines have not as many fields as those behind: if they are no rows, say skip = 3", "Report\nof 2024\n\na,b\n1,2\n3,4\n")
  local function message_of(text)
    local ok, failure = pcall(read, text)
    lu.assertFalse(ok)
    return failure.message
  end
  lu.assertStrMatches(message_of "a,b\n1,2\n3\n", ".*expected 2 fields") -- the first line is as the others
  lu.assertEquals(read("# made here\na,b\n1,2\n3,4\n", { comment = "#" }), { "a integer: 1 3", "b integer: 2 4" })
  lu.assertEquals(read("#a,b\n1,2\n3,4\n"), { "#a integer: 1 3", "b integer: 2 4" }) -- a header
end

function TestCsv:test_latin_1_is_read_as_utf_8()
  lu.assertEquals(read("a,b\n\xe9t\xe9,1\n", { encoding = "latin-1" }), { "a text: été", "b integer: 1" })
  bad(":2: this is no UTF-8 text", "a,b\n\xe9t\xe9,1\n")
end

function TestCsv:test_every_value_is_the_one_that_pandas_reads()
  local expected = dofile "tests/fixtures/csv_oracle.lua"
  local options = { types = { x = "number", y = "number" } } -- some are long integers, which pandas rounds
  local t, types = core.csv_open("tests/fixtures/csv_oracle.csv", options):read(), {}
  for i, column in ipairs(t) do
    types[i] = column.type
    lu.assertEquals(values_of(column), expected[column.name], column.name)
  end
  lu.assertEquals(types, { "integer", "number", "number", "time", "text" })
end

function TestCsv:test_options_are_checked()
  support.fails("data.csv: unknown option 'seperator'; did you mean 'separator'?", function() core.csv_open("x", { seperator = "," }) end)
  support.fails("data.csv: separator must be one character, got ',,'", function() core.csv_open("x", { separator = ",," }) end)
  support.fails("data.csv: types['a'] must be \"integer\", \"number\", \"boolean\", \"time\" or \"text\", got numbr; did you mean \"number\"?",
    function() core.csv_open("x", { types = { a = "numbr" } }) end)
end

TestCsvWriting = {}

function TestCsvWriting:test_what_is_written_reads_back()
  local text = 'n,i,s,b,t\n0.1,1,"a, ""b""",true,1969-12-31 23:59:59.5\n1e+300,,"c\nd",false,2024-02-29\n-0.0,-5," e",true,\n'
    .. ',7,"NA",,0000-01-01\ninf,8,"",true,9999-12-31 23:59:59\n5.0,9,,true,2024-01-01\n1e-05,10,5" pipe;,false,1900-01-01\n'
  with_file(text, function(path)
    support.with_folder(function(folder)
      for _, options in ipairs { {}, { separator = "\t" }, { separator = ";", missing = "?" } } do
        local copy = folder .. "/copy.csv"
        core.write_csv(copy, core.csv_open(path):read(), options)
        lu.assertEquals(shown(core.csv_open(copy)), shown(core.csv_open(path)))
      end
    end)
  end)
end

function TestCsvWriting:test_quotes_stand_where_a_reader_needs_them()
  with_file('a,"b ""x"""\n1,plain\n2,NA\n3,"NA"\n4,"x;y"\n5," z"\n', function(path)
    core.write_csv(path, core.csv_open(path):read())
    local file = io.open(path)
    lu.assertEquals(file:read "a", 'a,"b ""x"""\n1,plain\n2,\n3,"NA"\n4,"x;y"\n5," z"\n')
    file:close()
  end)
end

function TestCsvWriting:test_one_column_with_missing_values_reads_back()
  with_file("x\n1.5\nNA\n2.5\n", function(path)
    local expected = shown(core.csv_open(path))
    core.write_csv(path, core.csv_open(path):read())
    lu.assertEquals(shown(core.csv_open(path)), expected)
  end)
end

function TestCsvWriting:test_a_separator_that_can_not_separate_is_refused()
  with_file("a,b\n1,2\n", function(path)
    local t = core.csv_open(path):read()
    support.fails("write_csv: '5' can't separate fields; \",\", \";\", \"|\" and a tab can", function()
      core.write_csv(path, t, { separator = "5" })
    end)
  end)
end

-- Real files, where they are: rows, types by their first letters, missing values by column.
local function summary(name, options)
  local reader <close> = core.csv_open(DATA .. "/" .. name, options)
  local t, types, missing = reader:read(), {}, 0
  local schema = reader:schema()
  for i, column in ipairs(schema.columns) do
    types[i] = column.type:sub(1, 1)
    missing = missing + column.missing
  end
  return ("%d %s %d %s"):format(t.rows, table.concat(types), missing, schema.header and "header" or "no header")
end

local REAL = {
  { "tabular/titanic.csv", "891 iiittniitntt 866 header" },
  { "tabular/adult.data", "32561 itititttttiiitt 4262 no header" },
  { "tabular/winequality-red.csv", "1599 nnnnnnnnnnni 0 header" },
  { "tabular/california_housing.csv", "20640 nnnnnnnnnt 207 header" },
  { "tabular/housing.data", "506 nnninnnninnnnn 0 no header" },
  { "tabular/breast-cancer-wisconsin.data", "699 iiiiiiiiiii 16 no header" },
  { "tabular/penguins.csv", "344 ttnniit 19 header" },
  { "tabular/diabetes_data_raw.csv.gz", "442 iinninnnni 0 no header" },
  { "tabular/wdbc_sklearn.csv", "569 nnnnnnnnnnnnnnnnnnnnnnnnnnnnnni 0 no header", { skip = 1 } },
  { "text/SMSSpamCollection", "5574 tt 0 no header", { quote = false } },
}

if DATA then
  TestCsvRealFiles = {}
  for _, case in ipairs(REAL) do
    TestCsvRealFiles["test_" .. case[1]:match "[^/]+$":gsub("[^%w]", "_")] = function() lu.assertEquals(summary(case[1], case[3]), case[2]) end
  end
else
  print "skip: real files of separated values (MOONLAB_DATA is not set)"
end
