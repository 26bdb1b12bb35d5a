-- The six workloads of the peer's torch_train.py: the same networks, batches, optimizer and data. Each entry gives a model and
-- an endless iterator of batches, { x =, y = }; the loss is cross entropy.
--   local workload = require "workloads".mlp();  for batch in workload.batches() do ... workload.loss(batch) end

local ml = require "moonlab"
local nn, data = ml.nn, ml.data

local M = {}

-- Fashion-MNIST in batches of 64, shuffled, normalised as the peer does; epoch after epoch.
local function pictures()
  local train = data.fashion_mnist().train:normalised { mean = 0.2860, std = 0.3530 }
  return coroutine.wrap(function()
    for pass = 1, math.huge do
      for batch in train:batches { size = 64, shuffle = true, drop_last = true, pass = pass } do coroutine.yield(batch) end
    end
  end)
end

local function classifier(model)
  return { model = model, batches = pictures, batch = 64, loss = function(b) return nn.cross_entropy(model(b.x), b.y) end }
end

function M.mlp()
  return classifier(nn.Sequential { nn.Flatten(), nn.Linear(256), nn.ReLU(), nn.Linear(128), nn.ReLU(), nn.Linear(10) })
end

function M.cnn()
  return classifier(nn.Sequential {
    nn.Conv2d(32, 3, { padding = 1 }), nn.ReLU(), nn.Conv2d(32, 3, { padding = 1 }), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(64, 3, { padding = 1 }), nn.ReLU(), nn.Conv2d(64, 3, { padding = 1 }), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
    nn.Linear(128), nn.ReLU(), nn.Dropout(0.25), nn.Linear(10),
  })
end

-- The residual block of ResNet-20 (He et al. 2015): the shortcut of a block that changes its shape is a 1x1 convolution.
local Block = nn.Module:extend "Block"
function Block:init(inputs, channels, stride)
  self.body = nn.Sequential {
    nn.Conv2d(channels, 3, { stride = stride, padding = 1, bias = false }), nn.BatchNorm(), nn.ReLU(),
    nn.Conv2d(channels, 3, { padding = 1, bias = false }), nn.BatchNorm(),
  }
  if inputs ~= channels or stride > 1 then
    self.shortcut = nn.Sequential { nn.Conv2d(channels, 1, { stride = stride, bias = false }), nn.BatchNorm() }
  end
end
function Block:forward(x) return (self.body(x) + (self.shortcut and self.shortcut(x) or x)):relu() end

function M.resnet()
  local layers = { nn.Conv2d(16, 3, { padding = 1, bias = false }), nn.BatchNorm(), nn.ReLU() }
  local inputs = 16
  for stage, channels in ipairs { 16, 32, 64 } do
    for i = 1, 3 do
      layers[#layers + 1] = Block(inputs, channels, i == 1 and stage > 1 and 2 or 1)
      inputs = channels
    end
  end
  for _, layer in ipairs { nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(10) } do layers[#layers + 1] = layer end
  return classifier(nn.Sequential(layers))
end

-- 28 rows as 28 steps; the last output decides.
function M.lstm()
  return classifier(nn.Sequential {
    function(x) return x:squeeze(2) end, nn.LSTM(128), function(outputs) return outputs:select(2, -1) end, nn.Linear(10),
  })
end

-- Pre-norm transformer layers, 4 of them with 4 heads, GELU and a net four times as wide.
local function blocks(causal)
  local layer = nn.TransformerEncoderLayer(4, { causal = causal, norm_first = true, activation = "gelu", dropout = 0 })
  return nn.TransformerEncoder(layer, 4, { norm = nn.LayerNorm() })
end

-- 7x7 patches of a picture, 64 numbers wide; the mean over the patches decides.
function M.vit()
  return classifier(nn.Sequential {
    nn.Conv2d(64, 7, { stride = 7 }), nn.Flatten(3), function(x) return x:transpose(2, 3) end, nn.LearnedPosition(16), blocks(false),
    function(x) return x:mean(2) end, nn.Linear(10),
  })
end

-- nanoGPT's setting for a CPU: 64 symbols of context, 128 numbers wide, 12 random windows of a million random symbols a batch.
function M.gpt()
  local context, symbols, windows = 64, 65, 12
  local text = ml.randint(1, symbols, { 1000000 })
  local model = nn.Sequential { nn.Embedding(symbols, 128), nn.LearnedPosition(context), blocks(true), nn.Linear(symbols) }
  local function batches()
    return function()
      local x, y = {}, {}
      for i, at in ipairs(ml.randint(1, 1000000 - context, { windows }):tolist()) do
        x[i], y[i] = text:slice(1, at, at + context - 1), text:slice(1, at + 1, at + context)
      end
      return { x = ml.stack(x, 1), y = ml.stack(y, 1) }
    end
  end
  return { model = model, batches = batches, batch = windows,
    loss = function(b) return nn.cross_entropy(model(b.x):flatten(1, 2), b.y:flatten()) end }
end

return M
