--- ml.plot.confusion: a confusion matrix as a table of text, with the names of the classes.

local text = require "moonlab.plot.text"
local blame = require "moonlab.blame"

local LONGEST = 14 -- letters of a name at the left

-- The columns' heads: short forms that still differ, by cutting each name to what fits.
local function heads(names, width, is_utf8)
  local out = {}
  for i, name in ipairs(names) do out[i] = text.cut(name, width, is_utf8) end
  return out
end

--- Draws a confusion matrix: a row for each actual class, a column for each predicted one, and what part of the row was
-- right.
-- @param matrix   rows of counts, as ml.metrics.confusion gives
-- @param options  { classes = names, width = the terminal's, utf8 = by the locale }
-- @return the table as a string
-- @usage print(ml.plot.confusion({{8, 2}, {1, 9}}, { classes = {"cat", "dog"} }))
return function(matrix, options)
  if type(matrix) ~= "table" or type(matrix[1]) ~= "table" then
    blame.raise("plot.confusion: rows of counts are needed, as ml.metrics.confusion gives; got %s", blame.show(matrix))
  end
  local o = options or {}
  require("moonlab.suggest").check(o, { "classes", "width", "utf8" }, "plot.confusion")
  local width, _, is_utf8 = text.settings(o, 2)
  local n, names, longest, most = #matrix, {}, 0, 0
  for i = 1, n do
    names[i] = text.cut(o.classes and o.classes[i] or tostring(i), LONGEST, is_utf8)
    longest = math.max(longest, text.width(names[i]))
    for _, count in ipairs(matrix[i]) do most = math.max(most, count) end
  end
  local digits = #("%d"):format(most)
  local cell = math.max(digits, math.min(6, (width - longest - 9) // n - 1))
  local short = heads(names, cell, is_utf8)
  local line = { text.left("", longest) }
  for j = 1, n do line[#line + 1] = text.right(short[j], cell) end
  local lines = { table.concat(line, " ") .. "   right" }
  for i = 1, n do
    local row, sum = { text.left(names[i], longest) }, 0
    for j = 1, n do
      local count = matrix[i][j]
      sum = sum + count
      row[#row + 1] = text.right(count == 0 and (is_utf8 and "·" or ".") or ("%d"):format(count), cell)
    end
    lines[#lines + 1] = table.concat(row, " ") .. "  " .. (sum > 0 and ("%5.1f%%"):format(100 * matrix[i][i] / sum)
      or "     -")
  end
  return table.concat(lines, "\n")
end
