-- data.windows: which rows a window holds, cuts by position without looking ahead, the scale of the training rows.

local lu = require "luaunit"
local ml = require "moonlab"
local core = require "moonlab.core"
local json = require "moonlab.json"
local support = require "support"
local synthetic = require "synthetic"
local data = ml.data

local function numbers(n) return core.arange(1, n):to "float64" end

local function fetch(set, row) return set:fetch(core.tensor({ row }, { dtype = "int64" })) end

TestWindows = {}

function TestWindows:test_targets_are_the_rows_after_the_window()
  local set = data.windows(numbers(10), { input = 3, output = 2, standardize = false })
  lu.assertEquals(#set, 6)
  lu.assertEquals({ fetch(set, 1).x:flatten():tolist(), fetch(set, 1).y:flatten():tolist() }, { { 1, 2, 3 }, { 4, 5 } })
  lu.assertEquals({ fetch(set, 6).x:flatten():tolist(), fetch(set, 6).y:flatten():tolist() }, { { 6, 7, 8 }, { 9, 10 } })
  lu.assertEquals(#data.windows(numbers(10), { input = 3, output = 2, step = 2 }), 3)
end

function TestWindows:test_parts_look_back_but_never_ahead()
  local parts = data.windows(numbers(30), { input = 4, output = 2, parts = { 15, 8, 7 }, standardize = false }):cut {}
  local range = { train = { 1, 15 }, valid = { 16, 23 }, test = { 24, 30 } }
  for name, part in pairs(parts) do
    local n = #part
    lu.assertEquals(n, range[name][2] - range[name][1] + 1 - 1 - (name == "train" and 4 or 0))
    lu.assertEquals({ fetch(part, 1).y:min():item(), fetch(part, n).y:max():item() },
      { name == "train" and 5.0 or range[name][1] + 0.0, range[name][2] + 0.0 })
    lu.assertEquals(fetch(part, n).x:max():item(), range[name][2] - 2.0)
  end
end

function TestWindows:test_mean_and_deviation_are_those_of_the_training_rows()
  local function cut(later)
    local x = core.ops.cat({ numbers(20), core.full({ 10 }, later, { dtype = "float64" }) }, 1)
    return data.windows(x, { input = 2 }):cut { test = 1 / 3 }
  end
  local one, other = cut(5), cut(500)
  lu.assertTrue(fetch(one.train, 3).x:eq(fetch(other.train, 3).x):all():item())
  local mean, std = 10.5, math.sqrt((20 * 20 - 1) / 12)
  lu.assertAlmostEquals(fetch(other.test, 3).y:item(), (500 - mean) / std, 1e-4)
end

function TestWindows:test_targets_may_be_some_of_the_columns()
  local t = data.table { { "a", { 1, 2, 3, 4 } }, { "b", { 10, 20, 30, 40 } }, { "c", { "x", "y", "z", "w" } } }
  local set = data.windows(t, { input = 2, target = { "b" }, standardize = false })
  lu.assertEquals({ fetch(set, 2).x:tolist(), fetch(set, 2).y:tolist() }, { { { { 2, 20 }, { 3, 30 } } }, { { { 40 } } } })
  lu.assertErrorMsgContains("unknown column 'bb'; did you mean 'b'?", function() return #data.windows(t, { input = 2, target = { "bb" } }) end)
end

local function problem_of(...)
  local given = { ... }
  local ok, problem = pcall(function() return #data.windows(table.unpack(given)) end)
  lu.assertFalse(ok)
  return tostring(problem)
end

function TestWindows:test_gaps_disorder_and_short_series_are_named()
  lu.assertStrContains(problem_of(data.table { x = { 1, data.missing, 3 } }, { input = 1 }), "column 'x' has 1 missing values")
  lu.assertStrContains(problem_of(data.table { x = { 1, 2, 2, 3 } }, { input = 1, time = "x" }), "row 3 is not after the row before it by 'x'")
  lu.assertStrContains(problem_of(numbers(4), { input = 4 }), "4 rows are too few for windows of 4 and the 1 after them")
  lu.assertErrorMsgContains("data.windows: input is missing", data.windows, numbers(4), {})
end

-- Serving -------------------------------------------------------------------------------------------------------------

local RECIPE = [[
local ml = require "moonlab"
local data = ml.data
return ml.recipe {
  name = "series", task = "regression", seed = 1,
  data = { source = data.windows(data.csv("series.csv", { separator = ";" }), { input = 6, output = 3, columns = { "a", "b" }, target = { "b" }, time = "at" }) },
  split = { valid = 0.2, test = 0.2 },
  model = ml.nn.Sequential { ml.nn.Flatten(), ml.nn.Linear(3), ml.nn.Function(function(x) return x:unsqueeze(3) end) },
  train = { batch = 8, epochs = 3, optimizer = ml.optim.adam { lr = 0.01 } },
}
]]

local function series_csv(from, to)
  local lines = { "at;b;a;note" }
  for i = from, to do lines[#lines + 1] = ("%d;%.17g;%.17g;x"):format(i, 100 + 20 * math.sin(i / 3), 5 * math.cos(i / 5)) end
  return table.concat(lines, "\n") .. "\n"
end

local function with_run(f)
  support.with_folder(function(folder)
    synthetic.write_file(folder .. "/series.csv", series_csv(1, 100))
    synthetic.write_file(folder .. "/r.lua", RECIPE)
    local status, _, err = synthetic.run(folder, "run r.lua --out out")
    lu.assertEquals(status, 0, err)
    lu.assertNil(err:find "warning", err)
    lu.assertStrContains(synthetic.read_file(folder .. "/out/report.html"), "The rows it is most wrong about")
    f(folder, function(arguments) return synthetic.run(folder, "predict out " .. arguments) end)
  end)
end

function TestWindows:test_predict_says_what_the_model_said_of_the_same_rows_in_the_units_of_the_file()
  with_run(function(folder, predict)
    synthetic.write_file(folder .. "/new.csv", series_csv(85, 97))
    local status, out, err = predict "new.csv --json"
    lu.assertEquals(status, 0, err)
    local got, rows = {}, {}
    for line in out:gmatch "[^\n]+" do
      local one = json.decode(line)
      got[#got + 1], rows[#rows + 1] = one.value.b, one.row
    end
    lu.assertEquals(rows, { 14, 15, 16 })
    -- the last window of the test part looks at rows 92..97
    local source = data.windows(data.csv(folder .. "/series.csv"), { input = 6, output = 3, columns = { "a", "b" }, target = { "b" } })
    local test = source:cut { valid = 0.2, test = 0.2 }.test
    local model = ml.nn.Sequential { ml.nn.Flatten(), ml.nn.Linear(3), ml.nn.Function(function(x) return x:unsqueeze(3) end) }
    model:load(folder .. "/out/model.safetensors")
    local y = ml.no_grad(function() return model(fetch(test, #test).x) end):double():flatten()
    lu.assertEquals(got, (y * test.statistics.std:at(2) + test.statistics.mean:at(2)):tolist())
  end)
end

function TestWindows:test_predict_names_rows_that_are_too_few_out_of_order_or_without_a_column()
  with_run(function(folder, predict)
    local function says(text, expected)
      synthetic.write_file(folder .. "/new.csv", text)
      local status, _, err = predict "new.csv"
      lu.assertEquals(status, 4)
      lu.assertStrContains(err, expected)
    end
    says(series_csv(1, 5), "new.csv: 5 rows are too few: the model looks at the last 6")
    says((series_csv(1, 9):gsub("\n4;", "\n2;")), "row 4 is not after the row before it by 'at'")
    says("at;b\n1;2\n", "new.csv: the column 'a' is missing; the model was trained with 2 columns")
  end)
end
