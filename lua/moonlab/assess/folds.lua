--- Cross-validation of a recipe: in each fold all that is fitted is fitted anew, to the fold's own training rows.

local core = require "moonlab.core"
local failure = require "moonlab.failure"
local Job = require "moonlab.recipe.job"

local folds = {}

--- Fits and judges a recipe on one fold.
-- @param recipe  the recipe
-- @param read    what prepare.read gave
-- @param fold    one of prepare.folds
-- @param data    what takes the place of prepare.data, where parts are kept
-- @return plain values, which go from process to process: { rows =, scores = by name, why = (it is undefined, by name), baseline = { class =,
--         scores = } or nil, seconds =, epochs = or nil, notes = what the solver says, decision = lines on it, or nil, threshold = of it, loss =,
--         classes = how many, matrix =, pictures = of pixels }; what job:judge gave;
--         the job
-- @error a failure: what the model or the data are wrong with, diverged, interrupted
function folds.run(recipe, read, fold, data)
  local started = core.clock()
  local job = Job.prepare(recipe, read, fold, data)
  local run = job:fit(Job.silent)
  if run.problem then failure.raise(run.stopped, "%s", Job.stopped_early(run)) end
  local result = job:judge()
  local evaluated = result.result
  return { rows = result.rows, scores = result.scores, why = result.why, metrics = result.metrics,
    baseline = result.baseline and { class = result.baseline.class, scores = result.baseline.scores }, naive = result.naive,
    seconds = core.clock() - started, epochs = #run.records > 0 and #run.records or nil, notes = run.fitted and run.fitted.notes,
    decision = job.decision and job.decision:lines(job.classes), threshold = job.decision and job.decision.threshold,
    loss = evaluated.loss, classes = evaluated.classes, matrix = not evaluated.y and evaluated.matrix or nil, pictures = evaluated.pictures }, result, job
end

-- Mean and sample deviation of a list; nil for fewer values than it takes.
local function moments(values)
  local sum, squares = 0, 0
  for _, v in ipairs(values) do sum = sum + v end
  local mean = #values > 0 and sum / #values or nil
  for _, v in ipairs(values) do squares = squares + (v - mean) ^ 2 end
  return mean, #values > 1 and math.sqrt(squares / (#values - 1)) or nil
end

-- The baselines of series that every fold has: a list of { name =, mean = of a metric }.
local function naive_of(list, metric)
  local out = {}
  for i, one in ipairs(list[1] and list[1].naive or {}) do
    local values = {}
    for _, fold in ipairs(list) do values[#values + 1] = fold.naive[i] and fold.naive[i].name == one.name and fold.naive[i].scores[metric] or nil end
    if #values == #list then out[#out + 1] = { name = one.name, mean = (moments(values)) } end
  end
  return out
end

--- Mean and spread over folds.
-- @param list   what folds.run gave for each fold, in their order
-- @param names  of the metrics
-- @return a list of { metric =, mean =, std = (of a sample), values = one a fold, baseline = its mean, naive = of series a list of { name =, mean = },
--         why = where it is undefined in a fold }
function folds.summary(list, names)
  local out = {}
  for i, name in ipairs(names) do
    local one, baselines = { metric = name, values = {} }, {}
    for k, fold in ipairs(list) do
      one.values[k] = fold.scores[name]
      if fold.scores[name] == nil then one.why = one.why or ("fold %d: %s"):format(k, fold.why[name] or "undefined") end
      baselines[#baselines + 1] = fold.baseline and fold.baseline.scores[name]
    end
    if not one.why then one.mean, one.std = moments(one.values) end
    one.baseline = #baselines == #list and moments(baselines) or nil
    one.naive = naive_of(list, name)
    out[i] = one
  end
  return out
end

return folds
