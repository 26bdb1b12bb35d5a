--- Methods of tables that look at all rows: sorting, what is there twice, how often each value is there.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local options = require "moonlab.options"
local Column = require "moonlab.table.column"
local row_codes = require "moonlab.table.row_codes"

local ops = core.ops

local M = {}

local function list_of(names) return type(names) == "string" and { names } or names end

local read_sort = options("sort", { { "descending", "any" } }, 't:sort({"city", "age"}, {descending = true})')

-- Which of the names descend: all, or those of a list.
local function descending_of(names, descending)
  if descending ~= nil and type(descending) ~= "boolean" and type(descending) ~= "table" then
    blame.raise("sort: descending must be true or a list of names, got %s", blame.show(descending))
  end
  local by_name = {}
  for _, name in ipairs(names) do by_name[name] = descending == true end
  for _, name in ipairs(type(descending) == "table" and descending or {}) do
    if by_name[name] == nil then blame.raise("sort: '%s' descends, but the table is not sorted by it", tostring(name)) end
    by_name[name] = true
  end
  return by_name
end

--- The rows in the order of one column, of a second where that is equal, and so on. Equal rows stay as they are, missing values come
-- last, texts are in the order of their bytes, categories in that of their list.
-- @param names  a name or a list of names
-- @param o      { descending = true or a list of those names that descend }
-- @return a table
-- @error an unknown column
-- @usage data.table{ x = { 3, 1, 2 } }:sort("x", { descending = true }).x:to_list()   --> 3 2 1
function M.sort(self, names, o)
  names = list_of(names)
  if type(names) ~= "table" or #names == 0 then blame.raise("sort: the names of columns are needed, as in t:sort{\"city\", \"age\"}; got %s", blame.show(names)) end
  local descending = descending_of(names, read_sort(o).descending)
  local positions
  for i = #names, 1, -1 do -- stable: the first name is sorted by last
    local column = self:column(names[i])
    local order = (positions and column:gather(positions) or column):order(descending[names[i]])
    positions = positions and positions:index_select(1, order) or order
  end
  return self:rows(positions)
end

--- Which rows have the same values as one before them; missing values are equal to each other.
-- @param names  the columns that count; all if not given
-- @return a column of booleans
-- @usage data.table{ x = { 1, 2, 1 } }:duplicated():to_list()   --> false false true
function M.duplicated(self, names)
  names = list_of(names) or self.names
  if #names == 0 then blame.raise("duplicated: the table has no columns") end
  if #self == 0 then return Column.all_missing("boolean", 0) end
  local codes, firsts = row_codes(self, names)
  return Column.of_tensor(ops.ne(firsts:index_select(1, codes), core.arange(1, #self, { dtype = "int64" })))
end

--- How often each value is there, the most frequent first, then in the order of appearance; missing ones are left out.
-- @param name  of a column
-- @return a table of the values and of how often each is there, n
-- @usage data.table{ x = { "a", "b", "b" } }:value_counts("x").x:to_list()   --> b a
function M.value_counts(self, name)
  local column = self:column(name)
  local codes, firsts = column:codes()
  local counts = core.zeros(0, { dtype = "int64" })
  if #firsts > 0 then counts = ops.bincount(codes:masked_select(codes:gt(0)), { minlength = #firsts }) end
  local order = #firsts > 0 and counts:argsort(1, { descending = true }) or firsts
  local Table = require "moonlab.table.table"
  return Table.of_columns {
    column:gather(firsts:index_select(1, order)),
    Column.of_tensor(counts:index_select(1, order), name == "n" and "n_2" or "n"),
  }
end

return M
