-- A linear problem whose answer is known: data.make_regression.

local core = require "moonlab.core"
local options = require "moonlab.options"
local made = require "moonlab.data.synthetic.made"

local ops = core.ops

local regression = {}

local parse = options("make_regression", {
  { "n", "count", 100 }, { "features", "count", 100 }, { "informative", "integer", 10 }, { "targets", "count", 1 }, { "bias", "number", 0.0 },
  { "rank", "count" }, { "tail", "number", 0.5 }, { "noise", "number", 0.0 }, { "shuffle", "boolean", true }, { "seed", "integer" },
}, "data.make_regression{n = 200, features = 10, informative = 4, noise = 1}")

-- Features that depend on each other: singular values of a bell of width `rank` and a tail that falls slowly.
local function low_rank(o, key)
  local width = math.min(o.n, o.features)
  local left = ops.qr(core.randn(o.n, width, { key = core.random_key(key, "left"), dtype = "float64" }))
  local right = ops.qr(core.randn(o.features, width, { key = core.random_key(key, "right"), dtype = "float64" }))
  local place = (core.arange(1, width, { dtype = "float64" }) - 1) / o.rank
  local values = (-place * place):exp() * (1 - o.tail) + (place * -0.1):exp() * o.tail
  return (left * values):matmul(right:transpose(1, 2)):to "float32"
end

-- Coefficients from 0 to 100 of the informative features, 0 of the others: [features, targets].
local function coefficients(o, key)
  local informative = math.min(o.informative, o.features)
  local drawn = core.rand(informative, o.targets, { key = core.random_key(key, "coefficients") }) * 100
  return ops.cat({ drawn, core.zeros(o.features - informative, o.targets) }, 1)
end

--- A linear regression problem: y = x * coefficients + bias + noise; scikit-learn's make_regression.
-- @param o  { n = 100, features = 100, informative = 10 (those with a coefficient), targets = 1, bias = 0, noise = 0 (deviation),
--           rank = nil (so many features are independent, about), tail = 0.5 (with rank: share of the others), shuffle = true (rows and
--           features), seed = }
-- @return a data set { x [features], y (or y [targets]) }, tagged synthetic; set.coefficients is a tensor [features] (or [features, targets])
-- @usage local set = data.make_regression { n = 200, features = 5, informative = 3, noise = 2 }
function regression.make_regression(o)
  o = parse(o)
  made.check_range("make_regression", o, "informative", 0, o.features)
  made.check_range("make_regression", o, "noise", 0)
  made.check_range("make_regression", o, "tail", 0, 1)
  local key = made.root("make_regression", o.seed)
  local x = o.rank and low_rank(o, key) or core.randn(o.n, o.features, { key = core.random_key(key, "x") })
  local truth = coefficients(o, key)
  local y = made.noisy(x:matmul(truth) + o.bias, o.noise, core.random_key(key, "noise"))
  if o.shuffle then
    local order = core.random_permutation(core.random_key(key, "features"), o.features)
    x, truth = x:index_select(2, order), truth:index_select(1, order)
  end
  if o.targets == 1 then y, truth = y:squeeze(2), truth:squeeze(2) end
  return made.set("make_regression", o, { x = x, y = y }, o.shuffle and key or nil, { coefficients = truth, bias = o.bias })
end

return regression
