--- An exponential moving average of a model's weights, which often judges better than the weights of the last step.
--   average = decay average + (1 - decay) weights, after each step; it begins with the weights of the first update
-- Buffers (running statistics) are not averaged: they are the model's.
--   local ema = ml.optim.ema(model, {decay = 0.999})
--   ... opt:step(); ema:update()                    -- in training
--   ema:apply(); evaluate(model); ema:restore()     -- the model with the averages, and back
-- @param model  a model
-- @param o      { decay = 0.999 }
-- @return an object with update(), apply(), restore(), state_dict(), load_state_dict(saved)
-- @usage local ema = ml.optim.ema(model, {decay = 0.999})

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local tree = require "moonlab.nn.tree"

local Average = { __name = "average of weights" }
Average.__index = Average

function Average:__tostring() return ("ml.optim.ema{decay = %g}"):format(self.decay) end

local function without_graph(f)
  local before = core.set_grad_enabled(false)
  local restore <close> = setmetatable({}, { __close = function() core.set_grad_enabled(before) end })
  f()
end

local function shape_text(x) return "[" .. table.concat(x.shape, ", ") .. "]" end

local function start(self)
  self.parameters, self.averages, self.paths = {}, {}, {}
  for i, entry in ipairs(tree.tensors(self.model, "parameter")) do
    if entry.tensor:is_slot() then blame.raise("ema: %s has no shape yet: build the model first", entry.path) end
    self.parameters[i], self.paths[i] = entry.tensor, entry.path
    self.averages[i] = entry.tensor:detach():clone()
  end
end

--- Takes the weights of now into the average: after each step.
function Average:update()
  if self.kept then blame.raise "ema: update between apply() and restore(): the model holds the average itself" end
  if not self.averages then return start(self) end
  core.average_step(self.averages, self.parameters, self.decay)
end

local function swap(self)
  without_graph(function()
    for i, parameter in ipairs(self.parameters) do
      local weights = parameter:detach():clone()
      parameter:copy_(self.averages[i])
      self.averages[i]:copy_(weights)
    end
  end)
end

--- Gives the model the averages, until restore().
function Average:apply()
  if self.kept then blame.raise "ema: apply() a second time before restore()" end
  if not self.averages then start(self) end
  swap(self)
  self.kept = true
end

--- Gives the model its own weights again.
function Average:restore()
  if not self.kept then blame.raise "ema: restore() without apply()" end
  swap(self)
  self.kept = false
end

--- The averages.
-- @return { decay =, tensors = { ["fc.weight"] = tensor } }; tensors is nil before the first update
function Average:state_dict()
  if self.kept then blame.raise "ema: state_dict between apply() and restore(): the averages stand in the model" end
  if not self.averages then return { decay = self.decay } end
  local tensors = {}
  for i, path in ipairs(self.paths) do tensors[path] = self.averages[i]:clone() end
  return { decay = self.decay, tensors = tensors }
end

--- Puts the averages where state_dict found them.
-- @param saved  what state_dict gave
function Average:load_state_dict(saved)
  if type(saved) ~= "table" then blame.raise("ema: load_state_dict takes what state_dict gave, got %s", blame.show(saved)) end
  if self.kept then blame.raise "ema: load_state_dict between apply() and restore(): the averages stand in the model" end
  if not saved.tensors then
    self.averages = nil
    return
  end
  start(self)
  for i, path in ipairs(self.paths) do
    local average, wanted = saved.tensors[path], self.averages[i]
    if not average then blame.raise("ema: load_state_dict: %s is missing", path) end
    if shape_text(average) ~= shape_text(wanted) then
      blame.raise("ema: load_state_dict: %s is %s, the parameter is %s", path, shape_text(average), shape_text(wanted))
    end
    wanted:copy_(average)
  end
end

local read = require "moonlab.options"("optim.ema", { { "decay", "number", 0.999 } },
  "ml.optim.ema(model, {decay = 0.999})")

return function(model, o)
  if not tree.is_module(model) then blame.raise("optim.ema takes a model, got %s", blame.show(model)) end
  o = read(o)
  if not (o.decay >= 0 and o.decay < 1) then
    blame.raise("optim.ema: decay must be from 0 up to, but not 1, got %s", o.decay)
  end
  return setmetatable({ model = model, decay = o.decay, kept = false }, Average)
end
