--- The same learning rate all the time (after a warm-up, if there is one).
-- @param o  { warmup = 0 epochs }
-- @usage ml.optim.constant{warmup = 1}

return require "moonlab.optim.schedule"("constant", {}, function() return 1 end)
