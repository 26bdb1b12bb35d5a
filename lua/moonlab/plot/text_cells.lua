-- A matrix as text: its numbers where they fit, else shades.

local text = require "moonlab.plot.text"

local LONGEST = 14 -- letters of a name at the left
local LEAST, MOST = 3, 6 -- letters of a column's name that are worth showing, and that are enough

-- Light to dark; below zero, where a matrix diverges, other letters.
local RAMPS = {
  utf8 = { up = { " ", "░", "▒", "▓", "█" }, down = { " ", "·", "-", "=", "≡" } },
  ascii = { up = { " ", ".", "+", "%", "#" }, down = { " ", ",", "-", "~", "=" } },
}

local function names_of(names, count, s)
  local out, longest = {}, 0
  for i = 1, count do
    out[i] = text.cut(names and names[i] or tostring(i), LONGEST, text.mark(s.utf8))
    longest = math.max(longest, text.width(out[i]))
  end
  return out, longest
end

local function widest(texts)
  local width = 1
  for _, row in ipairs(texts) do
    for _, cell in ipairs(row) do width = math.max(width, text.width(cell)) end
  end
  return width
end

local function with_numbers(m, s, names, longest, cell)
  local line, empty = { text.left("", longest) }, s.utf8 and "·" or "."
  for j = 1, m.columns do
    local name = m.column_names and m.column_names[j] or tostring(j)
    line[#line + 1] = text.right(text.cut(name, cell, text.mark(s.utf8)), cell)
  end
  local lines = { table.concat(line, " ") .. (m.edge and "   " .. m.edge.title or "") }
  for i = 1, m.rows do
    line = { text.left(names[i], longest) }
    for j = 1, m.columns do line[#line + 1] = text.right(m.texts[i][j] == "" and empty or m.texts[i][j], cell) end
    lines[#lines + 1] = table.concat(line, " ") .. (m.edge and "  " .. text.right(m.edge.texts[i], 6) or "")
  end
  return lines
end

local function letter(ramps, shade)
  if shade ~= shade then return "?" end
  local ramp = shade < 0 and ramps.down or ramps.up
  return ramp[math.min(#ramp, math.floor(math.abs(shade) * #ramp) + 1)]
end

-- Two letters a cell where they fit, one where they don't, one for several cells where not even that does.
local function with_shades(m, s, names, longest)
  local ramps, room = s.utf8 and RAMPS.utf8 or RAMPS.ascii, s.width - longest - 3
  local wide = math.max(1, math.min(2, room // math.max(1, m.columns)))
  local every = math.max(1, math.ceil(m.columns / room))
  local lines, bar = {}, s.utf8 and "│" or "|"
  for i = 1, m.rows, every do
    local row = {}
    for j = 1, m.columns, every do row[#row + 1] = letter(ramps, m.shade[i][j]):rep(wide) end
    lines[#lines + 1] = text.left(names[i], longest) .. " " .. bar .. table.concat(row) .. bar
  end
  if m.low then
    local number = require "moonlab.plot.number"
    local scale = table.concat(ramps.up)
    if m.diverging then scale = table.concat(ramps.down):reverse() .. scale end
    if m.diverging and s.utf8 then scale = "≡=-· " .. table.concat(ramps.up) end
    local ends = { number.short(m.low), number.short(m.high) }
    local line = ends[1] .. " [" .. scale .. "] " .. ends[2]
    lines[#lines + 1] = text.width(line) <= s.width and line or text.cut(ends[1] .. " to " .. ends[2], s.width, text.mark(s.utf8))
  end
  return lines
end

-- Draws the cells with their names.
local function body(m, s)
  local names, longest = names_of(m.row_names, m.rows, s)
  if m.rows == 0 or m.columns == 0 then return { "(no rows)" } end
  if m.texts then
    local needed = widest(m.texts)
    local room = (s.width - longest - (m.edge and 9 or 0)) // m.columns - 1
    if m.edge or room >= math.max(needed, m.column_names and LEAST or 1) then
      return with_numbers(m, s, names, longest, math.max(needed, math.min(MOST, room)))
    end
  end
  return with_shades(m, s, names, longest)
end

--- Draws a matrix.
-- @return a list of lines
return function(panel, s)
  local labels, lines = {}, body(panel.matrix, s)
  if panel.y.label then labels[1] = "rows: " .. panel.y.label end
  if panel.x.label then labels[#labels + 1] = "columns: " .. panel.x.label end
  if #labels > 0 then table.insert(lines, 1, text.cut(table.concat(labels, ", "), s.width, text.mark(s.utf8))) end
  return lines
end
