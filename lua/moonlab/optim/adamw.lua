--- Adam with decoupled weight decay: p = p (1 - lr weight_decay) first. Loshchilov and Hutter 2017.
-- @param model  a model, a list of parameters or of groups { params =, lr = ... }; without it the result is a spec, which
--               a recipe's trainer attaches
-- @param o      { lr = 1e-3, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weight_decay = 0.01, amsgrad = false,
--        schedule = ml.optim.cosine{...}, groups = { ["head.*"] = { lr = 1e-2 } } (* stands for any characters), decay =
--        "all" or "matrices": biases and the weights of norms, which have one dimension, don't decay }
-- @usage ml.optim.adamw(model, {lr = 1e-3})   ml.optim.adamw{lr = 1e-3, schedule = ml.optim.cosine{warmup = 1}}
--   ml.optim.adamw(model, {lr = 1e-3, weight_decay = 0.1, decay = "matrices", groups = {["head.*"] = {lr = 1e-2}}})

return require "moonlab.optim.moments"("adamw", 0.01)
