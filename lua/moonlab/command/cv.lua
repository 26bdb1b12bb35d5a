--- moonlab cv R.lua: cross-validates a recipe. What is held out stays untouched.

local core = require "moonlab.core"
local failure = require "moonlab.failure"
local json = require "moonlab.json"
local recipe_file = require "moonlab.recipe.file"
local Job = require "moonlab.recipe.job"
local plans = require "moonlab.recipe.plan"
local prepare = require "moonlab.recipe.prepare"
local config = require "moonlab.recipe.config"
local team = require "moonlab.recipe.team"
local folds = require "moonlab.assess.folds"
local spread = require "moonlab.assess.spread"
local metrics = require "moonlab.metrics"
local Folder = require "moonlab.command.folder"
local output = require "moonlab.command.output"
local report = require "moonlab.command.report"
local suspicions = require "moonlab.command.suspicions"
local judged = require "moonlab.runs.judged"
local page = require "moonlab.runs.page"
local predictions = require "moonlab.runs.predictions"
local Record = require "moonlab.runs.record"

local TOLD = 100 -- folds that are told as they are done, at most
local MOST = 40 -- folds that are shown: leave_one_out has as many as rows

-- The scores of a fold by name, in the order of the metrics.
local function named(scores, names)
  local entries = {}
  for i, name in ipairs(names) do entries[i] = { name, scores[name] } end
  return json.object(entries)
end

local function fold_entries(i, fold, names)
  return { { "fold", i }, { "rows", fold.rows }, { "positions", fold.positions }, { "scores", named(fold.scores, names) },
    { "baseline", fold.baseline and named(fold.baseline.scores, names) }, { "threshold", fold.threshold }, { "epochs", fold.epochs }, { "seconds", fold.seconds } }
end

local function result_entries(recipe, list, summary, rows)
  local metrics = json.list()
  for i, one in ipairs(summary) do
    local naive = #one.naive > 0 and json.list() or nil
    for k, answer in ipairs(one.naive) do naive[k] = json.object { { "answer", answer.name }, { "mean", answer.mean } } end
    metrics[i] = json.object { { "metric", one.metric }, { "mean", one.mean }, { "std", one.std }, { "baseline", one.baseline }, { "naive", naive },
      { "undefined", one.why } }
  end
  return { { "cv", tostring(prepare.cv(recipe)) }, { "folds", #list }, { "rows", rows }, { "metrics", metrics } }
end

-- How wide the column of a metric is.
local function width_of(one)
  local width = math.max(9, #one.metric, #report.score(one.baseline))
  for _, value in pairs(one.values) do width = math.max(width, #report.score(value)) end
  return width
end

-- A number, or a word in its place, in the column of a metric.
local function cell(one, value, otherwise) return ("%" .. width_of(one) .. "s"):format(value and report.score(value) or otherwise) end

local function row_of(head, rows, values)
  local parts = { rows == "" and ("%-16s"):format(head) or ("%-8s %7s"):format(head, rows) }
  for i, value in ipairs(values) do parts[i + 1] = value end
  return table.concat(parts, "  ")
end

-- A word where folds differ more than chance allows.
local function say_spread(list, summary)
  local lines = {}
  for _, one in ipairs(summary) do
    local rows, variances = {}, {}
    for k, fold in ipairs(list) do rows[k], variances[k] = fold.rows, fold.variances[one.metric] end
    local told = one.mean and #variances == #list and spread.told(one.metric, one.values, rows, variances)
    if told and told.differ then lines[#lines + 1] = told.text .. ": look at what the rows of a fold have in common" end
  end
  return lines
end

-- How folds decide their answers, where it is not by the scores as they are: what the first says, and the range of thresholds.
local function say_decisions(list)
  local lines, low, high = {}, math.huge, -math.huge
  if not list[1].decision then return lines end
  for _, line in ipairs(list[1].decision) do lines[#lines + 1] = "fold 1: " .. line end
  for _, fold in ipairs(list) do low, high = math.min(low, fold.threshold or low), math.max(high, fold.threshold or high) end
  if low < math.huge and #list > 1 then lines[#lines + 1] = ("thresholds of the folds: %.4f to %.4f"):format(low, high) end
  return lines
end

-- The row of a value of each metric, or nil where there is none.
local function row_below(name, summary, value_of)
  local cells, any = {}, false
  for i, one in ipairs(summary) do
    local value = value_of(one)
    cells[i], any = cell(one, value, "-"), any or value ~= nil
  end
  return any and row_of(name, "", cells) or nil
end

-- The table of folds, with mean, deviation and baseline below; where a metric has no mean also what the rows of all folds together score.
local function text_of(list, summary, rows)
  local head, lines, whole = {}, {}, true
  for i, one in ipairs(summary) do head[i], whole = cell(one, nil, one.metric), whole and not one.why end
  lines[1] = row_of("fold", "rows", head)
  for k = 1, math.min(#list, MOST) do
    local cells = {}
    for i, one in ipairs(summary) do cells[i] = cell(one, one.values[k], "undefined") end
    lines[#lines + 1] = row_of(tostring(k), tostring(list[k].rows), cells)
  end
  if #list > MOST then lines[#lines + 1] = ("... and %d more in folds.jsonl"):format(#list - MOST) end
  for _, what in ipairs { "mean", "std" } do lines[#lines + 1] = row_below(what, summary, function(one) return one[what] end) end
  lines[#lines + 1] = not whole and rows and row_below("all rows", summary, function(one) return metrics.is(one.metric) and metrics.of(one.metric, rows.result) or nil end)
    or nil
  lines[#lines + 1] = row_below("baseline", summary, function(one) return one.baseline end)
  for i, naive in ipairs(summary[1] and summary[1].naive or {}) do
    lines[#lines + 1] = row_below(naive.name, summary, function(one) return one.naive[i] and one.naive[i].mean end)
  end
  table.move(say_decisions(list), 1, 3, #lines + 1, lines)
  for _, one in ipairs(summary) do
    if one.why then lines[#lines + 1] = ("%s has no mean: %s"):format(one.metric, one.why) end
  end
  table.move(say_spread(list, summary), 1, #summary, #lines + 1, lines)
  return table.concat(lines, "\n")
end

-- A fold, with the variances of its scores; the outputs of its rows.
local function fold_of(recipe, read, list, i, names)
  local given = list.at(i)
  local fold, result, job = folds.run(recipe, read, given)
  fold.positions = core.sha256_text(table.concat(given.rows:tolist(), " ")):sub(1, 16) -- by which runs diff knows the same fold again
  local scored = {}
  for _, name in ipairs(names) do scored[#scored + 1] = metrics.is(name) and fold.scores[name] and name or nil end
  fold.variances = spread.within(scored, result.result, i, list.count, { seed = recipe.fields.seed })
  return fold, judged.of_fold(job, result)
end

-- Runs the folds; what is done stands in folds.jsonl at once. Gives what came of each, and the outputs of its rows.
local function run_folds(recipe, read, list, names, folder, options)
  local done, outputs, counted = {}, {}, 0
  team.map("fold", options.jobs or 1, list.count, function(i) return fold_of(recipe, read, list, i, names) end, function(i, fold, tensors)
    fold.why, done[i], outputs[i], counted = fold.why or {}, fold, tensors, counted + 1
    folder:append("folds.jsonl", fold_entries(i, fold, names))
    output.emit(options, "fold", fold_entries(i, fold, names))
    if not options.quiet and counted % math.ceil(list.count / TOLD) == 0 then
      io.stderr:write(("fold %d of %d done: %s %s\n"):format(i, list.count, names[1], report.score(fold.scores[names[1]])))
    end
  end)
  return done, outputs
end

-- The metrics that are shown: those of the recipe, and those that thresholds stand on.
local function names_of(plan)
  local names, seen = {}, {}
  for _, name in ipairs(plan.metrics) do names[#names + 1], seen[name] = name, true end
  for _, one in ipairs(plan.accept) do
    if not seen[one.metric] then names[#names + 1] = one.metric end
  end
  return names
end

local function write_inputs(folder, recipe, read, plan, rows, files)
  folder:write_recipe(recipe)
  folder:write("config.json", config.text(recipe, { plan = plan, files = files, counts = { train = rows },
    classes = read.target and read.target.classes or recipe.fields.data.source.classes }))
end

-- The files of a finished cross-validation.
local function write_results(given, folder, options)
  local recipe, done, summary = given.recipe, given.folds, given.summary
  folder:besides("predictions.csv", options.quiet, function()
    given.judged = judged.of_folds(recipe, given.read, given.plan, done, given.outputs)
    predictions.write(folder, given.judged, options.quiet)
  end)
  folder:besides("report.html", options.quiet, function()
    given.words = say_spread(done, summary)
    table.move(say_decisions(done), 1, 3, #given.words + 1, given.words)
    folder:write("report.html", page.of_folds(given))
  end)
end

-- Runs the folds and writes what came of them. given.scores is true from then on when they are kept.
local function cross_validate(given, list, folder, options)
  local recipe, names = given.recipe, names_of(given.plan)
  given.files = Job.files_of(recipe)
  write_inputs(folder, recipe, given.read, given.plan, list.rows, given.files)
  given.record = Record.begin(folder, "cv", recipe)
  given.folds, given.outputs = run_folds(recipe, given.read, list, names, folder, options)
  given.summary = folds.summary(given.folds, names)
  local entries = result_entries(recipe, given.folds, given.summary, list.rows)
  folder:write("metrics.json", json.encode(json.object(entries), "  ") .. "\n")
  given.scores = true
  write_results(given, folder, options)
  given.record:finish "done"
  return entries
end

--- Cross-validates.
-- @param path     the recipe's file
-- @param options  as for run, with jobs = worker processes
-- @return the exit status
-- @error a failure with its exit status
return function(path, options)
  output.begin(options.json)
  team.check(options.jobs, "cv")
  local recipe = recipe_file.load(path, options)
  Folder.check(options.out)
  local plan = plans.of(recipe)
  if not plan.loss then plans.blame(recipe, { "train", "step" }, "a recipe with a step of its own has no scores to be cross-validated") end
  local started, read = core.clock(), prepare.read(recipe)
  local list, how = prepare.folds(recipe, read), tostring(prepare.cv(recipe))
  if not options.quiet then io.stderr:write(("%s: %d folds of %d rows, %s\n"):format(recipe.fields.name, list.count, list.rows, how)) end
  local given = { recipe = recipe, plan = plan, read = read, cv = how, rows = list.rows, cleaning = read.cleaned,
    warnings = suspicions.say(recipe, suspicions.of_fold(read, list.at(1)), options) }
  local folder = Folder.create(recipe.fields.name .. "-cv", options.out)
  local ok, entries = pcall(cross_validate, given, list, folder, options)
  if not ok then
    if not given.scores then folder:abandon() end
    if team.is_interrupt(entries) then
      failure.raise("interrupted", "interrupted; %s", given.scores and "the scores are in " .. folder.path or "nothing was kept")
    end
    error(entries, 0)
  end
  output.emit(options, "result", table.move({ { "seconds", core.clock() - started }, { "folder", folder.path } }, 1, 2, #entries + 1, entries))
  if not options.json then io.stdout:write(text_of(given.folds, given.summary, given.judged), ("\nrun folder %s\n"):format(folder.path)) end
  return 0
end
