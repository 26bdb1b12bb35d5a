--- The tree-structured Parzen estimator of Bergstra, Bardenet, Bengio and Kegl, "Algorithms for Hyper-Parameter Optimization" (2011),
-- section 4. The trials that are known are cut into the good ones, a part of 0.15 (at least 2, at most 25), and the others. Of each space
-- two densities are estimated, l from the good and g from the others; of 24 values drawn from l the one with the largest l / g is taken.
-- Only trials in which a space was called count for it. The first ten trials are random. Trials that are under way count among the others,
-- so that not all look at one place.
--
-- A range is estimated on its own axis (the logarithm of a log_uniform) by a mixture of normal densities cut off at its ends: one at
-- each value, as wide as the way to the farther neighbour, and a wide one in the middle, which is the prior. A list is estimated by counts
-- plus two: with one, as in the paper, a value that was unlucky among the first trials is never looked at again.

local domain = require "moonlab.search.domain"
local keyed = require "moonlab.search.keyed"

local STARTUP, CANDIDATES, GAMMA, LEAST_GOOD, MOST_GOOD = 10, 24, 0.15, 2, 25
local PRIOR = 2 -- counts of each value of a list
local PATIENCE = 5 -- proposals that were there already: then chance proposes, or of lists the search would end where it thinks the best is
local NARROWEST = 100 -- kernels are not narrower than the axis by this, or by the number of values

local Tpe = {}
Tpe.__index = Tpe

-- Abramowitz and Stegun 7.1.26 would do; this keeps to 1e-7 relative (Numerical Recipes, erfcc).
local function normal_below(z)
  local x = math.abs(z) / math.sqrt(2)
  local t = 1 / (1 + 0.5 * x)
  local tail = t * math.exp(-x * x - 1.26551223 + t * (1.00002368 + t * (0.37409196 + t * (0.09678418 + t * (-0.18628806
    + t * (0.27886807 + t * (-1.13520398 + t * (1.48851587 + t * (-0.82215223 + t * 0.17087277)))))))))
  return z > 0 and 1 - tail / 2 or tail / 2
end

-- Kernels over the axis from 0 to 1: a list of { mean =, width =, mass = inside of the axis }.
local function kernels_of(points)
  local sorted = table.move(points, 1, #points, 1, { 0.5 })
  table.sort(sorted)
  local narrowest, kernels, prior_done = 1 / math.min(NARROWEST, #sorted + 1), {}, false
  for i, mean in ipairs(sorted) do
    local left, right = mean - (sorted[i - 1] or 0), (sorted[i + 1] or 1) - mean
    local width = math.max(narrowest, math.min(1, math.max(left, right)))
    if mean == 0.5 and not prior_done then width, prior_done = 1, true end
    kernels[i] = { mean = mean, width = width, mass = normal_below((1 - mean) / width) - normal_below(-mean / width) }
  end
  return kernels
end

local function density(kernels, u)
  local sum = 0
  for _, k in ipairs(kernels) do
    local z = (u - k.mean) / k.width
    sum = sum + math.exp(-z * z / 2) / (k.width * k.mass)
  end
  return sum / #kernels
end

local function drawn(kernels, stream)
  local k = kernels[stream:place(#kernels)]
  for _ = 1, 50 do
    local u = k.mean + k.width * stream:normal()
    if u >= 0 and u <= 1 then return u end
  end
  return k.mean
end

local function of_range(entry, good, others, stream)
  local function points(values)
    local out = {}
    for i, value in ipairs(values) do out[i] = domain.point(entry, value) end
    return out
  end
  local l, g = kernels_of(points(good)), kernels_of(points(others))
  local best, largest
  for _ = 1, CANDIDATES do
    local u = drawn(l, stream)
    local gain = density(l, u) / density(g, u)
    if not largest or gain > largest then best, largest = u, gain end
  end
  return domain.value(entry, best)
end

local function shares(places, n)
  local out = {}
  for i = 1, n do out[i] = PRIOR / (#places + PRIOR * n) end
  for _, place in ipairs(places) do out[place] = out[place] + 1 / (#places + PRIOR * n) end
  return out
end

local function of_list(entry, good, others, stream)
  local n = #entry.values
  local l, g = shares(good, n), shares(others, n)
  local best, largest
  for _ = 1, CANDIDATES do
    local u, place = stream:uniform(), 1
    while place < n and u >= l[place] do u, place = u - l[place], place + 1 end
    if not largest or l[place] / g[place] > largest then best, largest = place, l[place] / g[place] end
  end
  return best
end

-- What a space gave in the good trials and in the others; trials are sorted, the best first.
local function split(trials, key)
  local good, others = {}, {}
  local n = math.min(MOST_GOOD, math.max(LEAST_GOOD, math.ceil(GAMMA * #trials)))
  for rank, trial in ipairs(trials) do
    local choice = trial.choices[key]
    local into = rank <= n and good or others
    if choice ~= nil then into[#into + 1] = choice end
  end
  return good, others
end

--- The choices of a trial.
-- @param trial    its number
-- @param attempt  1; 2, 3, ... where what was drawn before was there already
-- @param known    the trials before it: { choices = by domain.key, score = the larger the better, or nil where there is none, number = }
-- @return function(entry) -> a choice for space.begin
function Tpe:propose(trial, attempt, known)
  local sorted = table.move(known, 1, #known, 1, {})
  table.sort(sorted, function(a, b)
    local x, y = a.score or -math.huge, b.score or -math.huge
    if x ~= y then return x > y end
    return a.number < b.number
  end)
  return function(entry)
    local key = domain.key(entry)
    local stream = keyed(self.seed, trial, attempt, key)
    if trial <= STARTUP or #sorted <= LEAST_GOOD or attempt > PATIENCE then return domain.draw(entry, stream) end
    local good, others = split(sorted, key)
    if entry.values then return of_list(entry, good, others, stream) end
    return of_range(entry, good, others, stream)
  end
end

--- @param o  { seed = }
return function(o) return setmetatable({ seed = o.seed, again = true, learns = true }, Tpe) end
