--- A run folder as a trained model: the recipe that is kept in it, its model with the weights of the run, and what serving needs besides.

local decision = require "moonlab.assess.decision"
local core = require "moonlab.core"
local vm = require "moonlab.vm"
local failure = require "moonlab.failure"
local json = require "moonlab.json"
local recipe_file = require "moonlab.recipe.file"
local prepare = require "moonlab.recipe.prepare"

-- What the command line gave when the recipe was run: a value of a space may be the width of a layer.
local function overrides_of(folder)
  local text = vm.read(folder .. "/config.json")
  return text and json.decode(text).overrides or {}
end

-- Why a folder has no weights in it.
local function without_model(folder)
  if vm.exists(folder .. "/final/model.safetensors") then return ("%s is a search; its model is that of %s/final"):format(folder, (folder:gsub("(.)/+$", "%1"))) end
  if vm.exists(folder .. "/folds.jsonl") then return ("%s is a cross-validation, which keeps no model: moonlab run trains one"):format(folder) end
  return ("%s has no model.safetensors: the run came to no end"):format(folder)
end

--- Opens a run folder.
-- @param folder  its path
-- @param where   the function that asks, for messages
-- @return { recipe =, model = with the weights, as at evaluation; task =, classes =, pipeline =, normalise =, input =, picture =, series =, decision =, header = as the run
--         has written them }
-- @error a failure with status 4: no such folder, no weights in it
return function(folder, where)
  if vm.exists(folder) ~= "directory" then failure.raise("data", "%s: there is no run folder %s", where, folder) end
  local weights = folder .. "/model.safetensors"
  if vm.exists(weights) ~= "file" then failure.raise("data", "%s: %s", where, without_model(folder)) end
  local recipe = recipe_file.load(folder .. "/recipe.lua", { overrides = overrides_of(folder) })
  local tensors, _, metadata = core.load_safetensors(weights)
  local run = { recipe = recipe, task = metadata.task, classes = json.decode(metadata.classes), pipeline = json.decode(metadata.pipeline),
    normalise = json.decode(metadata.normalise), input = json.decode(metadata.input), series = json.decode(metadata.series or "null"),
    decision = decision.of(json.decode(metadata.decision or "null")) }
  run.header = metadata.header -- "true", "false", or nil where no such file was read
  run.picture = json.decode(metadata.picture or "null") or run.input -- before features has changed its size
  run.input.dtype = run.pipeline and run.pipeline.dtype or metadata.dtype
  run.model = prepare.model(recipe, run.input)
  run.model:load_state_dict(tensors)
  run.model:eval()
  return run
end
