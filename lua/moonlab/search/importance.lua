--- How much of the differences between trials a setting explains by itself: the variance between the means of its levels, as a part of the
-- whole variance (eta squared). Levels are the values of a list, and the quarters of the drawn values of a range (halves or thirds of a few);
-- each takes two trials at least on the mean. The scores are those of the first rung, and of the folds that were done where a trial was
-- stopped, so that all trials count. It is a look and no proof: settings that were not varied independently share what they explain, and a
-- setting with many levels explains some by chance.

local domain = require "moonlab.search.domain"

local importance = {}

local QUARTERS, TRIALS = 4, 2 -- of a level

-- The level of each trial that called the space: a list of { level =, score = }.
local function levels_of(trials, key)
  local out, values = {}, {}
  for _, trial in ipairs(trials) do
    local choice = trial.choices[key]
    if choice then
      out[#out + 1] = { level = choice, score = trial.first }
      values[#values + 1] = choice
    end
  end
  table.sort(values)
  return out, values
end

local function quarter(value, sorted)
  local below = 0
  for _, one in ipairs(sorted) do below = below + (one < value and 1 or 0) end
  return math.floor(below * math.min(QUARTERS, #sorted // TRIALS) / #sorted)
end

-- The part of the variance that lies between the levels; nil for one level or equal scores.
local function explained(list)
  local sum, groups = 0, {}
  for _, one in ipairs(list) do
    sum = sum + one.score
    local group = groups[one.level] or { sum = 0, n = 0 }
    groups[one.level], group.sum, group.n = group, group.sum + one.score, group.n + 1
  end
  local mean, whole, between, levels = sum / #list, 0, 0, 0
  for _, one in ipairs(list) do whole = whole + (one.score - mean) ^ 2 end
  for _, group in pairs(groups) do
    between, levels = between + group.n * (group.sum / group.n - mean) ^ 2, levels + 1
  end
  return levels > 1 and whole > 0 and #list >= TRIALS * levels and between / whole or nil
end

--- The importance of each space.
-- @param trials  what Trials.run gave; those that have a score count
-- @return a list of { name =, key = of domain.key, share = from 0 to 1 }, the largest first; of spaces with one level, nothing
function importance.of(trials)
  local done, seen, out = {}, {}, {}
  for _, trial in ipairs(trials) do
    if trial.first then done[#done + 1] = trial end
  end
  for _, trial in ipairs(done) do
    for _, entry in ipairs(trial.entries) do
      local key = domain.key(entry)
      if not entry.fixed and not seen[key] then
        seen[key] = true
        local list, values = levels_of(done, key)
        if not entry.values then
          for _, one in ipairs(list) do one.level = quarter(one.level, values) end
        end
        local share = explained(list)
        if share then out[#out + 1] = { name = entry.name, key = key, share = share, order = #out } end
      end
    end
  end
  table.sort(out, function(a, b)
    if a.share ~= b.share then return a.share > b.share end
    return a.order < b.order
  end)
  return out
end

return importance
