--- The score over the number of training rows, of a model that is solved: it has no epochs, and this is what tells whether more rows would help.
-- Features and model are fitted anew to a tenth, a fifth, ... of the training part, each part within the next.

local core = require "moonlab.core"
local metrics = require "moonlab.metrics"
local plans = require "moonlab.recipe.plan"
local prepare = require "moonlab.recipe.prepare"
local tables = require "moonlab.recipe.tables"

local by_rows = {}

local SHARES = { 0.1, 0.2, 0.4, 0.7, 1 }
local FEWEST = 20     -- rows that are trained on
local CHEAP = 1e5     -- numbers and letters of the training and the judged part together, up to which it is done unasked
local NOTABLE = 0.01  -- a score that got better by more than this part of itself, from two fifths of the rows to all, is still rising

-- Some rows of the training part: the latest where rows have times, else those that come first by the seed.
local function some_of(job, n)
  local all = #job.parts.train
  if job.recipe.fields.data.time then
    local _, order = job.parts.table:rows(job.parts.places.train):column(job.recipe.fields.data.time).values:sort(1, { descending = true })
    return (order:slice(1, 1, n):sort(1))
  end
  return (core.random_permutation(core.random_key(job.recipe.fields.seed, "learning curve"), all):slice(1, 1, n):sort(1))
end

-- The parts of a job with fewer training rows, as prepare.data takes them.
local function with_rows(job, rows)
  if tables(job.recipe) then
    local places = job.parts.places
    return { train = places.train:index_select(1, rows), valid = places.valid, test = places.test }
  end
  local cut = prepare.cut(job.recipe, job.read.given)
  return { train = cut.train:part(rows, cut.train.name .. "/rows"), valid = cut.valid, test = cut.test }
end

-- The scores of the judged part and of the training rows, decided as the whole model decides.
local function scores_of(job, metric, part, decision)
  local options = plans.evaluation(job.plan, job.classes)
  local function score_of(set)
    local said = metrics.evaluate(job.model, set, options)
    return metrics.of(metric, decision and decision:apply(said) or said)
  end
  return score_of(job.parts[part]), score_of(job.parts.train)
end

-- A point of the curve; nil where the rows are too few for the model or the metric.
local function point(job, n, metric, part)
  if n == #job.parts.train then
    local score, own = scores_of(job, metric, part, job.decision)
    return score and { rows = n, score = score, train = own }
  end
  local Job, made = require "moonlab.recipe.job", nil
  local ok, problem = pcall(function()
    local small = Job.prepare(job.recipe, job.read, with_rows(job, some_of(job, n)))
    small:train(Job.silent)
    local score, own = scores_of(small, metric, part, job.decision)
    made = score and { rows = n, score = score, train = own }
  end)
  if not ok and require "moonlab.failure".is_interrupt(problem) then error(problem, 0) end
  return made
end

-- Numbers and letters of the training and the judged part.
local function values_in(job, part)
  local a_row = 0
  for _, column in ipairs(job.parts.table and job.parts.table:columns() or {}) do a_row = a_row + (column.bytes and #column.bytes / #column or 1) end
  if a_row == 0 then
    a_row = 1
    for _, size in ipairs(job.input) do a_row = a_row * size end
  end
  return (#job.parts.train + #job.parts[part]) * a_row
end

--- Computes the curve of a run, where its recipe asks for it or it is cheap.
-- @param job   with a fitted model
-- @param part  that is judged
-- @return { metric =, part =, points = list of { rows =, score =, train = score of the rows that it was fitted to } }, nil where there is none
function by_rows.of(job, part)
  local wish, metric = job.recipe.fields.assess.learning_curve, job.plan.metrics[1]
  if not job.recipe.solved or wish == false or not wish and values_in(job, part) > CHEAP or not metrics.is(metric) or metric == "loss" then return nil end
  local out = { metric = metric, part = part, points = {} }
  for _, share in ipairs(SHARES) do
    local n = math.ceil(#job.parts.train * share)
    out.points[#out.points + 1] = n >= FEWEST and point(job, n, metric, part) or nil
  end
  return #out.points > 2 and out or nil
end

--- A word on what more rows would bring.
function by_rows.word(found)
  local last, before = found.points[#found.points], found.points[math.max(1, #found.points - 2)]
  local better = (last.score - before.score) * (metrics.larger_is_better(found.metric) and 1 or -1)
  local from = ("from %d to %d training rows %s of the %s part went from %.4g to %.4g"):format(before.rows, last.rows, found.metric, found.part, before.score, last.score)
  if better > NOTABLE * math.max(math.abs(last.score), 1e-12) then return from .. ": more rows may help." end
  return from .. ": more rows of the same kind would not help much."
end

return by_rows
