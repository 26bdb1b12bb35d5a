-- moonlab run recipes/flowers.lua
-- Five kinds of flowers in 4,317 photographs: a residual network from scratch, on pictures brought to 64 x 64. Always saying
-- "dandelion" is right in 24 of 100. The photographs may not be shipped: put them into a folder flowers5/, a folder a kind.
local ml = require "moonlab"
local nn, data = ml.nn, ml.data

local function conv(channels, stride)
  return nn.Sequential { nn.Conv2d(channels, 3, { stride = stride, padding = 1, bias = false }), nn.BatchNorm() }
end

local Block = nn.Module:extend "Block"
function Block:init(channels, stride)
  self.body = nn.Sequential { conv(channels, stride), nn.ReLU(), conv(channels, 1) }
  if stride > 1 then -- the shortcut must change its shape as the body does
    self.shortcut = nn.Sequential { nn.Conv2d(channels, 1, { stride = stride, bias = false }), nn.BatchNorm() }
  end
end
function Block:forward(x) return (self.body(x) + (self.shortcut and self.shortcut(x) or x)):relu() end

return ml.recipe {
  name = "flowers", task = "multiclass", seed = 5,
  problem = { ask = "Which flower is in the photograph?", accept = { accuracy = 0.70 } },
  data    = { source = data.folder("flowers5", { size = { 64, 64 },
    about = "  The photographs are not part of Moonlab: put them into flowers5/daisy, dandelion, rose, sunflower and tulip." }) },
  split   = { valid = 0.1, test = 0.15, stratify = true },
  augment = { data.crop { area = { 0.4, 1 } }, data.flip(), data.rotate(15), data.colour { brightness = 0.2, contrast = 0.2, saturation = 0.2 } },
  model   = nn.Sequential { conv(24, 1), nn.ReLU(), Block(24, 2), Block(24, 1), Block(48, 2), Block(48, 1), Block(96, 2), Block(96, 1),
                            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(5) },
  train   = { batch = 64, epochs = 30,
              optimizer = ml.optim.adamw { lr = 3e-3, weight_decay = 0.02, schedule = ml.optim.cosine { warmup = 1 } } },
}
