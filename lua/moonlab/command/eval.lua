--- moonlab eval RUN [DATA...]: the scores of a run's model on new labelled rows, or on its own held-out part again.

local failure = require "moonlab.failure"
local json = require "moonlab.json"
local held_out = require "moonlab.assess.held_out"
local Dataset = require "moonlab.data.tensors"
local pipeline = require "moonlab.features.pipeline"
local new_rows = require "moonlab.recipe.new_rows"
local plans = require "moonlab.recipe.plan"
local prepare = require "moonlab.recipe.prepare"
local trained = require "moonlab.recipe.trained"
local Job = require "moonlab.recipe.job"
local report = require "moonlab.command.report"
local identity = require "moonlab.runs.identity"
local looks = require "moonlab.runs.looks"
local vm = require "moonlab.vm"

-- y of the rows that are whole, as the model was trained on them.
local function targets(run, cleaned, path)
  local name = run.recipe.fields.data.target
  local column = cleaned.table:column(name)
  if not run.classes then
    if column.type ~= "number" and column.type ~= "integer" then failure.raise("data", "%s: the target '%s' is %s, but a regression needs numbers", path, name, column.type) end
    return column.values:to(run.recipe.fields.model.dtype or "float32"):unsqueeze(2)
  end
  local known = {}
  for _, class in ipairs(run.classes) do known[class] = true end
  for _, value in ipairs(column:text():unique():to_list()) do
    if not known[value] then failure.raise("data", "%s: the target '%s' has '%s', which is no class of the model: %s", path, name, tostring(value), table.concat(run.classes, ", ")) end
  end
  return column:text():category(run.classes).values
end

-- A file of rows with their target as a data set, and how many rows were left out.
local function set_of(run, path)
  if not run.pipeline then failure.raise("usage", "eval: %s was not trained on a table; leave the file out to judge its own held-out part", run.recipe.fields.name) end
  if vm.exists(path) ~= "file" then failure.raise("data", "eval: there is no file %s", path) end
  if not new_rows.is(path) then failure.raise("usage", "eval: %s: rows end in .csv, .tsv, .jsonl or .parquet", path) end
  local target = run.recipe.fields.data.target
  local table_, cleaned = new_rows.read(run, path, { [target] = run.classes and "text" or nil })
  if not table_:has(target) then failure.raise("data", "%s: the column '%s', the target, is missing: predict needs none", path, target) end
  local rows, whole = cleaned.table, nil
  rows, whole = pipeline.looking_back(run.pipeline, rows)
  if whole and not whole:all():item() then rows = rows:rows(whole) end
  local there = rows:column(target):missing_mask()
  if there and there:any():item() then rows = rows:rows(there:logical_not()) end
  if #rows == 0 then failure.raise("data", "%s: no row with a target is left", path) end
  local x = pipeline.x(pipeline.apply(run.pipeline, rows, path), run.recipe.fields.model.dtype, run.pipeline.sparse)
  return Dataset.tensors { x = x, y = targets(run, { table = rows }, path), classes = run.classes, name = path }, #table_ - #rows
end

local function judged_on_file(run, plan, path)
  local set, left_out = set_of(run, path)
  local result = held_out.model(run.model, { test = set, classes = run.classes }, plan, run.decision)
  result.part, result.left_out = path, left_out
  return result
end

-- The run's own held-out part, cut from the data as it was then.
local function judged_again(run, plan)
  local recipe = run.recipe
  local parts = prepare.data(recipe, prepare.read(recipe))
  local result = held_out.model(run.model, parts, plan, run.decision)
  if not result then failure.raise("usage", "eval: %s holds nothing out; name a file of labelled rows", recipe.fields.name) end
  if result.part == "test" then result.look = looks.add(identity.held_out({ recipe = recipe, parts = parts }, Job.files_of(recipe), result.result), recipe.fields.name) end
  return result
end

local function entries(result)
  local scores, accept = {}, json.list()
  for i, name in ipairs(result.metrics) do scores[i] = { name, result.scores[name] } end
  for i, one in ipairs(result.accept) do accept[i] = json.object { { "metric", one.metric }, { "threshold", one.threshold }, { "score", one.score }, { "met", one.met } } end
  return { { "data", result.part }, { "rows", result.rows }, { "left_out", result.left_out }, { "scores", json.object(scores) }, { "accept", accept } }
end

--- Evaluates.
-- @param options  { inputs = the run folder and files of labelled rows, json =, terminal = }
-- @return the exit status: 0, or 3 where an accept threshold was missed
-- @error a failure with status 4: no run, a file that can't be read, columns that do not fit, no target
return function(_, options)
  local words = options.inputs
  if #words == 0 then failure.raise("usage", "eval: which run?") end
  local run, missed = trained((words[1]:gsub("(.)/+$", "%1")), "eval"), false
  if run.recipe.several then failure.raise("usage", "eval: the recipe has several models, of which none is the one that answers") end
  local plan = plans.of(run.recipe)
  for i = 1, math.max(1, #words - 1) do
    local result = words[i + 1] and judged_on_file(run, plan, words[i + 1]) or judged_again(run, plan)
    missed = missed or result.missed
    if options.json then io.stdout:write(json.encode(json.object(entries(result))), "\n")
    else
      local left = result.left_out and result.left_out > 0 and (", %d left out: a value or the target is missing or invalid"):format(result.left_out) or ""
      io.stdout:write(report.text(result, { records = {} }, options.terminal), ("\n%d rows%s\n"):format(result.rows, left))
    end
  end
  return missed and failure.status.missed or 0
end
