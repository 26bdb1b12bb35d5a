--- The network of digits.lua and digits_new_voice.lua: three blocks of convolutions over the spectrum of a spoken digit [1, bands, frames].

local nn = require "moonlab".nn

local function block(channels)
  return nn.Sequential { nn.Conv2d(channels, 3, { padding = "same" }), nn.BatchNorm(), nn.ReLU(), nn.MaxPool2d(2) }
end

--- @param dropout  before the last layer
return function(dropout)
  return nn.Sequential { block(16), block(32), block(64), nn.Flatten(), nn.Dropout(dropout), nn.Linear(10) }
end
