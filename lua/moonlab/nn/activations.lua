--- Activations as layers, each around the op of the same meaning: nn.ReLU() is x:relu().
-- @shape  any -> the same
-- @export ReLU()  x where it is positive, 0 elsewhere: the op relu.
-- @export LeakyReLU(slope = 0.01)  x where it is positive, slope * x elsewhere: the op leaky_relu.
-- @export ELU(alpha = 1)  x where it is positive, alpha * (exp(x) - 1) elsewhere: the op elu.
-- @export GELU()  x times the normal distribution function of x: the op gelu.
-- @export SiLU()  x * sigmoid(x): the op silu.
-- @export Tanh()  Hyperbolic tangent: the op tanh.
-- @export Sigmoid()  1 / (1 + exp(-x)): the op sigmoid.
-- @export Softplus()  log(1 + exp(x)): the op softplus.
-- @export Softmax(dim = -1)  exp(x) divided by its sum over dim: the op softmax. nn.cross_entropy wants logits,
--         without it.
-- @export LogSoftmax(dim = -1)  The logarithm of softmax over dim: the op log_softmax.

local core = require "moonlab.core"
local Module = require "moonlab.nn.module"
local blame = require "moonlab.blame"

-- class, op, name of the argument, its check, its default
local LIST = {
  { "ReLU", "relu" },
  { "LeakyReLU", "leaky_relu", "slope", "number", 0.01 },
  { "ELU", "elu", "alpha", "number", 1.0 },
  { "GELU", "gelu" },
  { "SiLU", "silu" },
  { "Tanh", "tanh" },
  { "Sigmoid", "sigmoid" },
  { "Softplus", "softplus" },
  { "Softmax", "softmax", "dim", "integer", -1 },
  { "LogSoftmax", "log_softmax", "dim", "integer", -1 },
}

local activations = {}

for _, entry in ipairs(LIST) do
  local name, op, argument, kind, default = table.unpack(entry)
  local f = core.ops[op]
  local class = Module:extend(name)
  if argument then
    function class:init(value)
      local right = kind == "integer" and math.type(value) == "integer" or kind == "number" and type(value) == "number"
      if value ~= nil and not right then
        blame.raise("nn.%s: %s must be %s, got %s", name, argument, kind == "integer" and "an integer" or "a number",
          blame.show(value))
      end
      self[argument] = value or default
    end
    function class:forward(x) return f(x, self[argument]) end
  else
    function class:init(value)
      if value ~= nil then blame.raise("nn.%s takes no arguments, got %s", name, blame.show(value)) end
    end
    function class:forward(x) return f(x) end
  end
  activations[#activations + 1] = { name = name, class = class }
end

return activations
