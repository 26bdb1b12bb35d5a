--- Tables: named columns of as many rows. A table never changes: what is done with it gives another, which shares the columns that
-- stay as they are.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local suggest = require "moonlab.suggest"
local Column = require "moonlab.table.column"
require "moonlab.table.statistics"
require "moonlab.table.vocabulary"
local display = require "moonlab.table.display"
local Expression = require "moonlab.table.expression"
local lists = require "moonlab.table.lists"
local operands = require "moonlab.table.operands"
local options = require "moonlab.options"
local unify = require "moonlab.table.unify"

local ops = core.ops

local Table = {}
local meta = { __name = "Table" }

-- What a table holds, apart from it, so that a column may have any name: { columns =, at = (position by name), size = }.
local inside = setmetatable({}, { __mode = "k" })

local function make(columns, size)
  local at = {}
  for i, column in ipairs(columns) do at[column.name] = i end
  local t = setmetatable({}, meta)
  inside[t] = { columns = columns, at = at, size = size }
  return t
end

--- Whether a value is a table of columns.
function Table.is(value) return getmetatable(value) == meta end

--- The columns of a table with a method of its own applied to each.
local function each(t, f, size)
  local columns = {}
  for i, column in ipairs(inside[t].columns) do columns[i] = f(column) end
  return make(columns, size)
end

-- Making -------------------------------------------------------------------------------------------------------------------

--- A table of what a reader gives: { rows = n, { name =, type =, values = ... }, ... }, as bindings/table_box.h pushes it; type may
-- also be "category", with codes and categories.
-- @param read  which is taken over
-- @return a table
function Table.of(read)
  local columns = {}
  for i, column in ipairs(read) do columns[i] = Column.is(column) and column or Column.new(column) end
  return make(columns, read.rows)
end

--- A table of columns that have names.
-- @param columns  a list
-- @param size     the rows of a table without columns
function Table.of_columns(columns, size) return make(columns, columns[1] and #columns[1] or size or 0) end

-- A column of whatever may stand for one.
local function column_of(value, name, n)
  if Column.is(value) then return value:renamed(name) end
  if core.is_tensor(value) then return Column.of_tensor(value, name) end
  if type(value) == "table" and not getmetatable(value) then return lists.column(value, name, n) end
  blame.raise("column '%s' must be a list, a tensor or a column, got %s", name, blame.show(value))
end

-- { name = values } or { { name, values }, ... } -> a list of pairs in order
local function pairs_of(given)
  local list, named = {}, {}
  for i, pair in ipairs(given) do
    if type(pair) ~= "table" or type(pair[1]) ~= "string" then
      blame.raise("data.table: entry %d must be a pair of a name and values, as in { \"age\", { 31, 20 } }; got %s", i, blame.show(pair))
    end
    list[i] = pair
  end
  for name in pairs(given) do
    if type(name) == "string" then named[#named + 1] = name end
  end
  table.sort(named)
  for _, name in ipairs(named) do list[#list + 1] = { name, given[name] } end
  return list
end

-- How many rows there are: those of a tensor or column, or of the longest list, since a list may end with missing values.
local function rows_of(list)
  local longest = 0
  for _, pair in ipairs(list) do
    local value = pair[2]
    if Column.is(value) or core.is_tensor(value) then return #value end
    if type(value) == "table" then longest = math.max(longest, lists.length(value)) end
  end
  return longest
end

-- Columns of pairs, which must have as many rows.
local function columns_of(list)
  local columns, n, at = {}, rows_of(list), {}
  for i, pair in ipairs(list) do
    local name = pair[1]
    if at[name] then blame.raise("data.table: there are two columns '%s'", name) end
    columns[i], at[name] = column_of(pair[2], name, n), i
    if #columns[i] ~= #columns[1] then
      blame.raise("data.table: column '%s' has %d rows, column '%s' has %d", columns[1].name, #columns[1], name, #columns[i])
    end
  end
  return columns
end

--- A table of lists, tensors or columns: data.table{ age = {31, 20}, city = {"Bern", "Rome"} }. The columns of a table with names are
-- in the order of the names; a list of pairs keeps its order: data.table{ {"city", {...}}, {"age", {...}} }.
-- @param given  values by name, or pairs; nil or data.missing in a list is a missing value
-- @return a table
-- @error columns of different lengths, values of different types in one column
-- @usage data.table{ age = { 31, 20 }, city = { "Bern", "Rome" } }.names   --> age city
function Table.new(given)
  if type(given) ~= "table" or getmetatable(given) then
    blame.raise("data.table: a table of columns is needed, as in data.table{ age = { 31, 20 } }; got %s", blame.show(given))
  end
  return Table.of_columns(columns_of(pairs_of(given)))
end

-- Reading --------------------------------------------------------------------------------------------------------------------

function meta.__len(t) return inside[t].size end
function meta.__tostring(t) return display.table(inside[t].columns, inside[t].size) end
function meta.__newindex(_, name) blame.raise("a table never changes; t:with{ %s = ... } gives another", tostring(name)) end

local function names_of(t)
  local names = {}
  for i, column in ipairs(inside[t].columns) do names[i] = column.name end
  return names
end

local function unknown(t, name) blame.raise("%s", suggest.unknown("column", tostring(name), names_of(t))) end

function meta.__index(t, name)
  local method = Table.methods[name]
  if method then return method end
  if name == "names" then return names_of(t) end
  local at = inside[t].at[name]
  if not at then unknown(t, name) end
  return inside[t].columns[at]
end

Table.methods = {}
local methods = Table.methods

--- How many rows there are; the same as #t.
-- @return an integer
-- @usage data.table{ x = { 1, 2, 3 } }:count()   --> 3
function methods.count(self) return inside[self].size end

--- A column, also one whose name is that of a method.
-- @param name  of the column
-- @return a column
-- @error an unknown name, with the nearest
-- @usage data.table{ count = { 1, 2 } }:column("count"):to_list()   --> 1 2
function methods.column(self, name)
  local at = inside[self].at[name]
  if not at then unknown(self, name) end
  return inside[self].columns[at]
end

--- Whether there is a column of this name.
-- @param name  of the column
-- @return true or false
-- @usage data.table{ x = { 1 } }:has("y")   --> false
function methods.has(self, name) return inside[self].at[name] ~= nil end

--- The types of the columns.
-- @return a table type by name
-- @usage data.table{ x = { 1 } }:types().x   --> integer
function methods.types(self)
  local types = {}
  for _, column in ipairs(inside[self].columns) do types[column.name] = column.type end
  return types
end

--- All columns in order.
-- @return a list of columns
-- @usage data.table{ x = { 1, 2 } }:columns()[1]:sum()   --> 3
function methods.columns(self) return table.move(inside[self].columns, 1, #inside[self].columns, 1, {}) end

--- One row as a plain table; a missing value is not in it.
-- @param i  a position; negative ones count from the end
-- @return a table value by name
-- @error a position out of 1..#t
-- @usage data.table{ x = { 1, 2 } }:row(-1).x   --> 2
function methods.row(self, i)
  local n = #self
  local at = math.type(i) == "integer" and i < 0 and i + n + 1 or math.tointeger(i)
  if not at or at < 1 or at > n then blame.raise("row: row %s is not in 1..%d", tostring(i), n) end
  local row = {}
  for _, column in ipairs(inside[self].columns) do row[column.name] = column:item(at) end
  return row
end

--- All columns as lists; data.missing stands where there is no value.
-- @return a table list by name
-- @usage data.table{ x = { 1, 2 } }:to_lists().x   --> 1 2
function methods.to_lists(self)
  local lists = {}
  for _, column in ipairs(inside[self].columns) do lists[column.name] = column:to_list() end
  return lists
end

-- Rows -----------------------------------------------------------------------------------------------------------------------

-- Positions of rows from a list, a tensor of positions, or a mask.
local function positions_of(t, which, where)
  local n = #t
  if Column.is(which) then
    if which.type == "boolean" then which = which.values
    elseif which.type == "integer" and not which.missing then which = which.values
    else blame.raise("%s: a mask or positions are needed, got %s", where, operands.show(which)) end
  elseif type(which) == "table" and not getmetatable(which) then
    which = #which == 0 and core.zeros(0, { dtype = "int64" }) or core.tensor(which)
  end
  if not core.is_tensor(which) or which:dim() ~= 1 or (which.dtype ~= "bool" and which.dtype ~= "int64") then
    blame.raise("%s: a list or tensor of positions, or a mask, is needed, got %s", where,
      core.is_tensor(which) and ("a tensor %s [%s]"):format(which.dtype, table.concat(which.shape, ", ")) or blame.show(which))
  end
  if which.dtype == "bool" then
    if #which ~= n then blame.raise("%s: the mask has %d rows, the table %d", where, #which, n) end
    return which:nonzero():flatten()
  end
  if #which > 0 and (which:min():item() < 1 or which:max():item() > n) then
    local bad = which:min():item() < 1 and which:min():item() or which:max():item()
    blame.raise("%s: row %d is not in 1..%d", where, bad, n)
  end
  return which:contiguous()
end

local function gather(t, positions) return each(t, function(column) return column:gather(positions) end, #positions) end

--- The rows at positions, in their order, or those of a mask.
-- @param which  an int64 tensor or list of positions from 1, a column of booleans or a bool tensor
-- @return a table
-- @error a position out of 1..#t, a mask of another length
-- @usage data.table{ x = { 5, 6, 7 } }:rows{ 3, 1 }.x:to_list()   --> 7 5
function methods.rows(self, which) return gather(self, positions_of(self, which, "rows")) end

--- The rows for which a condition holds; where it is missing the row is left out.
-- @param f  function(c) of the columns that gives a column of booleans, or such a column
-- @return a table
-- @usage data.table{ age = { 17, 31 } }:filter(function(c) return c.age:gt(18) end).age:to_list()   --> 31
function methods.filter(self, f)
  local mask = f
  if type(f) == "function" then mask = Expression.record(f, names_of(self), "the condition"):on(self)
  elseif Expression.is(f) then mask = f:on(self) end
  if Column.is(mask) and mask.type ~= "boolean" then blame.raise("filter: the condition is no column of booleans but %s", operands.show(mask)) end
  return gather(self, positions_of(self, mask, "filter"))
end

local function count_of(n, where)
  if not math.tointeger(n) or n < 0 then blame.raise("%s: the number of rows must be an integer from 0, got %s", where, blame.show(n)) end
  return math.tointeger(n)
end

local function range(t, from, to)
  return gather(t, to < from and core.zeros(0, { dtype = "int64" }) or core.arange(from, to, { dtype = "int64" }))
end

--- The first rows.
-- @param n  how many; 5 if not given
-- @return a table
-- @usage data.table{ x = { 5, 6, 7 } }:head(2).x:to_list()   --> 5 6
function methods.head(self, n) return range(self, 1, math.min(count_of(n or 5, "head"), #self)) end

--- The last rows.
-- @param n  how many; 5 if not given
-- @return a table
-- @usage data.table{ x = { 5, 6, 7 } }:tail(2).x:to_list()   --> 6 7
function methods.tail(self, n) return range(self, math.max(#self - count_of(n or 5, "tail") + 1, 1), #self) end

-- Columns --------------------------------------------------------------------------------------------------------------------

local function list_of(names) return type(names) == "string" and { names } or names end

--- Only these columns, in this order.
-- @param names  a list of names
-- @return a table
-- @usage data.table{ a = { 1 }, b = { 2 }, c = { 3 } }:select{ "c", "a" }.names   --> c a
function methods.select(self, names)
  local columns = {}
  for i, name in ipairs(list_of(names)) do columns[i] = self:column(name) end
  return make(columns, #self)
end

--- All columns but these.
-- @param names  a list of names
-- @return a table
-- @usage data.table{ a = { 1 }, b = { 2 }, c = { 3 } }:without{ "b" }.names   --> a c
function methods.without(self, names)
  local gone, columns = {}, {}
  for _, name in ipairs(list_of(names)) do gone[self:column(name).name] = true end
  for _, column in ipairs(inside[self].columns) do
    if not gone[column.name] then columns[#columns + 1] = column end
  end
  return make(columns, #self)
end

-- What t:with{} takes for a column.
local function computed(t, name, value)
  local n = #t
  if type(value) == "function" then value = Expression.record(value, names_of(t), ("the derived value '%s'"):format(name)) end
  if Expression.is(value) then value = value:on(t) end
  if operands.type_of(value) and not Column.is(value) then
    return unify.columns({ value })[1]:gather(core.ones(n, { dtype = "int64" })):renamed(name)
  end
  local column = column_of(value, name, n)
  if #column ~= n and #inside[t].columns > 0 then blame.raise("with: '%s' has %d rows, the table %d", name, #column, n) end
  return column
end

--- The table with more columns, or others in the place of those of the same name.
-- @param new  by name: a column, a tensor, a list, an expression or function(c), or a constant for all rows; functions see the
--             columns as they were. Columns that are new follow in the order of their names; { { name, value }, ... } keeps an order
-- @return a table
-- @error a function whose result is no column, another number of rows
-- @usage data.table{ x = { 1, 2 } }:with{ y = function(c) return c.x * 10 end }.y:to_list()   --> 10 20
function methods.with(self, new)
  if type(new) ~= "table" or getmetatable(new) then blame.raise("with: columns by name are needed, as in t:with{ year = 2024 }; got %s", blame.show(new)) end
  local columns, at = self:columns(), {}
  for name, i in pairs(inside[self].at) do at[name] = i end
  for _, pair in ipairs(pairs_of(new)) do
    local name = pair[1]
    at[name] = at[name] or #columns + 1
    columns[at[name]] = computed(self, name, pair[2])
  end
  return Table.of_columns(columns, #self)
end

--- Other names for columns.
-- @param new  new names by old ones
-- @return a table
-- @error an unknown name, a name twice
-- @usage data.table{ a = { 1 }, b = { 2 } }:rename{ a = "x" }.names   --> x b
function methods.rename(self, new)
  for old, name in pairs(new) do
    self:column(old)
    if type(name) ~= "string" then blame.raise("rename: the new name of '%s' must be a string, got %s", old, blame.show(name)) end
  end
  local seen = {}
  local result = each(self, function(column) return column:renamed(new[column.name] or column.name) end, #self)
  for _, name in ipairs(names_of(result)) do
    if seen[name] then blame.raise("rename: there would be two columns '%s'", name) end
    seen[name] = true
  end
  return result
end

-- Tensors and files ------------------------------------------------------------------------------------------------------------

local read_tensor = options("tensor", { { "dtype", { "float32", "float64" }, "float32" } }, 't:tensor({"age", "spend"}, {dtype = "float64"})')

--- Columns beside each other as a tensor [n, k]. A missing value is NaN; booleans are 0 and 1, times seconds.
-- @param names  a list of names; all columns if not given
-- @param o      { dtype = "float32" or "float64" }, or in the list of names
-- @return tensor
-- @error a column of text or a category, with what to write
-- @usage data.table{ a = { 1, 2 }, b = { 3, 4 } }:tensor{ "a", "b" }   --> 1 3 2 4
function methods.tensor(self, names, o)
  names = list_of(names) or names_of(self)
  o = read_tensor(o or { dtype = names.dtype })
  local columns = {}
  for i, name in ipairs(names) do
    local column = self:column(name)
    if column.type == "text" then
      blame.raise("tensor: column '%s' is text; write t.%s:number() for the numbers in it, t.%s:category().values for codes of its values", name,
        name, name)
    elseif column.type == "category" then
      blame.raise("tensor: column '%s' is a category; t.%s.values are its codes from 1, features.one_hot() makes columns of it", name, name)
    end
    columns[i] = operands.as_number(column):to(o.dtype)
  end
  if #columns == 0 then return core.zeros(#self, 0, { dtype = o.dtype }) end
  return ops.stack(columns, 2)
end

-- The columns as files take them: categories as their texts.
local function plain_columns(self)
  local list = { rows = #self }
  for i, column in ipairs(inside[self].columns) do
    list[i] = column.type == "category" and operands.as_text(column) or column
  end
  return list
end

--- Writes the table as a CSV file.
-- @param path  of the file
-- @param o     { separator = ",", header = true, missing = "" }
-- @usage data.table{ x = { 1, 2 } }:write_csv("x.csv")
function methods.write_csv(self, path, o) return core.write_csv(path, plain_columns(self), o) end

--- Writes the table as a file of JSON Lines: an object a row; a missing value is null.
-- @param path  of the file
-- @usage data.table{ x = { 1, 2 } }:write_jsonl("x.jsonl")
function methods.write_jsonl(self, path) return core.write_jsonl(path, plain_columns(self)) end

--- What the table looks like: types, missing and frequent values, quantiles, duplicates, correlations, outliers; with a target, what each
-- column tells of it and which labels are doubtful. The same as source:profile.
-- @param o  { target =, task =, id =, sample =, seed =, now = }
-- @return a profile: print it, or profile:save "page.html"
-- @usage print(data.table{ x = { 1, 2, 2 }, y = { 1, 4, 4 } }:profile { target = "y" })
function methods.profile(self, o) return require "moonlab.data.table_source".TableSource.of(self):profile(o) end

-- The order of rows, what is told of all rows, and rows together -------------------------------------------------------------

for _, module in ipairs { "order", "describe" } do
  for name, f in pairs(require("moonlab.table." .. module)) do methods[name] = f end
end

--- The rows of other tables behind those of this one. They have the same columns, in any order; categories are merged.
-- @param ...  tables
-- @return a table
-- @error other columns, other types
-- @usage data.table{ x = { 1, 2 } }:append(data.table{ x = { 3 } }).x:to_list()   --> 1 2 3
function methods.append(self, ...)
  local tables, n = { self, ... }, 0
  for i, t in ipairs(tables) do
    if not Table.is(t) then blame.raise("append: a table is needed, got %s", blame.show(t)) end
    for _, name in ipairs(names_of(t)) do
      if not inside[self].at[name] then blame.raise("append: table %d has a column '%s' that the first has not; t:without{\"%s\"} leaves it out", i, name, name) end
    end
    n = n + #t
  end
  return each(self, function(column)
    local parts = {}
    for i, t in ipairs(tables) do
      if not inside[t].at[column.name] then blame.raise("append: table %d has no column '%s'", i, column.name) end
      parts[i] = t:column(column.name)
    end
    for i, part in ipairs(parts) do
      if part.type ~= column.type then
        blame.raise("append: column '%s' is %s in table 1 and %s in table %d", column.name, column.type, part.type, i)
      end
    end
    return unify.joined(unify.columns(parts)):renamed(column.name)
  end, n)
end

-- What columns print.
Column.metatable().__tostring = function(column) return display.column(column) end

return Table
