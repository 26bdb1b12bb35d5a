--- What operations on columns share: what their operands are, and how these go together.
-- An operand is a column or a constant: a number, string or boolean. Missing in, missing out.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local Column = require "moonlab.table.column"

local ops = core.ops
local NAN = 0 / 0

local M = {}

--- How an operand is named in a message: "column 'age' (integer)", "'pro' (text)".
function M.show(x)
  if Column.is(x) then return x.name and ("column '%s' (%s)"):format(x.name, x.type) or ("a column (%s)"):format(x.type) end
  return blame.show(x)
end

--- The type of an operand; nil for what is none.
function M.type_of(x)
  if Column.is(x) then return x.type end
  local kind = type(x)
  if kind == "number" then return math.type(x) == "integer" and "integer" or "number" end
  return kind == "string" and "text" or kind == "boolean" and "boolean" or nil
end

--- How many rows the result has; columns must have as many.
function M.rows(op, ...)
  local first
  for i = 1, select("#", ...) do
    local x = select(i, ...)
    if Column.is(x) then
      if first and #x ~= #first then
        blame.raise("%s: %s has %d rows, %s has %d", op, M.show(first), #first, M.show(x), #x)
      end
      first = first or x
    end
  end
  if not first then blame.raise("%s: one of its operands must be a column", op) end
  return #first
end

--- Either mask, or both together.
function M.union(a, b) return a and b and ops.logical_or(a, b) or a or b end

--- Which rows of an operand are missing; nil: none, or all are numbers with NaN to say so.
function M.mask(x) return Column.is(x) and x.missing or nil end

--- Which rows of an operand are missing, whatever its type; nil: none.
function M.missing(x) return Column.is(x) and x:missing_mask() or nil end

local NUMERIC = { number = true, integer = true, boolean = true, time = true }

--- Raises unless the operand is one of numbers.
-- @param types  the types that are meant, for the message and the check; all that count as numbers if not given
function M.need_numbers(op, x, allowed)
  local kind = M.type_of(x)
  if not kind or not NUMERIC[kind] or (type(x) == "boolean") or (kind == "time" and not allowed) then
    local advice = (kind == "text" or kind == "category") and Column.is(x) and "; :number() reads the numbers in it" or
      kind == "time" and "; :seconds() gives the number of seconds since 1970" or ""
    blame.raise("%s: numbers are needed, got %s%s", op, M.show(x), advice)
  end
end

--- An operand as float64 values with NaN where it is missing, or as a float.
function M.as_number(x)
  if not Column.is(x) then return x + 0.0 end
  local values = x.values
  if x.type == "number" or x.type == "time" then return values end
  values = values:to "float64"
  return x.missing and values:masked_fill(x.missing, NAN) or values
end

--- An operand of integers or booleans as int64 values, or as an integer.
function M.as_integer(x)
  if not Column.is(x) then return x end
  return x.type == "boolean" and x.values:to "int64" or x.values
end

--- Whether an operand counts as an integer.
function M.is_integer(x)
  local kind = M.type_of(x)
  return kind == "integer" or (kind == "boolean" and Column.is(x))
end

--- A name for the result of an operation on one column, so that later messages can say where it comes from.
function M.name_of(x) return Column.is(x) and x.name or nil end

--- A text operand as a column: that of a constant has one row, which goes with all.
function M.as_text(x)
  if type(x) == "string" then return Column.of_strings({ x }, 1) end
  if x.type == "category" then
    local column = Column.of_strings(x.categories, #x.categories):gather_or_missing(x.values)
    column.name = x.name
    return column
  end
  return x
end

--- Raises unless the operand is one of text; a category counts, by its names.
function M.need_text(op, x)
  local kind = M.type_of(x)
  if kind ~= "text" and kind ~= "category" then
    blame.raise("%s: text is needed, got %s%s", op, M.show(x), Column.is(x) and "; :text() writes its values" or "")
  end
end

--- Raises unless the operand is a column of booleans.
-- @param advice  what to write instead
function M.need_mask(op, x)
  if type(x) == "boolean" then
    blame.raise("%s: a column is needed, got the boolean %s; write c.plan:eq \"pro\", since c.plan == \"pro\" is always false in Lua", op,
      tostring(x))
  end
  if not Column.is(x) or x.type ~= "boolean" then
    blame.raise("%s: a column of booleans is needed, got %s; a comparison such as c.age:gt(18) gives one", op, M.show(x))
  end
end

return M
