--- config.json: everything a run was made of, resolved to plain values.

local core = require "moonlab.core"
local json = require "moonlab.json"
local schema = require "moonlab.recipe.schema"
local space = require "moonlab.space"

local config = {}

local function file_and_line(f)
  local info = debug.getinfo(f, "S")
  return ("function at %s:%d"):format(info.short_src, info.linedefined)
end

-- A spec as its name and options: { name = "adamw", lr = 0.001, schedule = { name = "cosine", warmup = 1 } }.
local function spec(value)
  local entries = { { "name", value.name } }
  for _, option in ipairs(value:option_names()) do
    local given = value.options[option[1]]
    if type(given) == "table" and given.option_names then given = spec(given) end
    entries[#entries + 1] = { option[1], given }
  end
  return json.object(entries)
end

-- Several specs by name.
local function by_name(values, one)
  local entries = {}
  for name, value in pairs(values) do entries[#entries + 1] = { name, one(value) } end
  table.sort(entries, function(a, b) return a[1] < b[1] end)
  return json.object(entries)
end

local function list(values)
  local out = json.list()
  for i, value in ipairs(values) do out[i] = type(value) == "table" and value.describe and value:describe() or value end
  return out
end

local function map(values)
  local out = {}
  for name, value in pairs(values) do
    if type(value) == "function" then value = file_and_line(value) end
    out[name] = type(value) == "table" and value.describe and value:describe() or value
  end
  return out
end

local function plain(value, field)
  if value == nil then return nil end
  if type(value) == "function" then return file_and_line(value) end
  if field.type == "list" then return list(value) end
  if field.type == "map" then return map(value) end
  if field.type == "spec:optimizer" then return value.option_names and spec(value) or by_name(value, spec) end
  if field.type == "spec:data" or field.type == "spec:folds" then return value:describe() end
  return value
end

-- What stands for a field that the trainer or the split chose.
local function section(fields, values, resolved)
  local entries = {}
  for _, field in ipairs(fields) do
    local name = field[1]
    local value = resolved[name]
    if value == nil and field.type == "section" then
      value = section(field.fields, values[name] or {}, {})
    elseif value == nil then
      value = plain(values[name], field)
    elseif field.type == "section" then
      value = section(field.fields, values[name] or {}, value)
    end
    entries[#entries + 1] = { name, value }
  end
  for _, extra in ipairs(resolved) do entries[#entries + 1] = extra end
  return json.object(entries)
end

local function spaces(recorded)
  local out = json.list()
  for i, s in ipairs(recorded) do
    local values = s.values and json.list()
    for k, value in ipairs(s.values or {}) do values[k] = type(value) == "table" and space.shown(s, k) or value end
    local value = s.value
    if type(value) == "table" then value = space.shown(s) end
    out[i] = json.object { { "kind", s.kind }, { "name", s.name }, { "values", values }, { "low", s.low }, { "high", s.high }, { "value", value } }
  end
  return out
end

local function layers(summary)
  local out = json.list()
  for i, layer in ipairs(summary.layers) do
    out[i] = json.object {
      { "path", layer.path }, { "layer", layer.name }, { "output", layer.output[1] and json.list(layer.output[1]) },
      { "parameters", layer.parameters },
    }
  end
  return json.object { { "parameters", summary.parameters }, { "layers", out } }
end

-- The layers of a network, if they are known; the options of a model that is solved.
local function model(recipe, summary)
  if summary then return layers(summary) end
  if recipe.solved then return recipe.fields.model:describe() end
  return json.object { { "name", recipe.fields.model._name } }
end

local function files(job)
  local out = json.list()
  for i, one in ipairs(job.files) do out[i] = json.object { { "path", one.path }, { "sha256", one.sha256 } } end
  return out
end

-- The options of the loss, with the class weights that were fitted.
local function loss_options(recipe, plan)
  local out = {}
  for name, value in pairs(recipe.fields.train.loss_options) do out[name] = value end
  if plan.class_weights then out.weight = json.list(plan.class_weights.list) end
  return out
end

--- Some sections of a recipe as text, to see whether two recipes are alike in them.
-- @param recipe  the recipe
-- @param names   of the sections, as a set
function config.described(recipe, names)
  local fields = {}
  for _, field in ipairs(schema) do fields[#fields + 1] = names[field[1]] and field or nil end
  return json.encode(section(fields, recipe.fields, {}))
end

--- The text of config.json.
-- @param recipe  the recipe
-- @param job     what was prepared: .plan, .summary or nil, .files, .counts, .normalise, .classes
-- @return a string
function config.text(recipe, job)
  local counts = json.object { { "train", job.counts.train }, { "valid", job.counts.valid },
    { "test", job.counts.test } }
  local resolved = {
    data = {
      { "files", files(job) }, { "classes", job.classes and json.list(job.classes) }, { "normalise", job.normalise },
    },
    split = { { "rows", counts } },
    model = model(recipe, job.summary),
    train = { loss = job.plan.loss_name, loss_options = loss_options(recipe, job.plan), select = job.plan.select },
    assess = { metrics = json.list(job.plan.metrics) },
    { "spaces", spaces(recipe.spaces) },
    { "overrides", json.list(recipe.overrides) },
    { "moonlab", core.version },
  }
  return json.encode(section(schema, recipe.fields, resolved), "  ") .. "\n"
end

return config
