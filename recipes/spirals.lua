-- moonlab run recipes/spirals.lua
-- Which arm of a spiral is a point on? The arms have no straight border in x and y, where a linear layer finds two thirds of the
-- points (features = { features.standardize() } in the place of what stands here shows it). In polar coordinates, with the twist of
-- the arms taken off the angle, one line is enough: what matters is the features, not the model.
local ml = require "moonlab"
local nn, data, features = ml.nn, ml.data, ml.features

local turns = 1.5
local points = data.make_spirals { n = 600, turns = turns, noise = 0.01, seed = 4 }
local xy = points.columns.x

return ml.recipe {
  name    = "spirals",
  problem = { ask = "Which arm of the spiral is this point on?", accept = { accuracy = 0.98 } },
  task    = "multiclass",
  seed    = 4,
  data = {
    source = data.table { x = xy:select(2, 1), y = xy:select(2, 2), arm = points.columns.y },
    target = "arm",
  },
  split    = { valid = 0.2, test = 0.25, stratify = true },
  features = { features.polar { columns = { "x", "y" }, twist = turns, cyclic = true } },
  model    = nn.Linear(2),
  train    = { loss = "cross_entropy", batch = 32, epochs = 40, patience = 10, optimizer = ml.optim.adamw { lr = 0.05 } },
  assess   = { metrics = { "accuracy" } },
}
