--- Arithmetic of columns and functions of one number. Integers among themselves stay integers and follow the rules of tensors;
-- with a float or a column of numbers, and with / and ^, they become numbers (float64). A NaN that comes out is a missing value.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local Column = require "moonlab.table.column"
local operands = require "moonlab.table.operands"

local ops = core.ops

local M = {}

local function number(values, name, kind) return Column.new { type = kind or "number", values = values, name = name } end

-- An operation of two operands that gives integers for integers.
local function arithmetic(op, a, b, whole)
  operands.rows(op, a, b)
  operands.need_numbers(op, a)
  operands.need_numbers(op, b)
  local name = operands.name_of(a) or operands.name_of(b)
  if whole and operands.is_integer(a) and operands.is_integer(b) then
    local mask = operands.union(operands.mask(a), operands.mask(b))
    return Column.of_masked("integer", whole(operands.as_integer(a), operands.as_integer(b), mask), mask, name)
  end
  return number(ops[op](operands.as_number(a), operands.as_number(b)), name)
end

local function is_time(x) return operands.type_of(x) == "time" end

-- Times: a time and a number of seconds, or two times whose difference is seconds.
local function of_times(op, a, b, kind)
  operands.rows(op, a, b)
  operands.need_numbers(op, a, true)
  operands.need_numbers(op, b, true)
  return number(ops[op](operands.as_number(a), operands.as_number(b)), operands.name_of(a), kind)
end

local function plain(op) return function(a, b) return ops[op](a, b) end end

--- The sum; a time and a number of seconds make a time. Also self + other.
-- @param other  a column or a number
-- @return a column
-- @usage (data.table{ x = { 1, 2 } }.x + 1):to_list()   --> 2 3
function M.add(self, other)
  if is_time(self) and is_time(other) then blame.raise("add: two times have no sum; their difference is a number of seconds") end
  if is_time(self) or is_time(other) then return of_times("add", self, other, "time") end
  return arithmetic("add", self, other, plain "add")
end

--- The difference; of two times in seconds. Also self - other.
-- @param other  a column or a number
-- @return a column
-- @usage (data.table{ x = { 1, 2 } }.x - 1):to_list()   --> 0 1
function M.sub(self, other)
  if is_time(self) then return of_times("sub", self, other, is_time(other) and "number" or "time") end
  if is_time(other) then blame.raise("sub: a time cannot be taken from %s", operands.show(self)) end
  return arithmetic("sub", self, other, plain "sub")
end

--- The product. Also self * other.
-- @param other  a column or a number
-- @return a column
-- @usage (data.table{ x = { 1, 2 } }.x * 3):to_list()   --> 3 6
function M.mul(self, other) return arithmetic("mul", self, other, plain "mul") end

--- The quotient, always a number. Also self / other.
-- @param other  a column or a number
-- @return a column
-- @usage (data.table{ x = { 1, 2 } }.x / 2):to_list()   --> 0.5 1
function M.div(self, other) return arithmetic("div", self, other) end

-- Integers by integers: below a mark stands 0, which must not be divided by.
local function divided(op)
  return function(a, b, mask)
    if type(b) ~= "number" and mask then b = b:masked_fill(mask, 1) end
    local zero = type(b) == "number" and (b == 0 and 1) or type(b) ~= "number" and b:eq(0):any():item() and b:eq(0):nonzero():at(1, 1)
    if zero then blame.raise("%s: an integer divided by zero, at row %d; / gives a number", op, zero) end
    return ops[op](a, b)
  end
end

--- The quotient rounded down. Also self // other.
-- @param other  a column or a number
-- @return a column
-- @error integers divided by zero
-- @usage (data.table{ x = { 7, -7 } }.x // 2):to_list()   --> 3 -4
function M.floor_divide(self, other) return arithmetic("floor_divide", self, other, divided "floor_divide") end

--- What the quotient rounded down leaves, with the sign of the divisor. Also self % other.
-- @param other  a column or a number
-- @return a column
-- @error integers divided by zero
-- @usage (data.table{ x = { 7, -7 } }.x % 3):to_list()   --> 1 2
function M.remainder(self, other) return arithmetic("remainder", self, other, divided "remainder") end

--- The power, always a number. Also self ^ other.
-- @param other  a column or a number
-- @return a column
-- @usage (data.table{ x = { 1, 3 } }.x ^ 2):to_list()   --> 1 9
function M.pow(self, other) return arithmetic("pow", self, other) end

-- The larger or smaller of two operands: numbers, or two times.
local function chosen(op, a, b)
  if is_time(a) and is_time(b) then return of_times(op, a, b, "time") end
  return arithmetic(op, a, b, plain(op))
end

--- The larger of two values; missing where one is.
-- @param other  a column or a number
-- @return a column
-- @usage data.table{ x = { 1, 5 } }.x:maximum(3):to_list()   --> 3 5
function M.maximum(self, other) return chosen("maximum", self, other) end

--- The smaller of two values; missing where one is.
-- @param other  a column or a number
-- @return a column
-- @usage data.table{ x = { 1, 5 } }.x:minimum(3):to_list()   --> 1 3
function M.minimum(self, other) return chosen("minimum", self, other) end

--- Values below low become low, those above high become high.
-- @param low   a number, or nil for no bound
-- @param high  a number, or nil for no bound
-- @return a column
-- @usage data.table{ x = { 1, 5, 9 } }.x:clamp(2, 6):to_list()   --> 2 5 6
function M.clamp(self, low, high)
  if low == nil and high == nil then blame.raise("clamp: a bound is needed, as in c.age:clamp(0, 120)") end
  if low ~= nil then self = M.maximum(self, low) end
  if high ~= nil then self = M.minimum(self, high) end
  return self
end

-- Functions of one number -------------------------------------------------------------------------------------------------

-- whole: of integers it gives integers; keeps: it is not needed for integers at all.
local function unary(op, x, whole)
  operands.need_numbers(op, x)
  if operands.is_integer(x) and whole then
    return Column.of_masked("integer", ops[op](operands.as_integer(x)), x.missing, x.name)
  end
  return number(ops[op](operands.as_number(x)), x.name)
end

-- Rounding changes no integer.
local function rounding(op, x)
  operands.need_numbers(op, x)
  return operands.is_integer(x) and Column.of_masked("integer", operands.as_integer(x), x.missing, x.name) or unary(op, x)
end

--- The negative. Also -self.
-- @return a column
-- @usage (-data.table{ x = { 1, -2 } }.x):to_list()   --> -1 2
function M.neg(self) return unary("neg", self, true) end

--- The distance from 0.
-- @return a column
-- @usage data.table{ x = { 1, -2 } }.x:abs():to_list()   --> 1 2
function M.abs(self) return unary("abs", self, true) end

--- -1, 0 or 1.
-- @return a column
-- @usage data.table{ x = { 5, 0, -2 } }.x:sign():to_list()   --> 1 0 -1
function M.sign(self) return unary("sign", self, true) end

--- The square.
-- @return a column
-- @usage data.table{ x = { 1, -2 } }.x:square():to_list()   --> 1 4
function M.square(self) return unary("square", self, true) end

--- The square root; missing where the value is negative.
-- @return a column of numbers
-- @usage data.table{ x = { 1, 4 } }.x:sqrt():to_list()   --> 1 2
function M.sqrt(self) return unary("sqrt", self) end

--- e to the power of the value.
-- @return a column of numbers
-- @usage data.table{ x = { 0, 1 } }.x:exp():to_list()   --> 1 2.718
function M.exp(self) return unary("exp", self) end

--- The natural logarithm; -inf of 0, missing where the value is negative.
-- @return a column of numbers
-- @usage data.table{ x = { 1, 10 } }.x:log():to_list()   --> 0 2.303
function M.log(self) return unary("log", self) end

--- The natural logarithm of 1 + the value, exact for small ones.
-- @return a column of numbers
-- @usage data.table{ x = { 0, 9 } }.x:log1p():to_list()   --> 0 2.303
function M.log1p(self) return unary("log1p", self) end

--- The decimal logarithm.
-- @return a column of numbers
-- @usage data.table{ x = { 1, 1000 } }.x:log10():to_list()   --> 0 3
function M.log10(self) return unary("log10", self) end

--- Rounded down.
-- @return a column
-- @usage data.table{ x = { 1.5, -1.5 } }.x:floor():to_list()   --> 1 -2
function M.floor(self) return rounding("floor", self) end

--- Rounded up.
-- @return a column
-- @usage data.table{ x = { 1.5, -1.5 } }.x:ceil():to_list()   --> 2 -1
function M.ceil(self) return rounding("ceil", self) end

--- Rounded to the nearest whole number, halves to the even one.
-- @return a column
-- @usage data.table{ x = { 1.4, 2.5 } }.x:round():to_list()   --> 1 2
function M.round(self) return rounding("round", self) end

-- Angles and distances -----------------------------------------------------------------------------------------------------

--- The sine of an angle in radians.
-- @return a column of numbers
-- @usage data.table{ x = { 0, 1 } }.x:sin():to_list()   --> 0 0.8415
function M.sin(self) return unary("sin", self) end

--- The cosine of an angle in radians.
-- @return a column of numbers
-- @usage data.table{ x = { 0, 1 } }.x:cos():to_list()   --> 1 0.5403
function M.cos(self) return unary("cos", self) end

--- The tangent of an angle in radians.
-- @return a column of numbers
-- @usage data.table{ x = { 0, 1 } }.x:tan():to_list()   --> 0 1.557
function M.tan(self) return unary("tan", self) end

--- The angle in radians, -pi/2 to pi/2, of this sine; missing outside of -1..1.
-- @return a column of numbers
-- @usage data.table{ x = { 0, 1 } }.x:asin():to_list()   --> 0 1.571
function M.asin(self) return unary("asin", self) end

--- The angle in radians, 0 to pi, of this cosine; missing outside of -1..1.
-- @return a column of numbers
-- @usage data.table{ x = { 1, 0 } }.x:acos():to_list()   --> 0 1.571
function M.acos(self) return unary("acos", self) end

--- The angle in radians, -pi/2 to pi/2, of this tangent.
-- @return a column of numbers
-- @usage data.table{ x = { 0, 1 } }.x:atan():to_list()   --> 0 0.7854
function M.atan(self) return unary("atan", self) end

--- The hyperbolic tangent.
-- @return a column of numbers
-- @usage data.table{ x = { 0, 1 } }.x:tanh():to_list()   --> 0 0.7616
function M.tanh(self) return unary("tanh", self) end

-- Two numbers of which the result is never an integer.
local function numbers(op, a, b)
  operands.rows(op, a, b)
  operands.need_numbers(op, a)
  operands.need_numbers(op, b)
  return number(ops[op](operands.as_number(a), operands.as_number(b)), operands.name_of(a) or operands.name_of(b))
end

--- The angle within -pi..pi of the point (other, self): y:atan2(x), as for tensors.
-- @param other  the horizontal coordinate, a column or a number
-- @return a column of numbers
-- @usage data.table{ y = { 1, 0 } }.y:atan2(-1):to_list()   --> 2.356 3.142
function M.atan2(self, other) return numbers("atan2", self, other) end

--- The distance of the point (self, other) from (0, 0).
-- @param other  a column or a number
-- @return a column of numbers
-- @usage data.table{ x = { 3, 0 } }.x:hypot(4):to_list()   --> 5 4
function M.hypot(self, other) return numbers("hypot", self, other) end

return M
