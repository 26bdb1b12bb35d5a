--- moonlab eval RUN [DATA...]: the scores of a run's model on new labelled data of the kind that it was trained on, or on its own held-out
-- part again.

local core = require "moonlab.core"
local failure = require "moonlab.failure"
local json = require "moonlab.json"
local held_out = require "moonlab.assess.held_out"
local Dataset = require "moonlab.data.tensors"
local groups = require "moonlab.recipe.groups"
local pipeline = require "moonlab.features.pipeline"
local locate = require "moonlab.recipe.locate"
local new_rows = require "moonlab.recipe.new_rows"
local new_sets = require "moonlab.recipe.new_sets"
local plans = require "moonlab.recipe.plan"
local prepare = require "moonlab.recipe.prepare"
local tabular = require "moonlab.recipe.tabular"
local trained = require "moonlab.recipe.trained"
local Job = require "moonlab.recipe.job"
local records = require "moonlab.command.records"
local report = require "moonlab.command.report"
local identity = require "moonlab.runs.identity"
local looks = require "moonlab.runs.looks"
local runs = require "moonlab.runs.open"
local vm = require "moonlab.vm"

-- Tables ----------------------------------------------------------------------------------------------------------------

-- y of the rows that are whole, as the model was trained on them.
local function targets(run, column, path)
  local name = run.recipe.fields.data.target
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

-- Rows with their target as the part that is judged, and how many rows were left out.
local function of_table(run, path)
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
  local parts = { test = Dataset.tensors { x = x, y = targets(run, rows:column(target), path), classes = run.classes, name = path } }
  parts.by_source, parts.by_group = tabular.kinds(run.recipe, rows, { test = core.arange(1, #rows) })
  return parts, #table_ - #rows
end

-- A file whose rows the recipe has a way to read, or a folder of sounds.
local function check_table(run, path)
  local kind = vm.exists(path)
  if not kind then failure.raise("data", "eval: there is no file %s", path) end
  if not (kind == "file" and new_rows.is(path)) and not (kind == "directory" and new_rows.takes_folders(run)) then
    failure.raise("usage", "eval: %s: %s", path, new_rows.takes_folders(run) and "looked for a folder of .wav files" or "rows end in .csv, .tsv, .jsonl or .parquet")
  end
end

-- What is judged -------------------------------------------------------------------------------------------------------

-- The hash by which looks at a file's rows are counted.
local function hash_of(files, rows)
  return core.sha256_text(("%s\nall of %d"):format(identity.data(files), rows))
end

-- A look at rows of this hash. A ledger that can't be written is no reason to judge nothing.
local function counted(hash, run)
  local look, why = looks.add(hash, run.recipe.fields.name)
  if not look then io.stderr:write(("warning: this look at the held-out part is not counted: %s\n"):format(why)) end
  return look
end

local function files_of(run, parts, path)
  if not run.pipeline then return new_sets.files(parts.test, path) end
  return vm.exists(path) == "file" and { { path = path, sha256 = core.sha256(path) } } or new_rows.source(path, run.recipe.fields.data.source, {}):files()
end

local function judged_elsewhere(run, plan, path)
  local parts, left_out
  if run.pipeline then
    check_table(run, path)
    parts, left_out = of_table(run, path)
  else
    parts = { test = new_sets.open(run, path, true) }
    if #parts.test == 0 then failure.raise("data", "%s: there are no rows", path) end
    groups.add(run.recipe, parts)
  end
  parts.classes = run.classes
  local result = new_sets.guarded(path, function() return held_out.model(run.model, parts, plan, run.decision) end)
  if not result then failure.raise("usage", "eval: %s has a step of its own and no loss, so that there is nothing to judge by", run.recipe.fields.name) end
  result.look = counted(hash_of(files_of(run, parts, path), result.rows), run)
  result.part, result.left_out = path, left_out
  return result
end

-- Other data would be cut otherwise: rows that the model was trained on would be judged.
local function check_same_data(folder, files)
  local config = runs.read(folder).config
  local was = type(config.data) == "table" and config.data.files or {}
  for i = 1, math.max(#was, #files) do
    local before, now = was[i] or {}, files[i] or {}
    if before.sha256 ~= now.sha256 then
      failure.raise("data", "eval: %s is not what the run read, so that its held-out part can't be told; to judge it as other data: moonlab eval %s %s",
        now.path or before.path, folder, now.path or "DATA")
    end
  end
end

-- What the recipe reads. It stands in the run folder now, and its data may lie where it stood then: those in the folder of the command are taken
-- as well, which check_same_data lets pass if they are what the run read.
local function read_again(recipe)
  local ok, read = pcall(prepare.read, recipe)
  if ok then return read end
  if failure.is_interrupt(read) or not failure.message_of(read):find "there is no file" then error(read, 0) end
  locate.further_root = "."
  ok, read = pcall(prepare.read, recipe)
  if ok then return read end
  error(read, 0)
end

-- The run's own held-out part, cut from the data as it was then.
local function judged_again(run, plan, folder)
  local recipe = run.recipe
  local read = read_again(recipe)
  check_same_data(folder, Job.files_of(recipe))
  local parts = prepare.data(recipe, read)
  local result = held_out.model(run.model, parts, plan, run.decision)
  if not result then failure.raise("usage", "eval: %s holds nothing out; name labelled data", recipe.fields.name) end
  if result.part == "test" then result.look = counted(identity.held_out({ recipe = recipe, parts = parts }, Job.files_of(recipe), result.result), run) end
  return result
end

-- Output ----------------------------------------------------------------------------------------------------------------

local function entries(result)
  local scores, accept = {}, json.list()
  for i, name in ipairs(result.metrics) do scores[i] = { name, result.scores[name] } end
  for i, one in ipairs(result.accept) do accept[i] = json.object { { "metric", one.metric }, { "threshold", one.threshold }, { "score", one.score }, { "met", one.met } } end
  local out = { { "data", result.part }, { "rows", result.rows }, { "left_out", result.left_out }, { "scores", json.object(scores) }, { "accept", accept } }
  local kinds = records.by_kinds(result)
  table.move(kinds, 1, #kinds, #out + 1, out)
  out[#out + 1] = { "look", result.look and result.look.count }
  return out
end

--- Evaluates.
-- @param options  { inputs = the run folder, and files or folders of labelled data, json =, terminal = }
-- @return the exit status: 0, or 3 where an accept threshold was missed
-- @error a failure with status 4: no run, data that can't be read, what does not fit, no labels
return function(_, options)
  local words = options.inputs
  if #words == 0 then failure.raise("usage", "eval: which run?") end
  local folder = words[1]:gsub("(.)/+$", "%1")
  local run, missed = trained(folder, "eval"), false
  if run.recipe.several then failure.raise("usage", "eval: the recipe has several models, of which none is the one that answers") end
  local plan = plans.of(run.recipe)
  for i = 1, math.max(1, #words - 1) do
    local path = words[i + 1] and words[i + 1]:gsub("(.)/+$", "%1")
    local result = path and judged_elsewhere(run, plan, path) or judged_again(run, plan, folder)
    missed = missed or result.missed
    if options.json then io.stdout:write(json.encode(json.object(entries(result))), "\n")
    else
      local left = result.left_out and result.left_out > 0 and (", %d left out: a value or the target is missing or invalid"):format(result.left_out) or ""
      io.stdout:write(report.text(result, { records = {} }, options.terminal), ("\n%d rows%s\n"):format(result.rows, left))
    end
  end
  return missed and failure.status.missed or 0
end
