-- A panel with two scales as text: braille where one curve or cloud is alone or each curve is named at its end, else letters
-- that the legend explains.

local Canvas = require "moonlab.plot.canvas"
local text = require "moonlab.plot.text"

local MARKS = { "*", "o", "+", "x", "#", "@", "%", "=", "&", "$" }
local EIGHTHS = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" }
local SPARSE = 4 -- a guide has a dot in so many

local panel_text = {}

--- The letter of a series.
function panel_text.mark(series) return MARKS[(series - 1) % #MARKS + 1] end

local function dot_of(canvas, x, y)
  local width, height = canvas:size()
  return math.floor(x * (width - 1) + 0.5) + 1, height - math.floor(y * (height - 1) + 0.5)
end

local draw = {}

function draw.line(canvas, mark)
  local letter = mark.series and panel_text.mark(mark.series) or "."
  local last_x, last_y
  for i = 1, #mark.x do
    if mark.y[i] == mark.y[i] then
      local x, y = dot_of(canvas, mark.x[i], mark.y[i])
      if not (last_x == x and last_y == y) then canvas:line(last_x or x, last_y or y, x, y, letter, mark.series and 1 or SPARSE) end
      last_x, last_y = x, y
    else
      last_x, last_y = nil, nil
    end
  end
end

-- Where several groups share a letter's place, the one with the most points there has it; groups come in order; votes are kept for that, by place.
local function vote(votes, place, series, weight)
  local count = votes[place] or {}
  votes[place], count[series] = count, (count[series] or 0) + weight
  local best = 1
  for other = 2, series do
    if (count[other] or 0) > (count[best] or 0) then best = other end
  end
  return best
end

function draw.points(canvas, mark, _, votes)
  for i = 1, #mark.x do
    local x, y = dot_of(canvas, mark.x[i], mark.y[i])
    local series = canvas.utf8 and mark.series or vote(votes, y * canvas.columns + x, mark.series, mark.level and 8 ^ mark.level[i] or 1)
    canvas:dot(x, y, panel_text.mark(series))
    if (mark.size or 1) > 1 then canvas:letter((x - 1) // canvas.across + 1, (y - 1) // canvas.down + 1, canvas.utf8 and "●" or "@") end
  end
end

-- One group of bars is filled, by eighths of a letter; of several, each is its outline.
local function fill(canvas, mark)
  for column = 1, canvas.columns do
    local x = (column - 0.5) / canvas.columns
    for _, bar in ipairs(mark) do
      if x >= bar.left and x < bar.right then
        local eighths = math.floor(bar.high * canvas.rows * 8 + 0.5)
        if bar.high > 0 then eighths = math.max(1, eighths) end
        for row = 1, (eighths + 7) // 8 do
          local part = math.min(8, eighths - 8 * (row - 1))
          if canvas.utf8 or part >= 4 or row == 1 then canvas:letter(column, canvas.rows - row + 1, canvas.utf8 and EIGHTHS[part] or "#") end
        end
        break
      end
    end
  end
end

function draw.bars(canvas, mark, is_alone)
  if is_alone then return fill(canvas, mark) end
  local outline = { type = "line", series = mark.series, x = {}, y = {} }
  for _, bar in ipairs(mark) do
    local n = #outline.x
    outline.x[n + 1], outline.y[n + 1], outline.x[n + 2], outline.y[n + 2] = bar.left, bar.high, bar.right, bar.high
  end
  draw.line(canvas, outline)
end

--- The marks of a panel on a canvas.
-- @param utf8  braille, else letters
function panel_text.canvas(panel, columns, rows, utf8)
  local canvas, groups, votes = Canvas.new(columns, rows, utf8), 0, {}
  for _, mark in ipairs(panel.marks) do groups = groups + (mark.type == "bars" and 1 or 0) end
  for _, mark in ipairs(panel.marks) do draw[mark.type](canvas, mark, groups == 1, votes) end
  return canvas
end

-- Names ------------------------------------------------------------------------------------------------------------------

local function last_of(y)
  for i = #y, 1, -1 do
    if y[i] == y[i] then return y[i] end
  end
end

-- The last place of each curve: a list of { y =, name =, number = }, from the lowest.
local function ends_of(panel, utf8)
  local ends = {}
  for i, mark in ipairs(panel.marks) do
    local y = mark.type == "line" and mark.series and last_of(mark.y)
    local name = y and panel.series[mark.series].name
    if y and name ~= "" then
      ends[#ends + 1] = { y = y, number = i, name = utf8 and name or panel_text.mark(mark.series) .. " " .. name }
    end
  end
  table.sort(ends, function(a, b)
    if a.y ~= b.y then return a.y < b.y end
    return a.number < b.number
  end)
  return ends
end

-- The row of each name: that of the curve's end, or the nearest free one above, then below. The lowest curve chooses
-- first, so that the names stand in the order of the ends.
local function place_names(ends, rows, row_of)
  local at = {}
  for _, one in ipairs(ends) do
    local row = row_of(one.y)
    while row >= 1 and at[row] do row = row - 1 end
    if row < 1 then
      row = row_of(one.y)
      while row <= rows and at[row] do row = row + 1 end
    end
    if row <= rows then at[row] = one.name end
  end
  return at
end

--- The lines that say which letter is which series; none for a single one without a name.
function panel_text.legend(series, s, letter_of)
  local parts = {}
  for i, one in ipairs(series) do
    if one.name ~= "" then
      parts[#parts + 1] = (letter_of(i) .. " " .. one.name .. " "):gsub(" ", "\0") -- a word, so that it stays on one line
    end
  end
  local lines = text.wrap(table.concat(parts, " "), s.width, text.mark(s.utf8))
  for i, line in ipairs(lines) do lines[i] = text.trim_end((line:gsub("%z", " "))) end
  return lines
end

-- The whole panel ------------------------------------------------------------------------------------------------------------

-- Labels of the rows, by row; the width of the widest.
local function y_labels(axis, rows, row_of)
  local at, width = {}, 0
  for _, tick in ipairs(axis:ticks(math.max(3, rows // 3))) do
    local row = row_of(axis:place(tick.value))
    if not at[row] then at[row], width = tick.text, math.max(width, text.width(tick.text)) end
  end
  return at, width
end

--- The axis below a canvas and its labels: two lines of `columns` letters.
function panel_text.x_lines(axis, columns, utf8)
  local ruler, labels, used = {}, "", 0
  for i = 1, columns do ruler[i] = utf8 and "─" or "-" end
  for _, tick in ipairs(axis:fitting(columns, math.max(4, columns // 8), text.width, 1)) do
    local at = math.floor(axis:place(tick.value) * (columns - 1) + 0.5) + 1
    local width = text.width(tick.text)
    local from = math.max(1, math.min(at - width // 2, columns - width + 1))
    if from > used and width <= columns then
      ruler[at] = utf8 and "┬" or "+"
      labels = text.left(labels, from - 1) .. tick.text
      used = from + width
    end
  end
  return table.concat(ruler), labels
end

--- Draws a panel.
-- @param panel  see scene.lua
-- @param s      { width =, height =, utf8 = }
-- @return a list of lines
function panel_text.lines(panel, s)
  local rows = s.height or panel.rows or 12
  local named = 0
  for _, one in ipairs(panel.series) do named = named + (one.name ~= "" and 1 or 0) end
  local at_ends = panel.names_at_ends and named > 0
  local braille = s.utf8 and (at_ends or #panel.series <= 1)
  local is_filled = #panel.marks == 1 and panel.marks[1].type == "bars"
  local function row_of(place)
    if is_filled then return rows - math.max(1, math.ceil(place * rows - 1e-9)) + 1 end
    local dots = braille and rows * 4 or rows
    local y = dots - math.floor(place * (dots - 1) + 0.5)
    return (y - 1) // (braille and 4 or 1) + 1
  end
  local labels, axis = y_labels(panel.y, rows, row_of)
  local names, names_width = {}, 0
  if at_ends then
    local ends = ends_of(panel, braille)
    for _, one in ipairs(ends) do
      one.name = text.cut(one.name, s.width // 3, text.mark(s.utf8))
      names_width = math.max(names_width, text.width(one.name) + 1)
    end
    names = place_names(ends, rows, row_of)
  end
  local columns = math.max(4, s.width - axis - 2 - names_width)
  local canvas = panel_text.canvas(panel, columns, rows, braille)
  local letter = braille and function() return "⠒" end or panel_text.mark
  local lines = at_ends and {} or panel_text.legend(panel.series, s, letter)
  if panel.y.label then lines[#lines + 1] = text.cut(panel.y.label, s.width, text.mark(s.utf8)) end
  for row = 1, rows do
    local edge = s.utf8 and (labels[row] and " ┤" or " │") or (labels[row] and " +" or " |")
    lines[#lines + 1] = text.trim_end(text.right(labels[row] or "", axis) .. edge .. canvas:row(row) .. (names[row] and " " .. names[row] or ""))
  end
  local ruler, below = panel_text.x_lines(panel.x, columns, s.utf8)
  lines[#lines + 1] = (" "):rep(axis + 1) .. (s.utf8 and "└" or "+") .. ruler
  lines[#lines + 1] = (" "):rep(axis + 2) .. below
  if panel.x.label then
    lines[#lines + 1] = (" "):rep(axis + 2) .. text.center(text.cut(panel.x.label, columns, text.mark(s.utf8)), columns)
  end
  return lines
end

return panel_text
