--- Lion: steps of one size, in the direction of the sign of a mean of gradients; the weight decays by itself. Wants a
-- third to a tenth of AdamW's learning rate, and as many times its weight decay. Chen et al. 2023.
-- @param model  a model, a list of parameters or of groups { params =, lr = ... }; without it the result is a spec, which
--               a recipe's trainer attaches
-- @param o      { lr = 1e-4, beta1 = 0.9, beta2 = 0.99, weight_decay = 0, schedule =, groups =, decay = "all" }
-- @usage ml.optim.lion(model, {lr = 1e-4, weight_decay = 0.1})

local blame = require "moonlab.blame"

return require "moonlab.optim.optimizer" {
  name = "lion", momentum = "beta1",
  options = { { "lr", "number", 1e-4 }, { "beta1", "number", 0.9 }, { "beta2", "number", 0.99 },
    { "weight_decay", "number", 0 } },
  state = function() return { "mean" } end,
  check = function(o)
    for _, name in ipairs { "beta1", "beta2" } do
      if not (o[name] >= 0 and o[name] < 1) then
        blame.raise("optim.lion: %s must be from 0 up to, but not 1, got %s", name, o[name])
      end
    end
  end,
}
