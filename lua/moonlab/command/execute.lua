--- The execution of a recipe in its run folder: what `moonlab run` and `moonlab verify` have in common.

local core = require "moonlab.core"
local failure = require "moonlab.failure"
local json = require "moonlab.json"
local held_out = require "moonlab.assess.held_out"
local looks_at = require "moonlab.assess.looks_at"
local Job = require "moonlab.recipe.job"
local config = require "moonlab.recipe.config"
local Progress = require "moonlab.train.progress"
local output = require "moonlab.command.output"
local records = require "moonlab.command.records"
local report = require "moonlab.command.report"
local identity = require "moonlab.runs.identity"
local judged = require "moonlab.runs.judged"
local looks = require "moonlab.runs.looks"
local page = require "moonlab.runs.page"
local predictions = require "moonlab.runs.predictions"
local Record = require "moonlab.runs.record"

local function write_inputs(folder, recipe, job)
  folder:write_recipe(recipe)
  job.files = Job.files_of(recipe)
  folder:write("config.json", config.text(recipe, job))
  if not job.parts.cleaning then return end
  folder:write("cleaning.json", json.encode(records.cleaning(job.parts.cleaning), "  ") .. "\n")
  local aside = job.parts.cleaning.quarantine
  if aside then require "moonlab.recipe.tabular".as_written(recipe, aside):write_csv(folder:file "quarantine.csv") end
end

-- What a run folder holds anyway.
local OWN_FILES = { ["recipe.lua"] = true, ["config.json"] = true, ["log.jsonl"] = true, ["metrics.json"] = true,
  ["model.safetensors"] = true, ["cleaning.json"] = true, ["record.json"] = true, ["predictions.csv"] = true, ["report.html"] = true, ["quarantine.csv"] = true }

-- What hooks and steps can do with the run besides reading its fields.
local function methods(folder, progress)
  return {
    say = function(_, text) progress:say(tostring(text)) end,
    write = function(_, name, text)
      if type(name) ~= "string" or name:find "^/" or name:find "%.%." or name == "" or OWN_FILES[name] then
        failure.raise("error", "run:write takes the name of a new file in the run folder, such as 'samples.txt', got %s", tostring(name))
      end
      folder:write(name, text)
    end,
  }
end

local function fit(job, folder, options)
  local recipe, terminal = job.recipe, options.terminal
  local progress = Progress.new {
    terminal = terminal.stderr_tty, columns = terminal.columns, utf8 = terminal.utf8, quiet = options.quiet,
  }
  output.above(progress)
  return job:fit {
    progress = progress, methods = methods(folder, progress),
    on_record = function(_, record)
      if record.best or not job.parts.valid then
        job.model:save(folder:file "model.safetensors", records.metadata(recipe, job))
        job.saved = true
      end
      folder:append("log.jsonl", records.epoch(record, job.plan.metrics))
      output.emit(options, "epoch", records.epoch(record, job.plan.metrics))
      progress:say(report.epoch(record, recipe.fields.train, job.plan.metrics))
    end,
  }
end

-- Where ^C or a loss that is not finite has ended the training: what was reached is kept, and said.
local function stopped_early(run, job, folder, record)
  local kept = "no epoch was done, so nothing was kept"
  if job.saved then
    folder:write("metrics.json", json.encode(json.object(records.result(run)), "  ") .. "\n")
    kept = ("the weights of epoch %d and the log are in %s"):format(run.best and run.best.epoch or #run.records,
      folder.path)
    record:finish "stopped"
  end
  failure.raise(run.stopped, "%s\n%s", Job.stopped_early(run), kept)
end

-- Counts the look at a test part. A ledger that can't be written is no reason to lose a run.
local function count_look(job, result, options)
  if options.no_look or not result or result.part ~= "test" then return end
  local look, why = looks.add(identity.held_out(job, job.files, result.result), job.recipe.fields.name)
  if not look and not options.quiet then io.stderr:write(("warning: this look at the held-out part is not counted: %s\n"):format(why)) end
  result.look = look
end

local function train_and_assess(recipe, job, folder, options)
  local started = core.clock()
  write_inputs(folder, recipe, job)
  local record = Record.begin(folder, "run", recipe)
  record:of_parts(job)
  local run = fit(job, folder, options)
  if run.problem then stopped_early(run, job, folder, record) end
  if not job.saved or job.decision then job.model:save(folder:file "model.safetensors", records.metadata(recipe, job)) end
  job.saved = true
  if recipe.fields.train.finish then recipe.fields.train.finish(run) end
  local result = job:judge()
  count_look(job, result, options)
  local rows = judged.of_run(job, result)
  if rows and not options.no_page then result.intervals = judged.intervals(rows, held_out.names(job.plan)) end
  if rows and not options.no_page then result.looks_at, result.looks_at_problem = looks_at.of(job, result.part) end
  local seconds = core.clock() - started
  folder:write("metrics.json", json.encode(json.object(records.result(run, result, seconds)), "  ") .. "\n")
  if rows then folder:besides("predictions.csv", options.quiet, function() predictions.write(folder, rows, options.quiet) end) end
  record.look = result and result.look and result.look.count
  record:finish(result and result.missed and "missed" or "done")
  if not options.no_page then
    folder:besides("report.html", options.quiet, function() folder:write("report.html", page.of_run { job = job, run = run, result = result, judged = rows, record = record }) end)
  end
  local entries = records.result(run, result, seconds)
  entries[#entries + 1] = { "look", record.look }
  entries[#entries + 1] = { "folder", folder.path }
  output.emit(options, "result", entries)
  return run, result
end

--- Trains and assesses a job, and writes its run folder.
-- @param job      what Job.prepare gave
-- @param folder   of the run, new; it is gone again where nothing was reached
-- @param options  { json =, quiet =, terminal =, no_look = the ledger is left alone, no_page = no report.html }
-- @return the run, as job:fit gives it; the result, as job:judge gives it
-- @error what the training raises
return function(job, folder, options)
  local ok, run, result = pcall(train_and_assess, job.recipe, job, folder, options)
  if ok then return run, result end
  if not job.saved then folder:abandon() end
  error(run, 0)
end
