--- What tables and columns look like: a screenful at most, numbers that line up, · for a missing value.

local core = require "moonlab.core"
local missing = require "moonlab.table.missing"
local text = require "moonlab.plot.text"

local M = {}

local ROWS, EDGE = 20, 5 -- rows that are all shown, rows at either end of a longer table
local WIDEST = 24        -- columns of a text
local LONGEST = 400      -- bytes of a text that are looked at

-- Cells ----------------------------------------------------------------------------------------------------------------------

local CONTROLS = { ["\n"] = "\\n", ["\t"] = "\\t", ["\r"] = "\\r" }

-- A text on one line, cut to what fits. Text that is no UTF-8 shows its bytes.
local function short(value, how)
  if #value > LONGEST then value = value:sub(1, (utf8.len(value) and utf8.offset(value, 0, LONGEST) or LONGEST) - 1) end
  value = value:gsub("%c", function(c) return CONTROLS[c] or ("\\%d"):format(c:byte()) end)
  if not utf8.len(value) then value = value:gsub("[\x80-\xFF]", function(c) return ("\\x%02X"):format(c:byte()) end) end
  return text.cut(value, WIDEST, text.mark(how.utf8))
end

-- Numbers of a column are written in one way, so that they line up: whole, with up to four digits behind the point, or with an
-- exponent.
local function format_of(values)
  local largest, digits = 0, 0
  for _, v in ipairs(values) do
    if v ~= missing and v - v == 0 then
      local size = math.abs(v)
      largest = math.max(largest, size)
      local fraction = size == math.floor(size) and "" or ("%.4f"):format(size):match "%.(%d-)0*$"
      digits = math.max(digits, size > 0 and size < 5e-5 and 4 or #fraction)
    end
  end
  if largest >= 1e15 or (largest > 0 and largest < 1e-3) then return "%.4e" end
  return ("%%.%df"):format(digits)
end

-- Times as text: days alone if all are midnight.
local function moments(column)
  local values, any = column:text():to_list(), false
  for _, v in ipairs(values) do any = any or (v ~= missing and #v > 10) end
  for i, v in ipairs(values) do
    if any and v ~= missing and #v == 10 then values[i] = v .. " 00:00:00" end
  end
  return values
end

-- How the values of a column are written: function(value) -> text, and whether they stand at the right.
local function writer(column, values, how)
  local kind = column.type
  if kind == "number" then
    local format = format_of(values)
    return function(v) return (format:format(v)) end, true
  elseif kind == "tensor" then return function(v) return ("[%d]"):format(#v) end
  elseif kind == "text" or kind == "category" then return function(v) return short(v, how) end end
  return tostring, kind == "integer"
end

-- Positions that are shown; 0 stands for "...".
local function shown_rows(n)
  local list = {}
  for i = 1, n <= ROWS and n or EDGE do list[i] = i end
  if n <= ROWS then return list end
  list[#list + 1] = 0
  for i = n - EDGE + 1, n do list[#list + 1] = i end
  return list
end

-- The cells of a column behind those of its head, all of one width, which is the second result.
local function block(column, head, positions, rows, how)
  column = column:gather(positions)
  local values = column.type == "time" and moments(column) or column:to_list()
  local write, right = writer(column, values, how)
  local cells, widest, at = head, 0, 0
  for _, row in ipairs(rows) do
    if row ~= 0 then at = at + 1 end
    cells[#cells + 1] = row == 0 and "..." or values[at] == missing and how.dot or write(values[at])
  end
  for _, cell in ipairs(cells) do widest = math.max(widest, text.width(cell)) end
  for i, cell in ipairs(cells) do cells[i] = (right and text.right or text.left)(cell, widest) end
  return cells, widest
end

local function positions_of(rows)
  local list = {}
  for _, row in ipairs(rows) do
    if row ~= 0 then list[#list + 1] = row end
  end
  return #list > 0 and core.tensor(list, { dtype = "int64" }) or core.zeros(0, { dtype = "int64" })
end

local function plural(n, what) return ("%d %s%s"):format(n, what, n == 1 and "" or "s") end

-- Tables -----------------------------------------------------------------------------------------------------------------------

-- Blocks that fit beside each other, and how many do not.
local function fitted(columns, positions, rows, how)
  local blocks, used = {}, 0
  for i, column in ipairs(columns) do
    local cells, widest = block(column, { short(column.name, how), column.type }, positions, rows, how)
    if i > 1 and used + widest + 2 > how.width then return blocks, #columns - i + 1 end
    blocks[i], used = cells, used + widest + 2
  end
  return blocks, 0
end

-- { width =, utf8 = }, of the terminal where they are not given, and the mark of a missing value.
local function settings(o)
  local how = text.settings(o or {})
  how.dot = how.utf8 and "·" or "."
  return how
end

local function without_end(line) return (line:gsub("%s+$", "")) end

--- The text of a table.
-- @param columns  a list of columns
-- @param n        how many rows there are
-- @param o        { width =, utf8 = }, the terminal's
-- @return a string without a newline at its end
function M.table(columns, n, o)
  local lines, how = { ("Table: %s, %s"):format(plural(n, "row"), plural(#columns, "column")) }, settings(o)
  local rows = shown_rows(n)
  local blocks, left_out = fitted(columns, positions_of(rows), rows, how)
  for line = 1, #columns > 0 and #rows + 2 or 0 do
    local cells = {}
    for i, cells_of in ipairs(blocks) do cells[i] = cells_of[line] end
    lines[#lines + 1] = without_end("  " .. table.concat(cells, "  "))
  end
  if left_out > 0 then lines[#lines + 1] = "  ... " .. plural(left_out, "more column") end
  return table.concat(lines, "\n")
end

--- The text of a column.
function M.column(column, o)
  local how, gone = settings(o), #column - column:count()
  local head = ("Column%s: %s, %s"):format(column.name and (" '%s'"):format(short(column.name, how)) or "", column.type, plural(#column, "row"))
  if column.categories then head = ("%s, %d categor%s"):format(head, #column.categories, #column.categories == 1 and "y" or "ies") end
  if gone > 0 then head = ("%s, %d missing"):format(head, gone) end
  local rows, lines = shown_rows(#column), { head }
  local cells = block(column, {}, positions_of(rows), rows, how)
  for _, cell in ipairs(cells) do lines[#lines + 1] = without_end("  " .. cell) end
  return table.concat(lines, "\n")
end

return M
