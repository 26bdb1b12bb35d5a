--- Comparisons of columns and what is done with the masks that they give. A comparison with a missing value is missing; "and" and
-- "or" follow three-valued logic: false & missing is false, true | missing is true.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local suggest = require "moonlab.suggest"
local Column = require "moonlab.table.column"
local dates = require "moonlab.table.dates"
local operands = require "moonlab.table.operands"

local ops = core.ops

local M = {}

local SWAPPED = { gt = "lt", ge = "le" } -- a > b is b < a
local IS_NUMBER = { number = true, integer = true }

-- Comparing -----------------------------------------------------------------------------------------------------------------

local function compare_numbers(op, a, b)
  if operands.is_integer(a) and type(b) == "number" then b = math.tointeger(b) or b end
  if operands.is_integer(a) and operands.is_integer(b) then return ops[op](operands.as_integer(a), operands.as_integer(b)) end
  return ops[op](operands.as_number(a), operands.as_number(b))
end

local function compare_text(op, a, b)
  a, b = operands.as_text(a), operands.as_text(b)
  if SWAPPED[op] then a, b, op = b, a, SWAPPED[op] end
  local b1, b2, b3 = b:parts()
  local relation = op == "ne" and "eq" or op
  local a1, a2, a3 = a:parts()
  local result = core.text_compare(a1, a2, a3, b1, b2, b3, relation)
  return op == "ne" and ops.logical_not(result) or result
end

local function position_of(name, list)
  for i, other in ipairs(list) do
    if other == name then return i end
  end
end

-- A category and the name of one: equal by the name, which need not be there; in order by the place of the name in the list.
local function compare_category(op, a, name)
  local code = position_of(name, a.categories)
  if not code and op ~= "eq" and op ~= "ne" then
    blame.raise("%s: %s: %s", op, operands.show(a), suggest.unknown("category", name, a.categories))
  end
  return ops[op](a.values, code or -1)
end

local function same_categories(a, b)
  if #a ~= #b then return false end
  for i, name in ipairs(a) do
    if name ~= b[i] then return false end
  end
  return true
end

-- A mask without regard to what is missing.
local function relation(op, a, b)
  local x, y = operands.type_of(a), operands.type_of(b)
  if x == "category" and type(b) == "string" then return compare_category(op, a, b) end
  if x == "category" and y == "category" and same_categories(a.categories, b.categories) then return ops[op](a.values, b.values) end
  if (x == "text" or x == "category") and (y == "text" or y == "category") then return compare_text(op, a, b) end
  if x == "time" and type(b) == "string" then b, y = dates.seconds(b, op), "time" end
  if x == "time" and y == "time" then return ops[op](operands.as_number(a), operands.as_number(b)) end
  if IS_NUMBER[x] and IS_NUMBER[y] then return compare_numbers(op, a, b) end
  if x == "boolean" and y == "boolean" then return ops[op](a.values, Column.is(b) and b.values or b and 1 or 0) end
  blame.raise("%s: %s and %s are not compared with each other%s", op, operands.show(a), operands.show(b),
    b == nil and "; c.x:is_missing() finds the rows without a value" or "")
end

local function compare(op, a, b)
  operands.rows(op, a, b)
  local values = relation(op, a, b)
  return Column.of_masked("boolean", values, operands.union(operands.missing(a), operands.missing(b)), operands.name_of(a))
end

--- Whether the value is the same. `c.plan == "pro"` is always false in Lua; write c.plan:eq "pro".
-- @param other  a column or a constant: a number, a text, a boolean, the name of a category, a date "2024-02-29"
-- @return a column of booleans
-- @usage data.table{ plan = { "pro", "plus" } }.plan:eq("pro"):to_list()   --> true false
function M.eq(self, other) return compare("eq", self, other) end

--- Whether the value is another.
-- @param other  a column or a constant, as for eq
-- @return a column of booleans
-- @usage data.table{ plan = { "pro", "plus" } }.plan:ne("pro"):to_list()   --> false true
function M.ne(self, other) return compare("ne", self, other) end

--- Whether the value is smaller; texts are in the order of their bytes, categories in that of their list.
-- @param other  a column or a constant, as for eq
-- @return a column of booleans
-- @usage data.table{ age = { 17, 18 } }.age:lt(18):to_list()   --> true false
function M.lt(self, other) return compare("lt", self, other) end

--- Whether the value is smaller or the same.
-- @param other  a column or a constant, as for eq
-- @return a column of booleans
-- @usage data.table{ age = { 18, 19 } }.age:le(18):to_list()   --> true false
function M.le(self, other) return compare("le", self, other) end

--- Whether the value is larger.
-- @param other  a column or a constant, as for eq
-- @return a column of booleans
-- @usage data.table{ age = { 18, 19 } }.age:gt(18):to_list()   --> false true
function M.gt(self, other) return compare("gt", self, other) end

--- Whether the value is larger or the same.
-- @param other  a column or a constant, as for eq
-- @return a column of booleans
-- @usage data.table{ age = { 17, 18 } }.age:ge(18):to_list()   --> false true
function M.ge(self, other) return compare("ge", self, other) end

-- Masks -----------------------------------------------------------------------------------------------------------------------

-- known: of one side, the value that decides whatever the other is; its rows are not missing.
local function combine(op, a, b, decides)
  operands.need_mask(op, a)
  operands.need_mask(op, b)
  operands.rows(op, a, b)
  local mask = operands.union(a.missing, b.missing)
  if mask and decides then mask = ops.logical_and(mask, ops.logical_not(ops.logical_or(decides(a), decides(b)))) end
  return Column.of_masked("boolean", ops[op](a.values, b.values), mask, a.name)
end

local function is_true(x) return x.values end -- below a mark stands false
local function is_false(x)
  local no = ops.logical_not(x.values)
  return x.missing and ops.logical_and(no, ops.logical_not(x.missing)) or no
end

--- Whether both hold. Also self & other.
-- @param other  a column of booleans
-- @return a column of booleans
-- @usage (data.table{ x = { true, true } }.x & data.table{ x = { true, false } }.x):to_list()   --> true false
function M.logical_and(self, other) return combine("logical_and", self, other, is_false) end

--- Whether one of two holds. Also self | other.
-- @param other  a column of booleans
-- @return a column of booleans
-- @usage (data.table{ x = { true, false } }.x | data.table{ x = { false, false } }.x):to_list()   --> true false
function M.logical_or(self, other) return combine("logical_or", self, other, is_true) end

--- Whether exactly one of two holds. Also self ~ other.
-- @param other  a column of booleans
-- @return a column of booleans
-- @usage (data.table{ x = { true, false } }.x ~ data.table{ x = { true, true } }.x):to_list()   --> false true
function M.logical_xor(self, other) return combine("logical_xor", self, other) end

--- Whether it does not hold. Also ~self.
-- @return a column of booleans
-- @usage (~data.table{ x = { true, false } }.x):to_list()   --> false true
function M.logical_not(self)
  operands.need_mask("logical_not", self)
  return Column.of_masked("boolean", ops.logical_not(self.values), self.missing, self.name)
end

--- Whether there is no value.
-- @return a column of booleans
-- @usage data.table{ x = { 1, data.missing } }.x:is_missing():to_list()   --> false true
function M.is_missing(self)
  local mask = self:missing_mask() or core.zeros(#self, { dtype = "bool" })
  return Column.new { type = "boolean", values = mask, name = self.name }
end

return M
