--- From a recipe to what the trainer needs: the parts of the data, what is fitted to the training part, the built
-- model.

local seed = require "moonlab.seed"
local split = require "moonlab.split"
local normalise = require "moonlab.data.normalise"
local plan = require "moonlab.recipe.plan"
local tables = require "moonlab.recipe.tables"

local prepare = {}

--- Cuts what the source gives. A source that brings a test part keeps it, and its validation part as well.
-- @return { train =, valid =, test = } (valid and test may be nil), as they are stored
function prepare.cut(recipe)
  local given = recipe.fields.data.source:parts()
  local wish = recipe.fields.split
  if given.test and wish.test then
    plan.blame(recipe, { "split", "test" }, "the source brings its own test part; leave 'test' out")
  end
  if given.valid then return given end
  if given.train.cut then return given.train:cut(wish) end
  local parts = split.parts(given.train, {
    valid = wish.valid, test = wish.test or 0, stratify = wish.stratify, seed = recipe.fields.seed,
  })
  parts.test = given.test or parts.test
  return parts
end

-- The fields that speak of columns have no meaning for other sources.
local function refuse_columns(recipe)
  local wish = recipe.fields.data
  for _, name in ipairs { "target", "positive", "id", "group", "time" } do
    if wish[name] ~= nil then plan.blame(recipe, { "data", name }, "'data.%s' names a column; this source is no table", name) end
  end
  for _, name in ipairs { "columns", "derive" } do
    if next(wish[name]) then plan.blame(recipe, { "data", name }, "'data.%s' is for tables; this source is none", name) end
  end
  if recipe.fields.features then plan.blame(recipe, { "features" }, "'features' is for tables; this source is none") end
end

--- Reads the data, cuts it, fits to the training part what is fitted: the features of a table, the normalisation of pictures.
-- @param recipe  the recipe
-- @return { train =, valid =, test = } (valid and test may be nil), .normalise = { mean, std } or nil, .counts,
--         .classes; of a table also .pipeline and .cleaning
function prepare.data(recipe)
  local tabular = tables(recipe)
  if tabular then
    local parts = tabular.prepare(recipe)
    parts.counts = {}
    for _, name in ipairs { "train", "valid", "test" } do parts.counts[name] = parts[name] and #parts[name] end
    return parts
  end
  refuse_columns(recipe)
  local parts = prepare.cut(recipe)
  local counts, classes = {}, recipe.fields.data.source.classes
  for _, name in ipairs { "train", "valid", "test" } do counts[name] = parts[name] and #parts[name] end
  local statistics = normalise.fit(parts.train)
  if statistics then
    for _, name in ipairs { "train", "valid", "test" } do
      parts[name] = parts[name] and parts[name]:normalised(statistics)
    end
  end
  parts.normalise, parts.counts, parts.classes = statistics, counts, classes
  return parts
end

--- The shape of a row of each model's input, by its name: what `inputs` says, or that of the data.
function prepare.inputs(recipe, sizes)
  local shapes = {}
  for _, name in ipairs(recipe.fields.model.names) do shapes[name] = recipe.fields.inputs[name] or sizes end
  return shapes
end

--- Builds the recipe's model from its seed; the recipe's own stays a spec.
-- @param recipe  the recipe
-- @param sizes   of one row's x
-- @return a built module
function prepare.model(recipe, sizes)
  seed.set(recipe.fields.seed)
  local model = recipe.fields.model
  if recipe.several then return model:clone():build(prepare.inputs(recipe, sizes)) end
  return model:clone():build(sizes)
end

return prepare
