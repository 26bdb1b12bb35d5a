-- Recipes in which rows have weights.

local lu = require "luaunit"
local json = require "moonlab.json"
local ml = require "moonlab"
local support = require "support"
local synthetic = require "synthetic"

local RECIPE = [[
local ml = require "moonlab"
return ml.recipe {
  name = "weights", task = "regression", seed = 1,
  data = { source = ml.data.csv "%s.csv", target = "y" }, split = { by = "part" }, features = {},
  model = %s, train = { %s },
}
]]

local LINEAR = "ml.linear()"

local function number(i) return math.sin(i * 12.9898) * 3 end

-- A row of weight w, or w rows alike.
local function csv(repeated)
  local lines = { "a,n,y,part" }
  for i = 1, 60 do
    local part = i > 50 and "test" or "train"
    for _ = 1, repeated and part == "train" and i % 4 or 1 do
      lines[#lines + 1] = ("%.6f,%s,%.6f,%s"):format(number(i), i == 3 and "MISSING" or repeated and 1 or i % 4, number(i) * 2 + number(i + 100), part)
    end
  end
  return table.concat(lines, "\n") .. "\n"
end

local function with(f)
  support.with_folder(function(folder)
    synthetic.write_file(folder .. "/once.csv", (csv(false):gsub("MISSING", "3")))
    synthetic.write_file(folder .. "/often.csv", (csv(true):gsub("MISSING", "1")))
    synthetic.write_file(folder .. "/some.csv", (csv(false):gsub("MISSING", "")))
    f(function(data, model, train)
      synthetic.write_file(folder .. "/r.lua", RECIPE:format(data, model, train))
      os.execute("rm -rf " .. folder .. "/out")
      local status, out, err = synthetic.run(folder, "run r.lua --out out")
      return status, out .. err, status == 0 and ml.load(folder .. "/out/model.safetensors") or nil
    end)
  end)
end

TestRowWeights = {}

function TestRowWeights:test_a_row_of_weight_three_is_three_rows()
  with(function(run)
    for _, model in ipairs { LINEAR, "ml.ridge { alpha = 2 }", "ml.lasso { alpha = 0.01, tol = 1e-12 }" } do
      local status, said, weighted = run("once", model, 'weights = "n"')
      lu.assertEquals(status, 0, said)
      local _, _, often = run("often", model, 'weights = "n"')
      support.close(weighted.weight, often.weight, 1e-7)
      support.close(weighted.bias, often.bias, 1e-7)
      lu.assertEquals(weighted.weight.shape, { 1, 1 }) -- n is no feature
    end
  end)
end

function TestRowWeights:test_trials_may_differ_in_their_weights()
  support.with_folder(function(folder)
    local rows = csv(false):gsub("MISSING", "3"):gsub("\n([%d.-]+),", function(a) return ("\n%s,%d,"):format(a, 1 + #a % 3 + a:byte(-1) % 4) end)
    synthetic.write_file(folder .. "/once.csv", (rows:gsub("^a,", "a,m,")))
    local function means(train)
      local text = RECIPE:format("once", LINEAR, train):gsub("features = {}", 'features = {}, assess = { cv = ml.kfold(3), metrics = { "rmse" } }')
      synthetic.write_file(folder .. "/r.lua", text)
      os.execute("rm -rf " .. folder .. "/out")
      lu.assertEquals(synthetic.run(folder, "search r.lua --out out"), 0)
      local list = {}
      for i, trial in ipairs(json.decode(synthetic.read_file(folder .. "/out/metrics.json")).trials) do list[i] = trial.mean end
      return list
    end
    local both = means('weights = ml.choice { "n", "m" }')
    lu.assertEquals(#both, 2)
    lu.assertEquals(means('weights = ml.choice { "m", "n" }'), { both[2], both[1] })
    lu.assertNotEquals(both[1], both[2])
  end)
end

-- Whatever rows of weight 0 say, they are never drawn; without weights they are.
function TestRowWeights:test_a_network_never_draws_rows_of_weight_0()
  support.with_folder(function(folder)
    local function trained(rows, train)
      synthetic.write_file(folder .. "/once.csv", rows)
      synthetic.write_file(folder .. "/r.lua", RECIPE:format("once", "ml.nn.Linear(1)", train .. "epochs = 3, optimizer = ml.optim.adam {}"))
      os.execute("rm -rf " .. folder .. "/out")
      local status, _, err = synthetic.run(folder, "run r.lua --out out")
      lu.assertEquals(status, 0, err)
      return ml.load(folder .. "/out/model.safetensors").weight
    end
    local rows = csv(false):gsub("MISSING", "3")
    local changed, count = rows:gsub(",0,[%d.-]+,train", ",0,1000,train")
    lu.assertTrue(count > 5)
    support.equal(trained(changed, 'weights = "n", '), trained(rows, 'weights = "n", '))
    lu.assertFalse(trained(changed, ""):equal(trained(rows, "")))
  end)
end

function TestRowWeights:test_weights_that_are_none_are_told()
  with(function(run)
    for train, message in pairs {
      ['weights = "m"'] = "unknown column 'm'; there are: a, n, y, part", ['weights = "part"'] = "'part' is text, but weights are numbers",
      ['weights = "y"'] = "'y' is the target: how much a row counts is said by another column", ['weights = "a"'] = "is below 0",
    } do
      local status, said = run("once", LINEAR, train)
      lu.assertEquals(status, 1, said)
      lu.assertStrContains(said, message)
    end
    local status, said = run("some", LINEAR, 'weights = "n"')
    lu.assertEquals(status, 1, said)
    lu.assertStrContains(said, "column 'n' has 1 missing value in the training part")
  end)
end
