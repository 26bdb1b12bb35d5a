-- Profiles: what pandas and scipy say of the same table, what is remarkable, and what real files are known for.

local ml = require "moonlab"
local lu = require "luaunit"
local core = require "moonlab.core"
local json = require "moonlab.json"
local xml = require "xml"
local support = require "support"
local synthetic = require "synthetic"
local relations = require "moonlab.profile.relations"
local fixture = dofile "tests/fixtures/profile.lua"
local data = ml.data

local DATA = os.getenv "MOONLAB_DATA"
local NONE = data.missing

local function column(profile, name)
  for _, one in ipairs(profile.columns) do
    if one.name == name then return one end
  end
end

-- The finding of a kind about a column, or about rows.
local function finding(profile, kind, name)
  for _, one in ipairs(profile.findings) do
    if one.kind == kind and one.column == name then return one end
  end
end

local function rows_of(profile, kind, name)
  local one = finding(profile, kind, name)
  return one and one.rows
end

local function as_tensor(rows) return core.tensor(rows, { dtype = "float64" }) end

local function sequence(n, f)
  local list = {}
  for i = 1, n do list[i] = f(i) end
  return list
end

TestProfileNumbers = {}

function TestProfileNumbers:test_statistics_are_those_of_pandas()
  local profile = data.table(fixture.columns):profile()
  for _, name in ipairs { "a", "b", "c" } do
    local one = column(profile, name)
    lu.assertEquals(one.count, fixture[name].count)
    lu.assertEquals(one.missing, 60 - fixture[name].count)
    for _, statistic in ipairs { "mean", "std", "min", "q25", "median", "q75", "max" } do
      lu.assertAlmostEquals(one[statistic], fixture[name][statistic], 1e-12, name .. "." .. statistic)
    end
  end
end

function TestProfileNumbers:test_correlations_are_those_of_pandas()
  local of = data.table(fixture.columns):profile().relations.numeric
  lu.assertEquals(of.names, { "a", "b", "c" })
  support.close(as_tensor(of.pearson), fixture.pearson, 1e-12)
  local whole = data.table { { "a", fixture.whole_a }, { "b", fixture.columns[2][2] }, { "c", fixture.whole_c } }
  support.close(as_tensor(whole:profile().relations.numeric.spearman), fixture.spearman, 1e-12)
end

function TestProfileNumbers:test_associations_are_those_of_scipy()
  local of = data.table(fixture.columns):profile().relations.mixed
  lu.assertEquals(of.names, { "a", "b", "c", "city", "kind" })
  lu.assertAlmostEquals(of.rows[4][5], fixture.cramers_v, 1e-12)
  lu.assertAlmostEquals(of.rows[2][4], fixture.ratio, 1e-12)
  lu.assertAlmostEquals(of.rows[1][3], math.abs(fixture.pearson[1][3]), 1e-12)
end

function TestProfileNumbers:test_duplicates_are_those_of_pandas()
  lu.assertEquals(data.table(fixture.columns):profile().duplicates.rows, fixture.duplicates)
end

function TestProfileNumbers:test_a_constant_column_has_no_correlation()
  local r = relations.pearson(as_tensor { { 1, 5 }, { 2, 5 }, { 3, 5 } })
  lu.assertEquals(r[1][1]:item(), 1.0)
  lu.assertTrue(r[1][2]:isnan():item())
end

function TestProfileNumbers:test_large_numbers_far_from_zero_correlate()
  local r = relations.pearson(as_tensor { { 1e300, 1e12 + 1 }, { 2e300, 1e12 + 2 }, { 3e300, 1e12 + 3 } })
  lu.assertAlmostEquals(r[1][2]:item(), 1, 1e-6)
end

function TestProfileNumbers:test_the_error_of_quantiles_that_the_page_states_is_that_of_so_many_columns()
  local function stated(columns)
    local t = {}
    for k = 1, columns do t["c" .. k] = sequence(60, function(i) return i * k end) end
    return data.table(t):profile({ sample = 20 }):html():match "quantiles within ([%d.]+) %%"
  end
  lu.assertEquals({ stated(2), stated(250) }, { "0.1", "0.2" })
end

function TestProfileNumbers:test_the_histogram_counts_every_value_once()
  local one = column(data.table { x = ml.randn(5000, { key = 1 }) }:profile(), "x")
  local sum = one.histogram.outside
  for _, n in ipairs(one.histogram.counts) do sum = sum + n end
  lu.assertEquals(sum, 5000)
end

function TestProfileNumbers:test_whole_numbers_have_a_bin_each()
  lu.assertEquals(column(data.table { x = { 1, 3, 3, 4 } }:profile(), "x").histogram.counts, { 1, 0, 2, 1 })
end

function TestProfileNumbers:test_frequent_values_come_in_order()
  local one = column(data.table { x = { "b", "a", "c", "c", NONE } }:profile(), "x")
  lu.assertEquals(one.top, { { value = "c", count = 2 }, { value = "a", count = 1 }, { value = "b", count = 1 } })
end

function TestProfileNumbers:test_pieces_of_a_file_tell_what_the_table_tells()
  support.with_folder(function(folder)
    local t = data.table { { "x", ml.randn(3000, { key = 3 }) }, { "k", ml.randint(1, 5, { 3000 }, { key = 4 }) } }
    t:write_csv(folder .. "/t.csv")
    local source = data.csv(folder .. "/t.csv")
    local whole = source:profile { now = 0 }:json()
    local pieces = source.pieces
    function source:pieces() return pieces(self, 97) end
    lu.assertEquals(source:profile { now = 0 }:json(), whole)
  end)
end

-- Bytes that the profile of a file of so many blocks takes, and how large the file is.
local function memory_for(folder, block, blocks)
  local path = folder .. "/large.csv"
  local file = assert(io.open(path, "wb"))
  file:write "n,word,value\n"
  for _ = 1, blocks do file:write(block) end
  local size = file:seek "end"
  file:close()
  collectgarbage()
  collectgarbage()
  local before = core.memory().live
  core.reset_peak()
  local profile = data.csv(path):profile { sample = 100 }
  lu.assertEquals({ profile.rows, column(profile, "n").distinct }, { 2000 * blocks, 2000 })
  return core.memory().peak - before, size
end

function TestProfileNumbers:test_memory_does_not_grow_with_the_file()
  local lines = {}
  for i = 1, 2000 do lines[i] = ("%d,%s,%d.%03d\n"):format(i, ("w"):rep(i % 90 + 300), i % 100, i) end
  local block = table.concat(lines)
  support.with_folder(function(folder)
    local small = memory_for(folder, block, 40)
    local large, size = memory_for(folder, block, 120)
    lu.assertTrue(large < 1.1 * small and 3 * large < size, ("%d bytes for a third, %d for all of a file of %d"):format(small, large, size))
  end)
end

TestProfileFindings = {}

function TestProfileFindings:test_constant_empty_and_id_columns()
  local profile = data.table { { "same", sequence(40, function() return "x" end) }, { "key", sequence(40, function(i) return ("k%d"):format(i * 7) end) },
    { "none", sequence(40, function() return NONE end) } }:profile()
  lu.assertEquals(finding(profile, "constant", "same").text, "always x")
  lu.assertEquals(finding(profile, "id", "key").text, "all 40 values are different, as those of an id")
  lu.assertEquals(rows_of(profile, "empty", "none"), 40)
end

function TestProfileFindings:test_columns_that_say_the_same()
  local profile = data.table { { "a", { 1, 2, 2, 3, 1 } }, { "b", { 1, 2, 2, 3, 1 } }, { "c", { "x", "y", "y", "z", "x" } }, { "d", { 1, 1, 2, 3, 1 } } }:profile()
  lu.assertEquals(profile.equal_columns, { { "a", "b", equal = true }, { "a", "c" } })
end

function TestProfileFindings:test_a_value_that_piles_up()
  local profile = data.table { x = sequence(2000, function(i) return math.min(i % 997 + 0.5, 900.5) end) }:profile()
  lu.assertEquals(finding(profile, "pile", "x").text, "194 values (9.7 %) are 900.5, the largest: capped?")
end

function TestProfileFindings:test_a_smooth_column_does_not_pile_up()
  lu.assertNil(finding(data.table { x = ml.randn(5000, { key = 5 }) }:profile(), "pile", "x"))
end

function TestProfileFindings:test_dates_in_the_future()
  local t = data.table { when = data.table { s = { "2020-01-01", "2031-05-06" } }.s:time() }
  lu.assertEquals(finding(t:profile { now = 1.6e9 }, "future", "when").text, "dates up to 2031-05-06 lie in the future")
  lu.assertNil(finding(t:profile { now = 2e9 }, "future", "when"))
end

function TestProfileFindings:test_near_duplicates()
  local profile = data.table { { "city", { "Bern", "bern ", "Rome", "Rome" } }, { "x", { 1.2341, 1.2342, 5.0, 5.0 } } }:profile()
  lu.assertEquals({ profile.duplicates.rows, profile.duplicates.near }, { 1, 1 })
end

function TestProfileFindings:test_an_id_does_not_count_when_rows_are_compared()
  local t = data.table { { "id", { 1, 2, 3 } }, { "x", { 7, 7, 8 } } }
  lu.assertEquals({ t:profile().duplicates.rows, t:profile { id = "id" }.duplicates.rows }, { 0, 1 })
end

function TestProfileFindings:test_outliers()
  local values = sequence(200, function(i) return i % 50 + 0.25 end)
  values[10], values[20] = 1000.0, -1000.0
  lu.assertEquals(rows_of(data.table { x = values }:profile(), "outliers", "x"), 2)
end

function TestProfileFindings:test_infinite_values()
  local one = data.table { x = { 1.5, math.huge, 2.5, -math.huge } }:profile()
  lu.assertEquals(rows_of(one, "infinite", "x"), 2)
  lu.assertEquals({ column(one, "x").min, column(one, "x").max }, { 1.5, 2.5 })
end

function TestProfileFindings:test_fences_that_meet_are_not_told()
  local values = sequence(400, function(i) return i > 360 and i * 1.0 or 0.0 end)
  values[400] = 5000.0
  lu.assertEquals(finding(data.table { x = values }:profile(), "outliers", "x").text, "1 value beyond three standard deviations, most are 0")
end

-- The profile of a file with these lines.
local function of_lines(lines, o)
  local profile
  support.with_folder(function(folder)
    synthetic.write_file(folder .. "/t.csv", table.concat(lines, "\n") .. "\n")
    profile = data.csv(folder .. "/t.csv"):profile(o)
  end)
  return profile
end

function TestProfileFindings:test_one_word_among_numbers_is_told()
  local lines = sequence(40, function(i) return ("%d,w%d"):format(i, i) end)
  table.insert(lines, 1, "age,name")
  lines[7] = "old,w6"
  local p = of_lines(lines)
  lu.assertEquals(finding(p, "mixed", "age").text, "text, though 39 of 40 values are numbers: 'old' in line 7 is not")
  lu.assertNil(finding(p, "mixed", "name"))
  local reading = require "moonlab.profile.reading".of { columns = { { name = "id", rows = 2, missing = 0, other = { count = 2, most = "number",
    first = { line = 2, text = "9223372036854775808" }, why = "a whole number that 64 bits do not hold" } } } }
  lu.assertEquals(reading.mixed[1].why, "a whole number that 64 bits do not hold")
end

function TestProfileFindings:test_a_column_that_is_not_read_is_told()
  local p = data.parquet("tests/fixtures/parquet/nested.parquet"):profile()
  lu.assertStrContains(finding(p, "left out", "tags.list.element").text, "is not read: it is part of a list or map")
end

TestProfileTarget = {}

local function with_leak()
  local n = 500
  local y = ml.randint(0, 1, { n }, { key = 11 }):tolist()
  return data.table { { "y", y }, { "told", sequence(n, function(i) return y[i] * 10.0 + i % 7 end) }, { "noise", ml.randn(n, { key = 12 }) } }
end

function TestProfileTarget:test_a_column_that_tells_the_target_is_a_leak()
  local profile = with_leak():profile { target = "y" }
  lu.assertEquals(finding(profile, "leak", "told").text:match "^tells 'y' alone %(AUC 1.0000", "tells 'y' alone (AUC 1.0000")
  lu.assertNil(finding(profile, "leak", "noise"))
  for _, one in ipairs(profile.target.features) do
    if one.name == "noise" then lu.assertTrue(math.abs(one.score - 0.5) < 0.08) end
  end
end

function TestProfileTarget:test_its_own_values_are_counted_too()
  local p = data.table { { "y", { "b", "a", "b", "b" } }, { "x", { 1, 2, 3, 4 } } }:profile { target = "y" }
  lu.assertEquals(column(p, "y").top, { { value = "b", count = 3 }, { value = "a", count = 1 } })
  lu.assertEquals(p.target.classes, { { name = "b", count = 3 }, { name = "a", count = 1 } })
end

function TestProfileTarget:test_an_id_that_is_text_tells_nothing_of_rows_held_out()
  local t = data.table { { "y", sequence(80, function(i) return i % 2 end) }, { "key", sequence(80, function(i) return "k" .. i end) } }
  lu.assertAlmostEquals(t:profile { target = "y" }.target.features[1].score, 0.5, 1e-12)
end

function TestProfileTarget:test_a_number_is_told_by_its_own_square()
  local x = ml.randn(2000, { key = 13 })
  local profile = data.table { { "y", x:double():square() }, { "x", x }, { "z", ml.randn(2000, { key = 14 }) } }:profile { target = "y" }
  local scores = {}
  for _, one in ipairs(profile.target.features) do scores[one.name] = one.score end
  lu.assertEquals(profile.target.measure, "R²")
  lu.assertTrue(scores.x > 0.8 and scores.x < 1)
  lu.assertTrue(math.abs(scores.z) < 0.05)
end

-- The classes a little apart.
local function apart(x, y)
  local rows = x:tolist()
  for i, row in ipairs(rows) do
    local by = y[i] == "yes" and 1 or -1
    rows[i] = { row[1] + by, row[2] + by }
  end
  return core.tensor(rows)
end

function TestProfileTarget:test_wrong_labels_come_first()
  local y, x = {}, ml.randn({ 600, 2 }, { key = 15 })
  for i, row in ipairs(x:tolist()) do y[i] = row[1] + row[2] > 0 and "yes" or "no" end
  x = apart(x, y)
  local wrong = { 17, 230, 599 }
  for _, i in ipairs(wrong) do y[i] = y[i] == "yes" and "no" or "yes" end
  local profile = data.table { { "y", y }, { "a", x:select(2, 1) }, { "b", x:select(2, 2) } }:profile { target = "y" }
  local found = {}
  for i = 1, 3 do found[i] = profile.mislabels.rows[i].row end
  table.sort(found)
  lu.assertEquals(found, wrong)
  lu.assertEquals(rows_of(profile, "mislabels", "y"), 3)
end

function TestProfileTarget:test_equal_rows_of_different_classes()
  local t = data.table { { "x", { 1, 1, 2, 2, 3 } }, { "y", { "a", "b", "a", "a", "b" } } }
  lu.assertEquals(rows_of(t:profile { target = "y" }, "conflicts", "y"), 1)
end

function TestProfileTarget:test_an_unknown_target_is_an_error_with_the_nearest_name()
  support.fails("profile: target: unknown column 'prize'; did you mean 'price'?", function()
    local profile = data.table { price = { 1, 2 } }:profile { target = "prize" }
    return profile
  end)
end

TestProfileForms = {}

local HOSTILE = '<script>alert("1")</script>&\'\27[31m'

local function hostile()
  return data.table { { HOSTILE, { HOSTILE, "b", HOSTILE, NONE } }, { "y", { "<b>", "x", "<b>", "x" } }, { "n", { 1, 2, 3, 4.5 } } }
end

function TestProfileForms:test_names_and_values_are_escaped()
  local page = hostile():profile { target = "y" }:html()
  lu.assertNil(page:find("<script", 1, true))
  lu.assertNil(page:find("<b>", 1, true))
  lu.assertNil(page:find("\27", 1, true))
  lu.assertNotNil(page:find("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;", 1, true))
  lu.assertNil(hostile():profile():text { width = 80 }:find("\27", 1, true))
end

function TestProfileForms:test_the_page_needs_nothing_besides()
  local page = with_leak():profile { target = "y" }:html()
  for _, word in ipairs { "<script", "src=", "@import", "url(", "<link", "javascript:" } do lu.assertNil(page:find(word, 1, true), word) end
  local rest = page:gsub('xmlns="http://www.w3.org/2000/svg"', "")
  lu.assertNil(rest:find("http", 1, true))
end

function TestProfileForms:test_the_plots_of_the_page_are_well_formed()
  local count = 0
  for svg in with_leak():profile { target = "y" }:html():gmatch "<svg.-</svg>" do
    xml.parse(svg)
    count = count + 1
  end
  lu.assertTrue(count > 5)
end

function TestProfileForms:test_lines_keep_to_the_width()
  local letters = require "moonlab.plot.text"
  for _, width in ipairs { 40, 80, 120 } do
    for line in hostile():profile { target = "y" }:text { width = width }:gmatch "[^\n]+" do lu.assertTrue(letters.width(line) <= width, line) end
  end
end

function TestProfileForms:test_ascii_where_there_is_no_more()
  lu.assertNil(with_leak():profile { target = "y" }:text { width = 80, utf8 = false }:find "[\x80-\xFF]")
end

function TestProfileForms:test_json_holds_what_was_found()
  local read = json.decode(hostile():profile { target = "y" }:json())
  lu.assertEquals({ read.rows, read.kind, #read.columns, read.columns[1].name, read.columns[1].missing }, { 4, "table", 3, HOSTILE, 1 })
end

function TestProfileForms:test_the_same_rows_give_the_same_bytes()
  local function once(threads)
    core.threads(threads)
    local p = with_leak():profile { target = "y", now = 0 }
    return p:html() .. p:json() .. p:text { width = 90, utf8 = true }
  end
  local threads = core.threads()
  local one, two = once(1), once(2)
  core.threads(threads)
  lu.assertEquals(one, two)
end

function TestProfileForms:test_tables_with_next_to_nothing_in_them()
  local tables = { data.table { x = {} }, data.table { x = { 1 } }, data.table { x = { NONE, NONE } }, data.table { x = { "a" }, y = { true } },
    data.table { x = { math.huge } }, data.table { x = { NONE, NONE }, y = { "a", "b" } }, data.table {} }
  for _, t in ipairs(tables) do
    for _, target in ipairs { false, "x" } do
      if not target or t:has(target) then
        local p = t:profile { target = target or nil }
        lu.assertEquals(p.rows, #t)
        lu.assertStrContains(p:html(), "</html>")
        lu.assertStrContains(p:text { width = 60 }, "Findings")
        json.decode(p:json())
      end
    end
  end
end

function TestProfileForms:test_a_name_that_ends_otherwise_is_refused()
  support.fails("profile:save: 'page.pdf' must end in .html or .json", function() data.table { x = { 1 } }:profile():save "page.pdf" end)
end

TestProfilePictures = {}

function TestProfilePictures:test_equal_pictures_and_their_labels()
  local x = ml.rand(20, 1, 6, 6, { key = 20 })
  x[5], x[9] = x[2], x[3]
  local y = {}
  for i = 1, 20 do y[i] = i % 2 + 1 end
  y[5], y[9] = y[2], 3 - y[3]
  local p = data.tensors { x = x, y = core.tensor(y), classes = { "cat", "dog" } }:profile()
  lu.assertEquals({ p.duplicates.rows, p.conflicts, p.rows }, { 2, 1, 20 })
  lu.assertEquals(p.sizes, { { size = "1 x 6 x 6", count = 20 } })
  lu.assertStrContains(p:html(), "data:image/png;base64,")
end

function TestProfilePictures:test_pictures_of_two_parts()
  local x = ml.rand(10, 1, 6, 6, { key = 21 })
  local y = core.ones(10, { dtype = "int64" })
  local sets = { { name = "train", set = data.tensors { x = x, y = y } }, { name = "test", set = data.tensors { x = x:slice(1, 8, 10):contiguous(), y = y:slice(1, 1, 3):contiguous() } } }
  local p = require "moonlab.profile".of_sets("both", nil, sets)
  lu.assertEquals(finding(p, "shared").text, "3 pictures of test are also in train")
end

-- Pictures of large soft spots, each another; and one of them saved again: darker, with a little noise.
local function spots(n, key) return ml.nn.interpolate(ml.rand(n, 3, 5, 5, { key = key }), { size = { 32, 32 }, mode = "bilinear" }) end
local function again(x, key) return x * 0.8 + 0.1 + ml.randn(3, 32, 32, { key = key }) * 0.01 end

function TestProfilePictures:test_nearly_equal_pictures_are_told_and_named()
  local x = spots(30, 31)
  x[20], x[30], x[25] = again(x[3], 32), again(x[4], 33), x[5]
  x[10], x[11] = ml.full({ 3, 32, 32 }, 0.2), ml.full({ 3, 32, 32 }, 0.7) -- of one colour: nothing to compare
  local y = core.ones(30, { dtype = "int64" })
  y[30] = 2
  local p = data.tensors { x = x, y = y, classes = { "cat", "dog" } }:profile()
  lu.assertEquals({ p.alike.rows, p.alike.of, p.alike.conflicts, p.duplicates.rows }, { 2, 30, 1, 1 })
  lu.assertEquals(p.alike.pairs, { { part = "all", row = 3, other_part = "all", other_row = 20 }, { part = "all", row = 4, other_part = "all", other_row = 30 } })
  lu.assertEquals(finding(p, "near duplicates").text, "2 pictures are nearly the same as one before, 1 pair of two classes")
  for _, form in ipairs { p:text { width = 80 }, p:html() } do lu.assertStrContains(form, "Pictures that are nearly the same") end
end

function TestProfilePictures:test_nearly_equal_pictures_of_two_parts_are_suspected()
  local x, y = spots(12, 34), core.ones(12, { dtype = "int64" })
  x[11], x[12] = again(x[2], 35), again(x[2], 36)
  local function part(from, to) return data.tensors { x = x:slice(1, from, to):contiguous(), y = y:slice(1, from, to):contiguous() } end
  local p = require "moonlab.profile".of_sets("both", nil, { { name = "train", set = part(1, 9) }, { name = "test", set = part(10, 12) } })
  lu.assertEquals(finding(p, "shared").text, "2 pictures of test are also in train, nearly the same")
end

function TestProfilePictures:test_noise_is_like_no_other_noise()
  lu.assertEquals(data.tensors { x = ml.rand(300, 1, 16, 16, { key = 37 }), y = core.ones(300, { dtype = "int64" }) }:profile().alike.rows, 0)
end

TestProfileRealData = {}

local function file(name, options)
  if not DATA then lu.skip "MOONLAB_DATA is not set" end
  local path = DATA .. "/" .. name
  if not require("moonlab.vm").exists(path) then lu.skip("MOONLAB_DATA has no " .. name) end
  return data.csv(path, options)
end

function TestProfileRealData:test_titanic()
  local p = file "tabular/titanic.csv":profile { target = "Survived" }
  lu.assertEquals({ p.rows, column(p, "Age").missing, column(p, "Cabin").missing, column(p, "Embarked").missing }, { 891, 177, 687, 2 })
  lu.assertEquals(p.target.features[1].name, "Sex")
end

function TestProfileRealData:test_adult()
  local p = file "tabular/adult.data":profile()
  lu.assertEquals({ p.rows, p.duplicates.rows, column(p, "column_2").missing, column(p, "column_14").missing }, { 32561, 24, 1836, 583 })
  lu.assertNotNil(finding(p, "linked columns", "column_5"))
end

function TestProfileRealData:test_wines()
  lu.assertEquals(file "tabular/winequality-red.csv":profile().duplicates.rows, 240)
  lu.assertEquals(file "tabular/winequality-white.csv":profile().duplicates.rows, 937)
end

function TestProfileRealData:test_california_housing()
  local p = file "tabular/california_housing.csv":profile()
  lu.assertEquals({ column(p, "total_bedrooms").missing, rows_of(p, "pile", "median_house_value") }, { 207, 965 })
end

function TestProfileRealData:test_breast_cancer()
  local p = file "tabular/breast-cancer-wisconsin.data":profile()
  lu.assertEquals({ p.duplicates.rows, column(p, "column_1").distinct, column(p, "column_7").missing }, { 8, 645, 16 })
end

function TestProfileRealData:test_flowers_that_are_there_twice()
  if not DATA or not require("moonlab.vm").exists(DATA .. "/flowers5") then lu.skip "MOONLAB_DATA has no flowers5" end
  local p = data.folder(DATA .. "/flowers5", { size = { 32, 32 } }):profile()
  lu.assertEquals({ p.duplicates.rows, p.conflicts, p.alike.rows }, { 6, 4, 8 })
  lu.assertStrContains(p.alike.pairs[1].file, "daisy/10466290366_cc72e33532.jpg")
end

function TestProfileRealData:test_messages()
  local p = file("text/SMSSpamCollection", { separator = "\t", quote = false, header = false, trim = false }):profile()
  lu.assertEquals({ p.rows, p.duplicates.rows }, { 5574, 403 })
end
