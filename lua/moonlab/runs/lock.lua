--- The lock of a recipe: what a run of it must come to again. It stands beside the recipe, recipe.lock beside recipe.lua, and is made to be
-- kept with it.

local compare = require "moonlab.runs.compare"
local core = require "moonlab.core"
local failure = require "moonlab.failure"
local json = require "moonlab.json"
local runs = require "moonlab.runs.open"
local vm = require "moonlab.vm"

local lock = {}

--- Where the lock of a recipe stands.
function lock.path(recipe) return (recipe:gsub("%.lua$", "") .. ".lock") end

-- The hash of a recipe and of the files that it required, as they are kept in a run folder.
local function hash_of_code(run)
  local modules = {}
  local function add(folder, prefix)
    for _, name in ipairs(vm.listdir(folder) or {}) do
      local path = folder .. "/" .. name
      if vm.exists(path) == "directory" then add(path, prefix .. name .. "/")
      elseif name:find "%.lua$" then modules[#modules + 1] = prefix .. name .. " " .. core.sha256(path) end
    end
  end
  add(run.path, "")
  return core.sha256_text(table.concat(modules, "\n"))
end

local function object(value) return type(value) == "table" and value or {} end

-- The settings as they were resolved, by their paths, without what the lock has already. Where a function stands is no setting.
local function settings_of(config)
  local out = {}
  for name, value in pairs(compare.flat(config)) do
    local known = name == "moonlab" or name:find "^data%.files%." or name:find "^overrides%." or name:find "^spaces%." or name:find "^split%.rows%."
    if not known and not (type(value) == "string" and value:find "^function at ") then out[name] = value end
  end
  return out
end

--- What a run is held to.
-- @param run  what runs.read gave
-- @return { moonlab =, kernels =, recipe =, settings = by their paths, seed = where --seed gave one, overrides = list, data = list of { name =, sha256 = }, parts = by name { rows =, sha256 = },
--         weights =, scores = by name, part = that they are of }
function lock.of(run)
  local files = {}
  for i, file in ipairs(object(object(run.config.data).files)) do files[i] = { name = tostring(file.path):match "[^/]+$", sha256 = file.sha256 } end
  local scores, part = runs.scores(run)
  return { moonlab = run.record.moonlab, kernels = run.record.kernels, recipe = hash_of_code(run), settings = settings_of(run.config),
    seed = run.record.seed_given,
    overrides = object(run.config.overrides), data = files, parts = object(run.record.parts), weights = run.record.weights, scores = scores, part = part }
end

--- Writes the lock of a recipe.
-- @param recipe  its path
-- @param folder  of a run of it
-- @return the path of the lock
-- @error a failure with status 4
function lock.write(recipe, folder)
  local made = lock.of(runs.read(folder))
  local files = json.list()
  for i, file in ipairs(made.data) do files[i] = json.object { { "name", file.name }, { "sha256", file.sha256 } } end
  local text = json.encode(json.object { { "moonlab", made.moonlab }, { "kernels", made.kernels }, { "recipe", made.recipe }, { "settings", made.settings }, { "seed", made.seed },
    { "overrides", json.list(made.overrides) }, { "data", files }, { "parts", made.parts }, { "weights", made.weights }, { "part", made.part },
    { "scores", made.scores } }, "  ")
  local path = lock.path(recipe)
  local ok, problem = vm.write_atomic(path, text .. "\n")
  if not ok then failure.raise("data", "can't write the lock: %s", problem) end
  return path
end

--- Reads the lock of a recipe.
-- @error a failure with status 4: there is none, or it is none
function lock.read(recipe)
  local path = lock.path(recipe)
  local text = vm.exists(path) == "file" and vm.read(path)
  if not text then failure.raise("data", "there is no %s; moonlab run %s --lock writes it", path, recipe) end
  local ok, made = pcall(json.decode, text)
  if not ok or type(made) ~= "table" or type(made.recipe) ~= "string" then
    failure.raise("data", "%s is no lock: %s", path, ok and "it has no recipe" or failure.message_of(made))
  end
  for _, name in ipairs { "overrides", "data", "parts", "scores" } do made[name] = object(made[name]) end
  return made
end

local function short(hash) return tostring(hash):sub(1, 16) end

-- Which settings of a changed recipe differ; a lock of an earlier version has none.
local function compare_settings(was, is, say)
  if type(was.settings) ~= "table" then return end
  for _, one in ipairs(compare.settings(was.settings, is.settings)) do
    say("settings", ("%s is %s, locked is %s"):format(one.field, one.b == nil and "not there" or tostring(one.b), one.a == nil and "none" or tostring(one.a)))
  end
end

local function compare_data(was, is, say)
  for i = 1, math.max(#was.data, #is.data) do
    local a, b = object(was.data[i]), object(is.data[i])
    if a.sha256 ~= b.sha256 then say("data", ("%s: %s"):format(tostring(a.name or b.name), not b.sha256 and "is not read any more" or not a.sha256 and "is new"
      or ("its bytes hash to %s, locked is %s"):format(short(b.sha256), short(a.sha256)))) end
  end
end

local function compare_parts(was, is, say)
  for _, name in ipairs { "train", "valid", "test" } do
    local a, b = object(was.parts[name]), object(is.parts[name])
    if a.rows ~= b.rows then say("split", ("%s has %s rows, locked are %s"):format(name, tostring(b.rows or "no"), tostring(a.rows or "none")))
    elseif a.sha256 ~= b.sha256 then say("split", ("%s has as many rows, but others"):format(name)) end
  end
end

local function compare_scores(was, is, say)
  local names, seen = {}, {}
  for _, scores in ipairs { was.scores, is.scores } do
    for name in pairs(scores) do
      if not seen[name] then names[#names + 1], seen[name] = name, true end
    end
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local a, b = was.scores[name], is.scores[name]
    if a ~= b then say("scores", ("%s %s is %s, locked is %s"):format(tostring(is.part or was.part), name, tostring(b), tostring(a))) end
  end
end

--- What differs between a lock and a run, in the order of cause and effect.
-- @param was  what lock.read gave
-- @param is   what lock.of gave
-- @return a list of { what = "recipe", "settings", "data", "split", "weights", "scores", text = }
function lock.differences(was, is)
  local out = {}
  local function say(what, text) out[#out + 1] = { what = what, text = text } end
  if was.recipe ~= is.recipe then say("recipe", "the recipe, or a file that it requires, has changed since it was locked") end
  compare_settings(was, is, say)
  compare_data(was, is, say)
  compare_parts(was, is, say)
  if was.weights ~= is.weights then say("weights", ("their bits differ: they hash to %s, locked is %s"):format(short(is.weights), short(was.weights))) end
  compare_scores(was, is, say)
  return out
end

--- What differs between the tools: no difference of the result, but a cause of some.
-- @return a list of text
function lock.other_tools(was, is)
  local out = {}
  if was.moonlab ~= is.moonlab then out[1] = ("locked with moonlab %s, this is %s"):format(tostring(was.moonlab), tostring(is.moonlab)) end
  if was.kernels ~= is.kernels then
    out[#out + 1] = ("locked with the kernels %s, here they are %s: the last bits of weights and scores may differ"):format(tostring(was.kernels), tostring(is.kernels))
  end
  return out
end

return lock
