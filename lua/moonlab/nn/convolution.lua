--- What the convolution layers share; each layer's file says which one it is.

local Module = require "moonlab.nn.module"
local blame = require "moonlab.blame"
local initialise = require "moonlab.nn.initialise"
local options = require "moonlab.options"
local parameter = require "moonlab.nn.parameter"

local convolution = {}

local function is_count(value) return math.type(value) == "integer" and value > 0 end

-- The sizes of the window, a list as long as the rank.
local function window_of(spec, value)
  if is_count(value) then
    local sizes = {}
    for i = 1, spec.rank do sizes[i] = value end
    return sizes
  end
  if spec.rank == 2 and type(value) == "table" and #value == 2 and is_count(value[1]) and is_count(value[2]) then
    return { value[1], value[2] }
  end
  blame.raise("nn.%s: the size of the window must be a positive integer%s, got %s", spec.name,
    spec.rank == 2 and " or two of them" or "", blame.show(value))
end

local function shape_of(x) return "[" .. table.concat(x.shape, ", ") .. "]" end

local function check(spec, x, inputs)
  if x:dim() ~= spec.rank + 2 then
    error(("%s: the input must be [batch, channels, %s], got %s"):format(spec.name,
      spec.rank == 2 and "rows, columns" or "steps", shape_of(x)), 0)
  end
  if inputs and x:size(2) ~= inputs then
    error(("%s: the channels (dimension 2) must be %d, got %d\n  input   %s"):format(spec.name, inputs, x:size(2),
      shape_of(x)), 0)
  end
end

--- A class of convolution layers.
-- @param spec  { name =, rank = 1 | 2, transposed =, op = function(x, weight, bias, options), op_relu = with ReLU on top }
-- @return the class, without init; and init(self, channels, size, o) for it
function convolution.class(spec)
  local class = Module:extend(spec.name)
  local pair = spec.rank == 2 and "pair" or "count"
  local known = {
    { "inputs", "count" }, { "stride", pair, 1 }, { "padding", spec.transposed and "border" or "padding", 0 },
    { "dilation", pair, 1 }, { "groups", "count", 1 },
    { "bias", "boolean", true }, { "weight", "tensor" }, { "init", "any" }, { "bias_init", "any" },
  }
  if spec.transposed then table.insert(known, { "output_padding", "border", 0 }) end
  local read = options("nn." .. spec.name, known, ("nn.%s(32, 3, {stride = 2})"):format(spec.name))

  local function init(self, channels, size, o)
    if type(o) == "number" then
      blame.raise("nn.%s takes the channels that come out and the window, and infers those that go in: "
        .. "write nn.%s(%s, %s) or nn.%s(%s, %s, {inputs = %s})", spec.name,
        spec.name, blame.show(size), o, spec.name, blame.show(size), o, blame.show(channels))
    end
    if not is_count(channels) then
      blame.raise("nn.%s: the channels must be a positive integer, got %s", spec.name, blame.show(channels))
    end
    self.window = window_of(spec, size)
    o = read(o)
    if channels % o.groups ~= 0 then
      blame.raise("nn.%s: %d channels can't be cut into %d groups", spec.name, channels, o.groups)
    end
    self.channels, self.inputs, self.groups = channels, o.inputs, o.groups
    self.options = { stride = o.stride, padding = o.padding, dilation = o.dilation, groups = o.groups,
      output_padding = o.output_padding }
    self.initialise_weight = initialise.pick("nn." .. spec.name, o.init, initialise.default_weight)
    self.initialise_bias = initialise.pick("nn." .. spec.name, o.bias_init, nil)
    self.weight = parameter.shared("nn." .. spec.name, o.weight) or parameter.slot()
    if o.bias then self.bias = parameter.slot() end
  end

  function class:prepare(x)
    check(spec, x, self.inputs)
    local inputs = x:size(2)
    if inputs % self.groups ~= 0 then
      error(("%s: %d channels can't be cut into %d groups\n  input   %s"):format(spec.name, inputs, self.groups, shape_of(x)), 0)
    end
    local sizes = spec.transposed and { inputs, self.channels // self.groups } or { self.channels, inputs // self.groups }
    table.move(self.window, 1, spec.rank, 3, sizes)
    self:fill("weight", sizes, self.initialise_weight)
    if self.bias then
      self:fill("bias", { self.channels }, self.initialise_bias or initialise.default_bias(self.weight))
    end
  end

  class.takes_relu = spec.op_relu ~= nil

  function class:forward(x, activation)
    check(spec, x, spec.transposed and self.weight:size(1) or self.weight:size(2) * self.groups)
    return (activation and spec.op_relu or spec.op)(x, self.weight, self.bias, self.options)
  end

  return class, init
end

return convolution
