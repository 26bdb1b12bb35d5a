-- The peer: finds its scripts (MOONLAB_PEERS or ../shared/peers) and interpreter (PYTHON, with torch installed), runs them and
-- reads their JSON lines. Without them `available` is false and our figures stand alone.

local json = require "moonlab.json"

local M = { python = os.getenv "PYTHON" or "python3", scripts = os.getenv "MOONLAB_PEERS" or "../shared/peers" }

function M.output(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read "a"
  pipe:close()
  return text
end

-- The JSON lines that a command prints.
function M.rows(command)
  local rows = {}
  for line in M.output(command):gmatch "[^\n]+" do
    if line:sub(1, 1) == "{" then rows[#rows + 1] = json.decode(line) end
  end
  return rows
end

local function exists(path)
  local file = io.open(path)
  if file then file:close() end
  return file ~= nil
end

M.version = M.output(M.python .. " -c 'import torch; print(torch.__version__)' 2>/dev/null"):match "%S+"
M.available = exists(M.scripts .. "/torch_train.py") and M.version ~= nil

-- Runs a script of the peer's as itself, after torch is there, and prints what resident memory (MB) its run added.
local ADDED = [[
import runpy, sys, torch
def resident(what): return [int(line.split()[1]) / 1024 for line in open("/proc/self/status") if line.startswith(what)][0]
torch.ones(1); started = resident("VmRSS"); sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
print("{\"added_mb\": %.1f}" % (resident("VmHWM") - started))]]

-- One training run: its row, with added_mb.
function M.train(name, threads, steps, mode)
  local rows = M.rows(("%s -c '%s' %s/torch_train.py %s --threads %d --steps %d %s 2>/dev/null")
    :format(M.python, ADDED, M.scripts, name, threads, steps, mode))
  if not rows[2] then return nil end
  rows[1].added_mb = rows[2].added_mb
  return rows[1]
end

function M.ops(threads, only)
  return M.rows(("%s %s/torch_ops.py --threads %d %s"):format(M.python, M.scripts, threads, only and "--only " .. only or ""))
end

-- The files of the table in other formats, made beside its CSV; none where polars is not installed.
function M.formats(csv)
  local paths = {}
  for path in M.output(("%s tests/bench/polars_tables.py make %s 2>/dev/null"):format(M.python, csv)):gmatch "[^\n]+" do paths[#paths + 1] = path end
  return paths
end

function M.read_table(path) return M.rows(("POLARS_MAX_THREADS=2 %s tests/bench/polars_tables.py read %s"):format(M.python, path))[1] end

-- The rows of its script of readers, which leaves its CSV file in `folder`; empty where it is not there.
function M.files(folder)
  if not exists(M.scripts .. "/io_bench.py") then return {} end
  return M.rows(("%s %s/io_bench.py --tmp %s 2>/dev/null"):format(M.python, M.scripts, folder))
end

-- The numbers that its script of scikit-learn draws for auc_1M and confusion_1M, in the same order.
local DRAWN = [[
import sys, numpy as np
rng = np.random.default_rng(0)
rng.standard_normal((2000, 5000)), rng.standard_normal(20), rng.standard_normal(2000)
for name, values in (("score", rng.random(1_000_000)), ("label", rng.integers(0, 2, 1_000_000)), ("class", rng.integers(0, 10, 1_000_000))):
    np.save(f"{sys.argv[1]}/{name}.npy", values)]]

-- Leaves them in `folder`; false where its script or NumPy is not there.
function M.draw_scores(folder)
  return exists(M.scripts .. "/sklearn_bench.py") and os.execute(("%s -c '%s' %s 2>/dev/null"):format(M.python, DRAWN, folder)) == true
end

-- The rows of its script of scikit-learn for the tasks whose names have this in them.
function M.sklearn(only) return M.rows(("%s %s/sklearn_bench.py --only %s 2>/dev/null"):format(M.python, M.scripts, only)) end

-- The rows of tests/bench/sklearn_neighbours.py; empty where scikit-learn or Fashion-MNIST is not there.
function M.neighbours()
  local files = {}
  for i, name in ipairs { "train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1" } do
    files[i] = ("/usr/share/datasets/fashion-mnist/%s-ubyte.gz"):format(name)
  end
  return M.rows(("%s tests/bench/sklearn_neighbours.py %s 2>/dev/null"):format(M.python, table.concat(files, " ")))
end

return M
