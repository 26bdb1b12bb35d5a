--- Fits how a recipe's model answers (assess.calibrate, assess.cost) to rows that neither trained it nor will judge it: the validation part, or
-- where that is judged, or there is none, the rows that are held out in folds of the training part.

local failure = require "moonlab.failure"
local decision = require "moonlab.assess.decision"
local metrics = require "moonlab.metrics"
local plan = require "moonlab.recipe.plan"
local pooled = require "moonlab.assess.pooled"
local prepare = require "moonlab.recipe.prepare"
local tables = require "moonlab.recipe.tables"

local FOLDS = 5

local function inner_cv(recipe)
  local grouped = recipe.fields.data.group ~= nil
  if recipe.fields.data.time then return require "moonlab.split.time_series_folds".time_series_folds(FOLDS) end
  return require "moonlab.split.kfold".kfold(FOLDS, { stratify = not grouped, group = grouped or nil })
end

-- The training rows of a job, as prepare.folds takes them.
local function training_rows(job)
  if tables(job.recipe) then return job.parts.places.train end
  return (job.fold or prepare.cut(job.recipe, job.read.given)).train
end

-- What models that were fitted to four fifths of the training rows say of the others.
local function of_folds(job, wished_by, hooks)
  local Job, recipe = require "moonlab.recipe.job", job.recipe
  local folds = prepare.folds(recipe, job.read, { cv = inner_cv(recipe), within = training_rows(job), field = wished_by })
  local facts, outputs = {}, {}
  for i = 1, folds.count do
    local inner = Job.prepare(recipe, job.read, folds.at(i))
    hooks.progress:say(("%s: fold %d of %d of the training part"):format(wished_by[2], i, folds.count))
    local run = inner:train(Job.silent)
    if run.problem then failure.raise(run.stopped, "%s", Job.stopped_early(run)) end
    local result = metrics.evaluate(inner.model, inner.parts.test, plan.evaluation(inner.plan, inner.classes))
    facts[i], outputs[i] = { rows = result.rows, classes = result.classes }, pooled.outputs(result)
  end
  return pooled.result(facts, outputs), ("%d folds of the training part"):format(folds.count)
end

--- Fits it, where the recipe wishes one.
-- @param job    with a fitted model
-- @param hooks  of Job:fit
-- @return what assess/decision.lua gives, or nil
-- @error a failure: a matrix of costs that is not for these classes, folds that can't be made
return function(job, hooks)
  local wish = job.plan.decision
  if not wish then return nil end
  if wish.costs and job.classes and #wish.costs ~= #job.classes then
    plan.blame(job.recipe, { "assess", "cost" }, "cost: there are %d classes, so that it must be a matrix of %d x %d: cost[actual][predicted]", #job.classes, #job.classes,
      #job.classes)
  end
  local parts = job.parts
  if parts.test and parts.valid then
    return decision.fit(wish, metrics.evaluate(job.model, parts.valid, plan.evaluation(job.plan, job.classes)), "the validation part")
  end
  return decision.fit(wish, of_folds(job, { "assess", wish.calibrate and "calibrate" or "cost" }, hooks))
end
