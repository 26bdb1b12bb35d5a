-- A scene as SVG: from above its title, its legend, its panels, its notes.

local axes = require "moonlab.plot.svg_axes"
local cells = require "moonlab.plot.svg_cells"
local marks = require "moonlab.plot.svg_marks"
local style = require "moonlab.plot.svg_style"
local svg_text = require "moonlab.plot.svg_text"
local text = require "moonlab.plot.text"

local number = svg_text.number

local WIDTH, HEIGHT, NARROWEST = 640, 400, 160
local BORDER, LINE = 12, 18
local LEAST = 110 -- pixels of height of a panel
local ROW = { bars = 24, boxes = 36 } -- of a category
local PIXEL = 8 -- pixels of the page for one of a picture, at most

-- Entries of the legend: a list of { series =, name =, kind =, with_points = }.
local function entries_of(panel)
  local out = {}
  for i, one in ipairs(panel and panel.series or {}) do
    if one.name ~= "" then
      local entry = { series = i, name = one.name }
      for _, mark in ipairs(panel.marks) do
        if mark.series == i and not entry.kind then entry.kind, entry.with_points = mark.type, mark.points end
      end
      out[#out + 1] = entry
    end
  end
  return out
end

-- Draws the legend in lines from y on; gives the y below it.
local function draw_legend(out, entries, y, width)
  local x, measure = BORDER, svg_text.measure(style.SIZE)
  for _, entry in ipairs(entries) do
    local name = text.cut(entry.name, width - 2 * BORDER - 30, "…", measure)
    local needed = 30 + measure(name)
    if x > BORDER and x + needed > width - BORDER then x, y = BORDER, y + LINE end
    out[#out + 1] = marks.sample(entry.series, entry.kind or "bars", entry.with_points, x, y + LINE / 2)
    out[#out + 1] = axes.label(x + 30, y + LINE / 2 + 4, name)
    x = x + needed + 16
  end
  return #entries > 0 and y + LINE + 4 or y
end

local function draw_title(out, title, y, width)
  for _, line in ipairs(title and text.wrap(title, width - 2 * BORDER, "…", svg_text.measure(style.TITLE)) or {}) do
    y = y + LINE + 2
    out[#out + 1] = axes.label(BORDER, y - 4, line, nil, (' font-size="%d" font-weight="bold"'):format(style.TITLE))
  end
  return y
end

local function note_lines(notes, width)
  local lines = {}
  for _, note in ipairs(notes) do
    for _, line in ipairs(text.wrap(note, width - 2 * BORDER, "…", svg_text.measure(style.SMALL))) do lines[#lines + 1] = line end
  end
  return lines
end

local function picture_scale(picture, width) return math.min(PIXEL, (width - 2 * BORDER) / picture.pixels:size(2)) end

local function draw_picture(out, picture, rect)
  local scale = math.min(picture_scale(picture, rect.width + 2 * BORDER), rect.height / picture.pixels:size(1))
  out[#out + 1] = ('<image x="%s" y="%s" width="%s" height="%s" style="image-rendering:pixelated" href="data:image/png;base64,%s"/>'):format(
    number(rect.x), number(rect.y), number(picture.pixels:size(2) * scale), number(picture.pixels:size(1) * scale),
    require "moonlab.plot.base64"(picture.png))
end

-- The height of what stands between legend and notes, where the caller asks for none in particular.
local function body_height(scene, width, around)
  if scene.picture then return scene.picture.pixels:size(1) * picture_scale(scene.picture, width) end
  if scene.names then return math.max(LEAST, width * 0.8) end
  local panel = scene.panels[1]
  if panel.matrix then return cells.height(panel, width - 2 * BORDER) end
  if panel.y.kind == "category" then
    local row = ROW[panel.marks[1].type] * (panel.marks[1].type == "bars" and math.max(1, 0.7 * #panel.marks) or 1)
    return math.max(1, #panel.y.names) * row + 2 * LINE + 8 + (panel.x.label and LINE or 0)
  end
  if panel.square then return math.min(HEIGHT, width) end
  return math.max(LEAST, width * 0.5, math.min(HEIGHT, width * 0.75) - around)
end

local function least_height(scene, width)
  local panel = scene.panels and scene.panels[1]
  return math.max(LEAST, panel and panel.matrix and cells.least(panel, width - 2 * BORDER) or 0)
end

local function draw_body(out, scene, rect)
  if scene.picture then draw_picture(out, scene.picture, rect)
  elseif scene.names then require "moonlab.plot.svg_grid"(out, scene, rect)
  elseif scene.panels[1].matrix then cells.draw(out, scene.panels[1], rect)
  elseif scene.panels[1].square then
    axes.draw(out, scene.panels[1], { x = rect.x, y = rect.y, width = math.min(rect.width, rect.height * 1.1), height = rect.height })
  else axes.draw(out, scene.panels[1], rect) end
end

--- Draws a scene.
-- @param scene  see scene.lua
-- @param size   { width = 640, height = } in pixels; where texts need more height, there is more
-- @return the text of an SVG file
return function(scene, size)
  local width, out = math.max(NARROWEST, size.width or WIDTH), {}
  local y = draw_title(out, scene.title, BORDER - 4, width)
  y = draw_legend(out, entries_of(scene.panels and scene.panels[scene.names and 2 or 1]), y + 4, width) -- of a grid's first scatter
  local notes = note_lines(scene.notes, width)
  local around = y + BORDER + #notes * LINE
  local body = body_height(scene, width, around)
  if size.height then body = math.max(least_height(scene, width), size.height - around) end
  draw_body(out, scene, { x = BORDER, y = y, width = width - 2 * BORDER, height = body })
  for i, line in ipairs(notes) do
    out[#out + 1] = axes.label(BORDER, y + body + i * LINE, line, nil, (' class="n" font-size="%d"'):format(style.SMALL))
  end
  local w, h = number(width), number(math.ceil(around + body))
  return ('<svg xmlns="http://www.w3.org/2000/svg" class="mlp" width="%s" height="%s" viewBox="0 0 %s %s" role="img">'):format(w, h, w, h)
    .. ("<title>%s</title><style>%s</style>"):format(svg_text.escape(scene.title or scene.kind or "plot"), style.CSS)
    .. ('<rect class="p" width="%s" height="%s"/>'):format(w, h) .. table.concat(out, "\n") .. "</svg>\n"
end
