-- A panel with two axes as SVG, inside a rectangle { x =, y =, width =, height = } that nothing leaves.

local marks = require "moonlab.plot.svg_marks"
local style = require "moonlab.plot.svg_style"
local svg_text = require "moonlab.plot.svg_text"
local text = require "moonlab.plot.text"

local number, measure = svg_text.number, svg_text.measure(style.SIZE)

local axes = {}

local INSET, LINE, GAP = 9, 18, 6
local LEAST = 40 -- pixels of an axis

local function label(x, y, s, anchor, more)
  return ('<text x="%s" y="%s"%s%s>%s</text>'):format(number(x), number(y), anchor and (' text-anchor="%s"'):format(anchor) or "", more or "",
    svg_text.escape(s))
end
axes.label = label

-- What is left free at the low and the high end of an axis, in pixels.
local function insets(axis)
  local low = (axis.margin == "both" or axis.margin == "low") and INSET or 0
  return low, axis.margin ~= "none" and INSET or 0
end

-- Room at both ends of the horizontal bars for their numbers.
local function room_for_texts(panel)
  local left, right = 0, 0
  for _, mark in ipairs(panel.marks) do
    for _, bar in ipairs(mark.type == "bars" and mark or {}) do
      local width = bar.text and svg_text.width(bar.text, style.SMALL) + GAP or 0
      if bar.is_negative then left = math.max(left, width) else right = math.max(right, width) end
    end
  end
  return left, right
end

-- The labels of the y axis with at least a line's height between them, cut to a share of the width.
local function y_ticks(panel, width, height)
  local axis, ticks = panel.y, nil
  local function line() return style.SIZE end
  if axis.kind == "category" then
    ticks = axis:fitting(height, #axis.names, line, 2)
  else
    ticks = axis:fitting(height, math.max(4, height // 45), line, 8)
  end
  local widest = 0
  for _, tick in ipairs(ticks) do
    tick.text = text.cut(tick.text, width * 0.4, "…", measure)
    widest = math.max(widest, measure(tick.text))
  end
  return ticks, widest
end

local function draw_y(out, panel, rect, inner, to_y, ticks)
  for _, tick in ipairs(ticks) do
    local at = panel.y.kind == "category" and 1 - (tick.value - 0.5) / #panel.y.names or panel.y:place(tick.value)
    local y = to_y(at)
    if panel.y.kind ~= "category" then out[#out + 1] = ('<path class="g" d="M%s %sh%s"/>'):format(number(inner.x), number(y), number(inner.width)) end
    out[#out + 1] = label(inner.x - GAP, y + 4, tick.text, "end")
  end
  if panel.y.label then
    local x, y = rect.x + style.SIZE, inner.y + inner.height / 2
    local shown = text.cut(panel.y.label, inner.height, "…", measure)
    out[#out + 1] = label(x, y, shown, "middle", (' transform="rotate(-90 %s %s)"'):format(number(x), number(y)))
  end
end

local function draw_x(out, panel, rect, inner, to_x)
  local bottom, length = inner.y + inner.height, to_x(1) - to_x(0)
  for _, tick in ipairs(panel.x:fitting(length, math.max(4, inner.width // 60), measure, 10)) do
    local x, half = to_x(panel.x:place(tick.value)), measure(tick.text) / 2
    out[#out + 1] = ('<path class="g" d="M%s %sv%s"/>'):format(number(x), number(inner.y), number(inner.height))
    if 2 * half <= rect.width then
      out[#out + 1] = label(math.max(rect.x + half, math.min(rect.x + rect.width - half, x)), bottom + 15, tick.text, "middle")
    end
  end
  if panel.x.label then
    local shown = text.cut(panel.x.label, rect.width, "…", measure)
    local half = measure(shown) / 2
    local x = math.max(rect.x + half, math.min(rect.x + rect.width - half, inner.x + inner.width / 2))
    out[#out + 1] = label(x, bottom + 15 + LINE, shown, "middle")
  end
end

-- The functions from places to pixels inside the axes.
local function scales(panel, inner)
  local left, right = insets(panel.x)
  local below, above = insets(panel.y)
  local text_left, text_right = room_for_texts(panel)
  left, right = math.max(left, text_left), math.max(right, text_right)
  local width, height = inner.width - left - right, inner.height - below - above
  return function(place) return inner.x + left + place * width end,
    function(place) return inner.y + inner.height - below - place * height end
end

--- The marks and the frame, without labels.
-- @return to_x, to_y
function axes.body(out, panel, inner, draw_labels)
  local to_x, to_y = scales(panel, inner)
  if draw_labels then draw_labels(to_x, to_y) end
  local groups = 0
  for _, mark in ipairs(panel.marks) do groups = groups + (mark.type == "bars" and 1 or 0) end
  for _, mark in ipairs(panel.marks) do
    out[#out + 1] = marks[mark.type](mark, to_x, to_y, groups <= 1, inner.height / math.max(1, #(panel.y.names or {})))
  end
  if panel.y.kind == "category" and panel.x.low < 0 and panel.x.high > 0 then
    out[#out + 1] = ('<path class="a" d="M%s %sv%s"/>'):format(number(to_x(panel.x:place(0))), number(inner.y), number(inner.height))
  end
  out[#out + 1] = ('<path class="a" d="M%s %sv%sh%s"/>'):format(number(inner.x), number(inner.y), number(inner.height), number(inner.width))
end

--- Draws a panel.
-- @param out   a list of strings that grows
-- @param rect  what it may fill
function axes.draw(out, panel, rect)
  local inner = { y = rect.y + 4, height = math.max(LEAST, rect.height - LINE - (panel.x.label and LINE or 0) - 8) }
  local ticks, widest = y_ticks(panel, rect.width, inner.height)
  local left = widest + GAP + (panel.y.label and LINE or 0)
  inner.x, inner.width = rect.x + left, math.max(LEAST, rect.width - left - 8)
  axes.body(out, panel, inner, function(to_x, to_y)
    draw_x(out, panel, rect, inner, to_x)
    draw_y(out, panel, rect, inner, to_y, ticks)
  end)
end

return axes
