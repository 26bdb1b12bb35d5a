-- A panel with two axes as SVG, inside a rectangle { x =, y =, width =, height = } that nothing leaves.

local marks = require "moonlab.plot.svg_marks"
local style = require "moonlab.plot.svg_style"
local svg_text = require "moonlab.plot.svg_text"
local text = require "moonlab.plot.text"

local number, measure = svg_text.number, svg_text.measure(style.SIZE)

local axes = {}

local INSET, LINE, GAP = 9, 18, 6
local FULL = 220 -- pixels of an axis from which on insets and markers have their full size
local LEAST = 40 -- pixels of an axis
local MOST_TEXT = 0.6 -- of an axis, for the numbers beside bars

local function label(x, y, s, anchor, more)
  return ('<text x="%s" y="%s"%s%s>%s</text>'):format(number(x), number(y), anchor and (' text-anchor="%s"'):format(anchor) or "", more or "",
    svg_text.escape(s))
end
axes.label = label

-- What is left free at the low and the high end of an axis.
local function insets(axis, inset)
  return (axis.margin == "both" or axis.margin == "low") and inset or 0, (axis.margin == "both" or axis.margin == "high") and inset or 0
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

--- The labels of the y axis with at least a line's height between them, cut to a share of the width.
function axes.y_ticks(panel, width, height)
  local axis, ticks = panel.y, nil
  local function line() return style.SIZE end
  if axis.kind == "category" then
    ticks = axis:fitting(height, #axis.names, line, 2)
  else
    ticks = axis:fitting(height, math.max(6, height // 45), line, 8)
  end
  local widest = 0
  for _, tick in ipairs(ticks) do
    tick.text = text.cut(tick.text, width * 0.4, "…", measure)
    widest = math.max(widest, measure(tick.text))
  end
  return ticks, widest
end

--- Draws grid lines and labels of the y axis, which are in `ticks`, and its name at the left edge of rect.
function axes.y_labels(out, panel, rect, inner, at, ticks)
  for _, tick in ipairs(ticks) do
    local place = panel.y.kind == "category" and 1 - (tick.value - 0.5) / #panel.y.names or panel.y:place(tick.value)
    local y = at.y(place)
    if panel.y.kind ~= "category" then out[#out + 1] = ('<path class="g" d="M%s %sh%s"/>'):format(number(inner.x), number(y), number(inner.width)) end
    out[#out + 1] = label(inner.x - GAP, y + 4, tick.text, "end")
  end
  if panel.y.label then
    local x, y = rect.x + style.SIZE, inner.y + inner.height / 2
    local shown = text.cut(panel.y.label, inner.height, "…", measure)
    out[#out + 1] = label(x, y, shown, "middle", (' transform="rotate(-90 %s %s)"'):format(number(x), number(y)))
  end
end

--- Draws grid lines and labels of the x axis, and its name below them; nothing leaves rect.
function axes.x_labels(out, panel, rect, inner, at)
  local bottom, length = inner.y + inner.height, at.x(1) - at.x(0)
  for _, tick in ipairs(panel.x:fitting(length, math.max(6, inner.width // 60), measure, 10)) do
    local x, half = at.x(panel.x:place(tick.value)), measure(tick.text) / 2
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

-- Where places are inside the axes, for svg_marks.lua.
local function places(panel, inner)
  local scale = math.min(1, math.min(inner.width, inner.height * 1.6) / FULL)
  local left, right = insets(panel.x, INSET * scale)
  local below, above = insets(panel.y, INSET * scale)
  local text_left, text_right = room_for_texts(panel)
  local has_texts = text_left + text_right <= MOST_TEXT * inner.width
  if has_texts then left, right = math.max(left, text_left), math.max(right, text_right) end
  local width, height, groups = inner.width - left - right, inner.height - below - above, 0
  for _, mark in ipairs(panel.marks) do groups = groups + (mark.type == "bars" and 1 or 0) end
  return {
    x = function(place) return inner.x + left + place * width end,
    y = function(place) return inner.y + inner.height - below - place * height end,
    scale = scale, has_texts = has_texts, is_alone = groups <= 1, row_height = inner.height / math.max(1, #(panel.y.names or {})),
  }
end

--- Draws the marks and the frame of a panel, without labels.
-- @param out          a list of strings that grows
-- @param inner        the rectangle inside the axes
-- @param draw_labels  function(at), which draws below the marks, or nil
function axes.body(out, panel, inner, draw_labels)
  local at = places(panel, inner)
  if draw_labels then draw_labels(at) end
  for _, mark in ipairs(panel.marks) do out[#out + 1] = marks[mark.type](mark, at) end
  if panel.y.kind == "category" and panel.x.low < 0 and panel.x.high > 0 then
    out[#out + 1] = ('<path class="a" d="M%s %sv%s"/>'):format(number(at.x(panel.x:place(0))), number(inner.y), number(inner.height))
  end
  out[#out + 1] = ('<path class="a" d="M%s %sv%sh%s"/>'):format(number(inner.x), number(inner.y), number(inner.height), number(inner.width))
end

--- Draws a panel.
-- @param out   a list of strings that grows
-- @param rect  what it may fill
function axes.draw(out, panel, rect)
  local inner = { y = rect.y + 4, height = math.max(LEAST, rect.height - LINE - (panel.x.label and LINE or 0) - 8) }
  local ticks, widest = axes.y_ticks(panel, rect.width, inner.height)
  local left = widest + GAP + (panel.y.label and LINE or 0)
  inner.x, inner.width = rect.x + left, math.max(LEAST, rect.width - left - 8)
  axes.body(out, panel, inner, function(at)
    axes.x_labels(out, panel, rect, inner, at)
    axes.y_labels(out, panel, rect, inner, at, ticks)
  end)
end

return axes
