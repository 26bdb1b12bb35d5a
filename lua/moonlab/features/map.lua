--- features.map: any change of variables.

local blame = require "moonlab.blame"
local core = require "moonlab.core"
local expression = require "moonlab.table.expression"
local operands = require "moonlab.table.operands"
local Column = require "moonlab.table.column"
local Feature = require "moonlab.features.feature"

-- The results of a function as a list of { name =, expression = encoded }, in the order of their names.
local function record(f, names)
  local results
  local function first(c)
    results = f(c)
    if type(results) ~= "table" or expression.is(results) then
      blame.raise("features.map: the function must give a table of columns by name, as in { r = c.x:hypot(c.y) }")
    end
    local _, one = next(results)
    return one
  end
  expression.record(first, names, "what features.map makes")
  local made = {}
  for name, result in pairs(results) do
    if type(name) ~= "string" then blame.raise("features.map: results need names, as in { r = c.x:hypot(c.y) }") end
    local recorded = expression.record(function() return result end, names, ("features.map: '%s'"):format(name))
    made[#made + 1] = { name = name, expression = recorded:encode() }
  end
  table.sort(made, function(a, b) return a.name < b.name end)
  return made
end

local function fit(table_, names, o)
  local going = {}
  for _, name in ipairs(names) do going[name] = not o.keep end
  for _, one in ipairs(o.made) do
    for _, name in ipairs(table_.names) do
      if name == one.name and not going[name] then blame.raise("features.map: there is a column '%s' already", name) end
    end
  end
  return {}
end

-- Numbers are float64, so that a missing one shows as what is not finite.
local function as_feature(column)
  if column.type == "integer" or column.type == "boolean" then
    return Column.new { type = "number", values = operands.as_number(column), name = column.name }
  end
  return column
end

local function apply(table_, names, _, o)
  local made = {}
  for i, one in ipairs(o.made) do made[i] = as_feature(expression.decode(one.expression):on(table_)):renamed(one.name) end
  if not o.keep then return Feature.placed(table_, names, made) end
  local last = names[#names]
  table.insert(made, 1, table_:column(last))
  return Feature.replaced(table_, { [last] = made })
end

local ANY = { number = true, integer = true, boolean = true, time = true, text = true, category = true }
local spec = Feature.kind { name = "map", options = { { "made", "table" }, { "keep", "boolean", false } }, takes = ANY, wants = "any column",
  fit = fit, apply = apply }

--- Columns computed from others, row by row, in their place: what a function gives is recorded and kept with the model. Columns of
-- features.one_hot and its kin, which have several fields, cannot be named.
-- @param o  { columns = names, function(c) that gives { name = column, ... } of c.name, ..., keep = false: true leaves the columns
--           where they are, and the new ones follow them }
-- @return a spec for a recipe's features
-- @error no columns, a function whose results are no columns
-- @usage features = { features.map { columns = { "x", "y" }, function(c) return { r = c.x:hypot(c.y), angle = c.y:atan2(c.x) } end } }
return function(o)
  if o == false then return spec(false) end
  local rest, f = {}, nil
  for key, value in pairs(type(o) == "table" and o or {}) do
    if key == 1 then f = value else rest[key] = value end
  end
  if type(rest.columns) ~= "table" or #rest.columns == 0 or type(f) ~= "function" then
    blame.raise("features.map: columns and a function are needed, as in features.map { columns = { \"x\" }, function(c) return { z = c.x * 2 } end }")
  end
  if rest.made ~= nil then blame.raise("features.map: unknown option 'made'; the function says what is made") end
  rest.made = record(f, rest.columns)
  return spec(rest)
end
