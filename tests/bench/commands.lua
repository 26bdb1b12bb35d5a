-- Whole commands beside the same work with scikit-learn: processes from their start to their end, in turn; the best of the rounds counts on each
-- side. Ours also writes a run folder with predictions and report.html. Equal scores are asserted.

local json = require "moonlab.json"
local ml = require "moonlab"
local peer = require "peer"

local TABLES = (os.getenv "MOONLAB_DATA" or peer.scripts .. "/../data") .. "/tabular/"
local COMMANDS = {
  { task = "adult_grid", command = "search", what = "Adult: 5 penalties x 10 folds", file = "adult.data", record = "search-1/metrics.json" },
  { task = "adult_cv", command = "cv", what = "Adult: 10 folds, 3 scores", file = "adult.data", record = "cv-1/metrics.json" },
  { task = "california_cv", command = "cv", what = "California: ridge, 10 folds", file = "california_housing.csv", record = "cv-1/metrics.json" },
}
local TOLERANCE = 2e-4 -- scikit-learn's L-BFGS ends that early

local function seconds_of(command)
  local began = ml.clock()
  local ok = os.execute(command)
  assert(ok, "failed: " .. command)
  return ml.clock() - began
end

local function decoded(path)
  local file = assert(io.open(path))
  local value = json.decode(file:read "a")
  file:close()
  return value
end

-- The scores of a record, by name.
local function scores_of(record)
  if record.scores then return { auc = record.scores.auc.mean } end
  local out = {}
  for _, one in ipairs(record.metrics) do out[one.metric] = one.mean end
  return out
end

local function assert_equal(one, ours, theirs)
  for name, score in pairs(theirs) do
    assert(not ours[name] or math.abs(ours[name] - score) <= TOLERANCE, ("%s: %s is %s, the peer's %s"):format(one.task, name, ours[name], score))
  end
end

local function run_ours(one, binary, folder)
  local path = ("%s/runs/%s-%s"):format(folder, one.task, one.record)
  os.execute(("rm -rf %s/runs"):format(folder))
  local seconds = seconds_of(("cd %s && XDG_STATE_HOME=%s %s %s %s.lua --jobs 2 >/dev/null 2>&1"):format(folder, folder, binary, one.command, one.task))
  return seconds, scores_of(decoded(path))
end

local function run_theirs(one, folder, here)
  local seconds = seconds_of(("%s %s/tests/bench/sklearn_commands.py %s %s >%s/theirs.json 2>/dev/null"):format(peer.python, here, one.task, folder, folder))
  return seconds, decoded(folder .. "/theirs.json")
end

-- Seconds: ours, the peer's, and the peer's without its imports.
local function compare(one, binary, folder, rounds)
  local ours, theirs, work = math.huge, math.huge, math.huge
  for _ = 1, rounds do
    local seconds, scores = run_ours(one, binary, folder)
    local their_seconds, found = run_theirs(one, folder, ".")
    assert_equal(one, scores, found.scores)
    ours, theirs, work = math.min(ours, seconds), math.min(theirs, their_seconds), math.min(work, found.seconds)
  end
  return ours, theirs, work
end

--- Prints the section.
-- @param say      of a line
-- @param binary   ours
-- @param rounds   how many
return function(say, binary, rounds)
  say("\n## Whole commands\n")
  if not os.execute(peer.python .. " -c 'import sklearn, pandas' 2>/dev/null") then return say "scikit-learn is not there." end
  local folder = os.tmpname()
  os.remove(folder)
  os.execute("mkdir " .. folder)
  binary = binary:sub(1, 1) == "/" and binary or peer.output "pwd":match "[^\n]+" .. "/" .. binary
  say("From the start of the process to its end, two processes on both sides; ours writes predictions and report.html besides. Equal scores are asserted.")
  say("Behind it the peer's work from the CSV on, without its imports, against our whole command.\n")
  say("| command | Moonlab | scikit-learn | ratio | without imports | ratio |")
  say("|---|---|---|---|---|---|")
  for _, one in ipairs(COMMANDS) do
    os.execute(("cp tests/bench/commands/*.lua %s%s %s"):format(TABLES, one.file, folder))
    local ours, theirs, work = compare(one, binary, folder, rounds)
    say("| `moonlab %s`, %s | %.2f s | %.2f s | **%.1f** | %.2f s | **%.1f** |", one.command, one.what, ours, theirs, theirs / ours, work, work / ours)
  end
  os.execute("rm -r " .. folder)
end
