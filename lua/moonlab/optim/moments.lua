--- Adam and AdamW: they differ in where the weight decays. Options and checks of both; formulas in nn/optimizer.h.

local blame = require "moonlab.blame"

local function check_beta(where, name, value)
  if not (value >= 0 and value < 1) then
    blame.raise("%s: %s must be from 0 up to, but not 1, got %s", where, name, value)
  end
end

--- @param name          "adam" or "adamw"
-- @param weight_decay  the default
-- @return the constructor
return function(name, weight_decay)
  local where = "optim." .. name
  return require "moonlab.optim.optimizer" {
    name = name, momentum = "beta1",
    options = { { "lr", "number", 1e-3 }, { "beta1", "number", 0.9 }, { "beta2", "number", 0.999 },
      { "eps", "number", 1e-8 }, { "weight_decay", "number", weight_decay }, { "amsgrad", "boolean", false } },
    state = function(o) return { "mean", "square", o.amsgrad and "largest_square" } end,
    check = function(o)
      check_beta(where, "beta1", o.beta1)
      check_beta(where, "beta2", o.beta2)
    end,
  }
end
