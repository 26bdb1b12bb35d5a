-- moonlab run and check, as programs of their own, and the training loop that they stand on.

local ml = require "moonlab"
local lu = require "luaunit"
local support = require "support"
local synthetic = require "synthetic"
local json = require "moonlab.json"
local vm = require "moonlab.vm"

local function with_recipe(fields, f)
  support.with_folder(function(folder)
    synthetic.write(folder)
    synthetic.write_file(folder .. "/r.lua", type(fields) == "string" and fields or synthetic.recipe(fields))
    f(folder)
  end)
end

local function run(folder, arguments, before)
  local status, out, err = synthetic.run(folder, arguments, before)
  return { status = status, out = out, err = err }
end

TestRun = {}

function TestRun:test_learns_and_writes_the_run_folder()
  with_recipe({ problem = "{ accept = { accuracy = 0.9 } }" }, function(folder)
    local r = run(folder, "run r.lua")
    lu.assertEquals(r.status, 0, r.err)
    lu.assertStrContains(r.out,
      "test accuracy         1.0000   accept >= 0.9: met   baseline 0.1000 (always T-shirt/top)")
    lu.assertStrContains(r.out, "runs/small-1\n")
    lu.assertEquals(vm.listdir(folder .. "/runs/small-1"), { "config.json", "log.jsonl", "metrics.json",
      "model.safetensors", "predictions.csv", "recipe.lua", "record.json", "report.html" })
  end)
end

function TestRun:test_records_what_the_run_was_made_of()
  with_recipe(nil, function(folder)
    run(folder, "run r.lua --out out train.epochs=2 train.optimizer.lr=0.02")
    local config = json.decode(synthetic.read_file(folder .. "/out/config.json"))
    lu.assertEquals({ config.train.epochs, config.train.optimizer.lr, config.train.loss, config.seed },
      { 2, 0.02, "cross_entropy", 3 })
    lu.assertEquals(config.split.rows, { train = 160, valid = 40, test = 100 })
    lu.assertEquals(config.model.parameters, 144 * 16 + 16 + 16 * 10 + 10)
    local core = require "moonlab.core"
    lu.assertEquals(#config.data.files, 4)
    for _, file in ipairs(config.data.files) do lu.assertEquals(file.sha256, core.sha256(file.path)) end
    lu.assertEquals(synthetic.read_file(folder .. "/out/recipe.lua"), synthetic.read_file(folder .. "/r.lua"))
  end)
end

function TestRun:test_logs_a_record_an_epoch()
  with_recipe(nil, function(folder)
    run(folder, "run r.lua --out out")
    local epochs = {}
    for line in synthetic.read_file(folder .. "/out/log.jsonl"):gmatch "[^\n]+" do
      local record = json.decode(line)
      epochs[#epochs + 1] = record.epoch
      lu.assertTrue(record.loss > 0 and record.valid_accuracy >= 0)
    end
    lu.assertEquals(epochs, { 1, 2, 3 })
  end)
end

function TestRun:test_columns_of_the_report_are_as_wide_as_their_letters()
  local text = require "moonlab.command.report".text({ part = "test", metrics = { "mae", "a_metric_of_a_long_name" }, scores = { mae = 1, a_metric_of_a_long_name = 2 }, why = {},
    accept = {}, by_group = { { name = "größe", rows = 3, scores = {} }, { name = "ab", rows = 12, scores = {} }, { name = "数字", rows = 4, scores = {} } } },
    { records = {} }, { columns = 80 })
  lu.assertStrContains(text, "test mae                     1.0000\ntest a_metric_of_a_long_name 2.0000\n")
  lu.assertStrContains(text, "  größe                       3 rows  mae")
  lu.assertStrContains(text, "\n  ab                         12 rows  mae")
  lu.assertStrContains(text, "\n  数字                        4 rows  mae")
end

function TestRun:test_metrics_have_options_in_a_table_or_in_their_names()
  with_recipe({ problem = '{ accept = { ["top_k(k=2)"] = 0.9 } }', assess = '{ metrics = { "accuracy", { name = "f_beta_macro", beta = 2 } } }' },
    function(folder)
      local r = run(folder, "run r.lua --out out")
      lu.assertEquals(r.status, 0, r.err)
      local scores = json.decode(synthetic.read_file(folder .. "/out/metrics.json")).test
      lu.assertEquals({ scores.accuracy, scores["f_beta_macro(beta=2)"] }, { 1.0, 1.0 })
      lu.assertStrContains(r.out, "test top_k(k=2)           1.0000   accept >= 0.9: met")
    end)
end

function TestRun:test_keeps_the_weights_of_the_best_epoch()
  with_recipe(nil, function(folder)
    run(folder, "run r.lua --out out")
    local metrics = json.decode(synthetic.read_file(folder .. "/out/metrics.json"))
    local model = ml.nn.Sequential { ml.nn.Flatten(), ml.nn.Linear(16), ml.nn.ReLU(), ml.nn.Linear(10) }
    model:load(folder .. "/out/model.safetensors")
    local _, _, metadata = ml.load(folder .. "/out/model.safetensors")
    local set = require "moonlab.data.pictures".new("test", folder .. "/fashion-mnist/t10k-images-idx3-ubyte.gz",
      folder .. "/fashion-mnist/t10k-labels-idx1-ubyte.gz", json.decode(metadata.classes))
    lu.assertEquals(ml.metrics.accuracy(model, set:normalised(json.decode(metadata.normalise))), metrics.test.accuracy)
  end)
end

function TestRun:test_the_same_seed_gives_the_same_bits_whatever_the_threads()
  with_recipe({ augment = "{ ml.data.flip(), ml.data.shift(1) }" }, function(folder)
    for _, threads in ipairs { 1, 2, 7 } do
      run(folder, ("run r.lua --threads %d --out out%d"):format(threads, threads))
    end
    run(folder, "run r.lua --seed 4 --out other")
    local one = synthetic.read_file(folder .. "/out1/model.safetensors")
    lu.assertTrue(one ~= nil and one == synthetic.read_file(folder .. "/out2/model.safetensors"),
      "1 and 2 threads differ")
    lu.assertTrue(one == synthetic.read_file(folder .. "/out7/model.safetensors"), "1 and 7 threads differ")
    lu.assertFalse(one == synthetic.read_file(folder .. "/other/model.safetensors"))
  end)
end

function TestRun:test_copies_the_files_that_the_recipe_required()
  local recipe = synthetic.recipe { model = 'require "parts.head" (ml.nn)' }
  with_recipe(recipe, function(folder)
    os.execute("mkdir " .. folder .. "/parts")
    synthetic.write_file(folder .. "/parts/head.lua",
      "return function(nn) return nn.Sequential { nn.Flatten(), nn.Linear(10) } end\n")
    local r = run(folder, "run r.lua --out out")
    lu.assertEquals(r.status, 0, r.err)
    lu.assertStrContains(synthetic.read_file(folder .. "/out/parts/head.lua"), "nn.Linear(10)")
  end)
end

function TestRun:test_a_missed_threshold_is_status_3()
  with_recipe({ problem = "{ accept = { accuracy = 1.5 } }" }, function(folder)
    local r = run(folder, "run r.lua")
    lu.assertEquals(r.status, 3)
    lu.assertStrContains(r.out, "accept >= 1.5: MISSED")
  end)
end

function TestRun:test_a_pipe_gets_a_line_an_epoch_no_escapes_and_no_curves()
  with_recipe(nil, function(folder)
    local r = run(folder, "run r.lua")
    local _, lines = r.err:gsub("epoch %d/3[^\n]*\n", "")
    lu.assertEquals(lines, 3)
    lu.assertNil(r.err:find "[\r\27]")
    lu.assertNil((r.out .. r.err):find "loss by epoch")
  end)
end

function TestRun:test_json_gives_lines_of_json_alone()
  with_recipe(nil, function(folder)
    local r, events = run(folder, "run r.lua --json"), {}
    for line in r.out:gmatch "[^\n]+" do events[#events + 1] = json.decode(line).event end
    lu.assertEquals(events, { "epoch", "epoch", "epoch", "result" })
  end)
end

function TestRun:test_what_a_recipe_prints_does_not_mix_with_json()
  local hook = "on_epoch = function() print 'mine'; io.write 'too' end"
  with_recipe({ train = "{ epochs = 1, optimizer = ml.optim.sgd {}, " .. hook .. " }" }, function(folder)
    local r = run(folder, "run r.lua --json")
    for line in r.out:gmatch "[^\n]+" do json.decode(line) end
    lu.assertStrContains(r.err, "mine\ntoo")
    lu.assertStrContains(run(folder, "run r.lua").out, "mine\ntoo")
  end)
end

-- A recipe over tensors of its own, without files: y = 3 x - 1.
local REGRESSION = [[
local ml = require "moonlab"
local x = ml.linspace(-1, 1, 100):reshape { 100, 1 }
return ml.recipe {
  name = "line", task = "regression", data = { source = ml.data.tensors { x = x, y = x * 3 - 1 } },
  split = { valid = 0.2, test = 0.2 }, model = ml.nn.Linear(1), problem = { accept = { loss = 0.001 } },
  train = { epochs = 60, batch = 10, clip = 10, optimizer = ml.optim.sgd { lr = 0.1, momentum = 0.5 } },
}
]]

function TestRun:test_fits_a_line_to_tensors()
  with_recipe(REGRESSION, function(folder)
    local r = run(folder, "run r.lua --out out")
    lu.assertEquals(r.status, 0, r.err)
    local weights = ml.load(folder .. "/out/model.safetensors")
    lu.assertAlmostEquals(weights.weight:item(), 3, 0.05)
    lu.assertAlmostEquals(weights.bias:item(), -1, 0.05)
  end)
end

function TestRun:test_a_loss_refuses_shapes_that_would_broadcast()
  with_recipe(REGRESSION:gsub("y = x %* 3 %- 1", "y = (x * 3 - 1):reshape { 100 }"), function(folder)
    local r = run(folder, "check r.lua")
    lu.assertEquals(r.status, 3)
    lu.assertStrContains(r.err, "mse_loss")
  end)
end

function TestRun:test_quiet_says_nothing_on_stderr()
  with_recipe(nil, function(folder) lu.assertEquals(run(folder, "run r.lua --quiet").err, "") end)
end

function TestRun:test_a_loss_that_is_not_finite_is_status_5_and_names_op_layer_and_line()
  with_recipe({ train = "{ batch = 20, epochs = 3, optimizer = ml.optim.sgd { lr = 1e30 } }" }, function(folder)
    local r = run(folder, "run r.lua")
    lu.assertEquals(r.status, 5)
    lu.assertStrContains(r.err, "step 2 (epoch 1); the step was not applied")
    lu.assertStrContains(r.err, "linear: gave %a+ from finite inputs", true) -- infinity or NaN, as the product adds up
    lu.assertStrContains(r.err, "at r.lua:5, layer 4 (Linear)")
    lu.assertFalse(vm.exists(folder .. "/runs/small-1"))
  end)
end

function TestRun:test_what_was_reached_before_the_loss_went_wrong_is_kept()
  with_recipe({
    train = "{ batch = 20, epochs = 3, optimizer = ml.optim.sgd { lr = 0.1 }, "
      .. "on_epoch = function(run) if run.epoch == 2 then run.optimizer.lr = 1e30 end end }",
  }, function(folder)
    local r = run(folder, "run r.lua --out out")
    lu.assertEquals(r.status, 5)
    lu.assertStrContains(r.err, "the log are in out")
    lu.assertEquals(json.decode(synthetic.read_file(folder .. "/out/metrics.json")).stopped, "diverged")
    lu.assertEquals(ml.load(folder .. "/out/model.safetensors")["2.weight"]:isfinite():all():item(), true)
  end)
end

function TestRun:test_an_error_before_the_training_leaves_no_folder()
  with_recipe({ modle = "1" }, function(folder)
    local r = run(folder, "run r.lua")
    lu.assertEquals({ r.status, r.err }, { 1, "moonlab: r.lua:6: unknown field 'modle'; did you mean 'model'?\n" })
    lu.assertFalse(vm.exists(folder .. "/runs"))
  end)
end

function TestRun:test_damaged_data_is_status_4_and_leaves_no_folder()
  with_recipe(nil, function(folder)
    os.execute(("truncate -s 2000 %s/fashion-mnist/train-images-idx3-ubyte.gz"):format(folder))
    local r = run(folder, "run r.lua")
    lu.assertEquals(r.status, 4)
    lu.assertStrContains(r.err, "/fashion-mnist/train-images-idx3-ubyte.gz")
    lu.assertFalse(vm.exists(folder .. "/runs"))
  end)
end

-- A limit on the size of files fails in the same place as a full disk: in write. The weights are larger than 4 KiB.
function TestRun:test_a_disk_that_is_full_is_status_4_and_leaves_nothing_incomplete()
  with_recipe(nil, function(folder)
    local r = run(folder, "run r.lua --out out", "ulimit -f 8;")
    lu.assertEquals(r.status, 4)
    lu.assertStrContains(r.err, "out/model.safetensors")
    lu.assertFalse(vm.exists(folder .. "/out"))
  end)
end

function TestRun:test_a_folder_that_is_not_empty_is_refused()
  with_recipe(nil, function(folder)
    os.execute("mkdir " .. folder .. "/out; touch " .. folder .. "/out/mine")
    local r = run(folder, "run r.lua --out out")
    lu.assertEquals({ r.status, r.err }, { 2, "moonlab: --out: the folder out is not empty\n" })
    lu.assertEquals(vm.listdir(folder .. "/out"), { "mine" })
  end)
end

-- The signal is sent when the second epoch has been reported, so that nothing here waits for a clock.
function TestRun:test_interrupt_stops_between_steps_and_keeps_the_best_weights()
  with_recipe(nil, function(folder)
    local command = "cd %s; echo $$; MOONLAB_DATA=%s exec %s run r.lua --out out train.epochs=1000000 2>&1"
    local pipe = assert(io.popen(command:format(folder, folder, synthetic.program())))
    local pid, sent, rest = pipe:read "l", false, ""
    for line in pipe:lines() do
      if not sent and line:find "^epoch 2/" then sent = os.execute("kill -INT " .. pid) end
      rest = line:find "^epoch" and rest or rest .. line .. "\n"
    end
    local _, kind, code = pipe:close()
    lu.assertTrue(kind == "signal" and code == 2 or code == 130, ("%s %s"):format(kind, code))
    lu.assertStrContains(rest, "moonlab: interrupted in epoch ")
    local metrics = json.decode(synthetic.read_file(folder .. "/out/metrics.json"))
    lu.assertEquals(metrics.stopped, "interrupted")
    lu.assertNotNil(ml.load(folder .. "/out/model.safetensors")["2.weight"])
  end)
end

TestCheck = {}

function TestCheck:test_gives_parameters_work_and_memory_without_reading_data()
  with_recipe(nil, function(folder)
    -- The headers stay, the pictures behind them are gone: what reads them fails.
    local into = synthetic.write(folder, { plain = true })
    os.execute(("rm %s/*.gz"):format(into))
    local r = run(folder, "check r.lua")
    lu.assertEquals(r.status, 0, r.err)
    lu.assertStrContains(r.out, "2,490 parameters")
    lu.assertStrContains(r.out, "data        200 rows of [1, 12, 12], 10 classes, 100 held out")
    lu.assertStrContains(r.out, "steps       8 an epoch, at most 3 epochs")
    lu.assertStrContains(r.out, "memory      about ")
    lu.assertFalse(vm.exists(folder .. "/runs"))
  end)
end

local function check_says(fields, status, ...)
  local expected = { ... }
  with_recipe(fields, function(folder)
    local r = run(folder, "check r.lua")
    lu.assertEquals(r.status, status, r.err)
    for _, text in ipairs(expected) do lu.assertStrContains(r.err, text) end
  end)
end

function TestCheck:test_an_unknown_field_is_status_3_with_its_line()
  check_says({ train = "{ epoch = 3, optimizer = ml.optim.sgd {} }" }, 3,
    "r.lua:10: train: unknown field 'epoch'; did you mean 'epochs'?")
end

function TestCheck:test_a_layer_that_does_not_fit_is_named_with_its_line()
  check_says({ model = "nn.Sequential { nn.Flatten(), nn.Conv2d(4, 3), nn.Linear(10) }" }, 3,
    "at r.lua:5, layer 2 (Conv2d)")
end

function TestCheck:test_too_few_scores_are_found()
  check_says({ model = "nn.Sequential { nn.Flatten(), nn.Linear(9) }" }, 3,
    "r.lua:5: the model gives 9 scores a row, but the data has 10 classes: the last layer must be nn.Linear(10)")
end

function TestCheck:test_a_loss_that_does_not_suit_the_task_is_found()
  check_says({ train = '{ loss = "mse", optimizer = ml.optim.sgd {} }' }, 3,
    "the loss 'mse' does not suit the task 'multiclass'")
end

function TestCheck:test_an_unknown_metric_gets_the_nearest()
  check_says({ assess = '{ metrics = { "acuracy" } }' }, 3,
    "r.lua:4: unknown metric 'acuracy'; did you mean 'accuracy'?")
end

function TestCheck:test_an_option_of_a_metric_is_checked()
  check_says({ assess = '{ metrics = { { name = "top_k", kk = 2 } } }' }, 3, "r.lua:4: metric 'top_k': unknown option 'kk'; did you mean 'k'?")
end

function TestCheck:test_a_file_that_returns_something_else_is_refused()
  support.with_folder(function(folder)
    synthetic.write_file(folder .. "/r.lua", "return 3\n")
    local status, _, err = synthetic.run(folder, "check r.lua")
    lu.assertEquals({ status, err },
      { 3, "moonlab: r.lua: a recipe ends with return ml.recipe{...}; this file returns a number\n" })
  end)
end

TestTrainer = {}

-- Rows on a line: y is 1 left of 0 and 2 right of it.
local function line_problem(changes)
  ml.manual_seed(1)
  local x = ml.linspace(-1, 1, 40):reshape { 40, 1 }
  local set = ml.data.tensors { x = x, y = x:gt(0):reshape { 40 }:to "int64" + 1, classes = { "left", "right" } }
  local model = ml.nn.Sequential { ml.nn.Linear(2) }
  model:build { 1 }
  local said = {}
  local Progress = require "moonlab.train.progress"
  local job = {
    model = model, optimizer = ml.optim.sgd(model, { lr = 0.5 }), train = set, valid = set, batch = 8, epochs = 4,
      seed = 1,
    loss = function(output, batch) return ml.nn.cross_entropy(output, batch.y) end, select = "loss",
      metrics = { "accuracy" },
    progress = Progress.new { terminal = false, write = function(text) said[#said + 1] = text end },
  }
  for name, value in pairs(changes or {}) do job[name] = value end
  return job
end

local fit = require("moonlab.train.trainer").fit

function TestTrainer:test_makes_the_loss_smaller()
  local run = fit(line_problem())
  lu.assertEquals({ #run.records, run.steps, run.stopped }, { 4, 20, "epochs" })
  lu.assertTrue(run.records[4].valid_loss < run.records[1].valid_loss)
end

function TestTrainer:test_stops_when_patience_is_at_its_end()
  local run = fit(line_problem { epochs = 50, patience = 2, select = "accuracy",
    on_epoch = function(r) r.optimizer.lr = 1e-9 end })
  lu.assertEquals(run.stopped, "patience")
  lu.assertEquals(#run.records, run.best.epoch + 2)
end

function TestTrainer:test_ends_with_the_best_weights_and_not_the_last()
  local job = line_problem()
  local best
  job.on_epoch = function(run, record)
    if record.epoch == 2 then
      best, run.optimizer.lr = run.model:state_dict()["1.weight"]:clone(), -0.5 -- from here on it climbs
    end
  end
  local run = fit(job)
  lu.assertEquals(run.best.epoch, 2)
  support.equal(job.model:state_dict()["1.weight"], best)
end

function TestTrainer:test_hooks_see_each_batch_and_epoch()
  local batches, epochs = 0, {}
  fit(line_problem {
    on_batch = function(_, batch) batches = batches + batch.count end,
    on_epoch = function(_, record) epochs[#epochs + 1] = record.epoch end,
  })
  lu.assertEquals({ batches, epochs }, { 160, { 1, 2, 3, 4 } })
end

function TestTrainer:test_stops_between_steps_when_interrupted()
  local job, asked, interrupted = line_problem(), 0, vm.interrupted
  vm.interrupted = function()
    asked = asked + 1
    return asked == 14 and "INT"
  end
  local ok, run = pcall(fit, job)
  vm.interrupted = interrupted
  lu.assertTrue(ok, run)
  lu.assertEquals(run.stopped, "interrupted")
  lu.assertTrue(#run.records >= 1 and run.steps < 20)
  lu.assertFalse(job.model.training)
end

function TestTrainer:test_a_step_that_is_not_finite_changes_no_weight()
  local job = line_problem()
  local before
  job.loss = function(output, batch)
    local loss = ml.nn.cross_entropy(output, batch.y)
    if before then return loss * (0 / 0) end
    before = job.model:state_dict()["1.weight"]:clone()
    return loss * 0 -- the first step moves nothing
  end
  job.optimizer = ml.optim.sgd(job.model, { lr = 0.5 })
  local run = fit(job)
  lu.assertEquals({ run.stopped, run.problem.status, run.steps }, { "diverged", 5, 2 })
  support.equal(job.model:state_dict()["1.weight"], before)
end

function TestTrainer:test_a_gradient_that_is_not_finite_is_named()
  local job = line_problem()
  -- The root of the distance to itself: 0, with the gradient 0 / 0.
  job.loss = function(output) return (output - output):square():sum():sqrt() end
  local run = fit(job)
  lu.assertEquals({ run.stopped, run.steps }, { "diverged", 1 })
  lu.assertStrContains(run.problem.message, "the gradient of 1.weight is not finite at step 1 (epoch 1)")
  lu.assertStrContains(run.problem.message, "sqrt")
end

TestProgress = {}

local function progress(options)
  local written, now = {}, 0
  options.write = function(text) written[#written + 1] = text end
  options.clock = function() return now end
  local display = require("moonlab.train.progress").new(options)
  local function step(n, seconds)
    now = seconds
    display:step { epoch = 1, epochs = 2, step = n, steps = 10, loss = 0.5, rows = n * 100, seconds = seconds }
  end
  return display, step, written
end

function TestProgress:test_a_line_has_loss_time_left_rate_and_bar()
  local _, step, written = progress { terminal = true, columns = 80, utf8 = false }
  step(5, 10)
  lu.assertEquals(written, { "\r1/2  loss 0.5000  30s left  50/s  ##########.........." })
end

function TestProgress:test_at_30_columns_the_bar_goes_and_the_loss_stays()
  local _, step, written = progress { terminal = true, columns = 30, utf8 = false }
  step(5, 10)
  lu.assertEquals(written, { "\r1/2  loss 0.5000  30s left" })
end

function TestProgress:test_is_written_at_most_ten_times_a_second()
  local _, step, written = progress { terminal = true, columns = 30, utf8 = false }
  for i = 0, 9 do step(1, 1 + i / 100) end
  step(2, 1.2)
  lu.assertEquals(#written, 2)
end

function TestProgress:test_a_shorter_line_covers_a_longer_one()
  local display, step, written = progress { terminal = true, columns = 80, utf8 = false }
  step(1, 1)
  display:say "done"
  lu.assertEquals(written[2], "\r" .. (" "):rep(#written[1] - 1) .. "\r")
  lu.assertEquals(written[3], "done\n")
end

function TestProgress:test_elsewhere_only_lines_are_written()
  local display, step, written = progress { terminal = false }
  step(1, 1)
  display:say "epoch 1"
  lu.assertEquals(written, { "epoch 1\n" })
end
