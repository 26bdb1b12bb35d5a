--- RMSprop: the gradient divided by the root of a running mean of its square. Hinton 2012; Graves 2013 (centered).
-- @param model  a model, a list of parameters or of groups { params =, lr = ... }; without it the result is a spec, which
--               a recipe's trainer attaches
-- @param o      { lr = 0.01, alpha = 0.99 (how much of the mean stays), eps = 1e-8, momentum = 0, centered = false (true:
--               by the variance instead of the square), weight_decay = 0, schedule =, groups =, decay = "all" }
-- @usage ml.optim.rmsprop(model, {lr = 1e-3, momentum = 0.9})

local blame = require "moonlab.blame"

return require "moonlab.optim.optimizer" {
  name = "rmsprop", momentum = "momentum",
  options = { { "lr", "number", 0.01 }, { "alpha", "number", 0.99 }, { "eps", "number", 1e-8 },
    { "momentum", "number", 0 }, { "centered", "boolean", false }, { "weight_decay", "number", 0 } },
  state = function(o) return { "square", o.centered and "mean", o.momentum > 0 and "momentum" } end,
  check = function(o)
    if not (o.alpha >= 0 and o.alpha < 1) then
      blame.raise("optim.rmsprop: alpha must be from 0 up to, but not 1, got %s", o.alpha)
    end
    if o.momentum < 0 then blame.raise("optim.rmsprop: momentum must not be negative, got %s", o.momentum) end
  end,
}
