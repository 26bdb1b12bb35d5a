-- Classes with a shape that one can see: data.make_blobs, make_moons, make_circles, make_spirals.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local options = require "moonlab.options"
local made = require "moonlab.data.synthetic.made"

local ops = core.ops

local shapes = {}

-- Blobs --------------------------------------------------------------------------------------------------------------

local read_blobs = options("make_blobs", {
  { "n", "any", 100 }, { "features", "count", 2 }, { "centers", "any", 3 }, { "std", "any", 1.0 }, { "box", "table", { -10, 10 } },
  { "shuffle", "boolean", true }, { "seed", "integer" },
}, "data.make_blobs{n = 300, centers = 3}")

-- A number for all, or a list of one for each of k.
local function each(where, name, value, k, is_right, meant)
  local list = {}
  if type(value) == "table" and #value ~= k then blame.raise("%s: %s has %d numbers for %d centers", where, name, #value, k) end
  for i = 1, k do
    list[i] = type(value) == "table" and value[i] or value
    if not is_right(list[i]) then blame.raise("%s: %s must be %s, got %s", where, name, meant, blame.show(list[i])) end
  end
  return list
end

local function centers_of(o, key)
  if core.is_tensor(o.centers) then
    if o.centers:dim() ~= 2 then
      blame.raise("make_blobs: centers are a tensor [centers, features], got [%s]", table.concat(o.centers.shape, ", "))
    end
    return o.centers:to "float32"
  end
  if math.type(o.centers) ~= "integer" or o.centers < 1 then
    blame.raise("make_blobs: centers is how many there are, or a tensor [centers, features]; got %s", blame.show(o.centers))
  end
  local low, high = o.box[1], o.box[2]
  if type(low) ~= "number" or type(high) ~= "number" or low > high then blame.raise "make_blobs: box is {low, high}, as {-10, 10}" end
  return core.rand(o.centers, o.features, { key = core.random_key(key, "centers") }) * (high - low) + low
end

--- Normal clouds around centers, one class each; scikit-learn's make_blobs.
-- @param o  { n = 100: rows in all, or a list of rows for each center, features = 2, centers = 3: how many, drawn from the box, or a tensor
--           [centers, features], std = 1: of all, or a list, box = {-10, 10}, shuffle = true, seed = }
-- @return a data set { x, y }, tagged synthetic; set.centers is a tensor
-- @usage local set = data.make_blobs { n = 300, centers = 4, std = 0.5 }
function shapes.make_blobs(o)
  o = read_blobs(o)
  local key = made.root("make_blobs", o.seed)
  local centers = centers_of(o, key)
  local function is_count(v) return math.type(v) == "integer" and v >= 0 end
  local counts = type(o.n) == "table" and each("make_blobs", "n", o.n, #centers, is_count, "an integer from 0")
    or made.shares(each("make_blobs", "n", o.n, 1, function(v) return is_count(v) and v > 0 end, "a positive integer")[1], #centers)
  local stds = each("make_blobs", "std", o.std, #centers, function(v) return type(v) == "number" and v >= 0 end, "a number from 0")
  local y = made.labels(counts)
  local noise = core.randn(#y, centers:size(2), { key = core.random_key(key, "noise") })
  local x = centers:index_select(1, y) + noise * core.tensor(stds, { dtype = "float32" }):index_select(1, y):unsqueeze(2)
  return made.set("make_blobs", o, { x = x, y = y, classes = made.class_names(#centers) }, o.shuffle and key or nil, { centers = centers })
end

-- Curves -------------------------------------------------------------------------------------------------------------

-- The set of points (first, second) of each class in turn, with noise.
local function planar(where, o, key, curves, classes)
  local parts, counts = {}, {}
  for i, curve in ipairs(curves) do parts[i], counts[i] = ops.stack(curve, 2), #curve[1] end
  local x = made.noisy(ops.cat(parts, 1), o.noise, core.random_key(key, "noise")):to "float32"
  return made.set(where, o, { x = x, y = made.labels(counts), classes = classes }, o.shuffle and key or nil)
end

-- n numbers from 0 on, to `to` itself or to one step before it.
local function steps(n, to, open)
  if n == 0 then return core.empty(0, { dtype = "float64" }) end
  return (core.arange(1, n, { dtype = "float64" }) - 1) * (to / math.max(1, open and n or n - 1))
end

local function curve_options(where, ...)
  return options(where, { { "n", "count", 100 }, { "noise", "number", 0.0 }, { "shuffle", "boolean", true }, { "seed", "integer" }, ... },
    ("data.%s{n = 200, noise = 0.1}"):format(where))
end

local read_moons = curve_options "make_moons"

--- Two half circles that reach into each other; scikit-learn's make_moons.
-- @param o  { n = 100: rows in all, noise = 0: deviation of what is added to both coordinates, shuffle = true, seed = }
-- @return a data set { x [2], y }, tagged synthetic
-- @usage local set = data.make_moons { n = 200, noise = 0.1 }
function shapes.make_moons(o)
  o = read_moons(o)
  made.check_range("make_moons", o, "noise", 0)
  local upper, lower = steps(o.n // 2, math.pi), steps(o.n - o.n // 2, math.pi)
  return planar("make_moons", o, made.root("make_moons", o.seed),
    { { upper:cos(), upper:sin() }, { 1 - lower:cos(), 0.5 - lower:sin() } }, { "upper", "lower" })
end

local read_circles = curve_options("make_circles", { "factor", "number", 0.8 })

--- A circle around a smaller one; scikit-learn's make_circles.
-- @param o  { n = 100: rows in all, noise = 0, factor = 0.8: radius of the inner one, from 0 to 1, shuffle = true, seed = }
-- @return a data set { x [2], y }, tagged synthetic
-- @usage local set = data.make_circles { n = 200, noise = 0.05, factor = 0.5 }
function shapes.make_circles(o)
  o = read_circles(o)
  made.check_range("make_circles", o, "noise", 0)
  made.check_range("make_circles", o, "factor", 0, 1)
  local outer, inner = steps(o.n // 2, 2 * math.pi, true), steps(o.n - o.n // 2, 2 * math.pi, true)
  return planar("make_circles", o, made.root("make_circles", o.seed),
    { { outer:cos(), outer:sin() }, { inner:cos() * o.factor, inner:sin() * o.factor } }, { "outer", "inner" })
end

local read_spirals = curve_options("make_spirals", { "classes", "count", 2 }, { "turns", "number", 1.5 })

--- Arms of a spiral, one class each, from the middle to radius 1.
-- @param o  { n = 100: rows in all, classes = 2: arms, turns = 1.5: of each arm, noise = 0, shuffle = true, seed = }
-- @return a data set { x [2], y }, tagged synthetic
-- @usage local set = data.make_spirals { n = 300, classes = 3, noise = 0.02 }
function shapes.make_spirals(o)
  o = read_spirals(o)
  made.check_range("make_spirals", o, "noise", 0)
  local arms = {}
  for arm, count in ipairs(made.shares(o.n, o.classes)) do
    local radius = steps(count, 1)
    local angle = radius * (2 * math.pi * o.turns) + 2 * math.pi * (arm - 1) / o.classes
    arms[arm] = { radius * angle:cos(), radius * angle:sin() }
  end
  return planar("make_spirals", o, made.root("make_spirals", o.seed), arms, made.class_names(o.classes))
end

return shapes
