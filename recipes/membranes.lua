-- moonlab run recipes/membranes.lua
-- Cell membranes in slices of a fly's nerve cord (ISBI 2012): a small U-Net (Ronneberger et al. 2015) that says of each pixel whether it
-- lies in a cell or in a membrane. 24 slices to train on, six held out. "Cell" everywhere is right for 78 of 100 pixels.
-- The slices may not be shipped: put them into folders isbi_em/image and isbi_em/label, as 0.png, 1.png and so on.
local ml = require "moonlab"
local nn, data = ml.nn, ml.data

local function convolutions(channels, dropout)
  local function one() return nn.Sequential { nn.Conv2d(channels, 3, { padding = 1, bias = false }), nn.BatchNorm(), nn.ReLU() } end
  return nn.Sequential { one(), one(), dropout and nn.Dropout(dropout) }
end

-- One resolution, with the coarser ones inside: what goes through them comes back to what went past them.
local Level = nn.Module:extend "Level"
function Level:init(channels, coarser)
  self.enter, self.leave = convolutions(channels), convolutions(channels)
  self.inner = nn.Sequential { nn.MaxPool2d(2), coarser, nn.ConvTranspose2d(channels, 2, { stride = 2 }) }
end
function Level:forward(x)
  local past = self.enter(x)
  return self.leave(ml.cat({ past, self.inner(past) }, 2))
end

local unet = Level(16, Level(32, Level(64, convolutions(128, 0.3))))

-- A slice has no up and no right: when the net is used, the mean of its answers to the eight ways to turn and mirror it.
local AllTurns = nn.Module:extend "AllTurns"
function AllTurns:init(body) self.body = body end
function AllTurns:forward(x)
  if self.training then return self.body(x) end
  local sum = 0
  for _, turned in ipairs { false, true } do
    for _, sides in ipairs { {}, { 3 }, { 4 }, { 3, 4 } } do
      local y = turned and x:transpose(3, 4) or x
      for _, side in ipairs(sides) do y = y:flip(side) end
      y = self.body(y:contiguous()):softmax(2)
      for _, side in ipairs(sides) do y = y:flip(side) end
      sum = sum + (turned and y:transpose(3, 4) or y)
    end
  end
  return (sum / 8):log()
end

return ml.recipe {
  name = "membranes", task = "segmentation", seed = 11,
  problem = { ask = "Which pixels are membrane?", accept = { accuracy = 0.92 } },
  data    = { source = data.masks { images = "isbi_em/image", masks = "isbi_em/label", values = { 0, 255 },
    classes = { "membrane", "cell" }, channels = 1,
    about = "  The slices are not part of Moonlab: put those of the ISBI 2012 challenge into isbi_em/image and isbi_em/label." } },
  split   = { valid = 0, test = 0.2 },
  augment = { data.crop { size = { 256, 256 } }, data.flip(), data.flip_vertical(), data.colour { brightness = 0.15, contrast = 0.15 } },
  model   = AllTurns(nn.Sequential { unet, nn.Conv2d(2, 1) }),
  train   = { batch = 4, steps = 1500, eval_every = 250, ema = 0.995,
              optimizer = ml.optim.adamw { lr = 3e-3, weight_decay = 1e-3, schedule = ml.optim.cosine() } },
}
