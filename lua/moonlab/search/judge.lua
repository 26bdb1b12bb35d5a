--- A recipe as a search sees it: asked for the spaces of a trial, and judged in a fold with the choices of a trial.

local core = require "moonlab.core"
local failure = require "moonlab.failure"
local folds = require "moonlab.assess.folds"
local json = require "moonlab.json"
local metrics = require "moonlab.metrics"
local plans = require "moonlab.recipe.plan"
local recipe_file = require "moonlab.recipe.file"
local Job = require "moonlab.recipe.job"
local methods = require "moonlab.search.methods"
local Ground = require "moonlab.search.ground"
local suggest = require "moonlab.suggest"
local Trials = require "moonlab.search.trials"

local Judge = {}
Judge.__index = Judge

local MEMORY = 1 << 30 -- that all processes together may keep of features
local LEAST_ROWS, MOST_RUNGS = 200, 4

-- The metric that ranks trials.
local function select_of(recipe, plan)
  local name = recipe.fields.search.select or plan.metrics[1]
  for _, known in ipairs(plan.metrics) do
    if known == name then return name end
  end
  if not metrics.is(name) then plans.blame(recipe, { "search", "select" }, "%s", suggest.unknown("metric", name, plan.metrics)) end
  plans.blame(recipe, { "search", "select" }, "the metric '%s' is not among assess.metrics: %s", name, table.concat(plan.metrics, ", "))
end

-- How often a third is taken of the epochs, or of the rows of a model that is solved.
local function rungs_of(recipe, ground)
  local wish, train = recipe.fields.search, recipe.fields.train
  if wish.method ~= "halving" then return 1 end
  local trials = wish.trials or methods.trials(wish.method)
  local rungs, whole = 1, recipe.solved and ground.folds.rows / LEAST_ROWS or train.steps or train.epochs
  while rungs < MOST_RUNGS and Trials.ETA ^ rungs <= trials and Trials.ETA ^ rungs <= whole do rungs = rungs + 1 end
  return rungs
end

--- Reads a recipe and what it stands on. What is wrong with the recipe is found here.
-- @param path     its file
-- @param options  { overrides =, seed =, jobs = }
-- @return a judge: .recipe, .plan, .select = the metric, .ground, .rungs, .hashes = { recipe =, data =, settings = }, .files
function Judge.new(path, options)
  local self = setmetatable({ path = path, options = options }, Judge)
  self.recipe = recipe_file.load(path, options)
  self.plan = plans.of(self.recipe)
  if not self.plan.loss then plans.blame(self.recipe, { "train", "step" }, "a recipe with a step of its own has no scores to be searched by") end
  self.select = select_of(self.recipe, self.plan)
  self.files = Job.files_of(self.recipe)
  self.ground = Ground.new(self.recipe, #self.files > 0, MEMORY // (options.jobs or 1))
  self.rungs = rungs_of(self.recipe, self.ground)
  self.source = self:source_of(self.recipe)
  local hashes = {}
  for i, file in ipairs(self.files) do hashes[i] = file.sha256 end
  self.hashes = { recipe = core.sha256_text(self.source), data = core.sha256_text(table.concat(hashes, "\n")),
    settings = json.encode(json.object { { "overrides", json.list(options.overrides or {}) }, { "seed", self.recipe.fields.seed } }) }
  return self
end

--- The same recipe on a part of its rows.
-- @param within  as Ground.new takes it
function Judge:on(within)
  local other = setmetatable({ loaded = false }, { __index = self })
  other.ground = Ground.new(self.recipe, #self.files > 0, self.ground.bytes, within)
  return other
end

--- The text of a recipe with that of the files that it requires.
function Judge:source_of(recipe)
  local parts = { recipe.source }
  for _, module in ipairs(recipe.modules) do parts[#parts + 1] = module.source end
  return table.concat(parts, "\0")
end

-- Runs the recipe's file anew.
local function load(self, suggestion)
  local recipe = recipe_file.load(self.path, { overrides = self.options.overrides, seed = self.options.seed, suggest = suggestion })
  if self:source_of(recipe) ~= self.source then failure.raise("data", "%s was changed while it was searched", self.path) end
  return recipe
end

--- The spaces that the recipe calls.
-- @param suggestion  function(entry) -> a choice
function Judge:ask(suggestion) return load(self, suggestion).spaces end

-- The choices of a trial, by the names of spaces.
local function given(choices) return function(entry) return choices[entry.name] end end

--- The recipe with the choices of a trial.
-- @param trial  of Trials.run
function Judge:recipe_of(trial) return load(self, given(trial.by_name)) end

-- The recipe of a task; the last one is kept, as its folds follow one another.
local function recipe_of(self, task)
  if self.loaded ~= task.trial then
    local recipe = load(self, given(task.choices))
    self.loaded, self.of_task, self.whole = task.trial, recipe, { steps = recipe.fields.train.steps, epochs = recipe.fields.train.epochs }
  end
  return self.of_task
end

-- The recipe with the epochs of a rung; gives the share of the rows that it takes.
local function cut_down(self, recipe, rung)
  local part = Trials.ETA ^ (rung - self.rungs)
  if recipe.solved then return part end
  for _, name in ipairs { "steps", "epochs" } do
    local whole = self.whole[name]
    recipe.fields.train[name] = whole and math.max(1, math.ceil(whole * part))
  end
  return 1
end

--- Fits and judges a trial on one fold: what a worker does.
-- @param task  { trial =, rung =, fold =, choices = }
-- @return what folds.run gives, with score = of the metric that ranks, or why there is none
function Judge:run(task)
  local recipe = recipe_of(self, task)
  local share = cut_down(self, recipe, task.rung)
  local read, fold, data = self.ground:fold(recipe, task.fold, share)
  local result = folds.run(recipe, read, fold, data)
  local score = result.scores[self.select]
  return { score = score == score and score or nil, why = result.why[self.select], scores = result.scores, whys = result.why, rows = result.rows,
    seconds = result.seconds, epochs = result.epochs }
end

return Judge
