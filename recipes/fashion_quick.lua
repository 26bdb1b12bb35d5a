-- Fashion-MNIST in half a minute on two cores: what `make demo` runs.
--
--   moonlab run recipes/fashion_quick.lua
--
-- The pictures come with the Debian package dataset-fashion-mnist.
local ml = require "moonlab"
local nn, data = ml.nn, ml.data

return ml.recipe {
  name = "fashion-quick", task = "multiclass", seed = 1,
  problem = { ask = "Which garment is in the picture?", accept = { accuracy = 0.90 } },
  data    = { source = data.fashion_mnist() },
  split   = { valid = 0.1, stratify = true },
  model   = nn.Sequential { nn.Conv2d(16, 3, {padding = "same"}), nn.ReLU(), nn.MaxPool2d(2),
                            nn.Conv2d(32, 3, {padding = "same"}), nn.ReLU(), nn.MaxPool2d(2),
                            nn.Flatten(), nn.Linear(64), nn.ReLU(), nn.Linear(10) },
  train   = { batch = 128, epochs = 6,
              optimizer = ml.optim.adamw { lr = 2e-3, schedule = ml.optim.cosine { warmup = 0.2 } } },
}
