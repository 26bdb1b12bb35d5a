--- Values that may vary: they stand inline where the value stands, and give a plain value at once.
--
-- `moonlab run` takes the first value of a list and the middle of a range, so that a recipe with spaces in it runs as it is;
-- `moonlab run R.lua name=value` takes another one, `moonlab search` tries them. A space is called by the key or the call around it
-- in the source text (`lr`, `Dropout`; a second one `Dropout#2`), or as its option `name` says. What was asked for is recorded in the
-- order of the calls, and stands in the run's config.json: a space that is not called does not exist.

local blame = require "moonlab.blame"
local failure = require "moonlab.failure"
local names = require "moonlab.search.names"
local suggest = require "moonlab.suggest"

local space = {}

local recorded, given, naming, numbers

local PLAIN = { number = true, string = true, boolean = true }

-- What a model, a layer or a feature is called.
local function name_of(value)
  if type(value) ~= "table" then return nil end
  local name = value._name or value.name or type(value.kind) == "table" and value.kind.name
  return type(name) == "string" and name or nil
end

-- The place of a value in a list, as text, where others of the same name stand in it.
local function place_among(values, value, name)
  local place, alike = nil, 0
  for i, one in ipairs(values) do
    if one == value then place = place or i end
    if name_of(one) == name then alike = alike + 1 end
  end
  return place and (alike > 1 or not name) and "#" .. place or ""
end

--- How a value of a space is shown.
-- @param entry  what was recorded
-- @param index  of a list: which value, if not that which was taken
function space.shown(entry, index)
  local value = entry.value
  if index then value = entry.values[index] end
  if math.type(value) == "float" and not entry.values then return ("%.6g"):format(value) end
  if PLAIN[type(value)] then return tostring(value) end
  local name = name_of(value)
  local text = (name or "") .. (entry.values and place_among(entry.values, value, name) or "")
  if text ~= "" then return text end
  return "a " .. type(value)
end

--- The text that gives a space this value on the command line; of values that have no text "#2", by their place in the list.
function space.text(entry)
  if not entry.values then return (require "moonlab.json".encode(entry.value)) end
  local text, alike = tostring(entry.value), 0
  for i, value in ipairs(entry.values) do
    if tostring(value) == text then alike = alike + 1 end
  end
  return alike == 1 and PLAIN[type(entry.value)] and text or "#" .. entry.index
end

local function usage(name, text, format, ...) failure.raise("usage", "%s=%s: %s", name, text, format:format(...)) end

-- The place of a value in a list that is written so.
local function listed(entry, text)
  local all = {}
  for i, value in ipairs(entry.values) do
    if PLAIN[type(value)] and tostring(value) == text then return i end
    all[i] = space.shown(entry, i)
  end
  local place = math.tointeger(tonumber(text:match "^#(%d+)$"))
  if place and entry.values[place] ~= nil then return place end
  usage(entry.name, text, "%s is one of %s", entry.name, table.concat(all, ", "))
end

local function within(entry, text)
  local value = tonumber(text)
  if value and entry.kind == "int_uniform" then value = math.tointeger(value) end
  if value and value >= entry.low and value <= entry.high then return value end
  usage(entry.name, text, "%s is a %s from %s to %s", entry.name, entry.kind == "int_uniform" and "whole number" or "number", entry.low, entry.high)
end

-- Gives a list the value at a place, a range a value.
local function take(entry, choice)
  if entry.values then
    entry.index, entry.value = choice, entry.values[choice]
  else
    entry.value = choice
  end
end

-- What the command line or a search gives instead.
local function replace(entry)
  local text = given.texts and given.texts[entry.name]
  if text then
    take(entry, (entry.values and listed or within)(entry, text))
    entry.fixed = true
  elseif given.suggest then
    local choice = given.suggest(entry)
    if choice ~= nil then take(entry, choice) end
  end
end

local function name_of(entry)
  local name = entry.name or naming:of_call() or entry.kind
  numbers[name] = (numbers[name] or 0) + 1
  return numbers[name] == 1 and name or ("%s#%d"):format(name, numbers[name])
end

local refused -- where no space may stand now, or nil

-- Called in parentheses: a tail call would hide the place of the space from the naming.
local function record(entry, options)
  if refused then
    blame.raise("%s: a space in %s is drawn too late, when the trial has begun: write local value = ml.%s ... before ml.recipe, and value here", entry.kind,
      refused, entry.kind)
  end
  if options ~= nil then
    if type(options) ~= "table" then
      blame.raise("%s: options must be a table, got %s", entry.kind, type(options))
    end
    for key in pairs(options) do
      if key ~= "name" then blame.raise("%s: %s", entry.kind, suggest.unknown("option", tostring(key), { "name" })) end
    end
    entry.name = options.name
  end
  if entry.name ~= nil and (type(entry.name) ~= "string" or not entry.name:find "^[%a_][%w_]*$") then
    blame.raise("%s: a name has letters, digits and '_', got %s", entry.kind, blame.show(entry.name))
  end
  entry.name = name_of(entry)
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
  return (record({ kind = "grid", values = values, value = values[1], index = 1, name = list.name }))
end

--- One of a list whose order means nothing. Gives the first where nothing is searched.
-- @param list  {first, second, ..., name = "of the space"}
-- @return one of the values
-- @usage if ml.choice { "cnn", "mlp" } == "cnn" then model = cnn() end
function space.choice(list)
  local values = values_of("choice", list)
  return (record({ kind = "choice", values = values, value = values[1], index = 1, name = list.name }))
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
  return (record({ kind = "uniform", low = low, high = high, value = (low + high) / 2 }, options))
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
  return (record({ kind = "log_uniform", low = low, high = high, value = middle }, options))
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
  return (record({ kind = "int_uniform", low = low, high = high, value = (low + high) // 2 }, options))
end

--- Calls a function in which no space may stand: one that is called after a recipe's file has run, so that a search would not see the space.
-- @param where  what it is called in messages
-- @param f      the function, with its arguments behind
-- @return what f gives
-- @error what f raises
function space.none_in(where, f, ...)
  local outer = refused
  refused = where
  local results = table.pack(pcall(f, ...))
  refused = outer
  if not results[1] then error(results[2], 0) end
  return table.unpack(results, 2, results.n)
end

--- Records anew: called before a recipe's file is run.
-- @param wish  { texts = values by the names of spaces, as the command line gives them, suggest = function(entry) -> what a search
--              gives instead: the place in a list, a number of a range, or nil }
-- @return what resume takes up again
function space.begin(wish)
  local outer = { recorded, given, naming, numbers }
  recorded, given, naming, numbers = {}, wish or {}, names.new(), {}
  return outer
end

--- Goes on with the recording in which another one has begun.
-- @param outer  what begin gave
-- @return what was recorded since
function space.resume(outer)
  local inner = recorded
  recorded, given, naming, numbers = table.unpack(outer, 1, 4)
  return inner
end

space.begin()

--- What was recorded since begin: a list of { kind =, name =, value =, values = and index = its place, or low =, high =, fixed = true where the
-- command line gave it }.
function space.recorded() return recorded end

return space
