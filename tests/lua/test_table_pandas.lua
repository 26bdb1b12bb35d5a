-- Tables as pandas has them (tests/fixtures/make_table.py).

local ml = require "moonlab"
local lu = require "luaunit"
local data = ml.data
local pandas = dofile "tests/fixtures/table.lua"(data.missing)

local function frame()
  local rows = {}
  for i = 1, #pandas.table.k do rows[i] = i end
  return data.table(pandas.table):with { at = rows }
end

local function close(actual, expected, what)
  lu.assertTrue(actual == expected or math.abs(actual - expected) <= 1e-12 * math.abs(expected), ("%s: %s, pandas has %s"):format(what, actual, expected))
end

TestTablePandas = {}

function TestTablePandas:test_describe()
  local d = frame():describe()
  for i, name in ipairs(d.name:to_list()) do
    for s, field in ipairs { "count", "min", "q25", "median", "q75", "max", "mean", "std" } do
      local expected = pandas.describe[name]
      if expected then close(d:column(field):item(i), expected[s], name .. "." .. field) end
    end
  end
end

function TestTablePandas:test_value_counts()
  local counts = frame():value_counts "city"
  lu.assertEquals({ names = counts.city:to_list(), n = counts.n:to_list() }, pandas.counts)
end

function TestTablePandas:test_duplicated_counts_missing_values_as_equal()
  lu.assertEquals(frame():duplicated({ "k", "city" }):to_list(), pandas.duplicated)
end

function TestTablePandas:test_sorting_is_stable_with_missing_values_last()
  local t = frame()
  lu.assertEquals(t:sort("x").at:to_list(), pandas.by_x)
  lu.assertEquals(t:sort("x", { descending = true }).at:to_list(), pandas.by_x_descending)
  lu.assertEquals(t:sort("city").at:to_list(), pandas.by_city)
  lu.assertEquals(t:sort("city", { descending = true }).at:to_list(), pandas.by_city_descending)
  lu.assertEquals(t:sort({ "k", "city" }, { descending = { "city" } }).at:to_list(), pandas.by_k_and_city)
end

function TestTablePandas:test_fields_of_times()
  local times = data.table { t = pandas.times }.t:time()
  for name, expected in pairs(pandas.fields) do lu.assertEquals(times[name](times):to_list(), name == "seconds" and times.values:tolist() or expected, name) end
  lu.assertEquals(times:seconds():floor().values:to("int64"):tolist(), pandas.fields.seconds)
end

function TestTablePandas:test_letters_change_case()
  local t = data.table { x = { pandas.letters } }
  lu.assertEquals(t.x:lower():item(1), pandas.lower)
  lu.assertEquals(t.x:upper():item(1), pandas.upper)
end
