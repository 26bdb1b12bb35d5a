-- Marks as SVG. `at` says where they are: { x = function(place) -> pixels, y = the same, is_alone = no other bars share the panel,
-- has_texts = whether numbers stand beside bars, row_height = of a category, scale = of markers: less than 1 in small panels }.

local style = require "moonlab.plot.svg_style"
local svg_text = require "moonlab.plot.svg_text"

local number = svg_text.number

local marks = {}

local RADIUS = 3.2
local FRAMED = 6 -- pixels from which on bars have a thin gap between them
local LEVELS = { { 1.2, 0.35 }, { 1.7, 0.55 }, { 2.2, 0.8 }, { 2.7, 1 } } -- radius and opacity of bins by how many points they hold

-- M and L with as few letters as the numbers need.
local function line_path(mark, at)
  local out, pen_up = {}, true
  for i = 1, #mark.x do
    if mark.y[i] == mark.y[i] then
      out[#out + 1] = (pen_up and "M" or "L") .. number(at.x(mark.x[i])) .. " " .. number(at.y(mark.y[i]))
      pen_up = false
    else
      pen_up = true
    end
  end
  return table.concat(out)
end

local function markers(mark, at, radius, opacity, level)
  local shape, out = style.marker(mark.series, radius), {}
  for i = 1, #mark.x do
    if mark.y[i] == mark.y[i] and (not level or mark.level[i] == level) then
      out[#out + 1] = "M" .. number(at.x(mark.x[i])) .. " " .. number(at.y(mark.y[i])) .. shape
    end
  end
  if #out == 0 then return "" end
  return ('<path class="%s" fill-opacity="%s" d="%s"/>'):format(style.class("f", mark.series), opacity, table.concat(out))
end

function marks.line(mark, at)
  local d = line_path(mark, at)
  if d == "" then return "" end
  if not mark.series then return ('<path class="a" stroke-dasharray="3 3" d="%s"/>'):format(d) end
  local path = ('<path class="%s" stroke-width="1.8" stroke-linejoin="round"%s d="%s"/>'):format(style.class("s", mark.series),
    style.dash(mark.series), d)
  return mark.points and path .. markers(mark, at, RADIUS * at.scale, 1) or path
end

-- Round dots in as few letters as possible: the caps of lines without length.
local function dots(mark, at, radius, opacity, level)
  local out = {}
  for i = 1, #mark.x do
    if mark.level[i] == level then out[#out + 1] = "M" .. number(at.x(mark.x[i])) .. " " .. number(at.y(mark.y[i])) .. "h0" end
  end
  if #out == 0 then return "" end
  return ('<path class="%s" stroke-linecap="round" stroke-width="%s" stroke-opacity="%s" d="%s"/>'):format(style.class("s", mark.series),
    number(2 * radius), opacity, table.concat(out))
end

function marks.points(mark, at)
  local size = (mark.size or 1) * at.scale
  if not mark.level then return markers(mark, at, RADIUS * size, mark.size and 1 or 0.7) end
  local draw = mark.series % 7 == 1 and dots or markers -- the first marker is a dot
  local out = {}
  for level, look in ipairs(LEVELS) do out[level] = draw(mark, at, look[1] * size, look[2], level) end
  return table.concat(out)
end

-- Bars that lie over those of another group are seen through and have the group's dashes around them.
function marks.bars(mark, at)
  local out, labels, narrowest = {}, {}, math.huge
  for _, bar in ipairs(mark) do
    local left, right, top, bottom = at.x(bar.left), at.x(bar.right), at.y(bar.high), at.y(bar.low)
    if right > left and bottom > top then
      narrowest = math.min(narrowest, right - left)
      out[#out + 1] = ("M%s %sH%sV%sH%sz"):format(number(left), number(top), number(right), number(bottom), number(left))
    end
    if bar.text and at.has_texts and bottom - top >= style.SMALL then
      labels[#labels + 1] = ('<text x="%s" y="%s"%s font-size="%d">%s</text>'):format(number(bar.is_negative and left - 4 or right + 4),
        number((top + bottom) / 2 + 4), bar.is_negative and ' text-anchor="end"' or "", style.SMALL, bar.text)
    end
  end
  if #out == 0 then return table.concat(labels) end
  local look = 'fill-opacity=".85"'
  if not at.is_alone then look = ('fill-opacity=".4" style="stroke-width:1.3"%s'):format(style.dash(mark.series)) end
  local class = at.is_alone and style.class("f", mark.series) .. (narrowest >= FRAMED and " e" or "") or style.class("s", mark.series) .. " " .. style.class("f", mark.series)
  return ('<path class="%s" %s d="%s"/>'):format(class, look, table.concat(out)) .. table.concat(labels)
end

function marks.boxes(mark, at)
  local half, out = math.min(14, at.row_height * 0.32), {}
  local function x(place) return number(at.x(place)) end
  for _, box in ipairs(mark) do
    if box.median then
      local y = at.y(box.y)
      local top, middle, bottom, cap = number(y - half), number(y), number(y + half), number(half)
      out[#out + 1] = ('<path class="a" d="M%s %sH%sM%s %sH%sM%s %sv%sM%s %sv%s"/>'):format(x(box.low), middle, x(box.q1), x(box.q3), middle,
        x(box.high), x(box.low), number(y - half / 2), cap, x(box.high), number(y - half / 2), cap)
      out[#out + 1] = ('<path class="f1 s1" fill-opacity=".35" d="M%s %sH%sV%sH%sz"/>'):format(x(box.q1), top, x(box.q3), bottom, x(box.q1))
      out[#out + 1] = ('<path class="k" stroke-width="2.2" d="M%s %sV%s"/>'):format(x(box.median), top, bottom)
      local points = { x = box.outliers, y = {}, series = 1 }
      for i = 1, #box.outliers do points.y[i] = box.y end
      out[#out + 1] = markers(points, at, 2.2, 0.6)
    end
  end
  return table.concat(out)
end

--- A sample of a series for the legend, 24 pixels wide, around y.
-- @param kind  of its first mark
function marks.sample(series, kind, with_points, x, y)
  local at = { x = function(place) return place end, y = function(place) return place end, scale = 1 }
  if kind == "line" then
    return marks.line({ series = series, x = { x, x + 24 }, y = { y, y } }, at)
      .. (with_points and markers({ series = series, x = { x + 12 }, y = { y } }, at, RADIUS, 1) or "")
  end
  if kind == "points" then return markers({ series = series, x = { x + 12 }, y = { y } }, at, 4, 1) end
  return marks.bars({ series = series, { left = x, right = x + 24, high = y - 5, low = y + 5 } }, at)
end

return marks
