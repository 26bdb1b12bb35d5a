--- The outputs of held-out rows, fold by fold, put together: each row as the model said it that was not fitted to it.

local core = require "moonlab.core"
local Result = require "moonlab.metrics.result"

local pooled = {}

local ops = core.ops
local KEPT = { "y", "labels", "output", "probabilities", "predicted", "weight" }

--- What one fold hands on of its result: tensors by name.
-- @param result  what metrics.evaluate gave for the fold's test rows
function pooled.outputs(result)
  local out = {}
  for _, name in ipairs(KEPT) do out[name] = result[name] end
  if result.threshold then out.predicted = Result.predicted(result) end -- each fold has its own
  return out
end

-- A column of all folds; nil where a fold does not have it.
local function joined(list, name)
  local parts = {}
  for k, one in ipairs(list) do
    if not one[name] then return nil end
    parts[k] = one[name]
  end
  return #parts > 0 and ops.cat(parts, 1) or nil
end
pooled.joined = joined

-- The counts of all folds together.
local function added(list)
  local sum
  for _, matrix in ipairs(list) do
    local one = core.tensor(matrix, { dtype = "float64" })
    sum = sum and sum + one or one
  end
  return sum and sum:tolist()
end

-- The mean loss over the rows of all folds; nil where a fold has none.
local function loss_of(folds)
  local sum, rows = 0, 0
  for _, fold in ipairs(folds) do
    if not fold.loss then return nil end
    sum, rows = sum + fold.loss * fold.rows, rows + fold.rows
  end
  return rows > 0 and sum / rows or nil
end

--- The results of folds as one.
-- @param folds  by fold: { rows =, loss = or nil, classes = how many or nil, matrix = of pixels, whose outputs are not kept, pictures = the
--               same of each mask }
-- @param list   by fold: what outputs gave
-- @return what metrics.of takes
function pooled.result(folds, list)
  local out = { rows = 0, loss = loss_of(folds), classes = folds[1] and folds[1].classes }
  for _, name in ipairs(KEPT) do out[name] = joined(list, name) end
  for _, fold in ipairs(folds) do out.rows = out.rows + fold.rows end
  if out.y and not out.output and not out.probabilities then -- some folds could be calibrated, others not
    local parts = {}
    for k, one in ipairs(list) do parts[k] = Result.probabilities(one) end
    out.probabilities = ops.cat(parts, 1)
  end
  if out.y or out.labels then return out end
  local matrices, pictures = {}, {}
  for k, fold in ipairs(folds) do
    matrices[k] = fold.matrix
    table.move(fold.pictures or {}, 1, fold.pictures and #fold.pictures or 0, #pictures + 1, pictures)
  end
  out.matrix = #matrices == #folds and added(matrices) or nil
  out.pictures = #pictures == out.rows and #pictures > 0 and pictures or nil
  return out
end

return pooled
