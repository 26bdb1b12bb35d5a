-- Tables larger than memory: block by block onto the disk gives what the whole table gives, in bounded memory; what needs the whole table
-- is refused.

local lu = require "luaunit"
local ml = require "moonlab"
local core = require "moonlab.core"
local json = require "moonlab.json"
local support = require "support"
local synthetic = require "synthetic"
local data = ml.data

-- Rows of numbers, a word and a label; some values are missing, or no numbers, or out of range.
local function csv(n)
  local lines = { "id,a,b,plan,label" }
  for i = 1, n do
    local a = i % 50 == 7 and "" or i % 97 == 3 and "x" or i % 61 == 5 and -5 or i % 13 + 0.5
    lines[#lines + 1] = ("%d,%s,%d,%s,%s"):format(i, a, i * 31 % 17, ({ "basic", "plus", "pro" })[i % 3 + 1], i % 40 == 11 and "" or i * 31 % 17 > 8 and "yes" or "no")
  end
  return table.concat(lines, "\n") .. "\n"
end

local function columns()
  return { id = data.ignore(), a = data.number { min = 0, missing = { 0, "indicator" } }, plan = data.category { "basic", "plus", "pro" } }
end

local function with_csv(n, f)
  support.with_folder(function(folder)
    synthetic.write_file(folder .. "/t.csv", csv(n))
    f(folder, data.csv(folder .. "/t.csv"))
  end)
end

TestToDisk = {}

function TestToDisk:test_blocks_give_what_the_whole_table_gives()
  with_csv(400, function(folder, source)
    local whole
    for _, rows in ipairs { 1000, 64, 7 } do
      local set = data.to_disk(source, folder .. "/a" .. rows, { target = "label", classes = { "no", "yes" }, columns = columns(), rows = rows })
      local x, y = set:column "x", set:column "y"
      whole = whole or { x, y }
      lu.assertTrue(x:eq(whole[1]):all():item() and y:eq(whole[2]):all():item())
      lu.assertEquals(set.fields, { "a", "a_missing", "b", "plan=basic", "plan=plus", "plan=pro" })
      lu.assertEquals({ set.read, set.kept, #set }, { 400, #x, #x })
    end
    local expected = 0
    for i = 1, 400 do
      local invalid = i % 50 ~= 7 and (i % 97 == 3 or i % 61 == 5)
      if not invalid and i % 40 ~= 11 then
        expected = expected + 1
        local a = i % 50 == 7 and 0 or i % 13 + 0.5
        local row = { a, i % 50 == 7 and 1 or 0, i * 31 % 17, i % 3 == 0 and 1 or 0, i % 3 == 1 and 1 or 0, i % 3 == 2 and 1 or 0 }
        lu.assertEquals({ whole[1]:select(1, expected):tolist(), whole[2]:at(expected) }, { row, i * 31 % 17 > 8 and 2 or 1 }, "row " .. i)
      end
    end
    lu.assertEquals(#whole[1], expected)
  end)
end

-- How far memory rises while n rows of 20 numbers go onto the disk, and while they are gone through from there.
local function peaks(folder, n)
  local lines, names, row = {}, {}, {}
  for j = 1, 20 do names[j] = "c" .. j end
  for i = 1, n do
    for j = 1, 20 do row[j] = i * j % 1000 end
    lines[i] = table.concat(row, ",")
  end
  synthetic.write_file(folder .. "/t.csv", table.concat(names, ",") .. "\n" .. table.concat(lines, "\n") .. "\n")
  local set = data.to_disk(data.csv(folder .. "/t.csv"), folder .. "/arrays", { target = "c20", rows = 500 })
  collectgarbage()
  core.reset_peak()
  local live = core.memory().live
  lu.assertEquals(#set, n)
  local converting = core.memory().peak - live
  core.reset_peak()
  for batch in set:batches { size = 100 } do
    batch = nil
    collectgarbage()
  end
  return converting, core.memory().peak - live
end

function TestToDisk:test_memory_does_not_grow_with_the_table()
  support.with_folder(function(folder)
    local first, first_batches = peaks(folder, 16000) -- more than the reader's buffers
    local second, second_batches = peaks(folder, 24000) -- 1.28 MB of float64 more
    lu.assertTrue(second - first < 2 ^ 17, ("%d bytes more"):format(second - first))
    lu.assertTrue(second_batches - first_batches < 2 ^ 17 and second_batches < 2 ^ 20, ("%d and %d bytes"):format(first_batches, second_batches))
  end)
end

function TestToDisk:test_a_file_that_has_types_gives_the_same()
  support.with_folder(function(folder)
    local t = data.table { a = { 1, 2, 3, 4 }, b = { 0.5, 1.5, 2.5, 3.5 }, y = { 0, 1, 1, 0 } }
    t:write_csv(folder .. "/t.csv")
    t:write_jsonl(folder .. "/t.jsonl")
    for i, source in ipairs { data.csv(folder .. "/t.csv"), data.jsonl(folder .. "/t.jsonl") } do
      local set = data.to_disk(source, folder .. "/arrays" .. i, { target = "y", classes = { "0", "1" }, rows = 3 })
      lu.assertEquals({ set:column("x"):tolist(), set:column("y"):tolist() }, { { { 1, 0.5 }, { 2, 1.5 }, { 3, 2.5 }, { 4, 3.5 } }, { 1, 2, 2, 1 } })
    end
  end)
end

function TestToDisk:test_arrays_are_made_once_and_anew_when_something_changes()
  with_csv(100, function(folder, source)
    local function make(o)
      o.target, o.classes = "label", { "no", "yes" }
      local set = data.to_disk(source, folder .. "/arrays", o)
      return #set, synthetic.read_file(folder .. "/arrays/about.json")
    end
    local n, about = make { columns = columns() }
    synthetic.write_file(folder .. "/arrays/x.npy", synthetic.read_file(folder .. "/arrays/x.npy"):gsub("...$", "abc"))
    lu.assertEquals({ make { columns = columns() } }, { n, about })
    lu.assertStrMatches(synthetic.read_file(folder .. "/arrays/x.npy"), ".*abc") -- not written again
    local other = columns()
    other.a = data.number { missing = 1 }
    lu.assertTrue(make { columns = other } > n)
    lu.assertNil(synthetic.read_file(folder .. "/arrays/x.npy"):find "abc$")
    synthetic.write_file(folder .. "/t.csv", csv(90))
    lu.assertTrue(make { columns = columns() } < n)
  end)
end

function TestToDisk:test_what_needs_the_whole_table_is_refused()
  with_csv(20, function(folder, source)
    local function says(text, specs, o)
      o = o or { target = "label", classes = { "no", "yes" } }
      o.columns = specs
      local ok, problem = pcall(function() return #data.to_disk(source, folder .. "/arrays", o) end)
      lu.assertFalse(ok)
      lu.assertStrContains(require "moonlab.failure".message_of(problem), text)
    end
    says("column 'a': missing = 'median' needs the whole table", { a = data.number { missing = "median" } })
    says("column 'plan': the words of a category are found out from the whole table", { plan = data.category {} })
    says("column 'a': 'indicator' needs a constant beside it here", { a = data.number { missing = "indicator" } })
    says("column 'plan' is text", { id = data.ignore(), a = data.number { missing = 0 }, plan = data.string {} })
    says("t.csv: rows 1 to 20: column 'a' has 1 missing values", { plan = data.ignore(), a = data.number {} })
    says("unknown column 'lable'; did you mean 'label'?", columns(), { target = "lable" })
    says("row 3: 'a'", columns(), { target = "b", invalid = "error" })
    lu.assertErrorMsgContains("a source that is read from a file is needed", data.to_disk, data.table { x = { 1 } }, "a", { target = "x" })
  end)
end

local RECIPE = [[
local ml = require "moonlab"
local nn, data = ml.nn, ml.data
return ml.recipe {
  name = "large", task = "multiclass", seed = 1,
  data = { source = data.to_disk(data.csv "t.csv", "%s", { target = "label", classes = { "no", "yes" }, rows = 100,
    columns = { id = data.ignore(), a = data.number { min = 0, missing = 0 }, plan = data.category { "basic", "plus", "pro" } } }) },
  split = { valid = 0.2, test = 0.2, stratify = true },
  model = nn.Sequential { nn.BatchNorm(), nn.Linear(2) }, train = { batch = 32, epochs = 8, optimizer = ml.optim.adam { lr = 0.05 } },
}
]]

function TestToDisk:test_a_recipe_trains_from_the_disk()
  with_csv(1000, function(folder)
    synthetic.write_file(folder .. "/r.lua", RECIPE:format "arrays")
    local status, _, err = synthetic.run(folder, "run r.lua --out out")
    lu.assertEquals(status, 0, err)
    lu.assertTrue(json.decode(synthetic.read_file(folder .. "/out/metrics.json")).test.accuracy > 0.9)
    lu.assertStrContains(json.decode(synthetic.read_file(folder .. "/out/config.json")).data.files[1].path, "t.csv")
    synthetic.write_file(folder .. "/w.lua", RECIPE:format "../arrays")
    status, _, err = synthetic.run(folder, "run w.lua --out wrong")
    lu.assertEquals(status, 1)
    lu.assertStrContains(err, "a recipe writes into its own folder alone")
  end)
end
