--- moonlab run R.lua: trains a recipe, assesses the result, writes the run folder.

local failure = require "moonlab.failure"
local recipe_file = require "moonlab.recipe.file"
local Job = require "moonlab.recipe.job"
local execute = require "moonlab.command.execute"
local Folder = require "moonlab.command.folder"
local output = require "moonlab.command.output"
local report = require "moonlab.command.report"
local suspicions = require "moonlab.command.suspicions"
local lock = require "moonlab.runs.lock"

local function say(options, format, ...)
  if not options.quiet then io.stderr:write(format:format(...), "\n") end
end

--- Trains and assesses a recipe.
-- @param path     the recipe's file
-- @param options  { overrides = list, out = folder, seed =, json =, quiet =, lock = write the recipe's lock, terminal = { stdout_tty, stderr_tty,
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
  if job.plan.told then say(options, "%s", job.plan.told) end
  if job.parts.cleaning then say(options, "%s", require "moonlab.data.cleaning".text(job.parts.cleaning)) end
  job.warnings = suspicions.say(recipe, job.peek.looked, options)
  local folder = Folder.create(recipe.fields.name, options.out)
  local run, result = execute(job, folder, options)
  local locked = options.lock and lock.write(path, folder.path)
  if not options.json then
    if result then io.stdout:write(report.text(result, run, options.terminal), "\n") end
    local best = run.best and (", weights of epoch %d"):format(run.best.epoch) or ""
    io.stdout:write(("%s%s; run folder %s\n"):format(run.fitted and report.solved(run) or ("%d epochs"):format(#run.records), best, folder.path))
    if locked then io.stdout:write("locked in ", locked, "\n") end
  end
  return result and result.missed and failure.status.missed or 0
end
