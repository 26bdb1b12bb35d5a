-- Recipes of tables, as programs of their own: cut without leaks, cleaned with counts that add up, served as they were trained.

local lu = require "luaunit"
local json = require "moonlab.json"
local support = require "support"
local synthetic = require "synthetic"

-- 120 rows with two faults (an age of 300, a row without target) and one row that is there twice.
local function csv()
  local lines = { "id,home,age,plan,spend,left" }
  for i = 1, 118 do
    local age, spend = 20 + i * 7 % 50, i * 13 % 40
    local plan = ({ "basic", "plus", "pro" })[i % 3 + 1]
    lines[#lines + 1] = ("%d,H%d,%s,%s,%s,%s"):format(i, i // 3, i == 5 and 300 or i % 10 == 0 and "" or age, plan, spend,
      i == 9 and "" or age + spend > 60 and "yes" or "no")
  end
  lines[#lines + 1] = lines[#lines]:gsub("^118", "119")
  return table.concat(lines, "\n") .. "\n"
end

local RECIPE = [[
local ml = require "moonlab"
local data, features, nn = ml.data, ml.features, ml.nn
return ml.recipe {
  name = "left", task = %q, seed = 2,
  data = { source = data.csv "rows.csv", target = %q, %s
    columns = { age = data.number { max = 120, missing = "median" }, plan = data.category { "basic", "plus", "pro" } },
    derive = { both = function(c) return c.age:fill(30) + c.spend end }, clean = { duplicates = "drop" } },
  split = { valid = 0.2, test = 0.2 },
  features = { features.standardize(), features.one_hot() },
  model = nn.Linear(%d), train = { batch = 16, epochs = 40, optimizer = ml.optim.adam { lr = 0.05 } },
}
]]

local BINARY = { "binary", "left", 'positive = "yes", id = "id", group = "home",', 2 }

local function with(given, f)
  support.with_folder(function(folder)
    synthetic.write_file(folder .. "/rows.csv", csv())
    synthetic.write_file(folder .. "/r.lua", RECIPE:format(table.unpack(given)))
    f(folder, function(arguments)
      local status, out, err = synthetic.run(folder, arguments)
      return { status = status, out = out, err = err }
    end)
  end)
end

local function read_json(path) return json.decode(synthetic.read_file(path)) end

TestTabular = {}

function TestTabular:test_every_row_is_kept_quarantined_or_dropped()
  with(BINARY, function(folder, run)
    local r = run "run r.lua --out out"
    lu.assertEquals(r.status, 0, r.err)
    local cleaning = read_json(folder .. "/out/cleaning.json")
    lu.assertEquals({ cleaning.read, cleaning.kept, cleaning.quarantined, cleaning.dropped }, { 119, 116, 1, 2 })
    lu.assertStrContains(synthetic.read_file(folder .. "/out/quarantine.csv"), "5,age: above 120,5,H1,300,")
    local config = read_json(folder .. "/out/config.json")
    local rows = config.split.rows
    lu.assertEquals(rows.train + rows.valid + rows.test, 116)
    lu.assertEquals(#config.data.files[1].sha256, 64)
    lu.assertEquals(config.data.columns.age, { max = 120, missing = { "median" }, type = "number" })
  end)
end

function TestTabular:test_predict_says_what_the_model_said_of_the_same_rows()
  with(BINARY, function(folder, run)
    run "run r.lua --out out"
    local r = run "predict out rows.csv --json"
    lu.assertEquals(r.status, 4) -- one row is invalid
    local right, invalid = 0, 0
    for line in r.out:gmatch "[^\n]+" do
      local one = json.decode(line)
      if one.invalid then
        invalid = invalid + 1
        lu.assertEquals({ one.row, one.id, one.invalid }, { 5, 5, "age: above 120" })
      else
        right = right + 1
        lu.assertTrue(one.probability >= 0.5 and one.probability <= 1 and (one.class == "yes" or one.class == "no"))
      end
    end
    lu.assertEquals({ right, invalid }, { 118, 1 })
  end)
end

function TestTabular:test_a_derived_column_may_have_a_rule()
  local given = { BINARY[1], BINARY[2], BINARY[3], 2 }
  with(given, function(folder, run)
    local text = RECIPE:format(table.unpack(given)):gsub("columns = { ", 'columns = { both = data.number { missing = "mean" }, '):gsub(":fill%(30%)", "")
    synthetic.write_file(folder .. "/r.lua", text)
    lu.assertEquals(run "run r.lua --out out".status, 0)
    local r = run "data r.lua"
    lu.assertEquals(r.status, 0, r.err)
    lu.assertStrContains(r.out, "119 rows, 6 columns")
    lu.assertEquals(run "predict out rows.csv".out:match "rows%.csv:5  [^\n]+", "rows.csv:5  5  invalid: age: above 120")
  end)
end

function TestTabular:test_check_finds_the_wrong_number_of_scores()
  with(BINARY, function(folder, run)
    local text = RECIPE:format(table.unpack(BINARY))
    local function says(changed, message)
      synthetic.write_file(folder .. "/r.lua", changed)
      local r = run "check r.lua"
      lu.assertEquals({ r.status, r.err }, { message and 3 or 0, message or "" })
    end
    local one, loss = text:gsub("nn.Linear%(2%)", "nn.Linear(1)"), 'train = { loss = "bce_with_logits",'
    says(text)
    says(one)
    says((one:gsub("train = {", 'train = { loss = "cross_entropy",')), "moonlab: r.lua:10: the model gives 1 score a row, but the data has 2 classes: "
      .. "the last layer must be nn.Linear(2), or train.loss 'bce_with_logits'\n")
    says((one:gsub("train = {", loss)))
    says((text:gsub("train = {", loss)),
      "moonlab: r.lua:10: the model gives [16, 2] for a batch; the loss 'bce_with_logits' takes one score a row: the last layer must be nn.Linear(1)\n")
  end)
end

function TestTabular:test_what_is_declared_true_or_false_may_be_written_in_several_ways()
  local data, words = require "moonlab".data, { "yes", "no", "1", "0", "t", "f", "T", "F", "TRUE", "False" }
  support.with_folder(function(folder)
    local csv, jsonl = { "is,n" }, {}
    for i, word in ipairs(words) do csv[i + 1], jsonl[i] = ("%s,%d"):format(word, i), ('{"is": "%s"}'):format(word) end
    synthetic.write_file(folder .. "/t.csv", table.concat(csv, "\n") .. "\n")
    synthetic.write_file(folder .. "/t.jsonl", table.concat(jsonl, "\n") .. "\n")
    local types = { types = { is = "boolean" } }
    for _, source in ipairs { data.csv(folder .. "/t.csv", types), data.jsonl(folder .. "/t.jsonl", types) } do
      lu.assertEquals(source:table().is:to_list(), { true, false, true, false, true, false, true, false, true, false })
    end
    lu.assertEquals(data.csv(folder .. "/t.csv"):table():types(), { is = "text", n = "integer" })
    synthetic.write_file(folder .. "/t.csv", "is,n\n1,1\nmaybe,2\n")
    local _, problem = pcall(function() data.csv(folder .. "/t.csv", types):table() end)
    lu.assertStrContains(tostring(problem), "t.csv:3:1 'is': found 'maybe', expected true or false")
  end)
end

function TestTabular:test_a_wrong_option_of_a_reader_is_told_at_its_line()
  with(BINARY, function(folder, run)
    local text = RECIPE:format(table.unpack(BINARY)):gsub('data%.csv "rows%.csv"', 'data.csv("rows.csv", { seperator = ";" })')
    synthetic.write_file(folder .. "/r.lua", text)
    lu.assertEquals(run "check r.lua".err, "moonlab: r.lua:5: data.csv: unknown option 'seperator'; did you mean 'separator'?\n")
  end)
end

function TestTabular:test_a_row_alone_is_predicted_as_among_others()
  with(BINARY, function(folder, run)
    run "run r.lua --out out"
    synthetic.write_file(folder .. "/one.csv", "spend,plan,age\n26,pro,50\n")
    synthetic.write_file(folder .. "/two.csv", "age,plan,spend\n21,basic,3\n50,pro,26\n")
    local one, two = run "predict out one.csv --json", run "predict out two.csv --json"
    local _, second = two.out:match "([^\n]+)\n([^\n]+)"
    lu.assertEquals(json.decode(one.out).probability, json.decode(second).probability)
  end)
end

function TestTabular:test_a_row_without_a_value_that_has_no_rule_is_invalid_and_the_others_are_served()
  with(BINARY, function(folder, run)
    run "run r.lua --out out"
    synthetic.write_file(folder .. "/a.csv", "age,plan,spend\n30,pro,\n,pro,26\n40,,3\n")
    local r = run "predict out a.csv"
    lu.assertEquals(r.status, 4, r.err)
    lu.assertStrMatches(r.out, "a%.csv:1  invalid: spend: missing\na%.csv:2  %a+  0%.%d+\na%.csv:3  invalid: plan: missing\n")
  end)
end

function TestTabular:test_new_rows_are_read_as_the_training_rows_were()
  with(BINARY, function(folder, run)
    synthetic.write_file(folder .. "/rows.csv", (csv():gsub(",", ";")))
    local text = RECIPE:format(table.unpack(BINARY)):gsub("derive = .-end }, ", ""):gsub('data%.csv "rows%.csv"', 'data.csv("rows.csv", { separator = ";", decimal = ",", missing = { "", "none" } })')
    synthetic.write_file(folder .. "/r.lua", text)
    lu.assertEquals(run "run r.lua --out out".status, 0)
    synthetic.write_file(folder .. "/a.csv", "age;plan;spend\nnone;pro;26,5\n")
    local r = run "predict out a.csv"
    lu.assertEquals(r.status, 0, r.err)
    lu.assertStrMatches(r.out, "a%.csv:1  %a+  [01]%.%d+\n")
  end)
end

function TestTabular:test_predict_matches_columns_by_name()
  with(BINARY, function(folder, run)
    run "run r.lua --out out"
    synthetic.write_file(folder .. "/a.csv", "spend,plan\n26,pro\n")
    synthetic.write_file(folder .. "/b.csv", "spend,plan,age,spned\n26,pro,50,1\n")
    lu.assertStrContains(run "predict out a.csv".err, "a.csv: the column 'age' is missing")
    lu.assertStrContains(run "predict out b.csv".err, "b.csv: unknown column 'spned'; did you mean 'spend'?")
  end)
end

function TestTabular:test_predict_names_what_is_not_there()
  with(BINARY, function(_, run)
    lu.assertStrContains(run "predict nothing rows.csv".err, "predict: there is no run folder nothing")
    lu.assertEquals(run "predict".status, 2)
    lu.assertEquals(run "predict out".status, 2)
  end)
end

function TestTabular:test_a_regression_is_scored_beside_the_mean()
  with({ "regression", "spend", 'id = "id", group = "home",', 1 }, function(folder, run)
    synthetic.write_file(folder .. "/r.lua", (RECIPE:format("regression", "spend", 'id = "id",', 1)
      :gsub("derive = .-end },", ""):gsub('"pro" } },', '"pro" }, home = data.ignore(), left = data.category { missing = "mode" } },', 1)))
    local r = run "run r.lua --out out"
    lu.assertEquals(r.status, 0, r.err)
    lu.assertStrMatches(r.out:match "test rmse[^\n]*", "test rmse%s+%d+%.%d+ %(%d+%.%d+ to %d+%.%d+%)%s+baseline %d+%.%d+ %(always %d+%.?%d*%)")
    synthetic.write_file(folder .. "/new.csv", "age,plan,left\n30,pro,yes\n")
    lu.assertStrMatches(run "predict out new.csv".out, "new%.csv:1  %-?%d+%.%d+\n")
  end)
end

function TestTabular:test_groups_are_never_cut_apart()
  local prepare = require "moonlab.recipe.prepare"
  local recipe = synthetic.households()
  local parts = prepare.data(recipe, prepare.read(recipe))
  local part_of = {}
  for name, rows in pairs(parts.places) do
    for _, row in ipairs(rows:tolist()) do
      local home = parts.table.home:item(row)
      lu.assertTrue(part_of[home] == nil or part_of[home] == name, home)
      part_of[home] = name
    end
  end
end

function TestTabular:test_several_sources_become_one_and_are_scored_each()
  support.with_folder(function(folder)
    for i, name in ipairs { "a.csv", "b.csv" } do
      local lines = { "x,y" }
      for row = 1, 30 * i do lines[#lines + 1] = ("%s,%d"):format(i == 1 and row or row + 0.5, row % 5) end
      synthetic.write_file(folder .. "/" .. name, table.concat(lines, "\n") .. "\n")
    end
    synthetic.write_file(folder .. "/r.lua", [[
local ml = require "moonlab"
local data = ml.data
return ml.recipe { name = "two", task = "regression", seed = 4, model = ml.nn.Linear(1),
  data = { source = data.concat { data.csv "a.csv", data.csv "b.csv" }, target = "y" }, split = { test = 0.3, valid = 0.1 },
  train = { epochs = 2, optimizer = ml.optim.adam { lr = 0.1 } } }
]])
    local status, out, err = synthetic.run(folder, "run r.lua --out out")
    lu.assertEquals(status, 0, err)
    local by_source = read_json(folder .. "/out/metrics.json").by_source
    lu.assertEquals({ by_source[1].source, by_source[2].source }, { "a.csv", "b.csv" })
    lu.assertEquals(by_source[1].rows + by_source[2].rows, 27)
    lu.assertStrMatches(out:match "  a%.csv[^\n]*", "  a%.csv%s+%d+ rows  rmse %d+%.%d+  mae %d+%.%d+  r2 %-?%d+%.%d+")
    local config = read_json(folder .. "/out/config.json")
    lu.assertEquals(#config.data.files, 2)
    lu.assertEquals(#config.model.layers > 0 and config.model.parameters, 2) -- x alone is a feature
  end)
end

function TestTabular:test_every_kind_of_source_names_the_columns_that_it_reads()
  local data = require "moonlab".data
  support.with_folder(function(folder)
    data.table { { "a", { 1 } }, { "b", { 2 } }, { "c", { "x" } } }:write_csv(folder .. "/t.csv")
    synthetic.write_file(folder .. "/t.jsonl", '{"a": 1, "b": 2, "c": "x"}\n')
    synthetic.write_file(folder .. "/make.py", "import sqlite3\nc = sqlite3.connect('t.db')\nc.execute('create table t (a, b, c)')\n"
      .. "c.execute('insert into t values (1, 2, 3)')\nc.commit()\n")
    assert(os.execute("cd " .. folder .. " && python3 make.py"))
    local parquet = "tests/fixtures/parquet/plain.parquet"
    for _, source in ipairs { data.csv(folder .. "/t.csv", { columns = { "c", "a" } }), data.jsonl(folder .. "/t.jsonl", { columns = { "c", "a" } }),
      data.sqlite(folder .. "/t.db", { query = "select a, c from t" }) } do
      lu.assertEquals(source:names(), { "a", "c" })
      lu.assertEquals(source:table().names, { "a", "c" })
    end
    local all = data.parquet(parquet):names()
    lu.assertEquals(data.parquet(parquet):table().names, all)
    lu.assertEquals(data.parquet(parquet, { columns = { all[2] } }):names(), { all[2] })
  end)
end

function TestTabular:test_a_database_is_a_source_like_a_file()
  support.with_folder(function(folder)
    local sql = { "create table people (age text, plan text, y real);" }
    for i = 1, 40 do sql[#sql + 1] = ("insert into people values ('%s', '%s', %d);"):format(i % 9 + 20, i % 2 == 0 and "a" or "b", i % 5) end
    synthetic.write_file(folder .. "/make.py", "import sqlite3\nc = sqlite3.connect('p.db')\nc.executescript(\"\"\""
      .. table.concat(sql, "\n") .. "\"\"\")\nc.commit()\n")
    assert(os.execute("cd " .. folder .. " && python3 make.py"))
    synthetic.write_file(folder .. "/r.lua", [[
local ml = require "moonlab"
local data = ml.data
return ml.recipe { name = "db", task = "regression", seed = 4, model = ml.nn.Linear(1),
  data = { source = data.sqlite("p.db", { table = "people" }), target = "y", columns = { age = data.number { min = 21 } } },
  split = { valid = 0.2 }, train = { epochs = 2, optimizer = ml.optim.adam { lr = 0.1 } } }
]])
    local status, _, err = synthetic.run(folder, "run r.lua --out out")
    lu.assertEquals(status, 0, err)
    lu.assertEquals(read_json(folder .. "/out/cleaning.json").quarantined, 4)
    lu.assertEquals(read_json(folder .. "/out/config.json").model.parameters, 4) -- age, plan=a, plan=b and the bias
  end)
end

function TestTabular:test_values_of_a_database_that_do_not_parse_are_set_aside()
  support.with_folder(function(folder)
    synthetic.write_file(folder .. "/make.py", [[
import sqlite3
c = sqlite3.connect("p.db")
c.execute("create table people (id integer, age text, day text, member text, flag integer, y real)")
for i in range(40):
    c.execute("insert into people values (?, ?, ?, ?, ?, ?)", (i, "old" if i == 3 else "?" if i == 4 else str(20 + i), "soon" if i == 5 else "2024-01-%02d" % (i % 28 + 1),
              "maybe" if i == 3 else "Yes" if i % 2 else "no", i % 2, i))
c.commit()
]])
    assert(os.execute("cd " .. folder .. " && python3 make.py"))
    synthetic.write_file(folder .. "/r.lua", [[
local ml = require "moonlab"
local data = ml.data
return ml.recipe { name = "db", task = "regression", model = ml.nn.Linear(1), split = { valid = 0.2 }, features = { ml.features.dates(), ml.features.one_hot() },
  data = { source = data.sqlite("p.db", { table = "people" }), target = "y", id = "id", columns = { member = data.boolean(), flag = data.boolean(),
    age = data.number { marks = { "?" }, missing = "mean" }, day = data.time() } },
  train = { epochs = 1, optimizer = ml.optim.adam {} } }
]])
    local status, _, err = synthetic.run(folder, "run r.lua --out out")
    lu.assertEquals(status, 0, err)
    local cleaning = read_json(folder .. "/out/cleaning.json")
    lu.assertEquals({ cleaning.read, cleaning.kept, cleaning.quarantined }, { 40, 38, 2 })
    lu.assertStrContains(synthetic.read_file(folder .. "/out/quarantine.csv"),
      "\n4,\"age: is not a number, as 'old' in row 4; member: is not true or false, as 'maybe' in row 4\",3,old,2024-01-04,maybe,1,3.0\n")
    local _, out = synthetic.run(folder, "data r.lua")
    lu.assertStrContains(out, "age     number         2")
  end)
end

-- A recipe over a table at hand, and its parts.
local function prepared(fields, source)
  local ml = require "moonlab"
  fields.name, fields.seed, fields.model = "p", 5, fields.model or ml.nn.Linear(fields.task == "regression" and 1 or 2)
  fields.data.source, fields.split = ml.data.table(source), { valid = 0.2, test = 0.2 }
  fields.train = { optimizer = ml.optim.adam { lr = 0.1 } }
  local recipe = ml.recipe(fields)
  local prepare = require "moonlab.recipe.prepare"
  return recipe, prepare.data(recipe, prepare.read(recipe))
end

function TestTabular:test_the_positive_value_is_the_second_class()
  local source = { x = {}, y = {} }
  for i = 1, 30 do source.x[i], source.y[i] = i, i % 3 == 0 and "no" or "yes" end
  for positive, classes in pairs { yes = { "no", "yes" }, no = { "yes", "no" } } do
    local _, parts = prepared({ task = "binary", data = { target = "y", positive = positive } }, source)
    lu.assertEquals(parts.classes, classes)
    local y, names = parts.train:labels():tolist(), parts.table:rows(parts.places.train).y:to_list()
    for i, class in ipairs(y) do lu.assertEquals(classes[class], names[i]) end
  end
end

function TestTabular:test_the_model_learns_from_what_a_feature_makes_of_the_training_rows()
  local ml = require "moonlab"
  local pipeline = require "moonlab.features.pipeline"
  local source = { plan = {}, y = {} }
  for i = 1, 60 do source.plan[i], source.y[i] = ({ "a", "b", "c" })[i % 3 + 1], i * 7 % 11 + i % 3 * 20 end
  local _, parts = prepared({ task = "regression", data = { target = "y" }, features = { ml.features.target_encode() } }, source)
  local full = pipeline.x(pipeline.apply(parts.pipeline, parts.table:rows(parts.places.train)))
  lu.assertFalse(parts.train.columns.x:equal(full)) -- out of fold: no row sees its own target
  support.equal(parts.test.columns.x, pipeline.x(pipeline.apply(parts.pipeline, parts.table:rows(parts.places.test))))
end

function TestTabular:test_the_baseline_of_a_regression_is_the_mean_of_the_training_part()
  local source = { x = {}, y = {} }
  for i = 1, 40 do source.x[i], source.y[i] = i, i * i % 37 end
  local recipe, parts = prepared({ task = "regression", data = { target = "y" } }, source)
  local model = require "moonlab.recipe.prepare".model(recipe, { 1 })
  local result = require "moonlab.assess.held_out".model(model, parts, require "moonlab.recipe.plan".of(recipe))
  local mean = parts.train.columns.y:double():mean():item()
  lu.assertEquals(result.baseline.class, ("%.6g"):format(mean))
  lu.assertNotEquals(result.baseline.class, ("%.6g"):format(parts.test.columns.y:double():mean():item()))
  local off = (parts.test.columns.y:double() - mean):square():mean():item()
  lu.assertAlmostEquals(result.baseline.scores.rmse, math.sqrt(off), 1e-12)
end

-- The rows that predict gets right.
local function right_of(r, folder)
  local actual, right, all = {}, 0, 0
  for line in synthetic.read_file(folder .. "/rows.csv"):gmatch "\n([^\n]+)" do actual[#actual + 1] = line:match "[^,]*$" end
  for line in r.out:gmatch "[^\n]+" do
    local one = json.decode(line)
    if one.class and actual[one.row] ~= "" then all, right = all + 1, right + (one.class == actual[one.row] and 1 or 0) end
  end
  return right / all
end

function TestTabular:test_one_logit_and_two_scores_name_the_classes_alike()
  for outputs, loss in pairs { [1] = "bce_with_logits", [2] = "cross_entropy" } do
    with({ BINARY[1], BINARY[2], BINARY[3], outputs }, function(folder, run)
      lu.assertEquals(run("run r.lua --out out train.loss=" .. loss).status, 0)
      local share = right_of(run "predict out rows.csv --json", folder)
      lu.assertTrue(share > 0.8, ("%d outputs: %.3f"):format(outputs, share))
    end)
  end
end

function TestTabular:test_a_value_that_can_not_be_read_is_set_aside_with_its_row_in_all_sources()
  support.with_folder(function(folder)
    local ml = require "moonlab"
    synthetic.write_file(folder .. "/a.csv", "x,y\n1,1\n2,0\n")
    synthetic.write_file(folder .. "/b.csv", "x,y\n3,1\nfour,0\n5,1\n")
    local source = ml.data.concat { ml.data.csv(folder .. "/a.csv"), ml.data.csv(folder .. "/b.csv") }
    local table_, problems = source:table { declared = { types = { x = "number" } } }
    local cleaned = require "moonlab.data.cleaning".run(table_, problems,
      { columns = { x = ml.data.number() }, invalid = "quarantine", duplicates = { action = "keep" }, name = "both" })
    lu.assertEquals(cleaned.quarantine.source_row:to_list(), { 4 })
    lu.assertEquals(cleaned.quarantine.source:to_list(), { "b.csv" })
    lu.assertEquals(cleaned.quarantine.reason:to_list(), { "x: is not a number, as 'four' in line 3" })
  end)
end

-- Rows that are set aside keep the spelling of their file: of ignored columns, of values that did not parse, of what else stands in the row.
function TestTabular:test_rows_that_are_set_aside_stand_as_they_are_written_in_their_files()
  local TRAIN = [[
local ml = require "moonlab"
local data = ml.data
return ml.recipe { name = "aside", task = "regression", model = ml.nn.Linear(1), %s features = { ml.features.standardize() },
  data = { source = %s, target = "y", columns = { x = data.number { max = 100 }, y = data.number(), told = data.ignore(), day = data.ignore() } },
  train = { epochs = 1, optimizer = ml.optim.adam {} } }
]]
  local function rows(first, faults)
    local lines = { "told,x,day,y" }
    for i = first, first + 19 do lines[#lines + 1] = faults[i] or ("%s,%d,%d,%d"):format(i % 2 == 0 and "no" or "yes", i, i, i) end
    return table.concat(lines, "\n") .. "\n"
  end
  support.with_folder(function(folder)
    local runs = 0
    local function aside(source, split)
      runs = runs + 1
      synthetic.write_file(folder .. "/r.lua", TRAIN:format(split or "split = { valid = 0.2, test = 0.2 },", source))
      local status, _, err = synthetic.run(folder, "run r.lua --out out" .. runs)
      lu.assertEquals(status, 0, err)
      return synthetic.read_file(("%s/out%d/quarantine.csv"):format(folder, runs))
    end
    synthetic.write_file(folder .. "/a.csv", rows(1, { [3] = "No,abc,07,3", [5] = "NO,5e2,,0.50" }))
    synthetic.write_file(folder .. "/b.csv", rows(21, { [22] = 'no,"1,5",22,7' }))
    synthetic.write_file(folder .. "/rows.jsonl", '{"told": "no", "x": "abc", "day": 1, "y": 1.50}\n' .. ('{"told": "no", "x": 1, "day": 1, "y": 1}\n'):rep(19))
    local of_a = { "3,\"x: is not a number, as 'abc' in line 4\",No,abc,07,3", "5,x: above 100,NO,5e2,,0.50" }
    lu.assertEquals(aside 'data.csv "a.csv"', "source_row,reason,told,x,day,y\n" .. table.concat(of_a, "\n") .. "\n")
    local of_b = "22,\"x: is not a number, as '1,5' in line 3\",no,\"1,5\",22,7"
    lu.assertEquals(aside('data.parts { train = data.csv "a.csv", test = data.csv "b.csv" }', 'split = { by = "part" },'),
      ("source_row,reason,told,x,day,y,part\n%s,train\n%s,train\n%s,test\n"):format(of_a[1], of_a[2], of_b))
    lu.assertEquals(aside 'data.concat { data.csv "a.csv", data.csv "b.csv" }',
      ("source_row,reason,told,x,day,y,source\n%s,a.csv\n%s,a.csv\n%s,b.csv\n"):format(of_a[1], of_a[2], of_b))
    lu.assertEquals(aside 'data.jsonl "rows.jsonl"', "source_row,reason,told,x,day,y\n1,\"x: is not a number, as 'abc' in line 1\",no,abc,1,1.50\n")
  end)
end

function TestTabular:test_a_comment_in_front_of_the_header_is_told()
  with(BINARY, function(folder, run)
    synthetic.write_file(folder .. "/rows.csv", "# from the shop\n" .. csv())
    lu.assertStrContains(run("check r.lua").err, "line 1 begins with '#': if it is a comment, say comment = \"#\"")
  end)
end

function TestTabular:test_mistakes_are_named_with_the_line_of_the_recipe()
  local function message(change, find)
    with(BINARY, function(folder, run)
      synthetic.write_file(folder .. "/r.lua", (RECIPE:format(table.unpack(BINARY)):gsub(find, change)))
      local r = run "check r.lua"
      lu.assertEquals(r.status, 3, r.out)
      message = r.err
    end)
    return message
  end
  local say = message
  lu.assertStrContains(say('target = "lfet"', 'target = "left"'), "r.lua:5: rows.csv: unknown column 'lfet'; did you mean 'left'?")
  message = say
  lu.assertStrContains(say('positive = "ja"', 'positive = "yes"'), "r.lua:5: 'left' has the values no and yes, not 'ja'")
  lu.assertStrContains(say('target = "plan"', 'target = "left"'), "r.lua:5: 'plan' has 3 different values, a binary task has two: basic, plus, pro")
  lu.assertStrContains(say("return c.agee", "return c.age"), "unknown column 'agee'; did you mean 'age'?")
  lu.assertStrContains(say("return c.age == 3", "return [^%s]+ %+ c.spend"), "the derived value 'both' is the boolean false, not a column")
end

function TestTabular:test_fields_of_tables_are_refused_for_other_sources()
  support.with_folder(function(folder)
    synthetic.write_file(folder .. "/r.lua", [[
local ml = require "moonlab"
return ml.recipe { name = "a", task = "regression", model = ml.nn.Linear(1),
  data = { source = ml.data.tensors { x = ml.randn(10, 2), y = ml.randn(10, 1) }, target = "y" },
  train = { optimizer = ml.optim.adam { lr = 0.1 } } }
]])
    local status, _, err = synthetic.run(folder, "run r.lua")
    lu.assertEquals(status, 1)
    lu.assertStrContains(err, "r.lua:3: 'data.target' names a column; this source is no table")
  end)
end
