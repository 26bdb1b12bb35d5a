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

-- A flower in the mirror is the same flower: when the net is used, the mean of its answers to both.
local BothSides = nn.Module:extend "BothSides"
function BothSides:init(body) self.body = body end
function BothSides:forward(x)
  if self.training then return self.body(x) end
  return ((self.body(x):softmax(2) + self.body(x:flip(4)):softmax(2)) / 2):log()
end

return ml.recipe {
  name = "flowers", task = "multiclass", seed = 5,
  problem = { ask = "Which flower is in the photograph?", accept = { accuracy = 0.70 } },
  data    = { source = data.folder("flowers5", { size = { 64, 64 },
    about = "  The photographs are not part of Moonlab: put them into flowers5/daisy, dandelion, rose, sunflower and tulip." }) },
  split   = { valid = 0.1, test = 0.15, stratify = true },
  augment = { data.crop { area = { 0.25, 1 } }, data.flip(), data.rotate(15),
              data.colour { brightness = 0.3, contrast = 0.3, saturation = 0.3, hue = 0.02 }, data.erase { chance = 0.5 } },
  model   = BothSides(nn.Sequential { conv(32, 1), nn.ReLU(), Block(32, 2), Block(32, 1), Block(64, 2), Block(64, 1), Block(128, 2), Block(128, 1),
                                      nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.3), nn.Linear(5) }),
  train   = { loss = "cross_entropy", loss_options = { label_smoothing = 0.1 }, batch = 64, epochs = 50, ema = 0.99,
              optimizer = ml.optim.adamw { lr = 3e-3, weight_decay = 0.1, schedule = ml.optim.cosine { warmup = 1 } } },
}
