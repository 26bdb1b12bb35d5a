--- moonlab run R.lua: trains a recipe, assesses the result, writes the run folder.

local core = require "moonlab.core"
local failure = require "moonlab.failure"
local json = require "moonlab.json"
local recipe_file = require "moonlab.recipe.file"
local Job = require "moonlab.recipe.job"
local config = require "moonlab.recipe.config"
local Progress = require "moonlab.train.progress"
local Folder = require "moonlab.command.folder"
local output = require "moonlab.command.output"
local records = require "moonlab.command.records"
local report = require "moonlab.command.report"
local Record = require "moonlab.runs.record"

-- Only results go to stdout: with --json each is a line of JSON, and nothing else is.
local function emit(options, event, entries)
  if not options.json then return end
  table.insert(entries, 1, { "event", event })
  io.stdout:write(json.encode(json.object(entries)), "\n")
  io.stdout:flush()
end

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
  ["model.safetensors"] = true, ["cleaning.json"] = true, ["record.json"] = true, ["quarantine.csv"] = true }

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
      emit(options, "epoch", records.epoch(record, job.plan.metrics))
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

local function train_and_assess(recipe, job, folder, options)
  local started = core.clock()
  write_inputs(folder, recipe, job)
  local record = Record.begin(folder, "run", recipe)
  record:of_parts(job)
  local run = fit(job, folder, options)
  if run.problem then stopped_early(run, job, folder, record) end
  if not job.saved then job.model:save(folder:file "model.safetensors", records.metadata(recipe, job)) end
  job.saved = true
  if recipe.fields.train.finish then recipe.fields.train.finish(run) end
  local result = job:judge()
  local seconds = core.clock() - started
  folder:write("metrics.json", json.encode(json.object(records.result(run, result, seconds)), "  ") .. "\n")
  record:finish(result and result.missed and "missed" or "done")
  local entries = records.result(run, result, seconds)
  entries[#entries + 1] = { "folder", folder.path }
  emit(options, "result", entries)
  return run, result
end

local function say(options, format, ...)
  if not options.quiet then io.stderr:write(format:format(...), "\n") end
end

--- Trains and assesses a recipe.
-- @param path     the recipe's file
-- @param options  { overrides = list, out = folder, seed =, json =, quiet =, terminal = { stdout_tty, stderr_tty,
--                 columns, utf8, color }, read = function(recipe) -> what prepare.read gives, where it was read already }
-- @return the exit status: 0, or 3 where an accept threshold was missed
-- @error a failure with its exit status: 1 a wrong recipe, 2 a wrong override, 4 data or file, 5 diverged, 130
--          interrupted
return function(path, options)
  output.begin(options.json)
  local recipe = recipe_file.load(path, options)
  Folder.check(options.out)
  local job = Job.prepare(recipe, options.read and options.read(recipe)) -- everything that can be wrong is found before the run folder is there
  say(options, "%s: %d rows to train on, %d to validate, %d held out; %s", recipe.fields.name,
    job.counts.train, job.counts.valid or 0, job.counts.test or 0,
    job.summary and ("%d parameters"):format(job.summary.parameters) or recipe.fields.model._name)
  if job.parts.cleaning then say(options, "%s", require "moonlab.data.cleaning".text(job.parts.cleaning)) end
  local folder = Folder.create(recipe.fields.name, options.out)
  local ok, run, result = pcall(train_and_assess, recipe, job, folder, options)
  if not ok then
    if not job.saved then folder:abandon() end
    error(run, 0)
  end
  if not options.json then
    if result then io.stdout:write(report.text(result, run, options.terminal), "\n") end
    local best = run.best and (", weights of epoch %d"):format(run.best.epoch) or ""
    io.stdout:write(("%s%s; run folder %s\n"):format(run.fitted and report.solved(run) or ("%d epochs"):format(#run.records), best, folder.path))
  end
  return result and result.missed and failure.status.missed or 0
end
