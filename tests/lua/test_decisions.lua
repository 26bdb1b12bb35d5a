-- assess.calibrate and assess.cost of a recipe: how scores become answers, on the road of run, cv, eval, predict and search.

local lu = require "luaunit"
local ml = require "moonlab"
local json = require "moonlab.json"
local decision = require "moonlab.assess.decision"
local Job = require "moonlab.recipe.job"
local metrics = require "moonlab.metrics"
local support = require "support"
local synthetic = require "synthetic"

TestDecisions = {}

-- Three groups of points that overlap, in two or three classes; part says which rows are held out, whose labels may be turned.
local function columns_of(classes, o)
  o = o or {}
  local out, state = { a = {}, b = {}, kind = {}, part = {} }, 11
  local function uniform()
    state = (state * 1103515245 + 12345) & 0x7fffffff
    return (state >> 8) / (0x7fffff + 1)
  end
  for i = 1, o.rows or 240 do
    local class = i % 3 == 0 and 2 or (classes == 3 and i % 3 == 1) and 3 or 1
    out.a[i], out.b[i] = class + 2.5 * uniform(), uniform() + (class == 3 and 0.5 or 0)
    out.part[i] = i % 4 == 0 and "test" or o.valid and i % 4 == 1 and "valid" or "train"
    out.kind[i] = ({ "no", "yes", "maybe" })[o.turned and out.part[i] == "test" and 3 - math.min(class, 2) or class]
  end
  return out
end

local function recipe_of(assess, o)
  o = o or {}
  local classes = o.classes or 2
  return ml.recipe { name = "d", task = classes == 2 and "binary" or "multiclass", seed = 4, model = o.model or ml.logistic {},
    data = { source = ml.data.table(columns_of(classes, o)), target = "kind" }, split = o.split or { by = "part" }, assess = assess, train = o.train }
end

local function fitted(assess, o)
  local job = Job.prepare(recipe_of(assess, o))
  job:fit(Job.silent)
  return job, job:judge()
end

function TestDecisions:test_no_other_threshold_costs_less_on_the_rows_that_chose_it()
  local job, result = fitted({ cost = { false_positive = 1, false_negative = 4 } }, { valid = true })
  local made = job.decision
  lu.assertEquals({ made.on, made.rows }, { "the validation part", 60 })
  local valid = metrics.evaluate(job.model, job.parts.valid, { classes = 2 })
  local least = math.huge
  local p, y = (1 / (1 + (-valid.output:reshape { -1 }):exp())):tolist(), valid.y:tolist()
  for _, t in ipairs(table.move(p, 1, #p, 2, { 2 })) do
    local sum = 0
    for i = 1, #p do sum = sum + (p[i] >= t and (y[i] == 1 and 1 or 0) or (y[i] == 2 and 4 or 0)) end
    least = math.min(least, sum / #p)
  end
  lu.assertAlmostEquals(made.cost, least, 1e-12)
  lu.assertTrue(made.cost <= made.cost_before)
  -- the judged part is answered by it
  local said, right, cost = result.result, 0, 0
  for i, q in ipairs((1 / (1 + (-said.output:reshape { -1 }):exp())):tolist()) do
    local answer, actual = q >= made.threshold and 2 or 1, said.y:select(1, i):item()
    right, cost = right + (answer == actual and 1 or 0), cost + (answer == actual and 0 or actual == 2 and 4 or 1)
  end
  lu.assertAlmostEquals(result.scores.accuracy, right / result.rows, 1e-12)
  lu.assertAlmostEquals(result.cost, cost / result.rows, 1e-12)
  lu.assertEquals(result.matrix[1][1] + result.matrix[2][2], right)
end

function TestDecisions:test_rows_that_are_judged_decide_nothing()
  for _, assess in ipairs { { calibrate = "sigmoid" }, { calibrate = "isotonic", cost = { false_negative = 3 } } } do
    for _, valid in ipairs { true, false } do
      local one, other = fitted(assess, { valid = valid }), fitted(assess, { valid = valid, turned = true })
      lu.assertEquals(json.encode(one.decision:describe()), json.encode(other.decision:describe()))
      lu.assertEquals(one.decision.on, valid and "the validation part" or "5 folds of the training part")
    end
  end
  -- a validation part that is judged itself decides nothing either
  local job = fitted({ calibrate = "sigmoid" }, { split = { valid = 0.25 } })
  lu.assertEquals({ job.decision.on, job.decision.rows }, { "5 folds of the training part", 180 })
end

function TestDecisions:test_out_of_fold_rows_are_said_by_models_that_have_not_seen_them()
  -- the nearest neighbour knows its own rows by heart: calibrated on them it would be sure, on others it is right two times in three
  local job = fitted({ calibrate = "isotonic" }, { model = ml.knn { n_neighbors = 1 }, rows = 480 })
  local line = job.decision.calibrator.maps[1].y
  lu.assertTrue(line[1] > 0.05 and line[#line] < 0.9, json.encode(line))
end

function TestDecisions:test_calibration_brings_probabilities_nearer_to_what_comes()
  local _, raw = fitted({ metrics = { "log_loss", "accuracy" } }, { model = ml.knn { n_neighbors = 3 }, rows = 480 })
  for _, method in ipairs { "sigmoid", "isotonic", "temperature" } do
    local job, result = fitted({ metrics = { "log_loss", "accuracy" }, calibrate = method }, { model = ml.knn { n_neighbors = 3 }, rows = 480 })
    lu.assertNil(job.decision.problem)
    lu.assertTrue(result.scores.log_loss < raw.scores.log_loss, method)
    lu.assertEquals(result.result.loss, raw.result.loss) -- of the model as it was fitted
  end
end

function TestDecisions:test_of_several_classes_the_one_that_costs_least_is_answered()
  local costs = { { 0, 1, 1 }, { 9, 0, 9 }, { 1, 1, 0 } } -- in the order of the classes: maybe, no, yes
  local job, result = fitted({ cost = costs, calibrate = "temperature" }, { classes = 3 })
  lu.assertEquals(job.classes, { "maybe", "no", "yes" })
  local Result = require "moonlab.metrics.result"
  local p, answers = Result.probabilities(result.result):tolist(), Result.predicted(result.result):tolist()
  for i, row in ipairs(p) do
    local best, least = nil, math.huge
    for j = 1, 3 do
      local sum = 0
      for k = 1, 3 do sum = sum + row[k] * costs[k][j] end
      if sum < least - 1e-12 then best, least = j, sum end
    end
    lu.assertEquals(answers[i], best)
  end
  lu.assertTrue(job.decision.cost < job.decision.cost_before)
end

function TestDecisions:test_the_curve_over_training_rows_ends_at_the_score_of_the_run()
  local job, result = fitted { cost = { false_positive = 1, false_negative = 9 }, metrics = { "accuracy" }, learning_curve = true }
  local points = require "moonlab.assess.by_rows".of(job, "test").points
  lu.assertEquals(points[#points].score, result.scores.accuracy)
  lu.assertNotEquals(result.scores.accuracy, metrics.of("accuracy", metrics.evaluate(job.model, job.parts.test, { classes = 2 }))) -- the costs change answers
end

function TestDecisions:test_a_decision_is_plain_data()
  for _, assess in ipairs { { cost = { false_negative = 3 } }, { calibrate = "isotonic" }, { calibrate = "sigmoid", cost = { { 0, 1 }, { 3, 0 } } } } do
    local job, result = fitted(assess)
    local again = decision.of(json.decode(json.encode(job.decision:describe())))
    local said = again:apply(metrics.evaluate(job.model, job.parts.test, { classes = 2 }))
    lu.assertEquals(metrics.of("accuracy", said), result.scores.accuracy)
    lu.assertEquals(metrics.of("auc", said), result.scores.auc)
    lu.assertEquals(again:lines { "no", "yes" }, job.decision:lines { "no", "yes" })
  end
  lu.assertNil(decision.of(nil))
end

function TestDecisions:test_what_can_not_be_fitted_is_said_and_the_model_answers_as_it_is()
  local far = ml.tensor({ -9, 9 }, { dtype = "float64" })
  local result = { rows = 2, y = ml.tensor { 1, 2 }, output = far, classes = 2 }
  local made = decision.fit({ calibrate = "temperature" }, result, "the validation part")
  lu.assertEquals(made:lines(), { "NOT calibrated: every row is answered right: no temperature is best" })
  lu.assertTrue(made:apply(result).output:equal(far))
  local never = decision.fit({ costs = { { 0, 9 }, { 1, 0 } } }, { rows = 2, y = ml.tensor { 1, 1 }, output = far, classes = 2 }, "these rows")
  lu.assertStrContains(never:lines { "no", "yes" }[1], "yes is never answered: chosen by cost on these rows (2 rows): a row costs 0 there, 4.5 without")
end

-- The commands ---------------------------------------------------------------------------------------------------------------

local function with_recipe(assess, model, f)
  support.with_folder(function(folder)
    local columns, lines = columns_of(2), { "a,b,kind" }
    for i = 1, #columns.a do lines[i + 1] = ("%.4f,%.4f,%s"):format(columns.a[i], columns.b[i], columns.kind[i]) end
    synthetic.write_file(folder .. "/rows.csv", table.concat(lines, "\n") .. "\n")
    synthetic.write_file(folder .. "/r.lua", ([[
local ml = require "moonlab"
return ml.recipe { name = "d", task = "binary", seed = 4, model = %s, data = { source = ml.data.csv "rows.csv", target = "kind" },
  split = { test = 0.25 }, assess = { cv = ml.kfold(3), metrics = { "accuracy", "recall" }, %s } }
]]):format(model, assess))
    f(folder, function(line)
      local status, out, err = synthetic.run(folder, line)
      lu.assertEquals(status, 0, err)
      return out
    end)
  end)
end

function TestDecisions:test_a_threshold_is_kept_with_the_model_and_used_for_new_rows()
  with_recipe("cost = { false_positive = 1, false_negative = 6 }, calibrate = 'sigmoid'", "ml.logistic {}", function(folder, run)
    local out = run "run r.lua --quiet --out out"
    lu.assertStrContains(out, "probabilities calibrated (sigmoid) on 5 folds of the training part (180 rows)")
    lu.assertStrMatches(out, ".*\nyes from a probability of 0%.%d+ on, chosen by cost on 5 folds of the training part %(180 rows%): a row costs .*")
    lu.assertStrMatches(out, ".*\ntest cost of a row +%d.*")
    local made = json.decode(synthetic.read_file(folder .. "/out/metrics.json"))
    lu.assertTrue(made.decision.threshold < 0.3)
    local scores = out:match "^(.-)\nprobabilities":gsub(" %(.-%)", "")
    lu.assertEquals(run "eval out":match "^(.-)\nprobabilities":gsub(" %(.-%)", ""), scores)
    local given, said, n = {}, {}, 0
    for line in synthetic.read_file(folder .. "/rows.csv"):gmatch "[^\n]+" do given[#given + 1] = line:match "^([^,]*,[^,]*)" end
    synthetic.write_file(folder .. "/new.csv", table.concat(given, "\n") .. "\n")
    for row, class in run "predict out new.csv":gmatch ":(%d+)  (%w+)" do said[row] = class end
    for row, predicted in synthetic.read_file(folder .. "/out/predictions.csv"):gmatch "\n(%d+),%w+,(%w+)," do
      lu.assertEquals(said[row], predicted, row)
      n = n + 1
    end
    lu.assertEquals(n, 60)
    lu.assertStrContains(synthetic.read_file(folder .. "/out/report.html"), "How it answers: probabilities calibrated (sigmoid)")
  end)
end

function TestDecisions:test_each_fold_decides_anew_whatever_the_number_of_processes()
  with_recipe("cost = { false_negative = 6 }", "ml.logistic { C = ml.grid { 1, 0.1 } }", function(folder, run)
    local out = run "cv r.lua --quiet --out out1"
    lu.assertStrMatches(out, ".*\nthresholds of the folds: 0%.%d+ to 0%.%d+\n.*")
    run "cv r.lua --quiet --jobs 3 --out out3"
    lu.assertEquals(synthetic.read_file(folder .. "/out3/predictions.csv"), synthetic.read_file(folder .. "/out1/predictions.csv"))
    local thresholds, seen = {}, 0
    for line in synthetic.read_file(folder .. "/out1/folds.jsonl"):gmatch "[^\n]+" do
      local fold = json.decode(line)
      thresholds[fold.fold] = fold.threshold
    end
    for fold, predicted, p in synthetic.read_file(folder .. "/out1/predictions.csv"):gmatch "\n%d+,(%d),%w+,(%w+),([%d.e-]+)" do
      local of_yes = predicted == "yes" and tonumber(p) or 1 - p
      lu.assertEquals(of_yes >= thresholds[tonumber(fold)], predicted == "yes")
      seen = seen + 1
    end
    lu.assertEquals({ seen, #thresholds }, { 180, 3 })
    lu.assertStrContains(run "search r.lua --quiet --jobs 2 --out s", "yes from a probability of")
    local plain = run "run r.lua --quiet --out plain assess.cost.false_negative=1"
    lu.assertStrContains(plain, "chosen by cost")
  end)
end

function TestDecisions:test_what_a_recipe_gets_wrong_is_said_with_its_line()
  local function says(text, assess, o)
    local ok, problem = pcall(function() fitted(assess, o) end)
    lu.assertFalse(ok)
    lu.assertStrContains(require "moonlab.failure".message_of(problem), text)
  end
  says("cost: unknown error 'false_postive'; did you mean 'false_positive'?", { cost = { false_postive = 2 } })
  says("cost: false_negative must be a number from 0, got -1", { cost = { false_negative = -1 } })
  says("cost: an error that costs nothing would always be made: both must be above 0", { cost = { false_positive = 0 } })
  says("cost: a binary task has two classes: { false_positive = 1, false_negative = 5 }", { cost = { { 0, 1, 1 }, { 1, 0, 1 }, { 1, 1, 0 } } })
  says("cost: row 2 must be a list of 2 numbers, cost[actual][predicted]", { cost = { { 0, 1 }, { 1 } } })
  says("cost: there are 3 classes, so that it must be a matrix of 3 x 3: cost[actual][predicted]", { cost = { false_negative = 2 } }, { classes = 3 })
  says("kfold: 5 folds need at least as many rows, and there are 4", { calibrate = "sigmoid" }, { rows = 5 })
end
