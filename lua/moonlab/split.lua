--- Cutting a data set into parts, before anything is fitted. Keyed by the seed: the same seed cuts in the same places.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local seeds = require "moonlab.seed"

local split = {}

-- How many of n rows a fraction is: at least one, and one is left over, where both can be.
local function rounded(n, fraction)
  local count = math.floor(n * fraction + 0.5)
  if fraction > 0 and n > 1 then count = math.max(1, math.min(n - 1, count)) end
  return count
end

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

-- Two int64 tensors of positions in ascending order.
local function two_lists(n, is_cut)
  local kept, cut = {}, {}
  for i = 1, n do
    local list = is_cut[i] and cut or kept
    list[#list + 1] = i
  end
  local function rows(list) return #list > 0 and core.tensor(list) or core.empty(0, { dtype = "int64" }) end
  return rows(kept), rows(cut)
end

local function check(where, n, fraction)
  if type(fraction) ~= "number" or not (fraction >= 0 and fraction < 1) then
    blame.raise("%s: the fraction must be from 0 to below 1, got %s", where, blame.show(fraction))
  end
  if type(n) ~= "number" or not math.tointeger(n) or n < 0 then
    blame.raise("%s: the number of rows must be a positive integer, got %s", where, blame.show(n))
  end
end

--- Cuts a fraction of n rows off by chance.
-- @param n         how many rows there are
-- @param fraction  the part that is cut off, from 0 to below 1
-- @param key       an integer, a key of core.random_key; the seed's own if not given
-- @return two int64 tensors of positions, ascending: what stays, what is cut off
-- @usage local kept, held_out = ml.split.random(100, 0.2)
function split.random(n, fraction, key)
  check("split.random", n, fraction)
  local order = core.random_permutation(key or core.random_key(seeds.value, "split"), n):tolist()
  local is_cut = {}
  for i = 1, rounded(n, fraction) do is_cut[order[i]] = true end
  return two_lists(n, is_cut)
end

--- The same, with the classes in the same proportions in both parts.
-- @param labels    int64 tensor [N] of classes from 1
-- @param fraction  the part that is cut off
-- @param key       an integer; the seed's own if not given
-- @return two int64 tensors of positions, ascending: what stays, what is cut off
-- @usage local kept, held_out = ml.split.stratified(train:labels(), 0.1)
function split.stratified(labels, fraction, key)
  check("split.stratified", #labels, fraction)
  local classes, counts, n = labels:tolist(), {}, #labels
  for i, class in ipairs(classes) do
    if math.type(class) ~= "integer" or class < 1 then
      blame.raise("split.stratified: row %d has the class %s; classes count from 1", i, class)
    end
    for c = #counts + 1, class do counts[c] = 0 end
    counts[class] = counts[class] + 1
  end
  local quota = quotas(counts, fraction, rounded(n, fraction))
  local order = core.random_permutation(key or core.random_key(seeds.value, "split"), n):tolist()
  local is_cut = {}
  for _, row in ipairs(order) do
    local class = classes[row]
    if quota[class] > 0 then
      quota[class], is_cut[row] = quota[class] - 1, true
    end
  end
  return two_lists(n, is_cut)
end

local parse = require "moonlab.options"("split.parts", {
  { "valid", "number", 0 }, { "test", "number", 0 }, { "stratify", "boolean", false }, { "seed", "integer" },
}, "split.parts(set, {valid = 0.1, stratify = true})")

--- Cuts a data set into training, validation and test parts.
-- The fractions are of the whole set. The test part is cut first: it does not depend on how much goes to validation.
-- @param set      a data set
-- @param options  { valid = 0, test = 0, stratify = false, seed = }
-- @return { train =, valid =, test = }; a part of fraction 0 is nil
-- @usage local parts = ml.split.parts(fashion.train, { valid = 0.1, stratify = true })
function split.parts(set, options)
  local o = parse(options)
  if o.valid + o.test >= 1 then
    blame.raise("split: valid (%s) and test (%s) leave nothing to train on", o.valid, o.test)
  end
  local root, out = o.seed or seeds.value, {}
  local labels = o.stratify and set:labels()
  local rows = core.arange(1, #set)
  local function cut(name, fraction)
    if fraction == 0 then return end
    local key, kept, cut_off = core.random_key(root, "split", name), nil, nil
    if labels then
      kept, cut_off = split.stratified(labels:index_select(1, rows), fraction, key)
    else
      kept, cut_off = split.random(#rows, fraction, key)
    end
    out[name] = set:part(rows:index_select(1, cut_off), set.name .. "/" .. name)
    rows = rows:index_select(1, kept)
  end
  local n = #set
  cut("test", o.test)
  cut("valid", o.valid > 0 and o.valid * n / #rows or 0)
  out.train = (out.test or out.valid) and set:part(rows, set.name .. "/train") or set
  return out
end

return split
