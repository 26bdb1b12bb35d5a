--- t:describe(): a line for each column.

local lists = require "moonlab.table.lists"
local missing = require "moonlab.table.missing"

local NUMERIC = { number = true, integer = true, boolean = true }

-- Of a column of numbers; a missing statistic is data.missing.
local STATISTICS = {
  { "min", function(x) return x:quantile(0) end }, { "q25", function(x) return x:quantile(0.25) end },
  { "median", function(x) return x:median() end }, { "q75", function(x) return x:quantile(0.75) end },
  { "max", function(x) return x:quantile(1) end }, { "mean", function(x) return x:mean() end },
  { "std", function(x) return x:std() end },
}

local function or_missing(value)
  if value == nil or value ~= value then return missing end
  return value
end

-- The first or the last time as text.
local function moment(column, descending)
  if column.type ~= "time" or column:count() == 0 then return missing end
  return or_missing(column:gather(column:order(descending):slice(1, 1, 1)):text():item(1))
end

local M = {}

--- A line for each column: its type, how many values there are, are missing, are different; of numbers the smallest, quartiles,
-- the largest, mean and standard deviation (of booleans with 1 for true); of times the first and the last.
-- @return a table
-- @usage data.table{ x = { 1, 2, 3, data.missing } }:describe().mean:item(1)   --> 2
function M.describe(self)
  local columns = self:columns()
  local list, any_time = {}, false
  local function add(name, kind, value_of)
    local values = {}
    for i, column in ipairs(columns) do values[i] = value_of(column) end
    local column = lists.column(values, name, #columns)
    column.type = #columns > 0 and column.type or kind
    list[#list + 1] = column
  end
  for _, column in ipairs(columns) do any_time = any_time or column.type == "time" end
  add("name", "text", function(c) return c.name end)
  add("type", "text", function(c) return c.type end)
  add("count", "integer", function(c) return c:count() end)
  add("missing", "integer", function(c) return #c - c:count() end)
  add("distinct", "integer", function(c)
    local _, firsts = c:codes()
    return #firsts
  end)
  for _, statistic in ipairs(STATISTICS) do
    add(statistic[1], "number", function(c) return NUMERIC[c.type] and or_missing(statistic[2](c)) or missing end)
  end
  if any_time then
    add("from", "text", function(c) return moment(c, false) end)
    add("to", "text", function(c) return moment(c, true) end)
  end
  return require "moonlab.table.table".of_columns(list)
end

return M
