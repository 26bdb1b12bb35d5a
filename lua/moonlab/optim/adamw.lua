--- Adam with decoupled weight decay: p = p (1 - lr weight_decay) first. Loshchilov and Hutter 2017.
-- @usage ml.optim.adamw(model, {lr = 1e-3})   ml.optim.adamw{lr = 1e-3, schedule = ml.optim.cosine{warmup = 1}}

return require "moonlab.optim.moments"("adamw", true, 0.01)
