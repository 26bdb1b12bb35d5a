--- `train.epochs=3` on the command line: what it means, checked as strictly as the recipe itself. Fields of the recipe, options of its
-- optimizer, of a model that is solved (`model.C=3`) and of its features (`features.pca.n=8`, `features.pca=false`).

local schema = require "moonlab.recipe.schema"
local types = require "moonlab.recipe.types"
local suggest = require "moonlab.suggest"
local blame = require "moonlab.blame"
local failure = require "moonlab.failure"

local override = {}

local function usage(text, format, ...) failure.raise("usage", "%s: %s", text, format:format(...)) end

local function names_of(fields)
  local names = {}
  for i, field in ipairs(fields) do names[i] = field[1] end
  return names
end

local function find(fields, name)
  for _, field in ipairs(fields) do
    if field[1] == name then return field end
  end
end

-- Every path that an override may name, for the nearest one to a wrong path.
local function all_paths(fields, prefix, out)
  for _, field in ipairs(fields) do
    out[#out + 1] = prefix .. field[1]
    if field.fields then all_paths(field.fields, prefix .. field[1] .. ".", out) end
  end
  return out
end

local function unknown(text, path, depth, names)
  local name = path[depth]
  local near = suggest.nearest(name, names)
  if near then
    local right = table.move(path, 1, #path, 1, {})
    right[depth] = near
    usage(text, "unknown field '%s'; did you mean '%s'?", name, table.concat(right, "."))
  end
  local whole = suggest.nearest(table.concat(path, "."), all_paths(schema, "", {}))
  if whole then usage(text, "unknown field '%s'; did you mean '%s'?", name, whole) end
  -- A last name that stands somewhere deeper: epochs=3 for train.epochs=3.
  for _, candidate in ipairs(all_paths(schema, "", {})) do
    if candidate:match("[^.]+$") == path[#path] then
      usage(text, "unknown field '%s'; did you mean '%s'?", name, candidate)
    end
  end
  usage(text, "%s", suggest.unknown("field", name, names))
end

-- An optimizer or a schedule: a spec whose options have the names and types that its constructor knows.
local function set_in_spec(text, path, depth, spec, value)
  local name = path[depth]
  local options, known = spec.options, spec:option_names()
  if not find(known, name) then unknown(text, path, depth, names_of(known)) end
  if depth < #path then
    local inner = options[name]
    if type(inner) ~= "table" or type(inner.options) ~= "table" then
      usage(text, "%s has no fields of its own", name)
    end
    return set_in_spec(text, path, depth + 1, inner, value)
  end
  local parsed, problem = types.parse(value, find(known, name))
  if problem then usage(text, "%s %s", table.concat(path, "."), problem) end
  options[name] = parsed
end

-- What a constructor makes of other options; what it refuses, it says.
local function made(text, constructor, options)
  local ok, result = pcall(constructor, options)
  if not ok then usage(text, "%s", (blame.strip(failure.message_of(result)):gsub("^[^:\n]+:%d+: ", ""))) end
  return result
end

local IN_THE_TEXT = "write ml.grid {...} where the value stands, which gives it a name for the command line"

-- A model that is solved is made again with another option; the layers of a network have none that could be named.
local function set_in_model(text, path, depth, model, value)
  if not (type(model) == "table" and model.fits_directly) then
    usage(text, "the model is a network, whose layers have no names on the command line: %s", IN_THE_TEXT)
  end
  if depth < #path then usage(text, "%s has no fields of its own", path[depth]) end
  local options = { [path[depth]] = types.parse_any(value) }
  for name, given in pairs(model.settings) do
    if options[name] == nil then options[name] = given end
  end
  local new = made(text, getmetatable(model), options)
  new._info.made_at = model._info.made_at
  return new
end

-- Where in the list the only feature of a kind stands.
local function feature_at(text, features, kind)
  local names, place = {}, nil
  for i, feature in ipairs(features or {}) do
    names[i] = feature.kind and feature.kind.name or "?"
    if names[i] == kind and place then usage(text, "features.%s stands in the recipe more than once: %s", kind, IN_THE_TEXT) end
    if names[i] == kind then place = i end
  end
  if place then return place end
  if #names == 0 then usage(text, "the recipe gives no features") end
  usage(text, "%s", suggest.unknown("feature", kind, names))
end

-- One with another option, or switched off.
local function set_in_features(text, path, depth, features, value)
  local kind, option = path[depth], path[depth + 1]
  local place = feature_at(text, features, kind)
  local make = require "moonlab.features"[kind]
  if depth == #path and value == "false" then
    features[place] = make(false)
  elseif depth + 1 ~= #path then
    usage(text, "an option of it is written features.%s.option=value; features.%s=false switches it off", kind, kind)
  else
    local options = { [option] = types.parse_any(value) }
    for name, given in pairs(features[place].options) do
      if options[name] == nil then options[name] = given end
    end
    features[place] = made(text, make, options)
  end
end

local function set(text, path, depth, fields, target, value)
  local name = path[depth]
  local field = find(fields, name)
  if not field then unknown(text, path, depth, names_of(fields)) end
  if depth == #path then
    if field.type == "section" then
      usage(text, "%s is a table; name one of its fields: %s", name, table.concat(names_of(field.fields), ", "))
    end
    local parsed, problem = types.parse(value, field)
    if problem then usage(text, "%s %s", table.concat(path, "."), problem) end
    target[name] = parsed
  elseif field.type == "section" then
    set(text, path, depth + 1, field.fields, target[name], value)
  elseif field.type == "map" then
    if depth + 1 < #path then usage(text, "%s has no deeper fields", table.concat(path, ".", 1, depth + 1)) end
    target[name] = target[name] or {}
    target[name][path[depth + 1]] = types.parse_any(value)
  elseif field.type == "spec:optimizer" then
    set_in_spec(text, path, depth + 1, target[name], value)
  elseif field.type == "spec:model" then
    target[name] = set_in_model(text, path, depth + 1, target[name], value)
  elseif name == "features" then
    set_in_features(text, path, depth + 1, target[name], value)
  else
    usage(text, "%s has no fields that can be given on the command line: %s", name, IN_THE_TEXT)
  end
end

--- Applies one override to a recipe's fields.
-- @param fields  those of a recipe (a copy that may be written to)
-- @param text    "train.epochs=3"
-- @error a failure with status 2: no '=', an unknown path (with the nearest), a value of the wrong type
function override.apply(fields, text)
  local path_text, value = text:match("^%s*([%w_.%-]+)%s*=(.*)$")
  if not path_text then usage(text, "an override is written field=value, as in train.epochs=3") end
  local path = {}
  for name in path_text:gmatch("[^.]+") do path[#path + 1] = name end
  set(text, path, 1, schema, fields, (value:gsub("^%s+", ""):gsub("%s+$", "")))
end

return override
