--- ml.plot.heatmap: a matrix as shades.
--
-- The panel: { matrix = { rows =, columns =, shade = {{0 to 1, or -1 to 1 where diverging, NaN: none}, ...}, texts = {{"0.5", ...}, ...}
-- or nil, diverging =, low =, high = (of the bar of shades; nil: none), row_names =, column_names =, edge = { title =, texts = } at
-- the right or nil }, x = { label = }, y = { label = } }

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local number = require "moonlab.plot.number"
local scene = require "moonlab.plot.scene"
local settings = require "moonlab.plot.settings"
local values = require "moonlab.plot.values"

local heatmap = {}

local read = settings.reader("plot.heatmap", { { "rows", "table" }, { "columns", "table" }, { "center", "number" }, { "low", "number" },
  { "high", "number" } }, "ml.plot.heatmap(m, {rows = {\"a\", \"b\"}, center = 0})")

local MOST = 100 -- rows and columns that are drawn; what is larger is averaged
local MOST_TEXTS = 400

local function rows_of(matrix)
  if core.is_tensor(matrix) then
    if matrix:dim() ~= 2 then blame.raise("plot.heatmap: a matrix is needed, got a tensor [%s]", table.concat(matrix.shape, ", ")) end
    local list, columns, rows = values.numbers(matrix, "plot.heatmap"), matrix:size(2), {}
    for i = 1, matrix:size(1) do rows[i] = table.move(list, (i - 1) * columns + 1, i * columns, 1, {}) end
    return rows, columns
  end
  if type(matrix) ~= "table" or type(matrix[1]) ~= "table" and #matrix > 0 then
    blame.raise("plot.heatmap: a tensor [rows, columns] or rows of numbers are needed, got %s", blame.show(matrix))
  end
  local rows = {}
  for i, row in ipairs(matrix) do
    rows[i] = values.numbers(row, "plot.heatmap: row " .. i)
    if #rows[i] ~= #rows[1] then blame.raise("plot.heatmap: row %d has %d values, row 1 has %d", i, #rows[i], #rows[1]) end
  end
  return rows, rows[1] and #rows[1] or 0
end

-- Means of blocks of down x across.
local function averaged(rows, columns, down, across)
  local out = {}
  for i = 1, #rows, down do
    local row = {}
    for j = 1, columns, across do
      local sum, n = 0, 0
      for a = i, math.min(i + down - 1, #rows) do
        for b = j, math.min(j + across - 1, columns) do
          if values.finite(rows[a][b]) then sum, n = sum + rows[a][b], n + 1 end
        end
      end
      row[#row + 1] = n > 0 and sum / n or 0 / 0
    end
    out[#out + 1] = row
  end
  return out, out[1] and #out[1] or 0
end

local function every(names, step)
  if not names or step == 1 then return names end
  local out = {}
  for i = 1, #names, step do out[#out + 1] = names[i] end
  return out
end

local function range_of(rows, o)
  local low, high = math.huge, -math.huge
  for _, row in ipairs(rows) do low, high = values.range(row, false, low, high) end
  if low > high then low, high = 0, 1 end
  low, high = o.low or low, o.high or high
  if o.center then
    local reach = math.max(math.abs(high - o.center), math.abs(low - o.center))
    if reach == 0 then reach = 1 end
    low, high = o.center - reach, o.center + reach
  end
  return low, high
end

local function shades_of(rows, low, high, center)
  local out, dropped = {}, 0
  for i, row in ipairs(rows) do
    out[i] = {}
    for j, x in ipairs(row) do
      if not values.finite(x) then
        out[i][j], dropped = 0 / 0, dropped + 1
      elseif center then
        out[i][j] = math.max(-1, math.min(1, (x - center) / (high - center)))
      else
        out[i][j] = high > low and math.max(0, math.min(1, (x - low) / (high - low))) or 0.5
      end
    end
  end
  return out, dropped
end

-- Numbers that are short enough to stand in cells: integers as they are, others with two decimals or three digits.
local function texts_of(rows)
  local all_integers, most = true, 0
  for _, row in ipairs(rows) do
    for _, x in ipairs(row) do
      if values.finite(x) then all_integers, most = all_integers and x == math.floor(x), math.max(most, math.abs(x)) end
    end
  end
  local texts = {}
  for i, row in ipairs(rows) do
    texts[i] = {}
    for j, x in ipairs(row) do
      if not values.finite(x) then texts[i][j] = "-"
      elseif all_integers and most < 1e6 then texts[i][j] = number.short(x)
      elseif most < 1000 and most >= 0.1 then texts[i][j] = ("%.2f"):format(x):gsub("^%-(0%.00)$", "%1")
      else texts[i][j] = ("%.2g"):format(x) end
    end
  end
  return texts
end

--- Draws a matrix as shades, with its numbers where they fit.
-- @param matrix   a tensor [rows, columns], or rows of numbers; large ones are averaged
-- @param options  { rows = names, columns = names, center = where the scale is neutral (0 for correlations; without it from light to
--                 dark), low =, high = ends of the scale, title =, x_label =, y_label =; of the text: width = the terminal's,
--                 utf8 = by the locale }
-- @return a plot: print it, or plot:save "name.svg"
-- @error no matrix, rows of different lengths, a number of names that differs from that of the rows or columns
-- @usage print(ml.plot.heatmap({ {1, 0.5}, {0.5, 1} }, { rows = {"age", "fare"}, columns = {"age", "fare"}, center = 0 }))
function heatmap.heatmap(matrix, options)
  local o = read(options)
  local rows, columns = rows_of(matrix)
  local row_names = o.rows and settings.names(o.rows, #rows, "plot.heatmap", "rows")
  local column_names = o.columns and settings.names(o.columns, columns, "plot.heatmap", "columns")
  local down, across, notes = math.ceil(#rows / MOST), math.ceil(columns / MOST), {}
  if down > 1 or across > 1 then
    notes[1] = ("%d x %d values, each cell is the mean of %d x %d"):format(#rows, columns, down, across)
    rows, columns = averaged(rows, columns, down, across)
    row_names, column_names = every(row_names, down), every(column_names, across)
  end
  local low, high = range_of(rows, o)
  local shade, dropped = shades_of(rows, low, high, o.center)
  notes[#notes + 1] = dropped > 0 and ("%d %s no finite value"):format(dropped, dropped == 1 and "cell has" or "cells have") or nil
  return scene.of_panel({ x = { label = o.x_label }, y = { label = o.y_label }, matrix = { rows = #rows, columns = columns, shade = shade,
    texts = #rows * columns <= MOST_TEXTS and texts_of(rows) or nil, diverging = o.center ~= nil, low = low, high = high,
    row_names = row_names, column_names = column_names } }, o, table.unpack(notes))
end

return heatmap
