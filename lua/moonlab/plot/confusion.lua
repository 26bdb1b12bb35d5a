--- ml.plot.confusion: a confusion matrix with the names of the classes.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local scene = require "moonlab.plot.scene"
local settings = require "moonlab.plot.settings"

local read = settings.reader("plot.confusion", { { "classes", "table" } }, "ml.plot.confusion(matrix, {classes = {\"cat\", \"dog\"}})")

local function numbers_from_1(n)
  local names = {}
  for i = 1, n do names[i] = tostring(i) end
  return names
end

-- Shares of the rows, texts of the counts, and what part of each row is right.
local function cells_of(matrix)
  local shade, texts, right = {}, {}, {}
  for i, row in ipairs(matrix) do
    local sum = 0
    for _, count in ipairs(row) do sum = sum + count end
    shade[i], texts[i] = {}, {}
    for j, count in ipairs(row) do
      shade[i][j] = sum > 0 and count / sum or 0
      texts[i][j] = count == 0 and "" or ("%.0f"):format(count)
    end
    right[i] = sum > 0 and ("%.1f%%"):format(100 * row[i] / sum) or "-"
  end
  return shade, texts, right
end

--- Draws a confusion matrix: a row for each actual class, a column for each predicted one, and what part of the row was
-- right.
-- @param matrix   rows of counts, as ml.metrics.confusion gives, or a tensor
-- @param options  { classes = names, title =, x_label = "predicted", y_label = "actual"; of the text: width = the terminal's,
--                 utf8 = by the locale }
-- @return a plot: print it, or plot:save "name.svg"
-- @error rows that are no counts or not as many as columns
-- @usage print(ml.plot.confusion({{8, 2}, {1, 9}}, { classes = {"cat", "dog"} }))
return function(matrix, options)
  if core.is_tensor(matrix) then matrix = matrix:tolist() end
  if type(matrix) ~= "table" or type(matrix[1]) ~= "table" then
    blame.raise("plot.confusion: rows of counts are needed, as ml.metrics.confusion gives; got %s", blame.show(matrix))
  end
  for i, row in ipairs(matrix) do
    if #row ~= #matrix then blame.raise("plot.confusion: row %d has %d counts for %d classes", i, #row, #matrix) end
    for j, count in ipairs(row) do
      if type(count) ~= "number" or not (count >= 0 and count < math.huge) then
        blame.raise("plot.confusion: row %d, column %d must be a count, got %s", i, j, blame.show(count))
      end
    end
  end
  local o = read(options)
  local names = o.classes and settings.names(o.classes, #matrix, "plot.confusion", "classes") or numbers_from_1(#matrix)
  local shade, texts, right = cells_of(matrix)
  return scene.of_panel({ x = { label = o.x_label or "predicted" }, y = { label = o.y_label or "actual" }, matrix = {
    rows = #matrix, columns = #matrix, shade = shade, texts = texts, row_names = names, column_names = names,
    edge = { title = "right", texts = right } } }, o)
end
