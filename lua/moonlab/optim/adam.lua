--- Adam. Kingma and Ba 2014. Weight decay goes through the gradient; adamw does it better.
-- @param model  a model, a list of parameters or of groups { params =, lr = ... }; without it the result is a spec, which
--               a recipe's trainer attaches
-- @param o      { lr = 1e-3, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weight_decay = 0, amsgrad = false,
--        schedule = ml.optim.cosine{...}, groups = { ["head.*"] = { lr = 1e-2 } }, decay = "all" }
-- @usage ml.optim.adam(model, {lr = 1e-3})

return require "moonlab.optim.moments"("adam", 0)
