--- ml.plot.line: curves. Each is named at its end, so that nothing is said by colour alone.

local Canvas = require "moonlab.plot.canvas"
local text = require "moonlab.plot.text"
local blame = require "moonlab.blame"

local MARKS = { "*", "o", "+", "x", "#", "@" } -- of the curves, in ASCII

local function finite(x) return x == x and x ~= math.huge and x ~= -math.huge end

-- {y} or {{name, y}, ...} or {name = y, ...} -> a list of { name =, y = }; named ones in the order of their names.
local function curves_of(data)
  if type(data) == "userdata" or type(data[1]) == "number" then
    return { { name = "", y = text.numbers(data, "plot.line") } }
  end
  local curves = {}
  for _, pair in ipairs(data) do
    curves[#curves + 1] = { name = tostring(pair[1]), y = text.numbers(pair[2], "plot.line") }
  end
  local names = {}
  for name in pairs(data) do
    if type(name) == "string" then names[#names + 1] = name end
  end
  table.sort(names)
  for _, name in ipairs(names) do curves[#curves + 1] = { name = name, y = text.numbers(data[name], "plot.line") } end
  return curves
end

local function range_of(curves)
  local low, high, longest = math.huge, -math.huge, 0
  for _, curve in ipairs(curves) do
    longest = math.max(longest, #curve.y)
    for _, y in ipairs(curve.y) do
      if finite(y) then low, high = math.min(low, y), math.max(high, y) end
    end
  end
  if low > high then return 0, 1, longest end
  if low == high then return low - 0.5, high + 0.5, longest end
  return low, high, longest
end

-- Draws a curve, with gaps where a value is not finite; gives the row of its end and the value there, nil for a gap.
local function draw(canvas, curve, low, high, longest, mark)
  local width, height = canvas:size()
  local last_x, last_y
  for i, value in ipairs(curve.y) do
    if finite(value) then
      local x = longest > 1 and math.floor((i - 1) / (longest - 1) * (width - 1) + 0.5) + 1 or 1
      local y = height - math.floor((value - low) / (high - low) * (height - 1) + 0.5)
      canvas:line(last_x or x, last_y or y, x, y, mark)
      last_x, last_y = x, y
    else
      last_x, last_y = nil, nil
    end
  end
  return last_y and (last_y - 1) // canvas.down + 1, curve.y[#curve.y]
end

-- The row of each name: that of the curve's end, or the nearest free one above, then below. The lowest curve chooses
-- first, so that the names stand in the order of the ends.
local function place_names(ends, rows)
  table.sort(ends, function(a, b)
    if a.value ~= b.value then return a.value < b.value end
    return a.number < b.number
  end)
  local at = {}
  for _, one in ipairs(ends) do
    local row = one.row
    while row >= 1 and at[row] do row = row - 1 end
    if row < 1 then
      row = one.row
      while row <= rows and at[row] do row = row + 1 end
    end
    if row <= rows then at[row] = one.name end
  end
  return at
end

--- Draws curves over their positions 1, 2, ... as text.
-- @param data     a list of numbers or a tensor; or several: {{"train", values}, {"valid", values}}
-- @param options  { title =, width = the terminal's, height = 12, utf8 = by the locale, first = 1 (the label of
--                 position 1) }
-- @return the plot as a string, lines separated by newlines
-- @error values that are no numbers
-- @usage print(ml.plot.line({ {"train", {0.9, 0.5, 0.4}}, {"valid", {0.8, 0.6, 0.55}} }, { title = "loss" }))
return function(data, options)
  if type(data) ~= "table" and type(data) ~= "userdata" then
    blame.raise("plot.line: a list of numbers or a tensor is needed, got %s", blame.show(data))
  end
  local o = options or {}
  require("moonlab.suggest").check(o, { "title", "width", "height", "utf8", "first" }, "plot.line")
  local width, height, is_utf8 = text.settings(o, 12)
  local curves = curves_of(data)
  local low, high, longest = range_of(curves)
  local top, bottom, names_width = text.number(high), text.number(low), 0
  for i, curve in ipairs(curves) do
    if not is_utf8 and curve.name ~= "" then curve.name = MARKS[(i - 1) % #MARKS + 1] .. " " .. curve.name end
    names_width = math.max(names_width, text.width(curve.name))
  end
  local axis = math.max(text.width(top), text.width(bottom))
  local canvas = Canvas.new(math.max(4, width - axis - 2 - (names_width > 0 and names_width + 1 or 0)), height, is_utf8)
  local ends = {}
  for i, curve in ipairs(curves) do
    local row, value = draw(canvas, curve, low, high, longest, MARKS[(i - 1) % #MARKS + 1])
    if row and curve.name ~= "" then ends[#ends + 1] = { row = row, value = value, number = i, name = curve.name } end
  end
  local named = place_names(ends, height)
  local lines = {}
  if o.title then lines[1] = o.title end
  for row = 1, height do
    local label = row == 1 and top or row == height and bottom or ""
    local line = text.right(label, axis) .. (is_utf8 and " │" or " |") .. canvas:row(row)
      .. (named[row] and " " .. named[row] or "")
    lines[#lines + 1] = (line:gsub(" +$", ""))
  end
  local first = o.first or 1
  local from, to = text.number(first), text.number(first + math.max(longest - 1, 0))
  lines[#lines + 1] = (" "):rep(axis + 2) .. text.left(from, canvas.columns - text.width(to)) .. to
  return table.concat(lines, "\n")
end
