--- What a model looks at: how much worse it is without what a column says, and how its answer goes with a column's value. For any model; of a
-- recipe's table the columns are the user's own, before anything was made of them.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local missing = require "moonlab.table.missing"
local metrics = require "moonlab.metrics"
local options = require "moonlab.options"
local Result = require "moonlab.metrics.result"
local sparse = require "moonlab.sparse"
local sources = require "moonlab.data.tensors"

local importance = {}

-- Inputs -----------------------------------------------------------------------------------------------------------------------------

-- The columns of x [n, p]: names, values(j), with(j, new values) -> x.
local function of_tensor(set, o)
  local x = sparse.dense(set:column "x")
  if x:dim() ~= 2 then blame.raise("assess: x is [%s]; columns can be told apart where it is [n, p]", table.concat(x.shape, ", ")) end
  local view = { names = {} }
  for j = 1, x:size(2) do view.names[j] = o.fields and o.fields[j] or "x" .. j end
  function view.permuted(j, order) return view.replaced(j, x:select(2, j):index_select(1, order)) end
  function view.replaced(j, values)
    local changed = x:clone()
    changed[{ {}, j }] = values
    return changed
  end
  function view.values(j) return x:select(2, j):double():tolist() end
  view.constant = view.replaced
  return view
end

-- The columns of a table that a pipeline reads.
local function of_table(set, o)
  local pipeline, fitted, rows = require "moonlab.features.pipeline", o.pipeline, o.table
  if #rows ~= #set then blame.raise("assess: the table has %d rows, the set %d", #rows, #set) end
  local view, dtype = { names = pipeline.looked_at(fitted, rows) }, set:column "x".dtype
  local function x_of(changed)
    return pipeline.x(pipeline.apply(fitted, changed, "changed"), dtype, fitted.sparse)
  end
  function view.permuted(j, order) return x_of(rows:with { [view.names[j]] = rows:column(view.names[j]):gather(order) }) end
  function view.values(j) return rows:column(view.names[j]):to_list() end
  -- A value that a row has keeps its type; another number stands as it is.
  function view.constant(j, value)
    local list = view.values(j)
    for i = 1, #rows do
      if list[i] == value then return view.permuted(j, core.full({ #rows }, i, { dtype = "int64" })) end
    end
    return x_of(rows:with { [view.names[j]] = value })
  end
  return view
end

local function view_of(set, o)
  if (o.table == nil) ~= (o.pipeline == nil) then blame.raise "assess: table and pipeline go together" end
  return o.table and of_table(set, o) or of_tensor(set, o)
end

local function position_of(view, name)
  if math.type(name) == "integer" and view.names[name] then return name end
  for j, one in ipairs(view.names) do
    if one == name then return j end
  end
  blame.raise("assess: %s", require "moonlab.suggest".unknown("column", tostring(name), view.names))
end

local function chosen(view, columns)
  local list = {}
  for j = 1, columns and 0 or #view.names do list[j] = j end
  for i, name in ipairs(columns or {}) do list[i] = position_of(view, name) end
  return list
end

local function evaluated(model, set, x, y, o)
  local changed = sources.tensors { x = x, y = y, classes = set.classes, name = set.name }
  if o.evaluate then return o.evaluate(model, changed) end
  return metrics.evaluate(model, changed, { values = y.dtype:find "^float" ~= nil, batch = o.batch })
end

-- Permutation ------------------------------------------------------------------------------------------------------------------------

local INPUTS = { { "evaluate", "function" }, { "fields", "table" }, { "table", "any" }, { "pipeline", "table" }, { "batch", "count", 1024 } }
local function declared(own) return table.move(INPUTS, 1, #INPUTS, #own + 1, own) end

local parse_permutation = options("assess.permutation_importance",
  declared { { "metric", "any" }, { "repeats", "count", 5 }, { "seed", "integer", 0 }, { "columns", "table" } },
  'ml.assess.permutation_importance(model, set, {metric = "auc"})')

local function summary(name, drops)
  local mean, squares = 0, 0
  for _, v in ipairs(drops) do mean = mean + v / #drops end
  for _, v in ipairs(drops) do squares = squares + (v - mean) ^ 2 end
  return { name = name, mean = mean, std = math.sqrt(squares / #drops), drops = drops }
end

--- Permutation importance (Breiman 2001; Fisher et al. 2019): how much worse the score becomes when the values of a column are dealt out to the rows
-- anew, so that it tells nothing. Of columns that tell the same each seems to matter little. Dealt out by (seed, column's name, repetition).
-- @param model  a fitted model
-- @param set    a data set with y that did not train it
-- @param o      { metric = ("accuracy" of classes, "rmse" of numbers), repeats = 5, seed = 0, columns = names (all), fields = names of x's columns;
--               pipeline = and table = a recipe's fitted pipeline and the set's rows before it: then columns are those of the table; batch = 1024,
--               evaluate = function(model, set) -> a result, in the place of ml.metrics.evaluate }
-- @return a list by falling importance of { name =, mean = of what the score loses, std =, drops = by repetition }, the score itself; nil and why where
--         the metric is undefined
-- @usage for _, one in ipairs(ml.assess.permutation_importance(model, test)) do print(one.name, one.mean) end
function importance.permutation_importance(model, set, o)
  o = parse_permutation(o)
  local view, y = view_of(set, o), set:column "y"
  local name = metrics.name(o.metric or y.dtype == "int64" and "accuracy" or "rmse")
  local sign = metrics.larger_is_better(name) and 1 or -1
  local base, why = metrics.of(name, evaluated(model, set, set:column "x", y, o))
  if not base then return nil, why end
  local out = {}
  for i, j in ipairs(chosen(view, o.columns)) do
    local drops = {}
    for r = 1, o.repeats do
      local order = core.random_permutation(core.random_key(o.seed, "permutation importance", view.names[j], r), #set)
      local score, problem = metrics.of(name, evaluated(model, set, view.permuted(j, order), y, o))
      if not score then return nil, ("without '%s': %s"):format(view.names[j], problem) end
      drops[r] = sign * (base - score) + 0.0 -- no -0.0
    end
    out[i] = summary(view.names[j], drops)
  end
  table.sort(out, function(a, b)
    if a.mean ~= b.mean then return a.mean > b.mean end
    return a.name < b.name
  end)
  return out, base
end

-- Partial dependence -----------------------------------------------------------------------------------------------------------------

local parse_dependence = options("assess.partial_dependence",
  declared { { "column", "any" }, { "points", "count", 20 }, { "values", "table" }, { "class", "any" } },
  'ml.assess.partial_dependence(model, set, {column = "age"})')

local function is_there(value) return value ~= nil and value == value and value ~= missing end

-- The different values that are there, in order.
local function different(list)
  local seen, out = {}, {}
  for i = 1, #list do
    local value = list[i]
    if is_there(value) and not seen[value] then seen[value], out[#out + 1] = true, value end
  end
  table.sort(out, function(a, b)
    if type(a) == type(b) and type(a) ~= "boolean" then return a < b end
    return tostring(a) < tostring(b)
  end)
  return out
end

-- The values that most rows have, in order.
local function commonest(list, values, points)
  local counts, place = {}, {}
  for i = 1, #list do
    local value = list[i]
    if is_there(value) then counts[value] = (counts[value] or 0) + 1 end
  end
  for i, value in ipairs(values) do place[value] = i end
  table.sort(values, function(a, b)
    if counts[a] ~= counts[b] then return counts[a] > counts[b] end
    return place[a] < place[b]
  end)
  local some = table.move(values, 1, points, 1, {})
  table.sort(some, function(a, b) return place[a] < place[b] end)
  return some
end

-- All values where they are few; of numbers from the 5th to the 95th percentile, of words those that are commonest.
local function grid_of(list, points)
  local values = different(list)
  if #values <= points then return values end
  if type(values[1]) ~= "number" then return commonest(list, values, points) end
  local numbers = {}
  for i = 1, #list do
    if is_there(list[i]) then numbers[#numbers + 1] = list[i] end
  end
  local ends = require "moonlab.quantiles".quantile(core.tensor(numbers, { dtype = "float64" }), { 0.05, 0.95 }):tolist()
  local grid = {}
  for k = 1, points do grid[k] = points > 1 and ends[1] + (ends[2] - ends[1]) * (k - 1) / (points - 1) or (ends[1] + ends[2]) / 2 end
  return grid
end

local function answer_of(result, class)
  if result.y.dtype ~= "int64" then return result.output:mean():item() end
  return Result.probabilities(result):select(2, class):mean():item()
end

-- The mean probability of each class, behind those of the values before.
local function add_each(out, i, result)
  out.mean, out.by_class = nil, out.by_class or {}
  for class, p in ipairs(Result.probabilities(result):mean(1):tolist()) do
    out.by_class[class] = out.by_class[class] or {}
    out.by_class[class][i] = p
  end
end

--- Partial dependence (Friedman 2001): the mean answer of the model over all rows, were the column to have a value in each of them. It speaks of the
-- model, not of the world, and of rows that may not exist where columns go together.
-- @param model  a fitted model
-- @param set    a data set
-- @param o      { column = name or number, points = 20 from the 5th to the 95th percentile, of words the commonest (all values where they are fewer),
--               values = a list in their place, class = whose probability (2 of two), or "each"; fields, pipeline, table, batch as for permutation_importance }
-- @return { name =, values =, mean = the mean answer for each: a number, or the probability of the class; where class is "each", by_class = one such list a
--         class }
-- @usage ml.assess.partial_dependence(model, set, { column = "age" }).mean
function importance.partial_dependence(model, set, o)
  o = parse_dependence(o)
  if o.column == nil then blame.raise "assess.partial_dependence: which column? Write {column = 'age'}" end
  local view, y = view_of(set, o), set:column "y"
  local j = position_of(view, o.column)
  if o.class ~= nil and o.class ~= "each" and not (math.type(o.class) == "integer" and o.class > 0) then
    blame.raise("assess.partial_dependence: class must be the number of one, or \"each\", got %s", blame.show(o.class))
  end
  local out = { name = view.names[j], values = o.values or grid_of(view.values(j), o.points), mean = {} }
  for i, value in ipairs(out.values) do
    local result = evaluated(model, set, view.constant(j, value), y, o)
    local class = o.class or 2
    if result.classes and not o.class and result.classes > 2 then
      blame.raise("assess.partial_dependence: there are %d classes; say whose probability is meant, class = 1", result.classes)
    end
    if class == "each" then add_each(out, i, result) else out.mean[i] = answer_of(result, class) end
  end
  return out
end

return importance
