-- What the makers of synthetic data share: keys, checks, and the tag that every such set carries.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local seeds = require "moonlab.seed"
local tensors = require "moonlab.data.tensors"

local made = {}

--- The key of a maker's random numbers; made.key(k, "noise") is one of its streams.
function made.root(where, seed) return core.random_key(seed or seeds.value, "synthetic", where) end

--- Refuses a number outside of low..high (high may be missing).
function made.check_range(where, o, name, low, high)
  local v = o[name]
  if v >= low and v <= (high or math.huge) then return end
  local meant = high and ("from %g to %g"):format(low, high) or ("from %g"):format(low)
  blame.raise("%s: %s must be %s, got %s", where, name, meant, blame.show(v))
end

--- n rows for k groups, the first ones get one more: a list.
function made.shares(n, k)
  local list = {}
  for i = 1, k do list[i] = n // k + (i <= n % k and 1 or 0) end
  return list
end

--- Ids 1, 1, ..., 2, ...: so many rows of each.
function made.labels(counts)
  local parts = {}
  for class, count in ipairs(counts) do parts[class] = core.full({ count }, class, { dtype = "int64" }) end
  return core.ops.cat(parts, 1)
end

--- Names of k classes: "1", "2", ...
function made.class_names(k)
  local names = {}
  for i = 1, k do names[i] = tostring(i) end
  return names
end

--- Adds normal noise of a deviation.
function made.noisy(x, std, key)
  if std == 0 then return x end
  return x + core.randn(x.shape, { key = key, dtype = x.dtype }) * std
end

--- A data set of the columns, in a random order of rows if so wished.
-- @param where    the maker's name: "make_moons"
-- @param o        its options: the seed is kept
-- @param columns  { x =, y =, ... }, classes =
-- @param key      of the shuffling, or nil
-- @param notes    fields that the set gets: what it was made of
-- @return a data set with synthetic = true
function made.set(where, o, columns, key, notes)
  local order = key and core.random_permutation(core.random_key(key, "rows"), #columns.x)
  local given = { name = "synthetic/" .. where, classes = columns.classes }
  for name, column in pairs(columns) do
    if name ~= "classes" then given[name] = order and column:index_select(1, order) or column end
  end
  local set = tensors.tensors(given)
  set.trains_only = "beside real rows"
  set.what, set.synthetic, set.maker, set.seed = "synthetic", true, where, o.seed or seeds.value
  for name, value in pairs(notes or {}) do set[name] = value end
  return set
end

return made
