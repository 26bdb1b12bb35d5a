--- Adagrad: the gradient divided by the root of the sum of its squares. Duchi et al. 2011.
-- @param model  a model, a list of parameters or of groups { params =, lr = ... }; without it the result is a spec, which
--               a recipe's trainer attaches
-- @param o      { lr = 0.01, lr_decay = 0 (step n has lr / (1 + (n - 1) lr_decay)), eps = 1e-10, weight_decay = 0,
--               schedule =, groups =, decay = "all" }
-- @usage ml.optim.adagrad(model, {lr = 0.05})

local blame = require "moonlab.blame"

return require "moonlab.optim.optimizer" {
  name = "adagrad",
  options = { { "lr", "number", 0.01 }, { "lr_decay", "number", 0 }, { "eps", "number", 1e-10 },
    { "weight_decay", "number", 0 } },
  state = function() return { "sum" } end,
  check = function(o)
    if o.lr_decay < 0 then blame.raise("optim.adagrad: lr_decay must not be negative, got %s", o.lr_decay) end
  end,
}
