--- What every feature is: a spec with options, which fitted to the training part gives a step, which changes tables.
--
-- A kind of feature is declared once, by Feature.kind{...}, in its own file:
--
--   name      "standardize"
--   options   as for moonlab.options
--   takes     the types of columns that it is for, unless options.columns names them: { number = true }
--   fit       function(table, names, options, context) -> state: numbers, texts, booleans and tables of them, nothing else, so that it
--             can be kept with the model as JSON. A second result is the training part transformed, for a feature that treats it
--             otherwise than other rows. context = { target = Column or nil, classes = names or nil, task =, seed = }
--   apply     function(table, names, state, options) -> table: the columns `names` replaced. It sees no other rows than those it is given:
--             the same row gives the same bits alone and among others
--   looks_back  function(options) -> how many rows before it a row looks at, for the kinds that series.lua declares: they add columns, and
--             stand in front of the others (see past.lua)
--
-- Where each column is treated by itself, each_column(fit_column, apply_column) makes both of them.

local blame = require "moonlab.blame"
local Table = require "moonlab.table.table"
local Column = require "moonlab.table.column"
local options = require "moonlab.options"

local Feature = { __name = "moonlab.Feature" }
Feature.__index = Feature

local kinds = {}

--- Whether a value is a feature's spec.
function Feature.is(value) return getmetatable(value) == Feature end

--- The spec as plain values, for config.json.
function Feature:describe()
  local out = { name = self.kind.name, off = self.off }
  for name, value in pairs(self.options) do out[name] = value end
  return out
end

--- Declares a kind of feature.
-- @return function(options) -> a spec; false in place of the options switches it off, as a search may do
function Feature.kind(kind)
  kinds[kind.name] = kind
  kind.options[#kind.options + 1] = { "columns", "table" }
  local where = "features." .. kind.name
  local read = options(where, kind.options, where .. "{}")
  return function(given)
    if given == false then return setmetatable({ kind = kind, options = {}, off = true }, Feature) end
    if kind.first and type(given) == kind.first[2] then given = { [kind.first[1]] = given } end
    local o = read(given)
    if kind.check then kind.check(o, where) end
    return setmetatable({ kind = kind, options = o }, Feature)
  end
end

-- The columns that a spec is for, in the table's order.
local function names_for(self, table_)
  local wanted, names = nil, {}
  if self.options.columns then
    wanted = {}
    for _, name in ipairs(self.options.columns) do
      table_:column(name) -- raises for an unknown one
      wanted[name] = true
    end
  end
  for _, name in ipairs(table_.names) do
    if wanted and wanted[name] or not wanted and self.kind.takes[table_:column(name).type] then names[#names + 1] = name end
  end
  for _, name in ipairs(self.options.columns or {}) do
    local kind = table_:column(name).type
    if not self.kind.takes[kind] then
      blame.raise("features.%s: column '%s' is %s; it takes %s", self.kind.name, name, kind, self.kind.wants)
    end
  end
  return names
end

--- Fits a spec to a table without changing it.
-- @param table_   the training part
-- @param context  { target = Column or nil, classes = names or nil, task =, seed = }
-- @return a step: { name =, columns =, options =, state = }, plain values alone; the training part as the step leaves it, where that is not
--         what the step makes of other rows
function Feature:learn(table_, context)
  local names = names_for(self, table_)
  local state, transformed = self.kind.fit(table_, names, self.options, context)
  return { name = self.kind.name, columns = names, options = self.options, state = state }, transformed
end

--- Fits a spec to a table.
-- @param table_   the training part
-- @param context  as for learn
-- @return a step; the training part as the step leaves it
function Feature:fit(table_, context)
  local step, transformed = self:learn(table_, context)
  return step, transformed or Feature.apply(step, table_)
end

--- Applies a fitted step to a table.
-- @param step    what fit gave, or the same read back from JSON
-- @param table_  any rows
-- @return a table
function Feature.apply(step, table_)
  local kind = kinds[step.name]
  if not kind then -- kept with a model; its module was not loaded yet
    require("moonlab.features." .. step.name)
    kind = kinds[step.name]
  end
  return kind.apply(table_, step.columns, step.state, step.options)
end

--- The table with other columns in the place of some.
-- @param changed  name -> a column or a list of them
function Feature.replaced(table_, changed)
  local columns = {}
  for _, column in ipairs(table_:columns()) do
    local new = changed[column.name]
    if new == nil then new = { column } elseif Column.is(new) then new = { new } end
    for _, one in ipairs(new) do columns[#columns + 1] = one end
  end
  return Table.of_columns(columns, #table_)
end

--- The table with columns in the place of the first of several, which are taken away.
-- @param names    of the columns that go
-- @param columns  a list of those that come
function Feature.placed(table_, names, columns)
  local changed = {}
  for i, name in ipairs(names) do changed[name] = i == 1 and columns or {} end
  return Feature.replaced(table_, changed)
end

--- A name that no column has: the wished one, or with "_2", "_3", ... behind it.
function Feature.free_name(table_, wished)
  local taken, name, number = {}, wished, 1
  for _, one in ipairs(table_.names) do taken[one] = true end
  while taken[name] do
    number = number + 1
    name = ("%s_%d"):format(wished, number)
  end
  return name
end

--- fit and apply of a feature that treats each column by itself.
-- @param fit_column    function(column, options, context) -> state
-- @param apply_column  function(column, state, options) -> a column, or a list of them in its place
function Feature.each_column(fit_column, apply_column)
  local function fit(table_, names, o, context)
    local states = {}
    for i, name in ipairs(names) do states[i] = fit_column(table_:column(name), o, context) end
    return states
  end
  local function apply(table_, names, states, o)
    local changed = {}
    for i, name in ipairs(names) do changed[name] = apply_column(table_:column(name), states[i], o) end
    return Feature.replaced(table_, changed)
  end
  return fit, apply
end

return Feature
