-- moonlab run recipes/fashion_lstm.lua
-- An LSTM that reads a picture row by row, as 28 steps of 28 numbers.
local ml = require "moonlab"
local nn, data = ml.nn, ml.data

local function rows(x) return x:squeeze(2) end                  -- [B, 1, 28, 28] -> [B, 28, 28]
local function last(outputs) return outputs:select(2, -1) end   -- what is known after the last row

return ml.recipe {
  name = "fashion-lstm", task = "multiclass", seed = 3,
  problem = { ask = "Which garment is in the picture?", accept = { accuracy = 0.885 } },
  data  = { source = data.fashion_mnist() },
  split = { valid = 0.1, stratify = true },
  model = nn.Sequential { rows, nn.LSTM(128), last, nn.Dropout(0.2), nn.Linear(10) },
  train = { batch = 128, epochs = 10, clip = 1,
            optimizer = ml.optim.adamw { lr = 2e-3, schedule = ml.optim.cosine { warmup = 0.2 } } },
}
