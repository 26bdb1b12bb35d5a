--- Layers one after the other: each gets what the one before returned (of an LSTM and its kin, the outputs alone). Called as
-- model(x, {lengths = ...}) those that take lengths (takes_lengths of their class: LSTM and its kin) get them.
-- @shape  that of the first layer -> that of the last

local Module = require "moonlab.nn.module"
local activations = require "moonlab.nn.activations"
local calls = require "moonlab.nn.calls"
local Function = require "moonlab.nn.function"
local blame = require "moonlab.blame"
local tree = require "moonlab.nn.tree"

local Sequential = Module:extend "Sequential"

local function layer(name, i, value)
  if tree.is_module(value) then return value end
  if type(value) == "function" then return Function(value) end
  if tree.is_class(value) then
    blame.raise("nn.%s: layer %d is the class %s: write nn.%s()", name, i, value._name, value._name)
  end
  blame.raise("nn.%s: layer %d is %s; layers are modules or functions", name, i, blame.show(value))
end

--- @param layers  a list of modules and functions; they become self[1], self[2], ...
-- @usage nn.Sequential { nn.Flatten(), nn.Linear(128), nn.ReLU(), nn.Linear(10) }
function Sequential:init(layers, second)
  local name = self._name
  if second ~= nil or tree.is_module(layers) or type(layers) ~= "table" then
    blame.raise("nn.%s takes one list of layers: write nn.%s{nn.Linear(128), nn.ReLU()}", name, name)
  end
  for key in pairs(layers) do
    if math.type(key) ~= "integer" or key < 1 or key > #layers then
      blame.raise("nn.%s: the list of layers has %s, or a nil before it; layers stand at 1, 2, ...", name,
        type(key) == "string" and "a field '" .. key .. "'" or "position " .. tostring(key))
    end
  end
  for i = 1, #layers do
    if layers[i] == nil then blame.raise("nn.%s: layer %d is nil", name, i) end
    self[i] = layer(name, i, layers[i])
    self.takes_lengths = self.takes_lengths or self[i].takes_lengths
  end
end

-- What the next layer gets: all that a layer returns, unless its class says how much of that is meant for others.
local function handed_on(layer, ...)
  if layer.results_in_sequence == 1 then return (...) end
  return ...
end

local function through(layers, i, ...)
  if layers[i] == nil then return ... end
  return through(layers, i + 1, handed_on(layers[i], layers[i](...)))
end

local ReLU
for _, entry in ipairs(activations) do
  if entry.name == "ReLU" then ReLU = entry.class end
end

-- The same, but a layer that can apply ReLU on the way (its class says takes_relu) does so if one follows: the same bits.
local function through_joined(layers, i, x, ...)
  local layer = layers[i]
  if layer == nil then return x, ... end
  if layer.takes_relu and getmetatable(layers[i + 1]) == ReLU then
    return through_joined(layers, i + 2, layer(x, "relu"))
  end
  return through_joined(layers, i + 1, handed_on(layer, layer(x, ...)))
end

-- (x, {lengths = ...}): the lengths go to each layer that takes them.
local function through_with_lengths(layers, x, o)
  for _, layer in ipairs(layers) do
    if layer.takes_lengths then x = handed_on(layer, layer(x, o)) else x = layer(x) end
  end
  return x
end

local function is_lengths(o, ...) return select("#", ...) == 0 and type(o) == "table" and getmetatable(o) == nil and o.lengths ~= nil end

function Sequential:forward(...)
  if self.takes_lengths and select("#", ...) == 2 and is_lengths(select(2, ...)) then return through_with_lengths(self, ...) end
  if calls.unwatched() then return through_joined(self, 1, ...) end
  return through(self, 1, ...)
end

return Sequential
