--- First values of parameters: nn.init.kaiming_uniform(tensor) and kin. Each fills the tensor and returns it.
-- They draw from the stream { key = } or, without one, from that of ml.manual_seed. Layers take them by name:
-- nn.Linear(128, {init = "xavier_uniform"}).

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local options = require "moonlab.options"

local initialise = {}

-- Outside of the graph, whatever the tensor requires.
local function write(tensor, method, ...)
  local before = core.set_grad_enabled(false)
  local restore <close> = setmetatable({}, { __close = function() core.set_grad_enabled(before) end })
  tensor[method](tensor, ...)
  return tensor
end

local function stream(o) return o.key and { key = o.key } or nil end

--- How many inputs and outputs one element of a weight [outputs, inputs, rows, columns ...] connects.
-- @return fan_in, fan_out
function initialise.fans(tensor)
  local shape = tensor.shape
  if #shape < 2 then blame.raise("nn.init: fan-in and fan-out need 2 dimensions or more, got %d", #shape) end
  local field = 1
  for d = 3, #shape do field = field * shape[d] end
  return shape[2] * field, shape[1] * field
end

--- What a nonlinearity does to the deviation of its input: "linear", "relu", "leaky_relu" (slope), "tanh", "sigmoid".
function initialise.gain(name, slope)
  if name == "linear" or name == "sigmoid" then return 1 end
  if name == "relu" then return math.sqrt(2) end
  if name == "leaky_relu" then return math.sqrt(2 / (1 + (slope or 0.01) ^ 2)) end
  if name == "tanh" then return 5 / 3 end
  local known = { "linear", "relu", "leaky_relu", "tanh", "sigmoid" }
  blame.raise("nn.init.gain: %s", require "moonlab.suggest".unknown("nonlinearity", tostring(name), known))
end

local KEY = { "key", "integer" }
local kaiming = {
  { "a", "number", 0 }, { "mode", { "fan_in", "fan_out" }, "fan_in" },
  { "nonlinearity", { "linear", "relu", "leaky_relu", "tanh", "sigmoid" }, "leaky_relu" }, KEY,
}
local read_kaiming_uniform = options("nn.init.kaiming_uniform", kaiming)
local read_kaiming_normal = options("nn.init.kaiming_normal", kaiming)
local xavier = { { "gain", "number", 1 }, KEY }
local read_xavier_uniform = options("nn.init.xavier_uniform", xavier)
local read_xavier_normal = options("nn.init.xavier_normal", xavier)
local read_uniform = options("nn.init.uniform", { { "low", "number", 0 }, { "high", "number", 1 }, KEY })
local read_normal = options("nn.init.normal", { { "mean", "number", 0 }, { "std", "number", 1 }, KEY })
local read_constant = options("nn.init.constant", { { "value", "number", 0 }, KEY })

local function kaiming_deviation(tensor, o)
  local fan_in, fan_out = initialise.fans(tensor)
  local fan = o.mode == "fan_in" and fan_in or fan_out
  return initialise.gain(o.nonlinearity, o.a) / math.sqrt(math.max(fan, 1))
end

--- Uniform with the deviation gain / sqrt(fan). He et al. 2015.
-- @param o  { a = slope of leaky_relu (0), mode = "fan_in" | "fan_out", nonlinearity = "leaky_relu", key = }
function initialise.kaiming_uniform(tensor, o)
  o = read_kaiming_uniform(o)
  local bound = math.sqrt(3) * kaiming_deviation(tensor, o)
  return write(tensor, "uniform_", -bound, bound, stream(o))
end

--- Normal with the deviation gain / sqrt(fan). He et al. 2015.
-- @param o  as for kaiming_uniform
function initialise.kaiming_normal(tensor, o)
  o = read_kaiming_normal(o)
  return write(tensor, "normal_", 0, kaiming_deviation(tensor, o), stream(o))
end

local function xavier_deviation(tensor, o)
  local fan_in, fan_out = initialise.fans(tensor)
  return o.gain * math.sqrt(2 / math.max(fan_in + fan_out, 1))
end

--- Uniform with the deviation gain * sqrt(2 / (fan_in + fan_out)). Glorot and Bengio 2010.
-- @param o  { gain = 1, key = }
function initialise.xavier_uniform(tensor, o)
  o = read_xavier_uniform(o)
  local bound = math.sqrt(3) * xavier_deviation(tensor, o)
  return write(tensor, "uniform_", -bound, bound, stream(o))
end

--- Normal with the deviation gain * sqrt(2 / (fan_in + fan_out)). Glorot and Bengio 2010.
-- @param o  { gain = 1, key = }
function initialise.xavier_normal(tensor, o)
  o = read_xavier_normal(o)
  return write(tensor, "normal_", 0, xavier_deviation(tensor, o), stream(o))
end

--- Uniform in [low, high).
-- @param o  { low = 0, high = 1, key = }
function initialise.uniform(tensor, o)
  o = read_uniform(o)
  return write(tensor, "uniform_", o.low, o.high, stream(o))
end

--- Normal.
-- @param o  { mean = 0, std = 1, key = }
function initialise.normal(tensor, o)
  o = read_normal(o)
  return write(tensor, "normal_", o.mean, o.std, stream(o))
end

--- One value everywhere.
-- @param o  { value = 0 }
function initialise.constant(tensor, o) return write(tensor, "fill_", read_constant(o).value) end

--- 0 everywhere.
function initialise.zeros(tensor) return write(tensor, "fill_", 0) end

--- 1 everywhere.
function initialise.ones(tensor) return write(tensor, "fill_", 1) end

local BY_NAME = {
  "kaiming_uniform", "kaiming_normal", "xavier_uniform", "xavier_normal", "uniform", "normal", "zeros", "ones",
}

--- What a layer's option `init` means: a name, or a function(tensor, key).
-- @param where   the layer, for the message
-- @param value   the option
-- @param default  function(tensor, key), for nil
-- @return function(tensor, key)
function initialise.pick(where, value, default)
  if value == nil then return default end
  if type(value) == "function" then return value end
  for _, name in ipairs(BY_NAME) do
    if name == value then
      if name == "zeros" or name == "ones" then return initialise[name] end
      return function(tensor, key) initialise[name](tensor, { key = key }) end
    end
  end
  if type(value) ~= "string" then
    blame.raise("%s: init must be the name of an initialiser or a function, got %s", where, blame.show(value))
  end
  blame.raise("%s: %s", where, require "moonlab.suggest".unknown("initialiser", value, BY_NAME))
end

--- PyTorch's default of Linear and Conv2d: uniform within 1 / sqrt(fan_in), written as kaiming_uniform with slope
-- sqrt(5).
function initialise.default_weight(tensor, key)
  return initialise.kaiming_uniform(tensor, { a = math.sqrt(5), key = key })
end

--- The default of their bias: uniform within 1 / sqrt(fan_in of the weight).
function initialise.default_bias(weight)
  return function(tensor, key)
    local bound = 1 / math.sqrt(math.max(initialise.fans(weight), 1))
    return initialise.uniform(tensor, { low = -bound, high = bound, key = key })
  end
end

return initialise
