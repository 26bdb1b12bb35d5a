--- Stochastic gradient descent, with momentum (Polyak 1964) or Nesterov's, and weight decay. PyTorch's formulas:
--   g = grad + weight_decay p;  b = momentum b + g (b = g at the first step)
--   p = p - lr b  (nesterov: p - lr (g + momentum b))
-- @param model  a model, a list of parameters or of groups { params =, lr = ... }; without it the result is a spec, which
--               a recipe's trainer attaches
-- @param o      { lr = 0.01, momentum = 0, nesterov = false, weight_decay = 0, schedule = ml.optim.cosine{...},
--               groups = { ["head.*"] = { lr = 0.1 } }, decay = "all" }
-- @usage ml.optim.sgd(model, {lr = 0.1, momentum = 0.9})

local blame = require "moonlab.blame"

return require "moonlab.optim.optimizer" {
  name = "sgd", momentum = "momentum",
  options = { { "lr", "number", 0.01 }, { "momentum", "number", 0 }, { "nesterov", "boolean", false },
    { "weight_decay", "number", 0 } },
  state = function(o) return { o.momentum > 0 and "momentum" } end,
  check = function(o)
    if o.momentum < 0 then blame.raise("optim.sgd: momentum must not be negative, got %s", o.momentum) end
    if o.nesterov and o.momentum == 0 then
      blame.raise "optim.sgd: nesterov needs a momentum: write {momentum = 0.9, nesterov = true}"
    end
  end,
}
