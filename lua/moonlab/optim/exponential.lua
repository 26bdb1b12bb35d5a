--- The learning rate times gamma ^ (epochs done).
-- @param o  { gamma = 0.95, warmup = 0 epochs }
-- @usage ml.optim.exponential{gamma = 0.9}

local blame = require "moonlab.blame"

local function shape(o, progress) return o.gamma ^ progress end

local function check(o)
  if o.gamma <= 0 then blame.raise("optim.exponential: gamma must be above 0, got %s", o.gamma) end
end

return require "moonlab.optim.schedule"("exponential", { { "gamma", "number", 0.95 } }, shape, check)
