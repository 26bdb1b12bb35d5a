--- From a recipe to what the trainer needs: the parts of the data, what is fitted to the training part, the built
-- model.

local core = require "moonlab.core"
local seed = require "moonlab.seed"
local split = require "moonlab.split"
local groups = require "moonlab.recipe.groups"
local normalise = require "moonlab.data.normalise"
local plan = require "moonlab.recipe.plan"
local tables = require "moonlab.recipe.tables"
local transform = require "moonlab.data.transform"

local prepare = {}

--- Cuts what a source of data sets gives. A source that brings a test part keeps it, and its validation part as well.
-- @param given  the source's parts
-- @return { train =, valid =, test = } (valid and test may be nil), as they are stored
function prepare.cut(recipe, given)
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

-- The fields that speak of columns have no meaning for other sources; but their rows may be of groups.
local function refuse_columns(recipe)
  local wish = recipe.fields.data
  for _, name in ipairs { "target", "positive", "id", "time" } do
    if wish[name] ~= nil then plan.blame(recipe, { "data", name }, "'data.%s' names a column; this source is no table", name) end
  end
  for _, name in ipairs { "columns", "derive" } do
    if next(wish[name]) then plan.blame(recipe, { "data", name }, "'data.%s' is for tables; this source is none", name) end
  end
end

-- Rows of a group are never cut apart: data.group is a further column of the set.
local function keep_groups(recipe, given)
  local group, set = recipe.fields.data.group, given.train
  if not group then return given end
  if set.cut or given.valid then plan.blame(recipe, { "data", "group" }, "the source says itself how its rows are cut, so that no groups can be kept together") end
  if set.keep_together and set.keep_together ~= group then
    plan.blame(recipe, { "data", "group" }, "the rows of %s are kept together by their '%s' already", set.name, set.keep_together)
  end
  plan.guarded(recipe, { "data", "group" }, function() set:column(group) end)
  set.keep_together = group
  for _, one in ipairs(set.sets or {}) do one.keep_together = group end -- of data.concat
  return given
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

--- What the recipe's source gives, read and cleaned, before anything is cut or fitted.
-- @param recipe  the recipe
-- @return of a table what tabular.read gives, else { given = the source's parts }; for prepare.data and prepare.folds
function prepare.read(recipe)
  local tabular = tables(recipe)
  check_features(recipe)
  if tabular then return tabular.read(recipe) end
  refuse_columns(recipe)
  return { given = keep_groups(recipe, recipe.fields.data.source:parts()) }
end

--- Cuts what was read, fits to the training part what is fitted: the features of a table, the normalisation of pictures.
-- @param recipe  the recipe
-- @param read    what prepare.read gave
-- @param fold    one of prepare.folds; as the recipe's split says if not given
-- @return { train =, valid =, test = } (valid and test may be nil), .normalise = { mean, std } or nil, .counts,
--         .classes, .weights = the name of the training set's column of weights, or nil; of a table also .pipeline and .cleaning
function prepare.data(recipe, read, fold)
  local tabular = tables(recipe)
  local parts
  if tabular then
    parts = tabular.parts(recipe, read, fold or tabular.cut(recipe, read))
  else
    parts = {}
    for name, part in pairs(fold or prepare.cut(recipe, read.given)) do parts[name] = part end
    prepare_pictures(recipe, parts)
    parts.classes, parts.weights = recipe.fields.data.source.classes, recipe.fields.train.weights
    groups.add(recipe, parts)
  end
  parts.counts = {}
  for _, name in ipairs { "train", "valid", "test" } do parts.counts[name] = parts[name] and #parts[name] end
  return parts
end

-- Folds -----------------------------------------------------------------------------------------------------------------

-- The positions in a table that are not held out.
local function not_held_out(recipe, read)
  local places = tables(recipe).cut(recipe, read)
  return places.valid and core.ops.cat({ places.train, places.valid }, 1):sort(1) or places.train
end

-- The rows that folds are made of: all that are not held out, or those within. { set =, strata =, place = function(rows in the set) -> part }.
local function development(recipe, read, within)
  local tabular = tables(recipe)
  if tabular then
    local rows = within or not_held_out(recipe, read)
    local set, strata = tabular.strata(recipe, read, rows)
    set.keep_together = strata.groups and recipe.fields.data.group -- whether or not the folds ask for it
    return set, strata, function(some) return rows:index_select(1, some) end
  end
  local given = read.given
  if given.train.cut or given.valid then
    plan.blame(recipe, { "assess", "cv" }, "the source says itself how its rows are cut, so that there are no folds to be made of it")
  end
  local all = within or split.parts(given.train,
    { test = recipe.fields.split.test or 0, stratify = recipe.fields.split.stratify, seed = recipe.fields.seed }).train
  return all, {}, function(some, name) return all:part(some, ("%s/%s"):format(all.name, name)) end
end

--- How a recipe has its rows cut into k folds where nothing else is said: where rows have times, each stretch is tested by what came before it;
-- else groups stay together, or the classes are in the same proportions in each.
function prepare.k_folds(recipe, k)
  local wish = recipe.fields.data
  if wish.time then return require "moonlab.split.time_series_folds".time_series_folds(k) end
  local classes = recipe.fields.task == "multiclass" or recipe.fields.task == "binary"
  return require "moonlab.split.kfold".kfold(k, { stratify = classes and not wish.group, group = wish.group ~= nil })
end

--- How the recipe wishes its folds: assess.cv, or five.
function prepare.cv(recipe) return recipe.fields.assess.cv or prepare.k_folds(recipe, 5) end

local LATER_TRAIN = { kfold = true, chunks = true, leave_one_out = true } -- in these later rows train what is earlier

local function check_times(recipe, cv)
  if not recipe.fields.data.time or not LATER_TRAIN[cv.kind] then return end
  plan.blame(recipe, { "assess", "cv" }, "in the folds of %s later rows train what is tested earlier, and the rows have times (data.time): "
    .. "ml.time_series_folds(5) tests each stretch by what came before it", cv.kind)
end

-- What folds stand on that the recipe does not have.
local function check_strata(recipe, cv, field)
  local fields = recipe.fields
  if cv.stratify == true and fields.task == "regression" then
    plan.blame(recipe, field, "%s {stratify = true} needs classes, and a regression has numbers; stratify = \"a column\" takes those of a column", cv.kind)
  end
  if cv.group == true and not fields.data.group then
    plan.blame(recipe, field, "%s {group = true} needs data.group, the column whose rows stay together; group = \"a column\" takes another one", cv.kind)
  end
end

--- The folds of a recipe, as prepare.cv says, made of the rows that are not held out. Of the training rows of each a part is set aside to choose
-- the best weights, as split.valid says.
-- @param recipe  the recipe
-- @param read    what prepare.read gave
-- @param o       { cv = another way of making them, within = the rows that they are made of, as whole gives them, field = of the recipe that is to
--                blame }, where folds stand in folds
-- @return { count =, rows = that folds are made of, at = function(i) -> fold i for prepare.data: { train =, valid =, test =, rows = positions of
--         the test part among the rows that folds are made of }, whole = function(i) -> the training and the validation rows of fold i
--         together }: each is made when it is asked for, as there may be as many as rows
-- @error a failure with the recipe's line: more folds than rows, than rows of a class or than groups
function prepare.folds(recipe, read, o)
  local fields, cv, within = recipe.fields, o and o.cv or prepare.cv(recipe), o and o.within
  check_times(recipe, cv)
  check_strata(recipe, cv, o and o.field or { "assess", "cv" })
  local set, strata, place = development(recipe, read, within)
  strata.seed = fields.seed
  local folds
  plan.guarded(recipe, o and o.field or { "assess", "cv" }, function() folds = cv:folds(set, strata) end)
  local function at(i)
    local train, valid = folds[i].train, nil
    if fields.split.valid > 0 then
      local groups, times = strata.groups, strata.times
      local inner = split.parts(set:part(train, ("%s/fold%d"):format(set.name, i)), { valid = fields.split.valid, seed = fields.seed,
        stratify = fields.split.stratify, group = groups and groups:index_select(1, train), time = times and times:index_select(1, train) })
      train, valid = train:index_select(1, inner.train.chosen), train:index_select(1, inner.valid.chosen)
    end
    return { train = place(train, "train"), valid = valid and place(valid, "valid"), test = place(folds[i].test, "test"), rows = folds[i].test }
  end
  return { count = #folds, rows = #set, at = at, whole = function(i) return place(folds[i].train, "train") end }
end

-- Models ----------------------------------------------------------------------------------------------------------------

--- The shape of a row of each model's input, by its name: what `inputs` says, or that of the data.
function prepare.inputs(recipe, sizes)
  local shapes = {}
  for _, name in ipairs(recipe.fields.model.names) do shapes[name] = recipe.fields.inputs[name] or sizes end
  return shapes
end

--- Builds the recipe's model from its seed; the recipe's own stays a spec.
-- @param recipe  the recipe
-- @param sizes   of one row's x
-- @return a built module; one that is solved gets its sizes when it is fitted, or from the weights that it loads
function prepare.model(recipe, sizes)
  seed.set(recipe.fields.seed)
  local model = recipe.fields.model
  if recipe.solved then return model:clone() end
  if recipe.several then return model:clone():build(prepare.inputs(recipe, sizes)) end
  return model:clone():build(sizes)
end

return prepare
