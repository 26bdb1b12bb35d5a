-- Times scores of a million rows, a JSON line each: the work of auc_1M and confusion_1M of the peer's script, on its numbers.
--   moonlab tests/bench/assess.lua FOLDER      with score.npy, label.npy (0 and 1) and class.npy (0 to 9)

local ml = require "moonlab"
local json = require "moonlab.json"
local metrics = ml.metrics

local folder = arg[1]
local score, label, class = ml.load(folder .. "/score.npy"), ml.load(folder .. "/label.npy") + 1, ml.load(folder .. "/class.npy") + 1

local function row(task, f)
  local began = ml.clock()
  local entries = f()
  table.insert(entries, 1, { "task", task })
  table.insert(entries, 2, { "seconds", ml.clock() - began })
  print(json.encode(json.object(entries)))
end

row("auc_1M", function() return { { "auc", metrics.auc(score, label) } } end)

row("confusion_1M", function()
  local answered = ml.cat({ class:slice(1, -1, -1), class:slice(1, 1, -2) }, 1) -- numpy.roll(class, 1)
  local n = 0
  for _, counts in ipairs(metrics.confusion(answered, class)) do
    for _, count in ipairs(counts) do n = n + count end
  end
  return { { "n", n }, { "f1", metrics.f1_macro(answered, class) } }
end)
