--- Half a cosine from the learning rate down to `final` times it. Loshchilov and Hutter 2016, without restarts.
-- @param o  { final = 0, warmup = 0 epochs }
-- @usage ml.optim.cosine{warmup = 1}   ml.optim.cosine{final = 0.01}

local function shape(o, progress, epochs)
  local done = epochs > 0 and math.min(progress / epochs, 1) or 1
  return o.final + (1 - o.final) * 0.5 * (1 + math.cos(math.pi * done))
end

return require "moonlab.optim.schedule"("cosine", { { "final", "number", 0 } }, shape)
