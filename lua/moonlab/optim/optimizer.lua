--- What the optimizers have in common: the spec without a model, the parameters, their state, the learning rate.
--
-- An optimizer may be made before its model is built: it asks for the parameters at its first step, and gives each its
-- state then. What takes a step is in C (nn/optimizer.c), one call for all parameters with the same options.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local options = require "moonlab.options"
local groups = require "moonlab.optim.groups"
local tree = require "moonlab.nn.tree"

local Optimizer = { __name = "optimizer of a model" }
Optimizer.__index = Optimizer

local Spec = { __name = "optimizer" }
Spec.__index = Spec

function Spec:__tostring() return ("ml.optim.%s, not attached"):format(self.kind.name) end
function Optimizer:__tostring() return ("ml.optim.%s{lr = %g}"):format(self.kind.name, self.lr) end

--- The optimizer of a model, or of parameters, with the options of the spec.
-- @param from  a module, a list of tensors, or a list of { params = model or list, lr = ... }: groups with options of
--              their own
-- @return an optimizer
-- @error a pattern of `groups` that no parameter has
function Spec:attach(from)
  if not tree.is_module(from) and (type(from) ~= "table" or getmetatable(from) ~= nil) then
    blame.raise("optim.%s: attach takes a model or a list of parameters, got %s", self.kind.name, blame.show(from))
  end
  local o = {}
  for name, value in pairs(self.options) do o[name] = value end
  local source = groups.source(self.kind, from)
  groups.of(self.kind, o, source()) -- for its errors: the shapes may not be known yet
  return setmetatable({
    kind = self.kind, options = o, lr = o.lr, momentum = nil, schedule = o.schedule, schedule_state = {},
    source = source, steps = 0, state = {},
  }, Optimizer)
end

--- The options that the optimizer knows: a list of { name, type = }.
function Spec:option_names() return self.kind.known end
Optimizer.option_names = Spec.option_names

--- How many numbers the optimizer keeps for each parameter.
function Spec:numbers_kept()
  if self.kind.kept then return self.kind.kept(self.options) end
  local n = 0
  for _, name in ipairs(self.kind.state(self.options)) do n = n + (name and 1 or 0) end
  return n
end

-- The parameters as { path =, tensor =, group = }, from the first use on.
local function entries_of(self)
  if not self.entries then
    self.entries = self.source()
    groups.of(self.kind, self.options, self.entries)
  end
  return self.entries
end

-- Without groups: what zero_grad and kin need before the model is built.
local function listed(self) return self.entries or self.source() end

local function tensors_of(self)
  local list = {}
  for i, entry in ipairs(listed(self)) do list[i] = entry.tensor end
  return list
end

local function new_state(entry)
  local own, tensor = { steps = 0 }, entry.tensor
  for i, name in ipairs(entry.group.states) do
    own[i] = name and core.zeros(tensor.shape, { dtype = tensor.dtype }) or nil
  end
  return own
end

-- The parameters that have a gradient with the state of each, those together that have the same options and have had as
-- many steps: that is one list, unless there are groups or some were frozen before.
local function lists_of(self)
  local lists, known = {}, {}
  for _, entry in ipairs(entries_of(self)) do
    if entry.tensor.requires_grad and entry.tensor:has_grad() then
      local own = self.state[entry.path] or new_state(entry)
      self.state[entry.path] = own
      own.steps = own.steps + 1
      local by_steps = known[entry.group] or {}
      known[entry.group] = by_steps
      local list = by_steps[own.steps]
      if not list then
        list = { group = entry.group, steps = own.steps, parameters = {}, state = {} }
        by_steps[own.steps], lists[#lists + 1] = list, list
      end
      local i = #list.parameters + 1
      list.parameters[i], list.state[i] = entry.tensor, own
    end
  end
  return lists
end

--- Sets the gradients of the parameters to nil.
function Optimizer:zero_grad()
  for _, entry in ipairs(listed(self)) do entry.tensor.grad = nil end
end

-- The learning rate of a group: one of its own follows the schedule as that of the optimizer does.
local function rate_of(self, group)
  return group.lr and group.lr * (self.lr / self.options.lr) or self.lr
end

--- Changes the parameters by their gradients. Parameters without one stay as they are.
-- @param closure  function() that clears the gradients, runs the model and loss:backward(), and returns the loss:
--                 lbfgs needs it and calls it several times; others call it once, if it is given
-- @return the loss, where there is a closure
function Optimizer:step(closure)
  self.steps = self.steps + 1
  if self.kind.step then return self.kind.step(self, closure, entries_of(self)) end
  local loss = closure and closure()
  local momentum = self.kind.momentum
  for _, list in ipairs(lists_of(self)) do
    local o = list.group.options
    local rate, own = o.lr, momentum and o[momentum]
    o.lr = rate_of(self, list.group)
    if self.momentum and own ~= 0 then o[momentum] = self.momentum end
    core.optimizer_step(self.kind.name, list.parameters, list.state, list.steps, o)
    o.lr = rate
    if momentum then o[momentum] = own end
  end
  return loss
end

--- Scales the gradients down so that their norm, taken over all of them, is at most max.
-- @param max  a positive number
-- @return the norm before
function Optimizer:clip_norm(max) return require "moonlab.optim.clip".clip_grad_norm(tensors_of(self), max) end

--- Keeps each element of each gradient within -limit..limit.
-- @param limit  a positive number
function Optimizer:clip_value(limit) require "moonlab.optim.clip".clip_grad_value(tensors_of(self), limit) end

--- Whether all gradients are finite: a step with NaN would spoil every parameter.
-- @return true; or false and the dotted name of the first parameter whose gradient has NaN or infinity
function Optimizer:grads_finite()
  local fine, bad = core.grads_finite(tensors_of(self))
  if fine then return true end
  return false, listed(self)[bad].path
end

--- Gradients of a batch that goes through the model in pieces, for less memory: those of the whole batch, whatever the
-- size of the last piece. Old gradients are cleared.
-- @param batch   a table of tensors { x =, y =, ... } whose first dimension counts the rows
-- @param pieces  how many
-- @param f       function(piece) -> the loss of the piece, a mean, and optionally over what (a number): its rows if not
--                given; for classes that weigh differently the sum of their weights. A piece whose weight is 0 is left
--                out
-- @return the loss of the batch, a number
-- @usage opt:accumulate(batch, 4, function(piece) return nn.cross_entropy(model(piece.x), piece.y) end)
--   opt:step()
function Optimizer:accumulate(batch, pieces, f)
  return require "moonlab.optim.accumulate"(self, tensors_of(self), batch, pieces, f)
end

--- Tells the schedule how far training is: sets lr for the next step. Without a schedule nothing changes.
-- @param progress  epochs done, with their fraction
-- @param epochs    epochs in all
-- @return the learning rate
function Optimizer:set_progress(progress, epochs)
  if self.schedule then
    self.lr = self.options.lr * self.schedule:factor(progress, epochs, self.schedule_state)
    self.momentum = self.schedule:momentum(progress, epochs)
    self.at = { progress, epochs }
  end
  return self.lr
end

--- Tells the schedule the score of the validation part, once an epoch: ml.optim.plateau needs it, others don't look.
-- @param score             a number
-- @param larger_is_better  whether it is an accuracy rather than a loss (default false)
-- @return the learning rate
function Optimizer:set_score(score, larger_is_better)
  if not (self.schedule and self.schedule.observe) then return self.lr end
  self.schedule.observe(self.schedule.options, self.schedule_state, score, larger_is_better)
  local warm = self.schedule.options.warmup
  return self:set_progress(table.unpack(self.at or { warm, warm }))
end

local function copy_of(values)
  local copy = {}
  for key, value in pairs(values) do copy[key] = type(value) == "userdata" and value:clone() or value end
  return copy
end

--- What the optimizer remembers between steps, and where its schedule is.
-- @return { optimizer = its name, steps =, lr =, momentum =, schedule =, steps_of = { ["fc.weight"] = steps },
--         tensors = { ["fc.weight.momentum"] = tensor } }
function Optimizer:state_dict()
  local tensors, steps_of = {}, {}
  for _, entry in ipairs(entries_of(self)) do
    local own = self.state[entry.path]
    if own then
      steps_of[entry.path] = own.steps
      for i, name in ipairs(entry.group.states) do
        if name then tensors[entry.path .. "." .. name] = own[i]:clone() end
      end
    end
  end
  return { optimizer = self.kind.name, steps = self.steps, lr = self.lr, momentum = self.momentum,
    schedule = copy_of(self.schedule_state), steps_of = steps_of, tensors = tensors,
    memory = self.memory and copy_of(self.memory) }
end

local function shape_text(tensor) return "[" .. table.concat(tensor.shape, ", ") .. "]" end

local function state_of(entry, saved, used)
  local own, whole = { steps = saved.steps_of[entry.path] }, true
  for i, name in ipairs(entry.group.states) do
    local key = name and entry.path .. "." .. name
    local tensor = key and saved.tensors[key]
    if tensor then
      used[key] = true
      if shape_text(tensor) ~= shape_text(entry.tensor) then
        blame.raise("load_state_dict: %s is %s, the parameter is %s", key, shape_text(tensor), shape_text(entry.tensor))
      end
      own[i] = tensor:clone()
    end
    whole = whole and (own[i] ~= nil) == (name ~= false)
  end
  return own.steps and whole and own or nil
end

--- Puts the optimizer where state_dict found it.
-- @param saved  what state_dict gave
function Optimizer:load_state_dict(saved)
  if type(saved) ~= "table" or saved.optimizer ~= self.kind.name then
    blame.raise("load_state_dict: the state is that of optim.%s, the optimizer is optim.%s",
      tostring(type(saved) == "table" and saved.optimizer), self.kind.name)
  end
  local state, used, unexpected = {}, {}, {}
  self.entries = nil
  for _, entry in ipairs(entries_of(self)) do state[entry.path] = state_of(entry, saved, used) end
  for key in pairs(saved.tensors) do
    if not used[key] then unexpected[#unexpected + 1] = key end
  end
  if #unexpected > 0 then
    table.sort(unexpected)
    blame.raise("load_state_dict: the model has no parameters for %s", table.concat(unexpected, ", "))
  end
  self.state, self.steps, self.lr, self.momentum = state, saved.steps, saved.lr, saved.momentum
  self.schedule_state, self.memory = copy_of(saved.schedule or {}), saved.memory and copy_of(saved.memory)
end

local function is_options(value)
  return type(value) == "table" and getmetatable(value) == nil and #value == 0
end

-- What any optimizer's options have to keep to.
local function check_common(where, o)
  if not (o.lr > 0 and o.lr < math.huge) then blame.raise("%s: lr must be above 0 and finite, got %s", where, o.lr) end
  for _, name in ipairs { "weight_decay", "eps" } do
    if o[name] and not (o[name] >= 0) then blame.raise("%s: %s must not be negative, got %s", where, name, o[name]) end
  end
end

local function check_groups(kind, given)
  local read = {}
  for pattern, value in pairs(given) do
    if type(pattern) ~= "string" then
      blame.raise("optim.%s: groups are given by patterns of names: groups = { ['*.bias'] = { weight_decay = 0 } }",
        kind.name)
    end
    read[pattern] = kind.read_group(("optim.%s: groups: '%s'"):format(kind.name, pattern), value)
  end
  return read
end

local function check_schedule(where, schedule)
  if schedule == nil or (type(schedule) == "table" and schedule.is_schedule) then return end
  local got = getmetatable(schedule) == Spec and "the optimizer ml.optim." .. schedule.name or blame.show(schedule)
  blame.raise("%s: schedule must be one such as ml.optim.cosine{warmup = 1}, got %s", where, got)
end

-- The message about a first argument that is neither a model nor parameters nor options.
local function check_first(where, name, first)
  if first == nil or tree.is_module(first) or (type(first) == "table" and getmetatable(first) == nil) then return end
  if type(first) == "table" and first.is_schedule then
    blame.raise("%s: a schedule stands among the options: ml.%s{lr = 1e-3, schedule = ml.optim.%s{}}", where, where,
      first.name)
  end
  if getmetatable(first) == Spec then
    blame.raise("%s: the first argument is the optimizer ml.optim.%s; it is made for a model by spec:attach(model)",
      where, first.name)
  end
  blame.raise("%s takes a model (or a list of parameters) and a table of options: "
    .. "write ml.%s(model, {lr = 1e-3}); got %s", where, where, blame.show(first))
end

--- Declares an optimizer.
-- @param kind  { name =, options = as for moonlab.options besides schedule, groups and decay; state =
--              function(options) -> names of what is kept for each parameter, in the order of nn/optimizer.h, false where
--              these options keep none; momentum = the option that a schedule of the momentum sets; check =
--              function(options); step = function(self, closure, entries), where it isn't one of nn/optimizer.c, with kept = function(options)
--              -> numbers for each parameter }
-- @return the constructor: (model or list, options) -> optimizer; (options) -> spec
return function(kind)
  local where = "optim." .. kind.name
  local declared, group_options = {}, {}
  kind.names, kind.known = {}, {}
  for i, entry in ipairs(kind.options) do
    declared[i], kind.names[i], group_options[i] = entry, entry[1], { entry[1], entry[2] }
  end
  declared[#declared + 1] = { "schedule", "any" }
  if not kind.step then
    declared[#declared + 1] = { "groups", "table" }
    declared[#declared + 1] = { "decay", { "all", "matrices" }, "all" }
  end
  for i, entry in ipairs(declared) do kind.known[i] = { entry[1], type = entry[2] } end
  local read = options(where, declared, ("ml.optim.%s(model, {lr = 1e-3})"):format(kind.name))
  function kind.read_group(label, given) return options(label, group_options)(given) end
  function kind.check_options(o)
    check_common(where, o)
    if kind.check then kind.check(o) end
  end

  return function(first, second)
    local from, given = first, second
    if first == nil or is_options(first) then
      if second ~= nil then
        blame.raise("%s: the first argument must be a model or a list of parameters, got a table of options", where)
      end
      from, given = nil, first
    end
    check_first(where, kind.name, first)
    local o = read(given)
    check_schedule(where, o.schedule)
    kind.check_options(o)
    if o.groups then o.groups = check_groups(kind, o.groups) end
    local spec = setmetatable({ kind = kind, name = kind.name, options = o }, Spec)
    if from then return spec:attach(from) end
    return spec
  end
end
