--- Single values of whole columns. Missing values are left out; what is not defined then is nil, with a second result that says why.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local Column = require "moonlab.table.column"
local operands = require "moonlab.table.operands"

local ops = core.ops

local NUMERIC = { number = true, integer = true, boolean = true, time = true }

-- Raises unless the column holds numbers; only_numbers: times do not count.
local function need_numbers(op, x, only_numbers)
  if not NUMERIC[x.type] or (only_numbers and x.type == "time") then
    blame.raise("%s: numbers are needed, got %s", op, operands.show(x))
  end
end

local NONE = "there is no value"

-- The values that are there as a tensor; nil and why if there are none.
local function values_of(x)
  local positions = x:present()
  if #positions == 0 then return nil, NONE end
  local values = #positions == #x and x.values or x.values:index_select(1, positions)
  return x.type == "boolean" and values:to "int64" or values
end

local function numbers_of(x)
  local values, why = values_of(x)
  if not values then return nil, why end
  return values:to "float64"
end

--- How many rows have a value.
-- @return an integer
-- @usage data.table{ x = { 1, data.missing, 3 } }.x:count()   --> 2
function Column:count()
  local mask = self:missing_mask()
  return #self - (mask and math.tointeger(mask:sum():item()) or 0)
end

-- The first or last value in order.
local function extreme(op, x, descending)
  if x.type == "text" or x.type == "category" then
    if x:count() == 0 then return nil, NONE end
    return x:item(x:order(descending):at(1))
  end
  local values, why = values_of(x)
  if not values then return nil, why end
  local value = ops[op](values):item()
  if x.type == "boolean" then return value == 1 end
  return value
end

--- The smallest value; of text the first in the order of bytes, of a category the first in its list.
-- @return a value; nil and why where there is none
-- @usage data.table{ x = { 3, 1, 2 } }.x:min()   --> 1
function Column:min() return extreme("min", self, false) end

--- The largest value.
-- @return a value; nil and why where there is none
-- @usage data.table{ x = { 3, 1, 2 } }.x:max()   --> 3
function Column:max() return extreme("max", self, true) end

--- The sum; 0 of no values. Of booleans, how many are true.
-- @return a number
-- @usage data.table{ x = { 3, 1, 2 } }.x:sum()   --> 6
function Column:sum()
  need_numbers("sum", self, true)
  local values = values_of(self)
  return values and values:sum():item() or 0
end

--- The mean; of booleans the share that is true.
-- @return a number; nil and why where there is no value
-- @usage data.table{ x = { 3, 1, 2 } }.x:mean()   --> 2
function Column:mean()
  need_numbers("mean", self)
  local values, why = numbers_of(self)
  if not values then return nil, why end
  return values:mean():item()
end

--- The standard deviation, with n - 1 in the divisor.
-- @return a number, of times in seconds; nil and why where there are fewer than two values
-- @usage data.table{ x = { 3, 1, 2 } }.x:std()   --> 1
function Column:std()
  need_numbers("std", self)
  local values, why = numbers_of(self)
  if not values then return nil, why end
  if #values == 1 then return nil, "one value has no deviation" end
  return values:std():item()
end

--- The value below which a share of the values lies, between two neighbours in proportion.
-- @param q  the share, 0 to 1
-- @return a number; nil and why where there is no value
-- @usage data.table{ x = { 1, 2, 3, 4 } }.x:quantile(0.25)   --> 1.75
function Column:quantile(q)
  need_numbers("quantile", self)
  if type(q) ~= "number" or not (q >= 0 and q <= 1) then blame.raise("quantile: q must be within 0..1, got %s", blame.show(q)) end
  local values, why = numbers_of(self)
  if not values then return nil, why end
  return values:quantile(q):item()
end

--- The middle value; of an even number of them the mean of the two in the middle.
-- @return a number; nil and why where there is no value
-- @usage data.table{ x = { 1, 2, 3, 4 } }.x:median()   --> 2.5
function Column:median()
  need_numbers("median", self)
  return self:quantile(0.5)
end

-- Order -----------------------------------------------------------------------------------------------------------------

--- The positions of the rows in order, missing ones last; equal rows stay as they are.
-- @param descending  whether the largest comes first
-- @return int64 tensor
-- @usage data.table{ x = { 3, 1, 2 } }.x:order():tolist()   --> 2 3 1
function Column:order(descending)
  if self.type == "text" then return core.text_order(self.bytes, self.ends, self.missing, descending or false) end
  if #self == 0 then return core.zeros(0, { dtype = "int64" }) end
  local present = self:present()
  local values = #present == #self and self.values or self.values:index_select(1, present)
  if #present == #self then return values:argsort(1, { descending = descending or false }) end
  local order = #present > 0 and present:index_select(1, values:argsort(1, { descending = descending or false })) or present
  return ops.cat({ order, self:missing_mask():nonzero():flatten() }, 1)
end

return Column
