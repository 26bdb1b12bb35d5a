-- Cuts that keep groups whole: ml.split.grouped. Households, patients, speakers: rows of one group are on one side.
--
-- Groups are taken in a random order, each if that brings the cut part nearer to what was asked for. With labels, "nearer" is
-- measured class by class, and the best of several orders counts.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local seeds = require "moonlab.seed"
local positions = require "moonlab.split.positions"
local values = require "moonlab.split.values"

local grouped = {}

-- How many random orders are tried where classes must be matched: many for few groups, one where there are so many that chance alone
-- matches them.
local function orders_for(groups) return math.max(1, math.min(25, 20000 // groups)) end

-- How many rows of each class each group has: group -> a list of { class, rows }.
local function class_counts(groups, classes)
  local counts, entries = {}, {}
  for g = 1, #groups.names do counts[g], entries[g] = {}, {} end
  for row, g in ipairs(groups.of) do
    local class = classes.of[row]
    local entry = entries[g][class]
    if not entry then
      entry = { class, 0 }
      entries[g][class], counts[g][#counts[g] + 1] = entry, entry
    end
    entry[2] = entry[2] + 1
  end
  return counts
end

-- What a group would change in the squared distance to the wanted counts, each class measured by its own size.
local function change(counts, have, wanted, sizes)
  local sum = 0
  for _, entry in ipairs(counts) do
    local class, rows = entry[1], entry[2]
    sum = sum + rows * (rows + 2 * (have[class] - wanted[class])) / (sizes[class] * sizes[class])
  end
  return sum
end

-- Goes through the groups in an order. Gives which are cut, and how far the result is from what was wanted.
local function take(order, groups, counts, wanted, sizes)
  local have, taken, rows, distance = {}, {}, 0, 0
  for class, target in ipairs(wanted) do
    have[class] = 0
    distance = distance + (target / sizes[class]) ^ 2
  end
  local function add(g, difference)
    taken[g], rows, distance = true, rows + groups.counts[g], distance + difference
    for _, entry in ipairs(counts[g]) do have[entry[1]] = have[entry[1]] + entry[2] end
  end
  for _, g in ipairs(order) do
    local difference = change(counts[g], have, wanted, sizes)
    if difference < 0 and rows + groups.counts[g] < groups.rows then add(g, difference) end
  end
  if rows == 0 then add(order[1], change(counts[order[1]], have, wanted, sizes)) end
  return taken, distance
end

local function best_cut(groups, classes, fraction, key, orders)
  local counts, wanted, best, least = class_counts(groups, classes), {}, nil, math.huge
  for class, rows in ipairs(classes.counts) do wanted[class] = rows * fraction end
  for i = 1, orders do
    local order = core.random_permutation(core.random_key(key, i), #groups.names):tolist()
    local taken, distance = take(order, groups, counts, wanted, classes.counts)
    if distance < least - 1e-12 then best, least = taken, distance end
  end
  return best
end

--- Cuts about a fraction of the rows off by chance, and no group in two. With labels, the classes have the same proportions in
-- both parts as far as the groups allow it.
-- @param groups    one value a row: a tensor or a list of numbers or texts
-- @param fraction  the part that is cut off, from 0 to below 1
-- @param key       an integer; the seed's own if not given
-- @param labels    one class a row, or nil
-- @return two int64 tensors of positions, ascending: what stays, what is cut off
-- @error a single group, that can't be cut in two
-- @usage local kept, held_out = ml.split.grouped({ "a", "a", "b", "c" }, 0.3)
function grouped.grouped(groups, fraction, key, labels)
  positions.check_fraction("split.grouped", fraction)
  groups = values.ids(values.list("split.grouped", "groups", groups))
  local n = groups.rows
  if fraction == 0 or n == 0 then return positions.two(n, function() return false end) end
  if #groups.names == 1 then
    blame.raise("split.grouped: all %s are of one group, which can't be cut in two", values.count(n, "row"))
  end
  local classes = labels and values.ids(values.list("split.grouped", "labels", labels, n))
  local taken = best_cut(groups, classes or { of = setmetatable({}, { __index = function() return 1 end }), counts = { n } }, fraction,
    key or core.random_key(seeds.value, "split"), classes and orders_for(#groups.names) or 1)
  return positions.two(n, function(row) return taken[groups.of[row]] end)
end

return grouped
