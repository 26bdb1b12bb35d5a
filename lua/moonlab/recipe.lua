--- ml.recipe{...}: a whole job as data, checked field by field when it is made.
--
-- A recipe holds unbuilt specs and plain values, nothing that was fitted or read. The fields and their types stand in
-- recipe/schema.lua.

local schema = require "moonlab.recipe.schema"
local types = require "moonlab.recipe.types"
local suggest = require "moonlab.suggest"
local locate = require "moonlab.recipe.locate"

local Recipe = { __name = "moonlab.Recipe" }
Recipe.__index = Recipe

local function names_of(fields)
  local names = {}
  for i, field in ipairs(fields) do names[i] = field[1] end
  return names
end

-- Raises with the place of the field in the recipe's text.
local function blame(position, path, message)
  error(("%s:%d: %s"):format(position.name, locate.field(position, path), message), 0)
end

local function check_names(given, fields, position, path)
  local legal = {}
  for _, field in ipairs(fields) do legal[field[1]] = true end
  local wrong = {}
  for name in pairs(given) do
    if not legal[name] then wrong[#wrong + 1] = tostring(name) end
  end
  if #wrong == 0 then return end
  table.sort(wrong)
  local message = suggest.unknown("field", wrong[1], names_of(fields))
  if #path > 0 then message = ("%s: %s"):format(table.concat(path, "."), message) end
  path = table.move(path, 1, #path, 1, {})
  path[#path + 1] = wrong[1]
  blame(position, path, message)
end

-- A copy of a default, so that no two recipes share a table.
local function fresh(value)
  if type(value) ~= "table" then return value end
  local copy = {}
  for key, item in pairs(value) do copy[key] = fresh(item) end
  return copy
end

-- A list without what a choice left out: features = { features.standardize(), ml.choice { false, features.pca(8) } }.
local function without_false(list)
  if type(list) ~= "table" or getmetatable(list) then return list end
  local out = {}
  for key, item in pairs(list) do
    if math.type(key) ~= "integer" then out[key] = item end
  end
  for _, item in ipairs(list) do
    if item then out[#out + 1] = item end
  end
  return out
end

local function checked(given, fields, position, path)
  check_names(given, fields, position, path)
  local out = {}
  for _, field in ipairs(fields) do
    local name = field[1]
    local value = field.of and without_false(given[name]) or given[name]
    local here = table.move(path, 1, #path, 1, {})
    here[#here + 1] = name
    if value == nil then
      if field.required then
        blame(position, path, ("the recipe has no '%s': %s"):format(table.concat(here, "."), field.doc))
      end
      if field.type == "section" then value = {} end
    end
    if value == nil then
      out[name] = fresh(field.default)
    else
      local problem = types.problem(value, field)
      if problem then blame(position, here, ("'%s' %s"):format(table.concat(here, "."), problem)) end
      if field.type == "section" then
        out[name] = checked(value, field.fields, position, here)
      elseif field.type == "map" or field.type == "list" then
        out[name] = table.move(value, 1, #value, 1, {})
        for key, item in pairs(value) do out[name][key] = item end
      else
        out[name] = types.normal(value, field)
      end
    end
  end
  return out
end

local function check_name(name, position)
  if name:match("^[%w_%-][%w_.%-]*$") then return end
  blame(position, { "name" }, ("'name' names a folder: letters, digits, '-', '_' and '.', not \"%s\""):format(name))
end

-- Several models become one module; each has its optimizer, and the step is the recipe's own.
local function several(fields, position)
  local optimizer = fields.train.optimizer
  local models, optimizers = getmetatable(fields.model) == nil, optimizer and getmetatable(optimizer) == nil
  if not models then
    if optimizers then blame(position, { "train", "optimizer" }, "'train.optimizer' has names, but there is one model") end
    return false
  end
  if not optimizers then
    blame(position, { "train", "optimizer" }, "several models need an optimizer each: optimizer = { G = ..., D = ... }")
  end
  if not fields.train.step then
    blame(position, { "train" }, "several models need a step of their own: train = { step = function(run, batch) ... end }")
  end
  for name in pairs(fields.train.optimizer) do
    if not fields.model[name] then blame(position, { "train", "optimizer" }, ("there is no model '%s'"):format(name)) end
  end
  fields.model = require "moonlab.nn.models"(fields.model)
  return true
end

-- Whether the model is solved. A network needs an optimizer; what `train` says is for networks alone, and may stand beside a choice of both.
local function is_solved(out, position)
  if out.model.fits_directly then return true end
  if not out.train.optimizer then
    blame(position, { "train" }, "the recipe has no 'train.optimizer': how a network is trained, as in ml.optim.adamw{lr = 1e-3}")
  end
  return false
end

--- Makes a recipe of a table of fields.
-- @param fields  name, task, data, model, train, ...: `moonlab help recipe` lists them
-- @return a recipe: .fields (checked, defaults filled in), .several, .solved = whether its model needs no training steps, .file, .line
-- @error an unknown field, a missing one or one of the wrong type, with file, line and the nearest right name
-- @usage return ml.recipe { name = "first", task = "multiclass", data = { source = data.fashion_mnist() }, ... }
return function(fields)
  local position = locate.caller(2)
  if type(fields) ~= "table" then error(("recipe: a table of fields is needed, got %s"):format(type(fields)), 2) end
  local out = checked(fields, schema, position, {})
  check_name(out.name, position)
  local many = several(out, position)
  local solved = is_solved(out, position)
  if out.split.valid == nil then out.split.valid = solved and 0 or 0.1 end
  return setmetatable({ fields = out, several = many, solved = solved, file = position.file, line = position.line, chunk = position.name }, Recipe)
end
