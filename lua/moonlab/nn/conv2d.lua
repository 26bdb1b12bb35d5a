--- Cross-correlation of pictures with learned windows.
-- @shape  [B, channels in, H, W] -> [B, channels, H', W'],
--         H' = (H + 2 padding - dilation (rows - 1) - 1) // stride + 1

local core = require "moonlab.core"
local Module = require "moonlab.nn.module"
local blame = require "moonlab.blame"
local initialise = require "moonlab.nn.initialise"
local options = require "moonlab.options"
local parameter = require "moonlab.nn.parameter"

local conv2d = core.ops.conv2d
local Conv2d = Module:extend "Conv2d"

local read = options("nn.Conv2d", {
  { "inputs", "count" }, { "stride", "pair", 1 }, { "padding", "padding", 0 }, { "dilation", "pair", 1 },
  { "groups", "count", 1 },
  { "bias", "boolean", true }, { "weight", "tensor" }, { "init", "any" }, { "bias_init", "any" },
}, "nn.Conv2d(32, 3, {stride = 2})")

local function size_of(value)
  if math.type(value) == "integer" and value > 0 then return value, value end
  if type(value) == "table" and #value == 2 and math.type(value[1]) == "integer" and math.type(value[2]) == "integer"
    and value[1] > 0 and value[2] > 0 then
    return value[1], value[2]
  end
  blame.raise("nn.Conv2d: the size of the window must be a positive integer or two of them, got %s", blame.show(value))
end

--- @param channels  how many come out; those that go in are inferred by the first call
-- @param size      rows and columns of the window: 3 or {3, 5}
-- @param o         { inputs = asserts the channels in, stride = 1, padding = 0 | {1, 2} | "same", dilation = 1,
--                  groups = 1, bias = true, weight =, init = name or function(tensor, key), bias_init = the same }
-- @usage nn.Conv2d(32, 3, {padding = "same"})
function Conv2d:init(channels, size, o)
  if type(o) == "number" then
    blame.raise("nn.Conv2d takes the channels that come out and the window, and infers those that go in: "
      .. "write nn.Conv2d(%s, %s) or nn.Conv2d(%s, %s, {inputs = %s})",
      blame.show(size), o, blame.show(size), o, blame.show(channels))
  end
  if math.type(channels) ~= "integer" or channels < 1 then
    blame.raise("nn.Conv2d: the channels must be a positive integer, got %s", blame.show(channels))
  end
  self.rows, self.columns = size_of(size)
  o = read(o)
  if channels % o.groups ~= 0 then
    blame.raise("nn.Conv2d: %d channels can't be cut into %d groups", channels, o.groups)
  end
  self.channels, self.inputs, self.groups = channels, o.inputs, o.groups
  self.options = { stride = o.stride, padding = o.padding, dilation = o.dilation, groups = o.groups }
  self.initialise_weight = initialise.pick("nn.Conv2d", o.init, initialise.default_weight)
  self.initialise_bias = initialise.pick("nn.Conv2d", o.bias_init, nil)
  self.weight = parameter.shared("nn.Conv2d", o.weight) or parameter.slot()
  if o.bias then self.bias = parameter.slot() end
end

local function shape_of(x) return "[" .. table.concat(x.shape, ", ") .. "]" end

local function check(self, x, inputs)
  if x:dim() ~= 4 then
    error(("Conv2d: the input must be [batch, channels, rows, columns], got %s"):format(shape_of(x)), 0)
  end
  if inputs and x:size(2) ~= inputs then
    error(("Conv2d: the channels (dimension 2) must be %d, got %d\n  input   %s"):format(inputs, x:size(2),
      shape_of(x)), 0)
  end
end

function Conv2d:prepare(x)
  check(self, x, self.inputs)
  local inputs = x:size(2)
  if inputs % self.groups ~= 0 then
    error(("Conv2d: %d channels can't be cut into %d groups\n  input   %s"):format(inputs, self.groups, shape_of(x)), 0)
  end
  self:fill("weight", { self.channels, inputs // self.groups, self.rows, self.columns }, self.initialise_weight)
  if self.bias then
    self:fill("bias", { self.channels }, self.initialise_bias or initialise.default_bias(self.weight))
  end
end

function Conv2d:forward(x)
  check(self, x, self.weight:size(2) * self.groups)
  return conv2d(x, self.weight, self.bias, self.options)
end

return Conv2d
