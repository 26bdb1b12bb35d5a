-- moonlab cv: folds of a recipe.

local lu = require "luaunit"
local support = require "support"
local synthetic = require "synthetic"
local json = require "moonlab.json"

TestCv = {}

local RECIPE = [[
local ml = require "moonlab"
local data = ml.data
return ml.recipe {
  name = "line", task = "%s", seed = 3,
  data = { source = data.csv "rows.csv", target = "%s", group = %s, columns = { group = data.ignore(), y = data.ignore(), kind = data.ignore() } },
  split = { test = 0.2 },
  model = ml.nn.Linear(%d),
  train = { epochs = 2, batch = 16, optimizer = ml.optim.adam { lr = 0.05 } },
  assess = { cv = %s },
}
]]

local function rows()
  local lines = { "x,group,y,kind" }
  for i = 1, 60 do lines[#lines + 1] = ("%.3f,g%d,%.3f,%s"):format(i % 17 / 3, i % 12, i % 17 + i % 5 / 10, i % 3 == 0 and "no" or "yes") end
  return table.concat(lines, "\n") .. "\n"
end

local function with(task, target, group, outputs, cv, f)
  support.with_folder(function(folder)
    synthetic.write_file(folder .. "/rows.csv", rows())
    synthetic.write_file(folder .. "/r.lua", RECIPE:format(task, target, group, outputs, cv))
    f(folder, function(line)
      local status, out, err = synthetic.run(folder, line)
      return { status = status, out = out, err = err }
    end)
  end)
end

local function read_json(path) return json.decode(synthetic.read_file(path)) end

function TestCv:test_the_scores_do_not_depend_on_the_number_of_processes()
  with("regression", "y", "nil", 1, "ml.kfold(5)", function(folder, run)
    for jobs = 1, 3 do
      local r = run(("cv r.lua --quiet --jobs %d --out out%d"):format(jobs, jobs))
      lu.assertEquals(r.status, 0, r.err)
      lu.assertEquals(r.err, "")
      lu.assertStrContains(run(("eval out%d"):format(jobs)).err, "is a cross-validation, which keeps no model: moonlab run trains one")
      lu.assertStrMatches(r.out, "fold +rows +rmse +mae +r2\n1 +10 .*\n5 +9 .*mean .*std .*baseline .*run folder out%d\n")
    end
    local one = synthetic.read_file(folder .. "/out1/metrics.json")
    lu.assertEquals(synthetic.read_file(folder .. "/out2/metrics.json"), one)
    lu.assertEquals(synthetic.read_file(folder .. "/out3/metrics.json"), one)
    lu.assertEquals(json.decode(one).rows, 48)
  end)
end

-- The lines of predictions.csv as tables by column.
local function predictions_of(folder)
  local heads, out = nil, {}
  for line in synthetic.read_file(folder .. "/predictions.csv"):gmatch "[^\n]+" do
    local cells = {}
    for cell in (line .. ","):gmatch "([^,]*)," do cells[#cells + 1] = cell end
    if not heads then heads = cells else
      local row = {}
      for i, name in ipairs(heads) do row[name] = cells[i] end
      out[#out + 1] = row
    end
  end
  return out
end

function TestCv:test_what_each_fold_said_of_its_rows_is_kept_whatever_the_number_of_processes()
  with("regression", "y", "nil", 1, "ml.kfold(5)", function(folder, run)
    for jobs = 1, 3 do lu.assertEquals(run(("cv r.lua --quiet --jobs %d --out out%d"):format(jobs, jobs)).status, 0) end
    local text = synthetic.read_file(folder .. "/out1/predictions.csv")
    lu.assertEquals(synthetic.read_file(folder .. "/out2/predictions.csv"), text)
    lu.assertEquals(synthetic.read_file(folder .. "/out3/predictions.csv"), text)
    local given, seen, squares, counts = {}, {}, {}, {}
    for line in rows():gmatch "[^\n]+" do given[#given + 1] = line end
    for _, row in ipairs(predictions_of(folder .. "/out1")) do
      lu.assertNil(seen[row.row])
      local fold = tonumber(row.fold)
      seen[row.row], counts[fold] = true, (counts[fold] or 0) + 1
      squares[fold] = (squares[fold] or 0) + (row.predicted - row.actual) ^ 2
      lu.assertAlmostEquals(tonumber(given[tonumber(row.row) + 1]:match "^[^,]*,[^,]*,([^,]*)"), tonumber(row.actual), 1e-5)
    end
    for line in synthetic.read_file(folder .. "/out1/folds.jsonl"):gmatch "[^\n]+" do
      local fold = json.decode(line)
      lu.assertEquals(counts[fold.fold], fold.rows)
      lu.assertAlmostEquals(math.sqrt(squares[fold.fold] / fold.rows), fold.scores.rmse, 1e-9)
    end
  end)
end

function TestCv:test_the_page_shows_all_held_out_rows_as_that_of_a_run_does()
  with("binary", "kind", '"group"', 2, "ml.kfold(3, { group = true })", function(folder, run)
    local r = run "cv r.lua --jobs 2 --out out"
    lu.assertEquals(r.status, 0, r.err)
    local html = synthetic.read_file(folder .. "/out/report.html")
    for _, text in ipairs { "All held-out rows together", "Scores by group", "Confusion", "ROC", "Calibration of the probability of", "most wrong about" } do
      lu.assertStrContains(html, text)
    end
  end)
  with("regression", "y", "nil", 1, "ml.kfold(3, { repeats = 2 })", function(folder, run)
    lu.assertEquals(run "cv r.lua --quiet --out out".status, 0)
    local html = synthetic.read_file(folder .. "/out/report.html")
    for _, text in ipairs { "96 rows, each as it was said by the model of the fold that did not see it, 2 times", "Residuals against predicted" } do
      lu.assertStrContains(html, text)
    end
  end)
end

function TestCv:test_answers_of_several_classes_or_numbers_have_a_column_each()
  support.with_folder(function(folder)
    synthetic.write(folder, { train = 60, test = 20 })
    synthetic.write_file(folder .. "/r.lua", synthetic.recipe { assess = "{ cv = ml.kfold(2) }", split = "{ valid = 0.2 }" })
    local status, _, err = synthetic.run(folder, "cv r.lua --quiet --jobs 2 --out out")
    lu.assertEquals({ status, err }, { 0, "" })
    local list = predictions_of(folder .. "/out")
    lu.assertEquals(#list, 60)
    for _, row in ipairs(list) do
      local sum, largest = 0, 0
      for name, value in pairs(row) do
        if name:find "^probability of " then sum, largest = sum + value, math.max(largest, tonumber(value)) end
      end
      lu.assertAlmostEquals(sum, 1, 1e-9)
      lu.assertEquals(largest, tonumber(row.probability))
    end
    lu.assertStrContains(synthetic.read_file(folder .. "/out/report.html"), "data:image/png;base64,")
  end)
end

function TestCv:test_each_fold_is_fitted_anew_and_the_mean_is_that_of_its_scores()
  with("regression", "y", "nil", 1, "ml.kfold(4)", function(folder, run)
    run "cv r.lua --out out"
    local metrics, sum, n, rows = read_json(folder .. "/out/metrics.json").metrics, 0, 0, 0
    for line in synthetic.read_file(folder .. "/out/folds.jsonl"):gmatch "[^\n]+" do
      local fold = json.decode(line)
      sum, n, rows = sum + fold.scores.rmse, n + 1, rows + fold.rows
    end
    lu.assertEquals({ n, rows, metrics[1].metric }, { 4, 48, "rmse" })
    lu.assertAlmostEquals(metrics[1].mean, sum / 4, 1e-12)
  end)
end

function TestCv:test_rows_that_are_held_out_are_in_no_fold_and_groups_in_one()
  local ml = require "moonlab"
  local prepare = require "moonlab.recipe.prepare"
  local recipe = synthetic.households { cv = ml.kfold(4) }
  local read = prepare.read(recipe)
  local held_out, table_ = prepare.data(recipe, read).places.test, read.cleaned.table
  local folds = prepare.folds(recipe, read)
  lu.assertEquals({ folds.count, folds.rows + #held_out }, { 4, 90 })
  local tested = {}
  for _, row in ipairs(held_out:tolist()) do tested[row] = "held out" end
  for k = 1, folds.count do
    local fold, part_of = folds.at(k), {}
    for name, places in pairs { train = fold.train, valid = fold.valid, test = fold.test } do
      for _, row in ipairs(places:tolist()) do
        local home = table_.home:item(row)
        lu.assertTrue(part_of[home] == nil or part_of[home] == name, home)
        part_of[home] = name
        lu.assertNotEquals(tested[row], "held out")
      end
    end
    for _, row in ipairs(fold.test:tolist()) do
      lu.assertNil(tested[row])
      tested[row] = k
    end
    lu.assertEquals(#fold.train + #fold.valid + #fold.test, folds.rows)
  end
  for row = 1, 90 do lu.assertNotNil(tested[row]) end
end

function TestCv:test_without_a_wish_there_are_five_folds_with_the_classes_in_proportion()
  with("binary", "kind", "nil", 2, "nil", function(_, run)
    local r = run "cv r.lua"
    lu.assertEquals(r.status, 0, r.err)
    lu.assertStrContains(r.err, "line: 5 folds of 48 rows, kfold {group = false, k = 5, repeats = 1, shuffle = true, stratify = true}")
  end)
end

function TestCv:test_where_a_fold_has_no_score_the_rows_of_all_folds_together_have_one()
  with("binary", "kind", "nil", 2, "ml.leave_one_out()", function(_, run)
    local r = run "cv r.lua --quiet assess.metrics=balanced_accuracy,auc"
    lu.assertEquals(r.status, 0, r.err)
    lu.assertStrMatches(r.out, "fold +rows  balanced_accuracy        auc\n1 +1 +[01]%.0000  undefined\n.*\n%.%.%. and 8 more in folds%.jsonl\nmean .*\nall rows +[01]%.%d+ +[01]%.%d+\n.*auc has no mean.*")
    lu.assertEquals(select(2, r.out:gsub("\n%d+ ", "")), 40)
    for _, line in ipairs { r.out:match "fold[^\n]*", r.out:match "\n(1 [^\n]*)", r.out:match "all rows[^\n]*", r.out:match "mean[^\n]*" } do lu.assertEquals(#line, 46) end
  end)
end

function TestCv:test_two_models_in_the_same_folds_are_compared_by_the_corrected_t_test()
  with("regression", "y", "nil", 1, "ml.kfold(4)", function(folder, run)
    run "cv r.lua --quiet --out a"
    run "cv r.lua --quiet --out b train.epochs=7"
    run "cv r.lua --quiet --out other assess.metrics=rmse --seed 8"
    local r = run "runs diff a b"
    lu.assertStrMatches(r.out, ".*\nscores +a +b +difference  p\n  rmse .*\np: how often chance alone differs so much in the same folds.*")
    local scores = {}
    for _, name in ipairs { "a", "b" } do
      scores[name] = {}
      for line in synthetic.read_file(folder .. "/" .. name .. "/folds.jsonl"):gmatch "[^\n]+" do table.insert(scores[name], json.decode(line).scores.rmse) end
    end
    local expected = require "moonlab".assess.corrected_t(scores.a, scores.b, { train = 36, test = 12 }).p
    for _, one in ipairs(json.decode(run("runs diff a b --json").out).scores) do
      if one.field == "rmse" then lu.assertAlmostEquals(one.p, expected, 1e-12) end
    end
    lu.assertStrMatches(run("runs diff a other").out, ".*\nscores +a +other +difference\n.*")
    lu.assertStrMatches(run("runs diff a a").out, ".*  difference  p\n  rmse +[%d.]+ +[%d.]+ +%+0.0000 +%-\n.*")
  end)
end

function TestCv:test_folds_are_drawn_as_boxes()
  with("regression", "y", "nil", 1, "ml.kfold(5)", function(_, run)
    run "cv r.lua --quiet"
    run "cv r.lua --quiet --seed 4"
    lu.assertStrMatches(run("runs plot line-cv-1 line-cv-2").out, "rmse of the folds\nline%-cv%-1 .*\nline%-cv%-2 .*")
  end)
end

function TestCv:test_a_spec_may_name_a_column_of_the_table()
  with("regression", "y", "nil", 1, "ml.kfold(3, { group = 'group', stratify = 'kind' })", function(folder, run)
    local r = run "cv r.lua --quiet --out out"
    lu.assertEquals(r.status, 0, r.err)
    local fold_of, lines = {}, {}
    for line in rows():gmatch "[^\n]+" do lines[#lines + 1] = line end
    for _, one in ipairs(predictions_of(folder .. "/out")) do
      local group = lines[tonumber(one.row) + 1]:match ",(g%d+),"
      lu.assertEquals(fold_of[group] or one.fold, one.fold)
      fold_of[group] = one.fold
    end
    lu.assertEquals(#predictions_of(folder .. "/out"), 48)
  end)
  with("binary", "kind", "nil", 2, "ml.kfold(3, { stratify = 'grup' })", function(_, run)
    lu.assertStrContains(run "cv r.lua".err, "unknown column 'grup'; did you mean 'group'?")
  end)
end

function TestCv:test_folds_that_stand_on_what_the_recipe_does_not_have_are_refused()
  for spec, said in pairs { ["stratify = true"] = 'kfold {stratify = true} needs classes, and a regression has numbers; stratify = "a column" takes those of a column',
    ["group = true"] = 'kfold {group = true} needs data.group, the column whose rows stay together; group = "a column" takes another one' } do
    with("regression", "y", "nil", 1, ("ml.kfold(3, { %s })"):format(spec), function(_, run)
      local r = run "cv r.lua"
      lu.assertEquals(r.status, 1)
      lu.assertStrMatches(r.err, "moonlab: r.lua:%d+: .*")
      lu.assertStrContains(r.err, said)
    end)
  end
end

function TestCv:test_a_score_that_is_undefined_in_a_fold_has_no_mean_and_says_why()
  with("binary", "kind", "nil", 2, "ml.leave_one_out()", function(_, run)
    local r = run "cv r.lua --json --quiet"
    lu.assertEquals(r.status, 0, r.err)
    local result = json.decode(r.out:match "[^\n]*\n$")
    lu.assertEquals({ result.event, result.folds }, { "result", 48 })
    for _, one in ipairs(result.metrics) do
      if one.metric == "auc" then
        lu.assertNil(one.mean)
        lu.assertStrContains(one.undefined, "fold 1: all rows are of one class")
      end
    end
  end)
end

function TestCv:test_what_can_not_be_done_is_said_with_the_line_of_the_recipe()
  with("regression", "y", "nil", 1, "ml.kfold(49)", function(folder, run)
    local r = run "cv r.lua"
    lu.assertEquals(r.status, 1)
    lu.assertStrMatches(r.err, "moonlab: r%.lua:9: kfold: 49 folds need at least as many rows, and there are 48\n")
    lu.assertFalse(require "moonlab.vm".exists(folder .. "/runs"))
    lu.assertEquals(run "cv r.lua --jobs 0".status, 2)
  end)
  with("regression", "y", "nil", 1, "5", function(_, run)
    lu.assertStrContains(run "cv r.lua".err, "'assess.cv' must be a way of making folds, as ml.kfold(10) gives, got 5")
  end)
end

function TestCv:test_a_training_that_diverges_ends_all_and_leaves_nothing()
  with("regression", "y", "nil", 1, "ml.kfold(5)", function(folder, run)
    local r = run "cv r.lua --jobs 2 train.optimizer.lr=1e38"
    lu.assertEquals(r.status, 5, r.err)
    lu.assertFalse(require "moonlab.vm".exists(folder .. "/runs"))
  end)
end

function TestCv:test_killed_at_any_moment_it_leaves_no_half_of_a_file_and_the_next_one_has_the_same_numbers()
  with("regression", "y", "nil", 1, "ml.kfold(6)", function(folder, run)
    run "cv r.lua --quiet --out whole train.epochs=20"
    for i, seconds in ipairs { 0.02, 0.09, 0.04, 0.06, 0.03, 0.12 } do
      os.execute(("cd %s; MOONLAB_THREADS=1 timeout -s KILL %s %s cv r.lua --quiet --jobs %d train.epochs=20 >/dev/null 2>&1"):format(folder, seconds,
        synthetic.program(), i % 3 + 1))
    end
    for name in io.popen(("cd %s; ls runs/*/*"):format(folder)):lines() do
      local text = synthetic.read_file(folder .. "/" .. name)
      if name:find "%.json$" then lu.assertTrue(pcall(json.decode, text), name) end
      lu.assertNil(name:find "lock", name)
    end
    lu.assertEquals(run "runs ls".status, 0)
    lu.assertEquals(run "cv r.lua --quiet --out again train.epochs=20".status, 0)
    lu.assertEquals(synthetic.read_file(folder .. "/again/metrics.json"), synthetic.read_file(folder .. "/whole/metrics.json"))
  end)
end

function TestCv:test_several_at_once_have_folders_of_their_own()
  with("regression", "y", "nil", 1, "ml.kfold(3)", function(folder)
    local lines = {}
    for i, command in ipairs { "cv", "cv", "cv", "run", "run", "run" } do
      lines[i] = ("MOONLAB_THREADS=1 XDG_STATE_HOME=state %s %s r.lua --quiet >out%d 2>&1 &"):format(synthetic.program(), command, i)
    end
    os.execute(("cd %s; %s wait"):format(folder, table.concat(lines, " ")))
    for i = 1, 3 do
      lu.assertEquals(read_json(("%s/runs/line-cv-%d/metrics.json"):format(folder, i)), read_json(folder .. "/runs/line-cv-1/metrics.json"))
      lu.assertEquals(read_json(("%s/runs/line-%d/metrics.json"):format(folder, i)).test, read_json(folder .. "/runs/line-1/metrics.json").test)
    end
    lu.assertEquals(#require "moonlab.vm".listdir(folder .. "/runs"), 6)
  end)
end

-- A disk may be full: one message, and what stands is whole.
function TestCv:test_a_disk_that_is_full_is_said_once_and_leaves_nothing_half()
  with("regression", "y", "nil", 1, "ml.kfold(4)", function(folder)
    for blocks = 0, 6 do
      local status, out, err = synthetic.run(folder, ("cv r.lua --quiet --jobs 2 --out full%d"):format(blocks), ("ulimit -f %d; "):format(blocks))
      lu.assertTrue(status == 0 or status == 4, err)
      if status == 4 then
        lu.assertEquals(out, "")
        lu.assertTrue(err == "" or select(2, err:gsub("\n", "")) == 1, err) -- of no block at all even the message has no room
        lu.assertFalse(require "moonlab.vm".exists(("%s/full%d"):format(folder, blocks)))
      else
        lu.assertTrue(pcall(read_json, ("%s/full%d/metrics.json"):format(folder, blocks)))
      end
    end
  end)
end

function TestCv:test_a_model_that_is_solved_goes_the_same_road()
  support.with_folder(function(folder)
    synthetic.write_file(folder .. "/rows.csv", rows())
    synthetic.write_file(folder .. "/r.lua", [[
local ml = require "moonlab"
return ml.recipe { name = "solved", task = "regression", seed = 3,
  data = { source = ml.data.csv "rows.csv", target = "y", columns = { group = ml.data.ignore(), kind = ml.data.ignore() } },
  split = { test = 0.25 }, features = {}, model = ml.ridge { alpha = 0.5 }, assess = { cv = ml.kfold(3) } }
]])
    local function run(line)
      local status, out, err = synthetic.run(folder, line)
      lu.assertEquals(status, 0, err)
      return out
    end
    lu.assertStrMatches(run "run r.lua --out out", "test rmse +%d.*\nsolved in %d.*; run folder out\n")
    lu.assertStrContains(run "cv r.lua --quiet --jobs 2", "mean")
    lu.assertStrContains(run "check r.lua", "ml.ridge, solved")
    local config = read_json(folder .. "/out/config.json")
    lu.assertEquals(config.model, { alpha = 0.5, fit_intercept = true, name = "ml.ridge" })
    lu.assertEquals(config.split.rows, { train = 45, valid = nil, test = 15 })

    local job = require "moonlab.recipe.job".prepare(require "moonlab.recipe.file".load(folder .. "/r.lua", {}))
    job:fit {}
    lu.assertEquals(job.model.fitted.names, { "x" }) -- what summary() and messages call its columns

    -- the same weights by hand, from the rows that trained
    local ml = require "moonlab"
    local tensors = ml.load(folder .. "/out/model.safetensors")
    local w, b = tensors.weight:item(), tensors.bias:item()
    synthetic.write_file(folder .. "/new.csv", "x\n2.5\n")
    lu.assertAlmostEquals(tonumber(run("predict out new.csv"):match "  ([%d.]+)\n"), w * 2.5 + b, 1e-5)
  end)
end

function TestCv:test_folds_that_differ_more_than_chance_allows_are_told()
  support.with_folder(function(folder)
    local lines = { "x,y" }
    for i = 1, 400 do
      local x = math.sin(i * 12.9898) -- the last fifth follows another rule
      lines[#lines + 1] = ("%.6f,%s"):format(x, (x > 0) == (i <= 320) and "a" or "b")
    end
    synthetic.write_file(folder .. "/rows.csv", table.concat(lines, "\n") .. "\n")
    local text = [[
local ml = require "moonlab"
return ml.recipe { name = "drift", task = "binary", seed = 3, data = { source = ml.data.csv "rows.csv", target = "y" }, split = { test = 0 },
  model = ml.logistic {}, assess = { cv = ml.kfold(5, { shuffle = %s }), metrics = { "accuracy" } } }
]]
    for shuffle, differ in pairs { ["false"] = true, ["true"] = false } do
      synthetic.write_file(folder .. "/r.lua", text:format(shuffle))
      local status, out, err = synthetic.run(folder, "cv r.lua --quiet --out " .. shuffle)
      lu.assertEquals(status, 0, err)
      lu.assertEquals(out:find("accuracy of the folds differs more than chance allows (Cochran's Q", 1, true) ~= nil, differ, out)
    end
  end)
end

TestCvOfClasses = {}

-- Cross-validates rows of these classes, in this order: their counts by letter.
local function of_classes(counts, o)
  local result
  support.with_folder(function(folder)
    local lines, i = { "a,b,y" }, 0
    for _, one in ipairs(counts) do
      for _ = 1, one[2] do
        i = i + 1
        lines[#lines + 1] = ("%.3f,%.3f,%s"):format(math.sin(i * 12.9898) + #lines / 20, math.sin(i * 78.233), one[1])
      end
    end
    synthetic.write_file(folder .. "/rows.csv", table.concat(lines, "\n") .. "\n")
    synthetic.write_file(folder .. "/r.lua", ([[
local ml = require "moonlab"
return ml.recipe { name = "classes", task = "%s", seed = 3, data = { source = ml.data.csv "rows.csv", target = "y" }, split = { test = 0 },
  model = %s, assess = { cv = %s, metrics = %s } }
]]):format(o.task or "binary", o.model, o.cv, o.metrics))
    local status, out, err = synthetic.run(folder, "cv r.lua --quiet --json --jobs 2")
    result = status == 0 and json.decode(out:match "[^\n]*\n$") or { status = status, err = err }
  end)
  return result
end

local MODELS = { "ml.logistic()", "ml.naive_bayes()", "ml.knn()", "ml.baseline()" }

function TestCvOfClasses:test_a_fold_whose_test_part_has_one_class_has_no_auc_and_says_why()
  for _, model in ipairs(MODELS) do
    local result = of_classes({ { "p", 24 }, { "q", 24 } }, { model = model, cv = "ml.kfold(4, { shuffle = false })", metrics = '{ "accuracy", "auc", "mcc" }' })
    lu.assertNotNil(result.metrics[1].mean)
    for i = 2, 3 do
      lu.assertNil(result.metrics[i].mean)
      lu.assertStrContains(result.metrics[i].undefined, "fold 1: all rows are of one class")
    end
  end
end

function TestCvOfClasses:test_a_score_that_a_fold_does_not_have_has_no_mean_of_the_others()
  local one = require "moonlab.assess.folds".summary({ { scores = { auc = 0.5 }, why = {} }, { scores = { auc = 0.7 }, why = {} },
    { scores = {}, why = { auc = "all rows are of one class" } } }, { "auc" })[1]
  lu.assertEquals({ one.mean, one.std, one.why }, { nil, nil, "fold 3: all rows are of one class" })
  local result = of_classes({ { "p", 36 }, { "q", 4 } }, { model = "ml.naive_bayes()", cv = "ml.kfold(8)", metrics = '{ "accuracy", "auc" }' })
  lu.assertNil(result.metrics[2].mean)
  lu.assertStrMatches(result.metrics[2].undefined, "fold %d: all rows are of one class.*")
end

function TestCvOfClasses:test_a_fold_whose_training_part_has_one_class_is_an_error_that_names_it()
  local result = of_classes({ { "p", 24 }, { "q", 24 } }, { model = "ml.logistic()", cv = "ml.kfold(2, { shuffle = false })", metrics = '{ "accuracy" }' })
  lu.assertEquals(result.err, "moonlab: r.lua:3: ml.logistic: all 24 rows are of class 2: there is nothing to tell apart\n  in fold 1 of 2\n")
end

-- A class that no training row has: its probability is 0, for which scikit-learn's log_loss takes 2^-52.
function TestCvOfClasses:test_a_class_that_only_the_test_part_has_is_never_said()
  for _, model in ipairs(MODELS) do
    local result = of_classes({ { "p", 20 }, { "q", 20 }, { "r", 20 } },
      { task = "multiclass", model = model, cv = "ml.kfold(3, { shuffle = false })", metrics = '{ "accuracy", "f1_macro", "log_loss", "auc_ovr" }' })
    lu.assertEquals({ result.metrics[1].mean, result.metrics[2].mean }, { 0, 0 }, model)
    lu.assertAlmostEquals(result.metrics[3].mean, 52 * math.log(2), 1e-9)
    lu.assertStrContains(result.metrics[4].undefined, "fold 1: all rows are of class 1")
  end
end

function TestCvOfClasses:test_a_class_of_one_row_is_in_one_fold()
  for _, model in ipairs(MODELS) do
    local result = of_classes({ { "p", 20 }, { "q", 20 }, { "r", 1 } }, { task = "multiclass", model = model, cv = "ml.kfold(4)", metrics = '{ "accuracy", "log_loss" }' })
    lu.assertTrue(result.metrics[1].mean > 0.2 and result.metrics[2].mean < 10, model)
  end
  lu.assertStrContains(of_classes({ { "p", 20 }, { "q", 1 } }, { model = MODELS[1], cv = "ml.kfold(4, { stratify = true })", metrics = '{ "accuracy" }' }).err,
    "kfold: class 2 has 1 row, fewer than the 4 folds that each need one")
end

function TestCvOfClasses:test_one_class_in_all_rows_is_no_task()
  lu.assertStrContains(of_classes({ { "p", 20 } }, { model = MODELS[1], cv = "ml.kfold(4)", metrics = '{ "accuracy" }' }).err,
    "'y' has one value alone, a binary task has two: p")
  lu.assertStrContains(of_classes({ { "p", 20 } }, { task = "multiclass", model = MODELS[1], cv = "ml.kfold(4)", metrics = '{ "accuracy" }' }).err,
    "ml.logistic: all 15 rows are of class 1: there is nothing to tell apart\n  in fold 1 of 4")
end

function TestCvOfClasses:test_what_is_said_of_the_target_as_of_a_feature_is_refused()
  for option, said in pairs { ['map = "log1p"'] = "'y' is the target, which no map changes; derive what is asked for: target = \"y\", derive = { y = function(c) return c.y:log1p() end }",
    ['missing = "median"'] = "'y' is the target: rows without it are dropped, and nothing stands in its place ('missing')" } do
    support.with_folder(function(folder)
      synthetic.write_file(folder .. "/rows.csv", rows())
      synthetic.write_file(folder .. "/r.lua", (RECIPE:format("regression", "y", "nil", 1, "nil"):gsub("y = data.ignore%(%)", "y = data.number { " .. option .. " }")))
      for _, command in ipairs { "check", "run" } do
        local _, out, err = synthetic.run(folder, command .. " r.lua")
        lu.assertStrContains(out .. err, said)
      end
    end)
  end
end

-- Outputs that stand for numbers by a link ----------------------------------------------------------------------------------------------

TestLinks = {}

local COUNTS = [[
local ml = require "moonlab"
return ml.recipe {
  name = "counts", task = "regression", seed = 2, data = { source = ml.data.csv "rows.csv", target = "y" }, split = { test = 0.25%s },
  features = {}, model = %s, %s assess = { metrics = { "mae", "quantile_loss(quantile=0.9)" } },
}
]]

-- Counts that grow with the exponential of x.
local function with_counts(model, train, valid, f)
  support.with_folder(function(folder)
    local lines = { "x,y" }
    for i = 1, 120 do lines[i + 1] = ("%.2f,%d"):format(i % 12 / 4, math.floor(math.exp(i % 12 / 4) + 0.5 + i % 2)) end
    synthetic.write_file(folder .. "/rows.csv", table.concat(lines, "\n") .. "\n")
    synthetic.write_file(folder .. "/r.lua", COUNTS:format(valid or "", model, train or ""))
    local status, out, err = synthetic.run(folder, "run r.lua --quiet --out out")
    lu.assertEquals(status, 0, err)
    f(folder, out)
  end)
end

-- What predict and predictions.csv say, and the score, are of the same numbers.
local function check_counts(folder, out)
  local error_sum, n, largest = 0, 0, 0
  for line in synthetic.read_file(folder .. "/out/predictions.csv"):gmatch "[^\n]+" do
    local actual, predicted = line:match "^%d+,([%d.]+),([%d.e-]+)$"
    if actual then error_sum, n, largest = error_sum + math.abs(actual - predicted), n + 1, math.max(largest, tonumber(predicted)) end
  end
  lu.assertAlmostEquals(tonumber(out:match "test mae +([%d.]+)"), error_sum / n, 6e-5)
  synthetic.write_file(folder .. "/new.csv", "x\n2.75\n")
  local _, said = synthetic.run(folder, "predict out new.csv")
  return error_sum / n, tonumber(said:match "  ([%d.]+)\n"), largest
end

function TestLinks:test_a_poisson_model_is_judged_and_predicts_by_counts_and_not_their_logarithms()
  with_counts("ml.poisson { alpha = 0 }", nil, nil, function(folder, out)
    local mae, said = check_counts(folder, out)
    lu.assertTrue(mae < 1, mae)
    lu.assertAlmostEquals(said, math.exp(2.75), 1.5)
  end)
end

function TestLinks:test_so_is_a_network_with_the_loss_of_counts()
  with_counts("ml.nn.Linear(1)", 'train = { loss = "poisson_nll", epochs = 60, batch = 16, optimizer = ml.optim.adam { lr = 0.05 } },', ", valid = 0.2", function(folder, out)
    local mae, said = check_counts(folder, out)
    lu.assertTrue(mae < 1.5, mae)
    lu.assertAlmostEquals(said, math.exp(2.75), 3)
  end)
end

function TestLinks:test_a_quantile_regression_is_a_recipe_like_others()
  with_counts("ml.quantile_regression { quantile = 0.9 }", nil, nil, function(folder, out)
    check_counts(folder, out)
    local loss = json.decode(synthetic.read_file(folder .. "/out/metrics.json")).test
    lu.assertNotNil(loss["quantile_loss(quantile=0.9)"])
  end)
end
