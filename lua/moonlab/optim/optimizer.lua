--- What the optimizers have in common: the spec without a model, the parameters, their state, the learning rate.
--
-- An optimizer may be made before its model is built: it asks for the parameters at its first step, and gives each its
-- state then. What takes a step is in C (nn/optimizer.c), one call for all parameters.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local options = require "moonlab.options"
local tree = require "moonlab.nn.tree"

local Optimizer = {}
Optimizer.__index = Optimizer

local Spec = {}
Spec.__index = Spec

function Spec:__tostring() return ("ml.optim.%s, not attached"):format(self.kind.name) end
function Optimizer:__tostring() return ("ml.optim.%s{lr = %g}"):format(self.kind.name, self.lr) end

-- Where the parameters come from: a model, or a list of tensors. Gives a function that lists { path =, tensor = }.
local function source_of(kind, from)
  if tree.is_module(from) then return function() return tree.tensors(from, "parameter") end end
  local list = {}
  for i, tensor in ipairs(from) do
    if type(tensor) ~= "userdata" then
      blame.raise("optim.%s: parameter %d of the list must be a tensor, got %s", kind.name, i, blame.show(tensor))
    end
    list[i] = { path = tostring(i), tensor = tensor }
  end
  if #list == 0 then blame.raise("optim.%s: the list of parameters is empty", kind.name) end
  return function() return list end
end

--- The optimizer of a model, or of a list of tensors, with the options of the spec.
-- @param from  a module or a list of tensors
-- @return an optimizer
function Spec:attach(from)
  if not tree.is_module(from) and (type(from) ~= "table" or getmetatable(from) ~= nil) then
    blame.raise("optim.%s: attach takes a model or a list of parameters, got %s", self.kind.name, blame.show(from))
  end
  local o = {}
  for name, value in pairs(self.options) do o[name] = value end
  return setmetatable({
    kind = self.kind, options = o, lr = o.lr, schedule = o.schedule,
    source = source_of(self.kind, from), steps = 0, state = {},
  }, Optimizer)
end

--- The options that the optimizer knows: a list of { name, type = }.
function Spec:option_names() return self.kind.known end
Optimizer.option_names = Spec.option_names

local function new_state(self, tensor)
  local own = { steps = 0 }
  for i = 1, #self.kind.state(self.options) do own[i] = core.zeros(tensor.shape, { dtype = tensor.dtype }) end
  return own
end

-- The parameters that have a gradient, with the state of each, in groups of those that have had as many steps: there
-- is one group, unless some were frozen before.
local function groups(self)
  self.entries = self.entries or self.source()
  local list, of_steps = {}, {}
  for _, entry in ipairs(self.entries) do
    if entry.tensor.requires_grad and entry.tensor:has_grad() then
      local own = self.state[entry.path] or new_state(self, entry.tensor)
      self.state[entry.path] = own
      own.steps = own.steps + 1
      local group = of_steps[own.steps]
      if not group then
        group = { steps = own.steps, parameters = {}, state = {} }
        of_steps[own.steps], list[#list + 1] = group, group
      end
      local i = #group.parameters + 1
      group.parameters[i], group.state[i] = entry.tensor, own
    end
  end
  return list
end

--- Sets the gradients of the parameters to nil.
function Optimizer:zero_grad()
  for _, entry in ipairs(self.entries or self.source()) do entry.tensor.grad = nil end
end

--- Changes the parameters by their gradients. Parameters without one stay as they are.
function Optimizer:step()
  self.steps = self.steps + 1
  for _, group in ipairs(groups(self)) do self.kind.update(self, group.parameters, group.state, group.steps) end
end

--- Scales the gradients down so that their norm, taken over all of them, is at most max.
-- @param max  a positive number
-- @return the norm before
function Optimizer:clip_norm(max)
  local list = {}
  for _, entry in ipairs(self.entries or self.source()) do list[#list + 1] = entry.tensor end
  return require "moonlab.optim.clip"(list, max)
end

--- Whether all gradients are finite: a step with NaN would spoil every parameter.
-- @return true; or false and the dotted name of the first parameter whose gradient has NaN or infinity
function Optimizer:grads_finite()
  local list, paths = {}, {}
  for i, entry in ipairs(self.entries or self.source()) do list[i], paths[i] = entry.tensor, entry.path end
  local fine, bad = core.grads_finite(list)
  if fine then return true end
  return false, paths[bad]
end

--- Tells the schedule how far training is: sets lr for the next step. Without a schedule nothing changes.
-- @param progress  epochs done, with their fraction
-- @param epochs    epochs in all
-- @return the learning rate
function Optimizer:set_progress(progress, epochs)
  if self.schedule then self.lr = self.options.lr * self.schedule:factor(progress, epochs) end
  return self.lr
end

--- What the optimizer remembers between steps.
-- @return { optimizer = its name, steps =, lr =, steps_of = { ["fc.weight"] = steps },
--         tensors = { ["fc.weight.momentum"] = tensor } }
function Optimizer:state_dict()
  local tensors, steps_of = {}, {}
  for path, own in pairs(self.state) do
    steps_of[path] = own.steps
    for i, name in ipairs(self.kind.state(self.options)) do tensors[path .. "." .. name] = own[i]:clone() end
  end
  return { optimizer = self.kind.name, steps = self.steps, lr = self.lr, steps_of = steps_of, tensors = tensors }
end

--- Puts the optimizer where state_dict found it.
-- @param saved  what state_dict gave
function Optimizer:load_state_dict(saved)
  if saved.optimizer ~= self.kind.name then
    blame.raise("load_state_dict: the state is that of optim.%s, the optimizer is optim.%s", tostring(saved.optimizer),
      self.kind.name)
  end
  local names, state, used = self.kind.state(self.options), {}, {}
  self.entries = self.source()
  for _, entry in ipairs(self.entries) do
    local own = {}
    for i, name in ipairs(names) do
      local key = entry.path .. "." .. name
      own[i], used[key] = saved.tensors[key] and saved.tensors[key]:clone(), true
      if own[i] and table.concat(own[i].shape, ",") ~= table.concat(entry.tensor.shape, ",") then
        blame.raise("load_state_dict: %s is [%s], the parameter is [%s]", key, table.concat(own[i].shape, ", "),
          table.concat(entry.tensor.shape, ", "))
      end
    end
    own.steps = saved.steps_of[entry.path]
    if own.steps and #own == #names then state[entry.path] = own end
  end
  local unexpected = {}
  for key in pairs(saved.tensors) do
    if not used[key] then unexpected[#unexpected + 1] = key end
  end
  if #unexpected > 0 then
    table.sort(unexpected)
    blame.raise("load_state_dict: the model has no parameters for %s", table.concat(unexpected, ", "))
  end
  self.state, self.steps, self.lr = state, saved.steps, saved.lr
end

local function is_options(value)
  return type(value) == "table" and getmetatable(value) == nil and #value == 0
end

--- Declares an optimizer.
-- @param kind  { name =, options = as for moonlab.options besides schedule, state = function(options) -> names of what
--              is kept for each parameter, update = function(self, parameters, state, step),
--              check = function(options) }
-- @return the constructor: (model or list, options) -> optimizer; (options) -> spec
return function(kind)
  local declared = {}
  for i, entry in ipairs(kind.options) do declared[i] = entry end
  declared[#declared + 1] = { "schedule", "any" }
  kind.known = {}
  for i, entry in ipairs(declared) do kind.known[i] = { entry[1], type = entry[2] } end
  local where = "optim." .. kind.name
  local read = options(where, declared, ("ml.optim.%s(model, {lr = 1e-3})"):format(kind.name))

  return function(first, second)
    local from, given = first, second
    if first == nil or is_options(first) then
      if second ~= nil then
        blame.raise("%s: the first argument must be a model or a list of parameters, got a table of options", where)
      end
      from, given = nil, first
    elseif not tree.is_module(first) and (type(first) ~= "table" or getmetatable(first) ~= nil) then
      blame.raise("%s takes a model (or a list of parameters) and a table of options: "
        .. "write ml.%s(model, {lr = 1e-3}); got %s", where,
        where, blame.show(first))
    end
    local o = read(given)
    if o.lr <= 0 then blame.raise("%s: lr must be above 0, got %s", where, o.lr) end
    if o.weight_decay < 0 then blame.raise("%s: weight_decay must not be negative, got %s", where, o.weight_decay) end
    if o.schedule ~= nil and not (type(o.schedule) == "table" and o.schedule.is_schedule) then
      blame.raise("%s: schedule must be one such as ml.optim.cosine{warmup = 1}, got %s", where, blame.show(o.schedule))
    end
    if kind.check then kind.check(o) end
    local spec = setmetatable({ kind = kind, name = kind.name, options = o }, Spec)
    if from then return spec:attach(from) end
    return spec
  end
end
