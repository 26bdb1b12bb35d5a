-- The baselines beside every score, and columns that are derived before rows are cut.

local ml = require "moonlab"
local lu = require "luaunit"
local support = require "support"
local Job = require "moonlab.recipe.job"

local data = ml.data

-- What is said of the held-out part of a recipe.
local function judged(fields)
  fields.name, fields.seed = "b", 1
  local job = Job.prepare(ml.recipe(fields))
  job:fit(Job.silent)
  return job:judge()
end

TestBaselinesOfScores = {}

-- 20 rows, out of order in the file; the last five of them in time are held out.
local function series(f)
  local columns = { t = {}, x = {}, y = {} }
  for i = 1, 20 do
    local t = i * 7 % 20
    columns.t[i], columns.x[i], columns.y[i] = t, i % 3, f(t)
  end
  return data.table(columns)
end

function TestBaselinesOfScores:test_of_a_table_in_time_are_the_row_before_and_the_season_before()
  local result = judged { task = "regression", data = { source = series(function(t) return t % 4 * 1.0 end), target = "y", time = "t" }, features = {},
    split = { test = 0.25 }, model = ml.baseline(), assess = { metrics = { "mse" }, season = 4 } }
  lu.assertEquals(result.naive, { { name = "last value", scores = { mse = (4 * 1 + 9) / 5 } }, { name = "value 4 before", scores = { mse = 0 } } })
  lu.assertEquals(result.scores.mse, result.baseline.scores.mse)
end

function TestBaselinesOfScores:test_a_season_that_reaches_before_the_first_row_is_left_out()
  local result = judged { task = "regression", data = { source = series(function(t) return t % 4 * 1.0 end), target = "y", time = "t" }, features = {},
    split = { test = 0.25 }, model = ml.baseline(), assess = { metrics = { "mse" }, season = 16 } }
  lu.assertEquals(#result.naive, 1)
end

function TestBaselinesOfScores:test_rows_without_a_time_have_no_row_before()
  local result = judged { task = "regression", data = { source = series(function(t) return t * 1.0 end), target = "y" },
    split = { test = 0.25 }, model = ml.linear(), assess = { metrics = { "rmse" } } }
  lu.assertEquals(result.naive, {})
  lu.assertTrue(result.scores.rmse < 1e-9)
end

local function trained(fields)
  fields.train = { epochs = 1, optimizer = ml.optim.adam { lr = 0.01 } }
  return judged(fields)
end

function TestBaselinesOfScores:test_of_pixels_is_the_commonest_class_of_the_training_part()
  local masks = ml.full({ 30, 4, 4 }, 2, { dtype = "int64" })
  masks["1:30, 1, :"] = 1 -- a quarter of each
  local result = trained { task = "segmentation", split = { valid = 0, test = 0.2 }, model = ml.nn.Conv2d(2, 1), assess = { metrics = { "accuracy", "mean_iou" } },
    data = { source = data.tensors { x = ml.randn(30, 1, 4, 4), y = masks, classes = { "ground", "thing" } } } }
  lu.assertEquals(result.baseline, { class = "thing", scores = { accuracy = 0.75, mean_iou = 0.375 } })
end

function TestBaselinesOfScores:test_of_numbers_that_are_no_table_is_the_mean_of_each()
  local y = ml.cat({ ml.arange(1, 40):to "float32":reshape { 40, 1 }, ml.full({ 40, 1 }, 3) }, 2)
  local function baseline(y, outputs)
    return trained({ task = "regression", split = { valid = 0, test = 0.25 }, model = ml.nn.Linear(outputs), assess = { metrics = { "mae" } },
      data = { source = data.tensors { x = ml.randn(40, 2), y = y } } }).baseline
  end
  local both, one = baseline(y, 2), baseline(y:slice(2, 1, 1), 1)
  lu.assertEquals(both.class, "the mean")
  lu.assertAlmostEquals(both.scores.mae, one.scores.mae / 2, 1e-9) -- the second is always 3
  lu.assertAlmostEquals(tonumber(one.class), 20.5, 3)
end

function TestBaselinesOfScores:test_of_windows_are_the_mean_the_last_value_and_the_last_season()
  local values = ml.arange(0, 199) % 6
  local result = judged { task = "regression", split = { valid = 0, test = 0.3 }, model = ml.baseline { strategy = "seasonal", season = 6 },
    data = { source = data.windows(values:to "float64", { input = 12, output = 6, standardize = false }) }, assess = { metrics = { "mse" }, season = 6 } }
  lu.assertEquals(result.scores.mse, 0)
  lu.assertEquals(result.baseline.class, "the mean")
  lu.assertAlmostEquals(result.baseline.scores.mse, 35 / 12, 0.01)
  lu.assertEquals({ result.naive[1].name, result.naive[2].name, result.naive[2].scores.mse }, { "last value", "value 6 before", 0 })
  lu.assertAlmostEquals(result.naive[1].scores.mse, 35 / 6, 0.1)
end

function TestBaselinesOfScores:test_of_folds_in_time_are_means_over_those_of_each()
  local prepare, folds = require "moonlab.recipe.prepare", require "moonlab.assess.folds"
  local recipe = ml.recipe { name = "b", seed = 1, task = "regression", model = ml.linear(), features = {}, split = { test = 0 },
    data = { source = series(function(t) return t % 4 * 1.0 end), target = "y", time = "t" },
    assess = { cv = ml.time_series_folds(3), metrics = { "mse" }, season = 4 } }
  local read = prepare.read(recipe)
  local list, done = prepare.folds(recipe, read), {}
  for i = 1, list.count do done[i] = folds.run(recipe, read, list.at(i)) end
  local naive = folds.summary(done, { "mse" })[1].naive
  lu.assertAlmostEquals(naive[1].mean, (4 * 1 + 9) / 5, 1e-12) -- in each fold one of five rows comes after a 3
  lu.assertEquals({ naive[2].name, naive[2].mean }, { "value 4 before", 0 })
end

TestDerivedEarly = {}

local function words(target)
  local columns = { word = {}, x = {} }
  for i = 1, 40 do columns.word[i], columns.x[i] = (i % 2 == 0 and "yes" or "no") .. (i % 3 == 0 and "." or ""), i % 2 + i / 1000 end
  return { source = data.table(columns), target = target, derive = { [target] = function(c) return c.word:replace(".", "") end },
    columns = target ~= "word" and { word = data.ignore() } or nil }
end

function TestDerivedEarly:test_the_target_may_be_derived_from_a_column_of_its_own_name_or_of_another()
  for _, target in ipairs { "word", "answer" } do
    local result = judged { task = "binary", data = words(target), split = { test = 0.3 }, model = ml.logistic(), assess = { metrics = { "accuracy" } } }
    lu.assertEquals(result.classes, { "no", "yes" })
    lu.assertEquals(result.scores.accuracy, 1)
  end
end

function TestDerivedEarly:test_a_text_is_no_time_but_one_that_is_derived_from_it_is()
  local source = data.table { month = { "2020-03", "2020-01", "2020-04", "2020-02" }, y = { 3.0, 1.0, 4.0, 2.0 }, x = { 1, 2, 3, 4 } }
  local function fields(time)
    return { task = "regression", split = { test = 0.25 }, features = {}, model = ml.baseline(), assess = { metrics = { "mae" } },
      data = { source = source, target = "y", time = time, columns = { month = data.ignore() },
        derive = { at = function(c) return c.month:time "%Y-%m" end } } }
  end
  local result = judged(fields "at")
  lu.assertEquals({ result.baseline.class, result.naive[1].scores.mae }, { "2", 1 })
  local ok, problem = pcall(judged, fields "month")
  lu.assertFalse(ok)
  lu.assertStrContains(require "moonlab.failure".message_of(problem), "column 'month' is text, which has no order of time\n  hint: time = \"at\"")
end
