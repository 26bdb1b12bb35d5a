--- The order of the trials, and which one is chosen.
--
-- "best" is the one with the best mean. "1se" is the simplest of those whose mean is within one standard error of the best one's (Breiman et
-- al. 1984): of two trials the simpler one is that whose first space that differs, in the order of the calls, is simpler. In a list what stands
-- earlier is simpler; search.simpler = { alpha = "larger", C = "smaller" } says it of numbers. Ranges of which nothing is said do not count.
-- Of two equally simple trials the better one is taken, of two equal ones the earlier.

local failure = require "moonlab.failure"
local domain = require "moonlab.search.domain"
local suggest = require "moonlab.suggest"

local choose = {}

local function better(a, b)
  if (a.complete or false) ~= (b.complete or false) then return a.complete == true end
  if a.rung ~= b.rung then return a.rung > b.rung end
  local x, y = a.score or -math.huge, b.score or -math.huge
  if x ~= y then return x > y end
  return a.number < b.number
end

--- The trials, the best first: those that are complete by their means, then the others by how far they came.
function choose.ranked(trials)
  local list = table.move(trials, 1, #trials, 1, {})
  table.sort(list, better)
  return list
end

-- A number that is smaller for the simpler of two choices, or nil.
local function rank(entry, simpler)
  local way = simpler[entry.name]
  if not way then return entry.values and entry.index end
  if type(entry.value) ~= "number" then
    failure.raise("usage", "search.simpler: %s has the value %s, which is no number", entry.name, tostring(entry.value))
  end
  return way == "larger" and -entry.value or entry.value
end

-- Whether a is simpler than b; nil where they are alike.
local function is_simpler(a, b, simpler)
  local there = {}
  for _, entry in ipairs(b.entries) do there[domain.key(entry)] = entry end
  for _, entry in ipairs(a.entries) do
    local other = there[domain.key(entry)]
    local x, y = other and rank(entry, simpler), other and rank(other, simpler)
    if x and y and x ~= y then return x < y end
  end
end

--- What is wrong with search.simpler, or nil.
-- @param simpler  by the names of spaces: "larger" or "smaller"
-- @param trials   all of them
function choose.problem(simpler, trials)
  local names, known = {}, {}
  for _, trial in ipairs(trials) do
    for _, entry in ipairs(trial.entries) do
      if not known[entry.name] then names[#names + 1], known[entry.name] = entry.name, true end
    end
  end
  for name, way in pairs(simpler) do
    if way ~= "larger" and way ~= "smaller" then return ("'%s' must be \"larger\" or \"smaller\", got %s"):format(name, tostring(way)) end
    if not known[name] then return suggest.unknown("space", name, names) end
  end
end

--- The chosen trial.
-- @param trials  what Trials.run gave
-- @param rule    "best" or "1se"
-- @param simpler by the names of spaces
-- @return the trial, and the best one
function choose.one(trials, rule, simpler)
  local ranked = choose.ranked(trials)
  local best = ranked[1]
  if rule ~= "1se" or not best.standard_error then return best, best end
  local chosen = best
  for _, trial in ipairs(ranked) do -- the better first: of equally simple ones the first stays
    if trial.complete and trial.score >= best.score - best.standard_error and is_simpler(trial, chosen, simpler) then chosen = trial end
  end
  return chosen, best
end

return choose
