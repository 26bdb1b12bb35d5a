--- moonlab runs: what stands in run folders, compared, drawn and removed.

local failure = require "moonlab.failure"
local json = require "moonlab.json"
local plot = require "moonlab.plot"
local suggest = require "moonlab.suggest"
local compare = require "moonlab.runs.compare"
local runs = require "moonlab.runs.open"
local letters = require "moonlab.plot.text"
local vm = require "moonlab.vm"

local FILES = 8 -- that are shown one by one

local actions = {}

local function say(text) io.stdout:write(text, "\n") end

local function object(value) return type(value) == "table" and value or {} end

-- Tables --------------------------------------------------------------------------------------------------------------

-- Rows of cells in columns as wide as their widest cell.
local function aligned(rows)
  local widths, out = {}, {}
  for _, row in ipairs(rows) do
    for i, cell in ipairs(row) do widths[i] = math.max(widths[i] or 0, letters.width(cell)) end
  end
  for r, row in ipairs(rows) do
    local parts = {}
    for i, cell in ipairs(row) do parts[i] = cell .. (" "):rep(widths[i] - letters.width(cell)) end
    out[r] = table.concat(parts, "  "):gsub("%s+$", "")
  end
  return table.concat(out, "\n")
end

local function shown(value) return letters.clean(value == nil and "-" or tostring(value)) end

-- "2026-11-26 23:04" of "2026-11-26T23:04:44Z"
local function when(run)
  local day, time = shown(run.record.started):match "^(%d+%-%d+%-%d+)T(%d+:%d+)"
  return day and day .. " " .. time or "-"
end

local function model_of(run)
  local model = run.search and "search" or run.record.model or object(run.config.model).name
  return type(model) == "string" and model or "-"
end

local function scores_text(run, most)
  local scores, part, names = runs.scores(run)
  if #names == 0 then return "-" end
  local parts = {}
  for i, name in ipairs(names) do
    if i <= most then parts[i] = ("%s %.4f"):format(shown(name), scores[name]) end
  end
  return ("%s: %s"):format(part or "?", table.concat(parts, ", "))
end

-- ls ------------------------------------------------------------------------------------------------------------------

local function entries_of(run)
  local scores, part, names = runs.scores(run)
  local list = {}
  for i, name in ipairs(names) do list[i] = { name, scores[name] } end
  return { { "run", run.path }, { "name", run.config.name }, { "when", run.record.started }, { "task", run.config.task }, { "model", model_of(run) },
    { "status", run.status }, { "part", part }, { "scores", json.object(list) }, { "problems", #run.problems > 0 and json.list(run.problems) or nil } }
end

function actions.ls(words, options)
  local folders = #words > 0 and words or { "runs" }
  local rows, damaged, any = { { "run", "when (UTC)", "task", "model", "status", "scores" } }, {}, false
  for _, folder in ipairs(folders) do
    if vm.exists(folder) ~= "directory" and #words > 0 then failure.raise("data", "runs ls: there is no folder %s", folder) end
    for _, run in ipairs(runs.list(folder)) do
      any = true
      if options.json then say(json.encode(json.object(entries_of(run)))) end
      rows[#rows + 1] = { shown(run.name), when(run), shown(run.config.task), shown(model_of(run)), run.status, scores_text(run, 3) }
      for _, problem in ipairs(run.problems) do damaged[#damaged + 1] = ("%s/%s"):format(run.path, shown(problem)) end
    end
  end
  if options.json then return 0 end
  say(any and aligned(rows) or ("no runs in %s"):format(table.concat(folders, ", ")))
  for _, line in ipairs(damaged) do say(line) end
  return 0
end

-- show ----------------------------------------------------------------------------------------------------------------

local function baseline_of(run, name)
  local value = object(object(object(run.metrics).baseline).scores)[name]
  if type(value) == "number" then return ("%.4f"):format(value) end
  for _, one in ipairs(object(object(run.metrics).metrics)) do
    if type(one) == "table" and one.metric == name and type(one.baseline) == "number" then return ("%.4f"):format(one.baseline) end
  end
  return "-"
end

local function facts_of(run)
  local config, parts = run.config, {}
  local facts = { { "name", shown(config.name) }, { "status", run.status }, { "when (UTC)", when(run) }, { "task", shown(config.task) }, { "model", shown(model_of(run)) },
    { "seed", shown(config.seed) } }
  for _, name in ipairs { "train", "valid", "test" } do
    local rows = object(object(config.split).rows)[name]
    if rows then parts[#parts + 1] = ("%s %s"):format(name, shown(rows)) end
  end
  facts[#facts + 1] = { "rows", table.concat(parts, ", ") }
  if run.record.look then facts[#facts + 1] = { "look", shown(run.record.look) } end
  for i, text in ipairs(object(config.overrides)) do facts[#facts + 1] = { i == 1 and "overrides" or "", shown(text) } end
  local files = object(object(config.data).files)
  for i, file in ipairs(files) do
    if i > FILES then break end
    facts[#facts + 1] = { i == 1 and "data" or "", ("%s  %s"):format(shown(object(file).sha256):sub(1, 16), shown(object(file).path)) }
  end
  if #files > FILES then facts[#facts + 1] = { "", ("and %d more files"):format(#files - FILES) } end
  return facts
end

function actions.show(words, options)
  if #words ~= 1 then failure.raise("usage", "runs show: one run expected, as in moonlab runs show runs/churn-1") end
  local run = runs.open(words[1], "runs show")
  if options.json then
    local entries = entries_of(run)
    for _, name in ipairs { "record", "config", "metrics" } do entries[#entries + 1] = { name, run[name] } end
    say(json.encode(json.object(entries)))
    return 0
  end
  say(aligned(facts_of(run)))
  local scores, part, names = runs.scores(run)
  local rows = { { "", part or "", not run.search and "baseline" or nil } }
  for _, name in ipairs(names) do rows[#rows + 1] = { shown(name), ("%.4f"):format(scores[name]), not run.search and baseline_of(run, name) or nil } end
  if #names > 0 then say("\n" .. aligned(rows)) end
  for _, problem in ipairs(run.problems) do say(shown(problem)) end
  return 0
end

-- diff ----------------------------------------------------------------------------------------------------------------

local function value_of(value)
  if value == nil then return "-" end
  if math.type(value) == "float" then return ("%.6g"):format(value) end
  return shown(value)
end

local function differing(title, list, names)
  if #list == 0 then return title .. ": the same" end
  local rows = { { title, names[1], names[2] } }
  for _, one in ipairs(list) do rows[#rows + 1] = { "  " .. shown(one.field), value_of(one.a), value_of(one.b) .. (one.others and " (other rows)" or "") } end
  return aligned(rows)
end

local function recipe_text(list)
  if #list == 0 then return "recipe: the same" end
  local out = { "recipe" }
  for _, one in ipairs(list) do out[#out + 1] = ("%s%4d  %s"):format(one.sign, one.number, shown(one.text)) end
  return table.concat(out, "\n")
end

local function scores_table(found, names)
  local rows = { { "scores", names[1], names[2], "difference", found.paired and "p" or nil } }
  for _, one in ipairs(found.scores) do
    rows[#rows + 1] = { "  " .. shown(one.field), one.a and ("%.4f"):format(one.a) or "-", one.b and ("%.4f"):format(one.b) or "-",
      one.a and one.b and ("%+.4f"):format(one.b - one.a) or "-", found.paired and (one.p and ("%.2g"):format(one.p) or "-") or nil }
  end
  if found.parts[1] ~= found.parts[2] then rows[#rows + 1] = { "  of", shown(found.parts[1]), shown(found.parts[2]), "not the same part" } end
  return aligned(rows)
end

local function drawing(options, o)
  local terminal = options.terminal
  o.height, o.width, o.utf8 = 14, math.min(terminal.stdout_tty and terminal.columns or 80, 100), terminal.utf8
  return o
end

-- The curves of several runs over each other: of the validation loss where all have one, else of the training loss.
local function curves(list, options)
  local field = "valid_loss"
  for _, run in ipairs(list) do
    for _, record in ipairs(run.log or {}) do
      if type(record.valid_loss) ~= "number" then field = "loss" end
    end
  end
  local groups = {}
  for _, run in ipairs(list) do
    local values = {}
    for _, record in ipairs(run.log or {}) do
      if type(record[field]) == "number" then values[#values + 1] = record[field] end
    end
    if #values > 1 then groups[#groups + 1] = { run.name, values } end
  end
  if #groups == 0 then return nil end
  return tostring(plot.line(groups, drawing(options, { title = (field == "loss" and "training" or "validation") .. " loss", x_label = "epoch" })))
end

-- The scores of the folds of cross-validations, a box each, by the first metric of the first of them.
local function fold_boxes(list, options)
  local metric, values, by
  for _, run in ipairs(list) do
    for _, fold in ipairs(run.folds or {}) do
      metric, values, by = metric or object(object(run.config.assess).metrics)[1], values or {}, by or {}
      local score = object(fold.scores)[metric]
      if type(score) == "number" then values[#values + 1], by[#by + 1] = score, run.name end
    end
  end
  if not values or #values == 0 then return nil end
  return tostring(plot.box(values, drawing(options, { by = by, title = shown(metric) .. " of the folds" })))
end

-- The scores of a search in the order of its trials.
local function trial_points(run, options)
  local numbers, means, metrics = {}, {}, object(run.metrics)
  for _, trial in ipairs(run.search and object(metrics.trials) or {}) do
    if type(object(trial).mean) == "number" then numbers[#numbers + 1], means[#means + 1] = trial.trial, trial.mean end
  end
  if #means == 0 then return nil end
  return tostring(plot.scatter(numbers, means, drawing(options, { title = run.name .. ": its trials", x_label = "trial", y_label = shown(metrics.select) })))
end

-- What can be drawn of runs of any kind: a list of texts.
local function drawings(list, options)
  local out = { curves(list, options) }
  out[#out + 1] = fold_boxes(list, options)
  for _, run in ipairs(list) do out[#out + 1] = trial_points(run, options) end
  return out
end

function actions.diff(words, options)
  if #words ~= 2 then failure.raise("usage", "runs diff: two runs expected, as in moonlab runs diff churn-1 churn-2") end
  local a, b = runs.open(words[1], "runs diff"), runs.open(words[2], "runs diff")
  local found = compare.runs(a, b)
  if options.json then
    say(json.encode(json.object(table.move(compare.entries(found), 1, 5, 3, { { "a", a.path }, { "b", b.path } }))))
    return 0
  end
  local names = { shown(a.name), shown(b.name) }
  say(recipe_text(found.recipe))
  say(differing("settings", found.settings, names))
  say(differing("data", found.data, names))
  say(differing("split", found.split, names))
  say(scores_table(found, names))
  if found.paired then say "p: how often chance alone differs so much in the same folds, by the corrected resampled t test (Nadeau and Bengio 2003)" end
  for _, text in ipairs(drawings({ a, b }, options)) do say("\n" .. text) end
  for _, run in ipairs { a, b } do
    for _, problem in ipairs(run.problems) do say(("%s/%s"):format(run.path, shown(problem))) end
  end
  return 0
end

-- plot ----------------------------------------------------------------------------------------------------------------

function actions.plot(words, options)
  if #words == 0 then failure.raise("usage", "runs plot: which run?") end
  local list = {}
  for i, word in ipairs(words) do
    list[i] = runs.open(word, "runs plot")
    if options.json then say(json.encode(json.object { { "run", list[i].path }, { "log", json.list(list[i].log or {}) },
      { "folds", list[i].folds and json.list(list[i].folds) }, { "trials", list[i].search and object(list[i].metrics).trials } })) end
  end
  if options.json then return 0 end
  local texts = drawings(list, options)
  say(#texts > 0 and table.concat(texts, "\n\n") or "there is nothing to draw: a model that is solved has no epochs; its report.html has its figures")
  return 0
end

-- rm ------------------------------------------------------------------------------------------------------------------

local function confirmed(paths, options)
  if options.yes then return true end
  if not (options.terminal.stdout_tty and vm.isatty(0)) then failure.raise("usage", "runs rm: there is nobody to ask; write --yes") end
  io.stdout:write(("remove %s? [y/N] "):format(table.concat(paths, ", ")))
  io.stdout:flush()
  local answer = io.stdin:read "l"
  return answer ~= nil and answer:lower():match "^%s*y" ~= nil
end

function actions.rm(words, options)
  if #words == 0 then failure.raise("usage", "runs rm: which run?") end
  local paths = {}
  for i, word in ipairs(words) do -- nothing is removed unless all can be
    paths[i] = runs.locate(word, "runs rm")
    if runs.is_at_work(paths[i]) then failure.raise("usage", "runs rm: %s is at work; end it first", paths[i]) end
  end
  if not confirmed(paths, options) then return 0 end
  for _, path in ipairs(paths) do
    local ok, problem = vm.remove_tree(path)
    if not ok then failure.raise("data", "runs rm: %s", problem) end
    say(options.json and json.encode(json.object { { "removed", path } }) or "removed " .. path)
  end
  return 0
end

local NAMES = { "ls", "show", "diff", "plot", "rm" }

--- Lists, shows, compares, draws or removes runs.
-- @param options  { inputs = the action and its words, json =, yes =, terminal = }
-- @return the exit status
-- @error a failure: no such run, no such action
return function(_, options)
  local words = table.move(options.inputs, 2, #options.inputs, 1, {})
  local name = options.inputs[1] or "ls"
  if not actions[name] then failure.raise("usage", "runs: %s", suggest.unknown("action", name, NAMES)) end
  return actions[name](words, options)
end
