--- In training sets each element to 0 with probability p and divides the others by 1 - p. Srivastava et al. 2014.
-- What is dropped is a function of the model's seed, the layer's path and the training step, so that a step that is
-- repeated or resumed drops the same: see rng_state and set_step of Module.
-- @shape  any -> the same

local core = require "moonlab.core"
local Module = require "moonlab.nn.module"
local blame = require "moonlab.blame"
local calls = require "moonlab.nn.calls"

local dropout = core.ops.dropout
local Dropout = Module:extend "Dropout"

--- @param p  the probability (0.5)
-- @usage nn.Dropout(0.3)
function Dropout:init(p)
  if p ~= nil and (type(p) ~= "number" or not (p >= 0 and p <= 1)) then
    blame.raise("nn.Dropout: the probability must be a number from 0 to 1, got %s", blame.show(p))
  end
  self.p = p or 0.5
end

--- Drops from x for a module that is being called, out of that module's own random stream.
function Dropout.drop(module, x, p)
  local info = module._info
  info.key = info.key or calls.key(module)
  if not info.key then return dropout(x, { p = p, key = 0 }) end -- only the shape is looked for
  return dropout(x, { p = p, key = core.random_key(info.key, calls.count(module)) })
end

function Dropout:forward(x)
  if not self.training or self.p == 0 then return x end
  return Dropout.drop(self, x, self.p)
end

return Dropout
