-- make recipes: runs the recipes in full and records their scores, machine and date in docs/results.md. A recipe that is not
-- run keeps its line.
--   moonlab tools/record_results.lua [NAME...]

local json = require "moonlab.json"
local core = require "moonlab.core"

local PAGE = "docs/results.md"
local ALL = { "fashion_quick", "fashion_cnn", "fashion_resnet20", "fashion_lstm", "fashion_vit", "shakespeare", "names", "vae", "gan", "churn",
  "spirals", "wine", "breast_cancer", "flowers", "membranes", "cells", "splice", "sentiment", "digits", "digits_new_voice", "etth1" }

local HEAD = [[
# Results of the recipes

Written by `make recipes` (tools/record_results.lua): each recipe as it stands, run in full. `met`: the recipe's own threshold.

| recipe | score | threshold | trained for | parameters | time | machine, date |
|---|---|---|---|---|---|---|
]]

local function read(path)
  local file = io.open(path)
  if not file then return "" end
  local text = file:read "a"
  file:close()
  return text
end

local function machine()
  local model = read "/proc/cpuinfo":match "model name%s*:%s*([^\n]-)%s*\n" or "unknown processor"
  return ("%s, %d threads, %s"):format(model, core.threads(), os.date "%Y-%m-%d")
end

-- The scores of a run as text, and whether they reach what the recipe asks for.
local function scores(metrics)
  local part = metrics.test and "test" or metrics.valid and "valid"
  if not part then return "none", "none" end
  local texts, thresholds = {}, {}
  for name, value in pairs(metrics[part]) do
    if type(value) == "number" then texts[#texts + 1] = ("%s %s %.4f"):format(part, name, value) end
  end
  table.sort(texts)
  for i, one in ipairs(metrics.accept) do
    thresholds[i] = ("%s %s: %s"):format(one.metric, one.threshold, one.met and "met" or "missed")
  end
  return table.concat(texts, ", "), #thresholds > 0 and table.concat(thresholds, ", ") or "none"
end

local function run(name)
  local folder = os.tmpname()
  os.remove(folder)
  os.execute(("%s run recipes/%s.lua --out %s >/dev/null"):format(arg[-1], name, folder))
  local text = read(folder .. "/metrics.json")
  if text == "" then return ("| %s | did not run to its end | | | | | %s |"):format(name, machine()) end
  local metrics, config = json.decode(text), json.decode(read(folder .. "/config.json"))
  local score, threshold = scores(metrics)
  return ("| [%s](../recipes/%s.lua) | %s | %s | %d epochs, %d steps | %d | %d s | %s |"):format(name, name, score, threshold,
    metrics.epochs, metrics.steps, config.model.parameters, metrics.seconds // 1, machine())
end

-- The lines that stand there, by recipe.
local lines = {}
for line in read(PAGE):gmatch "[^\n]+" do
  local name = line:match "^| %[?([%w_]+)"
  if name and name ~= "recipe" then lines[name] = line end
end

for _, name in ipairs(#arg > 0 and arg or ALL) do
  lines[name] = run(name)
  print(lines[name])
  local list = {}
  for _, one in ipairs(ALL) do list[#list + 1] = lines[one] end
  local file = assert(io.open(PAGE, "w"))
  file:write(HEAD, table.concat(list, "\n"), "\n")
  file:close()
end
