--- The training loop: epochs of steps, a validation score after each, the best weights at the end. Where the length is
-- given in steps, an "epoch" is the steps between two looks at the validation part, and passes follow one another.
--
-- A step whose loss or gradient is not finite is never applied: the training ends, and the step is run again in anomaly
-- mode, which names the op, its layer and its line. ^C ends it between two steps. However it ends, the model has the
-- best weights seen so far.

local core = require "moonlab.core"
local vm = require "moonlab.vm"
local ema = require "moonlab.optim.ema"
local failure = require "moonlab.failure"
local metrics = require "moonlab.metrics"
local weights = require "moonlab.train.weights"

local trainer = {}

-- Errors that end a training in an orderly way, by their exit status.
local STOPS = { [failure.status.interrupted] = "interrupted", [failure.status.diverged] = "diverged" }

local function finite(x) return x == x and x ~= math.huge and x ~= -math.huge end

local function stop_if_interrupted()
  if vm.interrupted() then failure.raise("interrupted", "interrupted") end
end

-- Runs the step again, looking at each op's result. Random numbers are a function of the step, so that it repeats
-- exactly.
local function diverged(run, batch, what, value)
  run.model:set_step(run.model:rng_state().step - 1)
  local before = core.set_anomaly(true)
  local ok, problem = pcall(function() run.loss(metrics.forward(run.model, batch), batch):backward() end)
  core.set_anomaly(before)
  local where = ok and "" or "\n  " .. failure.message_of(problem):gsub("\n", "\n  ")
  failure.raise("diverged",
    "the %s is %s at step %d (epoch %d); the step was not applied%s\n  hint: a smaller learning rate, or train.clip=1",
    what, value, run.steps, run.epoch, where)
end

-- Clips the gradients, if the recipe wishes it; the norm tells as well whether they are finite.
local function check_gradients(run, batch)
  if run.clip then
    local norm = run.optimizer:clip_norm(run.clip)
    if not finite(norm) then diverged(run, batch, "norm of the gradient", norm) end
  else
    local fine, name = run.optimizer:grads_finite()
    if not fine then diverged(run, batch, "gradient of " .. name, "not finite") end
  end
end

-- The gradients of a batch, whole or in pieces; the loss as a number.
local function gradients(run, batch)
  local function loss_of(piece)
    local loss, weight = run.loss(metrics.forward(run.model, piece), piece)
    local value = loss:item()
    -- the mean over no targets at all is NaN, and is left out
    if not finite(value) and weight ~= 0 then diverged(run, piece, "loss", value) end
    return loss, weight
  end
  if run.accumulate > 1 then return run.optimizer:accumulate(batch, run.accumulate, loss_of) end
  run.optimizer:zero_grad()
  local loss = loss_of(batch)
  loss:backward()
  return loss:item()
end

-- A step of the recipe's own: the loss that it gives, as a number.
local function own_step(run, batch)
  local loss = run.step(run, batch)
  local value = type(loss) == "userdata" and loss:item() or loss
  if type(value) ~= "number" then
    failure.raise("error", "train.step must return the loss to be shown, a number or a tensor of one element; it returned a %s", type(loss))
  end
  if not finite(value) then
    failure.raise("diverged", "the loss is %s at step %d (epoch %d)\n  hint: a smaller learning rate", value, run.steps, run.epoch)
  end
  return value
end

-- One step: the loss as a number. An optimizer that searches along its way looks at the batch several times; the bad
-- losses that it may find there are its own affair.
local function step(run, batch)
  run.steps = run.steps + 1
  if run.step then return own_step(run, batch) end
  local value = gradients(run, batch)
  check_gradients(run, batch)
  if run.optimizer.kind.step then
    local first = true
    run.optimizer:step(function()
      if not first then value = gradients(run, batch) end
      first = false
      return value
    end)
  else
    run.optimizer:step()
  end
  if run.average then run.average:update() end
  return value
end

-- The batches of a pass over the training part, and what is to be closed behind them.
local function pass_of(run, pass)
  local batches, _, _, closes = run.train:batches { size = run.batch, shuffle = true, augment = run.augment, pass = pass, seed = run.seed,
    workers = run.workers, by_length = run.by_length, balanced = run.balanced, weights = run.weights }
  return batches, closes
end

-- Batches pass after pass, without end.
local function endless(run)
  local pass, batches = 0, nil
  return function()
    local batch = batches and batches()
    while not batch do
      pass = pass + 1
      batches, run.stream_closes = pass_of(run, pass)
      batch = batches()
    end
    return batch
  end
end

-- The batches of one epoch, how many there are, how far the training is after n of them, in epochs, and what is to be closed
-- when the epoch ends.
local function epoch_batches(run)
  if not run.steps_in_all then
    local steps, batches, closes = run.train:batch_count(run.batch), pass_of(run, run.epoch)
    return batches, steps, function(n) return run.epoch - 1 + n / steps end, closes
  end
  run.stream = run.stream or endless(run)
  local before = run.steps
  local steps = math.min(run.steps_each, run.steps_in_all - before)
  local n = 0
  local function next_batch()
    n = n + 1
    return n <= steps and run.stream() or nil
  end
  return next_batch, steps, function(done) return (before + done) / run.steps_in_all * run.epochs end
end

-- One pass over the training part: the mean loss over its rows, how many they were, and how long it took.
local function train_epoch(run)
  local batches, steps, progress, closes = epoch_batches(run)
  local sum, rows, n, started = 0, 0, 0, core.clock()
  run.model:train()
  for batch in batches, nil, nil, closes do
    stop_if_interrupted()
    run.optimizer:set_progress(progress(n), run.epochs)
    sum, rows, n = sum + step(run, batch) * batch.count, rows + batch.count, n + 1
    if run.on_batch then run.on_batch(run, batch) end
    run.progress:step {
      epoch = run.epoch, epochs = run.epochs, step = n, steps = steps, loss = sum / rows, rows = rows,
      seconds = core.clock() - started,
    }
  end
  return sum / rows, rows, core.clock() - started
end

-- An epoch of training, and what the log says of it.
local function train_record(run)
  local loss, rows, seconds = train_epoch(run)
  return {
    epoch = run.epoch, step = run.steps, loss = loss, lr = run.optimizer.lr, seconds = seconds,
      rows_per_second = rows / seconds,
  }
end

-- The validation part; `score` is the metric that the best weights are chosen by.
local function assess(run, record)
  if not run.valid or not run.loss then return end
  local result = metrics.evaluate(run.model, run.valid,
    { loss = run.loss, classes = run.classes, values = run.values, mean = run.mean, pixels = run.pixels, labels = run.labels, workers = run.workers,
      each = stop_if_interrupted })
  record.valid_loss = result.loss
  for _, name in ipairs(run.metrics) do record["valid_" .. name] = metrics.of(name, result) end
  record.score = metrics.of(run.select, result)
end

local function is_better(run, score)
  if score == nil then return false end
  if not run.best then return true end
  if metrics.larger_is_better(run.select) then return score > run.best.score end
  return score < run.best.score
end

-- Without a validation part there is nothing to choose by: then the last weights are the result.
local function keep_if_best(run, record)
  if not is_better(run, record.score) then return end
  record.best = true
  run.best = { epoch = run.epoch, score = record.score, weights = weights.copy(run.model) }
end

-- What is judged, kept and written down is the average of the weights, where there is one.
local function with_average(run, f)
  if not run.average then return f() end
  run.average:apply()
  local ok, problem = pcall(f)
  run.average:restore()
  if not ok then error(problem, 0) end
end

local function end_epoch(run, record)
  assess(run, record)
  keep_if_best(run, record)
  run.records[#run.records + 1] = record
  if run.on_record then run.on_record(run, record) end
  if run.on_epoch then run.on_epoch(run, record) end
end

local function all_epochs(run)
  local _ <close> = setmetatable({}, { __close = function() if run.stream_closes then run.stream_closes:close() end end })
  for epoch = 1, run.epochs do
    run.epoch = epoch
    local record = train_record(run)
    with_average(run, function() end_epoch(run, record) end)
    if record.score and run.optimizer.set_score then run.optimizer:set_score(record.score, metrics.larger_is_better(run.select)) end
    if run.patience and run.best and epoch - run.best.epoch >= run.patience then
      run.stopped = "patience"
      return
    end
  end
  run.stopped = "epochs"
end

--- Trains a model.
-- @param job  { model = (built), optimizer = (attached), loss = function(output, batch), train = set,
--             or step = function(run, batch) -> loss instead; valid = set or nil, batch =, epochs =, or steps_in_all =
--             and steps_each = instead, patience =, clip =, accumulate = pieces of a batch, ema = decay or nil,
--             workers, by_length, balanced, weights = of batches, augment = list, select = metric, metrics = names, classes = how many or false, values = whether y are numbers that are asked for, mean = of outputs that stand for them by a link, pixels = whether they are masks,
--             labels = whether they are 0 and 1 for each label, seed =, progress =, on_record =, on_epoch = function(run, record),
--             on_batch = function(run, batch) }
-- @return the run: .records (one an epoch), .best = { epoch, score } or nil, .steps, .stopped = "epochs", "patience",
--         "interrupted" or "diverged" (then .problem is the failure, with its exit status); the model holds the best
--         weights and is in evaluation mode
-- @error what a hook, a layer or the loss raises
function trainer.fit(job)
  local run = setmetatable({ steps = 0, epoch = 0, records = {}, state = {} }, { __index = job.methods })
  for key, value in pairs(job) do run[key] = value end
  run.accumulate = run.accumulate or 1
  run.average = run.ema and ema(run.model, { decay = run.ema })
  if run.steps_in_all then run.epochs = math.ceil(run.steps_in_all / run.steps_each) end
  vm.hold(true)
  local ok, problem = pcall(all_epochs, run)
  vm.hold(false)
  run.progress:clear()
  if run.best then
    weights.restore(run.model, run.best.weights)
  elseif run.average then
    run.average:apply()
  end
  run.model:eval()
  local why = not ok and STOPS[failure.status_of(problem)]
  if not ok and not why then error(problem, 0) end
  if why then run.stopped, run.problem = why, problem end
  return run
end

return trainer
