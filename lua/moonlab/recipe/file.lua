--- A recipe's file: run with a stranger's rights, its spaces recorded, the overrides of the command line applied.

local vm = require "moonlab.vm"
local failure = require "moonlab.failure"
local locate = require "moonlab.recipe.locate"
local override = require "moonlab.recipe.override"
local space = require "moonlab.space"
local seed = require "moonlab.seed"

local file = {}

-- An error of the recipe's own code is a string that knows its place: a traceback would add nothing to it.
local function run(chunk)
  local ok, result = pcall(chunk)
  if ok then return result end
  if type(result) == "string" then failure.raise("error", "%s", result) end
  error(result, 0)
end

local ASSIGNED = "^%s*([%a_][%w_]*#?%d*)%s*=%s*(.-)%s*$"

-- What overrides may say of spaces: name=value, of which those that no space takes are fields.
local function values_of_spaces(overrides)
  local values = {}
  for _, text in ipairs(overrides) do
    local name, value = text:match(ASSIGNED)
    if name then values[name] = value end
  end
  return values
end

-- The overrides that are of fields: all but those that a space has taken.
local function apply(recipe)
  local taken = {}
  for _, one in ipairs(recipe.spaces) do
    if one.fixed then taken[one.name] = true end
  end
  for _, text in ipairs(recipe.overrides) do
    if not taken[text:match(ASSIGNED)] then override.apply(recipe.fields, text) end
  end
end

--- Reads and runs a recipe. One may be read while another one is run: data.generated opens the run of a generator.
-- @param path     its file
-- @param options  { overrides = {"train.epochs=3"}: fields, and values of spaces by their names; seed =; suggest = of a search, as space.begin
--                 takes it }
-- @return the recipe, with .path, .source (its text), .modules (files of its folder that it required), .spaces,
--             .overrides
-- @error a failure: status 4 for a file that can't be read, 1 for an error in it, 2 for a wrong override
function file.load(path, options)
  seed.set(options.seed or 0)
  local values = values_of_spaces(options.overrides or {})
  local outer, outer_spaces = locate.current(), space.begin { texts = values, suggest = options.suggest }
  locate.begin(path)
  local loaded, chunk, source, modules = pcall(vm.load_recipe, path)
  local ok, recipe = loaded, chunk
  if loaded then ok, recipe = pcall(run, chunk) end
  locate.begin(outer)
  local spaces = space.resume(outer_spaces)
  if not ok then error(recipe, 0) end
  local meta = type(recipe) == "table" and getmetatable(recipe)
  if not meta or meta.__name ~= "moonlab.Recipe" then
    failure.raise("error", "%s: a recipe ends with return ml.recipe{...}; this file returns %s", path,
      recipe == nil and "nothing" or "a " .. type(recipe))
  end
  recipe.path, recipe.source, recipe.modules, recipe.spaces = path, source, modules, spaces
  recipe.overrides = options.overrides or {}
  apply(recipe)
  if options.seed then recipe.fields.seed, recipe.seed_given = options.seed, true end
  return recipe
end

return file
