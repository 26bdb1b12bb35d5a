--- predictions.csv: what a run has said of each row that it was judged on, so that whatever else is asked of it needs no model.

local core = require "moonlab.core"
local identity = require "moonlab.runs.identity"
local Result = require "moonlab.metrics.result"
local Table = require "moonlab.table.table"

local predictions = {}

local MOST = 200000 -- rows

local function names_of(positions, classes)
  local out = {}
  for i, class in ipairs(positions:tolist()) do out[i] = classes and classes[class] or tostring(class) end
  return out
end

-- The columns: row, id, actual, predicted, and of classes the probability of the answer. nil where a row has no single answer, or there are
-- too many rows.
local function columns_of(job, result)
  local evaluated = result and result.result
  local y = evaluated and evaluated.y
  if not y or y:dim() ~= 1 or not evaluated.output or #y == 0 or #y > MOST then return nil end
  local columns = { { "row", identity.positions(job, result.part) or core.arange(1, #y) } }
  local id, parts = job.recipe.fields.data.id, job.parts
  if id and parts.table and parts.table:has(id) then columns[2] = { "id", parts.table:rows(parts.places[result.part]):column(id) } end
  local function add(name, values) columns[#columns + 1] = { name, values } end
  if y.dtype ~= "int64" then
    add("actual", y)
    add("predicted", evaluated.output:reshape { -1 })
    return columns
  end
  local predicted = Result.predicted(evaluated)
  add("actual", names_of(y, job.classes))
  add("predicted", names_of(predicted, job.classes))
  add("probability", Result.probabilities(evaluated):gather(2, predicted:reshape { -1, 1 }):reshape { -1 })
  return columns
end

--- Writes predictions.csv into a run folder, where there is one to be written.
-- @param folder  of the run
-- @param job     what was prepared
-- @param result  what job:judge gave, or nil
function predictions.write(folder, job, result)
  local columns = columns_of(job, result)
  if columns then Table.new(columns):write_csv(folder:file "predictions.csv") end
end

return predictions
