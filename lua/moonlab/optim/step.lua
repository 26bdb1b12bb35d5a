--- The learning rate times gamma after each `every` epochs.
-- @param o  { every = 10 epochs, gamma = 0.1, warmup = 0 epochs }
-- @usage ml.optim.step{every = 10, gamma = 0.1}

local blame = require "moonlab.blame"

local function shape(o, progress) return o.gamma ^ (progress // o.every) end

local function check(o)
  if o.every <= 0 then blame.raise("optim.step: every must be above 0, got %s", o.every) end
end

return require "moonlab.optim.schedule"("step", { { "every", "number", 10 }, { "gamma", "number", 0.1 } }, shape, check)
