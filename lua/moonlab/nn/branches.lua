--- Layers side by side.
-- @shape  that of each branch
-- @export Parallel(layers)  The i-th input through the i-th layer; a list of the results. A single tensor goes to each.
-- @export Concat(layers, dim)  The same input through each layer, the results joined along dim (2: channels).

local core = require "moonlab.core"
local Module = require "moonlab.nn.module"
local Sequential = require "moonlab.nn.sequential"
local blame = require "moonlab.blame"

local function take(self, layers)
  Sequential.init(self, layers)
  if #self == 0 then blame.raise("nn.%s: the list of layers is empty", self._name) end
end

local Parallel = Module:extend "Parallel"

function Parallel:init(layers, second)
  if second ~= nil then blame.raise("nn.Parallel takes one list of layers, got %s after it", blame.show(second)) end
  take(self, layers)
end

local function check_inputs(self, inputs)
  if core.is_tensor(inputs) then return end
  if type(inputs) ~= "table" then
    blame.raise("Parallel: the input must be a tensor or a list of them, one for each layer, got %s", blame.show(inputs))
  end
  if #inputs ~= #self then blame.raise("Parallel: %d inputs for %d layers", #inputs, #self) end
end

function Parallel:forward(inputs)
  check_inputs(self, inputs)
  local results, several = {}, type(inputs) == "table"
  for i = 1, #self do results[i] = self[i](several and inputs[i] or inputs) end
  return results
end

local Concat = Module:extend "Concat"

function Concat:init(layers, dim)
  if dim ~= nil and (math.type(dim) ~= "integer" or dim == 0) then
    blame.raise("nn.Concat takes a list of layers and the dimension to join (from 1, or -1 for the last), got %s", blame.show(dim))
  end
  take(self, layers)
  self.dim = dim or 2
end

function Concat:forward(...)
  local results = {}
  for i = 1, #self do results[i] = self[i](...) end
  return core.ops.cat(results, self.dim)
end

return { { name = "Parallel", class = Parallel }, { name = "Concat", class = Concat } }
