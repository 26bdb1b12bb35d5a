-- predictions.csv of each kind of answer, and the loss that follows the shape of a binary model's outputs.

local ml = require "moonlab"
local lu = require "luaunit"
local json = require "moonlab.json"
local support = require "support"
local synthetic = require "synthetic"

-- A recipe over made rows: x [60, 4], and what `before` makes of them.
local BEFORE = "ml.manual_seed(3)\nlocal x = ml.randn(60, 4)\n"

local function with_run(before, fields, f)
  local all = { name = '"r"', seed = "1", split = "{ valid = 0.2, test = 0.2 }", train = "{ epochs = 2, batch = 20, optimizer = ml.optim.adam { lr = 0.1 } }" }
  for name, value in pairs(fields) do all[name] = value end
  support.with_folder(function(folder)
    local text = synthetic.recipe(all)
    synthetic.write_file(folder .. "/r.lua", (text:gsub("return ml", function() return BEFORE .. before .. "\nreturn ml" end, 1)))
    local function run(arguments)
      local status, out, err = synthetic.run(folder, arguments)
      return { status = status, out = out, err = err }
    end
    local r = run "run r.lua --out out"
    lu.assertEquals(r.status, 0, r.err)
    f { folder = folder, run = run, first = r, path = folder .. "/out/predictions.csv",
      scores = json.decode(synthetic.read_file(folder .. "/out/metrics.json")).test }
  end)
end

TestPredictions = {}

function TestPredictions:test_classes_have_a_column_of_probabilities_each()
  with_run("local y = x:slice(2, 1, 3):argmax(2)", { data = "{ source = ml.data.tensors { x = x, y = y, classes = { 'a', 'b', 'c' } } }", model = "nn.Linear(3)",
    assess = "{ metrics = { 'log_loss', 'accuracy' } }" }, function(r)
    local t = ml.data.csv(r.path):table()
    lu.assertEquals(t.names, { "row", "actual", "predicted", "probability", "probability of a", "probability of b", "probability of c" })
    local p = t:tensor({ "probability of a", "probability of b", "probability of c" }, { dtype = "float64" })
    local number = { a = 1, b = 2, c = 3 }
    local y = {}
    for i, name in ipairs(t:column("actual"):to_list()) do y[i] = number[name] end
    lu.assertAlmostEquals(ml.metrics.log_loss(p, y), r.scores.log_loss, 1e-9)
    support.close(p:max(2), t:column("probability").values, 1e-12)
  end)
end

function TestPredictions:test_several_outputs_have_a_pair_of_columns_each()
  with_run("local y = x:slice(2, 1, 2) * 3", { task = '"regression"', data = "{ source = ml.data.tensors { x = x, y = y } }", model = "nn.Linear(2)",
    assess = "{ metrics = { 'mse' } }" }, function(r)
    local t = ml.data.csv(r.path):table()
    lu.assertEquals(t.names, { "row", "actual 1", "predicted 1", "actual 2", "predicted 2" })
    local off = t:tensor({ "predicted 1", "predicted 2" }, { dtype = "float64" }) - t:tensor({ "actual 1", "actual 2" }, { dtype = "float64" })
    lu.assertAlmostEquals(off:square():mean():item(), r.scores.mse, 1e-9)
  end)
end

function TestPredictions:test_windows_of_a_series_have_their_columns_and_steps_and_the_row_that_they_begin_at()
  with_run("local series = ml.data.table { load = ml.randn(80), wind = ml.randn(80) }", { task = '"regression"',
    data = "{ source = ml.data.windows(series, { input = 3, output = 2, columns = { 'load' }, step = 2 }) }",
    model = "nn.Conv1d(2, 1)" }, function(r)
    local t = ml.data.csv(r.path):table()
    lu.assertEquals(t.names, { "row", "actual load+1", "predicted load+1", "actual load+2", "predicted load+2" })
    lu.assertEquals({ #t, t:column("row"):to_list()[1], t:column("row"):to_list()[2] }, { 8, 65, 67 }) -- the last 16 of 80 rows
  end)
end

function TestPredictions:test_pictures_with_masks_have_how_well_each_class_lies_on_its_own()
  with_run("local y = (x:reshape { 60, 1, 2, 2 }:gt(0):to 'int64' + 1):reshape { 60, 2, 2 }", { task = '"segmentation"',
    data = "{ source = ml.data.tensors { x = x:reshape { 60, 1, 2, 2 }, y = y, classes = { 'dark', 'bright' } } }", model = "nn.Conv2d(2, 1)" }, function(r)
    local t = ml.data.csv(r.path):table()
    lu.assertEquals(t.names, { "row", "pixels", "accuracy", "iou of dark", "iou of bright" })
    lu.assertEquals({ #t, t:column("pixels"):to_list()[1] }, { 12, 4 })
    lu.assertAlmostEquals(t:column("accuracy").values:mean():item(), r.scores.accuracy, 1e-9)
    lu.assertEquals(r.run("cv r.lua --quiet --out folds").status, 0)
    local folds = ml.data.csv(r.folder .. "/folds/predictions.csv"):table()
    lu.assertEquals({ #folds, folds.names[2] }, { 48, "fold" })
  end)
end

function TestPredictions:test_where_a_row_has_no_single_answer_there_are_none_and_that_is_told()
  with_run("", { task = '"detection"', data = "{ source = ml.data.tensors { x = x, boxes = x } }", model = "nn.Linear(4)",
    train = "{ epochs = 1, loss = function(output, batch) return (output - batch.boxes):square():mean() end, optimizer = ml.optim.adam {} }" }, function(r)
    lu.assertNil(synthetic.read_file(r.path))
    lu.assertStrContains(r.first.err, "note: there is no predictions.csv: a picture has any number of boxes, and how they come from the outputs is the recipe's own")
  end)
end

-- One score a row --------------------------------------------------------------------------------------------------------

TestOneScore = {}

local YES = "local y = x:select(2, 1):gt(0):to 'int64' + 1"
local TOLD = "the model gives one score a row: the loss is bce_with_logits, and the score is that of the second class\n"

local function binary(fields)
  local all = { task = '"binary"', data = "{ source = ml.data.tensors { x = x, y = y, classes = { 'no', 'yes' } } }", model = "nn.Linear(1)" }
  for name, value in pairs(fields or {}) do all[name] = value end
  return all
end

function TestOneScore:test_a_binary_model_of_one_score_has_the_loss_of_one_score_and_is_told_so_once()
  with_run(YES, binary { assess = "{ metrics = { 'log_loss', 'auc' } }" }, function(r)
    local _, count = r.first.err:gsub("the loss is bce_with_logits", "")
    lu.assertEquals(count, 1)
    lu.assertStrContains(r.first.err, TOLD)
    lu.assertEquals(json.decode(synthetic.read_file(r.folder .. "/out/config.json")).train.loss, "bce_with_logits")
    lu.assertEquals(ml.data.csv(r.path):table().names, { "row", "actual", "predicted", "probability", "probability of no", "probability of yes" })
    local log = synthetic.read_file(r.folder .. "/out/log.jsonl")
    local first = json.decode(log:match "[^\n]+")
    lu.assertAlmostEquals(first.valid_loss, first.valid_log_loss, 1e-6)
    local again = r.run "eval out --json"
    lu.assertEquals(again.status, 0, again.err)
    lu.assertEquals(json.decode(again.out).scores, r.scores)
    lu.assertEquals(r.run("cv r.lua --quiet").status, 0)
    lu.assertStrContains(r.run("check r.lua").out, "loss        " .. TOLD)
  end)
end

function TestOneScore:test_one_score_of_rows_of_a_table_answers_in_predict()
  support.with_folder(function(folder)
    local lines = { "a,left" }
    for i = 1, 40 do lines[i + 1] = ("%d,%s"):format(i % 10, i % 10 > 4 and "yes" or "no") end
    synthetic.write_file(folder .. "/rows.csv", table.concat(lines, "\n") .. "\n")
    synthetic.write_file(folder .. "/r.lua", synthetic.recipe { name = '"r"', task = '"binary"', data = "{ source = ml.data.csv 'rows.csv', target = 'left' }",
      model = "nn.Linear(1)", split = "{ valid = 0.2, test = 0.2 }", train = "{ epochs = 30, batch = 8, optimizer = ml.optim.adam { lr = 0.3 } }" })
    synthetic.write_file(folder .. "/new.csv", "a\n0\n9\n")
    lu.assertEquals((synthetic.run(folder, "run r.lua --out out --quiet")), 0)
    local status, out = synthetic.run(folder, "predict out new.csv")
    lu.assertEquals(status, 0)
    lu.assertStrMatches(out, "new%.csv:1  no  0%.%d+\nnew%.csv:2  yes  0%.%d+\n")
    lu.assertEquals((synthetic.run(folder, "eval out rows.csv")), 0)
  end)
end

function TestOneScore:test_two_scores_keep_their_loss_and_nothing_is_told()
  with_run(YES, binary { model = "nn.Linear(2)" }, function(r)
    lu.assertNotStrContains(r.first.err, "bce_with_logits")
    lu.assertEquals(json.decode(synthetic.read_file(r.folder .. "/out/config.json")).train.loss, "cross_entropy")
  end)
end

function TestOneScore:test_options_of_a_loss_of_two_scores_are_refused_with_what_to_write()
  support.with_folder(function(folder)
    local text = synthetic.recipe(binary { split = "{ valid = 0.2 }", train = "{ loss_options = { weight = 'balanced' }, optimizer = ml.optim.adam {} }" })
    synthetic.write_file(folder .. "/r.lua", (text:gsub("return ml", function() return BEFORE .. YES .. "\nreturn ml" end, 1)))
    local status, _, err = synthetic.run(folder, "run r.lua")
    lu.assertEquals(status, 1)
    lu.assertStrMatches(err, ".*r%.lua:%d+: the model gives one score a row, whose loss is 'bce_with_logits'; it takes no 'weight': write loss = \"bce_with_logits\", "
      .. "loss_options = { pos_weight = 3 } %(the second class counts three times%), or end the model with nn%.Linear%(2%)\n")
  end)
end
