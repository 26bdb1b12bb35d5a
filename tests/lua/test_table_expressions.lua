-- Operations on columns, done at once and recorded: one vocabulary.

local ml = require "moonlab"
local lu = require "luaunit"
local json = require "moonlab.json"
local support = require "support"
local Expression = require "moonlab.table.expression"
local data = ml.data
local NONE = data.missing
local record = Expression.record
local fails = support.refuses(function(f, ...) return (f(...)) end)

local function sample()
  return data.table {
    { "i", { 7, -7, NONE, 0 } }, { "x", { 1.5, NONE, -2.5, 0.1 } }, { "s", { "Ada ", "b,c", NONE, "" } },
    { "b", { true, false, NONE, true } }, { "plan", { "pro", "plus", NONE, "pro" } },
  }
end

-- What a function makes of the columns at hand.
local function at_once(f)
  local t = sample()
  local c = setmetatable({ plan = t.plan:category { "basic", "plus", "pro" }, when = t.i:number():fill(0):text():map { ["7.0"] = "2024-02-29" }:time() },
    { __index = t })
  return f(c)
end

local function list(f) return at_once(f):to_list() end
local function kind(f) return at_once(f).type end

-- Each: a name, a function, its type and its values.
local CASES = {
  { "add integers", function(c) return c.i + 1 end, "integer", { 8, -6, NONE, 1 } },
  { "add a float to integers", function(c) return c.i + 0.5 end, "number", { 7.5, -6.5, NONE, 0.5 } },
  { "subtract from a constant", function(c) return 1 - c.i end, "integer", { -6, 8, NONE, 1 } },
  { "multiply columns", function(c) return c.i * c.x end, "number", { 10.5, NONE, NONE, 0.0 } },
  { "divide integers", function(c) return c.i / 2 end, "number", { 3.5, -3.5, NONE, 0.0 } },
  { "divide by zero", function(c) return 1 / c.i end, "number", { 1 / 7, -1 / 7, NONE, math.huge } },
  { "floor division", function(c) return c.i // 2 end, "integer", { 3, -4, NONE, 0 } },
  { "remainder", function(c) return c.i % 3 end, "integer", { 1, 2, NONE, 0 } },
  { "power", function(c) return c.i ^ 2 end, "number", { 49.0, 49.0, NONE, 0.0 } },
  { "negative", function(c) return -c.i end, "integer", { -7, 7, NONE, 0 } },
  { "abs", function(c) return c.x:abs() end, "number", { 1.5, NONE, 2.5, 0.1 } },
  { "sign", function(c) return c.i:sign() end, "integer", { 1, -1, NONE, 0 } },
  { "square", function(c) return c.i:square() end, "integer", { 49, 49, NONE, 0 } },
  { "sqrt of a negative is missing", function(c) return c.x:sqrt() end, "number", { math.sqrt(1.5), NONE, NONE, math.sqrt(0.1) } },
  { "round", function(c) return c.x:round() end, "number", { 2.0, NONE, -2.0, 0.0 } },
  { "floor keeps integers", function(c) return c.i:floor() end, "integer", { 7, -7, NONE, 0 } },
  { "clamp", function(c) return c.i:clamp(-1, 5) end, "integer", { 5, -1, NONE, 0 } },
  { "clamp above", function(c) return c.x:clamp(nil, 1) end, "number", { 1.0, NONE, -2.5, 0.1 } },
  { "maximum", function(c) return c.i:maximum(c.x) end, "number", { 7.0, NONE, NONE, 0.1 } },
  { "greater", function(c) return c.i:gt(0) end, "boolean", { true, false, NONE, false } },
  { "not equal", function(c) return c.x:ne(1.5) end, "boolean", { false, NONE, true, true } },
  { "integers and a fraction", function(c) return c.i:le(-6.5) end, "boolean", { false, true, NONE, false } },
  { "text equal", function(c) return c.s:eq "b,c" end, "boolean", { false, true, NONE, false } },
  { "text in order", function(c) return c.s:ge "b" end, "boolean", { false, true, NONE, false } },
  { "category equal", function(c) return c.plan:eq "pro" end, "boolean", { true, false, NONE, true } },
  { "category equal to no name", function(c) return c.plan:eq "gold" end, "boolean", { false, false, NONE, false } },
  { "category in order", function(c) return c.plan:lt "pro" end, "boolean", { false, true, NONE, false } },
  { "boolean equal", function(c) return c.b:eq(false) end, "boolean", { false, true, NONE, false } },
  { "and", function(c) return c.b & c.i:lt(0) end, "boolean", { false, false, NONE, false } },
  { "not", function(c) return ~c.b end, "boolean", { false, true, NONE, false } },
  { "is_missing", function(c) return c.x:is_missing() end, "boolean", { false, true, false, false } },
  { "fill", function(c) return c.i:fill(9) end, "integer", { 7, -7, 9, 0 } },
  { "fill with a float", function(c) return c.i:fill(0.5) end, "number", { 7.0, -7.0, 0.5, 0.0 } },
  { "fill from a column", function(c) return c.x:fill(c.i) end, "number", { 1.5, -7.0, -2.5, 0.1 } },
  { "fill a category with a new name", function(c) return c.plan:fill "none" end, "category", { "pro", "plus", "none", "pro" } },
  { "is_in", function(c) return c.plan:is_in { "pro", "basic" } end, "boolean", { true, false, NONE, true } },
  { "is_in of integers", function(c) return c.i:is_in { 7, 0 } end, "boolean", { true, false, NONE, true } },
  { "where", function(c) return ml.where(c.i:gt(0), c.x, 0) end, "number", { 1.5, 0.0, NONE, 0.0 } },
  { "where of constants", function(c) return ml.where(c.b, "yes", "no") end, "text", { "yes", "no", NONE, "yes" } },
  { "map", function(c) return c.plan:map { pro = 2, plus = 1 } end, "integer", { 2, 1, NONE, 2 } },
  { "map leaves out", function(c) return c.i:map { [7] = "seven" } end, "text", { "seven", NONE, NONE, NONE } },
  { "lower", function(c) return c.s:lower() end, "text", { "ada ", "b,c", NONE, "" } },
  { "trim and concat", function(c) return "<" .. c.s:trim() .. ">" end, "text", { "<Ada>", "<b,c>", NONE, "<>" } },
  { "length", function(c) return c.s:length() end, "integer", { 4, 3, NONE, 0 } },
  { "contains", function(c) return c.s:contains "," end, "boolean", { false, true, NONE, false } },
  { "starts_with on a category", function(c) return c.plan:starts_with "pl" end, "boolean", { false, true, NONE, false } },
  { "matches", function(c) return c.s:matches "^%u" end, "boolean", { true, false, NONE, false } },
  { "replace", function(c) return c.s:replace(",", "--") end, "text", { "Ada ", "b--c", NONE, "" } },
  { "sub", function(c) return c.s:sub(-2) end, "text", { "a ", ",c", NONE, "" } },
  { "split", function(c) return c.s:split(",", 2) end, "text", { NONE, "c", NONE, NONE } },
  { "split from the end", function(c) return c.s:split(",", -1) end, "text", { "Ada ", "c", NONE, "" } },
  { "category to text", function(c) return c.plan:upper():text() end, "text", { "PRO", "PLUS", NONE, "PRO" } },
  { "number as text", function(c) return c.x:text() end, "text", { "1.5", NONE, "-2.5", "0.1" } },
  { "text of text is itself", function(c) return c.i:text():number() end, "number", { 7.0, -7.0, NONE, 0.0 } },
  { "year of a time", function(c) return c.when:year() end, "integer", { 2024, NONE, NONE, NONE } },
  { "days between", function(c) return (c.when - c.when) / 86400 end, "number", { 0.0, NONE, NONE, NONE } },
  { "time before a date", function(c) return c.when:lt "2024-03-01" end, "boolean", { true, NONE, NONE, NONE } },
}

TestColumnOperations = {}
TestColumnExpressions = {}

local function prepared()
  local t = sample()
  return t:with { plan = t.plan:category { "basic", "plus", "pro" }, when = t.i:number():fill(0):text():map { ["7.0"] = "2024-02-29" }:time() }
end

for _, case in ipairs(CASES) do
  local name, f, expected_kind, expected = table.unpack(case)
  TestColumnOperations["test_" .. name:gsub("%W", "_")] = function()
    lu.assertEquals({ kind(f), list(f) }, { expected_kind, expected })
  end
  TestColumnExpressions["test_recorded_" .. name:gsub("%W", "_")] = function()
    local t = prepared()
    local expression = record(f, t.names)
    local again = Expression.decode((json.decode(json.encode(expression:encode()))))
    lu.assertEquals(expression:on(t):to_list(), expected)
    lu.assertEquals(again:on(t):to_list(), expected)
    lu.assertEquals(again:encode(), expression:encode())
    lu.assertEquals(again:inputs(), expression:inputs())
  end
end

function TestColumnOperations:test_three_valued_logic()
  local a = data.table { x = { true, true, true, false, false, false, NONE, NONE, NONE } }.x
  local b = data.table { x = { true, false, NONE, true, false, NONE, true, false, NONE } }.x
  lu.assertEquals((a & b):to_list(), { true, false, NONE, false, false, false, NONE, false, NONE })
  lu.assertEquals((a | b):to_list(), { true, true, true, true, false, NONE, true, NONE, NONE })
  lu.assertEquals((a ~ b):to_list(), { false, true, NONE, true, false, NONE, NONE, NONE, NONE })
end

function TestColumnOperations:test_large_integers_are_compared_exactly()
  local x = data.table { x = { 9007199254740993, 9007199254740992 } }.x
  lu.assertEquals(x:eq(9007199254740992.0):to_list(), { false, true })
end

function TestColumnOperations:test_empty_columns_stay_empty()
  local t = prepared():rows {}
  for _, case in ipairs(CASES) do
    lu.assertEquals(#record(case[2], t.names):on(t), 0, case[1])
  end
end

function TestColumnOperations:test_columns_of_missing_values_give_missing_values()
  local t = prepared():rows { 3, 3 }
  for _, name in ipairs { "s", "plan", "i", "b" } do lu.assertEquals(t:column(name):text():to_list(), { NONE, NONE }, name) end
  lu.assertEquals(t.s:number():to_list(), { NONE, NONE })
  lu.assertEquals({ t.i:mean() }, { nil, "there is no value" })
  lu.assertEquals({ t.s:min() }, { nil, "there is no value" })
  lu.assertEquals({ data.table({ x = { 1 } }).x:std() }, { nil, "one value has no deviation" })
end

function TestColumnOperations:test_dates_of_a_format()
  local t = data.table { d = { "29.2.2024 07:05", "1.1.1970 00:00", NONE, " " } }
  lu.assertEquals(t.d:time("%d.%m.%Y %H:%M"):text():to_list(), { "2024-02-29 07:05:00", "1970-01-01", NONE, NONE })
end

TestColumnErrors = {}

local function refuses(message, f)
  local t = prepared()
  fails(message, function() return t:with { x2 = f } end)
end

function TestColumnErrors:test_plain_booleans_are_no_columns()
  refuses("the derived value 'x2' is the boolean false, not a column; write c.plan:eq \"pro\" (c.plan == \"pro\" is always false in Lua)",
    function(c) return c.plan == "pro" end)
  refuses("logical_and: a column is needed, got the boolean false; write c.plan:eq \"pro\", since c.plan == \"pro\" is always false in Lua",
    function(c) return c.b & (c.plan == "pro") end)
  refuses("the derived value 'x2' is 3, not a column", function() return 3 end)
  refuses("< gives one answer in Lua, not one a row; write c.x:lt(18)", function(c) return c.i < 18 end)
end

function TestColumnErrors:test_unknown_names_have_a_nearest()
  refuses("unknown column 'pln'; did you mean 'plan'?", function(c) return c.pln end)
  refuses("a column has no 'lenght'; unknown method 'lenght'; did you mean 'length'?", function(c) return c.s:lenght() end)
end

function TestColumnErrors:test_rows_do_not_learn_from_each_other()
  refuses("'mean' looks at all rows at once; a recorded column is computed row by row, so that no row learns from another",
    function(c) return c.x - c.x:mean() end)
  refuses("category: a recorded column needs the names, as in c.plan:category{\"basic\", \"pro\"}: finding them takes all rows",
    function(c) return c.s:category() end)
end

function TestColumnErrors:test_types_that_do_not_fit_are_named()
  refuses("add: numbers are needed, got column 's' (text); :number() reads the numbers in it", function(c) return c.s + 1 end)
  refuses("lower: text is needed, got column 'i' (integer); :text() writes its values", function(c) return c.i:lower() end)
  refuses("year: times are needed, got column 's' (text); :time() reads the times in it", function(c) return c.s:year() end)
  refuses("eq: column 'i' (integer) and 'pro' are not compared with each other", function(c) return c.i:eq "pro" end)
  refuses("lt: column 'plan' (category): unknown category 'prol'; did you mean 'pro'?", function(c) return c.plan:lt "prol" end)
  refuses("floor_divide: an integer divided by zero, at row 4; / gives a number", function(c) return 1 // c.i end)
  refuses("where: column 's' (text) and 0 have no type in common", function(c) return ml.where(c.b, c.s, 0) end)
end

function TestColumnErrors:test_text_that_cannot_be_read_names_its_row()
  local t = data.table { x = { "1", " 2 ", "three" } }
  fails("number: row 3 of column 'x' (text) is 'three', which is no number", t.x.number, t.x)
  fails("time: row 1 of column 'x' (text) is '1', which is no time such as 2024-02-29 13:05:06", t.x.time, t.x)
  fails("time: row 1 of column 'x' (text) is '1', which is no time of the format '%d.%m.%Y'", t.x.time, t.x, "%d.%m.%Y")
end

function TestColumnErrors:test_damaged_expressions_are_bad_data()
  for _, list in ipairs { { "nothing", 1 }, { "column" }, { 3 }, { "add", { "oh", 1 } }, {} } do
    local ok, problem = pcall(Expression.decode, list)
    lu.assertFalse(ok)
    lu.assertEquals(problem.status, 4)
  end
end
