-- Leaks that were planted: each is caught and named, or can not be.

local lu = require "luaunit"
local ml = require "moonlab"
local support = require "support"
local synthetic = require "synthetic"
local json = require "moonlab.json"
local Job = require "moonlab.recipe.job"
local prepare = require "moonlab.recipe.prepare"

local data, features = ml.data, ml.features

-- Rows in which a and b say something of y, and the other columns too much.
local function rows(n)
  local list = {}
  ml.manual_seed(5)
  local noise = ml.randn({ n, 3 }, { dtype = "float64" }):tolist()
  for i, row in ipairs(noise) do
    local value = row[1] + row[2] + row[3]
    list[i] = { a = row[1], b = row[2], value = value, y = value > 0 and "yes" or "no" }
  end
  table.sort(list, function(p, q) return p.value < q.value end)
  for i, row in ipairs(list) do
    row.id, row.outcome, row.t = i, row.y == "yes" and "won" or "lost", i * 37 % 101 + 1900
    row.cents, row.home = row.value * 100 + 5, "h" .. i * 29 % 61
  end
  return list
end

local NAMES = { "id", "a", "b", "outcome", "cents", "t", "home", "value", "y" }

local function csv(list)
  local lines = { table.concat(NAMES, ",") }
  for i, row in ipairs(list) do
    local cells = {}
    for k, name in ipairs(NAMES) do cells[k] = math.type(row[name]) == "float" and ("%.4f"):format(row[name]) or tostring(row[name]) end
    lines[i + 1] = table.concat(cells, ",")
  end
  return table.concat(lines, "\n") .. "\n"
end

local TEXT = [[
local ml = require "moonlab"
local data = ml.data
local all, ignored = { "id", "a", "b", "outcome", "cents", "t", "home", "value", "y" }, {}
for _, name in ipairs(all) do if not ("%s"):find(name, 1, true) then ignored[name] = data.ignore() end end
return ml.recipe { name = "leaky", task = "%s", seed = 3,
  data = { source = data.csv "rows.csv", target = "%s", columns = ignored, %s },
  split = { test = 0.25 }, model = %s, assess = { %s }, search = { method = "grid" } }
]]

-- What commands say of the leaks of a recipe whose columns are these.
local function with(o, f)
  support.with_folder(function(folder)
    synthetic.write_file(folder .. "/rows.csv", csv(o.rows or rows(300)))
    synthetic.write_file(folder .. "/r.lua", TEXT:format(o.columns, o.task or "binary", o.target or "y", o.data or "",
      o.task and "ml.ridge { alpha = ml.grid { 1, 2 } }" or "ml.logistic { C = ml.grid { 1, 2 } }", o.assess or ""))
    f(folder, function(line)
      local status, out, err = synthetic.run(folder, line)
      return { status = status, out = out, err = err }
    end)
  end)
end

TestLeaks = {}

local function told(o, expected)
  with(o, function(folder, run)
    for _, command in ipairs { "check", "run", "cv", "search" } do
      local r = run(command .. " r.lua")
      lu.assertEquals(r.status, 0, r.err)
      lu.assertStrContains(r.err, "warning: " .. expected)
    end
    for _, name in ipairs { "leaky-1", "leaky-cv-1", "leaky-search-1/final" } do
      lu.assertStrContains(synthetic.read_file(("%s/runs/%s/report.html"):format(folder, name)):gsub("&#39;", "'"), "Careful:</strong> " .. expected)
    end
    lu.assertEquals(run "run r.lua --quiet".err, "")
    local first = json.decode(run "run r.lua --json --quiet".out:match "[^\n]+")
    lu.assertEquals({ first.event, first.text:sub(1, #expected) }, { "warning", expected })
  end)
end

function TestLeaks:test_a_column_that_is_the_target_in_other_words() told({ columns = "a b outcome y" }, "column 'outcome' tells 'y' alone (AUC 1.0000 on rows held out)") end
function TestLeaks:test_a_column_that_is_the_target_in_another_unit()
  told({ columns = "a b cents value", task = "regression", target = "value" }, "column 'cents' tells 'value' alone (R²")
end
function TestLeaks:test_an_id_that_tells_the_target() told({ columns = "id a b y" }, "column 'id' tells 'y' alone (AUC ") end
function TestLeaks:test_a_derived_column_that_tells_the_target()
  told({ columns = "a b outcome y", data = 'derive = { win = function(c) return c.outcome:eq("won") end }' }, "column 'outcome' tells 'y' alone")
end

function TestLeaks:test_among_many_columns_too()
  local columns, noise = {}, ml.randn({ 150, 300 }, { dtype = "float64", key = 4 })
  for k = 1, 300 do columns["c" .. k] = noise:select(2, k):tolist() end
  columns.c7, columns.value, columns.y = {}, {}, {}
  for i = 1, 150 do
    columns.value[i], columns.y[i] = columns.c1[i] + columns.c2[i], columns.c1[i] + columns.c2[i] > 0 and "yes" or "no"
    columns.c7[i] = i % 50 == 0 and 0 / 0 or 1e200 * (columns.value[i] - 3) -- in a unit that has no squares
  end
  local model = { regression = ml.ridge(), binary = ml.logistic() }
  for task, target in pairs { regression = "value", binary = "y" } do
    local other = task == "binary" and "value" or "y"
    local recipe = ml.recipe { name = "wide", task = task, data = { source = data.table(columns), target = target, columns = { [other] = data.ignore() } }, model = model[task] }
    local found = require "moonlab.profile.leaks".of(recipe, { table = data.table(columns), places = { train = ml.arange(1, 150) }, derive = {} })
    lu.assertEquals({ #found, found[1].column }, { 1, "c7" }, task)
  end
end

function TestLeaks:test_columns_that_say_only_something_are_not_suspected()
  with({ columns = "a b y" }, function(_, run)
    lu.assertNotStrContains(run "run r.lua".err, "warning")
    lu.assertNotStrContains(run "check r.lua".err, "warning")
  end)
end

function TestLeaks:test_a_feature_made_of_the_target_is_refused()
  with({ columns = "a b y", data = 'derive = { sure = function(c) return c.y:eq("yes") end }' }, function(_, run)
    for _, command in ipairs { "check", "run", "cv", "search" } do
      lu.assertStrContains(run(command .. " r.lua").err, "r.lua:6: 'sure' is made of the target 'y', which is not known where it is asked for")
    end
  end)
end

function TestLeaks:test_rows_that_are_there_twice_are_counted_over_the_cut_and_can_be_kept_apart()
  local list = rows(200)
  for i = 1, 200 do list[200 + i] = list[i] end
  with({ columns = "a b y", rows = list }, function(_, run)
    for _, command in ipairs { "check", "run", "cv" } do
      lu.assertStrMatches(run(command .. " r.lua").err, ".*warning: %d%d of %d+ rows of the test part stand in the training part too, all but the target the same: "
        .. "clean.duplicates = 'drop', or data.group, keeps them apart\n.*")
    end
    lu.assertNotStrContains(run "run r.lua data.clean.duplicates=drop".err, "warning")
    lu.assertNotStrContains(run "run r.lua data.group=id".err, "warning")
  end)
end

function TestLeaks:test_few_equal_rows_are_chance_and_what_looks_back_is_known()
  local columns = { x = {}, y = {} }
  for i = 1, 300 do columns.x[i], columns.y[i] = i, i * 7 % 13 end
  local recipe = ml.recipe { name = "few", task = "regression", data = { source = data.table(columns), target = "y" }, model = ml.ridge() }
  local function said(equal)
    for i = 1, equal do columns.x[300 - i] = i end
    local places = { train = ml.arange(1, 200), test = ml.arange(201, 300) }
    return require "moonlab.profile.leaks".of(recipe, { table = data.table(columns), places = places, derive = {} })
  end
  lu.assertEquals(said(1), {})
  lu.assertStrContains(said(2)[1].text, "2 of 100 rows of the test part stand in the training part too")
  support.with_folder(function(folder) -- a series that hardly moves: the value before tells it, and is known
    local lines = { "t,x,y" }
    for i = 1, 200 do lines[i + 1] = ("%d,%d,%.4f"):format(i, i * 7 % 13, i / 3 + math.sin(i)) end
    synthetic.write_file(folder .. "/rows.csv", table.concat(lines, "\n") .. "\n")
    synthetic.write_file(folder .. "/r.lua", [[
local ml = require "moonlab"
return ml.recipe { name = "s", task = "regression", data = { source = ml.data.csv "rows.csv", target = "y", time = "t" }, split = { test = 0.2 },
  features = { ml.features.lags { columns = { "y" }, lags = { 1 }, order = "t" } }, model = ml.ridge() }
]])
    local status, _, err = synthetic.run(folder, "run r.lua")
    lu.assertEquals(status, 0, err)
    lu.assertNotStrContains(err, "warning")
  end)
end

function TestLeaks:test_a_column_of_parts_can_not_cut_groups_apart()
  with({ columns = "a b y home", data = 'group = "home"' }, function(folder, run)
    local text = synthetic.read_file(folder .. "/r.lua")
    synthetic.write_file(folder .. "/r.lua", (text:gsub("test = 0.25", 'by = "outcome"')))
    lu.assertStrContains(run "run r.lua".err, "split: by and group can't be both given: the column says which part each row is in")
  end)
end

-- Time ------------------------------------------------------------------------------------------------------------------

TestFuture = {}

local function timed(cv, split)
  local list, columns = rows(120), { a = {}, b = {}, value = {}, t = {} }
  for i, row in ipairs(list) do
    for name, column in pairs(columns) do column[i] = row[name] end
  end
  return ml.recipe { name = "timed", task = "regression", seed = 2, data = { source = data.table(columns), target = "value", time = "t" },
    split = split or { test = 0.2 }, model = ml.ridge(), assess = { cv = cv } }
end

local function times(read, rows_) return read.cleaned.table:column "t":gather(rows_).values end

function TestFuture:test_no_row_trains_what_was_before_it()
  for _, cv in ipairs { false, ml.time_series_folds(4, { gap = 3 }) } do
    local recipe = timed(cv or nil)
    local read = prepare.read(recipe)
    local cut = prepare.data(recipe, read).places
    lu.assertTrue(times(read, cut.train):max():item() < times(read, cut.test):min():item())
    local folds = prepare.folds(recipe, read)
    for i = 1, folds.count do
      local fold = folds.at(i)
      lu.assertTrue(times(read, fold.train):max():item() < times(read, fold.test):min():item())
      lu.assertTrue(times(read, fold.test):max():item() < times(read, cut.test):min():item())
      lu.assertTrue(times(read, folds.whole(i)):max():item() < times(read, fold.test):min():item())
    end
  end
end

function TestFuture:test_folds_of_a_search_in_a_search_follow_one_another_too()
  local recipe = timed(nil, {})
  local read = prepare.read(recipe)
  local outer = prepare.folds(recipe, read, { cv = prepare.k_folds(recipe, 3) })
  for i = 1, 3 do
    local latest = times(read, outer.at(i).test):min():item()
    local inner = prepare.folds(recipe, read, { within = outer.whole(i) })
    for k = 1, inner.count do
      lu.assertTrue(times(read, inner.at(k).train):max():item() < times(read, inner.at(k).test):min():item())
      lu.assertTrue(times(read, inner.at(k).test):max():item() < latest)
    end
  end
end

function TestFuture:test_folds_in_which_later_rows_train_are_refused()
  for kind, cv in pairs { kfold = ml.kfold(4), chunks = ml.chunks {}, leave_one_out = ml.leave_one_out() } do
    local recipe = timed(cv)
    lu.assertErrorMsgContains(("in the folds of %s later rows train what is tested earlier, and the rows have times (data.time): "
      .. "ml.time_series_folds(5) tests each stretch by what came before it"):format(kind), prepare.folds, recipe, prepare.read(recipe))
  end
end

-- What is fitted ----------------------------------------------------------------------------------------------------------

TestFittedToTraining = {}

local function columns_of(list)
  local columns = {}
  for _, name in ipairs { "a", "b", "value", "y", "city", "text", "gap" } do columns[name] = {} end
  for i, row in ipairs(list) do
    columns.a[i], columns.b[i], columns.value[i], columns.y[i] = row.a, row.b, row.value, row.y
    columns.city[i], columns.text[i] = "c" .. i % 7, ("word%d other%d"):format(i % 5, i % 11)
    columns.gap[i] = i % 6 == 0 and 0 / 0 or row.a * row.b
  end
  return columns
end

local function recipe_over(columns, task, steps)
  local source = data.table { a = columns.a, b = columns.b, value = columns.value, y = columns.y, city = columns.city, text = columns.text, gap = columns.gap }
  local regression = task == "regression"
  return ml.recipe { name = "fit", task = task, seed = 4, split = { test = 0.2 }, features = steps,
    data = { source = source, target = regression and "value" or "y", columns = { gap = data.number { missing = { "mean", "indicator" } }, text = data.string(),
      [regression and "y" or "value"] = data.ignore() } },
    model = regression and ml.ridge() or ml.logistic(), assess = { cv = ml.kfold(3) } }
end

-- All that is fitted in a fold, as text.
local function fitted(columns, task, steps, number)
  local recipe = recipe_over(columns, task, steps)
  local read = prepare.read(recipe)
  local fold = prepare.folds(recipe, read).at(number)
  local job = Job.prepare(recipe, read, fold)
  job:fit {}
  local weights = job.model.weight:flatten():tolist()
  for i, w in ipairs(weights) do weights[i] = ("%a"):format(w) end
  return json.encode(job.parts.pipeline) .. table.concat(weights, " "), read, fold
end

-- Rows that are not in the training part become others: their numbers, categories and words, and where folds do not look at it the target.
local function spoiled(columns, training, with_target)
  local trains, out = {}, {}
  for _, row in ipairs(training:tolist()) do trains[row] = true end
  for name, list in pairs(columns) do
    out[name] = table.move(list, 1, #list, 1, {})
    for i in ipairs(list) do
      if not trains[i] then
        if name == "city" then out[name][i] = "nowhere" elseif name == "text" then out[name][i] = "never seen" .. i
        elseif name == "gap" or name == "a" or name == "b" then out[name][i] = 1e6 + i
        elseif name == "value" and with_target then out[name][i] = -1e6 * i end
      end
    end
  end
  return out
end

local STEPS = {
  plain = function() return { features.standardize(), features.one_hot(), features.tfidf() } end,
  encoded = function() return { features.target_encode(), features.robust(), features.quantile(), features.ngrams() } end,
  reduced = function() return { features.ordinal(), features.min_max(), features.pca(2), features.hashing { columns = { "text" } } } end,
  chosen = function() return { features.one_hot(), features.power(), features.binning(), features.hashing { columns = { "text" } }, features.select_lasso() } end,
  grouped = function() return { features.target_encode(), features.clip(), features.kmeans(3), features.hashing { columns = { "text" } } } end,
}

for name, steps in pairs(STEPS) do
  TestFittedToTraining[("test_rows_that_do_not_train_change_no_bit_of_what_is_fitted_%s"):format(name)] = function()
    local columns = columns_of(rows(150))
    for _, task in ipairs { "regression", "binary" } do
      for number = 1, 3, 2 do
        local before, _, fold = fitted(columns, task, steps(), number)
        local after = fitted(spoiled(columns, fold.train, task == "regression"), task, steps(), number)
        lu.assertTrue(before == after, task)
      end
    end
  end
end
