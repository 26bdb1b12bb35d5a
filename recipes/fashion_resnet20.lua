-- moonlab run recipes/fashion_resnet20.lua
-- ResNet-20: three stages of three residual blocks with 16, 32 and 64 channels (He et al. 2015, section 4.2).
local ml = require "moonlab"
local nn, data = ml.nn, ml.data

local Block = nn.Module:extend "Block"
function Block:init(channels, stride)
  self.body = nn.Sequential {
    nn.Conv2d(channels, 3, { stride = stride, padding = 1, bias = false }), nn.BatchNorm(), nn.ReLU(),
    nn.Conv2d(channels, 3, { padding = 1, bias = false }), nn.BatchNorm(),
  }
  if stride > 1 then -- the shortcut must change its shape as the body does
    self.shortcut = nn.Sequential { nn.Conv2d(channels, 1, { stride = stride, bias = false }), nn.BatchNorm() }
  end
end
function Block:forward(x) return (self.body(x) + (self.shortcut and self.shortcut(x) or x)):relu() end

local layers = { nn.Conv2d(16, 3, { padding = 1, bias = false }), nn.BatchNorm(), nn.ReLU() }
for stage, channels in ipairs { 16, 32, 64 } do
  for i = 1, 3 do layers[#layers + 1] = Block(channels, stage > 1 and i == 1 and 2 or 1) end
end
for _, layer in ipairs { nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(10) } do layers[#layers + 1] = layer end

return ml.recipe {
  name = "fashion-resnet20", task = "multiclass", seed = 7,
  problem = { ask = "Which garment is in the picture?", accept = { accuracy = 0.935 } },
  data    = { source = data.fashion_mnist() },
  split   = { valid = 0.1, stratify = true },
  augment = { data.flip(), data.shift(2) },
  model   = nn.Sequential(layers),
  train   = { batch = 128, epochs = 20,
              optimizer = ml.optim.sgd { lr = 0.1, momentum = 0.9, nesterov = true, weight_decay = 5e-4,
                                         schedule = ml.optim.cosine { warmup = 1 } } },
}
