-- Fashion-MNIST with a small residual network.
--
--   moonlab check recipes/fashion_cnn.lua        shapes, parameters, FLOPs, memory
--   moonlab run recipes/fashion_cnn.lua          trains it; train.epochs=3 and the like change a field
--
-- The pictures come with the Debian package dataset-fashion-mnist.
local ml = require "moonlab"
local nn, data = ml.nn, ml.data

local function block(channels)
  return nn.Residual { nn.Conv2d(channels, 3, {padding = "same"}), nn.BatchNorm(), nn.ReLU(),
                       nn.Conv2d(channels, 3, {padding = "same"}), nn.BatchNorm() }
end

return ml.recipe {
  name = "fashion-cnn", task = "multiclass", seed = 7,
  problem = { ask = "Which garment is in the picture?", accept = { accuracy = 0.92 } },
  data    = { source = data.fashion_mnist() },
  split   = { valid = 0.1, stratify = true },      -- the data set brings its own test part
  augment = { data.flip(), data.shift(2) },
  model   = nn.Sequential { nn.Conv2d(32, 3, {padding = "same"}), nn.ReLU(), nn.MaxPool2d(2),
                            block(32), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(128), nn.ReLU(),
                            nn.Dropout(ml.grid { 0.3, 0.5 }), nn.Linear(10) },
  train   = { loss = "cross_entropy", batch = 128, epochs = 20, patience = 5,
              optimizer = ml.optim.adamw { lr = ml.log_uniform(1e-4, 1e-2),
                                           schedule = ml.optim.cosine { warmup = 1 } } },
  assess  = { metrics = { "accuracy", "f1_macro" } },
  search  = { method = "halving", trials = 24, select = "accuracy" },
}
