-- The decisions of a search, on scores that are made up: what is stopped, what goes on, what is chosen by what.

local lu = require "luaunit"
local ml = require "moonlab"
local support = require "support"
local failure = require "moonlab.failure"
local Trials = require "moonlab.search.trials"
local domain = require "moonlab.search.domain"
local methods = require "moonlab.search.methods"
local space = require "moonlab.space"

TestTrials = {}

-- The trials of a grid whose k-th trial has these scores, one a fold (and for rung r those plus its r-th bonus).
local function trials_of(scores, o)
  o = o or {}
  local made = {}
  local trials = Trials.run {
    method = methods.new("grid", { points = 5 }), jobs = o.jobs or 1, folds = #scores[1], rungs = o.rungs, larger = o.larger ~= false, stop = o.stop,
    ask = function(suggest)
      local places = {}
      for i in ipairs(scores) do places[i] = i end
      local outer = space.begin { suggest = suggest }
      local _ = ml.grid { name = "k", table.unpack(places) }
      return space.resume(outer)
    end,
    run = o.run or function(task)
      made[#made + 1] = ("%d/%d/%d"):format(task.trial, task.rung, task.fold)
      return { score = scores[task.trial][task.fold] }
    end,
  }
  return trials, made
end

local function folds_of(scores, o)
  local out = {}
  for i, trial in ipairs(trials_of(scores, o)) do out[i] = #trial.scores end
  return out
end

local GOOD = { 0.90, 0.91, 0.89, 0.90, 0.91, 0.89 }
local function less(by) -- than GOOD in each fold
  local out = {}
  for i, x in ipairs(GOOD) do out[i] = x - (type(by) == "table" and by[i] or by) end
  return out
end

-- Trial 5 is the first that knows the scores of trial 1.
function TestTrials:test_one_that_is_far_worse_in_each_fold_is_stopped_after_three()
  lu.assertEquals(folds_of({ GOOD, GOOD, GOOD, GOOD, less(0.3), less(0.3) }, { stop = true }), { 6, 6, 6, 6, 3, 3 })
  lu.assertEquals(folds_of({ GOOD, GOOD, GOOD, GOOD, less(0.3) }, { stop = false }), { 6, 6, 6, 6, 6 })
  lu.assertEquals(folds_of({ less(0.3), less(0.3), less(0.3), less(0.3), GOOD }, { stop = true, larger = false }), { 6, 6, 6, 6, 3 })
end

function TestTrials:test_one_whose_distance_is_within_what_the_best_varies_goes_on()
  local varies = { 0.9, 0.1, 0.5, 0.8, 0.2, 0.5 }
  local near = {}
  for i, x in ipairs(varies) do near[i] = x - 0.05 - i * 1e-4 end
  lu.assertEquals(folds_of({ varies, varies, varies, varies, near }, { stop = true }), { 6, 6, 6, 6, 6 })
end

function TestTrials:test_one_whose_distances_vary_goes_on()
  lu.assertEquals(folds_of({ GOOD, GOOD, GOOD, GOOD, less { 0.02, 0.9, 0.02, 0.02, 0.9, 0.02 } }, { stop = true })[5], 6)
end

function TestTrials:test_one_that_was_better_in_a_fold_goes_on()
  lu.assertEquals(folds_of({ GOOD, GOOD, GOOD, GOOD, less { -0.001, 0.3, 0.3, 0.3, 0.3, 0.3 } }, { stop = true })[5], 6)
end

function TestTrials:test_the_better_third_rounded_up_goes_to_the_next_rung()
  local scores = {}
  for i = 1, 10 do scores[i] = { i * 3 % 10 } end
  local trials, made = trials_of(scores, { rungs = 2 })
  local on = {}
  for i, trial in ipairs(trials) do
    lu.assertEquals(trial.complete or false, trial.rung == 2)
    if trial.rung == 2 then on[#on + 1] = i end
  end
  lu.assertEquals(on, { 2, 3, 6, 9 }) -- 6, 9, 8 and 7 of 0 to 9
  lu.assertEquals(#made, 14)
end

function TestTrials:test_of_equal_ones_on_a_rung_the_earlier_go_on()
  local scores = {}
  for i = 1, 6 do scores[i] = { 1 } end
  local trials = trials_of(scores, { rungs = 2 })
  for i = 1, 6 do lu.assertEquals(trials[i].rung, i <= 2 and 2 or 1) end
end

function TestTrials:test_what_a_smaller_score_means_is_turned_round()
  local trials = trials_of({ { 3, 5 }, { 1, 2 } }, { larger = false })
  lu.assertEquals({ trials[1].mean, trials[2].mean, trials[1].score, trials[2].std }, { 4, 1.5, -4, math.sqrt(0.5) })
  lu.assertAlmostEquals(trials[2].standard_error, 0.5, 1e-15)
end

function TestTrials:test_interrupted_in_a_fold_all_ends_and_no_trial_is_blamed()
  for _, jobs in ipairs { 1, 2 } do
    local ok, problem = pcall(trials_of, { { 1 }, { 2 }, { 3 } }, { jobs = jobs, run = function(task)
      if task.trial == 2 then error("interrupted!", 0) end
      return { score = task.trial }
    end })
    lu.assertFalse(ok)
    lu.assertEquals(failure.status_of(problem), failure.status.interrupted)
  end
end

function TestTrials:test_where_no_trial_has_a_score_the_first_says_why()
  local ok, problem = pcall(trials_of, { { 1 }, { 2 } }, { run = function(task) failure.raise("diverged", "trial %d went away", task.trial) end })
  lu.assertFalse(ok)
  lu.assertEquals({ failure.status_of(problem), failure.message_of(problem) }, { 5, "no trial has a score; trial 1: fold 1: trial 1 went away" })
end

TestDomain = {}

local RANGES = { { kind = "uniform", low = -3, high = 5 }, { kind = "log_uniform", low = 1e-4, high = 100 }, { kind = "int_uniform", low = 2, high = 9 } }

function TestDomain:test_a_value_lies_where_it_was_taken_from()
  for _, entry in ipairs(RANGES) do
    for _, u in ipairs { 0.01, 0.2, 0.5, 0.77, 0.99 } do
      local value = domain.value(entry, u)
      lu.assertTrue(math.abs(domain.point(entry, value) - u) <= (entry.kind == "int_uniform" and 0.0626 or 1e-5), entry.kind)
      lu.assertEquals(domain.value(entry, domain.point(entry, value)), value)
    end
    lu.assertEquals({ domain.value(entry, 0), domain.value(entry, 1) }, { entry.low + 0, entry.high + 0 })
  end
end

function TestDomain:test_the_middle_of_a_logarithmic_range_is_its_geometric_mean()
  lu.assertEquals(domain.value(RANGES[2], 0.5), 0.1)
  lu.assertEquals(domain.levels(RANGES[2], 3), { 1e-4, 0.1, 100.0 })
  lu.assertEquals(domain.levels(RANGES[3], 3), { 2, 6, 9 })
end

TestOrder = {}

function TestOrder:test_who_came_further_stands_before_who_scored_better_on_the_way()
  local choose = require "moonlab.search.choose"
  local trials = { { number = 1, rung = 1, score = 9 }, { number = 2, rung = 2, score = 1 }, { number = 3, rung = 3, score = 0, complete = true },
    { number = 4, rung = 1 }, { number = 5, rung = 2, score = 1 } }
  local numbers = {}
  for i, trial in ipairs(choose.ranked(trials)) do numbers[i] = trial.number end
  lu.assertEquals(numbers, { 3, 2, 5, 1, 4 })
end

TestLearning = {}

-- The mean of the best scores over seeds.
local function mean_of_best(method, run)
  local sum = 0
  for seed = 1, 12 do sum = sum + ml.search { method = method, seed = seed, trials = 60, larger = false, run = run }.best.score end
  return sum / 12
end

function TestLearning:test_tpe_finds_better_places_in_lists_than_chance()
  local cost = { 5, 3, 7, 0, 6, 2, 8, 4 }
  local places = { 1, 2, 3, 4, 5, 6, 7, 8, name = "a" }
  local function run()
    local sum = 0
    for _, name in ipairs { "a", "b", "c", "d" } do
      places.name = name
      sum = sum + cost[ml.choice(places)]
    end
    return sum
  end
  lu.assertTrue(mean_of_best("tpe", run) < 0.6 * mean_of_best("random", run))
  lu.assertEquals(#ml.search { trials = 100, larger = false, run = run }.trials, 100) -- it does not end where it thinks the best is
end

TestJournal = {}

local Journal = require "moonlab.search.journal"
local HEAD = { recipe = "a", data = "b", settings = "c" }

function TestJournal:test_what_was_written_is_there_when_it_is_opened_again()
  support.with_folder(function(folder)
    local journal = Journal.open(folder, HEAD)
    journal:add(1, 1, 1, { value = { score = 0.1 } }, 7)
    journal:of_part(2):add(1, 1, 1, { value = { score = 0.2 } }, 12.5)
    journal:add(2, 1, 1, { status = 5, message = "away" }, 11)
    local again = Journal.open(folder, HEAD)
    lu.assertEquals({ again:find(1, 1, 1).value.score, again:of_part(2):find(1, 1, 1).value.score, again:find(2, 1, 1).message }, { 0.1, 0.2, "away" })
    lu.assertNil(again:find(1, 2, 1))
    lu.assertEquals({ again.before, again.is_worth }, { 12.5, true }) -- seconds of the sessions before, which minutes count
  end)
end

function TestJournal:test_a_budget_in_minutes_goes_over_all_sessions()
  local made = 0
  local trials = Trials.run {
    method = methods.new("grid", { points = 5 }), jobs = 1, folds = 1, larger = true, minutes = 1,
    journal = { before = 61, find = function() end, add = function() made = made + 1 end },
    ask = function(suggest)
      local outer = space.begin { suggest = suggest }
      local _ = ml.grid { 1, 2, 3, name = "k" }
      return space.resume(outer)
    end,
    run = function() return { score = 1 } end,
  }
  lu.assertEquals({ #trials, made }, { 1, 1 })
end

function TestJournal:test_one_of_another_recipe_other_data_or_settings_is_refused()
  support.with_folder(function(folder)
    Journal.open(folder, HEAD)
    for part, said in pairs { recipe = "recipe has", data = "data have", settings = "overrides or the seed have" } do
      local head = { recipe = "a", data = "b", settings = "c" }
      head[part] = "other"
      lu.assertFalse(Journal.is_of(folder, head))
      lu.assertErrorMsgContains(("the %s changed since this search was begun"):format(said), Journal.open, folder, head)
    end
    lu.assertTrue(Journal.is_of(folder, HEAD))
  end)
end
