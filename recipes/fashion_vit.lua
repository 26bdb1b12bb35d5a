-- moonlab run recipes/fashion_vit.lua
-- A vision transformer: 16 patches of 7 x 7 as 16 words (Dosovitskiy et al. 2020).
local ml = require "moonlab"
local nn, data = ml.nn, ml.data

local width = 64
local function words(x) return x:flatten(3):transpose(2, 3) end -- [B, width, 4, 4] -> [B, 16, width]
local function mean(x) return x:mean(2) end

local function block()
  return nn.TransformerEncoderLayer(4, { norm_first = true, activation = "gelu", dropout = 0.1 })
end

return ml.recipe {
  name = "fashion-vit", task = "multiclass", seed = 5,
  problem = { ask = "Which garment is in the picture?", accept = { accuracy = 0.88 } },
  data    = { source = data.fashion_mnist() },
  split   = { valid = 0.1, stratify = true },
  augment = { data.flip() },
  model   = nn.Sequential { nn.Conv2d(width, 7, { stride = 7 }), words, nn.LearnedPosition(16), block(), block(), block(), block(),
                            nn.LayerNorm(), mean, nn.Linear(10) },
  train   = { batch = 128, epochs = 15,
              optimizer = ml.optim.adamw { lr = 2e-3, weight_decay = 0.05, schedule = ml.optim.cosine { warmup = 1 } } },
}
