--- Optimizers and schedules of the learning rate: ml.optim.
--
--   local opt = ml.optim.adamw(model, {lr = 1e-3})      -- of a model
--   local spec = ml.optim.adamw{lr = 1e-3}              -- without one: a recipe's trainer attaches it

local optim = {
  sgd = require "moonlab.optim.sgd",
  adam = require "moonlab.optim.adam",
  adamw = require "moonlab.optim.adamw",
  constant = require "moonlab.optim.constant",
  step = require "moonlab.optim.step",
  cosine = require "moonlab.optim.cosine",
  clip_grad_norm = require "moonlab.optim.clip",
}

return require "moonlab.namespace"("ml.optim", optim)
