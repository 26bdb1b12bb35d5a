--- Columns of plain Lua lists: the type is that of the values, which must be of one kind.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local Column = require "moonlab.table.column"
local missing = require "moonlab.table.missing"

local NAN = 0 / 0

-- "integer", "number", "boolean" or "text" of a value; a NaN is a number that is missing.
local function kind_of(value)
  local kind = type(value)
  if kind == "number" then return math.type(value) == "integer" and "integer" or "number" end
  return kind == "string" and "text" or kind == "boolean" and "boolean" or nil
end

-- The one type that holds both; integers and numbers are numbers.
local function joined(a, b)
  if a == nil or a == b then return b end
  if (a == "integer" and b == "number") or (a == "number" and b == "integer") then return "number" end
end

local M = {}

--- The length of a list that may have holes.
function M.length(list)
  local n = #list
  for key in pairs(list) do
    if math.type(key) == "integer" and key > n then n = key end
  end
  return n
end

local function type_of(list, n, name)
  local kind, from
  for i = 1, n do
    local value = list[i]
    if value ~= nil and value ~= missing then
      local this = kind_of(value)
      if not this then blame.raise("column '%s': row %d is %s; a column holds numbers, strings or booleans", name, i, blame.show(value)) end
      local both = joined(kind, this)
      if not both then
        blame.raise("column '%s': row %d is %s (%s), but row %d is %s (%s); a column holds one type", name, i, blame.show(value), this,
          from, blame.show(list[from]), kind)
      end
      if kind ~= both then from = i end
      kind = both
    end
  end
  return kind or "number"
end

local function is_missing(value) return value == nil or value == missing end

local MAKE = {}

function MAKE.number(list, n)
  local values = {}
  for i = 1, n do values[i] = is_missing(list[i]) and NAN or list[i] end
  return Column.new { type = "number", values = core.tensor(values, { dtype = "float64" }) }
end

local function masked(kind, dtype, zero)
  return function(list, n)
    local values, mask, any = {}, {}, false
    for i = 1, n do
      mask[i] = is_missing(list[i])
      any = any or mask[i]
      if mask[i] then values[i] = zero else values[i] = list[i] end
    end
    return Column.new { type = kind, values = core.tensor(values, { dtype = dtype }),
      missing = any and core.tensor(mask, { dtype = "bool" }) or nil }
  end
end
MAKE.integer = masked("integer", "int64", 0)
MAKE.boolean = masked("boolean", "bool", false)

function MAKE.text(list, n) return Column.of_strings(list, n) end

--- A column of a list.
-- @param list  numbers, strings or booleans; nil or data.missing where there is none
-- @param name  of the column
-- @param n     how many rows; the position of the last value if not given
-- @return a column
function M.column(list, name, n)
  n = n or M.length(list)
  local column = MAKE[type_of(list, n, name or "?")](list, n)
  column.name = name
  return column
end

return M
