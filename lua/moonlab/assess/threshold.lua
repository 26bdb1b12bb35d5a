--- From which probability on class 2 is answered: chosen by what errors cost, or so that a metric is largest, on rows that neither trained the
-- model nor will judge it.

local blame = require "moonlab.blame"
local metrics = require "moonlab.metrics"
local options = require "moonlab.options"
local Result = require "moonlab.metrics.result"

local threshold = {}

local Threshold = { __name = "Threshold" }
Threshold.__index = Threshold

local function check_cost(cost)
  for i = 1, 2 do
    for j = 1, 2 do
      if type(cost[i]) ~= "table" or type(cost[i][j]) ~= "number" then
        blame.raise "assess.threshold: cost is what each answer costs, cost[actual][predicted]: {{0, 1}, {5, 0}}"
      end
    end
  end
end

-- f(matrix[actual][predicted]) for each threshold that differs, from one that answers class 1 always: the best one, its value and matrix.
-- Thresholds lie half-way between scores.
local function best_of(result, f)
  local probabilities = { rows = result.rows, y = result.y, weight = result.weight, scores = Result.scores(result, 2, true), cache = {} }
  local scores, hits, wrong = Result.steps(probabilities, 2)
  scores, hits, wrong = scores:tolist(), hits:tolist(), wrong:tolist()
  local positives, negatives = hits[#hits], wrong[#wrong]
  local best, best_value
  local matrix = { {}, {} } -- one for all, there may be a million
  local function fill(k)
    local p, q = hits[k] or 0, wrong[k] or 0
    matrix[1][1], matrix[1][2], matrix[2][1], matrix[2][2] = negatives - q, q, positives - p, p
    return matrix
  end
  for k = 0, #scores do
    local value = f(fill(k))
    if value and (not best_value or value > best_value) then best, best_value = k, value end
  end
  if not best then return nil end
  local between = best == 0 and math.huge or best == #scores and 0 or (scores[best] + scores[best + 1]) / 2
  return between, best_value, fill(best)
end

local parse = options("assess.threshold", { { "cost", "table" }, { "maximise", "any" } }, 'ml.assess.threshold(result, {cost = {{0, 1}, {5, 0}}})')

--- Chooses the threshold. By a cost, the least mean cost of a row (Elkan 2001); if the probabilities are right, that is `of_probabilities` =
-- (c12 - c11) / (c12 - c11 + c21 - c22), which is given beside it. Equal ones: the highest threshold.
-- @param result  what metrics.evaluate gave for rows that neither trained the model nor will judge it
-- @param o       { cost = {{0, 1}, {5, 0}}: cost[actual][predicted] } or { maximise = a metric of classes, "f1" }
-- @return { threshold = class 2 is answered from this probability on (math.huge: never), cost = a row's, or score =, matrix =, of_probabilities = },
--         with a method apply; nil and why where no threshold has a score
-- @usage ml.assess.threshold(ml.metrics.evaluate(model, valid), { maximise = "f1" }):apply(ml.metrics.evaluate(model, test))
function threshold.threshold(result, o)
  o = parse(o)
  if (o.cost == nil) == (o.maximise == nil) then blame.raise "assess.threshold: say what counts, either cost = {{0, 1}, {5, 0}} or maximise = 'f1'" end
  local lacks = Result.lacks(result, "probabilities")
  if lacks then return nil, lacks end
  if Result.classes(result) ~= 2 then return nil, ("there are %d classes, not two"):format(Result.classes(result)) end
  local out = setmetatable({ rows = result.rows }, Threshold)
  if o.cost then
    check_cost(o.cost)
    local c, all = o.cost, result.weight and result.weight:sum():item() or result.rows
    local value
    out.threshold, value, out.matrix = best_of(result, function(m)
      return -(m[1][1] * c[1][1] + m[1][2] * c[1][2] + m[2][1] * c[2][1] + m[2][2] * c[2][2]) / all
    end)
    out.cost = -value
    local wrong, missed = c[1][2] - c[1][1], c[2][1] - c[2][2]
    if wrong > 0 and missed > 0 then out.of_probabilities = wrong / (wrong + missed) end
    return out
  end
  local name = metrics.name(o.maximise)
  if not metrics.larger_is_better(name) then blame.raise("assess.threshold: of '%s' smaller values are the better ones", name) end
  local score, counted = metrics.reader(name), {}
  out.threshold, out.score, out.matrix = best_of(result, function(m)
    counted.matrix = m
    return (score(counted))
  end)
  if not out.threshold then return nil, select(2, metrics.of(name, { matrix = { { 0, 0 }, { 0, 0 } } })) end
  out.maximises = name
  return out
end

--- The result with classes answered by the threshold.
-- @param result  what metrics.evaluate gave for other rows, calibrated or not as those were that chose the threshold
-- @return a result
function Threshold:apply(result)
  local copy = Result.weighted(result, result.weight)
  copy.cache, copy.predicted, copy.threshold = {}, nil, self.threshold
  return copy
end

return threshold
