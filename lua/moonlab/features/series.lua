--- What features.lags and features.rolling share: what a row sees of the rows before it in its own series.
--
-- Rows are put in order by series and time; a row then looks back by places. Each value is computed from the rows that it looks at alone,
-- so that a row gets the same bits whatever else is in the table. NaN stands where there are not enough rows before.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local columns = require "moonlab.data.columns"
local operands = require "moonlab.table.operands"
local Column = require "moonlab.table.column"
local Feature = require "moonlab.features.feature"
local words = require "moonlab.features.words"

local series = {}

local NAN = 0 / 0

local function check_present(column, what)
  local missing = column:is_missing():sum()
  if missing > 0 then blame.raise("column '%s', %s, is missing in %d of %d rows", column.name, what, missing, #column) end
end

-- The number of the series of each row, from 1, and how many there are.
local function codes_of(table_, group)
  if not group then return core.ones(#table_, { dtype = "int64" }), 1 end
  local column = table_:column(group)
  check_present(column, "the series")
  local codes, firsts = column:text():codes()
  return codes, #firsts
end

local function times_of(table_, order)
  local column = table_:column(order)
  if column.type ~= "time" and column.type ~= "number" and column.type ~= "integer" then
    blame.raise("column '%s' is %s; the order of a series is by times or numbers: say %s = data.time{} in data.columns", order, column.type, order)
  end
  check_present(column, "the order of the rows")
  return operands.as_number(column)
end

--- The rows in order: by series, in each by time, rows of one time as they stand.
-- @param state  { group = name or nil, order = name or nil }
-- @return { order = positions of rows, back = where each row stands in it, rank = how many rows of its series are before each place }
function series.arranged(table_, state)
  local n = #table_
  local order = state.order and times_of(table_, state.order):argsort(1) or core.arange(1, n)
  local codes, count = codes_of(table_, state.group)
  order = order:index_select(1, codes:index_select(1, order):argsort(1))
  local sizes = words.counts(codes, count)
  local before = (sizes:cumsum(1) - sizes):index_select(1, codes:index_select(1, order)) -- rows of the series before
  return { order = order, back = order:argsort(1), rank = core.arange(0, n - 1) - before }
end

--- The values so many places before each place, NaN where there is none.
-- @param values  float64 [n], in order
function series.shifted(values, rank, by)
  local n = #values
  return values:index_select(1, (core.arange(1, n) - by):clamp(1, n)):masked_fill(rank:lt(by), NAN)
end

--- Declares a kind of feature that looks back. A recipe gives it the whole table, in front of all other features: see past.lua.
-- @param kind  { name =, options = (columns, group, order and missing are added), check =,
--              looks_back = function(options) -> how many rows, names = function(options, name) -> list of names of columns,
--              values = function(values [n] in order, rank, options) -> list of float64 [n], in order }
function series.kind(kind)
  local list = { { "group", "string" }, { "order", "string" }, { "missing", "any", "drop" } }
  table.move(kind.options, 1, #kind.options, #list + 1, list)
  local function check(o, where)
    if not o.columns or #o.columns == 0 then blame.raise("%s: columns are needed, as in %s{columns = {\"sales\"}}", where, where) end
    if o.missing ~= "drop" then columns.number { missing = o.missing } end -- which knows what may be said
    kind.check(o, where)
  end
  local function fit(table_, names, o, context)
    local state = { group = o.group or context.group, order = o.order or context.time, made = {} }
    for _, name in ipairs(names) do
      for _, made in ipairs(kind.names(o, name)) do state.made[#state.made + 1] = Feature.free_name(table_, made) end
    end
    return state
  end
  local function apply(table_, names, state, o)
    if #table_ == 0 then blame.raise("features.%s: there are no rows", kind.name) end
    local arranged, added = series.arranged(table_, state), {}
    for _, name in ipairs(names) do
      local values = operands.as_number(table_:column(name)):index_select(1, arranged.order)
      for _, one in ipairs(kind.values(values, arranged.rank, o)) do
        local made = state.made[#added + 1]
        added[#added + 1] = { made, Column.new { type = "number", name = made, values = one:index_select(1, arranged.back) } }
      end
    end
    return table_:with(added)
  end
  return Feature.kind { name = kind.name, options = list, check = check, takes = { number = true, integer = true, boolean = true },
    wants = "numbers", fit = fit, apply = apply, looks_back = kind.looks_back }
end

return series
