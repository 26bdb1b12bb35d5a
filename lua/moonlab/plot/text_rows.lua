-- Bars and boxes as text: a line for each category.

local panel_text = require "moonlab.plot.text_panel"
local text = require "moonlab.plot.text"

local EIGHTHS = { "▏", "▎", "▍", "▌", "▋", "▊", "▉" }
local FILLS = { utf8 = { "█", "▒", "▓", "░" }, ascii = { "#", "=", "o", "+" } }
local LEAST = 4 -- letters of the longest bar

local function fill_of(series, utf8)
  local fills = utf8 and FILLS.utf8 or FILLS.ascii
  return fills[(series - 1) % #fills + 1]
end

-- A bar from place `from` to `to` in `room` letters; eighths of a letter at its right end where it is solid.
local function stroke(from, to, room, fill)
  local first, last = math.floor(from * room * 8 + 0.5), math.floor(to * room * 8 + 0.5)
  if fill == "█" and first % 8 == 0 then
    return (" "):rep(first // 8) .. fill:rep((last - first) // 8) .. (EIGHTHS[(last - first) % 8] or "")
  end
  local left = (first + 4) // 8
  return (" "):rep(left) .. fill:rep((last + 4) // 8 - left)
end

-- The zero of bars lies between two letters where some are negative.
local function snapped(place, room) return math.floor(place * room + 0.5) / room end

local function bar_rows(panel, longest, s)
  local widest, by_category = 0, {}
  for _, mark in ipairs(panel.marks) do
    for _, bar in ipairs(mark) do
      widest = math.max(widest, #bar.text)
      by_category[bar.category] = by_category[bar.category] or {}
      table.insert(by_category[bar.category], { bar = bar, series = mark.series })
    end
  end
  longest = math.max(1, math.min(longest, s.width - widest - LEAST - 3))
  local room, lines = math.max(LEAST, s.width - longest - widest - 3), {}
  local zero = snapped(panel.x:place(0), room)
  for i, name in ipairs(panel.y.names) do
    name = text.cut(name, longest, text.mark(s.utf8))
    for _, one in ipairs(by_category[i] or {}) do
      local bar = one.bar
      local from, to = bar.is_negative and bar.left or zero, bar.is_negative and zero or bar.right
      lines[#lines + 1] = text.trim_end(text.left(name, longest) .. " " .. text.right(bar.text, widest) .. " "
        .. stroke(from, to, room, fill_of(one.series, s.utf8)))
      name = ""
    end
    if name ~= "" then lines[#lines + 1] = text.left(name, longest) .. " " .. text.right("-", widest) end
  end
  return lines
end

local BOX = {
  utf8 = { line = "─", low = "├", high = "┤", fill = "▒", median = "┃", outlier = "∘" },
  ascii = { line = "-", low = "|", high = "|", fill = "=", median = "M", outlier = "o" },
}

-- Whiskers, then the box, then its median over them.
local function box_row(box, room, letters)
  local row = {}
  for i = 1, room do row[i] = " " end
  local function at(place) return math.floor(place * (room - 1) + 0.5) + 1 end
  local function between(from, to, letter)
    for i = at(from), at(to) do row[i] = letter end
  end
  for _, place in ipairs(box.outliers) do row[at(place)] = letters.outlier end
  between(box.low, box.high, letters.line)
  row[at(box.low)], row[at(box.high)] = letters.low, letters.high
  between(box.q1, box.q3, letters.fill)
  row[at(box.median)] = letters.median
  return text.trim_end(table.concat(row))
end

local function box_rows(panel, longest, s)
  local room, lines = math.max(LEAST, s.width - longest - 2), {}
  for i, box in ipairs(panel.marks[1]) do
    local name = text.left(text.cut(panel.y.names[i], longest, text.mark(s.utf8)), longest)
    lines[i] = text.trim_end(name .. " " .. (box.median and box_row(box, room, s.utf8 and BOX.utf8 or BOX.ascii) or "-"))
  end
  local ruler, labels = panel_text.x_lines(panel.x, room, s.utf8)
  lines[#lines + 1] = (" "):rep(longest + 1) .. ruler
  lines[#lines + 1] = (" "):rep(longest + 1) .. labels
  return lines
end

--- Draws a panel whose y axis has categories.
-- @return a list of lines
return function(panel, s)
  local longest = 0
  if #panel.y.names == 0 then return { "(no rows)" } end
  for _, name in ipairs(panel.y.names) do longest = math.max(longest, text.width(name)) end
  longest = math.min(longest, s.width // 2 - 2)
  local lines = {}
  if #panel.marks > 1 then lines = panel_text.legend(panel.series, s, function(i) return fill_of(i, s.utf8) end) end
  local rows = (panel.marks[1].type == "boxes" and box_rows or bar_rows)(panel, longest, s)
  table.move(rows, 1, #rows, #lines + 1, lines)
  if panel.x.label then lines[#lines + 1] = text.center(text.cut(panel.x.label, s.width, text.mark(s.utf8)), s.width) end
  return lines
end
