-- What trials stand on: what is read and fitted again, and what is not.

local lu = require "luaunit"
local ml = require "moonlab"
local support = require "support"
local synthetic = require "synthetic"
local file = require "moonlab.recipe.file"
local Ground = require "moonlab.search.ground"
local Judge = require "moonlab.search.judge"
local nested = require "moonlab.search.nested"

TestGround = {}

local RECIPE = [[
local ml = require "moonlab"
local data, features = ml.data, ml.features
local shift, scale = ml.grid { 1, 2, name = "shift" }, ml.grid { 1, 2, name = "scale" }
return ml.recipe { name = "g", task = "regression", seed = ml.grid { 3, 4, name = "seed" },
  data = { source = data.csv(ml.choice { "a.csv", "b.csv", name = "file" }), target = "y", clean = { duplicates = ml.choice { "keep", "drop", name = "twice" } },
    derive = { z = function(c) return c.x + shift end } },
  split = { test = 0.2 }, features = { features.map { columns = { "x" }, function(c) return { x = c.x * scale } end } },
  model = ml.ridge { alpha = ml.grid { 1, 2, name = "alpha" } }, assess = { cv = ml.kfold(ml.grid { 4, 5, name = "k" }) } }
]]

-- f(recipe with these choices): a function that makes recipes.
local function with(f)
  support.with_folder(function(folder)
    for name, rows in pairs { a = 100, b = 120 } do
      local lines = { "x,y" }
      for i = 1, rows do lines[i + 1] = ("%d,%d"):format(i % 80, i % 80 * 2) end
      synthetic.write_file(("%s/%s.csv"):format(folder, name), table.concat(lines, "\n") .. "\n")
    end
    synthetic.write_file(folder .. "/r.lua", RECIPE)
    f(function(choices)
      return file.load(folder .. "/r.lua", { suggest = function(entry) return choices[entry.name] end })
    end)
  end)
end

function TestGround:test_data_are_read_again_where_a_trial_changes_them_and_nowhere_else()
  with(function(recipe)
    local ground = Ground.new(recipe {}, true, 1 << 20)
    local first = ground.read
    lu.assertTrue(ground:read_for(recipe { alpha = 2, scale = 2 }) == first)
    lu.assertTrue(ground:read_for(recipe { seed = 2 }) == first)
    lu.assertEquals(#ground:read_for(recipe { file = 2 }).cleaned.table, 120)
    lu.assertEquals(#ground:read_for(recipe { twice = 2 }).cleaned.table, 80)
    lu.assertEquals(ground:read_for(recipe { shift = 2 }).derive[1].expression == first.derive[1].expression, false)
    lu.assertEquals(#ground:read_for(recipe {}).cleaned.table, 100)
  end)
end

-- The features of fold 1 with these choices.
local function parts_of(ground, recipe)
  local read, fold, data = ground:fold(recipe, 1, 1)
  return data(recipe, read, fold)
end

function TestGround:test_features_are_fitted_again_where_a_trial_changes_them_and_nowhere_else()
  with(function(recipe)
    local ground = Ground.new(recipe {}, true, 1 << 20)
    local first = parts_of(ground, recipe {})
    lu.assertTrue(parts_of(ground, recipe { alpha = 2 }) == first)
    for _, name in ipairs { "shift", "scale", "seed", "twice", "file" } do -- a function takes its number from outside, which no text says
      lu.assertFalse(parts_of(ground, recipe { [name] = 2 }) == first, name)
      lu.assertEquals(#parts_of(ground, recipe {}).train, #first.train)
    end
  end)
end

function TestGround:test_no_more_is_kept_than_fits()
  with(function(recipe)
    local ground = Ground.new(recipe {}, true, 1) -- a byte: of each new one the one before is forgotten
    local first = parts_of(ground, recipe {})
    lu.assertTrue(parts_of(ground, recipe {}) == first)
    parts_of(ground, recipe { scale = 2 })
    lu.assertFalse(parts_of(ground, recipe {}) == first)
    lu.assertEquals(#ground.order, 1)
  end)
end

function TestGround:test_a_rung_takes_a_share_of_the_training_rows_and_judges_on_all()
  with(function(recipe)
    local ground = Ground.new(recipe {}, true, 1 << 20)
    local _, whole = ground:fold(recipe {}, 2, 1)
    local _, part = ground:fold(recipe {}, 2, 1 / 2)
    lu.assertEquals({ #whole.train, #part.train, #part.test }, { 60, 32, 20 }) -- 32 rows are the least
    support.equal(part.test, whole.test)
    local there = {}
    for _, row in ipairs(whole.train:tolist()) do there[row] = true end
    for _, row in ipairs(part.train:tolist()) do lu.assertTrue(there[row]) end
    local _, again = ground:fold(recipe { alpha = 2 }, 2, 1 / 2)
    support.equal(again.train, part.train) -- the same rows for all trials
  end)
end

function TestGround:test_all_trials_need_as_many_folds()
  with(function(recipe)
    local ground = Ground.new(recipe {}, true, 1 << 20)
    lu.assertErrorMsgContains("all trials need as many folds: there are 4 and 5", function() ground:fold(recipe { k = 2 }, 1, 1) end)
  end)
end

TestJudge = {}

-- f(a judge) of a recipe with this search.
local function judged(search, model, f)
  support.with_folder(function(folder)
    local lines = { "x,z,y" }
    for i = 1, 700 do lines[i + 1] = ("%d,%d,%.3f"):format(i % 83, i * 7 % 31, i % 83 * 2 + math.sin(i * 12.9898) * 20) end
    synthetic.write_file(folder .. "/rows.csv", table.concat(lines, "\n") .. "\n")
    synthetic.write_file(folder .. "/r.lua", ([[
local ml = require "moonlab"
return ml.recipe { name = "j", task = "regression", seed = 2, data = { source = ml.data.csv "rows.csv", target = "y" }, split = { valid = 0.25 },
  model = %s, train = { epochs = 2, optimizer = ml.optim.sgd { lr = 1e-4 } }, assess = { cv = ml.kfold(3) }, search = { %s } }
]]):format(model, search))
    f(Judge.new(folder .. "/r.lua", {}))
  end)
end

function TestJudge:test_of_a_model_that_is_solved_a_rung_below_the_last_sees_fewer_rows()
  judged('method = "halving", trials = 9', "ml.knn { n_neighbors = ml.int_uniform(1, 3) }", function(judge)
    lu.assertEquals(judge.rungs, 2)
    local function score(rung) return judge:run({ trial = 1, rung = rung, fold = 1, choices = { n_neighbors = 2 } }).score end
    lu.assertNotEquals(score(1), score(2))
    lu.assertEquals(score(2), score(2))
  end)
end

function TestJudge:test_in_an_outer_fold_no_trial_sees_its_test_rows_and_all_others_are_seen()
  judged('method = "grid", nested = 3', "ml.ridge { alpha = ml.grid { 1, 2 } }", function(judge)
    local prepare = require "moonlab.recipe.prepare"
    local outer = prepare.folds(judge.recipe, judge.ground.read, { cv = prepare.k_folds(judge.recipe, 3) })
    local done = {}
    local journal = { of_part = function(_, part) return { find = function() end, add = function(_, _, _, _, answer) done[part] = answer.rows end } end }
    local seen_of = {}
    local result = nested.run(judge, journal, function(inner, _, i)
      local seen, folds = {}, inner.ground.folds
      for k = 1, folds.count do
        local fold = folds.at(k)
        for _, part in pairs { fold.train, fold.valid, fold.test } do
          for _, row in ipairs(part:tolist()) do seen[row] = true end
        end
      end
      seen_of[i] = seen
      return { number = 1, by_name = {}, entries = {} }
    end)
    lu.assertEquals({ result.folds, result.rows }, { 3, 700 })
    for i = 1, 3 do
      local test, n = outer.at(i).test, 0
      for _, row in ipairs(test:tolist()) do lu.assertNil(seen_of[i][row]) end
      for _ in pairs(seen_of[i]) do n = n + 1 end
      lu.assertEquals({ n, done[i] }, { 700 - #test, #test })
    end
  end)
end
