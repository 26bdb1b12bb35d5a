--- Strict tables of options: known names, checked values, defaults, and a message for everything else.
--
--   local parse = options("nn.Dropout", { {"inplace", "boolean", false} }, "nn.Dropout(0.5, {inplace = true})")
--   local o = parse(given)
--
-- A declaration is a list of { name, type, default }. Types: "number", "integer", "count" (an integer from 1),
-- "boolean", "string", "pair" (3 or {3, 5}), "border" (a pair that may be 0), "padding" (a border, or "same"), "tensor",
-- "function", "table", "any", or a list of the words that are allowed. A declaration without default is an option that may be missing.

local blame = require "moonlab.blame"
local suggest = require "moonlab.suggest"

local function is_integer(v) return math.type(v) == "integer" or (math.type(v) == "float" and v == math.floor(v)) end

local function is_pair(v, least)
  if type(v) == "table" then
    return #v == 2 and is_pair(v[1], least) and is_pair(v[2], least) and type(v[1]) == "number"
  end
  return is_integer(v) and v >= least
end

local CHECK = {
  number = { "a number", function(v) return type(v) == "number" end },
  integer = { "an integer", is_integer },
  count = { "a positive integer", function(v) return is_integer(v) and v >= 1 end },
  boolean = { "true or false", function(v) return type(v) == "boolean" end },
  string = { "a string", function(v) return type(v) == "string" end },
  pair = { "a positive integer or two of them", function(v) return is_pair(v, 1) end },
  border = { "an integer from 0 or two of them", function(v) return is_pair(v, 0) end },
  padding = { "an integer, two of them, or 'same'", function(v) return v == "same" or is_pair(v, 0) end },
  tensor = { "a tensor", function(v) return type(v) == "userdata" end },
  ["function"] = { "a function", function(v) return type(v) == "function" end },
  table = { "a table", function(v) return type(v) == "table" end },
  any = { "anything", function() return true end },
}

local function check(where, name, kind, value)
  if type(kind) == "table" then
    for _, word in ipairs(kind) do
      if word == value then return value end
    end
    if type(value) == "string" then blame.raise("%s: %s: %s", where, name, suggest.unknown("word", value, kind)) end
    blame.raise("%s: %s must be one of '%s', got %s", where, name, table.concat(kind, "', '"), blame.show(value))
  end
  if not CHECK[kind][2](value) then
    blame.raise("%s: %s must be %s, got %s", where, name, CHECK[kind][1], blame.show(value))
  end
  if (kind == "integer" or kind == "count") then return math.tointeger(value) end
  return value
end

--- Makes the function that reads a table of options.
-- @param where     what is being called, first in its messages: "nn.Conv2d"
-- @param declared  a list of { name, type, default }
-- @param example   a call that is right, shown when something else stands in the place of the options
-- @return function(given) -> a new table with every option that was given or has a default
return function(where, declared, example)
  local known, kinds = {}, {}
  for i, entry in ipairs(declared) do known[i], kinds[entry[1]] = entry[1], entry[2] end
  return function(given)
    local result = {}
    for _, entry in ipairs(declared) do result[entry[1]] = entry[3] end
    if given == nil then return result end
    if type(given) ~= "table" or getmetatable(given) then
      local advice = example and ": write " .. example or ""
      blame.raise("%s: options stand in a table, got %s%s", where, blame.show(given), advice)
    end
    local wrong = {}
    for name in pairs(given) do
      if not kinds[name] then wrong[#wrong + 1] = tostring(name) end
    end
    if #wrong > 0 then
      table.sort(wrong)
      blame.raise("%s: %s", where, suggest.unknown("option", wrong[1], known))
    end
    for _, name in ipairs(known) do -- in the order of the declaration, so that the first complaint is always the same
      if given[name] ~= nil then result[name] = check(where, name, kinds[name], given[name]) end
    end
    return result
  end
end
