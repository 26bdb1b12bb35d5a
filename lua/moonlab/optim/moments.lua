--- Adam and AdamW: they differ in where the weight decays. Options and checks of both.
--   m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2;  p = p - lr (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps)

local core = require "moonlab.core"
local blame = require "moonlab.blame"

local NAMES = { "mean", "square" }

local function check_beta(where, name, value)
  if not (value >= 0 and value < 1) then
    blame.raise("%s: %s must be from 0 up to, but not 1, got %s", where, name, value)
  end
end

--- @param name          "adam" or "adamw"
-- @param decoupled     whether the weight decays by itself (AdamW) or through the gradient (Adam)
-- @param weight_decay  the default
-- @return the constructor
return function(name, decoupled, weight_decay)
  local where = "optim." .. name
  return require "moonlab.optim.optimizer" {
    name = name,
    options = { { "lr", "number", 1e-3 }, { "beta1", "number", 0.9 }, { "beta2", "number", 0.999 },
      { "eps", "number", 1e-8 },
      { "weight_decay", "number", weight_decay } },
    state = function() return NAMES end,
    check = function(o)
      check_beta(where, "beta1", o.beta1)
      check_beta(where, "beta2", o.beta2)
      if o.eps < 0 then blame.raise("%s: eps must not be negative, got %s", where, o.eps) end
    end,
    update = function(self, parameters, state, step)
      local o = self.options
      core.adam_step(parameters, state, { lr = self.lr, beta1 = o.beta1, beta2 = o.beta2, eps = o.eps,
        weight_decay = o.weight_decay, decoupled = decoupled, step = step })
    end,
  }
end
