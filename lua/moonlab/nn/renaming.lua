-- Names of tensors in a file that another program wrote, and those of the model: the option `map` of load and save.
--
--   "pytorch"                                 layers that are counted are counted from 0 in the file: "0.weight" is
--                                             "1.weight" here; num_batches_tracked, which no layer of ours has, is left out
--   { ["fc.weight"] = "head.weight" }         a name; false leaves it out
--   { ["encoder.*"] = "body.*" }              a pattern: * stands for any characters, and for the same in the new name
--   function(name) return new or nil or false end
--   { "pytorch", ["fc.*"] = "head.*" }        first those of the list, in order, then the names
--
-- What is not spoken of keeps its name. That two rules speak of one name is an error, so that their order does not matter.

local blame = require "moonlab.blame"
local suggest = require "moonlab.suggest"

local renaming = {}

local function sorted_keys(t)
  local keys = {}
  for key in pairs(t) do
    if type(key) == "string" then keys[#keys + 1] = key end
  end
  table.sort(keys)
  return keys
end

local function matcher(pattern)
  return "^" .. pattern:gsub("[%^%$%(%)%%%.%[%]%+%-%?]", "%%%0"):gsub("%*", "(.*)") .. "$"
end

local function filled(target, captures)
  local i = 0
  return (target:gsub("%*", function()
    i = i + 1
    return captures[i]
  end))
end

-- Every part of a dotted name that is a number, moved by `by`.
local function counted(name, by)
  return (("." .. name):gsub("%.(%d+)%f[.\0]", function(n) return "." .. math.tointeger(n) + by end):sub(2))
end

local function stars(text) return select(2, text:gsub("%*", "")) end

local function check_rule(where, old, new)
  if new ~= false and type(new) ~= "string" then
    blame.raise("%s: map['%s'] must be a name, or false to leave the tensor out, got %s", where, old, blame.show(new))
  end
  if new and stars(new) > stars(old) then
    blame.raise("%s: map['%s'] has %d *, and '%s' has only %d to fill them", where, old, stars(new), old, stars(old))
  end
end

-- The rules of a table on the present names: `of` goes from the name in the source to the present one, or to false.
local function by_rules(where, rules, of, names)
  local present, by = {}, {}
  for _, name in ipairs(names) do
    if of[name] then present[#present + 1] = of[name] end
  end
  local result = {}
  for _, old in ipairs(sorted_keys(rules)) do
    local new, wanted, found = rules[old], matcher(old), false
    check_rule(where, old, new)
    for _, name in ipairs(present) do
      local captures = { name:match(wanted) }
      if captures[1] then
        found = true
        local to = new and filled(new, captures)
        if by[name] and result[name] ~= to then
          blame.raise("%s: map: '%s' and '%s' both speak of %s", where, by[name], old, name)
        end
        by[name], result[name] = old, to
      end
    end
    if not found then blame.raise("%s: map: %s", where, suggest.unknown("tensor", old, present)) end
  end
  return function(name)
    if by[name] then return result[name] end
    return name
  end
end

local function by_word(where, word, outwards)
  if word ~= "pytorch" then
    blame.raise("%s: map: %s", where, suggest.unknown("kind of names", word, { "pytorch" }))
  end
  return function(name)
    if name:find "num_batches_tracked$" then return false end
    return counted(name, outwards and -1 or 1)
  end
end

local function by_function(where, f)
  return function(name)
    local new = f(name)
    if new == nil then return name end
    if new ~= false and type(new) ~= "string" then
      blame.raise("%s: map must give a name, false or nil for '%s', got %s", where, name, blame.show(new))
    end
    return new
  end
end

local function step(where, map, of, names, outwards)
  local rename
  if type(map) == "string" then
    rename = by_word(where, map, outwards)
  elseif type(map) == "function" then
    rename = by_function(where, map)
  elseif type(map) == "table" and getmetatable(map) == nil then
    for _, part in ipairs(map) do step(where, part, of, names, outwards) end
    rename = by_rules(where, map, of, names)
  else
    blame.raise("%s: map must be 'pytorch', a table of names or a function, got %s", where, blame.show(map))
  end
  for _, name in ipairs(names) do of[name] = of[name] and rename(of[name]) end
end

--- The new names.
-- @param where     what is being called, first in its messages
-- @param map       as above, or nil
-- @param names     a list of names
-- @param outwards  whether the names are the model's and become those of a file
-- @return a table: name -> new name, or false where it is left out
-- @error a rule that no name fits, two that fit one, two names that become the same
function renaming.of(where, map, names, outwards)
  local of, taken = {}, {}
  for _, name in ipairs(names) do of[name] = name end
  if map ~= nil then step(where, map, of, names, outwards) end
  for _, name in ipairs(names) do
    local new = of[name]
    if new and taken[new] then
      blame.raise("%s: map: %s and %s both become %s", where, taken[new], name, new)
    end
    if new then taken[new] = name end
  end
  return of
end

return renaming
