--- Layers side by side.
-- @shape  that of each branch
-- @export Parallel(layers)  The i-th input through the i-th layer; a list of the results. A single tensor goes to each.
-- @export Concat(layers, dim)  The same input through each layer, the results joined along dim (2: channels).

local core = require "moonlab.core"
local Module = require "moonlab.nn.module"
local Sequential = require "moonlab.nn.sequential"
local blame = require "moonlab.blame"

local Parallel = Module:extend "Parallel"
Parallel.init = Sequential.init

function Parallel:forward(inputs)
  local results = {}
  for i = 1, #self do results[i] = self[i](type(inputs) == "table" and inputs[i] or inputs) end
  if type(inputs) == "table" and #inputs ~= #self then
    blame.raise("Parallel: %d inputs for %d layers", #inputs, #self)
  end
  return results
end

local Concat = Module:extend "Concat"

function Concat:init(layers, dim)
  if dim ~= nil and math.type(dim) ~= "integer" then
    blame.raise("nn.Concat takes a list of layers and the dimension to join, got %s", blame.show(dim))
  end
  Sequential.init(self, layers)
  self.dim = dim or 2
end

function Concat:forward(...)
  local results = {}
  for i = 1, #self do results[i] = self[i](...) end
  return core.ops.cat(results, self.dim)
end

return { { name = "Parallel", class = Parallel }, { name = "Concat", class = Concat } }
