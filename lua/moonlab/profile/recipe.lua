--- The profile of a recipe's source, and of what the recipe makes of it: what cleaning keeps, the parts, what they share.

local core = require "moonlab.core"
local cleaning = require "moonlab.data.cleaning"
local columns = require "moonlab.data.columns"
local failure = require "moonlab.failure"
local prepare = require "moonlab.recipe.prepare"
local profile = require "moonlab.profile"
local recipe_file = require "moonlab.recipe.file"
local records = require "moonlab.command.records"
local row_codes = require "moonlab.table.row_codes"
local tables = require "moonlab.recipe.tables"
local tensors = require "moonlab.profile.tensors"
local TableSource = require "moonlab.data.table_source".TableSource

-- How many of the rows at positions have a code that the rows of another part have too.
local function shared(codes, count, rows, others)
  local there = core.zeros(count, { dtype = "int64" }):index_fill(1, codes:index_select(1, others), 1)
  return there:index_select(1, codes:index_select(1, rows)):sum():item()
end

local PAIRS = { { "valid", "train" }, { "test", "train" }, { "test", "valid" } }

local function shared_of(places, codes, count, what, of)
  local out = {}
  for _, pair in ipairs(PAIRS) do
    local rows, others = places[pair[1]], places[pair[2]]
    local n = rows and others and shared(codes, count, rows, others) or 0
    if n > 0 then out[#out + 1] = { rows = n, what = what, part = pair[1], other = pair[2], of = of } end
  end
  return out
end

-- A number for each row, the same where all is the same but target, id and part, and how many there are. Where rows hold a tensor, a
-- sound say, it is that alone.
local function codes_of(recipe, t)
  local wish, names = recipe.fields.data, {}
  if #t == 0 then return nil end
  for _, column in ipairs(t:columns()) do
    local name = column.name
    if column.type == "tensor" then
      local codes, firsts = core.distinct(core.hash_rows(column.values:contiguous()))
      return codes, #firsts
    end
    if name ~= wish.target and name ~= wish.id and name ~= recipe.fields.split.by and name ~= wish.source.source_column then names[#names + 1] = name end
  end
  if #names == 0 then return nil end
  local codes, firsts = row_codes(t, names)
  return codes, #firsts
end

-- Equal rows across parts, target and id aside, and rows of one group.
local function parts_of(recipe, prepared)
  local wish, t, list = recipe.fields.data, prepared.table, {}
  for _, name in ipairs { "train", "valid", "test" } do
    if prepared.places[name] then list[#list + 1] = { name = name, rows = #prepared.places[name] } end
  end
  local out = {}
  local codes, different = codes_of(recipe, t)
  if codes then out = shared_of(prepared.places, codes, different, "row", ", all but the target the same") end
  if wish.group and #t > 0 then
    local codes, firsts = row_codes(t, { wish.group })
    table.move(shared_of(prepared.places, codes, #firsts, "row", " by their group"), 1, #PAIRS, #out + 1, out)
  end
  return { parts = list, shared = out }
end

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
    made.parts = parts_of(recipe, prepared)
    made.tables, made.pictures = tensors.of(prepared)
    if made.tables and #prepared.table > 0 then
      local _, different = codes_of(recipe, prepared.table)
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
