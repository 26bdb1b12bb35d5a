--- What a recipe's names stand for: the loss, the metrics, the thresholds, checked against each other before anything
-- runs.

local blame = require "moonlab.blame"
local failure = require "moonlab.failure"
local locate = require "moonlab.recipe.locate"
local losses = require "moonlab.train.losses"
local metrics = require "moonlab.metrics"

local plan = {}

-- What outputs are that a Poisson loss takes for logarithms of counts.
local function exponential(output) return output:exp() end

-- The metrics of a task that asks for none.
local DEFAULT_METRICS = { multiclass = { "accuracy", "f1_macro" }, binary = { "accuracy", "f1", "auc" }, regression = { "rmse", "mae", "r2" },
  segmentation = { "accuracy", "mean_iou" }, multilabel = { "f1_micro", "subset_accuracy", "hamming_loss" },
  sequence = { "accuracy", "f1_macro" } }

-- Tasks whose y are classes, one a row: then there are a matrix and a baseline.
local CLASSES = { multiclass = true, binary = true }

--- Raises with the place of a field in the recipe's text.
-- @param recipe  the recipe
-- @param path    names from the outside in
-- @param format  as for string.format, with its arguments
function plan.blame(recipe, path, format, ...)
  local position = { file = recipe.file, line = recipe.line }
  failure.raise("error", "%s:%d: %s", recipe.chunk, locate.field(position, path), format:format(...))
end

--- Runs f; what goes wrong in it is said with the place of a field.
function plan.guarded(recipe, path, f)
  local ok, problem = pcall(f)
  if ok then return end
  if type(problem) ~= "string" or failure.is_interrupt(problem) then error(problem, 0) end
  plan.blame(recipe, path, "%s", (blame.strip(problem)))
end

local KIND = { classes = "classes", probabilities = "classes", scores = "classes", label_scores = "any number of labels", values = "numbers" }
local OF_TASK = { binary = "classes", multiclass = "classes", regression = "numbers" }

-- The metric's name with its options in it, of a name or a table.
local function metric_name(recipe, path, given)
  local name
  plan.guarded(recipe, path, function() name = metrics.name(given) end)
  local task = recipe.fields.task
  local kind, wanted = KIND[metrics.looks_at(name)], OF_TASK[task]
  if kind and wanted and kind ~= wanted then
    plan.blame(recipe, path, "the metric '%s' is of %s, and the task '%s' has %s: %s", name, kind, task, wanted, table.concat(DEFAULT_METRICS[task], ", "))
  end
  return name
end

local function thresholds(recipe)
  local out, accept = {}, recipe.fields.problem.accept
  for name in pairs(accept) do out[#out + 1] = tostring(name) end
  table.sort(out)
  for i, name in ipairs(out) do
    local metric = name -- of a metric, or one of those that the recipe's own assess.score gives
    if not recipe.fields.assess.score or metrics.is(name) then metric = metric_name(recipe, { "problem", "accept", name }, name) end
    if type(accept[name]) ~= "number" then
      plan.blame(recipe, { "problem", "accept", name }, "the threshold of '%s' must be a number", name)
    end
    out[i] = { metric = metric, threshold = accept[name] }
  end
  return out
end

-- A schedule that looks at the validation score has one to look at.
local function check_schedule(recipe)
  local schedule = not recipe.several and not recipe.solved and recipe.fields.train.optimizer.options.schedule
  if schedule and schedule.observe and recipe.fields.split.valid == 0 then
    plan.blame(recipe, { "train", "optimizer" },
      "ml.optim.%s follows the validation score: split.valid must be above 0", schedule.name)
  end
end

-- The loss that a recipe names, or that its model stands for: of several classes not that of two.
local function wanted_loss(recipe)
  local own = recipe.solved and recipe.fields.model.loss_name or nil
  if own == "bce_with_logits" and recipe.fields.task == "multiclass" then own = "cross_entropy" end
  return recipe.fields.train.loss or own
end

-- A model that is solved answers some tasks and no others.
local function check_task(recipe)
  local tasks = recipe.solved and recipe.fields.model.tasks
  for _, task in ipairs(tasks or {}) do
    if task == recipe.fields.task then return end
  end
  if not tasks then return end
  local advice = #tasks == 0 and "it learns without a target: fit it by hand" or "it is for " .. table.concat(tasks, " and ")
  plan.blame(recipe, { "model" }, "%s does not answer the task '%s': %s", recipe.fields.model._name, recipe.fields.task, advice)
end

-- How answers are decided: { calibrate = method, costs = matrix }, or nil where the scores decide as they are.
local function decision_of(recipe)
  local wish, costs = recipe.fields.assess, nil
  for _, name in ipairs { "calibrate", "cost" } do
    if wish[name] and recipe.fields.train.step then
      plan.blame(recipe, { "assess", name }, "assess.%s is for a model that is judged by its answers, and train.step is a way of one's own", name)
    end
    if wish[name] and not CLASSES[recipe.fields.task] then
      plan.blame(recipe, { "assess", name }, "assess.%s is for the tasks binary and multiclass, not '%s'", name, recipe.fields.task)
    end
  end
  if wish.cost then plan.guarded(recipe, { "assess", "cost" }, function() costs = require "moonlab.assess.decision".costs(wish.cost) end) end
  if costs and recipe.fields.task == "binary" and #costs ~= 2 then
    plan.blame(recipe, { "assess", "cost" }, "cost: a binary task has two classes: { false_positive = 1, false_negative = 5 }")
  end
  return (wish.calibrate or costs) and { calibrate = wish.calibrate, costs = costs } or nil
end

--- Makes the plan of a recipe.
-- @param recipe  what ml.recipe gave
-- @return { loss = function, loss_name =, follows_shape = whether one score a row makes it bce_with_logits, class_weights = of the loss, or nil, metrics = names, select = name, accept = {{metric =, threshold =}, ...},
--         classes = whether y are classes, values = whether they are numbers that are asked for, pixels = whether they are masks, or classes of the steps
--         of a sequence, labels = whether they are 0 and 1 for each label,
--         score = function(model, set) -> further scores by name, or nil, season = rows or nil, mean = of outputs that stand for numbers by a link, or nil,
--         decision = { calibrate =, costs = } or nil }; without loss and metrics where the recipe has a step of its own
-- @error a failure with the recipe's line: an unknown loss or metric, a threshold that is no number
function plan.of(recipe)
  local fields = recipe.fields
  check_task(recipe)
  if fields.split.stratify and fields.task == "multilabel" then
    plan.blame(recipe, { "split", "stratify" }, "rows with any number of labels have no one class to be stratified by; leave it out")
  end
  if fields.train.balanced and not CLASSES[fields.task] then
    plan.blame(recipe, { "train", "balanced" }, "balanced draws each class equally often, and rows of the task '%s' have none", fields.task)
  end
  local decision = decision_of(recipe)
  if fields.train.step then
    if next(fields.train.loss_options) then
      plan.blame(recipe, { "train", "loss_options" }, "loss_options belong to a loss by name; train.step has its own")
    end
    return { loss_name = "step", metrics = {}, select = "loss", accept = thresholds(recipe), classes = false }
  end
  local own = recipe.solved and not fields.train.loss and fields.model.loss_options -- of a loss that the model stands for
  local ok, loss, loss_name, class_weights, follows = pcall(losses.of, wanted_loss(recipe), fields.task, own and own(fields.model) or fields.train.loss_options)
  if not ok then plan.blame(recipe, { "train", "loss" }, "%s", loss) end
  local steps = fields.task == "sequence" and loss_name ~= "ctc" and loss_name ~= "function" -- a class for each, in the place of pixels
  local wanted = fields.assess.metrics or loss_name == "next_symbol" and { "loss", "perplexity" } or fields.task == "sequence" and not steps and { "loss" }
    or DEFAULT_METRICS[fields.task] or { "loss" }
  local names = {}
  if #wanted == 0 then plan.blame(recipe, { "assess", "metrics" }, "the list of metrics is empty; without it there are those of the task") end
  for i, given in ipairs(wanted) do names[i] = metric_name(recipe, { "assess", "metrics" }, given) end
  local select = metric_name(recipe, { "train", "select" }, fields.train.select or names[1] or "loss")
  check_schedule(recipe)
  return { loss = loss, loss_name = loss_name, follows_shape = follows, class_weights = class_weights, metrics = names, select = select, accept = thresholds(recipe),
    classes = CLASSES[fields.task] or false, values = fields.task == "regression", pixels = fields.task == "segmentation" or steps, labels = fields.task == "multilabel", score = fields.assess.score,
    season = fields.assess.season, decision = decision, mean = loss_name == "poisson_nll" and fields.train.loss_options.log_input ~= false and exponential or nil }
end

--- What metrics.evaluate is told of a plan.
-- @param job      what plan.of gave
-- @param classes  their names, or nil
function plan.evaluation(job, classes)
  return { loss = job.loss, values = job.values, mean = job.mean, pixels = job.pixels, pictures = job.pixels, labels = job.labels, classes = job.classes and (classes and #classes or nil) }
end

return plan
