--- predictions.csv: what was said of each row that was judged, so that whatever else is asked of it needs no model.

local core = require "moonlab.core"
local Result = require "moonlab.metrics.result"
local Table = require "moonlab.table.table"

local predictions = {}

local MOST, WIDE = 200000, 50 -- rows; classes, or numbers of an answer, that get columns of their own

local function names_of(positions, classes)
  local out = {}
  for i, class in ipairs(positions:tolist()) do out[i] = classes and classes[class] or tostring(class) end
  return out
end

-- One class a row: the answer with its probability, and of more than two classes the probability of each.
local function add_classes(add, judged, result)
  local predicted, p = Result.predicted(result), Result.probabilities(result)
  add("actual", names_of(result.y, judged.classes))
  add("predicted", names_of(predicted, judged.classes))
  add("probability", p:gather(2, predicted:reshape { -1, 1 }):reshape { -1 })
  if p:size(2) <= 2 or p:size(2) > WIDE then return end
  for class = 1, p:size(2) do
    add("probability of " .. (judged.classes and judged.classes[class] or class), p:select(2, class):contiguous())
  end
end

-- Numbers: one a row, or several.
local function add_values(add, result)
  local y, output = result.y, result.output
  if y:dim() == 1 then
    add("actual", y)
    add("predicted", output:reshape { -1 })
    return
  end
  y, output = y:flatten(2), output:reshape { #y, -1 }
  for k = 1, y:size(2) do
    add("actual " .. k, y:select(2, k):contiguous())
    add("predicted " .. k, output:select(2, k):contiguous())
  end
end

local function is_table_of_answers(result)
  local y = result and result.y
  if not y or not (result.output or result.probabilities) or #y == 0 or #y > MOST then return false end
  return y:dim() == 1 or y.dtype == "float64" and y:numel() // #y <= WIDE
end

-- The columns: row, id, fold, what came and what was said. nil where a row has no answer that fits into columns, or there are too many rows.
local function columns_of(judged)
  local result = judged and judged.result
  if not is_table_of_answers(result) then return nil end
  local columns, id = {}, judged.recipe.fields.data.id
  local function add(name, values) columns[#columns + 1] = { name, values } end
  add("row", judged.rows or core.arange(1, #result.y))
  if id and judged.table and judged.table:has(id) then add("id", judged.table:rows(judged.places):column(id)) end
  if judged.fold then add("fold", judged.fold) end
  if result.y.dtype == "int64" then add_classes(add, judged, result) else add_values(add, result) end
  return columns
end

--- Writes predictions.csv into a run folder, where there is one to be written.
-- @param folder  of the run
-- @param judged  what runs/judged.lua gave, or nil
function predictions.write(folder, judged)
  local columns = columns_of(judged)
  if columns then Table.new(columns):write_csv(folder:file "predictions.csv") end
end

return predictions
