--- Adam. Kingma and Ba 2014. Weight decay goes through the gradient; adamw does it better.
-- @usage ml.optim.adam(model, {lr = 1e-3})

return require "moonlab.optim.moments"("adam", false, 0)
