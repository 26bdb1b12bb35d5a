-- Tables: how they are made, what they look like, rows and columns of them.

local ml = require "moonlab"
local lu = require "luaunit"
local core = require "moonlab.core"
local display = require "moonlab.table.display"
local support = require "support"
local Column = require "moonlab.table.column"
local Table = require "moonlab.table.table"
local data = ml.data
local fails = support.refuses(function(f, ...) return (f(...)) end)
local NONE = data.missing

local function people()
  return data.table {
    { "name", { "Ada", "Bob", "Cyd", NONE } }, { "age", { 31, NONE, 20, 44 } }, { "spend", { 0.5, 1.25, NONE, 100.0 } },
    { "member", { true, false, NONE, true } },
  }
end

local function lists(t) return t:to_lists() end

TestTableMaking = {}

function TestTableMaking:test_types_follow_the_values()
  lu.assertEquals(people():types(), { name = "text", age = "integer", spend = "number", member = "boolean" })
end

function TestTableMaking:test_values_come_back()
  lu.assertEquals(lists(people()), { name = { "Ada", "Bob", "Cyd", NONE }, age = { 31, NONE, 20, 44 }, spend = { 0.5, 1.25, NONE, 100.0 },
    member = { true, false, NONE, true } })
end

function TestTableMaking:test_names_of_a_table_are_sorted_and_pairs_keep_their_order()
  lu.assertEquals(data.table { b = { 1 }, a = { 2 } }.names, { "a", "b" })
  lu.assertEquals(data.table { { "b", { 1 } }, { "a", { 2 } } }.names, { "b", "a" })
end

function TestTableMaking:test_nil_in_a_list_is_missing()
  lu.assertEquals(data.table { x = { 1, nil, 3 }, y = { "a" } }:to_lists(), { x = { 1, NONE, 3 }, y = { "a", NONE, NONE } })
end

function TestTableMaking:test_integers_and_floats_are_numbers()
  local x = data.table { x = { 1, 2.5 } }.x
  lu.assertEquals({ x.type, x.values.dtype, x:to_list() }, { "number", "float64", { 1.0, 2.5 } })
end

function TestTableMaking:test_a_list_of_missing_values_is_of_numbers()
  lu.assertEquals({ data.table { x = { NONE, NONE } }.x.type, data.table { x = {} }.x.type }, { "number", "number" })
end

function TestTableMaking:test_tensors_become_columns()
  local t = data.table { a = ml.tensor { 1.5, 2.5 }, b = ml.tensor { 1, 2 }, c = ml.tensor { true, false } }
  lu.assertEquals(t:types(), { a = "number", b = "integer", c = "boolean" })
  lu.assertEquals(t.a.values.dtype, "float64")
end

function TestTableMaking:test_text_keeps_every_byte()
  local strings = { "", "a\0b", "\xff\xfe", "ü", ("x"):rep(10000) }
  lu.assertEquals(data.table { x = strings }.x:to_list(), strings)
end

function TestTableMaking:test_a_table_of_a_reader_is_wrapped()
  local t = Table.of { rows = 2, { name = "x", type = "number", values = ml.tensor({ 1, 2 }, { dtype = "float64" }) } }
  lu.assertEquals({ #t, t.x:to_list() }, { 2, { 1.0, 2.0 } })
end

function TestTableMaking:test_refuses_what_makes_no_column()
  fails("data.table: column 'a' has 2 rows, column 'b' has 1", data.table, { a = ml.tensor { 1, 2 }, b = ml.tensor { 1 } })
  fails("column 'x': row 2 is 'two' (text), but row 1 is 1 (integer); a column holds one type", data.table, { x = { 1, "two" } })
  fails("column 'x': row 1 is a table; a column holds numbers, strings or booleans", data.table, { x = { {} } })
  fails("data.table: there are two columns 'a'", data.table, { { "a", { 1 } }, { "a", { 2 } } })
  fails("data.table: a table of columns is needed, as in data.table{ age = { 31, 20 } }; got 3", data.table, 3)
  fails("column 'x' must be a list, a tensor or a column, got 3", data.table, { x = 3 })
  fails("a column of a tensor needs one dimension, 'x' has [2, 2]", data.table, { x = ml.zeros(2, 2) })
end

TestTablePrinting = {}

local PLAIN = { width = 80, utf8 = false }

function TestTablePrinting:test_columns_line_up_under_their_types()
  lu.assertEquals(display.table(people():columns(), 4, PLAIN), [[
Table: 4 rows, 4 columns
  name      age   spend  member
  text  integer  number  boolean
  Ada        31    0.50  true
  Bob         .    1.25  false
  Cyd        20       .  .
  .          44  100.00  true]])
end

function TestTablePrinting:test_many_rows_are_cut_in_the_middle()
  local t = data.table { x = core.arange(1, 1000) }
  lu.assertEquals(display.table(t:columns(), 1000, PLAIN), [[
Table: 1000 rows, 1 column
        x
  integer
        1
        2
        3
        4
        5
      ...
      996
      997
      998
      999
     1000]])
end

function TestTablePrinting:test_wide_tables_say_how_many_columns_are_left_out()
  local given = {}
  for i = 1, 20 do given[i] = { ("column%02d"):format(i), { i } } end
  lu.assertEquals(display.table(data.table(given):columns(), 1, PLAIN), [[
Table: 1 row, 20 columns
  column01  column02  column03  column04  column05  column06  column07  column08
   integer   integer   integer   integer   integer   integer   integer   integer
         1         2         3         4         5         6         7         8
  ... 12 more columns]])
end

function TestTablePrinting:test_long_texts_and_control_characters_stay_on_their_line()
  local t = data.table { x = { "a\nb\tc\27", ("long "):rep(200), "caf\xE9" } }
  lu.assertEquals(display.table(t:columns(), 3, PLAIN), [[
Table: 3 rows, 1 column
  x
  text
  a\nb\tc\27
  long long long long lon~
  caf\xE9]])
end

function TestTablePrinting:test_an_empty_table_prints()
  lu.assertEquals(display.table(data.table({ x = {} }):columns(), 0, PLAIN), "Table: 0 rows, 1 column\n       x\n  number")
  lu.assertEquals(tostring(data.table {}), "Table: 0 rows, 0 columns")
end

function TestTablePrinting:test_a_column_prints()
  lu.assertEquals(display.column(people().age, PLAIN), "Column 'age': integer, 4 rows, 1 missing\n  31\n   .\n  20\n  44")
  lu.assertEquals(display.column(people().name:category(), PLAIN),
    "Column 'name': category, 4 rows, 3 categories, 1 missing\n  Ada\n  Bob\n  Cyd\n  .")
end

function TestTablePrinting:test_times_are_dates_unless_one_has_an_hour()
  local t = data.table { d = { "2024-02-29", "1969-12-31 23:59:58.5", NONE } }
  lu.assertEquals(display.column(t.d:time(), PLAIN),
    "Column 'd': time, 3 rows, 1 missing\n  2024-02-29 00:00:00\n  1969-12-31 23:59:58.5\n  .")
  lu.assertEquals(display.column(t:head(1).d:time(), PLAIN), "Column 'd': time, 1 row\n  2024-02-29")
end

TestTableRows = {}

function TestTableRows:test_positions_in_their_order_and_more_than_once()
  local t = people():rows { 4, 1, 1 }
  lu.assertEquals(lists(t), { name = { NONE, "Ada", "Ada" }, age = { 44, 31, 31 }, spend = { 100.0, 0.5, 0.5 }, member = { true, true, true } })
end

function TestTableRows:test_rows_of_rows_are_rows()
  local t, first, second = people(), ml.tensor { 4, 2, 2, 1 }, ml.tensor { 3, 1 }
  lu.assertEquals(lists(t:rows(first):rows(second)), lists(t:rows(first:index_select(1, second))))
end

function TestTableRows:test_masks_may_be_columns_or_tensors()
  local t = people()
  lu.assertEquals(t:rows(t.age:gt(25)).age:to_list(), { 31, 44 })
  lu.assertEquals(t:rows(ml.tensor { false, true, false, false }).name:to_list(), { "Bob" })
end

function TestTableRows:test_a_filter_leaves_out_rows_whose_condition_is_missing()
  lu.assertEquals(people():filter(function(c) return c.age:lt(40) end).name:to_list(), { "Ada", "Cyd" })
end

function TestTableRows:test_head_and_tail()
  local t = people()
  lu.assertEquals({ t:head(2).age:to_list(), t:tail(1).age:to_list(), #t:head(), #t:tail(0) }, { { 31, NONE }, { 44 }, 4, 0 })
end

function TestTableRows:test_a_row_is_a_table_without_what_is_missing()
  lu.assertEquals(people():row(2), { name = "Bob", spend = 1.25, member = false })
  lu.assertEquals(people():row(-1), { age = 44, spend = 100.0, member = true })
end

function TestTableRows:test_empty_selections_keep_the_columns()
  local t = people():rows {}
  lu.assertEquals({ #t, t.names, t:types() }, { 0, people().names, people():types() })
  lu.assertEquals(lists(t), { name = {}, age = {}, spend = {}, member = {} })
end

function TestTableRows:test_appended_rows_give_the_parts_back()
  local t = people()
  local both = t:append(t:rows { 2, 1 }, t:rows {})
  lu.assertEquals(#both, 6)
  lu.assertEquals(lists(both:head(4)), lists(t))
  lu.assertEquals(lists(both:tail(2)), lists(t:rows { 2, 1 }))
end

function TestTableRows:test_a_category_gets_other_names()
  local x = data.table { x = { "b", "a", NONE, "c" } }.x:category()
  lu.assertEquals(x.values:tolist(), { 2, 1, 0, 3 })
  local other = x:category { "c", "z", "b" }
  lu.assertEquals({ other.categories, other.values:tolist() }, { { "c", "z", "b" }, { 3, 0, 0, 1 } })
end

function TestTableRows:test_appending_merges_categories()
  local a = data.table { x = data.table { x = { "b", "a", NONE } }.x:category() }
  local b = data.table { x = data.table { x = { "c", "a" } }.x:category() }
  local x = a:append(b).x
  lu.assertEquals({ x.type, x.categories, x:to_list() }, { "category", { "a", "b", "c" }, { "b", "a", NONE, "c", "a" } })
end

function TestTableRows:test_refuses_rows_that_are_not_there()
  local t = people()
  fails("rows: row 5 is not in 1..4", t.rows, t, { 1, 5 })
  fails("rows: row 0 is not in 1..4", t.rows, t, { 0 })
  fails("rows: the mask has 2 rows, the table 4", t.rows, t, ml.tensor { true, false })
  fails("rows: a mask or positions are needed, got column 'spend' (number)", t.rows, t, t.spend)
  fails("rows: a list or tensor of positions, or a mask, is needed, got 'all'", t.rows, t, "all")
  fails("row: row 9 is not in 1..4", t.row, t, 9)
  fails("item: row 0 of column 'age' is not in 1..4", t.age.item, t.age, 0)
  fails("head: the number of rows must be an integer from 0, got -1", t.head, t, -1)
end

function TestTableRows:test_refuses_to_append_other_columns()
  local t = data.table { x = { 1 }, y = { "a" } }
  fails("append: table 2 has no column 'y'", t.append, t, data.table { x = { 1 } })
  fails("append: table 2 has a column 'z' that the first has not; t:without{\"z\"} leaves it out", t.append, t,
    data.table { x = { 1 }, y = { "a" }, z = { 1 } })
  fails("append: column 'x' is integer in table 1 and number in table 2", t.append, t, data.table { x = { 1.5 }, y = { "a" } })
  fails("append: a table is needed, got 3", t.append, t, 3)
end

TestTableColumns = {}

function TestTableColumns:test_a_column_named_like_a_method_is_reached_by_column()
  local t = data.table { rows = { 1, 2 }, ["last name"] = { "A", "B" } }
  lu.assertEquals({ t:column("rows"):to_list(), t["last name"]:to_list() }, { { 1, 2 }, { "A", "B" } })
end

function TestTableColumns:test_select_without_and_rename()
  local t = people()
  lu.assertEquals(t:select({ "age", "name" }).names, { "age", "name" })
  lu.assertEquals(t:without({ "age" }).names, { "name", "spend", "member" })
  lu.assertEquals(t:rename({ age = "years" }).names, { "name", "years", "spend", "member" })
  lu.assertEquals(t.names, { "name", "age", "spend", "member" })
end

function TestTableColumns:test_with_replaces_in_place_and_adds_behind()
  local t = people():with { spend = function(c) return c.spend * 2 end, year = 2024, tag = "x", z = { 1, 2, 3, 4 } }
  lu.assertEquals(t.names, { "name", "age", "spend", "member", "tag", "year", "z" })
  lu.assertEquals({ t.spend:to_list(), t.year:to_list(), t.tag:to_list() },
    { { 1.0, 2.5, NONE, 200.0 }, { 2024, 2024, 2024, 2024 }, { "x", "x", "x", "x" } })
end

function TestTableColumns:test_functions_in_with_see_the_columns_as_they_were()
  local t = data.table { x = { 1, 2 } }:with { x = function(c) return c.x + 1 end, y = function(c) return c.x + 1 end }
  lu.assertEquals(lists(t), { x = { 2, 3 }, y = { 2, 3 } })
end

function TestTableColumns:test_a_table_becomes_a_tensor()
  local t = people()
  local x = t:tensor { "age", "spend", "member" }
  lu.assertEquals({ x.dtype, x.shape }, { "float32", { 4, 3 } })
  support.equal(x:nan_to_num(-1), { { 31, 0.5, 1 }, { -1, 1.25, 0 }, { 20, -1, -1 }, { 44, 100, 1 } })
  lu.assertEquals(t:tensor({ "age" }, { dtype = "float64" }).dtype, "float64")
end

function TestTableColumns:test_text_is_no_tensor()
  local t = people()
  fails("tensor: column 'name' is text; write t.name:number() for the numbers in it, t.name:category().values for codes of its values",
    t.tensor, t, { "name" })
  local with = t:with { name = t.name:category() }
  fails("tensor: column 'name' is a category; t.name.values are its codes from 1, features.one_hot() makes columns of it", with.tensor, with,
    { "name" })
end

function TestTableColumns:test_unknown_columns_have_a_nearest()
  local t = people()
  fails("unknown column 'agee'; did you mean 'age'?", function() return t.agee end)
  fails("unknown column 'spent'; did you mean 'spend'?", t.select, t, { "spent" })
  fails("unknown column 'nmae'; did you mean 'name'?", t.rename, t, { nmae = "x" })
  fails("unknown column 'q'; there are: name, age, spend, member", t.column, t, "q")
end

function TestTableColumns:test_refuses_what_is_no_column()
  local t = people()
  fails("with: 'x' has 2 rows, the table 4", t.with, t, { x = ml.tensor { 1, 2 } })
  fails("with: columns by name are needed, as in t:with{ year = 2024 }; got 3", t.with, t, 3)
  fails("rename: there would be two columns 'name'", t.rename, t, { age = "name" })
  fails("a table never changes; t:with{ x = ... } gives another", function() t.x = 1 end)
  fails("a column has no 'maen'; unknown method 'maen'; did you mean 'mean'?", function() return t.age:maen() end)
end

TestTableWriting = {}

function TestTableWriting:test_what_is_written_reads_back()
  local t = people():with { kind = people().name:category() }
  support.with_folder(function(folder)
    t:write_csv(folder .. "/t.csv")
    t:write_jsonl(folder .. "/t.jsonl")
    for _, source in ipairs { data.csv(folder .. "/t.csv"), data.jsonl(folder .. "/t.jsonl") } do
      local read, wanted = lists(source:table()), lists(t:with { kind = t.kind:text() })
      lu.assertEquals(read, wanted)
    end
  end)
end

TestTableSpeed = {}

function TestTableSpeed:test_a_million_rows_take_no_seconds()
  local n = 1000000
  local ids = core.randperm(n)
  local city = Column.of_strings({ "Bern", "Rome", "Oslo" }):gather(ids % 3 + 1)
  local t = data.table { id = ids, city = city, x = ids:to "float64" / 7 }
  local begin = core.clock()
  local sorted = t:sort { "city", "id" }
  lu.assertEquals({ sorted.city:item(1), sorted.id:item(1) }, { "Bern", 3 })
  lu.assertEquals(t:value_counts("city").n:sum(), n)
  lu.assertEquals(#t:filter(function(c) return c.city:eq "Oslo" & c.x:lt(100) end), 233)
  lu.assertTrue(core.clock() - begin < 2)
end
