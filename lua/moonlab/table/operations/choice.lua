--- Choosing between columns row by row, and putting one value in the place of another.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local Column = require "moonlab.table.column"
local lists = require "moonlab.table.lists"
local missing = require "moonlab.table.missing"
local operands = require "moonlab.table.operands"
local unify = require "moonlab.table.unify"
local logic = require "moonlab.table.operations.logic"

local ops = core.ops

local M = {}

-- Rows of a (where pick is true) and b, which have one type; either may have one row for all. One gather from both behind each other.
local function choose(pick, a, b, n)
  local at = core.arange(1, n, { dtype = "int64" })
  local left = #a == 1 and core.ones(n, { dtype = "int64" }) or at
  local right = (#b == 1 and core.ones(n, { dtype = "int64" }) or at) + #a
  return unify.joined { a, b }:gather(ops.where(pick, left, right))
end

local function no_rows(kind, like) return Column.all_missing(kind, 0, like) end

--- The first value where the condition holds, else the second; missing where the condition is. ml.where(c.age:lt(18), 0, c.spend)
-- is the same.
-- @param a  a column or a constant
-- @param b  a column or a constant of the same type
-- @return a column
-- @error values of different types
-- @usage data.table{ x = { 1, 5 } }.x:gt(3):where("big", "small"):to_list()   --> small big
function M.where(self, a, b)
  operands.need_mask("where", self)
  local n = operands.rows("where", self, a, b)
  for _, x in ipairs { a, b } do
    if not operands.type_of(x) then blame.raise("where: a column or a constant is needed, got %s", blame.show(x)) end
  end
  if a == nil or b == nil then blame.raise("where: two values are needed, as in ml.where(c.age:lt(18), 0, c.spend)") end
  local pair, first, second = unify.columns { a, b }
  if not pair then
    blame.raise("where: %s and %s have no type in common", operands.show(({ a, b })[first]), operands.show(({ a, b })[second]))
  end
  if n == 0 then return no_rows(pair[1].type, pair[1]) end
  local result = choose(self.values, pair[1], pair[2], n)
  if self.missing then
    local positions = core.arange(1, n, { dtype = "int64" }):masked_fill(self.missing, 0)
    result = result:gather_or_missing(positions)
  end
  return result:renamed(operands.name_of(a) or operands.name_of(b))
end

--- A value where there is none.
-- @param value  a constant or a column of the same type
-- @return a column
-- @usage data.table{ x = { 1, data.missing } }.x:fill(0):to_list()   --> 1 0
function M.fill(self, value)
  if operands.type_of(value) == nil then blame.raise("fill: a value is needed, got %s", blame.show(value)) end
  operands.rows("fill", self, value)
  if operands.type_of(value) == self.type and not self:missing_mask() then return self end -- else the type depends on the value's
  return M.where(logic.is_missing(self), value, self):renamed(self.name)
end

-- A list of constants -> a set of them; whole floats are integers.
local function set_of(list)
  local set = {}
  for i, value in ipairs(list) do set[math.type(value) == "float" and math.tointeger(value) or value] = i end
  return set
end

-- A column of what by_value gives for each value, asked once for each different one; nil: missing. kind: of the results.
local function by_distinct(column, kind, by_value)
  local codes, firsts = column:codes()
  local results, any = column:gather(firsts):to_list(), false
  for i, value in ipairs(results) do
    local result = by_value(math.type(value) == "float" and math.tointeger(value) or value)
    any = any or result ~= nil
    if result == nil then results[i] = missing else results[i] = result end
  end
  if not any then return Column.all_missing(kind, #column, { name = column.name }) end
  return lists.column(results, "map"):gather_or_missing(codes):renamed(column.name)
end

--- Whether the value is one of a list.
-- @param list  constants
-- @return a column of booleans
-- @usage data.table{ city = { "Rome", "Bern" } }.city:is_in{ "Bern", "Basel" }:to_list()   --> false true
function M.is_in(self, list)
  if type(list) ~= "table" or getmetatable(list) then blame.raise("is_in: a list is needed, as in c.city:is_in{\"Bern\", \"Basel\"}; got %s", blame.show(list)) end
  local set = set_of(list)
  return by_distinct(self, "boolean", function(value) return set[value] ~= nil end)
end

--- Other values for old ones: map{ yes = 1, no = 0 }. A value that is not named becomes missing; :fill(c.x) behind it keeps it.
-- @param new  a table by old value
-- @return a column
-- @usage data.table{ x = { "yes", "no" } }.x:map{ yes = 1, no = 0 }:to_list()   --> 1 0
function M.map(self, new)
  if type(new) ~= "table" or getmetatable(new) then blame.raise("map: a table is needed, as in c.x:map{ yes = 1, no = 0 }; got %s", blame.show(new)) end
  local by_old, sample = {}, {}
  for old, value in pairs(new) do
    by_old[math.type(old) == "float" and math.tointeger(old) or old] = value
    sample[#sample + 1] = value
  end
  if #sample == 0 then blame.raise("map: the table names no value") end
  local kind = lists.column(sample, "map").type -- of all new values, whichever of them occur
  return by_distinct(self, kind, function(value)
    local result = by_old[value]
    return kind == "number" and result and result + 0.0 or result
  end)
end

return M
