-- What the report of a run says of its model: what it looks at, and whether more rows would help.

local lu = require "luaunit"
local ml = require "moonlab"
local by_rows = require "moonlab.assess.by_rows"
local Job = require "moonlab.recipe.job"
local json = require "moonlab.json"
local looks_at = require "moonlab.assess.looks_at"
local support = require "support"
local synthetic = require "synthetic"

TestLooksAt = {}

-- y follows a, and half as much b's word and the ratio of c and d; e is noise.
local function columns_of(n)
  local out, state = { a = {}, b = {}, c = {}, d = {}, e = {}, y = {}, kind = {}, at = {} }, 5
  local function uniform()
    state = (state * 1103515245 + 12345) & 0x7fffffff
    return (state >> 8) / (0x7fffff + 1)
  end
  for i = 1, n do
    out.a[i], out.b[i], out.c[i], out.d[i], out.e[i] = uniform(), ({ "red", "blue", "green" })[1 + math.floor(uniform() * 3)], uniform() + 0.5, uniform() + 0.5, uniform()
    out.y[i] = 4 * out.a[i] + (out.b[i] == "red" and 1 or 0) + out.c[i] / out.d[i]
    out.kind[i], out.at[i] = out.y[i] > 3.4 and "high" or out.y[i] > 2.6 and "mid" or "low", n - i
  end
  return out
end

local IGNORED = { y = ml.data.ignore(), kind = ml.data.ignore(), at = ml.data.ignore() }

local function fitted(o)
  local columns = {}
  for name, spec in pairs(IGNORED) do columns[name] = name ~= o.target and spec or nil end
  local recipe = ml.recipe { name = "l", task = o.task or "regression", seed = 2, model = o.model or ml.linear(), split = { test = 0.25 },
    data = { source = ml.data.table(o.rows or columns_of(240)), target = o.target or "y", columns = columns, time = o.time,
      derive = { ratio = function(c) return c.c / c.d end } }, assess = o.assess, train = o.train, features = o.features }
  local job = Job.prepare(recipe)
  job:fit(Job.silent)
  return job, job:judge()
end

local function names_of(list)
  local out = {}
  for i, one in ipairs(list) do out[i] = one.name end
  return out
end

function TestLooksAt:test_columns_are_those_of_the_table_and_come_by_what_the_score_loses()
  local job, result = fitted {}
  local found = looks_at.of(job, "test")
  local names = names_of(found.columns)
  lu.assertEquals({ names[1], #names }, { "a", 5 }) -- not ratio, which is made of c and d
  lu.assertEquals(names[5], "e")
  lu.assertAlmostEquals(found.columns[5].mean, 0, 0.01)
  lu.assertEquals({ found.metric, found.rows, found.all, found.repeats }, { "rmse", 60, 60, 3 })
  lu.assertAlmostEquals(found.base, result.scores.rmse, 1e-12)
  lu.assertEquals(names_of(found.curves), { names[1], names[2], names[3], names[4] })
  local a = found.curves[1]
  lu.assertAlmostEquals((a.mean[#a.mean] - a.mean[1]) / (a.values[#a.values] - a.values[1]), 4, 0.05) -- the slope of a
  for _, curve in ipairs(found.curves) do
    if curve.name == "b" then
      lu.assertEquals(curve.values, { "blue", "green", "red" })
      lu.assertAlmostEquals(curve.mean[3] - curve.mean[1], 1, 0.05)
    end
  end
  lu.assertEquals(json.encode(looks_at.of(job, "test").columns), json.encode(found.columns))
end

function TestLooksAt:test_a_recipe_says_how_often_or_not_at_all()
  lu.assertEquals({ looks_at.of(fitted { assess = { importance = false } }, "test") }, {})
  lu.assertEquals(looks_at.of(fitted { assess = { importance = 7 } }, "test").repeats, 7)
  lu.assertEquals(looks_at.of(fitted { assess = { importance = true } }, "test").repeats, 5)
end

function TestLooksAt:test_what_is_dear_is_left_out_until_it_is_asked_for()
  local model = ml.nn.Sequential { ml.nn.Linear(20000), ml.nn.Linear(1) }
  local o = { model = model, rows = columns_of(400), train = { epochs = 1, optimizer = ml.optim.sgd { lr = 1e-6 } }, assess = { importance = 1 } }
  local job = fitted(o)
  lu.assertEquals(looks_at.of(job, "test").rows, 100)
  job.recipe.fields.assess.importance = nil
  lu.assertEquals({ looks_at.of(job, "test") }, { nil, "it is dear; assess.importance = true computes it" })
end

function TestLooksAt:test_classes_are_answered_as_the_recipe_decides_and_each_has_a_curve()
  local job, result = fitted { task = "multiclass", target = "kind", model = ml.logistic {}, assess = { metrics = { "accuracy" }, calibrate = "isotonic" } }
  local found = looks_at.of(job, "test")
  lu.assertAlmostEquals(found.base, result.scores.accuracy, 1e-12)
  lu.assertEquals(found.classes, { "high", "low", "mid" })
  local curve = found.curves[1]
  lu.assertEquals({ curve.name, #curve.by_class }, { "a", 3 })
  for i = 1, #curve.values do lu.assertAlmostEquals(curve.by_class[1][i] + curve.by_class[2][i] + curve.by_class[3][i], 1, 1e-9) end
  lu.assertTrue(curve.by_class[1][#curve.values] > curve.by_class[1][1]) -- the larger a, the more are high
end

function TestLooksAt:test_columns_that_look_back_are_told_apart_from_those_that_they_look_at()
  local job = fitted { time = "at", features = { ml.features.lags { columns = { "y" }, lags = { 1 } } , ml.features.standardize(), ml.features.one_hot() } }
  local seen = {}
  for _, name in ipairs(names_of(looks_at.of(job, "test").columns)) do seen[name] = true end
  lu.assertNil(seen.y)
  lu.assertTrue(seen.a)
  local made = false
  for name in pairs(seen) do made = made or name:find "^y.*1" ~= nil end
  lu.assertTrue(made, json.encode(seen))
end

function TestLooksAt:test_values_that_are_missing_are_no_point_of_a_curve()
  local rows = columns_of(240)
  for i = 1, 240, 7 do rows.a[i] = 0 / 0 end
  local columns = { a = ml.data.number { missing = "median" }, y = nil, kind = ml.data.ignore(), at = ml.data.ignore() }
  local job = Job.prepare(ml.recipe { name = "m", task = "regression", seed = 2, model = ml.linear(), split = { test = 0.25 },
    data = { source = ml.data.table(rows), target = "y", columns = columns } })
  job:fit(Job.silent)
  local found, why = looks_at.of(job, "test")
  lu.assertNil(why)
  for _, v in ipairs(found.curves[1].values) do lu.assertTrue(v >= 0 and v <= 1) end
end

function TestLooksAt:test_of_words_the_commonest_are_asked()
  local words = {}
  for i = 1, 40 do words[i] = i % 2 == 0 and "b" or i % 3 == 0 and "a" or "w" .. i end
  local rows = ml.data.table { { "word", words }, { "n", columns_of(40).a } }
  local pipeline = require "moonlab.features.pipeline"
  local p = pipeline.fit(rows, { columns = {}, derive = {}, excluded = {}, features = { ml.features.one_hot() }, context = { seed = 1, task = "regression" } })
  local x = pipeline.x(pipeline.apply(p, rows))
  local set = ml.data.tensors { x = x, y = ml.ones(40, 1) }
  local model = ml.linear():fit(x:double(), ml.randn(40, 1, { dtype = "float64", key = 3 }), {})
  lu.assertEquals(ml.assess.partial_dependence(model, set, { column = "word", points = 2, table = rows, pipeline = p }).values, { "a", "b" })
  support.fails([[assess.partial_dependence: class must be the number of one, or "each", got 'all']], function()
    ml.assess.partial_dependence(model, set, { column = "word", class = "all", table = rows, pipeline = p })
  end)
end

-- More rows --------------------------------------------------------------------------------------------------------------------

TestByRows = {}

function TestByRows:test_parts_of_the_training_rows_are_fitted_anew_and_the_last_point_is_the_model_itself()
  local job, result = fitted {}
  local found = by_rows.of(job, "test")
  local rows = {}
  for i, one in ipairs(found.points) do rows[i] = one.rows end
  lu.assertEquals(rows, { 36, 72, 126, 180 }) -- a tenth is too few
  lu.assertEquals(found.points[4].score, result.scores.rmse)
  lu.assertNotEquals(found.points[3].score, result.scores.rmse)
  lu.assertNotNil(found.points[1].train)
end

function TestByRows:test_rows_with_times_are_the_latest()
  local job = fitted { time = "at" }
  local seen = {}
  local given = Job.prepare
  function Job.prepare(recipe, read, fold)
    seen[#seen + 1] = fold.train
    return given(recipe, read, fold)
  end
  local ok, problem = pcall(by_rows.of, job, "test")
  Job.prepare = given
  lu.assertTrue(ok, problem)
  local at, all = job.parts.table:column "at".values, job.parts.places.train
  local latest = at:index_select(1, all):max():item()
  for _, places in ipairs(seen) do
    local some = at:index_select(1, places)
    lu.assertEquals({ some:max():item(), some:min():item() }, { latest, latest - #places + 1 })
  end
end

function TestByRows:test_the_word_says_whether_more_rows_help()
  local function word(metric, scores)
    local points = {}
    for i, v in ipairs(scores) do points[i] = { rows = 100 * i, score = v } end
    return by_rows.word { metric = metric, part = "test", points = points }
  end
  lu.assertEquals(word("accuracy", { 0.7, 0.8, 0.85, 0.9 }), "from 200 to 400 training rows accuracy of the test part went from 0.8 to 0.9: more rows may help.")
  lu.assertStrContains(word("accuracy", { 0.7, 0.9, 0.9, 0.902 }), "would not help much")
  lu.assertStrContains(word("rmse", { 3, 2, 1.5, 1 }), "more rows may help")
  lu.assertStrContains(word("rmse", { 1, 1, 1, 2 }), "would not help much")
end

function TestByRows:test_a_network_and_few_rows_have_none_nor_a_recipe_that_says_so()
  lu.assertNil(by_rows.of(fitted { rows = columns_of(40) }, "test"))
  lu.assertNil(by_rows.of(fitted { assess = { learning_curve = false } }, "test"))
  lu.assertNil(by_rows.of(fitted { model = ml.nn.Linear(1), train = { epochs = 1, optimizer = ml.optim.sgd { lr = 0.01 } } }, "test"))
end

function TestByRows:test_rows_of_tensors_are_taken_as_well()
  local x = ml.randn(200, 3, { key = 3, dtype = "float64" })
  local recipe = ml.recipe { name = "t", task = "regression", seed = 1, split = { test = 0.2 }, model = ml.ridge { alpha = 1 },
    data = { source = ml.data.tensors { x = x, y = x:sum({ 2 }, { keepdim = true }) } } }
  local job = Job.prepare(recipe)
  job:fit(Job.silent)
  lu.assertEquals(#by_rows.of(job, "test").points, 4)
  lu.assertEquals(names_of(looks_at.of(job, "test").columns)[1]:sub(1, 1), "x")
end

-- The commands -----------------------------------------------------------------------------------------------------------------

function TestLooksAt:test_a_run_prints_it_keeps_it_and_draws_it()
  support.with_folder(function(folder)
    local columns, lines = columns_of(240), { "a,b,c,d,e,quality" }
    for i = 1, 240 do lines[i + 1] = ("%.4f,%s,%.4f,%.4f,%.4f,%.4f"):format(columns.a[i], columns.b[i], columns.c[i], columns.d[i], columns.e[i], columns.y[i]) end
    synthetic.write_file(folder .. "/rows.csv", table.concat(lines, "\n") .. "\n")
    synthetic.write_file(folder .. "/r.lua", [[
local ml = require "moonlab"
return ml.recipe { name = "r", task = "binary", seed = 4, model = ml.logistic {}, split = { test = 0.25 },
  data = { source = ml.data.csv "rows.csv", target = "good", positive = "yes", columns = { quality = ml.data.ignore() },
    derive = { good = function(c) return ml.where(c.quality:gt(3.2), "yes", "no") end } } }
]])
    local status, out, err = synthetic.run(folder, "run r.lua --out out --quiet")
    lu.assertEquals({ status, err }, { 0, "" })
    lu.assertStrMatches(out, ".*how much accuracy falls when what a column says is dealt out to the rows anew %(3 times, the 60 rows of the test part%)\n  a +0%.%d+ .*")
    local kept = json.decode(synthetic.read_file(folder .. "/out/metrics.json")).importance
    lu.assertEquals({ kept.columns[1].column, #kept.columns, kept.metric, kept.rows }, { "a", 5, "accuracy", 60 })
    local html = synthetic.read_file(folder .. "/out/report.html")
    for _, text in ipairs { "What it looks at", "Importance of columns", "fall of accuracy", "mean probability", "Learning curve", "training rows accuracy of the test part went" } do
      lu.assertStrContains(html, text)
    end
  end)
end

function TestLooksAt:test_what_has_no_columns_says_so_where_it_is_asked()
  support.with_folder(function(folder)
    synthetic.write(folder, { train = 40, test = 20 })
    for assess, said in pairs { ["{}"] = false, ["{ importance = true }"] = true } do
      synthetic.write_file(folder .. "/r.lua", synthetic.recipe { assess = assess })
      lu.assertEquals((synthetic.run(folder, "run r.lua --quiet --out " .. tostring(said))), 0)
      local html = synthetic.read_file(folder .. "/" .. tostring(said) .. "/report.html")
      lu.assertEquals(html:find("Not computed: the columns of x can't be told apart", 1, true) ~= nil or html:find("Not computed: the columns of x can&#39;t be told apart", 1, true) ~= nil, said)
    end
  end)
end
