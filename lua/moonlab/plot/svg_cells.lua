-- A matrix as SVG.

local axes = require "moonlab.plot.svg_axes"
local number_text = require "moonlab.plot.number"
local style = require "moonlab.plot.svg_style"
local svg_text = require "moonlab.plot.svg_text"
local text = require "moonlab.plot.text"

local number, measure, measure_small = svg_text.number, svg_text.measure(style.SIZE), svg_text.measure(style.SMALL)

local cells = {}

local LINE, GAP, BAR = 18, 6, 12
local WIDEST, HIGHEST, LOWEST = 96, 44, 18 -- pixels of a cell
local LEAST = 50 -- pixels of all columns beside a bar of shades
local LONGEST = 90 -- of a name that stands upright

local function widest(names, cut)
  local width = 0
  for _, name in ipairs(names or {}) do width = math.max(width, math.min(cut, measure(name))) end
  return width
end

local function scale_labels(m) return number_text.labels({ m.low, (m.low + m.high) / 2, m.high }, m.high > m.low and (m.high - m.low) / 100 or 1) end

--- Where everything is, for a width.
-- @return { left, right, bottom =, cell_width =, upright = names of columns turned, has_scale = the bar of shades fits }
local function layout(panel, width)
  local m = panel.matrix
  local left = widest(m.row_names, width * 0.3) + GAP + (panel.y.label and LINE or 0)
  local right = 4
  if m.edge then right = math.max(widest(m.edge.texts, 80), measure(m.edge.title)) + 2 * GAP end
  local scale = m.low and 2 * GAP + BAR + widest(scale_labels(m), math.huge) + 4
  local has_scale = scale and width - left - scale >= LEAST
  if has_scale then right = scale end
  local cell_width = math.min(WIDEST, math.max(1, width - left - right) / math.max(1, m.columns))
  local upright = widest(m.column_names, math.huge) > cell_width - 4
  local names = 0
  if m.column_names then names = upright and widest(m.column_names, LONGEST) + GAP or LINE end
  return { left = left, right = right, bottom = names + (panel.x.label and LINE or 0), names = names, cell_width = cell_width, upright = upright,
    has_scale = has_scale }
end

--- The least height that holds the names and something of the cells.
function cells.least(panel, width) return 60 + layout(panel, width).bottom + (panel.matrix.edge and LINE or 8) end

--- The height that suits a width.
function cells.height(panel, width)
  local m, at = panel.matrix, layout(panel, width)
  local cell = math.min(HIGHEST, at.cell_width)
  if m.row_names and m.rows <= 40 then cell = math.max(cell, LOWEST) end
  return math.max(cells.least(panel, width), m.rows * cell + at.bottom + (m.edge and LINE or 8))
end

-- All cells of a level as one path; neighbours in a row as one piece.
local function paths(m, x, y, width, height)
  local by_level = {}
  for i = 1, m.rows do
    local from = 1
    while from <= m.columns do
      local level, to = style.level(m.shade[i][from], m.diverging) or -1, from
      while to < m.columns and (style.level(m.shade[i][to + 1], m.diverging) or -1) == level do to = to + 1 end
      by_level[level] = by_level[level] or {}
      table.insert(by_level[level], ("M%s %sH%sV%sH%sz"):format(number(x + (from - 1) * width), number(y + (i - 1) * height),
        number(x + to * width), number(y + i * height), number(x + (from - 1) * width)))
      from = to + 1
    end
  end
  local out = {}
  for level = -1, style.LEVELS - 1 do
    if by_level[level] then
      out[#out + 1] = ('<path fill="%s" d="%s"/>'):format((style.shade(level >= 0 and level or nil, m.diverging)), table.concat(by_level[level]))
    end
  end
  return table.concat(out)
end

local function draw_texts(out, m, x, y, width, height)
  if not m.texts or height < 13 then return end
  local longest = 0
  for _, row in ipairs(m.texts) do
    for _, cell in ipairs(row) do longest = math.max(longest, measure_small(cell)) end
  end
  if longest > width - 4 then return end
  for i = 1, m.rows do
    for j = 1, m.columns do
      if m.texts[i][j] ~= "" then
        local _, class = style.shade(style.level(m.shade[i][j], m.diverging), m.diverging)
        out[#out + 1] = axes.label(x + (j - 0.5) * width, y + (i - 0.5) * height + 4, m.texts[i][j], "middle",
          (' class="%s" font-size="%d"'):format(class, style.SMALL))
      end
    end
  end
end

-- Every so many names, so that lines of letters don't touch.
local function step_for(size) return math.max(1, math.ceil((style.SIZE + 2) / size)) end

local function draw_names(out, panel, rect, at, x, y, width, height)
  local m = panel.matrix
  for i = 1, m.row_names and m.rows or 0, step_for(height) do
    local name = text.cut(m.row_names[i], rect.width * 0.3, "…", measure)
    out[#out + 1] = axes.label(x - GAP, y + (i - 0.5) * height + 4, name, "end")
  end
  local bottom = y + m.rows * height
  for j = 1, m.column_names and m.columns or 0, at.upright and step_for(width) or 1 do
    local middle = x + (j - 0.5) * width
    if at.upright then
      local name = text.cut(m.column_names[j], LONGEST, "…", measure)
      out[#out + 1] = axes.label(middle + 4, bottom + GAP, name, "end", (' transform="rotate(-90 %s %s)"'):format(number(middle + 4), number(bottom + GAP)))
    else
      out[#out + 1] = axes.label(middle, bottom + 15, m.column_names[j], "middle")
    end
  end
  if panel.x.label then
    local shown = text.cut(panel.x.label, rect.width, "…", measure)
    local half = measure(shown) / 2
    local middle = math.max(rect.x + half, math.min(rect.x + rect.width - half, x + m.columns * width / 2))
    out[#out + 1] = axes.label(middle, bottom + at.names + 13, shown, "middle")
  end
  if panel.y.label then
    local left, middle = rect.x + style.SIZE, y + m.rows * height / 2
    local shown = text.cut(panel.y.label, m.rows * height, "…", measure)
    out[#out + 1] = axes.label(left, middle, shown, "middle", (' transform="rotate(-90 %s %s)"'):format(number(left), number(middle)))
  end
end

local function draw_edge(out, m, x, y, width, height)
  out[#out + 1] = axes.label(x + width, y - GAP, m.edge.title, "end")
  for i = 1, m.rows, step_for(height) do out[#out + 1] = axes.label(x + width, y + (i - 0.5) * height + 4, m.edge.texts[i], "end") end
end

-- The bar of shades with its ends and its middle.
local function draw_scale(out, m, x, y, height)
  local step = height / style.LEVELS
  for level = 0, style.LEVELS - 1 do
    local top = y + height - (level + 1) * step
    out[#out + 1] = ('<path fill="%s" d="M%s %sh%dV%sh-%dz"/>'):format((style.shade(level, m.diverging)), number(x), number(top), BAR, number(top + step), BAR)
  end
  for i, name in ipairs(scale_labels(m)) do
    if i ~= 2 or height > 3 * LINE then
      out[#out + 1] = axes.label(x + BAR + 4, math.min(y + height, math.max(y + 10, y + height - (i - 1) / 2 * height + 4)), name)
    end
  end
end

--- Draws a panel with a matrix into a rectangle.
function cells.draw(out, panel, rect)
  local m, at = panel.matrix, layout(panel, rect.width)
  if m.rows == 0 or m.columns == 0 then return end
  local top = m.edge and LINE or 4
  local x, y, height = rect.x + at.left, rect.y + top, (rect.height - at.bottom - top - 4) / m.rows
  out[#out + 1] = paths(m, x, y, at.cell_width, height)
  draw_texts(out, m, x, y, at.cell_width, height)
  draw_names(out, panel, rect, at, x, y, at.cell_width, height)
  local right = x + m.columns * at.cell_width
  out[#out + 1] = ('<path class="a" d="M%s %sH%sV%sH%sz"/>'):format(number(x), number(y), number(right), number(y + m.rows * height), number(x))
  if m.edge then draw_edge(out, m, right, y, at.right - 2, height) end
  if at.has_scale then draw_scale(out, m, right + 2 * GAP, y, m.rows * height) end
end

return cells
