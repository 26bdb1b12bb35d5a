--- moonlab run R.lua: trains a recipe, assesses the result, writes the run folder.

local core = require "moonlab.core"
local failure = require "moonlab.failure"
local json = require "moonlab.json"
local recipe_file = require "moonlab.recipe.file"
local plans = require "moonlab.recipe.plan"
local shapes = require "moonlab.recipe.shapes"
local prepare = require "moonlab.recipe.prepare"
local tables = require "moonlab.recipe.tables"
local config = require "moonlab.recipe.config"
local trainer = require "moonlab.train.trainer"
local Progress = require "moonlab.train.progress"
local Folder = require "moonlab.command.folder"
local assess = require "moonlab.command.assess"
local output = require "moonlab.command.output"
local records = require "moonlab.command.records"
local report = require "moonlab.command.report"

-- Only results go to stdout: with --json each is a line of JSON, and nothing else is.
local function emit(options, event, entries)
  if not options.json then return end
  table.insert(entries, 1, { "event", event })
  io.stdout:write(json.encode(json.object(entries)), "\n")
  io.stdout:flush()
end

local function write_inputs(folder, recipe, job)
  folder:write("recipe.lua", recipe.source)
  for _, module in ipairs(recipe.modules) do folder:write(module.name:gsub("%.", "/") .. ".lua", module.source) end
  folder:write("config.json", config.text(recipe, job))
  if not job.parts.cleaning then return end
  folder:write("cleaning.json", json.encode(records.cleaning(job.parts.cleaning), "  ") .. "\n")
  if job.parts.cleaning.quarantine then job.parts.cleaning.quarantine:write_csv(folder:file "quarantine.csv") end
end

-- The optimizer of the model, or of several models one each, by name: their schedules go on together.
local function attach(recipe, model)
  local wish = recipe.fields.train.optimizer
  if not recipe.several then return wish:attach(model) end
  local all = {}
  function all:set_progress(progress, epochs)
    for name in pairs(wish) do self.lr = self[name]:set_progress(progress, epochs) end
    return self.lr
  end
  for name, optimizer in pairs(wish) do all[name] = optimizer:attach(model[name]) end
  return all
end

-- What a run folder holds anyway.
local OWN_FILES = { ["recipe.lua"] = true, ["config.json"] = true, ["log.jsonl"] = true, ["metrics.json"] = true,
  ["model.safetensors"] = true, ["cleaning.json"] = true, ["quarantine.csv"] = true }

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

-- How many classes y has; false where y are none, nil where it is not said.
local function classes_of(job)
  if not job.plan.classes then return false end
  return job.classes and #job.classes or nil
end

local function train(recipe, job, folder, options)
  local wish, terminal = recipe.fields.train, options.terminal
  local progress = Progress.new {
    terminal = terminal.stderr_tty, columns = terminal.columns, utf8 = terminal.utf8, quiet = options.quiet,
  }
  output.above(progress)
  return trainer.fit {
    model = job.model, optimizer = attach(recipe, job.model), loss = job.plan.loss, step = wish.step, train = job.parts.train,
    steps_in_all = wish.steps, steps_each = wish.steps and (wish.eval_every or math.max(1, wish.steps // 10)),
    methods = methods(folder, progress), source = recipe.fields.data.source, valid = job.parts.valid, batch = wish.batch,
    workers = wish.workers, by_length = wish.by_length,
    epochs = wish.epochs, patience = wish.patience, clip = wish.clip, accumulate = wish.accumulate, ema = wish.ema,
    augment = recipe.fields.augment, select = job.plan.select, metrics = job.plan.metrics, seed = recipe.fields.seed,
    classes = classes_of(job), values = job.plan.values, pixels = job.plan.pixels, progress = progress, on_epoch = wish.on_epoch, on_batch = wish.on_batch,
    on_record = function(_, record)
      if record.best or not job.parts.valid then
        job.model:save(folder:file "model.safetensors", records.metadata(recipe, job))
        job.saved = true
      end
      folder:append("log.jsonl", json.encode(json.object(records.epoch(record, job.plan.metrics))))
      emit(options, "epoch", records.epoch(record, job.plan.metrics))
      progress:say(report.epoch(record, wish, job.plan.metrics))
    end,
  }
end

-- Where ^C or a loss that is not finite has ended the training: what was reached is kept, and said.
local function stopped_early(run, job, folder)
  local message = failure.message_of(run.problem)
  if run.stopped == "interrupted" then
    message = ("interrupted in epoch %d, after step %d"):format(run.epoch, run.steps)
  end
  local kept = "no epoch was done, so nothing was kept"
  if job.saved then
    folder:write("metrics.json", json.encode(json.object(records.result(run)), "  ") .. "\n")
    kept = ("the weights of epoch %d and the log are in %s"):format(run.best and run.best.epoch or #run.records,
      folder.path)
  end
  failure.raise(run.stopped, "%s\n%s", message, kept)
end

local function train_and_assess(recipe, job, folder, options)
  local started = core.clock()
  write_inputs(folder, recipe, job)
  local run = train(recipe, job, folder, options)
  if run.problem then stopped_early(run, job, folder) end
  if not job.saved then job.model:save(folder:file "model.safetensors", records.metadata(recipe, job)) end
  job.saved = true
  if recipe.fields.train.finish then recipe.fields.train.finish(run) end
  local result = assess.model(job.model, job.parts, job.plan)
  local seconds = core.clock() - started
  folder:write("metrics.json", json.encode(json.object(records.result(run, result, seconds)), "  ") .. "\n")
  local entries = records.result(run, result, seconds)
  entries[#entries + 1] = { "folder", folder.path }
  emit(options, "result", entries)
  return run, result
end

-- Everything that can be wrong is found before the run folder is there.
local function prepared(recipe)
  local job = { plan = plans.of(recipe) }
  local tabular = tables(recipe)
  if tabular then -- what the model sees is known when the features are fitted
    job.parts = prepare.data(recipe)
    job.summary, job.peek = shapes.check(recipe, job.plan, job.parts)
  else
    job.summary, job.peek = shapes.check(recipe, job.plan)
    job.parts = prepare.data(recipe)
  end
  if job.plan.class_weights then job.plan.class_weights:fit(job.parts.train:labels()) end
  job.files = recipe.fields.data.source:files()
  if tabular then table.move(tabular.files(recipe), 1, 1, #job.files + 1, job.files) end
  job.counts, job.classes, job.normalise = job.parts.counts, job.parts.classes, job.parts.normalise
  job.input = job.peek.x
  job.model = prepare.model(recipe, job.input)
  return job
end

local function say(options, format, ...)
  if not options.quiet then io.stderr:write(format:format(...), "\n") end
end

--- Trains and assesses a recipe.
-- @param path     the recipe's file
-- @param options  { overrides = list, out = folder, seed =, json =, quiet =, terminal = { stdout_tty, stderr_tty,
--                 columns, utf8, color } }
-- @return the exit status: 0, or 3 where an accept threshold was missed
-- @error a failure with its exit status: 1 a wrong recipe, 2 a wrong override, 4 data or file, 5 diverged, 130
--          interrupted
return function(path, options)
  output.begin(options.json)
  local recipe = recipe_file.load(path, options)
  Folder.check(options.out)
  local job = prepared(recipe)
  say(options, "%s: %d rows to train on, %d to validate, %d held out; %d parameters", recipe.fields.name,
    job.counts.train, job.counts.valid or 0, job.counts.test or 0, job.summary.parameters)
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
    io.stdout:write(("%d epochs%s; run folder %s\n"):format(#run.records, best, folder.path))
  end
  return result and result.missed and failure.status.missed or 0
end
