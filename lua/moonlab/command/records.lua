--- What a run writes down: the lines of its log, metrics.json, the metadata of its weights.

local json = require "moonlab.json"
local labels = require "moonlab.assess.labels"
local new_rows = require "moonlab.recipe.new_rows"

local records = {}

--- The strings that model.safetensors carries: what serving needs besides the weights.
-- @param recipe  the recipe
-- @param job     what run prepared
-- @return a table of strings
function records.metadata(recipe, job)
  return {
    recipe = recipe.fields.name, task = recipe.fields.task, input = json.encode(json.list(job.input)), dtype = job.input.dtype,
    header = job.parts.pipeline and new_rows.header(recipe.fields.data.source) or nil, -- of the files that were trained on
    picture = job.peek.stored and json.encode(json.list(job.peek.stored)) or "null", -- before features has changed its size
    normalise = job.parts.normalise and json.encode(job.parts.normalise) or "null",
    classes = job.classes and json.encode(json.list(job.classes)) or "null",
    pipeline = job.parts.pipeline and json.encode(job.parts.pipeline) or "null",
    decision = job.decision and json.encode(job.decision:describe()) or "null",
    series = job.parts.train.serving and json.encode(job.parts.train:serving()) or "null",
  }
end

--- What cleaning.json says.
-- @param cleaned  what cleaning.run gave
function records.cleaning(cleaned)
  local steps = json.list()
  for i, step in ipairs(cleaned.steps) do
    steps[i] = json.object { { "column", step.column }, { "reason", step.reason }, { "action", step.action }, { "rows", step.rows },
      { "first", step.first }, { "fences", step.fences and json.list(step.fences) } }
  end
  return json.object { { "read", cleaned.read }, { "kept", cleaned.kept }, { "quarantined", cleaned.quarantined },
    { "dropped", cleaned.dropped }, { "duplicates", cleaned.duplicates }, { "steps", steps } }
end

--- The line of an epoch in log.jsonl and in --json.
-- @param record  what the trainer gave
-- @param names   of the metrics
-- @return a list of { key, value }
function records.epoch(record, names)
  local entries = {
    { "epoch", record.epoch }, { "step", record.step }, { "loss", record.loss }, { "valid_loss", record.valid_loss },
  }
  for _, name in ipairs(names) do
    if name ~= "loss" then entries[#entries + 1] = { "valid_" .. name, record["valid_" .. name] } end
  end
  entries[#entries + 1] = { "best", record.best or false }
  entries[#entries + 1] = { "lr", record.lr }
  entries[#entries + 1] = { "seconds", record.seconds }
  return entries
end

local function named(scores, names)
  local entries = {}
  for i, name in ipairs(names) do entries[i] = { name, scores[name] } end
  return json.object(entries)
end

local function accept_list(result)
  local out = json.list()
  for i, one in ipairs(result.accept) do
    out[i] = json.object { { "metric", one.metric }, { "threshold", one.threshold }, { "score", one.score },
      { "met", one.met } }
  end
  return out
end

-- The scores of some of the rows, by the kind of what they have in common.
local function by_kind(kind, some, names)
  local list = json.list()
  for i, one in ipairs(some) do list[i] = json.object { { kind, one.name }, { "rows", one.rows }, { "scores", named(one.scores, names) } } end
  return list
end

-- How answers were decided, and what they cost.
local function decision_entries(result)
  local made = result.decision
  return made and json.object { { "calibrated", made.calibrator and made.calibrator.method }, { "threshold", made.threshold }, { "fitted_on", made.on },
    { "rows", made.rows }, { "problem", made.problem }, { "cost", result.cost and json.object { { "judged", result.cost }, { "fitted", made.cost },
      { "without", made.cost_before } } } } or nil
end

-- What the model looks at.
local function importance_entries(found)
  local list = json.list()
  for i, one in ipairs(found.columns) do list[i] = json.object { { "column", one.name }, { "mean", one.mean }, { "std", one.std } } end
  return json.object { { "metric", found.metric }, { "rows", found.rows }, { "repeats", found.repeats }, { "columns", list } }
end

--- The scores by label, source and group, where there are several.
-- @param result  what assess gave
-- @return a list of { key, value }
function records.by_kinds(result)
  local entries = {}
  for _, kind in ipairs { "label", "source", "group" } do
    local some = result["by_" .. kind]
    if some then entries[#entries + 1] = { "by_" .. kind, by_kind(kind, some, kind == "label" and labels.NAMES or result.metrics) } end
  end
  return entries
end

-- The ends of the scores' intervals by name.
local function interval_entries(found, names)
  local by = {}
  for i, name in ipairs(names) do by[i] = { name, found.by[name] and json.list { found.by[name].low, found.by[name].high } } end
  return json.object { { "level", found.level }, { "resamples", found.samples }, { "grouped", found.grouped }, { "scores", json.object(by) } }
end

--- What metrics.json says, and the last line of --json.
-- @param run      what the trainer gave
-- @param result   what assess gave; nil where the training ended early
-- @param seconds  how long it took
-- @return a list of { key, value }
function records.result(run, result, seconds)
  local entries = {
    { "stopped", run.stopped }, { "epochs", #run.records }, { "steps", run.steps }, { "seconds", seconds },
    { "best_epoch", run.best and run.best.epoch }, { "best_valid", run.best and run.best.score },
  }
  if not result then return entries end
  entries[#entries + 1] = { result.part, named(result.scores, result.metrics) }
  entries[#entries + 1] = { "rows", result.rows }
  if result.intervals then entries[#entries + 1] = { "intervals", interval_entries(result.intervals, result.metrics) } end
  entries[#entries + 1] = { "decision", decision_entries(result) }
  entries[#entries + 1] = { "accept", accept_list(result) }
  if result.baseline then
    entries[#entries + 1] = { "baseline", json.object {
      { "always", result.baseline.class }, { "scores", named(result.baseline.scores, result.metrics) },
    } }
  end
  if result.naive and #result.naive > 0 then
    local list = json.list()
    for i, one in ipairs(result.naive) do list[i] = json.object { { "answer", one.name }, { "scores", named(one.scores, result.metrics) } } end
    entries[#entries + 1] = { "naive", list }
  end
  local kinds = records.by_kinds(result)
  table.move(kinds, 1, #kinds, #entries + 1, entries)
  if result.looks_at then entries[#entries + 1] = { "importance", importance_entries(result.looks_at) } end
  if result.matrix then
    local rows = json.list()
    for i, row in ipairs(result.matrix) do rows[i] = json.list(row) end
    entries[#entries + 1] = { "confusion", rows }
  end
  return entries
end

return records
