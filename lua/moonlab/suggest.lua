--- The nearest right name, for messages about a wrong one.
-- Distance is Damerau's with adjacent swaps (optimal string alignment): "lrr" is 1 from "lr", "batchs" 1 from "batch".

local suggest = {}

--- How many insertions, deletions, changes and swaps of neighbours lie between two strings.
-- @param a, b  strings
-- @return an integer
function suggest.distance(a, b)
  local before, last, row = {}, {}, {}
  for j = 0, #b do last[j] = j end
  for i = 1, #a do
    row = { [0] = i }
    for j = 1, #b do
      local change = a:byte(i) == b:byte(j) and 0 or 1
      local best = math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + change)
      if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        best = math.min(best, before[j - 2] + 1)
      end
      row[j] = best
    end
    before, last = last, row
  end
  return last[#b]
end

local function letters(word) return (word:gsub("[%W_]", "")) end

local FEWEST = 4 -- letters of a name that may be a part of another

-- The shortest candidate that the whole name is a part of: time_series_folds for time_series.
local function holding(word, candidates)
  local best
  word = letters(word)
  for _, candidate in ipairs(candidates) do
    local other = letters(candidate:lower())
    if #word >= FEWEST and #word * 3 > #other and other:find(word, 1, true) and (not best or #candidate < #best) then best = candidate end
  end
  return best
end

--- The candidate that a name was probably meant to be.
-- Letters alone decide between names that are as near, column_65 before column_5 for column65; then the first in the list, so that the answer
-- does not depend on the order of a table. A name of one letter is near to itself alone, in the other case.
-- @param name        a string
-- @param candidates  a list of strings
-- @return the nearest candidate; else the shortest that holds it; nil where none is near (more than a third of the letters differ)
function suggest.nearest(name, candidates)
  local best, best_distance
  local word = name:lower()
  for _, candidate in ipairs(candidates) do
    local other = candidate:lower()
    local d = suggest.distance(word, other)
    if letters(word) == letters(other) then d = d - 0.5 end
    if not best or d < best_distance then best, best_distance = candidate, d end
  end
  local most = #name > 1 and best and math.max(1, math.max(#name, #best) // 3) or 0
  if best and best_distance <= most then return best end
  return holding(word, candidates)
end

local function is_among(name, candidates)
  for _, candidate in ipairs(candidates) do
    if candidate == name then return true end
  end
end

-- What to write for an option or field that PyTorch has, as the rest of a sentence, or nil.
local function of_pytorch(what, name, candidates)
  local pytorch = require "moonlab.pytorch_names"[what]
  if not pytorch then return nil end
  if is_among(pytorch.names[name], candidates) then return ("here it is '%s'"):format(pytorch.names[name]) end
  return pytorch.advice[name]
end

--- The message about an unknown name: "unknown option 'lrr'; did you mean 'lr'?".
-- Where nothing is near, the legal names are listed.
-- @param what        what kind of name it is: "option", "field"
-- @param name        the wrong name
-- @param candidates  a list of the right ones
-- @return a string
function suggest.unknown(what, name, candidates)
  local known = of_pytorch(what, name, candidates)
  if known then return ("unknown %s '%s'; %s"):format(what, name, known) end
  local near = suggest.nearest(tostring(name), candidates)
  if near then return ("unknown %s '%s'; did you mean '%s'?"):format(what, name, near) end
  if #candidates == 0 then return ("unknown %s '%s'; there are none here"):format(what, name) end
  return ("unknown %s '%s'; there are: %s"):format(what, name, table.concat(candidates, ", "))
end

--- Raises for the first key of a table that is not among the known ones; keys are looked at in sorted order.
-- @param options  a table (nil is fine)
-- @param known    a list of the legal keys
-- @param where    what is being called, put in front: "batches"
-- @param level    whose line is blamed: 1 the function that calls check, 2 (the default) its caller, and so on
function suggest.check(options, known, where, level)
  if options == nil then return end
  local legal = {}
  for _, name in ipairs(known) do legal[name] = true end
  local wrong = {}
  for key in pairs(options) do
    if not legal[key] then wrong[#wrong + 1] = tostring(key) end
  end
  if #wrong == 0 then return end
  table.sort(wrong)
  error(("%s: %s"):format(where, suggest.unknown("option", wrong[1], known)), (level or 2) + 1)
end

return suggest
