-- The classes, groups or times of rows, as users have them: a tensor, a list, a column of a table, or the name of a column of
-- the data set that is cut.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local Dataset = require "moonlab.data.dataset"

local values = {}

local function is_tensor(v) return type(v) == "userdata" and core.is_tensor(v) end

--- Whether a value is a data set. (A table has columns alone, a data set has labels too.)
function values.is_data_set(value)
  local kind = type(value) == "table" and getmetatable(value)
  return kind and getmetatable(kind) == Dataset
end

--- How a value stands in a message: 'Berlin', 3, 2.5.
function values.show(v)
  if type(v) == "string" then return "'" .. v .. "'" end
  return tostring(math.type(v) == "float" and math.tointeger(v) or v)
end

local function column_of(where, what, name, set)
  if not set or not set.column then
    blame.raise("%s: %s = '%s' is the name of a column, and the rows have none: give a tensor or a list", where, what, name)
  end
  return set:column(name)
end

local function to_list(where, what, given)
  if is_tensor(given) then
    if given:dim() ~= 1 then
      blame.raise("%s: %s must have one value a row, got a tensor [%s]", where, what, table.concat(given.shape, ", "))
    end
    return given:tolist(), #given
  end
  if type(given) ~= "table" then
    blame.raise("%s: %s must be a tensor, a list or the name of a column, got %s", where, what, blame.show(given))
  end
  if getmetatable(given) and given.to_list then return given:to_list(), #given end
  return given, #given
end

-- A value that is there: not nil, not NaN, nothing that can't be told apart. An object in a list is what a table's column has for a
-- missing value.
local function check_value(where, what, row, v)
  if v == nil or v ~= v or type(v) == "table" and getmetatable(v) then blame.raise("%s: row %d has no value in %s", where, row, what) end
  local kind = type(v)
  if kind ~= "number" and kind ~= "string" and kind ~= "boolean" then
    blame.raise("%s: row %d of %s is %s; numbers and texts can be told apart", where, row, what, blame.show(v))
  end
end

--- "1 row", "3 rows".
function values.count(n, noun) return ("%d %s%s"):format(n, noun, n == 1 and "" or "s") end

--- One value a row, as a list.
-- @param where  what is being called, first in messages
-- @param what   the name of the option: "labels"
-- @param given  a tensor, a list, a column or its name
-- @param n      how many rows there are, or nil if any number is right
-- @param set    the data set whose column a name is, or nil
function values.list(where, what, given, n, set)
  if type(given) == "string" then given = column_of(where, what, given, set) end
  local list, size = to_list(where, what, given)
  if n and size ~= n and #list ~= n then blame.raise("%s: %s has %s for %s", where, what, values.count(size, "value"), values.count(n, "row")) end
  for row = 1, n or size do check_value(where, what, row, list[row]) end
  return list
end

local RANK = { boolean = 1, number = 2, string = 3 }

local function before(a, b)
  local x, y = RANK[type(a)], RANK[type(b)]
  if x ~= y then return x < y end
  if x == 1 then return not a and b end
  return a < b
end

--- The values as ids from 1, in the order of the values.
-- @param list  a list of numbers, texts or booleans
-- @return { of = id of each row, counts = rows of each id, names = the value of each id, rows = how many }
function values.ids(list)
  local id, names = {}, {}
  for _, v in ipairs(list) do
    if id[v] == nil then id[v], names[#names + 1] = true, v end
  end
  table.sort(names, before)
  local counts = {}
  for i, v in ipairs(names) do id[v], counts[i] = i, 0 end
  local of = {}
  for row, v in ipairs(list) do
    of[row] = id[v]
    counts[id[v]] = counts[id[v]] + 1
  end
  return { of = of, counts = counts, names = names, rows = #of }
end

local function sorted_texts(list)
  local rows = {}
  for i = 1, #list do rows[i] = i end
  table.sort(rows, function(a, b)
    if list[a] ~= list[b] then return list[a] < list[b] end
    return a < b
  end)
  return rows
end

-- Whole numbers are compared as such: nanoseconds since 1970 are too long for a float.
local function sorted_numbers(list)
  local dtype = "int64"
  for _, v in ipairs(list) do
    if math.type(v) == "float" then dtype = "float64" end
  end
  return core.tensor(list, { dtype = dtype }):argsort():tolist()
end

--- The rows in the order of their times, and where each time begins in it.
-- @param where  what is being called
-- @param list   numbers, or texts that sort as times do (2024-01-31)
-- @return the rows, a list; the first place of each time in it, a list; the times, a list
function values.by_time(where, list)
  local kind = type(list[1])
  for row, v in ipairs(list) do
    if type(v) ~= kind or kind == "boolean" then
      blame.raise("%s: times are numbers or texts as 2024-01-31, all of one kind; row 1 is %s, row %d is %s", where, values.show(list[1]), row,
        values.show(v))
    end
  end
  local rows = kind == "number" and sorted_numbers(list) or sorted_texts(list)
  local starts, times = {}, {}
  for place, row in ipairs(rows) do
    if list[row] ~= times[#times] then starts[#starts + 1], times[#times + 1] = place, list[row] end
  end
  return rows, starts, times
end

return values
