--- From a recipe to what the trainer needs: the parts of the data, what is fitted to the training part, the built
-- model.

local seed = require "moonlab.seed"
local split = require "moonlab.split"
local normalise = require "moonlab.data.normalise"
local plan = require "moonlab.recipe.plan"
local tables = require "moonlab.recipe.tables"
local transform = require "moonlab.data.transform"

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
end

-- Each entry of `features` is for what the source gives.
local function check_features(recipe)
  local is_table = tables(recipe) ~= nil
  for i, one in ipairs(recipe.fields.features or {}) do
    if transform.is(one) == is_table then
      plan.blame(recipe, { "features" }, is_table and "features: entry %d, data.%s, is for pictures; this source is a table"
        or "features: entry %d is for columns; this source is no table", i, one.augment)
    end
  end
end

-- What the pictures are brought to: fixed steps, and numbers that are given or fitted.
local function prepare_pictures(recipe, parts)
  local wish = transform.of(recipe.fields.features)
  if not normalise.has_pictures(parts.train) then
    if recipe.fields.features then plan.blame(recipe, { "features" }, "'features' is for tables and pictures; this source gives neither") end
    return
  end
  local steps, fixed = #wish.steps > 0 and wish.steps or nil, wish.normalise
  parts.normalise = fixed and (fixed.mean and { mean = fixed.mean, std = fixed.std } or normalise.fit(parts.train, steps))
  if not (parts.normalise or steps) then parts.normalise = { mean = { 0 }, std = { 1 } } end
  for _, name in ipairs { "train", "valid", "test" } do parts[name] = parts[name] and parts[name]:normalised(parts.normalise, steps) end
end

--- What the source's peek gives, as the model gets it.
function prepare.peek(recipe)
  local peek, steps = recipe.fields.data.source:peek(), transform.of(recipe.fields.features).steps
  if #steps == 0 or not peek.x then return peek end
  local x, y = peek.x, peek.y
  peek = setmetatable({ x = transform.shape(x, steps), stored = x }, { __index = peek })
  if y and #y == 2 and y[1] == x[#x - 1] and y[2] == x[#x] then peek.y = transform.shape(y, steps) end
  return peek
end

--- Reads the data, cuts it, fits to the training part what is fitted: the features of a table, the normalisation of pictures.
-- @param recipe  the recipe
-- @return { train =, valid =, test = } (valid and test may be nil), .normalise = { mean, std } or nil, .counts,
--         .classes; of a table also .pipeline and .cleaning
function prepare.data(recipe)
  local tabular = tables(recipe)
  check_features(recipe)
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
  prepare_pictures(recipe, parts)
  parts.counts, parts.classes = counts, classes
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
