--- A recipe made ready, fitted and judged: the one road of `moonlab run`, of each fold and of each trial.

local decide = require "moonlab.recipe.decide"
local failure = require "moonlab.failure"
local held_out = require "moonlab.assess.held_out"
local plans = require "moonlab.recipe.plan"
local prepare = require "moonlab.recipe.prepare"
local shapes = require "moonlab.recipe.shapes"
local tables = require "moonlab.recipe.tables"
local core = require "moonlab.core"

local Job = {}
Job.__index = Job

-- How many classes y has; false where y are none, nil where it is not said.
local function classes_of(self)
  if not self.plan.classes then return false end
  return self.classes and #self.classes or nil
end

--- Reads and cuts the data, fits the features, builds the model. Whatever is wrong with the recipe is found here.
-- @param recipe  the recipe
-- @param read    what prepare.read gave, where it was called already
-- @param fold    one of prepare.folds, or nil for the recipe's own split
-- @param data    what takes the place of prepare.data, where parts are kept
-- @return a job: .recipe, .plan, .parts, .counts, .classes, .normalise, .summary (of a network), .input = the shape of a row of x, .model
-- @error a failure with its exit status
function Job.prepare(recipe, read, fold, data)
  local self = setmetatable({ recipe = recipe, plan = plans.of(recipe) }, Job)
  local tabular = tables(recipe)
  if not tabular and not fold then -- headers tell whether the model fits, before anything is read
    self.summary, self.peek = shapes.check(recipe, self.plan)
  end
  self.read, self.fold = read or prepare.read(recipe), fold
  self.parts = (data or prepare.data)(recipe, self.read, fold)
  if not self.peek then self.summary, self.peek = shapes.check(recipe, self.plan, self.parts) end
  if self.plan.class_weights then self.plan.class_weights:fit(self.parts.train:labels()) end
  self.counts, self.classes, self.normalise = self.parts.counts, self.parts.classes, self.parts.normalise
  self.input = self.peek.x
  self.model = prepare.model(recipe, self.input)
  return self
end

--- The files that a recipe reads, with the hashes of their bytes.
-- @return a list of { path =, sha256 = }
function Job.files_of(recipe)
  local files, tabular = recipe.fields.data.source:files(), tables(recipe)
  if tabular then table.move(tabular.files(recipe), 1, 1, #files + 1, files) end
  return files
end

-- The optimizer of the model, or of several models one each, by name: their schedules go on together.
local function attach(recipe, model)
  local wish = recipe.fields.train.optimizer
  if not recipe.several then return wish:attach(model) end
  local all = {}
  function all:set_progress(progress, epochs)
    for name in pairs(wish) do self.lr = self[name]:set_progress(progress, epochs) end
    return self.lr
  end
  for name, optimizer in pairs(wish) do all[name] = optimizer:attach(model[name]) end
  return all
end

-- The names of the columns of x, where each has one; a tensor has one for all.
local function names_of(self)
  local names = self.parts.fields
  return names and #self.input == 1 and #names == self.input[1] and names or nil
end

-- A model that is solved: no epochs, one answer.
local function solve(self, hooks)
  local started = core.clock()
  local weights = self.parts.weights
  plans.guarded(self.recipe, { "model" }, function()
    self.model:fit(self.parts.train, { weight = weights and self.parts.train:column(weights), classes = classes_of(self) or nil, names = names_of(self) })
  end)
  local fitted = self.model.fitted or {}
  return setmetatable({ model = self.model, records = {}, steps = fitted.iterations or 0, stopped = "solved", fitted = fitted,
    seconds = core.clock() - started, state = {} }, { __index = hooks.methods })
end

--- Hooks of a fit that nobody watches.
Job.silent = { methods = { say = function() end, write = function() end }, progress = { step = function() end, clear = function() end, say = function() end } }

--- Fits the model to the training part, and to no other.
-- @param hooks  { progress = of the display, methods = what the recipe's hooks can call, on_record = function(run, record) }
-- @return the run, as train/trainer.lua gives it; of a model that is solved without records, .stopped = "solved", .fitted = what the solver says
function Job:train(hooks)
  if self.recipe.solved then return solve(self, hooks) end
  local wish, recipe = self.recipe.fields.train, self.recipe
  return require "moonlab.train.trainer".fit {
    model = self.model, optimizer = attach(recipe, self.model), loss = self.plan.loss, step = wish.step, train = self.parts.train,
    steps_in_all = wish.steps, steps_each = wish.steps and (wish.eval_every or math.max(1, wish.steps // 10)),
    methods = hooks.methods, source = recipe.fields.data.source, valid = self.parts.valid, batch = wish.batch, workers = wish.workers,
    by_length = wish.by_length, balanced = wish.balanced, weights = self.parts.weights,
    epochs = wish.epochs, patience = wish.patience, clip = wish.clip, accumulate = wish.accumulate, ema = wish.ema,
    augment = recipe.fields.augment, select = self.plan.select, metrics = self.plan.metrics, seed = recipe.fields.seed,
    classes = classes_of(self), values = self.plan.values, mean = self.plan.mean, pixels = self.plan.pixels, labels = self.plan.labels, progress = hooks.progress,
    on_epoch = wish.on_epoch, on_batch = wish.on_batch, on_record = hooks.on_record,
  }
end

--- Fits the model, and then how it answers: job.decision, where the recipe calibrates or counts costs.
-- @param hooks  of train
-- @return what train gives
function Job:fit(hooks)
  local run = self:train(hooks)
  if not run.problem then self.decision = decide(self, hooks) end
  return run
end

--- Judges the fitted model on the held-out part: see assess/held_out.lua.
function Job:judge() return held_out.model(self.model, self.parts, self.plan, self.decision) end

--- The failure of a training that ended early, or nil.
-- @param run  what fit gave
function Job.stopped_early(run)
  if not run.problem then return nil end
  if run.stopped == "interrupted" then return ("interrupted in epoch %d, after step %d"):format(run.epoch, run.steps) end
  return failure.message_of(run.problem)
end

return Job
