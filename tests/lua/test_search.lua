-- ml.search and what moonlab search is made of: the names of spaces, which trials are made, what is chosen, how it is shown.

local lu = require "luaunit"
local ml = require "moonlab"
local support = require "support"
local synthetic = require "synthetic"
local space = require "moonlab.space"
local choose = require "moonlab.search.choose"
local importance = require "moonlab.search.importance"

TestSpaceNames = {}

-- The names of the spaces that a recipe's text calls.
local function names_in(text)
  local names = {}
  support.with_folder(function(folder)
    synthetic.write_file(folder .. "/r.lua", text)
    local outer = space.begin()
    dofile(folder .. "/r.lua")
    for i, entry in ipairs(space.resume(outer)) do names[i] = entry.name end
  end)
  return names
end

function TestSpaceNames:test_a_space_is_called_by_the_key_or_the_call_around_it()
  lu.assertEquals(names_in [[
local ml = require "moonlab"
local grid = ml.grid
local function Dropout(p) return p end
local t = { C = grid { 1, 0.1 }, Dropout(ml.grid { 0.3, 0.5 }), ["l1 ratio"] = ml.uniform(0, 1),
  lr = 10 ^ ml.uniform(-4, -2), betas = { 0.9, ml.uniform(0.9, 0.99) }, -- lr = ml.grid
  optimizer = ml.optim.adamw { lr = ml.log_uniform(1e-4, 1e-2), schedule = ml.optim.cosine { warmup = ml.grid {
    1, 2 } } }, text = "lr = ml.grid {", features = { ml.features.pca(grid { false, 8 }) } }
local width = math.floor(ml.uniform(1, 9))
if ml.choice { "cnn", "mlp" } == "cnn" then width = 1 end
local a, b = ml.grid { 1 }, ml.grid { 2 }
return t, ml.grid { 1, name = "other" }]], { "C", "Dropout", "l1_ratio", "lr", "betas", "lr#2", "warmup", "pca", "width", "choice", "a", "b", "other" })
end

function TestSpaceNames:test_a_second_one_of_a_name_has_a_number()
  lu.assertEquals(names_in [[
local ml = require "moonlab"
local function Dropout(p) return p end
local function block() return Dropout(ml.grid { 0.3, 0.5 }) end
return { block(), block(), Dropout(ml.uniform(0, 1)), Dropout(ml.grid { 1, name = "Dropout" }) }]], { "Dropout", "Dropout#2", "Dropout#3", "Dropout#4" })
end

function TestSpaceNames:test_where_the_text_says_nothing_the_kind_is_the_name()
  lu.assertEquals(names_in 'local ml = require "moonlab"\nlocal function f() return ml.grid { 1, 2 } end\nreturn f(), load("return ...")(ml.choice { 1 })',
    { "grid", "choice" })
end

TestSearch = {}

local function trials_of(o)
  local out = {}
  for i, trial in ipairs(ml.search(o).trials) do
    local words = {}
    for name, value in pairs(trial.settings) do words[#words + 1] = ("%s=%s"):format(name, tostring(value)) end
    table.sort(words)
    out[i] = table.concat(words, " ")
  end
  return out
end

function TestSearch:test_a_grid_goes_through_all_combinations_the_last_space_fastest()
  lu.assertEquals(trials_of { method = "grid", run = function()
    local a, b = ml.grid { false, 8 }, ml.choice { "x", "y" }
    return a and 1 or b == "x" and 2 or 3
  end }, { "a=false b=x", "a=false b=y", "a=8 b=x", "a=8 b=y" })
end

function TestSearch:test_a_space_exists_only_where_it_is_called()
  lu.assertEquals(trials_of { method = "grid", points = 3, run = function()
    local kind = ml.choice { "net", "tree" }
    if kind == "net" then
      local width = ml.int_uniform(1, 2)
      return width
    end
    local depth = ml.log_uniform(1, 100)
    return depth
  end }, { "kind=net width=1", "kind=net width=2", "depth=1.0 kind=tree", "depth=10.0 kind=tree", "depth=100.0 kind=tree" })
end

function TestSearch:test_random_trials_of_lists_are_never_the_same_and_end_when_there_are_no_others()
  local trials = trials_of { method = "random", trials = 50, run = function()
    local a, b = ml.grid { 1, 2, 3 }, ml.grid { 1, 2 }
    return a * b
  end }
  table.sort(trials)
  lu.assertEquals(trials, { "a=1 b=1", "a=1 b=2", "a=2 b=1", "a=2 b=2", "a=3 b=1", "a=3 b=2" })
end

function TestSearch:test_the_same_seed_gives_the_same_trials_and_another_one_others()
  local function run()
    local x = ml.uniform(-1, 1)
    return -x * x
  end
  local function with(method, seed) return trials_of { method = method, seed = seed, trials = 14, run = run } end
  for _, method in ipairs { "random", "tpe" } do
    lu.assertEquals(with(method, 1), with(method, 1))
    lu.assertNotEquals(with(method, 1), with(method, 2))
  end
end

-- The mean of the best scores over seeds.
local function mean_of_best(method, run)
  local sum = 0
  for seed = 1, 12 do sum = sum + ml.search { method = method, seed = seed, trials = 40, larger = false, run = run }.best.score end
  return sum / 12
end

function TestSearch:test_tpe_finds_better_values_than_chance()
  local function run()
    local lr, x = ml.log_uniform(1e-4, 1), ml.uniform(-5, 5)
    return (math.log(lr / 0.01) / 2) ^ 2 + (x - 1) ^ 2
  end
  lu.assertTrue(mean_of_best("tpe", run) < 0.5 * mean_of_best("random", run))
end

function TestSearch:test_what_was_found_prints_as_the_best_trial()
  local found = ml.search { run = function() return -(ml.grid { 1, 2, 3, name = "x" } - 2) ^ 2 + 0.5 end, method = "grid" }
  lu.assertEquals(tostring(found), "best of 3 trials: x 2: 0.5")
end

function TestSearch:test_what_makes_no_search_is_said()
  support.fails("search: the function must return a number, it returned nil", function() ml.search { run = function() local _ = ml.grid { 1 } end } end)
  lu.assertErrorMsgContains("there is nothing to search: write ml.grid{...}", function() ml.search { run = function() return 1 end } end)
  support.fails("search: which function? write ml.search {run = function() return ... end}", function() ml.search {} end)
end

TestBoard = {}

function TestBoard:test_models_and_features_are_shown_by_name_and_by_place_where_names_are_alike()
  local shown = require "moonlab.space".shown
  local list = { ml.ridge(), ml.features.pca(2), false, ml.ridge { alpha = 2 }, print }
  local texts = {}
  for i, value in ipairs(list) do texts[i] = shown({ values = list, value = value }) end
  lu.assertEquals(texts, { "ml.ridge#1", "pca", "false", "ml.ridge#4", "#5" })
end

function TestBoard:test_a_narrow_terminal_keeps_the_score_and_loses_settings()
  local board, shown = require "moonlab.search.board", {}
  local live = board.live { terminal = true, columns = 30, select = "rmse", rungs = 1, folds = 2, most = 2, clock = function() return #shown * 1000 end,
    write = function(text) shown[#shown + 1] = text end }
  local trial = { number = 1, mean = 0.25, std = 0.5, scores = { 1, 2 }, score = -0.25, complete = true, closed = true, rung = 1,
    entries = { { name = "a_setting_with_a_long_name", value = 3, kind = "grid", values = { 3 } }, { name = "other", value = 4, kind = "grid", values = { 4 } } } }
  live:opened(trial)
  live:begun(trial)
  live:closed(trial)
  local text = table.concat(shown)
  lu.assertStrContains(text, "trial    rmse     std  folds ")
  lu.assertStrContains(text, "    1  0.2500  0.5000      2 ")
  for line in text:gsub("\27%[%d*%a", ""):gmatch "[^\n]+" do lu.assertTrue(utf8.len(line) < 31, line) end
end

TestChoice = {}

-- Trials of one list and one range, with means and the standard error of each.
local function table_of(rows)
  local trials = {}
  for i, row in ipairs(rows) do
    local entries = { { name = "C", kind = "grid", values = { 1, 0.1, 10 }, index = row[1], value = ({ 1, 0.1, 10 })[row[1]] },
      { name = "alpha", kind = "uniform", low = 0, high = 9, value = row[2] } }
    trials[i] = { number = i, entries = entries, choices = { ["C grid 3"] = row[1], ["alpha uniform 0 9"] = row[2] }, score = row[3], first = row[3],
      standard_error = 0.02, complete = row[4] ~= "stopped", rung = 1 }
  end
  return trials
end

function TestChoice:test_1se_takes_the_simplest_within_one_standard_error_of_the_best()
  local trials = table_of { { 2, 1.0, 0.899 }, { 1, 2.0, 0.885 }, { 3, 3.0, 0.90 }, { 1, 4.0, 0.879 }, { 1, 0.5, 0.89, "stopped" } }
  lu.assertEquals(choose.one(trials, "best", {}).number, 3)
  lu.assertEquals(choose.one(trials, "1se", {}).number, 2) -- C = 1 stands first; trial 4 is more than 0.02 away, trial 5 was stopped
  lu.assertEquals(choose.one(trials, "1se", { C = "smaller" }).number, 1)
  lu.assertEquals(choose.one(trials, "1se", { C = "larger" }).number, 3)
end

function TestChoice:test_of_a_range_nothing_is_simpler_unless_the_recipe_says_so()
  local trials = table_of { { 1, 1.0, 0.9 }, { 1, 5.0, 0.89 }, { 1, 3.0, 0.885 } }
  lu.assertEquals(choose.one(trials, "1se", {}).number, 1)
  lu.assertEquals(choose.one(trials, "1se", { alpha = "larger" }).number, 2)
  lu.assertEquals(choose.problem({ alhpa = "larger" }, trials), "unknown space 'alhpa'; did you mean 'alpha'?")
  lu.assertEquals(choose.problem({ alpha = "big" }, trials), "'alpha' must be \"larger\" or \"smaller\", got big")
end

function TestChoice:test_the_order_is_that_of_the_means_and_those_that_were_stopped_come_last()
  local numbers = {}
  for i, trial in ipairs(choose.ranked(table_of { { 1, 1.0, 0.5 }, { 1, 1.0, 0.9, "stopped" }, { 1, 1.0, 0.7 }, { 1, 1.0, 0.5 } })) do numbers[i] = trial.number end
  lu.assertEquals(numbers, { 3, 1, 4, 2 })
end

function TestChoice:test_the_importance_of_a_setting_is_what_its_levels_explain()
  local shares = importance.of(table_of { { 1, 1.0, 1 }, { 1, 6.0, 1 }, { 2, 1.5, 5 }, { 2, 7.0, 5 } })
  lu.assertEquals(#shares, 2)
  lu.assertEquals({ shares[1].name, shares[1].share, shares[2].name, shares[2].share }, { "C", 1.0, "alpha", 0.0 })
end
