-- A scene as text: its title, its panels, its notes.

local panel_text = require "moonlab.plot.text_panel"
local text = require "moonlab.plot.text"

local LEAST = 4 -- columns of a panel in a grid

local function panel_lines(panel, s)
  if panel.matrix then return require "moonlab.plot.text_cells"(panel, s) end
  if panel.y.kind == "category" then return require "moonlab.plot.text_rows"(panel, s) end
  return panel_text.lines(panel, s)
end

-- Small panels without labels, names above and at the left.
local function grid_lines(scene, s)
  local mark, names, longest = text.mark(s.utf8), scene.names, 0
  for _, name in ipairs(names) do longest = math.max(longest, text.width(name)) end
  longest = math.min(longest, s.width // 5)
  local columns = (s.width - longest) // #names - 1
  if columns < LEAST then return text.wrap(("(too narrow for pairs of %d columns)"):format(#names), s.width, mark) end
  local rows, bar, lines, line = s.height or math.max(3, columns // 4), s.utf8 and "│" or "|", {}, {}
  for j, name in ipairs(names) do line[j] = text.left(text.cut(name, columns, mark), columns) end
  lines[1] = text.trim_end(text.left("", longest + 1) .. table.concat(line, " "))
  local braille = s.utf8 and #scene.series <= 1
  for i, name in ipairs(names) do
    local canvases = {}
    for j = 1, #names do canvases[j] = panel_text.canvas(scene.panels[(i - 1) * #names + j], columns, rows, braille) end
    for row = 1, rows do
      local parts = {}
      for j = 1, #names do parts[j] = canvases[j]:row(row) end
      local left = row == 1 and text.cut(name, longest, mark) or ""
      lines[#lines + 1] = text.trim_end(text.left(left, longest) .. bar .. table.concat(parts, bar))
    end
    lines[#lines + 1] = (" "):rep(longest) .. (s.utf8 and "└" or "+") .. ((s.utf8 and "─" or "-"):rep(columns * #names + #names - 1))
  end
  return lines
end

--- Draws a scene.
-- @param scene  see scene.lua
-- @param s      { width = columns, height = rows or nil, utf8 = }
-- @return a string, lines separated by newlines
return function(scene, s)
  local lines = scene.title and text.wrap(scene.title, s.width, text.mark(s.utf8)) or {}
  local body
  if scene.picture then body = require "moonlab.plot.text_picture"(scene.picture, s)
  elseif scene.names then
    body = panel_text.legend(scene.series, s, panel_text.mark)
    local grid = grid_lines(scene, s)
    table.move(grid, 1, #grid, #body + 1, body)
  else
    body = panel_lines(scene.panels[1], s)
  end
  table.move(body, 1, #body, #lines + 1, lines)
  for _, note in ipairs(scene.notes) do
    for _, line in ipairs(text.wrap(note, s.width, text.mark(s.utf8))) do lines[#lines + 1] = line end
  end
  return table.concat(lines, "\n")
end
