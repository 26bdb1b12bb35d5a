-- A grid of n x n panels as SVG: their names and labels stand at its left and lower edges alone.

local axes = require "moonlab.plot.svg_axes"
local style = require "moonlab.plot.svg_style"
local svg_text = require "moonlab.plot.svg_text"
local text = require "moonlab.plot.text"

local number, measure = svg_text.number, svg_text.measure(style.SIZE)

local LINE, GAP, BETWEEN = 18, 6, 8

-- The labels of the rows' y axes; the first panel of the first row is a histogram, whose axis is another one.
local function y_ticks(scene, width, height)
  local ticks, widest = {}, 0
  for i = 2, #scene.names do
    local needed
    ticks[i], needed = axes.y_ticks(scene.panels[(i - 1) * #scene.names + 1], width, height)
    widest = math.max(widest, needed)
  end
  return ticks, widest
end

local function upright(out, x, y, s, room)
  local name = text.cut(s, room, "…", measure)
  out[#out + 1] = axes.label(x, y, name, "middle", (' transform="rotate(-90 %s %s)"'):format(number(x), number(y)))
end

--- Draws a grid.
-- @param out    a list of strings that grows
-- @param scene  { names =, panels = row by row }
-- @param rect   what it may fill
return function(out, scene, rect)
  local n = #scene.names
  local side_height = (rect.height - 2 * LINE) / n
  local ticks, widest = y_ticks(scene, rect.width / n, side_height - BETWEEN)
  local left = LINE + widest + GAP
  local side_width = (rect.width - left) / n
  for i = 1, n do
    for j = 1, n do
      local panel = scene.panels[(i - 1) * n + j]
      local inner = { x = rect.x + left + (j - 1) * side_width, y = rect.y + (i - 1) * side_height + 4, width = side_width - BETWEEN,
        height = side_height - BETWEEN }
      axes.body(out, panel, inner, function(at)
        local around = { x = inner.x - GAP, y = inner.y, width = inner.width + 2 * GAP, height = inner.height }
        if i == n then axes.x_labels(out, panel, around, inner, at) end
        if j == 1 and i > 1 then axes.y_labels(out, panel, rect, inner, at, ticks[i]) end
      end)
    end
    upright(out, rect.x + style.SIZE, rect.y + (i - 0.5) * side_height, scene.names[i], side_height - 8)
    local name = text.cut(scene.names[i], side_width - 8, "…", measure)
    out[#out + 1] = axes.label(rect.x + left + (i - 1) * side_width + (side_width - BETWEEN) / 2, rect.y + n * side_height + LINE + 14, name, "middle")
  end
end
