--- The profile of a recipe's source, and of what the recipe makes of it: what cleaning keeps, the parts, what they share.

local cleaning = require "moonlab.data.cleaning"
local columns = require "moonlab.data.columns"
local failure = require "moonlab.failure"
local leaks = require "moonlab.profile.leaks"
local prepare = require "moonlab.recipe.prepare"
local profile = require "moonlab.profile"
local recipe_file = require "moonlab.recipe.file"
local records = require "moonlab.command.records"
local tables = require "moonlab.recipe.tables"
local tensors = require "moonlab.profile.tensors"
local TableSource = require "moonlab.data.table_source".TableSource

-- What the recipe makes of its table, or why it can't.
local function extend(recipe)
  return function(made)
    local ok, prepared = pcall(function() return prepare.data(recipe, prepare.read(recipe)) end)
    if not ok then
      if failure.status_of(prepared) > failure.status.data then error(prepared, 0) end -- memory, an interrupt
      made.problem = failure.message_of(prepared)
      return
    end
    made.cleaning = { text = cleaning.text(prepared.cleaning), counts = records.cleaning(prepared.cleaning) }
    made.parts = leaks.parts(recipe, prepared)
    made.tables, made.pictures = tensors.of(prepared)
    if made.tables and #prepared.table > 0 then
      local _, different = leaks.rows(recipe, prepared.table)
      made.duplicates.rows = #prepared.table - different
    end
  end
end

local function of_table(recipe)
  local wish, fields = recipe.fields.data, recipe.fields
  local declared = columns.for_reader(wish.columns, wish.source:names())
  local regression = fields.task == "regression"
  if not regression and wish.target and not declared.types[wish.target] and not wish.labels then declared.types[wish.target] = "text" end
  local source = wish.source
  if wish.labels then source = TableSource.of(tables(recipe).with_labels(recipe, (source:table { declared = declared }))) end
  return profile.of_source(source, { target = wish.target, id = wish.id, task = regression and "number" or "classes", seed = fields.seed },
    { name = fields.name, declared = declared, extend = extend(recipe) })
end

--- The profile of a recipe.
-- @param path     its file
-- @param options  { overrides =, seed = }
return function(path, options)
  local recipe = recipe_file.load(path, options)
  if tables(recipe) then return of_table(recipe) end
  local source, parts = recipe.fields.data.source, {}
  local cut = prepare.cut(recipe, source:parts())
  for _, name in ipairs { "train", "valid", "test" } do
    if cut[name] then parts[#parts + 1] = { name = name, set = cut[name] } end
  end
  return profile.of_sets(recipe.fields.name, source, parts)
end
