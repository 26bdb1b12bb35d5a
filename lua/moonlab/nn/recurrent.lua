--- What nn.RNN, nn.LSTM and nn.GRU share: options, weights under PyTorch's names, layers, directions, states.

local core = require "moonlab.core"
local Dropout = require "moonlab.nn.dropout"
local blame = require "moonlab.blame"
local initialise = require "moonlab.nn.initialise"
local make_reader = require "moonlab.options"
local parameter = require "moonlab.nn.parameter"
local suggest = require "moonlab.suggest"

local ops = core.ops

local function shape_text(sizes) return "[" .. table.concat(sizes, ", ") .. "]" end

-- "_l0", "_l0_reverse", "_l1", ...: what the names of a layer's parameters end in, in PyTorch's order.
local function suffixes(layers, bidirectional)
  local list = {}
  for layer = 0, layers - 1 do
    list[#list + 1] = { layer = layer, name = "_l" .. layer, reverse = false }
    if bidirectional then list[#list + 1] = { layer = layer, name = "_l" .. layer .. "_reverse", reverse = true } end
  end
  return list
end

local shared = {}

function shared.begin(self, hidden, o)
  if math.type(hidden) ~= "integer" or hidden < 1 then
    blame.raise("nn.%s: the hidden size must be a positive integer, got %s", self._name, blame.show(hidden))
  end
  if type(o) == "number" then
    blame.raise("nn.%s takes the hidden size and infers the inputs: write nn.%s(%s) or nn.%s(%s, {inputs = %s})", self._name,
      self._name, o, self._name, o, hidden)
  end
  o = self.read(o)
  if o.dropout < 0 or o.dropout > 1 then
    blame.raise("nn.%s: dropout is a probability from 0 to 1, got %s", self._name, blame.show(o.dropout))
  end
  if o.dropout > 0 and o.layers == 1 then
    blame.raise("nn.%s: dropout stands between layers, and there is one\n  hint: nn.Dropout(%s) behind it", self._name, o.dropout)
  end
  self.hidden, self.inputs, self.layers, self.bidirectional = hidden, o.inputs, o.layers, o.bidirectional
  self.dropout, self.biased, self.nonlinearity = o.dropout, o.bias, o.nonlinearity
  self.parts = suffixes(o.layers, o.bidirectional)
  for _, part in ipairs(self.parts) do
    for _, name in ipairs(o.bias and { "weight_ih", "weight_hh", "bias_ih", "bias_hh" } or { "weight_ih", "weight_hh" }) do
      self[name .. part.name] = parameter.slot()
    end
  end
end

local function check_input(self, x)
  local shape = x.shape
  if #shape == 3 and (not self.inputs or shape[3] == self.inputs) then return end
  local hint = #shape == 2 and "\n  hint: x:unsqueeze(1) for one sequence, x:unsqueeze(3) for one number a step"
    or #shape == 4 and shape[2] == 1 and "\n  hint: x:squeeze(2) makes steps of the rows of pictures with one channel" or ""
  error(("%s: the input must be [batch, steps, %s], got %s%s"):format(self._name, self.inputs or "inputs", shape_text(shape), hint), 0)
end

-- The first weight decides the inputs from the first call on.
function shared.prepare(self, x)
  check_input(self, x)
  self.inputs = x:size(3)
  local rows, directions = self.gates * self.hidden, self.bidirectional and 2 or 1
  local bound = 1 / math.sqrt(self.hidden)
  local function uniform(tensor, key) return initialise.uniform(tensor, { low = -bound, high = bound, key = key }) end
  for _, part in ipairs(self.parts) do
    local inputs = part.layer == 0 and self.inputs or directions * self.hidden
    self:fill("weight_ih" .. part.name, { rows, inputs }, uniform)
    self:fill("weight_hh" .. part.name, { rows, self.hidden }, uniform)
    if self.biased then
      self:fill("bias_ih" .. part.name, { rows }, uniform)
      self:fill("bias_hh" .. part.name, { rows }, uniform)
    end
  end
end

-- (x, h, c, {lengths = }) -> the states that were given, and lengths.
local function read_call(self, ...)
  local states, n = { ... }, select("#", ...)
  local last, lengths = states[n], nil
  if type(last) == "table" and getmetatable(last) == nil then
    for key in pairs(last) do
      if key ~= "lengths" then blame.raise("%s: %s", self._name, suggest.unknown("option", tostring(key), { "lengths" })) end
    end
    lengths = last.lengths
    if type(lengths) == "table" then lengths = core.tensor(lengths) end
    states[n], n = nil, n - 1
  end
  while n > 0 and states[n] == nil do n = n - 1 end
  if n > self.states then
    blame.raise("%s takes x, %s and {lengths = ...}, got %d arguments", self._name,
      self.states == 2 and "h, c" or "h", n + 1)
  end
  return states, lengths
end

local function check_state(self, name, state, x)
  if state == nil then return end
  local sizes = { #self.parts, x:size(1), self.hidden }
  if core.is_tensor(state) and shape_text(state.shape) == shape_text(sizes) then return end
  local got = core.is_tensor(state) and shape_text(state.shape) or blame.show(state)
  error(("%s: %s must be %s (layers and directions, batch, hidden), got %s"):format(self._name, name, shape_text(sizes), got), 0)
end

-- One layer in one direction. Gives its outputs [B, T, H] and its last states [B, H].
local function run(self, i, x, h, c, lengths)
  local part = self.parts[i]
  local name = part.name
  local weight_ih, weight_hh, bias_ih, bias_hh = self["weight_ih" .. name], self["weight_hh" .. name], self["bias_ih" .. name],
    self["bias_hh" .. name]
  local options = { lengths = lengths, reverse = part.reverse, nonlinearity = self.nonlinearity }
  h, c = h and h:select(1, i), c and c:select(1, i)
  if self.states == 2 then return self.op(x, weight_ih, weight_hh, bias_ih, bias_hh, h, c, options) end
  return self.op(x, weight_ih, weight_hh, bias_ih, bias_hh, h, options)
end

local function stacked(list) return #list == 1 and list[1]:unsqueeze(1) or ops.stack(list, 1) end

function shared.forward(self, x, ...)
  check_input(self, x)
  local states, lengths = read_call(self, ...)
  local h, c = states[1], states[2]
  check_state(self, "the first state h", h, x)
  check_state(self, "the first state c", c, x)
  local last_h, last_c, directions = {}, {}, self.bidirectional and 2 or 1
  for layer = 1, self.layers do
    if layer > 1 and self.dropout > 0 and self.training then x = Dropout.drop(self, x, self.dropout) end
    local first = (layer - 1) * directions + 1
    local outputs = {}
    for i = first, first + directions - 1 do outputs[#outputs + 1], last_h[i], last_c[i] = run(self, i, x, h, c, lengths) end
    x = directions == 2 and ops.cat(outputs, 3) or outputs[1]
  end
  if self.states == 2 then return x, stacked(last_h), stacked(last_c) end
  return x, stacked(last_h)
end

--- Makes a class a recurrent layer; its init calls self:begin(hidden, o).
-- @param class  made by Module:extend
-- @param what   { op =, gates = rows of the weights for one hidden unit, states = how many a step hands to the next, more =
--               options that others don't have }
return function(class, what)
  local name = "nn." .. class._name
  local declared = { { "layers", "count", 1 }, { "bidirectional", "boolean", false }, { "dropout", "number", 0 },
    { "bias", "boolean", true }, { "inputs", "count" }, what.more }
  class.read = make_reader(name, declared, ("%s(128, {layers = 2})"):format(name))
  class.op, class.gates, class.states = what.op, what.gates, what.states
  class.results_in_sequence = 1 -- a Sequential hands on the outputs alone
  class.takes_lengths = true -- and hands it {lengths = ...}, as a trainer does
  for method, f in pairs(shared) do class[method] = f end
  return class
end
