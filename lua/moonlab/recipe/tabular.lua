--- From a recipe whose source is a table to the sets that the trainer takes: read, cleaned, cut, then fitted to the training part.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local failure = require "moonlab.failure"
local as_written = require "moonlab.data.as_written"
local cleaning = require "moonlab.data.cleaning"
local columns = require "moonlab.data.columns"
local Labels = require "moonlab.data.labels"
local locate = require "moonlab.data.locate"
local Dataset = require "moonlab.data.tensors"
local expression = require "moonlab.table.expression"
local look_back = require "moonlab.recipe.look_back"
local past = require "moonlab.features.past"
local pipeline = require "moonlab.features.pipeline"
local plan = require "moonlab.recipe.plan"
local space = require "moonlab.space"
local split = require "moonlab.split"
local suggest = require "moonlab.suggest"

local tabular = {}

local function contains(list, wanted)
  for _, one in ipairs(list) do
    if one == wanted then return true end
  end
  return false
end

-- A name in the recipe's text that the table must have. hint: what the reader says of the file's first lines, or nil.
local function check_name(recipe, path, name, names, hint)
  if contains(names, name) then return end
  plan.blame(recipe, path, "%s: %s%s", recipe.fields.data.source.name, suggest.unknown("column", name, names), hint or "")
end

-- What is said of a column that is a feature, and would be ignored of the target.
local function check_target(recipe)
  local wish = recipe.fields.data
  local spec = wish.columns[wish.target]
  local given = columns.is_spec(spec) and spec.options or {}
  local path = { "data", "columns", wish.target }
  if given.map then
    plan.blame(recipe, path, "'%s' is the target, which no map changes; derive what is asked for: target = \"y\", derive = { y = function(c) return c.%s:%s() end }",
      wish.target, wish.target, type(given.map) == "string" and given.map or "log1p")
  end
  if given.missing ~= nil then
    plan.blame(recipe, path, "'%s' is the target: rows without it are dropped, and nothing stands in its place ('missing')", wish.target)
  end
end

local function check_names(recipe, names, hint)
  local wish = recipe.fields.data
  if not wish.target then plan.blame(recipe, { "data" }, "a table needs data.target, the column that is asked for") end
  for _, role in ipairs { "target", "id", "group", "time" } do
    if wish[role] and not wish.derive[wish[role]] and not (role == "target" and wish.labels) then check_name(recipe, { "data", role }, wish[role], names, hint) end
  end
  if recipe.fields.train.weights == wish.target and wish.target then
    plan.blame(recipe, { "train", "weights" }, "'%s' is the target: how much a row counts is said by another column", wish.target)
  end
  if recipe.fields.train.weights then check_name(recipe, { "train", "weights" }, recipe.fields.train.weights, names, hint) end
  if recipe.fields.split.by then check_name(recipe, { "split", "by" }, recipe.fields.split.by, names, hint) end
  for name, spec in pairs(wish.columns) do
    if not columns.is_spec(spec) then
      plan.blame(recipe, { "data", "columns", name }, "'%s' must be what data.number{...} and its kin give", name)
    end
    if not wish.derive[name] and not (wish.labels and name == wish.target) then
      check_name(recipe, { "data", "columns", name }, name, names, hint)
    end
  end
  check_target(recipe)
end

local function recorded_of(recipe, name, known)
  local ok, recorded = pcall(space.none_in, "data.derive", expression.record, recipe.fields.data.derive[name], known, ("the derived value '%s'"):format(name))
  if ok then return recorded end
  local message, placed = blame.strip(failure.message_of(recorded))
  if placed then failure.raise("error", "%s", message) end -- the function knows its line better
  plan.blame(recipe, { "data", "derive", name }, "%s", message)
end

-- A feature that is made of the target tells it, and can't be made where it is asked for.
local function refuse_target(recipe, name, recorded)
  for _, input in ipairs(recorded:inputs()) do
    if input == recipe.fields.data.target then
      plan.blame(recipe, { "data", "derive", name }, "'%s' is made of the target '%s', which is not known where it is asked for", name, input)
    end
  end
end

local EARLY = { "target", "time", "group" } -- what cleaning and cutting look at

-- Those of them that are derived, made before anything is cleaned. The target may have the name of a column that it is made from.
local function with_derived(recipe, table_)
  local wish = recipe.fields.data
  for _, role in ipairs(EARLY) do
    local name = wish[role]
    if name and wish.derive[name] then table_ = table_:with { [name] = recorded_of(recipe, name, table_.names):on(table_) } end
  end
  if wish.time and not table_:column(wish.time).values then
    plan.blame(recipe, { "data", "time" }, "column '%s' is text, which has no order of time\n  hint: time = \"at\", derive = { at = function(c) return "
      .. "c.%s:time(\"%%Y-%%m\") end }", wish.time, wish.time)
  end
  return table_
end

--- Derived columns in the order of their names, each as it is kept with the model; serving does not ask for the target.
-- @param recipe  the recipe
-- @param names   of the columns that are read
-- @return a list of { name =, expression = encoded }
function tabular.derivations(recipe, names)
  local known, out, order = table.move(names, 1, #names, 1, {}), {}, {}
  local target, no_feature = recipe.fields.data.target, tabular.excluded(recipe)
  for name in pairs(recipe.fields.data.derive) do
    if name ~= target then order[#order + 1] = name end
  end
  table.sort(order)
  for i, name in ipairs(order) do
    local recorded = recorded_of(recipe, name, known)
    if not no_feature[name] then refuse_target(recipe, name, recorded) end
    out[i] = { name = name, expression = recorded:encode() }
    known[#known + 1] = name
  end
  return out
end

-- What x and numbers as targets are: models that are solved directly want more digits than those that are trained.
local function dtype_of(recipe) return recipe.fields.model.dtype or "float32" end

-- Targets ------------------------------------------------------------------------------------------------------------

-- By value where all are numbers, else by their bytes.
local function in_order(a, b)
  local x, y = tonumber(a), tonumber(b)
  if x and y and x ~= y then return x < y end
  if (x ~= nil) ~= (y ~= nil) then return x ~= nil end
  return a < b
end

local function class_names(column)
  local names = column:text():unique():to_list()
  table.sort(names, in_order)
  return names
end

-- { classes = names or nil }
local function target_of(recipe, column)
  local task, wish = recipe.fields.task, recipe.fields.data
  if task == "regression" then
    if column.type ~= "number" and column.type ~= "integer" then
      plan.blame(recipe, { "data", "target" }, "'%s' is %s, but a regression needs numbers", wish.target, column.type)
    end
    return {}
  end
  if task ~= "binary" and task ~= "multiclass" then
    plan.blame(recipe, { "task" }, "a table has a target for the tasks regression, binary and multiclass, not '%s'", task)
  end
  local names = class_names(column)
  if task == "binary" and #names ~= 2 then
    plan.blame(recipe, { "data", "target" }, "'%s' has %s, a binary task has two: %s", wish.target,
      #names == 1 and "one value alone" or ("%d different values"):format(#names), table.concat(names, ", ", 1, math.min(#names, 8)))
  end
  if wish.positive ~= nil then
    local positive = tostring(wish.positive)
    if positive ~= names[1] and positive ~= names[2] then
      plan.blame(recipe, { "data", "positive" }, "'%s' has the values %s, not '%s'", wish.target, table.concat(names, " and "), positive)
    end
    if positive == names[1] then names[1], names[2] = names[2], names[1] end
  end
  return { classes = names }
end

-- y: numbers [n, 1] of the type that the model takes, or classes from 1.
local function y_of(target, column, dtype)
  if not target.classes then return column.values:to(dtype):unsqueeze(2) end
  return column:text():category(target.classes).values
end

-- The weights of some rows, or nil.
local function weights_of(recipe, table_, rows)
  local name = recipe.fields.train.weights
  if not name then return nil end
  local column = table_:column(name)
  if column.type ~= "number" and column.type ~= "integer" and column.type ~= "boolean" then
    plan.blame(recipe, { "train", "weights" }, "'%s' is %s, but weights are numbers", name, column.type)
  end
  column = column:gather(rows)
  local missing = column:is_missing():sum()
  if missing > 0 then plan.blame(recipe, { "train", "weights" }, "column '%s' has %d missing %s in the training part", name, missing,
      missing == 1 and "value" or "values") end
  return column.values:to "float64"
end

-- Parts ---------------------------------------------------------------------------------------------------------------

local function wishes(recipe, table_)
  local wish, by = recipe.fields.split, nil
  if wish.by then by = table_:column(wish.by):text():to_list() end
  local group, time = recipe.fields.data.group, recipe.fields.data.time
  return {
    valid = by and 0 or wish.valid, test = wish.test or 0, -- valid has a default, which a column of parts takes the place of
    stratify = wish.stratify, seed = recipe.fields.seed, by = by,
    group = group and table_:column(group):text():category().values, time = time and table_:column(time).values,
  }
end

-- The clean rows as a data set of positions, for what cuts by labels.
local function rows_of(recipe, read)
  local y = read.y:dim() == 1 and read.y or read.y:squeeze(2)
  return Dataset.tensors { x = core.arange(1, #read.cleaned.table), y = y, name = recipe.fields.name }
end

--- Cuts the clean rows as the recipe says.
-- @param recipe  the recipe
-- @param read    what tabular.read gave
-- @return { train =, valid =, test = } positions in the clean table; a part that is not wished is nil
function tabular.cut(recipe, read)
  local table_ = read.cleaned.table
  local parts, out = nil, {}
  plan.guarded(recipe, { "split" }, function() parts = split.parts(rows_of(recipe, read), wishes(recipe, table_)) end)
  for _, name in ipairs { "train", "valid", "test" } do
    if parts[name] then out[name] = parts[name].chosen or core.arange(1, #table_) end
  end
  return out
end

--- What folds are made by: the labels, groups and times of some of the clean rows, and a data set of them.
-- @param rows  positions in the clean table
-- @return a data set of the rows, { labels =, groups =, times =, columns = function(name) -> the values of a column }
function tabular.strata(recipe, read, rows)
  local wish, table_ = recipe.fields.data, read.cleaned.table:rows(rows)
  local set = rows_of(recipe, read):part(rows, recipe.fields.name .. "/folds")
  return set, {
    labels = read.target.classes and read.y:index_select(1, rows) or nil,
    groups = wish.group and table_:column(wish.group):text():category().values or nil,
    times = wish.time and table_:column(wish.time).values or nil,
    columns = function(name) return table_:column(name) end,
  }
end

--- The columns that are no features, whatever the recipe says of them: a set of names.
function tabular.excluded(recipe)
  local wish, out = recipe.fields.data, {}
  for _, name in ipairs { wish.target, wish.id or false, wish.group or false, recipe.fields.split.by or false, recipe.fields.train.weights or false } do
    if name then out[name] = true end
  end
  if wish.time and not wish.columns[wish.time] then out[wish.time] = true end
  if wish.source.source_column then out[wish.source.source_column] = true end
  return out
end

local function clean(recipe, table_, problems)
  local wish = recipe.fields.data
  return cleaning.run(table_, problems, {
    columns = wish.columns, outliers = true, invalid = wish.clean.invalid, target = wish.target, id = wish.id, name = wish.source.name, source = wish.source.source_column,
    duplicates = { action = wish.clean.duplicates, columns = wish.clean.duplicates_by, near = wish.clean.near },
  })
end

-- The file of labels of a recipe, or nil.
local function labels_path(recipe)
  local path = recipe.fields.data.labels
  return path and locate("data.labels", path, "file", recipe.path or recipe.file)
end

--- A table with the target as people have labelled it; rows without a label have none. Without data.labels, the table as it is.
function tabular.with_labels(recipe, table_)
  local path, wish = labels_path(recipe), recipe.fields.data
  if not path then return table_ end
  return table_:with { [wish.target] = Labels.open(path):column(table_, wish.id, wish.target) }
end

--- The files that a recipe reads besides those of its source.
function tabular.files(recipe)
  local path = labels_path(recipe)
  return path and { { path = path, sha256 = core.sha256(path) } } or {}
end

-- The rows of each part by a column of names: part -> list of { name =, rows = positions in the part }.
local function by_name(column, places)
  local names, out = column:unique():to_list(), {}
  for part, rows in pairs(places) do
    local here = column:gather(rows)
    out[part] = {}
    for i, name in ipairs(names) do out[part][i] = { name = name, rows = here:eq(name).values:nonzero():flatten() } end
  end
  return out
end

local GROUPS = 20 -- more of them are no help to look at one by one

local function by_group(recipe, table_, places)
  local group = recipe.fields.data.group
  local column = group and table_:column(group):text()
  if not column or #column:unique():to_list() > GROUPS then return nil end
  local out = by_name(column, places)
  for part, list in pairs(out) do -- a group is in one part alone
    out[part] = {}
    for _, one in ipairs(list) do
      if #one.rows > 0 then table.insert(out[part], one) end
    end
  end
  return out
end

--- What rows have in common, that their scores are told by: their source, where there are several, and their group.
-- @param table_  the clean rows
-- @param places  part -> positions in it
-- @return by source, by group: part -> list of { name =, rows = positions in the part }, or nil
function tabular.kinds(recipe, table_, places)
  local source, group = recipe.fields.data.source.source_column, recipe.fields.data.group
  return source and table_:has(source) and by_name(table_:column(source), places) or nil, group and table_:has(group) and by_group(recipe, table_, places) or nil
end

local function default_features()
  local features = require "moonlab.features"
  return { features.standardize(), features.one_hot() }
end

local MANY_WORDS = 1000 -- of a text that will not be a category

-- Texts that will be categories, as codes: fold after fold moves numbers then, and no texts.
local function with_codes(recipe, table_)
  local changed, left_out = {}, tabular.excluded(recipe)
  for _, column in ipairs(table_:columns()) do
    local spec = recipe.fields.data.columns[column.name]
    if column.type == "text" and not left_out[column.name] and (not spec or spec.type == "category") and column:codes(MANY_WORDS) then
      changed[column.name] = column:category()
    end
  end
  return table_:with(changed)
end

local function check_kept(recipe, cleaned)
  if cleaned.kept > 0 then return end
  failure.raise("data", "%s: no row is left after cleaning\n%s", recipe.fields.data.source.name, cleaning.text(cleaned))
end

--- Reads and cleans the table of a recipe, and looks back where features do: nothing in it is fitted, so that it is done once for all cuts.
-- @param recipe  the recipe
-- @param rows    at most so many are read (a look at the beginning)
-- @return { cleaned = what cleaning.run gave, target =, y =, derive = derived columns, back = what look_back gave }
-- @error a failure with the recipe's line, or with status 4 for the data
function tabular.read(recipe, rows)
  local wish = recipe.fields.data
  local names, hint = wish.source:names()
  check_names(recipe, names, hint)
  local declared = columns.for_reader(wish.columns, names)
  if recipe.fields.task ~= "regression" and not declared.types[wish.target] and not wish.labels and contains(names, wish.target) then
    declared.types[wish.target] = "text" -- classes are called as they stand in the file: yes, and not true
  end
  local table_, problems = wish.source:table { declared = declared, rows = rows }
  table_ = with_derived(recipe, tabular.with_labels(recipe, table_))
  local cleaned = clean(recipe, table_, problems)
  check_kept(recipe, cleaned)
  local derive = tabular.derivations(recipe, table_.names)
  local back = look_back(recipe, cleaned, recipe.fields.features or default_features(), derive)
  check_kept(recipe, cleaned)
  cleaned.table = with_codes(recipe, cleaned.table)
  local target = target_of(recipe, cleaned.table:column(wish.target))
  local y = y_of(target, cleaned.table:column(wish.target), dtype_of(recipe))
  return { cleaned = cleaned, target = target, y = y, derive = derive, back = back }
end

--- The rows that cleaning has set aside as they are written in the recipe's files, where it reads files.
-- @param recipe  the recipe
-- @param aside   .quarantine of what cleaning.run gave
function tabular.as_written(recipe, aside)
  local wish, changed = recipe.fields.data, {}
  local written = as_written(wish.source, aside.source_row:to_list())
  if not written or #written ~= #aside then return aside end
  for _, name in ipairs(written.names) do
    if aside:has(name) and not (wish.labels and name == wish.target) then changed[name] = written:column(name) end
  end
  return aside:with(changed)
end

-- The pipeline fitted to the training rows, and the training part as it leaves it.
local function fit(recipe, read, train)
  local _, features = past.of(recipe.fields.features or default_features()) -- the recipe's own: what was read may serve several trials
  return pipeline.fit(train, {
    takes_sparse = recipe.fields.model.takes_sparse, columns = read.back.columns, derive = read.derive, excluded = tabular.excluded(recipe), past = read.back.past, features = features,
    context = { target = train:column(recipe.fields.data.target), classes = read.target.classes, task = recipe.fields.task, seed = recipe.fields.seed },
  })
end

--- Fits the features of a recipe to the training part, and applies them to all.
-- @param recipe  the recipe
-- @param read    what tabular.read gave
-- @param places  { train =, valid =, test = } positions in the clean table, as tabular.cut gives them
-- @return { train =, valid =, test = data sets, .pipeline, .cleaning = what cleaning.run gave, .classes = names or nil, .fields = names of x,
--         .places, .table = the clean rows, .by_source, .by_group = part -> list of { name =, rows = },
--         .weights = the name of the column with the weight of each training row, where there is one,
--         of numbers in the order of time .times and .targets of all rows }
-- @error a failure with the recipe's line
function tabular.parts(recipe, read, places)
  local table_, target, out = read.cleaned.table, read.target, {}
  local fitted, learned
  read.back.check(places)
  plan.guarded(recipe, { "data", "columns" }, function() fitted, learned = fit(recipe, read, table_:rows(places.train)) end)
  plan.guarded(recipe, { "data", "columns" }, function()
    for _, name in ipairs { "train", "valid", "test" } do
      if places[name] then
        local x = pipeline.x(name == "train" and learned or pipeline.apply(fitted, table_:rows(places[name]), name), dtype_of(recipe), fitted.sparse)
        local columns = { x = x, y = read.y:index_select(1, places[name]), classes = target.classes, name = recipe.fields.name .. "/" .. name }
        columns.weights = name == "train" and weights_of(recipe, table_, places.train) or nil
        out[name] = Dataset.tensors(columns)
      end
    end
  end)
  out.pipeline, out.cleaning, out.classes, out.fields = fitted, read.cleaned, target.classes, fitted.fields
  out.places, out.table, out.weights = places, table_, out.train.columns.weights and "weights"
  local time, group = recipe.fields.data.time, recipe.fields.data.group
  if time and not group and not target.classes then out.times, out.targets = table_:column(time).values, read.y end
  out.by_source, out.by_group = tabular.kinds(recipe, table_, places)
  return out
end

local LOOK = 10000 -- rows that `check` reads

--- What the model will see: sizes and classes, as a source's peek gives them. Without parts the beginning of the table is read and
-- prepared as a run would do it.
-- @param parts  what tabular.parts gave, or nil
function tabular.peek(recipe, parts)
  local looked = parts
  if not looked then
    local read = tabular.read(recipe, LOOK)
    looked = tabular.parts(recipe, read, tabular.cut(recipe, read))
  end
  local count = 0
  for _, name in ipairs { "train", "valid", "test" } do count = count + (looked[name] and #looked[name] or 0) end
  local x = table.move(looked.pipeline.shape, 1, #looked.pipeline.shape, 1, { dtype = looked.pipeline.dtype })
  return { count = count, x = x, y = looked.classes and {} or { 1, dtype = dtype_of(recipe) },
    classes = looked.classes and #looked.classes, partly = not parts and looked.cleaning.read == LOOK, fields = looked.fields,
    looked = { table = looked.table, places = looked.places, derive = looked.pipeline.derive, past = looked.pipeline.past } }
end

return tabular
