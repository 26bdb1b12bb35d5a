-- Sparse matrices: what they hold, and models and features that read them as they stand.

local ml = require "moonlab"
local lu = require "luaunit"
local json = require "moonlab.json"
local pipeline = require "moonlab.features.pipeline"
local support = require "support"
local synthetic = require "synthetic"

local sparse, features, data = ml.sparse, ml.features, ml.data
local fails = support.refuses(function(f, ...) f(...) end)

TestSparse = {}

function TestSparse:test_entries_of_one_place_are_added_up()
  local x = sparse.entries({ 2, 1, 2, 2 }, { 1, 3, 3, 1 }, { 1, 5, 7, 2.5 }, { 3, 3 })
  support.equal(x:dense(), { { 0, 0, 5 }, { 3.5, 0, 7 }, { 0, 0, 0 } })
  lu.assertEquals({ x:entries(), #x, x:size(2), x.dtype, tostring(x) }, { 3, 3, 3, "float64", "sparse [3, 3] float64, 3 entries" })
  lu.assertEquals(x.shape, { 3, 3 })
end

function TestSparse:test_what_does_not_fit_is_refused()
  fails("ml.sparse.entries: 2 rows, 1 columns, no values: there must be as many of each", sparse.entries, { 1, 2 }, { 1 }, nil, { 2, 2 })
  fails("sparse: entry 2 is in row 3 of 2", sparse.entries, { 1, 3 }, { 1, 1 }, nil, { 2, 2 })
  fails("sparse: entry 1 is in column 0 of 2", sparse.entries, { 1 }, { 0 }, nil, { 2, 2 })
  fails("ml.sparse.entries: size must be {rows, columns}, got 4", sparse.entries, { 1 }, { 1 }, nil, 4)
  fails("sparse: part 2 has 3 rows, the first 2", sparse.join, { ml.eye(2), ml.eye(3) })
end

function TestSparse:test_a_matrix_without_rows_or_entries_is_one()
  lu.assertEquals(sparse.entries({}, {}, {}, { 0, 3 }):dense().shape, { 0, 3 })
  support.equal(sparse.of(ml.zeros(2, 2)):dense(), { { 0, 0 }, { 0, 0 } })
end

function TestSparse:test_rows_are_chosen_as_of_a_tensor()
  local x = sparse.of(ml.tensor({ { 0, 1 }, { 2, 0 }, { 0, 3 } }, { dtype = "float64" }))
  support.equal(x:slice(1, 2, 3):dense(), { { 2, 0 }, { 0, 3 } })
  support.equal(x:index_select(1, ml.tensor { 3, 1, 3 }):dense(), { { 0, 3 }, { 0, 1 }, { 0, 3 } })
  lu.assertEquals(#x:slice(1, 2, 1), 0)
  fails("slice: rows 2 to 4 of 3", function() x:slice(1, 2, 4) end)
  fails("sparse: row 4 of 3", function() x:index_select(1, ml.tensor { 4 }) end)
end

function TestSparse:test_nobody_gets_at_its_inside()
  local x = sparse.of(ml.eye(2))
  lu.assertEquals(getmetatable(x), "sparse matrix")
  x:values():fill_(9) -- a copy
  support.equal(x:dense(), ml.eye(2, { dtype = "float64" }))
end

-- Models ------------------------------------------------------------------------------------------------------------------

-- Rows of one-hot fields and some words, with two and three classes that depend on them.
local function rows(n, p, seed)
  ml.manual_seed(seed)
  local at = ml.randint(1, p, { n, 3 })
  local row = ml.arange(1, n):unsqueeze(2):expand(n, 3):reshape { -1 }
  local x = sparse.entries(row, at:reshape { -1 }, ml.randint(1, 3, { 3 * n }):double(), { n, p })
  local score = x:dense():matmul(ml.randn(p, 3):double())
  return x, score:argmax(2), score:select(2, 1):gt(0):to "int64" + 1
end

TestSparseModels = {}

local function fitted_to_both(model, x, y, how)
  local other = model:clone()
  return model:fit(x, y, how), other:fit(x:dense(), y, how)
end

function TestSparseModels:test_newtons_method_gives_the_same_bits()
  local x, _, two = rows(400, 60, 1)
  for _, model in ipairs { ml.logistic(), ml.logistic { penalty = "l1" }, ml.poisson { alpha = 0.1 } } do
    local one, other = fitted_to_both(model, x, two, { weight = ml.arange(1, 400):remainder(3) })
    support.equal(one.weight, other.weight)
    support.equal(one.bias, other.bias)
    support.close(one(x), other(x:dense()), 1e-12)
  end
end

function TestSparseModels:test_many_columns_and_several_classes_find_the_same_minimum()
  local x, three, two = rows(500, 700, 2)
  for _, y in ipairs { two, three } do
    local one, other = fitted_to_both(ml.logistic { tol = 1e-10 }, x, y)
    support.close(one.weight, other.weight, 1e-6)
    support.close(one:predict_proba(x), other:predict_proba(x:dense()), 1e-7)
  end
end

-- Where a weight is 0 its slope is at most the penalty, elsewhere the two cancel out.
function TestSparseModels:test_many_columns_with_a_penalty_of_sizes_fulfil_the_conditions_of_an_optimum()
  local x, three, two = rows(600, 800, 6)
  for _, y in ipairs { two, three } do
    local one, other = fitted_to_both(ml.logistic { penalty = "elasticnet", l1_ratio = 0.8, C = 2, tol = 1e-10 }, x, y)
    support.close(one.weight, other.weight, 1e-8)
    lu.assertTrue(one.fitted.converged)
    local p = one:predict_proba(x)
    for k = 1, one.weight:size(1) do
      local class = one.weight:size(1) == 1 and 2 or k
      local w = one.weight:slice(1, k, k)
      local slope = x:sum_groups(nil, 1, (p:select(2, class) - y:eq(class):double()):contiguous()) + w * 0.1
      local missing = w:eq(0):where((slope:abs() - 0.4):clamp(0), (slope + w:sign() * 0.4):abs()):max():item()
      lu.assertTrue(missing < 1e-6, "missed by " .. missing)
      lu.assertTrue(w:ne(0):sum():item() < 700 and w:ne(0):sum():item() > 20)
    end
  end
end

function TestSparseModels:test_several_classes_end_where_their_slopes_vanish()
  local x, three = rows(500, 60, 7)
  local weight = ml.arange(1, 500):remainder(3):double()
  local one, other = fitted_to_both(ml.logistic { C = 50 }, x, three, { weight = weight })
  support.equal(one.weight, other.weight)
  support.close(one.weight:sum(1), ml.zeros({ 60 }, { dtype = "float64" }), 1e-12)
  local p = one:predict_proba(x)
  for k = 1, 3 do
    local slope = x:sum_groups(nil, 1, ((p:select(2, k) - three:eq(k):double()) * weight):contiguous()) + one.weight:slice(1, k, k) / 50
    lu.assertTrue(slope:abs():max():item() < 1e-9)
  end
end

function TestSparseModels:test_naive_bayes_counts_the_same()
  local x, three = rows(300, 50, 3)
  for _, kind in ipairs { "multinomial", "bernoulli", "gaussian" } do
    local one, other = fitted_to_both(ml.naive_bayes { kind = kind }, x, three)
    support.close(one:predict_proba(x), other:predict_proba(x:dense()), 1e-12)
  end
  local below = sparse.entries({ 1 }, { 2 }, { -1 }, { 300, 50 })
  fails("ml.naive_bayes: counts are from 0 on, but x is -1 in row 1, column 2", function() ml.naive_bayes { kind = "multinomial" }:fit(below, three) end)
end

function TestSparseModels:test_others_read_the_whole_matrix()
  local x, _, two = rows(200, 10, 4)
  local y = two:double()
  for _, model in ipairs { ml.ridge(), ml.lasso { alpha = 0.01 }, ml.linear(), ml.knn() } do
    local one, other = fitted_to_both(model, x, model.wants == "classes" and two or y)
    support.equal(one:predict(x), other:predict(x:dense()))
  end
end

function TestSparseModels:test_a_number_that_is_none_is_named()
  local x = sparse.entries({ 1, 2, 2 }, { 1, 1, 3 }, { 1, 2, 0 / 0 }, { 2, 3 })
  fails("ml.logistic: x is NaN in row 2, column 3 (c)\n  hint: numbers that are missing are filled in before: features.impute()",
    function() ml.logistic():fit(x, ml.tensor { 1, 2 }, { names = { "a", "b", "c" } }) end)
end

-- A solution is where the gradient vanishes, wherever the solver began.
function TestSparseModels:test_many_rows_end_at_the_minimum_as_well()
  local x, _, two = rows(20000, 40, 5)
  for _, C in ipairs { 0.01, 1, 1000 } do
    local model = ml.logistic { C = C }:fit(x, two)
    local wrong = model:predict_proba(x):select(2, 2) - two:eq(2):double()
    local gradient = x:sum_groups(nil, 1, wrong:contiguous()) * C + model.weight
    lu.assertTrue(gradient:abs():max():item() < 1e-5 * math.max(1, C), ("gradient %g for C %g"):format(gradient:abs():max():item(), C))
  end
end

-- Newton's method as the textbook has it, to the last digit: sums of losses times C, and half of the squares of all but the intercept.
local function to_the_last_digit(x, second, C)
  local n, p = x:size(1), x:size(2)
  local a, b = ml.cat({ x, ml.ones(n, 1):double() }, 2), ml.zeros(p + 1, 1):double()
  local penalty = ml.cat({ ml.ones(p, 1), ml.zeros(1, 1) }, 1):double()
  for _ = 1, 60 do
    local probability = a:matmul(b):sigmoid()
    local slope = a:transpose(1, 2):matmul(probability - second) * C + penalty * b
    local curve = a:transpose(1, 2):matmul(a * (probability * (1 - probability) * C)) + ml.eye(p + 1):double() * penalty
    local step = ml.linalg.solve(curve, slope)
    b = b - step * math.min(1, 2 / step:abs():max():item())
  end
  return b:squeeze(2)
end

function TestSparseModels:test_weights_are_those_of_a_high_precision_solution()
  for _, n in ipairs { 3000, 20000 } do
    local x, _, two = rows(n, 40, 8)
    two = (two + ml.arange(1, n):remainder(7):eq(0):to "int64"):remainder(2) + 1 -- some rows are told wrong: no line parts the classes
    for _, C in ipairs { 0.001, 1, 1000 } do
      local exact = to_the_last_digit(x:dense(), (two - 1):double():unsqueeze(2), C)
      local model = ml.logistic { C = C }:fit(x, two)
      local found = ml.cat({ model.weight:squeeze(1), model.bias }, 1)
      local wrong = ((found - exact):abs() / exact:abs()):max():item()
      lu.assertTrue(wrong < 1e-6, ("%d rows, C %g: %g"):format(n, C, wrong))
    end
  end
end

-- Features ------------------------------------------------------------------------------------------------------------------

TestSparseFeatures = {}

local function fit(t, list, takes_sparse)
  return pipeline.fit(t, { columns = {}, derive = {}, excluded = {}, features = list, takes_sparse = takes_sparse, context = { seed = 1, task = "binary" } })
end

local WORDS = { "red", "green", "blue", "black", "white", "grey", "pink" }

local function colours(n)
  local x, colour = {}, {}
  for i = 1, n do x[i], colour[i] = i + 0.5, WORDS[i % 7 + 1] end
  return data.table { { "x", x }, { "colour", colour } }
end

function TestSparseFeatures:test_x_is_sparse_for_models_that_take_it_alone()
  local t, list = colours(50), { features.standardize(), features.one_hot() }
  local dense, kept = fit(t, list, false), fit(t, list, true)
  lu.assertNil(dense.sparse)
  lu.assertTrue(kept.sparse)
  local whole = pipeline.x(pipeline.apply(dense, t), "float64", dense.sparse)
  local again = json.decode(json.encode(kept))
  local x = pipeline.x(pipeline.apply(again, t), "float64", again.sparse)
  lu.assertTrue(sparse.is(x))
  support.equal(x:dense(), whole)
  support.equal(pipeline.x(pipeline.apply(again, t:rows(ml.tensor { 7 })), "float64", again.sparse):dense(), whole:slice(1, 7, 7))
end

function TestSparseFeatures:test_few_fields_are_no_gain()
  local t = data.table { { "x", { 1, 2, 3 } }, { "colour", { "a", "b", "a" } } }
  lu.assertNil(fit(t, { features.standardize(), features.one_hot() }, true).sparse)
end

function TestSparseFeatures:test_features_behind_read_the_whole_matrix()
  local t = colours(30)
  local p = fit(t, { features.one_hot(), features.pca(2) }, true)
  lu.assertEquals(pipeline.x(pipeline.apply(p, t), "float64", p.sparse).shape, { 30, 2 })
end

function TestSparseFeatures:test_a_number_that_is_none_is_named()
  local list = { features.log { columns = { "x" } }, features.one_hot() }
  local p = fit(colours(30), list, true)
  local t = data.table { { "x", { 1.0, math.huge } }, { "colour", { "red", "blue" } } }
  fails("feature 'x' is not a finite number in 1 of 2 rows", function() pipeline.x(pipeline.apply(p, t), "float64", p.sparse) end)
end

-- A recipe on words ---------------------------------------------------------------------------------------------------------

local RECIPE = [[
local ml = require "moonlab"
return ml.recipe {
  name = "words", task = "binary", seed = 1,
  data = { source = ml.data.csv "words.csv", target = "kind", columns = { text = ml.data.string {} } },
  split = { test = 0.25, stratify = true },
  features = { ml.features.tfidf() },
  model = ml.logistic { C = 10 },
  assess = { metrics = { "accuracy", "auc" }, cv = ml.kfold(3, { stratify = true }) },
}
]]

local function words_csv()
  local lines = { "text,kind" }
  for i = 1, 120 do
    local kind = i % 2 == 0 and "bad" or "good"
    lines[i + 1] = ("%s w%d w%d %s,%s"):format(i % 3 == 0 and kind or "plain", i % 17, i % 23, kind == "bad" and "x" .. i % 4 or "y" .. i % 5, kind)
  end
  return table.concat(lines, "\n") .. "\n"
end

TestSparseRecipe = {}

function TestSparseRecipe:test_run_cv_eval_and_predict_go_one_road()
  support.with_folder(function(folder)
    synthetic.write_file(folder .. "/r.lua", RECIPE)
    synthetic.write_file(folder .. "/words.csv", words_csv())
    lu.assertEquals(synthetic.run(folder, "run r.lua --out out"), 0)
    lu.assertEquals(synthetic.run(folder, "cv r.lua --out cv"), 0)
    local status, out = synthetic.run(folder, "eval out words.csv")
    lu.assertEquals(status, 0)
    lu.assertStrContains(out, "accuracy         1.0000")
    synthetic.write_file(folder .. "/new.jsonl", '{"text": "plain x2"}\n{"text": "plain y1 nobody said this"}\n')
    local _, answers = synthetic.run(folder, "predict out new.jsonl --json")
    local classes = {}
    for line in answers:gmatch "[^\n]+" do classes[#classes + 1] = json.decode(line).class end
    lu.assertEquals(classes, { "bad", "good" })
  end)
end
