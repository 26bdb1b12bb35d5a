-- Times the linear models on the work of the peer's sklearn_bench.py: a JSON line each, with the scores that were reached. Tables are read
-- before the clock starts, as there.
--   moonlab tests/bench/classical.lua [TASK]

local ml = require "moonlab"
local json = require "moonlab.json"
local pipeline = require "moonlab.features.pipeline"

local Column = require "moonlab.table.column"
local Table = require "moonlab.table.table"

local data, features = ml.data, ml.features
local tables = (os.getenv "MOONLAB_DATA" or "../shared/data") .. "/tabular/"
local DOUBLE = { dtype = "float64" }

local function time(name, f)
  if arg[1] and not name:find(arg[1], 1, true) then return end
  collectgarbage() -- what the tasks before have left is not this one's
  local began = ml.clock()
  local scores = f()
  local entries = { { "task", name }, { "seconds", ml.clock() - began } }
  for _, score in ipairs(scores) do entries[#entries + 1] = score end
  print(json.encode(json.object(entries)))
end

-- Adult: numbers standardised, the others one-hot, what is missing a category of its own; all fitted in the fold ------------------------------

local NAMES = { "age", "workclass", "fnlwgt", "education", "education_num", "marital", "occupation", "relationship", "race", "sex", "gain", "loss",
  "hours", "country", "income" }

local function read_adult()
  local t = data.csv(tables .. "adult.data", { header = false, names = NAMES, missing = { "?" } }):table()
  local y = ml.tensor(t.income:eq(">50K"):to_list()):to "int64" + 1
  return t:without { "income" }, y
end

local function prepare(train)
  return pipeline.fit(train, { columns = { workclass = data.category { missing = "missing" }, occupation = data.category { missing = "missing" },
    country = data.category { missing = "missing" } }, derive = {}, excluded = {}, features = { features.standardize(), features.one_hot() },
    takes_sparse = true, context = { seed = 1, task = "binary" } })
end

local function x_of(fitted, rows) return pipeline.x(pipeline.apply(fitted, rows), "float64", fitted.sparse) end

local function adult_fit(t, y)
  local x = x_of(prepare(t), t)
  return { { "acc", ml.metrics.accuracy(ml.logistic():fit(x, y):predict(x), y) } }
end

local function folds_of(t, y)
  return ml.kfold(10, { stratify = true, shuffle = false }):folds(#t, { labels = y })
end

local function adult_grid(t, y)
  local sums, penalties = {}, { 1e-3, 1e-2, 0.1, 1, 10 }
  for _, fold in ipairs(folds_of(t, y)) do
    local train = t:rows(fold.train)
    local fitted = prepare(train)
    local x, target = x_of(fitted, train), y:index_select(1, fold.train)
    local test, actual = x_of(fitted, t:rows(fold.test)), y:index_select(1, fold.test)
    for k, C in ipairs(penalties) do
      local model = ml.logistic { C = C }:fit(x, target)
      sums[k] = (sums[k] or 0) + ml.metrics.auc(model:predict_proba(test):select(2, 2), actual) / 10
    end
  end
  local best = 1
  for k in ipairs(penalties) do if sums[k] > sums[best] then best = k end end
  return { { "auc", sums[best] }, { "C", penalties[best] } }
end

-- California: ten folds of rows in their order -------------------------------------------------------------------------------------------------

local function read_california()
  local t = data.csv(tables .. "california_housing.csv"):table()
  local y = ml.tensor(t.median_house_value:to_list(), DOUBLE) / 1e5
  local fitted = pipeline.fit(t:without { "median_house_value" }, { columns = { total_bedrooms = data.number { missing = "median" } }, derive = {}, excluded = {},
    features = { features.one_hot() }, context = { seed = 1, task = "regression" } })
  local x = x_of(fitted, t:without { "median_house_value" }):double()
  local centred = x - x:mean(1)
  return centred / centred:square():mean(1):sqrt(), y
end

local function california(x, y, make)
  local sum, folds = 0, 10
  for _, fold in ipairs(ml.kfold(folds, { shuffle = false }):folds(#x)) do
    local model = make():fit(x:index_select(1, fold.train), y:index_select(1, fold.train))
    sum = sum + (model:predict(x:index_select(1, fold.test)) - y:index_select(1, fold.test)):square():mean():item()
  end
  return { { "rmse", math.sqrt(sum / folds) } }
end

-- Fashion-MNIST ---------------------------------------------------------------------------------------------------------------------------------

local function rows_of(part)
  local x, y = {}, {}
  for batch in part:batches { size = 10000, pass = 0 } do x[#x + 1], y[#y + 1] = batch.x, batch.y end
  return ml.cat(x, 1):reshape { part:count(), -1 }, ml.cat(y, 1)
end

local function matrix_table(x)
  local names = {}
  for i = 1, x:size(2) do names[i] = "pixel" .. i end
  return Table.of_columns({ Column.new { type = "matrix", name = "pixels", values = x, fields = names } }, #x)
end

-- The share of the variance that 50 components have.
local function principal(t)
  local sum = 0
  for _, share in ipairs(features.pca(50):learn(t, { seed = 1 }).state.explained) do sum = sum + share end
  return { { "var", sum } }
end

local function neighbours(x, y, queries, actual)
  return { { "right", ml.knn { n_neighbors = 5 }:fit(x, y):predict(queries):eq(actual):sum():item() } }
end

local function clusters(x)
  local model = ml.kmeans { n_clusters = 10, init = x:slice(1, 1, 10), max_iter = 20, tol = 0 }:fit(x)
  return { { "inertia_millions", model.fitted.inertia / 1e6 } }
end

local adult, income = read_adult()
time("adult_logistic_fit", function() return adult_fit(adult, income) end)
time("adult_logistic_grid5_cv10", function() return adult_grid(adult, income) end)
local x, y = read_california()
time("california_ols_cv10", function() return california(x, y, function() return ml.linear() end) end)
time("california_ridge_cv10", function() return california(x, y, function() return ml.ridge { alpha = 1 } end) end)
time("california_lasso_cv10", function() return california(x, y, function() return ml.lasso { alpha = 0.01 } end) end)
time("california_elastic_cv10", function() return california(x, y, function() return ml.elastic_net { alpha = 0.01 } end) end)
ml.manual_seed(0)
local wide = ml.randn({ 2000, 5000 }, DOUBLE) -- numbers of the peer's kind, not its own
local target = wide:slice(2, 1, 20):matmul(ml.randn({ 20, 1 }, DOUBLE)):squeeze(2) + ml.randn({ 2000 }, DOUBLE)
time("lasso_path_2000x5000", function()
  return { { "alphas", #ml.lasso { fit_intercept = false, tol = 1e-4 }:path(wide, target, { n_alphas = 100 }).alphas } }
end)
local fashion = data.fashion_mnist()
local pictures, classes = rows_of(fashion.train)
local others, actual = rows_of(fashion.test)
time("fashion_logistic_100it", function()
  return { { "test_acc", ml.metrics.accuracy(ml.logistic { max_iter = 100 }:fit(pictures, classes):predict(others), actual) } }
end)
local pixels = matrix_table(pictures)
time("fashion_pca50", function() return principal(pixels) end)
time("fashion_knn5", function() return neighbours(pictures, classes, others:slice(1, 1, 2000), actual:slice(1, 1, 2000)) end)
time("fashion_kmeans10", function() return clusters(pictures) end)
