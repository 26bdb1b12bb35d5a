-- A classification problem of known difficulty: data.make_classification.
--
-- Guyon 2003, "Design of experiments for the NIPS 2003 variable selection benchmark", as in scikit-learn: clusters of points stand at
-- corners of a hypercube in the informative features, each stretched by a random matrix; redundant features are mixtures of those,
-- repeated ones are copies, the rest is noise.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local options = require "moonlab.options"
local made = require "moonlab.data.synthetic.made"

local ops = core.ops

local classification = {}

local parse = options("make_classification", {
  { "n", "count", 100 }, { "features", "count", 20 }, { "informative", "count", 2 }, { "redundant", "integer", 2 }, { "repeated", "integer", 0 },
  { "classes", "count", 2 }, { "clusters", "count", 2 }, { "weights", "table" }, { "flip", "number", 0.01 }, { "separation", "number", 1.0 },
  { "shift", "number", 0.0 }, { "scale", "number", 1.0 }, { "shuffle", "boolean", true }, { "seed", "integer" },
}, "data.make_classification{n = 200, features = 10, informative = 4}")

local function check(o)
  made.check_range("make_classification", o, "redundant", 0)
  made.check_range("make_classification", o, "repeated", 0)
  made.check_range("make_classification", o, "flip", 0, 1)
  local used = o.informative + o.redundant + o.repeated
  if used > o.features then
    blame.raise("make_classification: %d informative, %d redundant and %d repeated features are more than %d features", o.informative, o.redundant,
      o.repeated, o.features)
  end
  local clusters = o.classes * o.clusters
  if o.informative < 62 and clusters > 1 << o.informative then
    blame.raise("make_classification: %d clusters (%d classes x %d) need a corner each, and %d informative features have %d", clusters, o.classes,
      o.clusters, o.informative, 1 << o.informative)
  end
end

-- How many rows each class gets.
local function class_counts(o)
  if not o.weights then return made.shares(o.n, o.classes) end
  local total, counts, given = 0, {}, 0
  if #o.weights ~= o.classes then blame.raise("make_classification: weights has %d numbers for %d classes", #o.weights, o.classes) end
  for _, w in ipairs(o.weights) do
    if type(w) ~= "number" or not (w >= 0) then blame.raise("make_classification: weights are numbers from 0, got %s", blame.show(w)) end
    total = total + w
  end
  if total == 0 then blame.raise "make_classification: all weights are 0" end
  for class = 1, o.classes do
    counts[class] = class < o.classes and math.floor(o.n * o.weights[class] / total + 0.5) or o.n - given
    counts[class] = math.max(0, math.min(counts[class], o.n - given))
    given = given + counts[class]
  end
  return counts
end

-- Different corners of the hypercube, of coordinates -separation and separation: [clusters, informative].
local function corners(o, key)
  local list, seen, draw = {}, {}, 0
  while #list < o.classes * o.clusters do
    local corner = {}
    for i = 1, o.informative do
      corner[i], draw = core.random_below(key, draw, 2) == 1 and -o.separation or o.separation, draw + 1
    end
    local name = table.concat(corner, " ")
    if o.separation == 0 or not seen[name] then list[#list + 1], seen[name] = corner, true end
  end
  return core.tensor(list, { dtype = "float32" })
end

local function uniform(rows, columns, key) return core.rand(rows, columns, { key = key }) * 2 - 1 end

-- The rows of one cluster: normal numbers through a random matrix, around a corner.
local function cluster(o, count, corner, key)
  local points = core.randn(count, o.informative, { key = core.random_key(key, "points") })
  return points:matmul(uniform(o.informative, o.informative, core.random_key(key, "mixing"))) + corner
end

-- The informative features [n, informative] and the classes, cluster by cluster.
local function clusters(o, key)
  local parts, classes, centers, number = {}, {}, corners(o, core.random_key(key, "corners")), 0
  for class, rows in ipairs(class_counts(o)) do
    for _, count in ipairs(made.shares(rows, o.clusters)) do
      number = number + 1
      parts[number] = cluster(o, count, centers[number], core.random_key(key, "cluster", number))
      classes[number] = core.full({ count }, class, { dtype = "int64" })
    end
  end
  return ops.cat(parts, 1), ops.cat(classes, 1)
end

-- All features side by side: informative, redundant, repeated, noise.
local function features(o, informative, key)
  local parts = { informative }
  if o.redundant > 0 then parts[2] = informative:matmul(uniform(o.informative, o.redundant, core.random_key(key, "redundant"))) end
  local x = #parts > 1 and ops.cat(parts, 2) or informative
  if o.repeated > 0 then
    x = ops.cat({ x, x:index_select(2, core.randint(1, x:size(2), { o.repeated }, { key = core.random_key(key, "repeated") })) }, 2)
  end
  local noise = o.features - x:size(2)
  if noise > 0 then x = ops.cat({ x, core.randn(o.n, noise, { key = core.random_key(key, "useless") }) }, 2) end
  return x
end

-- Some classes are drawn anew: what no model can know.
local function flipped(o, y, key)
  if o.flip == 0 then return y end
  local is_flipped = core.rand(o.n, { key = core.random_key(key, "flipped") }):lt(o.flip)
  return ops.where(is_flipped, core.randint(1, o.classes, { o.n }, { key = core.random_key(key, "flips") }), y)
end

-- Where the columns of a kind went: positions from..to of the unshuffled features.
local function places(order, from, to)
  local list = {}
  for column, before in ipairs(order) do
    if before >= from and before <= to then list[#list + 1] = column end
  end
  return list
end

--- A classification problem: classes of normal clusters at the corners of a hypercube; scikit-learn's make_classification.
-- @param o  { n = 100, features = 20, of them informative = 2, redundant = 2 (mixtures of those), repeated = 0 (copies), the rest is noise,
--           classes = 2, clusters = 2 (of each class), weights = nil (one a class: its share of the rows), flip = 0.01 (share of rows whose
--           class is drawn anew), separation = 1 (half of a side of the hypercube), shift = 0, scale = 1 ((x + shift) * scale),
--           shuffle = true (rows and features), seed = }
-- @return a data set { x, y }, tagged synthetic; set.informative, set.redundant and set.repeated are lists of columns
-- @error more features than there is room for, more clusters than corners
-- @usage local set = data.make_classification { n = 500, features = 10, informative = 4, classes = 3 }
function classification.make_classification(o)
  o = parse(o)
  check(o)
  local key = made.root("make_classification", o.seed)
  local informative, y = clusters(o, key)
  local x = features(o, informative, key)
  local order = core.arange(1, o.features)
  if o.shuffle then
    order = core.random_permutation(core.random_key(key, "features"), o.features)
    x = x:index_select(2, order)
  end
  order = order:tolist()
  local redundant_from, repeated_from = o.informative + 1, o.informative + o.redundant + 1
  return made.set("make_classification", o, {
    x = (x + o.shift) * o.scale, y = flipped(o, y, key), classes = made.class_names(o.classes),
  }, o.shuffle and key or nil, {
    informative = places(order, 1, o.informative), redundant = places(order, redundant_from, repeated_from - 1),
    repeated = places(order, repeated_from, repeated_from + o.repeated - 1),
  })
end

return classification
