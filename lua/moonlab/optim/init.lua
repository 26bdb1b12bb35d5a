--- Optimizers and schedules of the learning rate: ml.optim.
--
--   local opt = ml.optim.adamw(model, {lr = 1e-3})      -- of a model
--   local spec = ml.optim.adamw{lr = 1e-3}              -- without one: a recipe's trainer attaches it

local clip = require "moonlab.optim.clip"

local optim = {
  sgd = require "moonlab.optim.sgd",
  adam = require "moonlab.optim.adam",
  adamw = require "moonlab.optim.adamw",
  rmsprop = require "moonlab.optim.rmsprop",
  adagrad = require "moonlab.optim.adagrad",
  lion = require "moonlab.optim.lion",
  lbfgs = require "moonlab.optim.lbfgs",
  constant = require "moonlab.optim.constant",
  step = require "moonlab.optim.step",
  multistep = require "moonlab.optim.multistep",
  exponential = require "moonlab.optim.exponential",
  linear = require "moonlab.optim.linear",
  cosine = require "moonlab.optim.cosine",
  one_cycle = require "moonlab.optim.one_cycle",
  plateau = require "moonlab.optim.plateau",
  ema = require "moonlab.optim.ema",
  clip_grad_norm = clip.clip_grad_norm,
  clip_grad_value = clip.clip_grad_value,
}

return require "moonlab.namespace"("ml.optim", optim)
