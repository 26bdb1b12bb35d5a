-- What a recipe may ask of its training: pieces of a batch, averages of weights, groups, schedules that look at scores.

local ml = require "moonlab"
local lu = require "luaunit"
local support = require "support"
local synthetic = require "synthetic"
local json = require "moonlab.json"

local TRAIN = "{ batch = 20, epochs = 3, %s }"
local ADAMW = "optimizer = ml.optim.adamw { lr = 0.01 }"

-- Runs a recipe whose train section has these fields; f gets what came out.
local function with_run(train, f, fields)
  support.with_folder(function(folder)
    synthetic.write(folder)
    fields = fields or {}
    fields.train = TRAIN:format(train)
    synthetic.write_file(folder .. "/r.lua", synthetic.recipe(fields))
    local status, out, err = synthetic.run(folder, "run r.lua --out out")
    f { status = status, out = out, err = err, folder = folder,
      weights = status == 0 and ml.load(folder .. "/out/model.safetensors") or nil }
  end)
end

local function log_of(r)
  local records = {}
  for line in synthetic.read_file(r.folder .. "/out/log.jsonl"):gmatch "[^\n]+" do
    records[#records + 1] = json.decode(line)
  end
  return records
end

TestTrainOptions = {}

function TestTrainOptions:test_pieces_of_a_batch_train_as_the_batch_does()
  with_run("optimizer = ml.optim.sgd { lr = 0.1 }", function(whole)
    with_run("accumulate = 3, optimizer = ml.optim.sgd { lr = 0.1 }", function(pieces)
      lu.assertEquals({ whole.status, pieces.status }, { 0, 0 }, pieces.err)
      for name, tensor in pairs(whole.weights) do support.close(pieces.weights[name], tensor, 1e-6) end
      for i, record in ipairs(log_of(whole)) do
        lu.assertAlmostEquals(log_of(pieces)[i].loss, record.loss, 1e-5)
      end
    end)
  end)
end

local function config_of(r) return json.decode(synthetic.read_file(r.folder .. "/out/config.json")) end

function TestTrainOptions:test_options_of_the_loss_reach_it()
  with_run(ADAMW, function(plain)
    with_run("loss_options = { label_smoothing = 0.2 }, " .. ADAMW, function(smooth)
      lu.assertEquals(smooth.status, 0, smooth.err)
      lu.assertTrue(log_of(smooth)[3].loss > log_of(plain)[3].loss)
      lu.assertEquals(config_of(smooth).train.loss_options, { label_smoothing = 0.2 })
    end)
  end)
end

function TestTrainOptions:test_balanced_weights_are_those_of_the_training_part()
  with_run('loss_options = { weight = "balanced" }, accumulate = 3, optimizer = ml.optim.sgd { lr = 0.1 }', function(pieces)
    lu.assertEquals(pieces.status, 0, pieces.err)
    local weights = config_of(pieces).train.loss_options.weight
    lu.assertEquals(#weights, 10)
    with_run(("loss_options = { weight = {%s} }, optimizer = ml.optim.sgd { lr = 0.1 }"):format(table.concat(weights, ", ")), function(whole)
      for name, tensor in pairs(whole.weights) do support.close(pieces.weights[name], tensor, 1e-6) end
    end)
  end)
end

function TestTrainOptions:test_options_of_the_loss_are_checked_before_the_run()
  for fields, message in pairs {
    ["loss_options = { weight = {1, 2} }"] = "cross_entropy: weight must be [10], one number a class, got [2]",
    ["loss_options = { label_smoothing = 2 }"] = "cross_entropy: label_smoothing must be within 0.0..1.0, got 2.0",
    ["loss_options = { smoothing = 0.1 }"] = "the loss 'cross_entropy': unknown option 'smoothing'; did you mean 'label_smoothing'?",
    ["loss = function(x, batch) return x:sum() end, loss_options = { weight = {1} }"] = "loss_options belong to a loss by name",
  } do
    with_run(fields .. ", " .. ADAMW, function(r)
      lu.assertEquals(r.status, 1)
      lu.assertStrContains(r.err, message)
      lu.assertStrContains(r.err, "r.lua:")
    end)
  end
end

function TestTrainOptions:test_an_average_is_judged_and_kept()
  with_run(ADAMW, function(plain)
    with_run("ema = 0.95, " .. ADAMW, function(averaged)
      lu.assertEquals(averaged.status, 0, averaged.err)
      local a, b = log_of(plain), log_of(averaged)
      lu.assertEquals(a[1].loss, b[1].loss) -- the training itself is the same
      lu.assertFalse(a[1].valid_loss == b[1].valid_loss)
      lu.assertFalse(plain.weights["2.weight"]:equal(averaged.weights["2.weight"]))
    end)
  end)
end

function TestTrainOptions:test_groups_reach_the_optimizer_by_name()
  with_run("optimizer = ml.optim.sgd { lr = 0.1, groups = { ['4.*'] = { lr = 1e-9 } } }", function(r)
    lu.assertEquals(r.status, 0, r.err)
    with_run("optimizer = ml.optim.sgd { lr = 1e-9 }", function(still)
      support.close(r.weights["4.weight"], still.weights["4.weight"], 1e-6)
      lu.assertFalse(r.weights["2.weight"]:allclose(still.weights["2.weight"]))
    end)
  end)
end

function TestTrainOptions:test_a_pattern_without_parameters_is_found_by_check()
  with_run("optimizer = ml.optim.sgd { groups = { ['head.*'] = { lr = 1 } } }", function(r)
    lu.assertEquals(r.status, 1)
    lu.assertStrContains(r.err, "optim.sgd: groups: unknown parameter 'head.*'; there are: 2.*, *.weight")
    lu.assertStrContains(r.err, "r.lua:")
  end)
end

function TestTrainOptions:test_plateau_looks_at_the_validation_score()
  local schedule = "optimizer = ml.optim.sgd { lr = 1e-9, schedule = ml.optim.plateau { factor = 0.5, patience = 0 } }"
  with_run(schedule, function(r)
    lu.assertEquals(r.status, 0, r.err)
    local rates = {}
    for i, record in ipairs(log_of(r)) do rates[i] = record.lr end
    lu.assertEquals(rates, { 1e-9, 1e-9, 0.5e-9 })
  end)
  with_run(schedule, function(r)
    lu.assertEquals(r.status, 1)
    lu.assertStrContains(r.err, "ml.optim.plateau follows the validation score: split.valid must be above 0")
  end, { split = "{ valid = 0 }" })
end

function TestTrainOptions:test_lbfgs_trains_on_whole_batches()
  with_run("optimizer = ml.optim.lbfgs { max_iter = 10 }", function(r)
    lu.assertEquals(r.status, 0, r.err)
    local log = log_of(r)
    lu.assertTrue(log[#log].valid_accuracy > 0.9, r.err)
  end)
end

function TestTrainOptions:test_a_schedule_is_no_optimizer()
  with_run("optimizer = ml.optim.cosine {}", function(r)
    lu.assertEquals(r.status, 1)
    lu.assertStrContains(r.err, "'train.optimizer' must be an optimizer, as ml.optim.adamw{lr = 1e-3} gives, got the "
      .. "schedule ml.optim.cosine: write ml.optim.adamw{lr = 1e-3, schedule = ml.optim.cosine{}}")
  end)
end

function TestTrainOptions:test_an_optimizer_with_a_model_is_none_of_a_recipe()
  with_run("optimizer = ml.optim.adam(nn.Linear(2))", function(r)
    lu.assertEquals(r.status, 1)
    lu.assertStrContains(r.err, "got an optimizer that has its model already: write ml.optim.adam{...} without the model")
  end)
end
