-- Times the training step of a workload of the peer's script (workloads.lua): the same network, batch, optimizer and data.
--   moonlab tests/bench/train.lua NAME [--steps N] [--threads T] [--digest 1]
-- One JSON line: median seconds a step after 10 of warm-up, memory, multiply-adds a second. --digest: the SHA-256 of the
-- weights at the end instead, for comparing bits.

package.path = package.path .. ";tests/bench/?.lua"
local ml = require "moonlab"
local core = require "moonlab.core"
local json = require "moonlab.json"

local name, options = arg[1], { steps = 200, threads = 2, digest = 0 }
for i = 2, #arg, 2 do options[arg[i]:match "^%-%-(%w+)$"] = math.tointeger(tonumber(arg[i + 1])) end

-- What the system counts of this process, in MB: "VmRSS" now, "VmHWM" at its most.
local function resident(what)
  for line in io.lines "/proc/self/status" do
    local kb = line:match("^" .. what .. ":%s*(%d+)")
    if kb then return tonumber(kb) / 1024 end
  end
end

local started_mb = resident "VmRSS"
core.threads(options.threads)
ml.manual_seed(0)
local make = assert(require "workloads"[name], "usage: train.lua NAME [--steps N] [--threads T]")
local workload = make()
local optimizer = ml.optim.adam(workload.model, { lr = 1e-3 })
local batches = workload.batches()

local function step()
  local loss = workload.loss(batches())
  optimizer:zero_grad()
  loss:backward()
  optimizer:step()
  return loss
end

local seconds, last, asked, flops = {}, nil, nil, nil
for i = 1, options.steps do
  local began, counted = ml.clock(), core.flops()
  last = step()
  seconds[i] = ml.clock() - began
  flops = core.flops() - counted
  if i == options.steps // 2 then asked = core.memory().system_calls end
end

if options.digest == 1 then
  local path = os.tmpname()
  workload.model:save(path)
  print(core.sha256(path))
  os.remove(path)
  os.exit(0, true)
end

local function median(list)
  table.sort(list)
  return list[(#list + 1) // 2]
end

local warm = table.move(seconds, 11, #seconds, 1, {})
local middle = median(warm)
local parameters = 0
for _, p in ipairs(workload.model:parameters()) do parameters = parameters + p:numel() end
print(json.encode(json.object {
  { "peer", "moonlab" }, { "model", name }, { "threads", core.threads() }, { "params", parameters }, { "batch", workload.batch },
  { "steps", options.steps }, { "ms_per_step", middle * 1e3 }, { "best_ms", warm[1] * 1e3 },
  { "forward_flops", flops }, { "started_mb", started_mb }, { "peak_mb", resident "VmHWM" },
  { "system_calls_in_second_half", core.memory().system_calls - asked }, { "loss", last:item() },
}))
