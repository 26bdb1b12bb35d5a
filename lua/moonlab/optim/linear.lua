--- A straight line from `start` times the learning rate to `final` times it.
-- @param o  { start = 1, final = 0, warmup = 0 epochs }
-- @usage ml.optim.linear{warmup = 1}

local function shape(o, progress, epochs)
  local done = epochs > 0 and math.min(progress / epochs, 1) or 1
  return o.start + (o.final - o.start) * done
end

return require "moonlab.optim.schedule"("linear", { { "start", "number", 1 }, { "final", "number", 0 } }, shape)
