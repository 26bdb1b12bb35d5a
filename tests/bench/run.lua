-- make bench: our figures beside the peer's, run in turn on the same cores, as a table in Markdown.
--   moonlab tests/bench/run.lua [--write docs/performance.md] [--rounds N]
-- The peer's scripts are looked for in MOONLAB_PEERS or ../shared/peers, its interpreter is PYTHON (with torch installed).
-- Without them our figures stand alone.

local json = require "moonlab.json"
local ml = require "moonlab"

local write, rounds = nil, 3
for i = 1, #arg do
  if arg[i] == "--write" then write = arg[i + 1] elseif arg[i] == "--rounds" then rounds = tonumber(arg[i + 1]) end
end

local function exists(path)
  local file = io.open(path)
  if file then file:close() end
  return file ~= nil
end

local function output(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read "a"
  pipe:close()
  return text
end

local binary = arg[-1]
local python = os.getenv "PYTHON" or "python3"
local peers = os.getenv "MOONLAB_PEERS" or "../shared/peers"
local have_peer = exists(peers .. "/torch_train.py") and output(python .. " -c 'import torch; print(1)' 2>/dev/null"):match "1" ~= nil

-- Runs a command and gives its JSON lines; the children's peak memory in MB comes last.
local PEAK = [[import resource, subprocess, sys; subprocess.run(sys.argv[1:]); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)]]
local function run(command, measured)
  local rows, peak = {}, nil
  for line in output(measured and ("%s -c '%s' %s"):format(python, PEAK, command) or command):gmatch "[^\n]+" do
    if line:sub(1, 1) == "{" then rows[#rows + 1] = json.decode(line) else peak = tonumber(line) or peak end
  end
  return rows, peak
end

local function median(list)
  table.sort(list)
  return list[(#list + 1) // 2]
end

local lines = {}
local function say(format, ...)
  lines[#lines + 1] = format:format(...)
  print(lines[#lines])
end

-- Training steps: each round runs ours, then each of the peer's modes, and the ratio is that of one round.
local function training(name, threads, steps)
  local ours, memory, best, ratios, peer_memory = {}, 0, {}, {}, math.huge
  for _ = 1, rounds do
    local row = run(("%s tests/bench/train.lua %s --threads %d --steps %d"):format(binary, name, threads, steps))[1]
    ours[#ours + 1] = row.ms_per_step
    memory = math.max(memory, row.peak_mb)
    if have_peer then
      local fastest = math.huge
      for _, mode in ipairs { "", "--best" } do
        local rows, peak = run(("%s %s/torch_train.py %s --threads %d --steps %d %s"):format(python, peers, name, threads, steps, mode), true)
        fastest = math.min(fastest, rows[1].ms_per_step)
        peer_memory = math.min(peer_memory, peak or math.huge)
      end
      best[#best + 1] = fastest
      ratios[#ratios + 1] = fastest / row.ms_per_step
    end
  end
  if have_peer then
    say("| %s step, %d threads | %.3f ms | %.3f ms | %.2f | %.0f MB | %.0f MB |", name, threads, median(ours), median(best), median(ratios), memory, peer_memory)
  else
    say("| %s step, %d threads | %.3f ms | – | – | %.0f MB | – |", name, threads, median(ours), memory)
  end
end

local function small_ops()
  local ours, theirs = {}, {}
  for _ = 1, rounds do
    for _, row in ipairs(run(binary .. " tests/bench/ops.lua")) do ours[row.op] = math.min(ours[row.op] or math.huge, row.us) end
    for _, name in ipairs(have_peer and { "add_1", "add_8x8", "mm_8x8", "mlp_tiny_fb" } or {}) do
      local row = run(("%s %s/torch_ops.py --only %s"):format(python, peers, name))[1]
      theirs[name] = math.min(theirs[name] or math.huge, row.us)
    end
  end
  for _, name in ipairs { "add_1", "add_8x8", "mm_8x8", "mlp_tiny_fb" } do
    say("| %s | %.2f µs | %s | %s | | |", name, ours[name], theirs[name] and ("%.2f µs"):format(theirs[name]) or "–",
      theirs[name] and ("%.2f"):format(theirs[name] / ours[name]) or "–")
  end
end

local function start(label, command)
  local times = {}
  for i = 1, 11 do
    local began = ml.clock()
    os.execute(command .. " >/dev/null")
    times[i] = (ml.clock() - began) * 1e3
  end
  say("| %s | %.1f ms | | | | |", label, median(times))
end

local model = output("grep -m1 'model name' /proc/cpuinfo"):match ":%s*(.-)%s*\n" or "unknown processor"
local _, isa = require "moonlab.core".backend()
say("Machine: %s, %s cores, kernels for %s; %s. Peer: %s.", model, output("nproc"):match "%d+", isa, os.date "%Y-%m-%d",
  have_peer and "PyTorch " .. output(python .. " -c 'import torch; print(torch.__version__)'"):match "%S+" .. ", the faster of eager and --best" or "none")
say("")
say("| | Moonlab | PyTorch | ratio | our peak memory | its peak memory |")
say("|---|---|---|---|---|---|")
training("mlp", 2, 300)
training("mlp", 1, 300)
training("cnn", 2, 40)
training("cnn", 1, 30)
training("lstm", 2, 200)
training("lstm", 1, 200)
small_ops()
start("start: -e 'print(1)'", binary .. " -e 'print(1)'")
start("check recipes/fashion_cnn.lua", binary .. " check recipes/fashion_cnn.lua")

if write then
  local file = assert(io.open(write, "w"))
  file:write("# Performance\n\nWritten by `make bench` (tests/bench/run.lua --write). A ratio above 1: Moonlab is faster. Times are medians of ",
    rounds, " rounds in which both\nran in turn; small operations and starts are the best. Shared machines are noisy: the ratio counts.\n\n",
    table.concat(lines, "\n"), "\n")
  file:close()
end
