--- moonlab search R.lua: tries the values of a recipe's spaces, chooses, trains with what was chosen, and judges that once.

local core = require "moonlab.core"
local failure = require "moonlab.failure"
local json = require "moonlab.json"
local metrics = require "moonlab.metrics"
local config = require "moonlab.recipe.config"
local plans = require "moonlab.recipe.plan"
local space = require "moonlab.space"
local team = require "moonlab.recipe.team"
local vm = require "moonlab.vm"
local folds = require "moonlab.assess.folds"
local board = require "moonlab.search.board"
local choose = require "moonlab.search.choose"
local importance = require "moonlab.search.importance"
local Journal = require "moonlab.search.journal"
local Judge = require "moonlab.search.judge"
local methods = require "moonlab.search.methods"
local nested = require "moonlab.search.nested"
local page = require "moonlab.search.page"
local plots = require "moonlab.search.plots"
local Trials = require "moonlab.search.trials"
local Folder = require "moonlab.command.folder"
local output = require "moonlab.command.output"
local run = require "moonlab.command.run"
local suspicions = require "moonlab.command.suspicions"
local Record = require "moonlab.runs.record"

local function say(options, format, ...)
  if not options.quiet then io.stderr:write(format:format(...), "\n") end
end

-- The folder -----------------------------------------------------------------------------------------------------------------

-- The last search of these hashes in runs/ that has not come to its end and is in nobody's hands: its path and what holds it; or nil.
local function unfinished(name, hashes)
  local numbers = {}
  for _, entry in ipairs(vm.listdir "runs" or {}) do
    numbers[#numbers + 1] = entry:sub(1, #name + 1) == name .. "-" and math.tointeger(tonumber(entry:sub(#name + 2):match "^%d+$")) or nil
  end
  table.sort(numbers)
  for i = #numbers, 1, -1 do
    local path = ("runs/%s-%d"):format(name, numbers[i])
    local held = Journal.is_of(path, hashes) and vm.lock_folder(path)
    if held and not vm.exists(path .. "/chosen.json") then return path, held end -- it may have come to its end before it was held
  end
end

local function held_by_me(path)
  local held, problem = vm.lock_folder(path)
  if held then return held end
  failure.raise(problem and "data" or "usage", "%s", problem or ("another search is at work in %s"):format(path))
end

-- The folder of the search, what holds it against others that search at the same time, whether it goes on in it.
local function folder_of(judge, options)
  local name = judge.recipe.fields.name .. "-search"
  local out = options.out and (options.out:gsub("(.)/+$", "%1"))
  if out and vm.exists(out .. "/journal.jsonl") then return Folder.create(name, out), held_by_me(out), true end
  if not out then
    local path, held = unfinished(name, judge.hashes)
    if path then return Folder.create(name, path), held, true end
  end
  Folder.check(out)
  local folder = Folder.create(name, out)
  return folder, held_by_me(folder.path), false
end

-- What is written down --------------------------------------------------------------------------------------------------------

local function settings(trial)
  local entries = {}
  for _, entry in ipairs(trial.entries) do
    if not entry.fixed then
      local value = entry.value
      if type(value) == "table" or type(value) == "function" then value = space.shown(entry) end
      entries[#entries + 1] = { entry.name, value }
    end
  end
  return json.object(entries)
end

local function trial_entries(trial)
  return { { "trial", trial.number }, { "settings", settings(trial) }, { "mean", trial.mean }, { "std", trial.std }, { "folds", #trial.scores },
    { "rung", trial.rung }, { "stopped", trial.stopped } }
end

local function moments_of(summary)
  local out = {}
  for i, one in ipairs(summary) do out[i] = { one.metric, json.object { { "mean", one.mean }, { "std", one.std }, { "undefined", one.why } } } end
  return json.object(out)
end

-- Mean and deviation of all metrics of a trial.
local function summary_of(trial, names)
  local list = {}
  for i, answer in ipairs(trial.answers) do list[i] = { scores = answer.value.scores, why = answer.value.whys or {} } end
  return folds.summary(list, names)
end

local function nested_entry(inside)
  if not inside then return nil end
  local chosen = json.list()
  for i, trial in ipairs(inside.chosen) do chosen[i] = settings(trial) end
  return json.object { { "folds", inside.folds }, { "rows", inside.rows }, { "scores", moments_of(inside.summary) }, { "chosen", chosen } }
end

local function result_entries(judge, trials, chosen, inside)
  local wish, list, shares = judge.recipe.fields.search, json.list(), {}
  for i, trial in ipairs(trials) do list[i] = json.object(trial_entries(trial)) end
  for i, one in ipairs(importance.of(trials)) do shares[i] = { one.name, one.share } end
  return { { "method", wish.method }, { "select", judge.select }, { "rule", wish.rule }, { "judged_on", judge.ground.folds.on },
    { "rows", judge.ground.folds.rows }, { "chosen", chosen.number }, { "settings", settings(chosen) },
    { "scores", moments_of(summary_of(chosen, judge.plan.metrics)) }, { "nested", nested_entry(inside) }, { "importance", json.object(shares) }, { "trials", list } }
end

-- Searching -------------------------------------------------------------------------------------------------------------------

local function live(judge, options)
  local wish = judge.recipe.fields.search
  local terminal = options.terminal
  local function write(text)
    io.stderr:write(text)
    io.stderr:flush()
  end
  local shown = board.live { terminal = terminal.stderr_tty, columns = terminal.columns or 80, quiet = options.quiet, select = judge.select,
    rungs = judge.rungs, folds = judge.ground.folds.count,
    most = wish.trials or methods.trials(wish.method), write = write, clock = core.clock }
  output.above(shown)
  return shown, {
    opened = function(trial) shown:opened(trial) end,
    begun = function(trial) shown:begun(trial) end,
    closed = function(trial)
      shown:closed(trial)
      output.emit(options, "trial", trial_entries(trial))
    end,
  }
end

-- The trials of a search on the ground of a judge.
local function trials_of(judge, journal, options, watch)
  local wish = judge.recipe.fields.search
  return Trials.run {
    method = methods.new(wish.method, { seed = judge.recipe.fields.seed, points = wish.points }), most = wish.trials or methods.trials(wish.method),
    minutes = wish.minutes, jobs = options.jobs or 1, folds = judge.ground.folds.count, rungs = judge.rungs,
    larger = metrics.larger_is_better(judge.select), stop = wish.stop, watch = watch, journal = journal,
    ask = function(suggest) return judge:ask(suggest) end, run = function(task) return judge:run(task) end,
  }
end

local function watched_trials(judge, journal, options)
  local shown, watch = live(judge, options)
  local ok, trials = pcall(trials_of, judge, journal, options, watch)
  shown:clear()
  if not ok then error(trials, 0) end
  return trials
end

local function chosen_of(judge, trials)
  local wish, recipe = judge.recipe.fields.search, judge.recipe
  local problem = choose.problem(wish.simpler, trials)
  if problem then plans.blame(recipe, { "search", "simpler" }, "%s", problem) end
  local chosen, best = choose.one(trials, wish.rule, wish.simpler)
  if wish.rule == "1se" and not best.standard_error then
    plans.blame(recipe, { "search", "rule" }, "the rule 1se needs folds, which tell the error of a mean: give assess.cv, as in ml.kfold(10)")
  end
  return chosen, best
end

-- The search in each of several outer folds, or nil where the recipe does not wish it.
local function nested_of(judge, journal, options)
  local wish = judge.recipe.fields.search
  if not wish.nested then return nil end
  return nested.run(judge, journal, function(inner, own, i)
    local chosen = chosen_of(inner, trials_of(inner, own, options))
    say(options, "outer fold %d of %d: %s", i, wish.nested, board.line(chosen))
    return chosen
  end)
end

-- Training with what was chosen -------------------------------------------------------------------------------------------------

-- The overrides that give the chosen values.
local function overrides_of(options, chosen)
  local list = table.move(options.overrides or {}, 1, #(options.overrides or {}), 1, {})
  for _, entry in ipairs(chosen.entries) do
    if not entry.fixed then list[#list + 1] = ("%s=%s"):format(entry.name, space.text(entry)) end
  end
  return list
end

-- A part that no trial has seen says how good the choice is.
local function word_on(folder, inside, count)
  local text = vm.read(folder:file "final/metrics.json")
  if inside or text and json.decode(text).test then return nil end
  return ("The score of the chosen trial is that of the choice itself: the best of %d trials looks better than it is. A part that no trial has "
    .. "seen tells how good it is: give split.test, or search.nested."):format(count)
end

local function finish(judge, folder, options, trials, chosen, inside)
  local overrides = overrides_of(options, chosen)
  if vm.exists(folder:file "final") then vm.remove_tree(folder:file "final") end
  local status = run(judge.path, { overrides = overrides, out = folder:file "final", seed = options.seed, json = options.json, quiet = true,
    terminal = options.terminal, read = function(recipe) return judge.ground:read_for(recipe) end })
  local word = word_on(folder, inside, #trials)
  folder:write("chosen.json", json.encode(json.object { { "trial", chosen.number }, { "settings", settings(chosen) }, { "overrides", json.list(overrides) },
    { "run", "final" }, { "optimistic", word and true or nil } }, "  ") .. "\n")
  if word and not options.json then io.stdout:write(word, "\n") end
  return status
end

-- Paper -------------------------------------------------------------------------------------------------------------------------

local function print_table(judge, folder, options, trials, chosen, best)
  if options.json then return end
  local lines = { board.text(trials, { select = judge.select, rungs = judge.rungs, chosen = chosen }), "" }
  if chosen ~= best then
    lines[#lines + 1] = ("best is trial %d; trial %d is simpler, and within one standard error (%.4f) of it"):format(best.number, chosen.number, best.standard_error)
  end
  local shown = plots.text(trials, { select = judge.select, width = math.min(options.terminal.columns or 80, 80), utf8 = options.terminal.utf8,
    points = options.terminal.stdout_tty })
  if shown then table.move({ shown, "" }, 1, 2, #lines + 1, lines) end
  lines[#lines + 1] = ("chosen: trial %d, %s"):format(chosen.number, board.line(chosen))
  io.stdout:write(table.concat(lines, "\n"), "\n")
end

-- What nested folds say of the choice.
local function print_nested(inside, options)
  if not inside or options.json then return end
  local parts = {}
  for i, one in ipairs(inside.summary) do
    parts[i] = one.mean and ("%s %.4f +- %.4f"):format(one.metric, one.mean, one.std) or ("%s undefined: %s"):format(one.metric, one.why)
  end
  io.stdout:write(("a choice made so, on rows that it has not seen (%d outer folds): %s\n"):format(inside.folds, table.concat(parts, ", ")))
end

-- Whether the chosen trial has been trained, and is still there.
local function is_finished(folder) return vm.exists(folder:file "chosen.json") and vm.exists(folder:file "final/metrics.json") end

local function write_inputs(judge, folder)
  local recipe, target = judge.recipe, judge.ground.read.target
  folder:write_recipe(recipe)
  folder:write("config.json", config.text(recipe, { plan = judge.plan, files = judge.files, counts = { train = judge.ground.folds.rows },
    classes = target and target.classes or recipe.fields.data.source.classes }))
end

-- A page for people who were not there.
local function write_page(folder, options, given)
  folder:besides("report.html", options.quiet, function()
    given.word = word_on(folder, given.inside, #given.trials)
    folder:write("report.html", page(given))
  end)
end

local function search_in(judge, folder, journal, options, warnings)
  write_inputs(judge, folder)
  local record = Record.begin(folder, "search", judge.recipe)
  local trials = watched_trials(judge, journal, options)
  local chosen, best = chosen_of(judge, trials)
  local inside = nested_of(judge, journal, options)
  local entries = result_entries(judge, trials, chosen, inside)
  folder:write("trials.csv", board.csv(trials, { select = judge.select, rungs = judge.rungs }))
  folder:write("metrics.json", json.encode(json.object(entries), "  ") .. "\n")
  output.emit(options, "search", entries)
  print_table(judge, folder, options, trials, chosen, best)
  print_nested(inside, options)
  local status = 0
  if not is_finished(folder) then status = finish(judge, folder, options, trials, chosen, inside) end
  write_page(folder, options, { recipe = judge.recipe, record = record, trials = trials, chosen = chosen, best = best, select = judge.select, rungs = judge.rungs,
    scores = summary_of(chosen, judge.plan.metrics), inside = inside, on = judge.ground.folds.on, rows = judge.ground.folds.rows, files = judge.files,
    cleaning = judge.ground.read.cleaned, warnings = warnings })
  record:finish(status == failure.status.missed and "missed" or "done")
  if not options.json then io.stdout:write(("search folder %s\n"):format(folder.path)) end
  return status
end

--- Searches.
-- @param path     the recipe's file
-- @param options  as for run, with jobs = worker processes
-- @return the exit status: that of the run with what was chosen
-- @error a failure with its exit status; what was done so far is kept, and goes on when the search is started again
return function(path, options)
  output.begin(options.json)
  team.check(options.jobs, "search")
  local judge = Judge.new(path, options)
  if judge.recipe.fields.search.nested then nested.check(judge) end
  local folder, held <close>, goes_on = folder_of(judge, options)
  say(options, "%s: %s search by %s on %s%s", judge.recipe.fields.name, judge.recipe.fields.search.method, judge.select, judge.ground.folds.on,
    goes_on and "; goes on in " .. folder.path or "")
  if judge.recipe.fields.search.method == "halving" and judge.rungs == 1 then
    say(options, "there is nothing to halve, of so few %s or trials: each trial is judged in full, as a random search does", judge.recipe.solved and "rows" or "epochs")
  end
  local warnings = suspicions.say(judge.recipe, suspicions.of_fold(judge.ground.read, judge.ground.folds.at(1)), options)
  local journal
  local ok, status = pcall(function()
    journal = Journal.open(folder.path, judge.hashes)
    return search_in(judge, folder, journal, options, warnings)
  end)
  if ok then return status end
  if journal and journal.is_worth then
    say(options, "what was done is kept in %s; the same command goes on", folder.path)
  elseif not goes_on then
    folder:abandon()
  end
  if team.is_interrupt(status) then failure.raise("interrupted", "interrupted") end -- without a traceback, whatever was under way
  error(status, 0)
end
