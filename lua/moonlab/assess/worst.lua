--- The rows that a model is most wrong about: to be looked at, as labels that are wrong are often among them.

local options = require "moonlab.options"
local Result = require "moonlab.metrics.result"

local worst = {}

local NOTHING = 1e-9 -- of the largest loss: what right answers lose by rounding

local parse = options("assess.worst", { { "n", "count", 10 } }, "ml.assess.worst(result, {n = 10})")

-- What each row of a result loses, and f(row) -> what is told of it.
local function of_classes(result)
  local losses = -Result.log_probabilities(result):gather(2, result.y:reshape { -1, 1 }):reshape { -1 }
  local predicted, p = Result.predicted(result), Result.probabilities(result)
  return losses, function(row)
    local actual, answer = result.y:select(1, row):item(), predicted:select(1, row):item()
    return { actual = actual, predicted = answer, probability = p:select(1, row):select(1, actual):item() }
  end
end

local function of_numbers(result)
  local off = (result.output - result.y):abs()
  if off:dim() > 1 then off = off:flatten(2):mean(2) end
  return off, function(row)
    if result.y:dim() > 1 then return {} end
    return { actual = result.y:select(1, row):item(), predicted = result.output:select(1, row):item() }
  end
end

-- Of rows with any number of labels: lists of those that are there.
local function of_labels(result)
  local wrong = result.output * (1 - 2 * result.labels:double()) -- the logit of what did not come
  local predicted = Result.predicted(result)
  local function places(labels, row)
    local list = {}
    for k, there in ipairs(labels:select(1, row):tolist()) do
      if there == 1 then list[#list + 1] = k end
    end
    return list
  end
  return wrong:softplus():mean(2), function(row) return { actual = places(result.labels, row), predicted = places(predicted, row) } end
end

--- The rows with the largest losses: of classes by the logarithm of the probability of the class that came (of labels the mean over them), of
-- numbers by the absolute error.
-- @param result  what metrics.evaluate gave
-- @param o       { n = 10: how many rows }
-- @return a list, the worst first, without rows that lose nothing beside the worst one, of { row = its position, loss =, actual =, predicted = (of labels lists), probability = of the actual
--         class }; nil and why
-- @usage ml.assess.worst(ml.metrics.evaluate(model, test))[1].row
function worst.worst(result, o)
  o = parse(o)
  local values = result.y and result.y.dtype == "float64"
  local lacks = Result.lacks(result, result.labels and "label_scores" or values and "values" or "probabilities")
  if lacks then return nil, lacks end
  local losses, tell = (result.labels and of_labels or values and of_numbers or of_classes)(result)
  local sorted, rows = losses:sort(1, { descending = true })
  local out = {}
  for i = 1, math.min(o.n, #rows) do
    local row, loss = rows:select(1, i):item(), sorted:select(1, i):item()
    if loss <= NOTHING * sorted:select(1, 1):item() then break end
    out[i] = tell(row)
    out[i].row, out[i].loss = row, loss
  end
  return out
end

return worst
