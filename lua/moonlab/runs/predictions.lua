--- predictions.csv: what was said of each row that was judged, so that whatever else is asked of it needs no model.
--
-- Of classes: actual, predicted, the probability of the answer and of each class. Of numbers: actual and predicted; of several outputs a pair
-- each. Of labels, any number a row: actual, predicted and probability of each. Of masks, whose pixels have a class each: the picture's pixels,
-- the part of them that is right, and how well each class lies on its own.

local core = require "moonlab.core"
local metrics = require "moonlab.metrics"
local Result = require "moonlab.metrics.result"
local Table = require "moonlab.table.table"

local predictions = {}

local MOST, WIDE = 200000, 50 -- rows; classes, labels or numbers of an answer that get columns of their own

local function name_of(names, i) return names and tostring(names[i]) or tostring(i) end

local function names_of(positions, classes)
  local out = {}
  for i, class in ipairs(positions:tolist()) do out[i] = name_of(classes, class) end
  return out
end

-- Kinds of answers: each adds its columns -------------------------------------------------------------------------------

local function add_classes(add, judged, result)
  local predicted, p = Result.predicted(result), Result.probabilities(result)
  add("actual", names_of(result.y, judged.classes))
  add("predicted", names_of(predicted, judged.classes))
  add("probability", p:gather(2, predicted:reshape { -1, 1 }):reshape { -1 })
  if p:size(2) > WIDE then return end
  for class = 1, p:size(2) do add("probability of " .. name_of(judged.classes, class), p:select(2, class):contiguous()) end
end

-- The names of several outputs: those of the columns of a series with the step ("load+2"), else their places.
local function output_names(set, shape)
  local series, out = set and set.what == "windows" and set:serving() or nil, {}
  for step = 1, #shape == 3 and shape[2] or 1 do
    for k = 1, shape[#shape] do out[#out + 1] = series and ("%s+%d"):format(series.target[k], step) or tostring(#out + 1) end
  end
  return out
end

local function add_values(add, judged, result)
  local y, output = result.y, result.output
  if y:dim() == 1 then
    add("actual", y)
    add("predicted", output:reshape { -1 })
    return
  end
  local names = output_names(judged.set, y.shape)
  y, output = y:flatten(2), output:flatten(2)
  for k = 1, y:size(2) do
    add("actual " .. (names[k] or k), y:select(2, k):contiguous())
    add("predicted " .. (names[k] or k), output:select(2, k):contiguous())
  end
end

local function add_labels(add, judged, result)
  local predicted, p = Result.predicted(result), result.output:sigmoid()
  for k = 1, p:size(2) do
    local name = name_of(judged.classes, k)
    add("actual " .. name, result.labels:select(2, k):contiguous())
    add("predicted " .. name, predicted:select(2, k):contiguous())
    add("probability of " .. name, p:select(2, k):contiguous())
  end
end

local function add_pictures(add, judged, result)
  local pixels, right, overlaps = {}, {}, {}
  for i, matrix in ipairs(result.pictures) do
    pixels[i], right[i] = 0, metrics.of("accuracy", { matrix = matrix }) or 0 / 0
    for _, row in ipairs(matrix) do
      for _, count in ipairs(row) do pixels[i] = pixels[i] + math.tointeger(count) end
    end
    for class, one in ipairs(metrics.by_class(matrix)) do
      overlaps[class] = overlaps[class] or {}
      overlaps[class][i] = one.iou or 0 / 0
    end
  end
  add(judged.recipe.fields.task == "sequence" and "steps" or "pixels", pixels)
  add("accuracy", right)
  for class, list in ipairs(overlaps) do add("iou of " .. name_of(judged.classes, class), list) end
end

-- How many rows there are, and what is added of them; nil and why there is nothing to be said of a row alone.
local function kind_of(result, task)
  if result.pictures then return #result.pictures, add_pictures end
  local asked = result.y or result.labels
  if not asked or not (result.output or result.probabilities) then
    return nil, task == "detection" and "a picture has any number of boxes, and how they come from the outputs is the recipe's own"
      or ("a row of the task '%s' has no single answer"):format(task)
  end
  local width = asked.dtype == "int64" and asked:dim() == 1 and 1 or asked:numel() // math.max(1, #asked)
  if width > WIDE then return nil, ("%d numbers are asked for of each row, more than the %d that get columns"):format(width, WIDE) end
  return #asked, result.labels and add_labels or asked.dtype == "int64" and add_classes or add_values
end

-- Rows ------------------------------------------------------------------------------------------------------------------

-- The files of pictures, below the folder that they were found in; nil where they are in none.
local function files_of(set, rows)
  if not set or not set.item then return nil end
  local out, root = {}, set.path and set.path .. "/" or ""
  for i, row in ipairs(rows:tolist()) do
    local path = set:item(row).image
    out[i] = #root > 1 and path:sub(1, #root) == root and path:sub(#root + 1) or path:match "[^/]+$"
  end
  return out
end

--- What was said of each row.
-- @param judged  what runs/judged.lua gave
-- @return a Table: row (its position in what was read), the recipe's id or the picture's file, fold, and what came and what was said; nil and why
--         there is none
function predictions.of(judged)
  local result, id = judged.result, judged.recipe.fields.data.id
  local count, add_answers = kind_of(result, judged.recipe.fields.task)
  if not count then return nil, add_answers end
  if count == 0 then return nil, "the part that was judged has no rows" end
  if count > MOST then return nil, ("%d rows are more than the %d that are kept"):format(count, MOST) end
  local columns, rows = {}, judged.rows or core.arange(1, count)
  local function add(name, values) columns[#columns + 1] = { name, values } end
  add("row", rows)
  if id and judged.table and judged.table:has(id) then add("id", judged.table:rows(judged.places):column(id)) end
  local files = files_of(judged.set, judged.in_set or rows)
  if files then add("file", files) end
  if judged.fold then add("fold", judged.fold) end
  add_answers(add, judged, result)
  return Table.new(columns)
end

--- Writes predictions.csv into a run folder; where there is nothing to be written, that is said.
-- @param folder  of the run
-- @param judged  what runs/judged.lua gave
-- @param quiet   whether nothing is said
function predictions.write(folder, judged, quiet)
  local table_, why = predictions.of(judged)
  if table_ then return table_:write_csv(folder:file "predictions.csv") end
  if not quiet then io.stderr:write(("note: there is no predictions.csv: %s\n"):format(why)) end
end

return predictions
