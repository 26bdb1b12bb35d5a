-- Cuts by chance: ml.split.random and ml.split.stratified.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local seeds = require "moonlab.seed"
local positions = require "moonlab.split.positions"

local chance = {}

-- How many rows of each class are cut, so that the sum is right: whole parts first, the largest remainders get the
-- rest.
local function quotas(counts, fraction, total)
  local quota, rest, given = {}, {}, 0
  for class, count in ipairs(counts) do
    quota[class] = math.floor(count * fraction)
    given = given + quota[class]
    rest[#rest + 1] = { class = class, remainder = count * fraction - quota[class] }
  end
  table.sort(rest, function(a, b)
    if a.remainder ~= b.remainder then return a.remainder > b.remainder end
    return a.class < b.class
  end)
  for i = 1, total - given do
    local class = rest[(i - 1) % #rest + 1].class
    quota[class] = quota[class] + 1
  end
  return quota
end

--- Cuts a fraction of n rows off by chance.
-- @param n         how many rows there are
-- @param fraction  the part that is cut off, from 0 to below 1
-- @param key       an integer, a key of core.random_key; the seed's own if not given
-- @return two int64 tensors of positions, ascending: what stays, what is cut off
-- @usage local kept, held_out = ml.split.random(100, 0.2)
function chance.random(n, fraction, key)
  positions.check_fraction("split.random", fraction)
  positions.check_count("split.random", n)
  local order = core.random_permutation(key or core.random_key(seeds.value, "split"), n)
  return positions.without(n, order:slice(1, 1, positions.share(n, fraction)))
end

--- The same, with the classes in the same proportions in both parts.
-- @param labels    int64 tensor [N] of classes from 1
-- @param fraction  the part that is cut off
-- @param key       an integer; the seed's own if not given
-- @return two int64 tensors of positions, ascending: what stays, what is cut off
-- @usage local kept, held_out = ml.split.stratified(train:labels(), 0.1)
function chance.stratified(labels, fraction, key)
  positions.check_fraction("split.stratified", fraction)
  local classes, counts, n = labels:tolist(), {}, #labels
  for i, class in ipairs(classes) do
    if math.type(class) ~= "integer" or class < 1 then
      blame.raise("split.stratified: row %d has the class %s; classes count from 1", i, class)
    end
    for c = #counts + 1, class do counts[c] = 0 end
    counts[class] = counts[class] + 1
  end
  local quota = quotas(counts, fraction, positions.share(n, fraction))
  local order = core.random_permutation(key or core.random_key(seeds.value, "split"), n):tolist()
  local is_cut = {}
  for _, row in ipairs(order) do
    local class = classes[row]
    if quota[class] > 0 then
      quota[class], is_cut[row] = quota[class] - 1, true
    end
  end
  return positions.two(n, function(row) return is_cut[row] end)
end

return chance
