--- y = x W^T + b over the last dimension of x.
-- @shape  [..., inputs] -> [..., outputs]

local core = require "moonlab.core"
local Module = require "moonlab.nn.module"
local blame = require "moonlab.blame"
local initialise = require "moonlab.nn.initialise"
local options = require "moonlab.options"
local parameter = require "moonlab.nn.parameter"

local linear = core.ops.linear
local Linear = Module:extend "Linear"

local read = options("nn.Linear", {
  { "inputs", "count" }, { "bias", "boolean", true }, { "weight", "tensor" }, { "init", "any" }, { "bias_init", "any" },
})

--- @param outputs  how many; the inputs are inferred by the first call
-- @param o        { inputs = asserts their number, bias = true, weight = a parameter shared with another layer,
--                 init = name or function(tensor, key), bias_init = the same }
-- @usage nn.Linear(128)   nn.Linear(10, {bias = false})   nn.Linear(vocabulary, {weight = embed.weight})
function Linear:init(outputs, o)
  if type(o) == "number" then
    blame.raise("nn.Linear takes the outputs and infers the inputs: "
      .. "write nn.Linear(%s) or nn.Linear(%s, {inputs = %s})", o, o, blame.show(outputs))
  end
  if math.type(outputs) ~= "integer" or outputs < 1 then
    blame.raise("nn.Linear: the outputs must be a positive integer, got %s", blame.show(outputs))
  end
  o = read(o)
  self.outputs, self.inputs = outputs, o.inputs
  self.initialise_weight = initialise.pick("nn.Linear", o.init, initialise.default_weight)
  self.initialise_bias = initialise.pick("nn.Linear", o.bias_init, nil)
  self.weight = parameter.shared("nn.Linear", o.weight) or parameter.slot()
  if o.bias then self.bias = parameter.slot() end
end

local function shape_of(x) return "[" .. table.concat(x.shape, ", ") .. "]" end

-- "1*28*28 = 784; put nn.Flatten() before it", where the picture has as many elements as the weight wants.
local function hint(x, inputs)
  local sizes, product = {}, 1
  for d = 2, x:dim() do
    sizes[#sizes + 1] = x:size(d)
    product = product * x:size(d)
  end
  if #sizes < 2 or product ~= inputs then return "" end
  return ("\n  hint: %s = %d; put nn.Flatten() before it"):format(table.concat(sizes, "*"), inputs)
end

local function mismatch(self, x, inputs)
  local shape, last = shape_of(x), tostring(x:size(-1))
  local text = "Linear: the last dimension must be %d, got %s\n  input   %s\n  %s%s\n  weight  [%d, %d]%s"
  error(text:format(inputs, last, shape,
    (" "):rep(8 + #shape - 1 - #last), ("^"):rep(#last), self.outputs, inputs, hint(x, inputs)), 0)
end

function Linear:prepare(x)
  local inputs = x:size(-1)
  if self.inputs and self.inputs ~= inputs then mismatch(self, x, self.inputs) end
  self:fill("weight", { self.outputs, inputs }, self.initialise_weight)
  if self.bias then
    self:fill("bias", { self.outputs }, self.initialise_bias or initialise.default_bias(self.weight))
  end
end

function Linear:forward(x)
  local inputs = self.weight:size(2)
  if x:size(-1) ~= inputs then mismatch(self, x, inputs) end
  return linear(x, self.weight, self.bias)
end

return Linear
