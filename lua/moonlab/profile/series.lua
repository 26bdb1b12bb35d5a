--- Series as data.windows gives them: the columns as those of any table, their course, and how many windows each part has.

local Column = require "moonlab.table.column"
local Table = require "moonlab.table.table"
local TableSource = require "moonlab.data.table_source".TableSource

local series = {}

local MOST = 12 -- columns whose course is shown

-- What the windows were made of, as a source of a table.
local function source_of(set)
  if TableSource.is(set.given) then return set.given end
  if Table.is(set.given) then return TableSource.of(set.given) end
  local columns = {}
  for i, name in ipairs(set.names) do
    columns[i] = Column.new { type = "number", name = ("column %s"):format(name), values = set.values:select(2, i):contiguous() }
  end
  return TableSource.of(Table.of_columns(columns))
end

local function course_of(set)
  local list = {}
  for i = 1, math.min(MOST, #set.names) do list[i] = { name = tostring(set.names[i]), values = set.values:select(2, i):contiguous() } end
  return list
end

--- The source of a table to be profiled, and what is told of the windows besides.
-- @param set  what data.windows gave
-- @return a source, and function(profile)
function series.of(set)
  set:load()
  local o = set.options
  return source_of(set), function(made)
    made.kind, made.series = "series", course_of(set)
    made.tables = { { title = "Windows", heads = { { "rows that are seen", true }, { "rows that are asked for", true }, { "columns", true }, { "step", true } },
      rows = { { o.input, o.output, #set.names, o.step } } } }
  end
end

return series
