--- `train.epochs=3` on the command line: what it means, checked as strictly as the recipe itself.

local schema = require "moonlab.recipe.schema"
local types = require "moonlab.recipe.types"
local suggest = require "moonlab.suggest"
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
  else
    usage(text, "%s has no fields that can be given on the command line", name)
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
