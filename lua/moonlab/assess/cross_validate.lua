--- ml.cross_validate: folds of a data set, without a recipe's file.

local blame = require "moonlab.blame"
local failure = require "moonlab.failure"
local folds = require "moonlab.assess.folds"
local options = require "moonlab.options"
local plans = require "moonlab.recipe.plan"
local prepare = require "moonlab.recipe.prepare"
local recipe = require "moonlab.recipe"
local spec = require "moonlab.split.spec"
local values = require "moonlab.split.values"
local team = require "moonlab.recipe.team"

local EXAMPLE = "ml.cross_validate {model = function() return ml.ridge() end, data = set, cv = ml.kfold(5)}"
local read_options = options("cross_validate", { { "model", "any" }, { "data", "any" }, { "cv", "any" }, { "metrics", "table" }, { "train", "table" },
  { "task", { "regression", "binary", "multiclass" } }, { "valid", "number" }, { "seed", "integer", 0 }, { "jobs", "count", 1 } }, EXAMPLE)

local Result = {}

function Result.__tostring(self)
  local lines = {}
  for i, one in ipairs(self.metrics) do
    lines[i] = one.mean and ("%-16s %.4f +- %.4f"):format(one.metric, one.mean, one.std or 0) or ("%-16s undefined: %s"):format(one.metric, one.why)
  end
  return table.concat(lines, "\n")
end

-- What is asked for, by what y is.
local function task_of(set, model)
  local y = set:column "y"
  if y.dtype ~= "int64" then return "regression" end
  local classes = set.classes and #set.classes or y:max():item()
  return classes == 2 and model.fits_directly and "binary" or "multiclass"
end

-- A recipe for a fold: its model is made anew.
local function recipe_of(o, model)
  return recipe { name = "cross-validation", task = o.task, seed = o.seed, data = { source = o.data }, split = { valid = o.valid }, model = model,
    train = o.train, assess = { cv = o.cv, metrics = o.metrics } }
end

local function check(o)
  if not o.model or not o.data then blame.raise("cross_validate: a model and data are needed: write %s", EXAMPLE) end
  if type(o.model) ~= "function" then
    blame.raise("cross_validate: model must be a function that makes it anew for each fold, as function() return ml.ridge() end, got %s", blame.show(o.model))
  end
  if not values.is_data_set(o.data) then
    blame.raise("cross_validate: data must be a data set, as ml.data.tensors {x = x, y = y} gives, got %s", blame.show(o.data))
  end
  if o.cv ~= nil and not spec.is(o.cv) then blame.raise("cross_validate: cv must be a way of making folds, as ml.kfold(5) gives, got %s", blame.show(o.cv)) end
end

local function validated(o)
  local model = o.model()
  if type(model) ~= "table" or not model.forward then blame.raise("cross_validate: model must return a module, it returned %s", blame.show(model)) end
  o.task = o.task or task_of(o.data, model)
  local first = recipe_of(o, model)
  local plan, read = plans.of(first), prepare.read(first)
  local list, done = prepare.folds(first, read), {}
  team.map("fold", o.jobs, list.count, function(i)
    return (folds.run(recipe_of(o, o.model()), read, list.at(i)))
  end, function(i, fold) done[i], fold.why = fold, fold.why or {} end)
  return setmetatable({ metrics = folds.summary(done, plan.metrics), folds = done }, Result)
end

--- Cross-validates a model on a data set: in each fold it is made and fitted anew.
-- @param o  { model = function() -> a module or a model that is solved, data = a data set, cv = ml.kfold(5), metrics = names (those of the task),
--           train = of a network, as in a recipe: { optimizer =, epochs =, batch =, loss = }, task = found from y if not given,
--           valid = part of the training rows that chooses the best weights (0.1 of a network), seed = 0, jobs = 1: processes }
-- @return { metrics = a list of { metric =, mean =, std =, values = one a fold, why = it is undefined }, folds = a list of { rows =, scores =, why = } };
--         it prints as a table
-- @error what a recipe raises; a data set without y
-- @usage ml.cross_validate { model = function() return ml.ridge() end, data = set, cv = ml.kfold(5), metrics = { "rmse" } }
return function(o)
  o = read_options(o)
  check(o)
  local ok, result = pcall(validated, o)
  if ok then return result end
  local message = not failure.is_interrupt(result) and failure.message_of(result)
  local without = message and message:match "^recipe:%d+: (.*)$" -- a line of a recipe's file, which there is not
  if without then blame.raise("cross_validate: %s", without) end
  error(result, 0)
end
