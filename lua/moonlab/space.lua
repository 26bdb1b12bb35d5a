--- Values that may vary: they stand inline where the value stands, and give a plain value at once.
--
-- `moonlab run` takes the first value of a list and the middle of a range, so that a recipe with spaces in it runs as
-- it is; of a space that has a name, `moonlab run R.lua name=value` takes another one. What was asked for is recorded in
-- the order of the calls, and stands in the run's config.json.

local blame = require "moonlab.blame"
local failure = require "moonlab.failure"
local suggest = require "moonlab.suggest"

local space = {}

local recorded = {}
local given = {} -- by name, the texts of the command line

local function usage(name, text, format, ...) failure.raise("usage", "%s=%s: %s", name, text, format:format(...)) end

-- The value of a list that is written so.
local function listed(entry, text)
  local all = {}
  for i, value in ipairs(entry.values) do
    if tostring(value) == text then return value end
    all[i] = tostring(value)
  end
  usage(entry.name, text, "%s is one of %s", entry.name, table.concat(all, ", "))
end

local function within(entry, text)
  local value = tonumber(text)
  if value and entry.kind == "int_uniform" then value = math.tointeger(value) end
  if value and value >= entry.low and value <= entry.high then return value end
  usage(entry.name, text, "%s is a %s from %s to %s", entry.name, entry.kind == "int_uniform" and "whole number" or "number", entry.low, entry.high)
end

-- What the command line gives instead.
local function replace(entry)
  local text = entry.name and given[entry.name]
  if not text then return end
  entry.value = (entry.values and listed or within)(entry, text)
end

local function record(entry, options)
  if options ~= nil then
    if type(options) ~= "table" then
      blame.raise("%s: options must be a table, got %s", entry.kind, type(options))
    end
    for key in pairs(options) do
      if key ~= "name" then blame.raise("%s: %s", entry.kind, suggest.unknown("option", tostring(key), { "name" })) end
    end
    entry.name = options.name
  end
  replace(entry)
  recorded[#recorded + 1] = entry
  return entry.value
end

-- {0.3, 0.5, name = "p"} -> the values. A list may hold false, so its length is that of the largest position.
local function values_of(kind, list)
  if type(list) ~= "table" then
    blame.raise("%s: a list of values is needed, as in ml.%s{1, 2}; got %s", kind, kind, type(list))
  end
  local values, n = {}, 0
  for key, value in pairs(list) do
    if math.type(key) == "integer" then
      values[key], n = value, math.max(n, key)
    elseif key ~= "name" then
      blame.raise("%s: %s", kind, suggest.unknown("option", tostring(key), { "name" }))
    end
  end
  if n == 0 then blame.raise("%s: the list is empty", kind) end
  for i = 1, n do
    if values[i] == nil then
      blame.raise("%s: value %d of %d is nil; write false to switch something off", kind, i, n)
    end
  end
  return values
end

--- One of a list; a grid search tries each. Gives the first where nothing is searched.
-- @param list  {first, second, ..., name = "of the space"}
-- @return one of the values
-- @error an empty list, a nil in it
-- @usage nn.Dropout(ml.grid { 0.3, 0.5 })   -- Dropout(0.3)
function space.grid(list)
  local values = values_of("grid", list)
  return record({ kind = "grid", values = values, value = values[1], name = list.name })
end

--- One of a list whose order means nothing. Gives the first where nothing is searched.
-- @param list  {first, second, ..., name = "of the space"}
-- @return one of the values
-- @usage if ml.choice { "cnn", "mlp" } == "cnn" then model = cnn() end
function space.choice(list)
  local values = values_of("choice", list)
  return record({ kind = "choice", values = values, value = values[1], name = list.name })
end

local function check_range(kind, low, high)
  if type(low) ~= "number" or type(high) ~= "number" then
    blame.raise("%s: two numbers are needed, as in ml.%s(1, 2)", kind, kind)
  end
  if not (low < high) then blame.raise("%s: the range %s to %s is empty", kind, low, high) end
end

--- A number between two, all alike. Gives the middle where nothing is searched.
-- @param low, high  the ends
-- @param options    { name = }
-- @usage ml.uniform(0, 0.5)   --> 0.25
function space.uniform(low, high, options)
  check_range("uniform", low, high)
  return record({ kind = "uniform", low = low, high = high, value = (low + high) / 2 }, options)
end

--- A positive number between two whose logarithm is uniform: learning rates, penalties. Gives the geometric middle.
-- @param low, high  the ends, above 0
-- @param options    { name = }
-- @usage ml.log_uniform(1e-4, 1e-2)   --> 0.001
function space.log_uniform(low, high, options)
  check_range("log_uniform", low, high)
  if low <= 0 then blame.raise("log_uniform: the ends must be above 0, got %s", low) end
  local middle = math.sqrt(low * high)
  middle = tonumber(("%.12g"):format(middle)) -- 0.001 and not 0.0010000000000000002
  return record({ kind = "log_uniform", low = low, high = high, value = middle }, options)
end

--- A whole number from low to high, both included. Gives the middle (rounded down).
-- @param low, high  integers
-- @param options    { name = }
-- @usage ml.int_uniform(16, 64)   --> 40
function space.int_uniform(low, high, options)
  check_range("int_uniform", low, high)
  if not (math.tointeger(low) and math.tointeger(high)) then
    blame.raise("int_uniform: the ends must be whole numbers, got %s and %s", low, high)
  end
  low, high = math.tointeger(low), math.tointeger(high)
  return record({ kind = "int_uniform", low = low, high = high, value = (low + high) // 2 }, options)
end

--- Records anew: called before a recipe's file is run.
-- @param values  texts by the names of spaces, which are taken instead; or nil
-- @return what resume takes up again
function space.begin(values)
  local outer = { recorded = recorded, given = given }
  recorded, given = {}, values or {}
  return outer
end

--- Goes on with the recording in which another one has begun.
-- @param outer  what begin gave
-- @return what was recorded since
function space.resume(outer)
  local inner = recorded
  recorded, given = outer.recorded, outer.given
  return inner
end

--- What was recorded since begin: a list of { kind =, value =, values = or low =, high =, name = }.
function space.recorded() return recorded end

return space
