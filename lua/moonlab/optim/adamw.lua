--- Adam with decoupled weight decay: p = p (1 - lr weight_decay) first. Loshchilov and Hutter 2017.
-- @param model  a model or a list of parameters; without it the result is a spec, which a recipe's trainer attaches
-- @param o      { lr = 1e-3, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weight_decay = 0.01,
--        schedule = ml.optim.cosine{...} }
-- @usage ml.optim.adamw(model, {lr = 1e-3})   ml.optim.adamw{lr = 1e-3, schedule = ml.optim.cosine{warmup = 1}}

return require "moonlab.optim.moments"("adamw", true, 0.01)
