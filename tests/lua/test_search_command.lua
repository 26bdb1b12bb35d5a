-- moonlab search: what it finds and leaves behind is the same whatever happens to it.

local lu = require "luaunit"
local support = require "support"
local synthetic = require "synthetic"
local json = require "moonlab.json"
local vm = require "moonlab.vm"

TestSearchCommand = {}

local HEAD = [[
local ml = require "moonlab"
local data, features, grid = ml.data, ml.features, ml.grid
]]

local RIDGE = HEAD .. [[
return ml.recipe {
  name = "line", task = "regression", seed = 3,
  data = { source = data.csv "rows.csv", target = "y" }, split = { test = 0.2 },
  features = { features.standardize(), features.pca(grid { false, 2 }) },
  model = ml.ridge { alpha = grid { 0.1, 1, 100, 1000 } },
  assess = { cv = ml.kfold(6) }, search = { %s },
}
]]

local NET = HEAD .. [[
local nn = ml.nn
return ml.recipe {
  name = "net", task = "regression", seed = 3,
  data = { source = data.csv "rows.csv", target = "y" }, split = { test = 0.2, valid = 0.2 },
  model = nn.Sequential { nn.Linear(ml.int_uniform(2, 16)), ml.choice { "relu", "tanh", name = "kind" } == "relu" and nn.ReLU() or nn.Tanh(), nn.Linear(1) },
  train = { epochs = 9, batch = 32, optimizer = ml.optim.adam { lr = ml.log_uniform(1e-4, 1e-1) } }, search = { %s },
}
]]

-- Rows of a line in three columns.
local function rows(n)
  local lines, state = { "a,b,c,y" }, 1
  local function draw()
    state = (state * 1103515245 + 12345) & 0x7fffffff
    return (state >> 12) % 2000 / 500 - 2
  end
  for i = 1, n or 150 do
    local a, b, c = draw(), draw(), draw()
    lines[i + 1] = ("%.3f,%.3f,%.3f,%.4f"):format(a, b, c, 2 * a - b + draw() / 4)
  end
  return table.concat(lines, "\n") .. "\n"
end

local function with(text, search, f)
  support.with_folder(function(folder)
    synthetic.write_file(folder .. "/rows.csv", rows())
    synthetic.write_file(folder .. "/r.lua", text:format(search))
    f(folder, function(line, before)
      local status, out, err = synthetic.run(folder, line, before)
      return { status = status, out = out, err = err }
    end)
  end)
end

local function read_json(path) return json.decode(synthetic.read_file(path)) end

-- What a search leaves behind and must be the same, byte for byte.
local function left_behind(folder)
  return synthetic.read_file(folder .. "/trials.csv"), synthetic.read_file(folder .. "/metrics.json"), synthetic.read_file(folder .. "/chosen.json")
end

function TestSearchCommand:test_a_grid_on_folds_chooses_and_trains_and_the_run_predicts()
  with(RIDGE, 'method = "grid", select = "rmse"', function(folder, run)
    local r = run "search r.lua --out out"
    lu.assertEquals(r.status, 0, r.err)
    lu.assertNotStrContains(r.out, "looks better than it is") -- the test part tells how good it is
    lu.assertStrMatches(r.out, "trial +pca +alpha +rmse +std +folds\n.*chosen: trial %d, pca false, alpha .*\ntest rmse .*search folder out\n")
    local chosen, csv = read_json(folder .. "/out/chosen.json"), synthetic.read_file(folder .. "/out/trials.csv")
    lu.assertEquals(select(2, csv:gsub("\n", "")), 9)
    lu.assertStrContains(csv, "trial,pca,alpha,rmse,std,folds,stopped\n1,false,0.1,")
    lu.assertStrContains(csv, ",3,hopeless after 3 of 6 folds\n")
    lu.assertEquals(chosen.settings.pca, false)
    local config = read_json(folder .. "/out/final/config.json")
    lu.assertEquals(config.overrides, chosen.overrides)
    lu.assertEquals(config.model.alpha, chosen.settings.alpha)
    lu.assertEquals({ config.spaces[1].name, config.spaces[2].name }, { "pca", "alpha" })
    synthetic.write_file(folder .. "/new.csv", "a,b,c\n1,0,0\n")
    lu.assertAlmostEquals(tonumber(run("predict out/final new.csv").out:match "  ([%d.]+)\n"), 2, 0.3)
  end)
end

function TestSearchCommand:test_a_search_is_listed_shown_compared_and_drawn_as_runs_are()
  with(RIDGE, 'method = "grid", select = "rmse", stop = false', function(folder, run)
    lu.assertEquals(run("search r.lua --quiet").status, 0)
    lu.assertEquals(run("search r.lua --quiet search.select=mae").status, 0)
    local listed = run("runs").out
    lu.assertStrMatches(listed, ".*\nline%-search%-1 +%d+%-%d%d%-%d%d %d%d:%d%d  regression  search    done +folds: rmse 0.*line%-search%-1/final.*")
    lu.assertStrMatches(listed, ".*line%-search%-2 .*  folds: mae 0.*")
    lu.assertStrMatches(run("runs show line-search-1").out, ".*\nseed +3\nrows +train 120\ndata +%x+ .*\nrmse +0.*")
    local differing = run("runs diff line-search-1 line-search-2").out
    lu.assertStrMatches(differing, "recipe: the same\nsettings .*\n  search%.select +rmse +mae\ndata: the same\n.*line%-search%-1: its trials.*line%-search%-2: its trials.*")
    lu.assertStrMatches(run("runs plot line-search-1").out, "line%-search%-1: its trials\nrmse\n.*trial\n")
    lu.assertEquals(#json.decode(run("runs plot line-search-1 --json").out).trials, 8)
    local page = synthetic.read_file(folder .. "/runs/line-search-1/report.html")
    for _, text in ipairs { "What was chosen", "grid search by rmse, judged by 6 folds", "What the settings explain", "Trials in their order", 'href="final/report.html"',
      "moonlab search recipe.lua" } do
      lu.assertStrContains(page, text)
    end
    lu.assertNotStrContains(page, "<p class=\"soft\">plot.")
    lu.assertNotStrContains(run("runs show line-search-1").out, "baseline")
  end)
end

function TestSearchCommand:test_a_score_of_zero_has_no_sign()
  local text = RIDGE:gsub('data%.csv "rows%.csv", target = "y"', 'data.csv "flat.csv", target = "y"')
  lu.assertNotEquals(text, RIDGE)
  with(text, 'method = "grid", select = "rmse"', function(folder, run)
    synthetic.write_file(folder .. "/flat.csv", (rows():gsub(",[^,]*\n", ",3\n"):gsub(",3", ",y", 1)))
    local r = run "search r.lua --quiet"
    lu.assertEquals(r.status, 0, r.err)
    lu.assertStrContains(r.out, "0.0000")
    lu.assertNotStrContains(r.out:match "trial.-\n\n", "-0.0000")
  end)
end

function TestSearchCommand:test_the_mean_of_a_trial_is_that_of_its_cross_validation()
  with(RIDGE, 'method = "grid", stop = false', function(folder, run)
    run "search r.lua --out out --quiet"
    run "cv r.lua pca=2 alpha=100 --out cv --quiet"
    local trial, one = read_json(folder .. "/out/metrics.json").trials[7], read_json(folder .. "/cv/metrics.json").metrics[1]
    lu.assertEquals({ trial.settings, trial.mean, trial.std }, { { pca = 2, alpha = 100 }, one.mean, one.std })
  end)
end

function TestSearchCommand:test_the_table_of_many_processes_is_that_of_one()
  for text, search in pairs { [RIDGE] = 'method = "tpe", trials = 8', [NET] = 'method = "halving", trials = 9' } do
    with(text, search, function(folder, run)
      for jobs = 1, 3 do
        local r = run(("search r.lua --quiet --jobs %d --out o%d"):format(jobs, jobs))
        lu.assertEquals(r.status, 0, r.err)
        lu.assertEquals({ left_behind(folder .. "/o" .. jobs) }, { left_behind(folder .. "/o1") })
      end
    end)
  end
end

function TestSearchCommand:test_halving_takes_a_third_to_each_rung()
  with(NET, 'method = "halving", trials = 9', function(folder, run)
    run "search r.lua --out out --quiet"
    local rungs = { 0, 0, 0 }
    for _, trial in ipairs(read_json(folder .. "/out/metrics.json").trials) do rungs[trial.rung] = rungs[trial.rung] + 1 end
    lu.assertEquals(rungs, { 6, 2, 1 })
    local epochs = {}
    for line in synthetic.read_file(folder .. "/out/journal.jsonl"):gmatch "[^\n]+" do
      local one = json.decode(line)
      if one.rung then epochs[one.rung] = one.answer.value.epochs end
    end
    lu.assertEquals(epochs, { 1, 3, 9 })
  end)
end

function TestSearchCommand:test_epochs_can_be_searched()
  with(NET:gsub("epochs = 9", "epochs = ml.grid { 3, 6 }"), 'method = "grid", points = 1', function(folder, run)
    run "search r.lua --out out --quiet"
    local epochs = {}
    for line in synthetic.read_file(folder .. "/out/journal.jsonl"):gmatch "[^\n]+" do
      local one = json.decode(line)
      if one.rung then epochs[#epochs + 1] = one.answer.value.epochs end
    end
    lu.assertEquals(epochs, { 3, 6, 3, 6 })
  end)
end

function TestSearchCommand:test_halving_of_a_model_that_is_solved_goes_over_rows()
  with(RIDGE:gsub("grid { 0.1, 1, 100, 1000 }", "ml.log_uniform(0.1, 1000)"), 'method = "halving", trials = 9', function(folder, run)
    synthetic.write_file(folder .. "/rows.csv", rows(900))
    local r = run "search r.lua --out out --quiet"
    lu.assertEquals(r.status, 0, r.err) -- 720 rows are three times 240
    local rungs = {}
    for _, trial in ipairs(read_json(folder .. "/out/metrics.json").trials) do rungs[trial.rung] = (rungs[trial.rung] or 0) + 1 end
    lu.assertEquals(rungs, { 6, 3 })
  end)
end

function TestSearchCommand:test_halving_of_few_rows_says_that_it_is_none()
  with(RIDGE:gsub("grid { 0.1, 1, 100, 1000 }", "ml.log_uniform(0.1, 1000)"), 'method = "halving", trials = 3', function(_, run)
    local r = run "search r.lua --out out"
    lu.assertEquals(r.status, 0, r.err)
    lu.assertStrContains(r.err, "there is nothing to halve, of so few rows or trials: each trial is judged in full, as a random search does")
  end)
end

function TestSearchCommand:test_when_the_minutes_are_over_no_trial_is_begun()
  with(RIDGE, 'method = "random", minutes = 0', function(folder, run)
    lu.assertEquals(run "search r.lua --out out --quiet".status, 0)
    lu.assertEquals(#read_json(folder .. "/out/metrics.json").trials, 1)
  end)
end

-- The grounds of recipes whose features and alpha are these, on the ground of the first one: whether the second has the parts of the first.
local function shares_parts(first, second)
  local Ground, file = require "moonlab.search.ground", require "moonlab.recipe.file"
  local shared
  with(RIDGE, "", function(folder)
    local function recipe(choices)
      return file.load(folder .. "/r.lua", { suggest = function(entry) return choices[entry.name] end })
    end
    local ground = Ground.new(recipe(first), true, 1 << 20)
    local _, fold, data = ground:fold(recipe(first), 2, 1)
    local parts = data(recipe(first), ground.read, fold)
    local read
    read, fold, data = ground:fold(recipe(second), 2, 1)
    shared = data(recipe(second), read, fold) == parts
  end)
  return shared
end

function TestSearchCommand:test_features_are_fitted_again_only_where_a_trial_changes_them()
  lu.assertTrue(shares_parts({ pca = 1, alpha = 1 }, { pca = 1, alpha = 3 }))
  lu.assertFalse(shares_parts({ pca = 1, alpha = 1 }, { pca = 2, alpha = 1 }))
end

function TestSearchCommand:test_a_search_that_was_cut_off_anywhere_ends_in_the_same_table()
  with(NET, 'method = "tpe", trials = 13', function(folder, run)
    run "search r.lua --quiet --out whole"
    local expected, journal = { left_behind(folder .. "/whole") }, synthetic.read_file(folder .. "/whole/journal.jsonl")
    for i, part in ipairs { 0.02, 0.31, 0.5, 0.77, 0.999 } do
      local out = folder .. "/cut" .. i
      vm.mkdir(out)
      synthetic.write_file(out .. "/journal.jsonl", journal:sub(1, math.floor(#journal * part)))
      local r = run(("search r.lua --quiet --jobs 2 --out cut%d"):format(i))
      lu.assertEquals({ r.status, r.err }, { 0, "" }, r.out)
      lu.assertEquals({ left_behind(out) }, expected)
      local after = synthetic.read_file(out .. "/journal.jsonl")
      local done, bytes = require "moonlab.runs.lines".whole(after)
      lu.assertEquals({ #done, bytes }, { select(2, journal:gsub("\n", "")), #after }) -- what was torn is gone, nothing was done twice
    end
  end)
end

function TestSearchCommand:test_a_search_that_is_killed_goes_on_by_itself()
  with(NET, 'method = "random", trials = 12', function(folder, run)
    run "search r.lua --quiet --out whole"
    for i, seconds in ipairs { 0.05, 0.03, 0.08, 0.04, 0.06 } do
      local signal = i % 3 == 0 and "INT" or "KILL"
      os.execute(("cd %s; MOONLAB_THREADS=1 timeout -s %s %s %s search r.lua --quiet --jobs 2 >/dev/null 2>&1"):format(folder, signal, seconds,
        synthetic.program()))
    end
    local r = run "search r.lua --jobs 2"
    lu.assertEquals(r.status, 0, r.err)
    local path = r.out:match "search folder (%S+)\n"
    lu.assertEquals({ left_behind(folder .. "/" .. path) }, { left_behind(folder .. "/whole") })
  end)
end

function TestSearchCommand:test_a_disk_that_is_full_is_said_and_the_search_goes_on_when_there_is_room()
  with(NET, 'method = "random", trials = 12', function(folder, run)
    run "search r.lua --quiet --out whole"
    for _, blocks in ipairs { 1, 3, 5 } do
      local r = run("search r.lua --jobs 2 --quiet --out out", ("ulimit -f %d; "):format(blocks))
      lu.assertEquals(r.status, 4, r.err)
      lu.assertStrMatches(r.err, "moonlab: can't write the [%a ]+: out/[%a.]+: .-File too large\n")
    end
    lu.assertEquals(run "search r.lua --quiet --out out".status, 0)
    lu.assertEquals({ left_behind(folder .. "/out") }, { left_behind(folder .. "/whole") })
    run("search r.lua --quiet --out none", "ulimit -f 0; ")
    lu.assertFalse(vm.exists(folder .. "/none"))
  end)
end

function TestSearchCommand:test_it_goes_on_with_the_last_search_of_the_same_recipe_that_has_no_end()
  with(RIDGE, 'method = "grid"', function(folder, run)
    run "search r.lua --quiet"
    os.remove(folder .. "/runs/line-search-1/chosen.json")
    lu.assertStrContains(run "search r.lua".err, "goes on in runs/line-search-1")
    lu.assertStrContains(run "search r.lua".out, "search folder runs/line-search-2")
    os.remove(folder .. "/runs/line-search-1/chosen.json")
    lu.assertStrContains(run "search r.lua alpha=1".out, "search folder runs/line-search-3")
  end)
end

function TestSearchCommand:test_two_at_once_search_apart_and_end_in_the_same_table()
  with(NET, 'method = "random", trials = 12', function(folder, run)
    local program, lines = synthetic.program(), {}
    for i = 1, 3 do lines[i] = ("MOONLAB_THREADS=1 XDG_STATE_HOME=state %s search r.lua --quiet --jobs 2 >out%d 2>&1 &"):format(program, i) end
    os.execute(("cd %s; %s wait"):format(folder, table.concat(lines, " ")))
    local seen, first = {}, nil
    for i = 1, 3 do
      local path = synthetic.read_file(("%s/out%d"):format(folder, i)):match "search folder (%S+)\n"
      lu.assertNil(seen[path])
      seen[path] = true
      first = first or { left_behind(folder .. "/" .. path) }
      lu.assertEquals({ left_behind(folder .. "/" .. path) }, first)
    end
    vm.mkdir(folder .. "/mine")
    os.rename(folder .. "/runs/net-search-1/journal.jsonl", folder .. "/mine/journal.jsonl")
    local held <close> = vm.lock_folder(folder .. "/mine")
    local r = run "search r.lua --out mine"
    lu.assertEquals({ r.status, r.err:match "[^\n]*\n$" }, { 2, "moonlab: another search is at work in mine\n" })
  end)
end

function TestSearchCommand:test_what_has_changed_is_not_gone_on_with()
  with(RIDGE, 'method = "grid"', function(folder, run)
    run "search r.lua --quiet --out out"
    local function refused(what)
      local r = run "search r.lua --quiet --out out"
      lu.assertEquals(r.status, 2)
      lu.assertEquals(r.err, ("moonlab: out: the %s changed since this search was begun; search into another folder, or remove this one\n"):format(what))
    end
    synthetic.write_file(folder .. "/r.lua", RIDGE:format 'method = "random", trials = 2')
    refused "recipe has"
    synthetic.write_file(folder .. "/r.lua", RIDGE:format 'method = "grid"')
    synthetic.write_file(folder .. "/rows.csv", rows() .. "1,1,1,1\n")
    refused "data have"
    synthetic.write_file(folder .. "/rows.csv", rows())
    lu.assertEquals(run "search r.lua --quiet --out out".status, 0)
  end)
end

function TestSearchCommand:test_a_setting_that_fails_is_a_trial_without_score()
  with(NET:gsub("ml.log_uniform%(1e%-4, 1e%-1%)", "ml.grid { 1e38, 0.05, 0.01 }"), 'method = "random", trials = 6', function(folder, run)
    local r = run "search r.lua --out out"
    lu.assertEquals(r.status, 0, r.err)
    lu.assertStrMatches(synthetic.read_file(folder .. "/out/trials.csv"), ".*1e%+38,,,0,.?fold 1: .*")
    lu.assertNotEquals(read_json(folder .. "/out/chosen.json").settings.lr, 1e38)
    lu.assertEquals(run "search r.lua lr=1e+38 --out bad".status, 5)
    lu.assertFalse(vm.exists(folder .. "/bad"))
  end)
end

function TestSearchCommand:test_without_a_part_that_no_trial_has_seen_the_score_is_called_optimistic()
  with(RIDGE:gsub("split = { test = 0.2 },", ""), 'method = "grid"', function(folder, run)
    lu.assertStrContains(run "search r.lua --out out".out, "the best of 8 trials looks better than it is")
    lu.assertTrue(read_json(folder .. "/out/chosen.json").optimistic)
  end)
end

function TestSearchCommand:test_nested_folds_judge_the_choice_on_rows_that_no_trial_has_seen()
  with(RIDGE:gsub("split = { test = 0.2 },", ""), 'method = "grid", nested = 3', function(folder, run)
    local r = run "search r.lua --out out --quiet"
    lu.assertStrContains(r.out, "a choice made so, on rows that it has not seen (3 outer folds): rmse 0.")
    lu.assertNil(r.out:match "looks better than it is")
    local nested = read_json(folder .. "/out/metrics.json").nested
    lu.assertEquals({ nested.folds, nested.rows, #nested.chosen }, { 3, 150, 3 })
    lu.assertAlmostEquals(nested.scores.rmse.mean, 0.29, 0.05) -- the noise is uniform, one wide
    local whole, journal = { left_behind(folder .. "/out") }, synthetic.read_file(folder .. "/out/journal.jsonl")
    for i, part in ipairs { 0.5, 0.9 } do
      vm.mkdir(folder .. "/cut" .. i)
      synthetic.write_file(folder .. "/cut" .. i .. "/journal.jsonl", journal:sub(1, math.floor(#journal * part)))
      lu.assertEquals(run(("search r.lua --quiet --jobs 2 --out cut%d"):format(i)).status, 0)
      lu.assertEquals({ left_behind(folder .. "/cut" .. i) }, whole)
    end
  end)
end

function TestSearchCommand:test_wrong_wishes_are_told_with_the_line_of_the_recipe()
  local function refused(search, message)
    with(RIDGE, search, function(folder, run)
      local r = run "search r.lua"
      lu.assertEquals(r.status, 1)
      lu.assertStrContains(r.err, "r.lua:8: " .. message)
      lu.assertFalse(vm.exists(folder .. "/runs"))
    end)
  end
  refused('select = "auc"', "the metric 'auc' is not among assess.metrics: rmse, mae, r2")
  refused('select = "rsme"', "unknown metric 'rsme'; did you mean 'rmse'?")
  with(RIDGE, 'simpler = { alhpa = "larger" }', function(_, run)
    lu.assertStrContains(run "search r.lua".err, "r.lua:8: unknown space 'alhpa'; did you mean 'alpha'?")
  end)
  with(NET, 'rule = "1se", method = "random", trials = 2', function(_, run)
    lu.assertStrContains(run "search r.lua".err, "the rule 1se needs folds, which tell the error of a mean")
  end)
end

function TestSearchCommand:test_pictures_are_searched_on_their_validation_part()
  support.with_folder(function(folder)
    synthetic.write(folder)
    synthetic.write_file(folder .. "/r.lua", synthetic.recipe { search = '{ method = "halving", trials = 3 }',
      model = "nn.Sequential { nn.Flatten(), nn.Linear(ml.int_uniform(4, 16)), nn.ReLU(), nn.Linear(10) }" })
    for jobs = 1, 2 do
      local status, out, err = synthetic.run(folder, ("search r.lua --quiet --jobs %d --out o%d"):format(jobs, jobs))
      lu.assertEquals(status, 0, err)
      lu.assertStrMatches(out, "trial +Linear +accuracy +std +folds +rung\n.*test accuracy .*")
    end
    lu.assertEquals({ left_behind(folder .. "/o2") }, { left_behind(folder .. "/o1") })
  end)
end

function TestSearchCommand:test_a_final_run_that_was_removed_is_made_again()
  with(RIDGE, 'method = "grid"', function(folder, run)
    run "search r.lua --quiet --out out"
    local weights = synthetic.read_file(folder .. "/out/final/model.safetensors")
    run "runs rm out/final --yes"
    local r = run "search r.lua --quiet --out out"
    lu.assertStrContains(r.out, "test rmse")
    lu.assertEquals(synthetic.read_file(folder .. "/out/final/model.safetensors"), weights)
    lu.assertNotStrContains(run("search r.lua --quiet --out out").out, "test rmse")
  end)
end

function TestSearchCommand:test_a_space_in_a_derived_column_is_refused_as_it_would_be_drawn_too_late()
  local text = RIDGE:gsub('target = "y" }', 'target = "y", derive = { d = function(c) return c.a * ml.grid { 1, 2 } end } }')
  with(text, 'method = "grid"', function(_, run)
    for _, command in ipairs { "run r.lua", "search r.lua" } do
      lu.assertStrMatches(run(command).err, "moonlab: r.lua:%d+: grid: a space in data%.derive is drawn too late, when the trial has begun: write local value = ml%.grid .*")
    end
  end)
end

function TestSearchCommand:test_models_can_be_what_is_searched()
  with(RIDGE:gsub("model = .-\n", 'model = ml.choice { ml.ridge { alpha = 1e5 }, ml.linear() },\n'), 'method = "grid"', function(folder, run)
    local r = run "search r.lua --out out --json --quiet"
    lu.assertEquals(r.status, 0, r.err)
    lu.assertEquals(read_json(folder .. "/out/chosen.json").overrides, { "pca=false", "model=#2" })
    lu.assertEquals(read_json(folder .. "/out/final/config.json").model.name, "ml.linear")
    local events = {}
    for line in r.out:gmatch "[^\n]+" do
      local event = json.decode(line).event
      events[event] = (events[event] or 0) + 1
    end
    lu.assertEquals(events, { trial = 4, search = 1, result = 1 })
  end)
end

function TestSearchCommand:test_the_recipe_of_the_page_is_searched_as_it_stands()
  local root = os.getenv "MOONLAB_DATA"
  if not root or not vm.exists(root .. "/tabular/winequality-red.csv") then lu.skip "no MOONLAB_DATA with tabular/winequality-red.csv" end
  support.with_folder(function(folder)
    synthetic.write_file(folder .. "/wine.lua", synthetic.read_file("docs/howto/search.md"):match "```lua\n(.-)```")
    os.execute(("mkdir %s/tabular; cp %s/tabular/winequality-red.csv %s/tabular"):format(folder, root, folder))
    local status, out, err = synthetic.run(folder, "search wine.lua --jobs 2 --quiet")
    lu.assertEquals(status, 0, err)
    lu.assertStrMatches(out, "trial +pca +alpha.*chosen: trial %d, pca false, alpha 100\ntest rmse +0%.6.*search folder runs/wine%-search%-1\n")
  end)
end
