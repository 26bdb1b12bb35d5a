-- make recipes: runs the recipes in full and records their scores, machine and date in docs/results.md. A recipe that is not
-- run keeps its line. What their data look like is written as pages, build/profiles/NAME.html.
--   moonlab tools/record_results.lua [NAME | NAME=RUN, a run folder that is there already]...

local json = require "moonlab.json"
local core = require "moonlab.core"

local PAGE = "docs/results.md"
local ALL = { "fashion_quick", "fashion_cnn", "fashion_resnet20", "fashion_lstm", "fashion_vit", "shakespeare", "names", "vae", "gan", "churn",
  "spirals", "wine", "wine_linear", "breast_cancer", "adult", "boston", "housing", "diabetes", "titanic", "sms_spam", "flowers", "membranes", "cells",
  "splice", "splice_logistic", "sentiment", "digits", "digits_new_voice", "etth1" }

-- Recipes that are run once for each value of a space: the folds of one that holds out one voice after the other.
local FOLDS = { digits_new_voice = { space = "speaker", "george", "jackson", "lucas", "nicolas", "theo", "yweweler" } }

local PROFILES = "build/profiles"

local HEAD = [[
# Results of the recipes

Written by `make recipes` (tools/record_results.lua): each recipe as it stands, run in full. `met`: the recipe's own threshold. `cv`: mean and
standard deviation over the folds of `moonlab cv`, for recipes that say how they are to be cross-validated (`assess.cv`). Times are
those of the run, beside whatever else the machine had to do. What the data look like stands in `build/profiles/NAME.html` after
`make recipes`, or say `moonlab data recipes/NAME.lua --out NAME.html`.

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

local function row(name, score, threshold, metrics, config, seconds)
  local trained = ("%d epochs, %d steps"):format(metrics.epochs, metrics.steps)
  if metrics.stopped == "solved" then trained = ("solved, %d iterations"):format(metrics.steps) end
  return ("| [%s](../recipes/%s.lua) | %s | %s | %s | %d | %d s | %s |"):format(name, name, score, threshold, trained, config.model.parameters,
    seconds // 1, machine())
end

local function not_run(name) return ("| %s | did not run to its end | | | | | %s |"):format(name, machine()) end

-- How many numbers a file of tensors holds.
local function numbers_in(path)
  local count = 0
  for _, tensor in pairs(require "moonlab".load(path)) do count = count + tensor:numel() end
  return count
end

-- What a run folder tells: its metrics and its configuration, or nil.
local function read_run(folder)
  local text = read(folder .. "/metrics.json")
  if text == "" then return nil end
  local metrics, config = json.decode(text), json.decode(read(folder .. "/config.json"))
  if metrics.stopped == "solved" then config.model.parameters = numbers_in(folder .. "/model.safetensors") end
  return metrics, config
end

-- What `moonlab COMMAND` made of a recipe.
local function run(name, override, command)
  local folder = os.tmpname()
  os.remove(folder)
  os.execute(("%s %s recipes/%s.lua %s --out %s >/dev/null"):format(arg[-1], command or "run", name, override or "", folder))
  return read_run(folder)
end

-- "; cv of 10 folds: rmse 4.7232 ± 0.7266, ..." of a recipe that says how it is to be cross-validated; else nothing.
local function cross_validated(name)
  if not read("recipes/" .. name .. ".lua"):find "[{ ]cv%s*=" then return "" end
  local result, texts = run(name, "--jobs 2", "cv"), {}
  if not result then return "; cv did not run to its end" end
  for i, one in ipairs(result.metrics) do texts[i] = one.mean and ("%s %.4f ± %.4f"):format(one.metric, one.mean, one.std or 0) or one.metric .. " undefined" end
  return ("; cv of %d folds: %s"):format(result.folds, table.concat(texts, ", "))
end

local function row_of(name, metrics, config)
  if not metrics then return not_run(name) end
  local score, threshold = scores(metrics)
  return row(name, score .. cross_validated(name), threshold, metrics, config, metrics.seconds)
end

-- One row: the accuracy of each fold, the mean, and whether the mean reaches the threshold.
local function folds_row(name, folds)
  local texts, sum, seconds, metrics, config = {}, 0, 0, nil, nil
  for i, value in ipairs(folds) do
    metrics, config = run(name, folds.space .. "=" .. value)
    if not metrics then return not_run(name) end
    local accuracy = metrics.test.accuracy
    texts[i], sum, seconds = ("%s %.4f"):format(value, accuracy), sum + accuracy, seconds + metrics.seconds
  end
  local mean, asked = sum / #folds, metrics.accept[1].threshold
  return row(name, ("test accuracy, held out: %s; mean %.4f"):format(table.concat(texts, ", "), mean),
    ("accuracy %s: %s by the mean"):format(asked, mean >= asked and "met" or "missed"), metrics, config, seconds)
end

-- What the data look like, as a page; the recipe has told by now what is wrong with them.
local function write_profile(name)
  os.execute(("mkdir -p %s && %s data recipes/%s.lua --out %s/%s.html >/dev/null"):format(PROFILES, arg[-1], name, PROFILES, name))
end

-- The lines that stand there, by recipe.
local lines = {}
for line in read(PAGE):gmatch "[^\n]+" do
  local name = line:match "^| %[?([%w_]+)"
  if name and name ~= "recipe" then lines[name] = line end
end

for _, word in ipairs(#arg > 0 and arg or ALL) do
  local name, folder = word:match "^([%w_]+)=?(.*)$"
  if folder ~= "" then lines[name] = row_of(name, read_run(folder))
  elseif FOLDS[name] then lines[name] = folds_row(name, FOLDS[name])
  else lines[name] = row_of(name, run(name)) end
  write_profile(name)
  print(lines[name])
  local list = {}
  for _, one in ipairs(ALL) do list[#list + 1] = lines[one] end
  local file = assert(io.open(PAGE, "w"))
  file:write(HEAD, table.concat(list, "\n"), "\n")
  file:close()
end
