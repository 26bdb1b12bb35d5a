--- The base of all layers and models.
--
--   local Net = nn.Module:extend "Net"
--   function Net:init(width)  self.fc, self.scale = nn.Linear(width), nn.Parameter(ml.ones(1)) end
--   function Net:forward(x)   return self.fc(x):relu() * self.scale end
--   local net = Net(64); local y = net(x)
--
-- Modules, parameters, buffers and plain lists of modules that stand in fields are registered: saved, trained, cloned.
-- A module is a spec until its first call (or build) gives its slots their shapes: see nn/calls.lua. Its order is that
-- in which things were made: see nn/tree.lua.

local blame = require "moonlab.blame"
local calls = require "moonlab.nn.calls"
local parameter = require "moonlab.nn.parameter"
local tree = require "moonlab.nn.tree"

local Module = { _name = "Module", is_module_class = true, __name = "Module", training = true }
Module.__index = Module
Module.__call = calls.call

Module.__tostring = function(self) return require "moonlab.nn.outline"(self) end

local function construct(class, ...)
  local self = setmetatable({ _info = { number = 0, made_at = blame.position(), ready = false, built = false } }, class)
  self:init(...)
  self._info.number = parameter.next_number()
  return self
end

--- A class of one's own. Instances are made by calling it, which runs its init.
-- @param name  the name in summaries and messages
-- @return the class; define init (optional) and forward on it
-- @usage local Net = nn.Module:extend "Net"
function Module:extend(name)
  if not tree.is_class(self) then blame.raise "extend is called with a colon, on a class: nn.Module:extend 'Net'" end
  if type(name) ~= "string" then
    blame.raise("extend takes the name of the class: nn.Module:extend 'Net', got %s", blame.show(name))
  end
  local class = { _name = name, __name = name, is_module_class = true }
  class.__index, class.__call, class.__tostring = class, calls.call, self.__tostring
  return setmetatable(class, { __index = self, __call = construct, __name = "class of modules" })
end

--- Runs when an instance is made, with the arguments of the constructor.
function Module:init() end

--- Runs once, with the inputs of the first call and before its forward: a layer that infers its sizes gives its slots
-- their shapes here (self:fill).
function Module:prepare() end

--- Computes the outputs from the inputs. Each class defines its own.
function Module:forward()
  blame.raise("%s has no forward: write function %s:forward(x) ... end", self._name, self._name)
end

--- In prepare: gives a slot its shape and first values; a parameter that has a shape is compared with it.
-- @param name        the field of the slot (made by parameter.slot or shared from another layer)
-- @param sizes       list of sizes
-- @param initialise  function(tensor, key) that writes the first values
function Module:fill(name, sizes, initialise) calls.fill(self, name, sizes, initialise) end

--- All parameters, each once, as a list.
-- @return a list of tensors
function Module:parameters()
  local list = {}
  for i, entry in ipairs(tree.tensors(self, "parameter")) do list[i] = entry.tensor end
  return list
end

local function each(list, value)
  local i = 0
  return function()
    i = i + 1
    if list[i] then return list[i].path, list[i][value] end
  end
end

--- Iterates over dotted name and tensor of all parameters, each once.
-- @usage for name, p in model:named_parameters() do print(name, p:size()) end
function Module:named_parameters() return each(tree.tensors(self, "parameter"), "tensor") end

--- Iterates over dotted name and tensor of all buffers, each once.
function Module:named_buffers() return each(tree.tensors(self, "buffer"), "tensor") end

--- All buffers (such as running statistics), each once, as a list.
function Module:buffers()
  local list = {}
  for i, entry in ipairs(tree.tensors(self, "buffer")) do list[i] = entry.tensor end
  return list
end

--- Iterates over dotted path and module: itself (path "") and all below it, each once.
function Module:named_modules() return each(tree.modules(self), "module") end

--- Calls f(module, path) for every module below, parents first, and for itself.
-- @return the module itself
function Module:apply(f)
  for _, entry in ipairs(tree.modules(self)) do f(entry.module, entry.path) end
  return self
end

local function set_training(self, value)
  for _, entry in ipairs(tree.modules(self)) do entry.module.training = value end
  return self
end

--- Switches to training: dropout drops, batch norm uses and follows the batch. New modules are in training.
-- @param on  false is the same as eval()
-- @return the module itself
function Module:train(on) return set_training(self, on ~= false) end

--- Switches to evaluation: dropout passes on, batch norm uses its running statistics.
-- @return the module itself
function Module:eval() return set_training(self, false) end

--- Keeps the parameters from being trained.
-- @return the module itself
function Module:freeze()
  for _, p in ipairs(self:parameters()) do p.requires_grad = false end
  return self
end

--- Lets the parameters be trained again.
-- @return the module itself
function Module:unfreeze()
  for _, p in ipairs(self:parameters()) do p.requires_grad = true end
  return self
end

--- Sets all gradients to nil.
function Module:zero_grad()
  for _, p in ipairs(self:parameters()) do p.grad = nil end
end

--- Whether all parameters and buffers have their shapes.
function Module:is_built()
  for _, entry in ipairs(tree.tensors(self)) do
    if entry.tensor:is_slot() then return false end
  end
  return true
end

local building = require "moonlab.nn.building"
local generation = require "moonlab.nn.generation"
local state = require "moonlab.nn.state"
for _, part in ipairs { building, generation, state } do
  for name, method in pairs(part) do Module[name] = method end
end

--- Prints a table of the layers with output shapes, parameters and FLOPs.
-- @param ...  as for build; not needed for a model that was built
-- @return the summary: a table that prints itself, with the fields layers, parameters, flops, bytes, activation_bytes
-- @usage print(model:summary{1, 28, 28})
function Module:summary(...) return require "moonlab.nn.summary"(self, ...) end

local function not_called() blame.raise "nn.Module is made by a class of your own: nn.Module:extend 'Net'" end

return setmetatable(Module, { __call = not_called })
