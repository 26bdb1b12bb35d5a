-- Times the training step of a workload of the peer's script: the same network, batch, optimizer and data.
--   moonlab tests/bench/train.lua mlp|cnn [--steps N] [--threads T]
-- One JSON line: median seconds a step after 10 of warm-up, peak resident memory, what the allocator asked of the system.

local ml = require "moonlab"
local nn, data = ml.nn, ml.data
local core = require "moonlab.core"

local name, options = arg[1], { steps = 200, threads = 2 }
for i = 2, #arg, 2 do options[arg[i]:match "^%-%-(%w+)$"] = tonumber(arg[i + 1]) end
core.threads(options.threads)
ml.manual_seed(0)

local networks = {
  mlp = function()
    return nn.Sequential { nn.Flatten(), nn.Linear(256), nn.ReLU(), nn.Linear(128), nn.ReLU(), nn.Linear(10) }
  end,
  cnn = function()
    return nn.Sequential {
      nn.Conv2d(32, 3, { padding = 1 }), nn.ReLU(), nn.Conv2d(32, 3, { padding = 1 }), nn.ReLU(), nn.MaxPool2d(2),
      nn.Conv2d(64, 3, { padding = 1 }), nn.ReLU(), nn.Conv2d(64, 3, { padding = 1 }), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
      nn.Linear(128), nn.ReLU(), nn.Dropout(0.25), nn.Linear(10),
    }
  end,
}
local model = assert(networks[name], "usage: train.lua mlp|cnn")()
local train = data.fashion_mnist().train:normalised { mean = 0.2860, std = 0.3530 } -- as the peer does
local optimizer = ml.optim.adam(model, { lr = 1e-3 })

local function median(list)
  table.sort(list)
  return list[(#list + 1) // 2]
end

local function resident_peak()
  for line in io.lines "/proc/self/status" do
    local kb = line:match "^VmHWM:%s*(%d+)"
    if kb then return tonumber(kb) / 1024 end
  end
end

local seconds, step, last, asked = {}, 0, nil, nil
while step < options.steps do
  local began = ml.clock()
  for batch in train:batches { size = 64, shuffle = true, drop_last = true } do
    local loss = nn.cross_entropy(model(batch.x), batch.y)
    optimizer:zero_grad()
    loss:backward()
    optimizer:step()
    local now = ml.clock()
    step, last = step + 1, loss
    seconds[#seconds + 1] = now - began
    began = now
    if step == options.steps // 2 then asked = core.memory().system_calls end
    if step == options.steps then break end
  end
end
local warm = table.move(seconds, 11, #seconds, 1, {})
local parameters = 0
for _, p in ipairs(model:parameters()) do parameters = parameters + p:numel() end
print(('{"peer": "moonlab", "model": "%s", "threads": %d, "params": %d, "batch": 64, "steps": %d, "ms_per_step": %.3f, "best_ms": %.3f, "peak_mb": %.1f, "system_calls_in_second_half": %d, "loss": %.4f}')
  :format(name, core.threads(), parameters, step, median(warm) * 1e3, warm[1] * 1e3, resident_peak(), core.memory().system_calls - asked, last:item()))
