-- moonlab run recipes/etth1.lua
-- Load and oil temperature of a power transformer for the next 96 hours, from the 336 before them (Zeng et al. 2023, "Are Transformers
-- effective for time series forecasting?"): what is smooth and what is left of it go through a linear layer each, the same for all columns.
-- Twelve months train, four validate, four are tested; errors are on the standardized scale, as in the paper (DLinear: MSE 0.375; to repeat
-- the last hour: 1.294).
-- ETTh1.csv may not be shipped: put it (github.com/zhouhaoyi/ETDataset, ETT-small/) into timeseries/ in a folder that MOONLAB_DATA names.
local ml = require "moonlab"
local nn, data = ml.nn, ml.data

local input, output, month = 336, 96, 30 * 24

-- x:matmul(smooth) is the mean of 25 hours around each; the ends are repeated.
local function smoothing(n, width)
  local smooth = ml.zeros(n, n)
  for to = 1, n do
    for i = to - width // 2, to + width // 2 do
      local from = math.max(1, math.min(n, i))
      smooth[{ from, to }] = smooth[{ from, to }]:item() + 1 / width
    end
  end
  return smooth
end
local smooth = smoothing(input, 25)

local DLinear = nn.Module:extend "DLinear"
function DLinear:init() self.trend, self.season = nn.Linear(output), nn.Linear(output) end
function DLinear:forward(x)
  x = x:transpose(2, 3) -- [B, columns, hours]
  local trend = x:matmul(smooth)
  return (self.trend(trend) + self.season(x - trend)):transpose(2, 3)
end

return ml.recipe {
  name    = "etth1",
  problem = { ask = "How will the transformer be loaded in the next four days?", accept = { mse = 0.40 } },
  task    = "regression",
  seed    = 1,
  data    = { source = data.windows(data.csv "timeseries/ETTh1.csv", {
                input = input, output = output, time = "date", parts = { 12 * month, 4 * month, 4 * month } }) },
  model   = DLinear(),
  train   = { loss = "mse", batch = 32, epochs = 10, patience = 3, optimizer = ml.optim.adam { lr = 5e-4, schedule = ml.optim.cosine() } },
  assess  = { metrics = { "mse", "mae" }, season = 24 },
}
