-- Features that look back: lags and rolling statistics against pandas, never the future, never another series; served as the whole table
-- would have it.

local lu = require "luaunit"
local ml = require "moonlab"
local core = require "moonlab.core"
local json = require "moonlab.json"
local support = require "support"
local synthetic = require "synthetic"
local past = require "moonlab.features.past"
local fixture = dofile "tests/fixtures/past.lua"
local data, features = ml.data, ml.features

local function shops()
  return data.table { { "store", fixture.store }, { "day", fixture.day }, { "sales", fixture.sales }, { "price", core.tensor(fixture.price, { dtype = "float64" }) } }
end

local function made(spec, t) return select(2, spec:fit(t, {})) end

-- Equal, NaN where NaN is.
local function same(got, expected, tolerance)
  lu.assertEquals(#got, #expected)
  for i, value in ipairs(expected) do
    local other = got:at(i)
    if value ~= value then lu.assertTrue(other ~= other, ("row %d is %s, not NaN"):format(i, other))
    else lu.assertTrue(math.abs(other - value) <= tolerance, ("row %d is %s, not %s"):format(i, other, value)) end
  end
end

TestPast = {}

for _, case in ipairs(fixture.cases) do
  TestPast["test_" .. case.name:gsub("%.", "_") .. (case.group and "_of_each_series" or "_of_all_rows") .. "_is_that_of_pandas"] = function()
    local column, what, width, lag = case.name:match "^(%w+)%.(%a+)_(%d+)_?l?a?g?_?(%d*)$"
    local o = { columns = { column }, order = "day", group = case.group and "store" or nil }
    if what == "lag" then o.lags = tonumber(width) else o.window, o.statistics, o.lag = tonumber(width), { what }, tonumber(lag) end
    local t = made(what == "lag" and features.lags(o) or features.rolling(o), shops())
    same(t:column(case.name).values, case.values, what == "lag" and 0 or 1e-11)
  end
end

function TestPast:test_what_comes_later_or_in_another_series_changes_nothing()
  local specs = { features.lags { columns = { "sales" }, lags = { 1, 3 }, group = "store", order = "day" },
    features.rolling { columns = { "sales" }, window = 4, statistics = { "mean", "std", "min", "max", "sum" }, group = "store", order = "day" } }
  local t = shops()
  for _, spec in ipairs(specs) do
    local step, whole = spec:fit(t, {})
    for _, row in ipairs { 3, 11, 30 } do
      local day, store = t.day:item(row), t.store:item(row)
      local mask = t.day.values:le(day):logical_and(t.store:eq(store).values)
      local before = require "moonlab.features.feature".apply(step, t:rows(mask))
      local at = before.day.values:eq(day):nonzero():item()
      for _, name in ipairs(step.state.made) do same(before:column(name).values:slice(1, at, at), { whole:column(name).values:at(row) }, 0) end
    end
  end
end

function TestPast:test_wrong_options_are_named()
  local function says(text, f, o) lu.assertErrorMsgContains(text, f, o) end
  says("features.lags: columns are needed", features.lags, { lags = { 1 } })
  says("features.lags: a lag is a number of rows from 1, got 0", features.lags, { columns = { "x" }, lags = { 0 } })
  says("features.rolling: unknown statistic 'meen'; did you mean 'mean'?", features.rolling, { columns = { "x" }, window = 3, statistics = { "meen" } })
  says("features.rolling: one row has no deviation", features.rolling, { columns = { "x" }, window = 1, statistics = { "std" } })
  says("features.lags looks at other rows: it must stand before features.standardize", past.of,
    { features.standardize(), features.lags { columns = { "x" }, lags = 1 } })
end

-- In a recipe ------------------------------------------------------------------------------------------------------------

local RECIPE = [[
local ml = require "moonlab"
local data, features = ml.data, ml.features
return ml.recipe {
  name = "sales", task = "regression", seed = 3,
  data = { source = data.csv "sales.csv", target = "sales", %s columns = { store = data.ignore(), price = data.number { missing = "median" } },
    derive = { cheap = function(c) return c.price:fill(9):lt(4) end } },
  split = { valid = 0.2, test = 0.2 },
  features = { features.lags { columns = { "sales", "cheap" }, lags = { 1, 3 }, group = "store" %s },
    features.rolling { columns = { "sales" }, window = 4, statistics = { "mean", "max" }, group = "store" %s }, features.standardize() },
  model = ml.nn.Linear(1), train = { batch = 16, epochs = 4, optimizer = ml.optim.adam { lr = 0.05 } },
}
]]

local STORES = { "north", "south", "east" }

local function csv(from, to, without)
  local lines = { without and "day,store,price" or "day,store,sales,price" }
  for day = from, to do
    for i, store in ipairs(STORES) do
      local price = (day * 7 + i * 3) % 11 == 0 and "" or (day * 5 + i) % 9
      if not (store == "east" and day % 2 == 0) then
        local sales = ("%.17g,"):format(50 * i + 10 * math.sin(day / 3 + i))
        lines[#lines + 1] = ("2024-%02d-%02d,%s,%s%s"):format(day // 28 + 1, day % 28 + 1, store, without and "" or sales, price)
      end
    end
  end
  return table.concat(lines, "\n") .. "\n"
end

local TIME = { 'time = "day",', "", "" }

local function with_recipe(given, f)
  support.with_folder(function(folder)
    synthetic.write_file(folder .. "/sales.csv", csv(0, 60))
    synthetic.write_file(folder .. "/r.lua", RECIPE:format(table.unpack(given)))
    f(folder, function(arguments) return synthetic.run(folder, arguments) end)
  end)
end

-- The values that predict gives, by row; the reason where a row is invalid.
local function predicted(run, file)
  local _, out = run("predict out --json " .. file)
  local list = {}
  for line in out:gmatch "[^\n]+" do
    local one = json.decode(line)
    list[one.row] = one.invalid or one.value
  end
  return list
end

function TestPast:test_predict_on_the_rows_that_follow_gives_what_the_whole_table_gives()
  with_recipe(TIME, function(folder, run)
    local status, _, err = run "run r.lua --out out"
    lu.assertEquals(status, 0, err)
    synthetic.write_file(folder .. "/whole.csv", csv(0, 70))
    synthetic.write_file(folder .. "/next.csv", csv(61, 70))
    local whole, next_ = predicted(run, "whole.csv"), predicted(run, "next.csv")
    lu.assertEquals(#next_, 25)
    for i, value in ipairs(next_) do
      lu.assertEquals(type(value), "number")
      lu.assertEquals(value, whole[#whole - #next_ + i])
    end
    lu.assertEquals(whole[1], "not enough past: the model looks back 4 rows")
  end)
end

function TestPast:test_without_the_target_a_row_is_served_as_long_as_its_past_is_known()
  with_recipe(TIME, function(folder, run)
    lu.assertEquals((run "run r.lua --out out"), 0)
    synthetic.write_file(folder .. "/next.csv", csv(61, 62, true))
    synthetic.write_file(folder .. "/with.csv", csv(61, 62))
    local without, with = predicted(run, "next.csv"), predicted(run, "with.csv")
    for i = 1, 3 do lu.assertEquals({ type(without[i]), without[i] }, { "number", with[i] }) end -- the first day of each store
    lu.assertEquals(without[4], "not enough past: the model looks back 4 rows") -- the day after it
  end)
end

function TestPast:test_rows_without_enough_past_are_dropped_and_counted_or_filled()
  with_recipe(TIME, function(folder, run)
    local status, _, err = run "run r.lua --out out"
    lu.assertEquals(status, 0, err)
    local cleaning = json.decode(synthetic.read_file(folder .. "/out/cleaning.json"))
    lu.assertEquals({ cleaning.read, cleaning.kept, cleaning.dropped }, { 152, 140, 12 }) -- 4 of each store
    lu.assertEquals(cleaning.steps[1].reason, "not enough past: features look back 4 rows")
  end)
  with_recipe({ 'time = "day",', ', missing = "median"', ", missing = 0" }, function(folder, run)
    local status, _, err = run "run r.lua --out out"
    lu.assertEquals(status, 0, err)
    lu.assertEquals(json.decode(synthetic.read_file(folder .. "/out/cleaning.json")).kept, 152)
    lu.assertEquals(type(predicted(run, "sales.csv")[1]), "number")
  end)
end

function TestPast:test_training_rows_that_would_see_rows_that_are_held_out_are_refused()
  with_recipe({ 'id = "day",', ', order = "day"', ', order = "day"' }, function(_, run)
    local status, _, err = run "run r.lua --out out"
    lu.assertEquals(status, 1)
    lu.assertStrMatches(err, ".*r%.lua:%d+: %d+ rows look back at rows of the %a+ part, which is held out from them: cut by time, with data%.time.*")
  end)
end

function TestPast:test_a_series_that_begins_among_the_held_out_rows_is_no_breach()
  with_recipe(TIME, function(folder, run)
    local text = csv(0, 60)
    for day = 45, 60 do text = text .. ("2024-%02d-%02d,west,%d,3\n"):format(day // 28 + 1, day % 28 + 1, day) end
    synthetic.write_file(folder .. "/sales.csv", text)
    local status, _, err = run "run r.lua --out out"
    lu.assertEquals(status, 0, err)
  end)
end
