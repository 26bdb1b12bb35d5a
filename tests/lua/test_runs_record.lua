-- What a run leaves behind besides its scores: the page, predictions, the lock, the ledger of looks; and recipes to begin with.

local lu = require "luaunit"
local json = require "moonlab.json"
local fitting = require "moonlab.runs.fitting"
local compare = require "moonlab.runs.compare"
local support = require "support"
local synthetic = require "synthetic"
local vm = require "moonlab.vm"

-- f(folder, run): run(line, before) -> { status =, out =, err = }
local function with_folder(f)
  support.with_folder(function(folder)
    f(folder, function(line, before)
      local status, out, err = synthetic.run(folder, line, before)
      return { status = status, out = out, err = err }
    end)
  end)
end

local function rows()
  local lines = { "id,x,house,y,kind" }
  for i = 1, 80 do lines[i + 1] = ("r%d,%.3f,h%d,%.3f,%s"):format(i, i % 17 / 3, i % 12, i % 17 + i % 5 / 10, i % 17 > 8 and "<b>" or "no") end
  return table.concat(lines, "\n") .. "\n"
end

local RECIPE = [[
local ml = require "moonlab"
local data = ml.data
return ml.recipe {
  name = "line", task = "%s", seed = 3, problem = { ask = "How <far>?" },
  data = { source = data.csv "rows.csv", target = "%s", id = "id", %s columns = { %s = data.ignore(), house = data.category{} } },
  split = { test = 0.25 }, model = %s,
}
]]

local function regression(folder, name)
  synthetic.write_file(folder .. "/rows.csv", rows())
  synthetic.write_file(folder .. "/r.lua", RECIPE:format("regression", "y", 'group = "house",', "kind", "ml.ridge { alpha = 1 }"):gsub("house = data.category{}", ""))
end

local function binary(folder)
  synthetic.write_file(folder .. "/rows.csv", rows())
  synthetic.write_file(folder .. "/r.lua", (RECIPE:format("binary", "kind", "", "y", "ml.logistic { C = 1 }")))
end

local function read(path) return synthetic.read_file(path) end

-- The tags of a page that must be closed: nothing in it is left open.
local function check_balanced(html)
  for _, tag in ipairs { "table", "section", "svg", "pre", "p", "h2", "div", "details" } do
    local _, opened = html:gsub("<" .. tag .. "[ >]", "")
    local _, closed = html:gsub("</" .. tag .. ">", "")
    lu.assertEquals(opened, closed, tag)
  end
end

TestReportPage = {}

function TestReportPage:test_of_two_classes_has_scores_curves_worst_rows_and_needs_nothing_besides()
  with_folder(function(folder, run)
    binary(folder)
    lu.assertEquals(run "run r.lua --out out".status, 0)
    local html = read(folder .. "/out/report.html")
    check_balanced(html)
    for _, text in ipairs { "How &lt;far&gt;?", "baseline", "ROC", "Precision and recall", "Calibration of the probability of", "The rows it is most wrong about",
      "moonlab run recipe.lua", "Look 1 at this held-out part", "rows.csv" } do lu.assertStrContains(html, text) end
    for _, text in ipairs { "<script", "src=", "@import", "<far>", "<td><b>" } do lu.assertNil(html:find(text, 1, true), text) end
    lu.assertNil(html:gsub('xmlns="http://www.w3.org/2000/svg"', ""):find "https?://")
  end)
end

function TestReportPage:test_of_numbers_has_residuals_and_scores_by_group()
  with_folder(function(folder, run)
    regression(folder)
    local r = run "run r.lua --out out"
    lu.assertEquals(r.status, 0, r.err)
    local html = read(folder .. "/out/report.html")
    check_balanced(html)
    for _, text in ipairs { "Predicted against actual", "rmse is ", "on the training part and ", "Scores by house", "<h2>The fit</h2>", "kept" } do lu.assertStrContains(html, text) end
    local groups, rows_ = json.decode(read(folder .. "/out/metrics.json")).by_group, 0
    for _, one in ipairs(groups) do rows_ = rows_ + one.rows end
    local metrics = json.decode(read(folder .. "/out/metrics.json"))
    lu.assertEquals(rows_, metrics.rows)
    local ends = metrics.intervals.scores.rmse
    lu.assertTrue(ends[1] < metrics.test.rmse and metrics.test.rmse < ends[2])
    lu.assertTrue(metrics.intervals.grouped)
    lu.assertStrContains(r.out, ("test rmse             %.4f (%.4f to %.4f)"):format(metrics.test.rmse, ends[1], ends[2]))
    lu.assertStrContains(r.out, "in parentheses: 95 % intervals by the bootstrap, 400 resamples of whole groups")
    lu.assertStrContains(html, ("%.4f to %.4f"):format(ends[1], ends[2]))
  end)
end

function TestReportPage:test_of_a_cross_validation_has_folds_with_mean_and_spread()
  with_folder(function(folder, run)
    binary(folder)
    lu.assertEquals(run "cv r.lua --quiet --out out".status, 0)
    local html = read(folder .. "/out/report.html")
    check_balanced(html)
    for _, text in ipairs { "Scores by fold", "accuracy: mean ", "moonlab cv recipe.lua" } do lu.assertStrContains(html, text) end
    lu.assertEquals(json.decode(run "runs ls . --json".out).status, "done")
  end)
end

function TestReportPage:test_of_pictures_shows_the_worst_as_thumbnails()
  with_folder(function(folder, run)
    synthetic.write(folder, { train = 40, test = 20 })
    synthetic.write_file(folder .. "/r.lua", synthetic.recipe { train = "{ batch = 20, epochs = 3, optimizer = ml.optim.adamw { lr = 0.01 } }" })
    lu.assertEquals(run "run r.lua --quiet --out out".status, 0)
    local html = read(folder .. "/out/report.html")
    check_balanced(html)
    for _, text in ipairs { "data:image/png;base64,", "How the training went", "Confusion" } do lu.assertStrContains(html, text) end
  end)
end

function TestReportPage:test_the_word_on_the_fit()
  local function word(losses, valid)
    local records = {}
    for i, loss in ipairs(losses) do records[i] = { epoch = i, loss = loss, valid_loss = valid[i] } end
    return fitting.word(records)
  end
  lu.assertStrContains(word({ 1, 0.5, 0.2, 0.1 }, { 1, 0.6, 0.7, 0.9 }), "Overfitting after epoch 2")
  lu.assertStrContains(word({ 1, 0.8, 0.6, 0.4 }, { 1, 0.8, 0.6, 0.4 }), "Not at its end")
  lu.assertStrContains(word({ 1, 0.3, 0.2, 0.2 }, { 1, 0.5, 0.498, 0.498 }), "well above the training loss")
  lu.assertStrContains(word({ 1, 0.5, 0.4, 0.4 }, { 1, 0.5, 0.42, 0.42 }), "come to rest")
  lu.assertNil(word({ 1, 0.5 }, { 1, 0.5 }))
  lu.assertNil(word({ 1, 0.5, 0.4 }, {}))
end

function TestReportPage:test_predictions_name_the_rows_of_the_file_and_give_the_scores_again()
  with_folder(function(folder, run)
    binary(folder)
    run "run r.lua --out out"
    local given, n, right = {}, 0, 0
    for line in rows():gmatch "[^\n]+" do given[#given + 1] = line end
    for line in read(folder .. "/out/predictions.csv"):gmatch "[^\n]+" do
      local row, id, actual, predicted, p = line:match "^(%d+),(%w+),([^,]+),([^,]+),([^,]+)"
      if row then
        n = n + 1
        right = right + (actual == predicted and 1 or 0)
        lu.assertStrMatches(given[tonumber(row) + 1], id .. ",.*," .. actual)
        lu.assertTrue(tonumber(p) >= 0.5 and tonumber(p) <= 1)
      end
    end
    local metrics = json.decode(read(folder .. "/out/metrics.json"))
    lu.assertEquals(n, metrics.rows)
    lu.assertAlmostEquals(right / n, metrics.test.accuracy, 1e-12)
  end)
end

TestLooks = {}

function TestLooks:test_looks_at_the_same_rows_are_counted_across_recipes_and_seeds_of_the_model()
  with_folder(function(folder, run)
    regression(folder)
    lu.assertStrContains(run "run r.lua".out, "look 1 at this held-out part\n")
    synthetic.write_file(folder .. "/other.lua", (read(folder .. "/r.lua"):gsub("alpha = 1", "alpha = 2")))
    lu.assertStrMatches(run "run other.lua".out, ".*look 2 at this held%-out part; first on %d%d%d%d%-%d%d%-%d%d\n.*")
    lu.assertStrContains(run "run r.lua --seed 9".out, "look 1 at")
    lu.assertStrContains(run "cv r.lua".out, "mean")
    local again = run "run r.lua --json --quiet"
    lu.assertEquals(json.decode(again.out:match "[^\n]+\n?$").look, 3)
    lu.assertEquals(json.decode(read(folder .. "/runs/line-4/record.json")).look, 3)
    local a, b = read(folder .. "/runs/line-1/metrics.json"), read(folder .. "/runs/line-4/metrics.json")
    lu.assertEquals((a:gsub('"seconds": [^,]+', "")), (b:gsub('"seconds": [^,]+', "")))
  end)
end

function TestLooks:test_a_ledger_that_cannot_be_written_is_a_warning()
  with_folder(function(folder, run)
    regression(folder)
    synthetic.write_file(folder .. "/state", "a file")
    local r = run "run r.lua"
    lu.assertEquals(r.status, 0, r.err)
    lu.assertStrContains(r.err, "warning: this look at the held-out part is not counted")
    lu.assertNil(r.out:find "look ")
  end)
end

function TestLooks:test_a_damaged_line_is_told_and_the_others_count()
  with_folder(function(folder, run)
    regression(folder)
    run "run r.lua"
    run "run r.lua"
    local path = folder .. "/state/moonlab/looks.jsonl"
    synthetic.write_file(path, read(path):sub(1, -10))
    lu.assertStrContains(run "run r.lua".out, "look 2 at this held-out part; first on")
    lu.assertStrContains(run "run r.lua".out, "(1 lines of the ledger can't be read)")
  end)
end

function TestLooks:test_two_at_once_are_both_counted_and_no_line_is_lost()
  with_folder(function(folder, run)
    regression(folder)
    local both = ("run r.lua --quiet --out a & XDG_STATE_HOME=%s/state %s run r.lua --quiet --out b & wait"):format(folder, synthetic.program())
    lu.assertEquals(run(both).status, 0)
    lu.assertStrContains(run "run r.lua".out, "look 3 at")
    local counts = { json.decode(read(folder .. "/a/record.json")).look, json.decode(read(folder .. "/b/record.json")).look }
    table.sort(counts)
    lu.assertEquals(counts, { 1, 2 })
  end)
end

TestVerify = {}

function TestVerify:test_says_that_nothing_differs_and_leaves_nothing_behind()
  with_folder(function(folder, run)
    regression(folder)
    lu.assertStrContains(run "run r.lua --lock --seed 4 split.test=0.3".out, "locked in r.lock")
    local r = run "verify r.lua"
    lu.assertEquals(r.status, 0, r.err .. r.out)
    lu.assertStrContains(r.out, "the same data, split, weights and scores as in r.lock")
    lu.assertEquals(vm.listdir(folder .. "/runs"), { "line-1" })
    lu.assertEquals(json.decode(run "verify r.lua --json".out).same, true)
    lu.assertStrContains(run "run r.lua --seed 4 split.test=0.3".out, "look 2 at")
  end)
end

local function differing(run)
  local r = run "verify r.lua --json --quiet"
  local kinds, list = {}, {}
  for _, one in ipairs(json.decode(r.out).differences) do kinds[one.what] = one.text end
  for kind in pairs(kinds) do list[#list + 1] = kind end
  table.sort(list)
  return table.concat(list, " "), r.status, kinds
end

function TestVerify:test_says_which_of_recipe_data_split_weights_and_scores_differs()
  with_folder(function(folder, run)
    regression(folder)
    run "run r.lua --lock"
    local recipe, data, lock = read(folder .. "/r.lua"), read(folder .. "/rows.csv"), read(folder .. "/r.lock")
    synthetic.write_file(folder .. "/r.lua", "-- a word\n" .. recipe)
    lu.assertEquals({ differing(run) }, { "recipe", 3, { recipe = "the recipe, or a file that it requires, has changed since it was locked" } })
    synthetic.write_file(folder .. "/r.lua", (recipe:gsub("seed = %d+", "seed = 99")))
    lu.assertStrMatches(select(3, differing(run)).settings, "seed is 99, locked is %d+")
    synthetic.write_file(folder .. "/r.lua", recipe)
    synthetic.write_file(folder .. "/rows.csv", (data:gsub(",1.667,", ",1.668,")))
    local kinds, status, texts = differing(run)
    lu.assertEquals({ kinds, status }, { "data scores weights", 3 })
    lu.assertStrMatches(texts.data, "rows.csv: its bytes hash to %x+, locked is %x+")
    synthetic.write_file(folder .. "/rows.csv", data .. "r81,1,h1,1,no\n")
    lu.assertStrContains((differing(run)), "split")
    synthetic.write_file(folder .. "/rows.csv", data)
    synthetic.write_file(folder .. "/r.lock", (lock:gsub('"kernels": "%w+"', '"kernels": "other"')))
    local r = run "verify r.lua"
    lu.assertEquals(r.status, 0)
    lu.assertStrContains(r.out, "locked with the kernels other")
  end)
end

function TestLooks:test_a_run_that_is_at_work_is_said_to_and_not_removed()
  with_folder(function(folder, run)
    regression(folder)
    run "run r.lua"
    local path = folder .. "/runs/line-1"
    do
      local held <close> = require "moonlab.vm".lock_folder(path)
      lu.assertStrMatches(run("runs").out, ".*\nline%-1 .*  running  .*")
      local r = run "runs rm line-1 --yes"
      lu.assertEquals({ r.status, r.err, held ~= nil }, { 2, "moonlab: runs rm: runs/line-1 is at work; end it first\n", true })
    end
    lu.assertStrMatches(run("runs").out, ".*\nline%-1 .*  done  .*")
    lu.assertEquals(run("runs rm line-1 --yes").out, "removed runs/line-1\n")
  end)
end

function TestVerify:test_a_lock_that_is_not_there_or_is_none_is_said()
  with_folder(function(folder, run)
    regression(folder)
    local r = run "verify r.lua"
    lu.assertEquals(r.status, 4)
    lu.assertStrContains(r.err, "there is no r.lock; moonlab run r.lua --lock writes it")
    for _, text in ipairs { "", "{", "[]", "{}" } do
      synthetic.write_file(folder .. "/r.lock", text)
      r = run "verify r.lua"
      lu.assertEquals(r.status, 4)
      lu.assertStrContains(r.err, "r.lock is no lock")
    end
  end)
end

TestCompare = {}

function TestCompare:test_lines_that_differ()
  lu.assertEquals(compare.text("a\nb\nc\n", "a\nx\nc\nd\n"),
    { { sign = "-", number = 2, text = "b" }, { sign = "+", number = 2, text = "x" }, { sign = "+", number = 4, text = "d" } })
  lu.assertEquals(compare.text("a\n", "a\n"), {})
  lu.assertEquals(#compare.text("", "a\nb\n"), 3) -- an empty line less, two more
end

function TestCompare:test_runs_field_by_field()
  with_folder(function(folder, run)
    regression(folder)
    run "run r.lua --quiet"
    synthetic.write_file(folder .. "/r.lua", (read(folder .. "/r.lua"):gsub("alpha = 1", "alpha = 100")))
    synthetic.write_file(folder .. "/rows.csv", rows() .. "r81,1,h1,1,no\n")
    run "run r.lua --quiet"
    local found = json.decode(run "runs diff line-1 line-2 --json".out)
    lu.assertEquals({ #found.recipe, #found.data, found.data[1].field, #found.scores }, { 2, 1, "rows.csv", 3 })
    local fields = {}
    for _, one in ipairs(found.settings) do fields[one.field] = { one.a, one.b } end
    lu.assertEquals(fields["model.alpha"], { 1, 100 })
    local text = run "runs diff line-1 line-2".out
    lu.assertStrMatches(text, "recipe\n%-.*alpha = 1 .*\n%+.*alpha = 100.*\nsettings +line%-1 +line%-2\n.*scores +line%-1 +line%-2 +difference\n.*")
    lu.assertStrContains(run "runs diff line-1 line-1".out, "recipe: the same\nsettings: the same\ndata: the same\nsplit: the same\n")
    lu.assertStrContains(run "runs plot line-1".out, "there is nothing to draw: a model that is solved has no epochs")
  end)
end

function TestCompare:test_curves_over_each_other()
  with_folder(function(folder, run)
    synthetic.write(folder, { train = 40, test = 20 })
    synthetic.write_file(folder .. "/r.lua", synthetic.recipe())
    run "run r.lua --quiet"
    run "run r.lua --quiet train.epochs=4"
    for _, line in ipairs { "runs plot small-1 small-2", "runs diff small-1 small-2" } do
      local out = run(line).out
      for _, text in ipairs { "validation loss", "small-1", "small-2", "epoch" } do lu.assertStrContains(out, text) end
    end
    lu.assertEquals(#json.decode(run "runs plot small-2 --json".out).log, 4)
  end)
end

TestEval = {}

function TestEval:test_new_labelled_rows_get_the_scores_that_are_theirs()
  with_folder(function(folder, run)
    binary(folder)
    run "run r.lua --out out"
    local held, all = { "id,x,house,y,kind" }, {}
    for line in rows():gmatch "[^\n]+" do all[#all + 1] = line end
    for row in read(folder .. "/out/predictions.csv"):gmatch "\n(%d+)," do held[#held + 1] = all[tonumber(row) + 1] end
    synthetic.write_file(folder .. "/held.csv", table.concat(held, "\n") .. "\n")
    local r = run "eval out held.csv --json"
    lu.assertEquals(r.status, 0, r.err)
    lu.assertEquals(json.decode(r.out).scores, json.decode(read(folder .. "/out/metrics.json")).test)
    synthetic.write_file(folder .. "/held.csv", table.concat(held, "\n") .. "\nr90,oops,h1,1,no\n")
    lu.assertStrContains(run "eval out held.csv".out, ("%d rows, 1 left out"):format(#held - 1))
  end)
end

function TestEval:test_the_held_out_part_is_judged_again_where_the_data_are_there()
  with_folder(function(folder, run)
    regression(folder)
    run "run r.lua --out out"
    local r = run "eval out --json"
    lu.assertEquals(r.status, 0, r.err)
    lu.assertEquals(json.decode(r.out).scores, json.decode(read(folder .. "/out/metrics.json")).test)
  end)
end

function TestEval:test_what_does_not_fit_is_said()
  with_folder(function(folder, run)
    binary(folder)
    run "run r.lua --out out"
    synthetic.write_file(folder .. "/none.csv", "x,house\n1,h1\n")
    synthetic.write_file(folder .. "/other.csv", "x,house,kind\n1,h1,maybe\n")
    for line, text in pairs { ["eval"] = "which run?", ["eval out none.csv"] = "the target, is missing", ["eval out other.csv"] = "'maybe', which is no class",
      ["eval out nothing.csv"] = "there is no file", ["eval nowhere"] = "there is no run folder" } do
      local r = run(line)
      lu.assertTrue(r.status == 4 or r.status == 2, line)
      lu.assertStrContains(r.err, text)
    end
  end)
end

TestNew = {}

for _, task in ipairs(require "moonlab.command.templates".names) do
  TestNew["test_the_recipe_for_" .. task .. "_runs_as_it_is_and_reaches_its_threshold"] = function()
    with_folder(function(folder, run)
      lu.assertStrContains(run("new mine --task " .. task).out, "wrote mine.lua")
      local r = run "run mine.lua --quiet"
      lu.assertEquals(r.status, 0, r.err .. r.out)
      lu.assertEquals(run "check mine.lua".status, 0)
      r = run "eval runs/mine-1 --json"
      lu.assertEquals(r.status, 0, r.err)
      lu.assertEquals(json.decode(r.out).scores, json.decode(read(folder .. "/runs/mine-1/metrics.json")).test)
      for _, name in ipairs { "recipe.lua", "config.json", "record.json", "model.safetensors", "report.html" } do
        lu.assertEquals({ name, vm.exists(folder .. "/runs/mine-1/" .. name) }, { name, "file" })
      end
    end)
  end
end

function TestNew:test_nothing_is_written_over_and_names_are_checked()
  with_folder(function(folder, run)
    synthetic.write_file(folder .. "/mine.csv", "mine")
    lu.assertStrContains(run "new mine".err, "mine.csv is there already")
    lu.assertEquals({ read(folder .. "/mine.csv"), vm.exists(folder .. "/mine.lua") }, { "mine", false })
    lu.assertStrContains(run "new 1x".err, "a name begins with a letter")
    lu.assertStrContains(run "new x --task txt".err, "did you mean 'text'?")
  end)
end
