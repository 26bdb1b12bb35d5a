--- What a trained model's outputs say of each row, in words of its task.

local core = require "moonlab.core"
local failure = require "moonlab.failure"
local evaluation = require "moonlab.metrics.evaluate"
local plans = require "moonlab.recipe.plan"
local Result = require "moonlab.metrics.result"

local answers = {}

local ROWS = 1024 -- that go through the model at once

--- The outputs for x, rows after rows.
-- @param run  what recipe/trained.lua gave
-- @param x    a tensor of rows
function answers.outputs(run, x)
  local parts, before = {}, core.set_grad_enabled(false)
  for from = 1, #x, ROWS do parts[#parts + 1] = run.model(x:slice(1, from, math.min(from + ROWS - 1, #x))) end
  core.set_grad_enabled(before)
  return core.ops.cat(parts, 1)
end

local function name_of(run, i) return run.classes and run.classes[i] or tostring(i) end

-- Numbers that stand for others by a link, as the logarithms of counts.
local function mean_of(run, out)
  local mean = plans.of(run.recipe).mean
  return mean and mean(out) or run.model.mean_of and run.model:mean_of(out) or out
end

local function of_numbers(run, out)
  local list = {}
  if run.task == "regression" then out = mean_of(run, out) end
  for i, row in ipairs(out:reshape({ #out, -1 }):tolist()) do list[i] = { value = #row == 1 and row[1] or row } end
  return list
end

-- As they were decided when the run was judged.
local function of_classes(run, out)
  local result, list = { rows = #out, output = out:double(), classes = #run.classes }, {}
  if run.decision then result = run.decision:apply(result) end
  local predicted = Result.predicted(result)
  local values = Result.probabilities(result):gather(2, predicted:reshape { -1, 1 }):reshape({ -1 }):tolist()
  for i, class in ipairs(predicted:tolist()) do list[i] = { class = run.classes[class], probability = values[i] } end
  return list
end

-- Each label with its probability, and those that are answered.
local function of_labels(run, out)
  local list = {}
  for i, row in ipairs(out:double():sigmoid():tolist()) do
    local labels, entries = {}, {}
    for k, p in ipairs(row) do
      entries[k] = { name_of(run, k), p }
      if p > 0.5 then labels[#labels + 1] = name_of(run, k) end
    end
    list[i] = { labels = labels, entries = entries }
  end
  return list
end

-- The part of the pixels that each class has.
local function of_masks(run, out)
  local classes, best, list = out:size(2), out:argmax(2):flatten(2), {}
  for i = 1, #out do
    local counts, entries = best:select(1, i):bincount({ minlength = classes }):tolist(), {}
    for k = 1, classes do entries[k] = { name_of(run, k), counts[k] / best:size(2) } end
    list[i] = { entries = entries }
  end
  return list
end

-- The class of each step, as many as a row has.
local function of_steps(run, out, lengths)
  local list, best = {}, out:argmax(2):tolist()
  lengths = lengths and lengths:tolist()
  for i, row in ipairs(best) do
    local names = {}
    for t = 1, lengths and lengths[i] or #row do names[t] = name_of(run, row[t]) end
    list[i] = { value = names }
  end
  return list
end

local function has_steps(run, out)
  return run.task == "sequence" and run.classes and run.recipe.fields.train.loss ~= "ctc" and out:dim() == 3 and out:size(2) == #run.classes
end

local function kind_of(run, out)
  if has_steps(run, out) then return of_steps end
  if run.task == "multilabel" then return of_labels end
  if run.task == "segmentation" and out:dim() > 2 then return of_masks end
  if not run.classes or out:dim() > 2 then return of_numbers end
  return of_classes
end

-- How outputs become boxes stands in no file.
local function check_task(run)
  if run.task == "detection" then
    failure.raise("usage", "predict: how the outputs of %s become boxes is its recipe's own; see its assess.score", run.recipe.fields.name)
  end
end

--- One answer a row: { class =, probability = }, { value = a number, or a list of numbers or of the classes of steps }, { labels = names, entries = { { label, probability }, ... } }, of
-- masks { entries = { { class, part of the pixels }, ... } }.
-- @param run  what recipe/trained.lua gave
-- @param x    a tensor of rows
-- @return a list
-- @error a failure with status 2: the model finds boxes
function answers.of(run, x)
  check_task(run)
  local out = answers.outputs(run, x)
  return kind_of(run, out)(run, out)
end

--- The same of the rows of a data set.
function answers.of_set(run, set)
  check_task(run)
  local list, before = {}, core.set_grad_enabled(false)
  local ok, problem = pcall(function()
    for batch in set:batches { size = ROWS // 4, pass = 0 } do
      local out = evaluation.forward(run.model, batch)
      local some = kind_of(run, out)(run, out, batch.lengths)
      table.move(some, 1, #some, #list + 1, list)
    end
  end)
  core.set_grad_enabled(before)
  if not ok then error(problem, 0) end
  return list
end

return answers
