-- Cuts into parts: by chance, by class, by group, by time, by a column.

local ml = require "moonlab"
local lu = require "luaunit"
local core = require "moonlab.core"
local support = require "support"
local data, split = ml.data, ml.split

local function union_of(...)
  local all = {}
  for _, rows in ipairs { ... } do table.move(rows:tolist(), 1, #rows, #all + 1, all) end
  table.sort(all)
  return all
end

-- The values of a list at rows, as a set: value -> how many rows.
local function tally(list, rows)
  local counts = {}
  for _, row in ipairs(rows:tolist()) do counts[list[row]] = (counts[list[row]] or 0) + 1 end
  return counts
end

local function assert_disjoint(a, b)
  for value in pairs(a) do lu.assertNil(b[value], "straddles: " .. tostring(value)) end
end

-- Lists of n values that a key decides: from 1 to `to`.
local function drawn(n, to, key) return ml.randint(1, to, { n }, { key = key }):tolist() end

TestSplitPinned = {}

local SQUARES = {}
for i = 1, 40 do SQUARES[i] = i * i % 3 + 1 end

-- Runs of earlier versions are cut in the same places.
function TestSplitPinned:test_cuts_by_chance_stay_where_they_were()
  local _, cut = split.random(30, 0.2, 7)
  lu.assertEquals(cut:tolist(), { 6, 10, 15, 17, 22, 25 })
  _, cut = split.stratified(ml.tensor(SQUARES), 0.25, 11)
  lu.assertEquals(cut:tolist(), { 1, 4, 6, 13, 27, 29, 31, 32, 33, 34 })
end

function TestSplitPinned:test_parts_stay_where_they_were()
  local set = data.tensors { x = ml.zeros(40, 1), y = ml.tensor(SQUARES) }
  local parts = split.parts(set, { valid = 0.2, test = 0.15, stratify = true, seed = 5 })
  lu.assertEquals(parts.valid.chosen:tolist(), { 1, 6, 13, 15, 16, 22, 27, 31 })
  lu.assertEquals(parts.test.chosen:tolist(), { 4, 10, 24, 26, 30, 35 })
  parts = split.parts(set, { valid = 0.2, test = 0.15, seed = 5 })
  lu.assertEquals(parts.valid.chosen:tolist(), { 1, 13, 15, 16, 22, 27, 31, 40 })
  lu.assertEquals(parts.test.chosen:tolist(), { 4, 10, 24, 26, 30, 35 })
end

function TestSplitPinned:test_labels_as_words_cut_where_their_numbers_do()
  local words = {}
  for i, class in ipairs(SQUARES) do words[i] = ({ "ant", "bee" })[class] end
  local set = data.tensors { x = ml.zeros(40, 1) }
  local a = split.parts(set, { test = 0.15, stratify = words, seed = 5 }).test
  local b = split.parts(set, { test = 0.15, stratify = ml.tensor(SQUARES), seed = 5 }).test
  lu.assertTrue(a.chosen:equal(b.chosen))
end

TestSplitGrouped = {}

function TestSplitGrouped:test_no_group_is_on_both_sides_and_no_row_is_lost()
  for key = 1, 30 do
    local groups = drawn(100, 17, key)
    local kept, cut = split.grouped(groups, 0.3, key)
    assert_disjoint(tally(groups, kept), tally(groups, cut))
    lu.assertEquals(union_of(kept, cut), ml.arange(1, 100):tolist())
  end
end

function TestSplitGrouped:test_the_part_is_as_large_as_groups_allow()
  for key = 1, 30 do
    local _, cut = split.grouped(drawn(1000, 100, key), 0.3, key)
    lu.assertAlmostEquals(#cut, 300, 12)
  end
end

function TestSplitGrouped:test_one_group_stays_and_one_is_cut_whatever_their_sizes()
  for key = 1, 10 do
    for _, fraction in ipairs { 0.01, 0.5, 0.99 } do
      local kept, cut = split.grouped({ 1, 1, 1, 1, 1, 1, 1, 1, 2, 2 }, fraction, key)
      lu.assertTrue(#kept > 0 and #cut > 0)
    end
  end
end

function TestSplitGrouped:test_depends_on_the_key_alone()
  local groups = drawn(60, 20, 1)
  local _, a = split.grouped(groups, 0.3, 7)
  local _, b = split.grouped(ml.tensor(groups), 0.3, 7)
  local _, c = split.grouped(groups, 0.3, 8)
  lu.assertEquals({ a:equal(b), a:equal(c) }, { true, false })
end

-- Each group has mostly one class: what a cut by groups alone would miss.
local function uneven()
  local groups, labels = {}, {}
  for g = 1, 60 do
    for i = 1, 5 + g % 7 do
      groups[#groups + 1] = g
      labels[#labels + 1] = i == 1 and g % 3 + 1 or g % 10 < 7 and 1 or g % 10 < 9 and 2 or 3
    end
  end
  return groups, labels
end

function TestSplitGrouped:test_with_labels_each_class_is_cut_by_its_share()
  local groups, labels = uneven()
  local all = tally(labels, ml.arange(1, #labels))
  for key = 1, 10 do
    local kept, cut = split.grouped(groups, 0.25, key, labels)
    assert_disjoint(tally(groups, kept), tally(groups, cut))
    local counts = tally(labels, cut)
    for class = 1, 3 do lu.assertAlmostEquals(counts[class] / all[class], 0.25, 0.06) end
  end
end

function TestSplitGrouped:test_a_single_group_can_not_be_cut()
  support.fails("split.grouped: all 3 rows are of one group, which can't be cut in two",
    function() split.grouped({ "a", "a", "a" }, 0.5) end)
end

TestSplitByTime = {}

function TestSplitByTime:test_the_latest_rows_are_cut_off()
  local kept, cut = split.by_time(ml.tensor { 5, 1, 4, 2, 3 }, 0.4)
  lu.assertEquals({ kept:tolist(), cut:tolist() }, { { 2, 4, 5 }, { 1, 3 } })
end

function TestSplitByTime:test_no_time_is_on_both_sides_and_nothing_later_stays()
  for key = 1, 30 do
    local times = drawn(50, 9, key)
    local kept, cut = split.by_time(times, 0.3)
    local latest, earliest = 0, math.huge
    for _, row in ipairs(kept:tolist()) do latest = math.max(latest, times[row]) end
    for _, row in ipairs(cut:tolist()) do earliest = math.min(earliest, times[row]) end
    lu.assertTrue(latest < earliest)
    lu.assertEquals(#kept + #cut, 50)
  end
end

function TestSplitByTime:test_of_two_equally_near_times_the_later_one_is_cut_off()
  local _, cut = split.by_time({ 2021, 2022, 2022, 2023 }, 0.5)
  lu.assertEquals(cut:tolist(), { 4 })
end

function TestSplitByTime:test_texts_are_times_where_they_sort_as_times_do()
  local _, cut = split.by_time({ "2024-03-01", "2023-12-31", "2024-02-29" }, 0.3)
  lu.assertEquals(cut:tolist(), { 1 })
end

function TestSplitByTime:test_long_whole_numbers_are_told_apart()
  local ns = 1700000000000000000
  local _, cut = split.by_time({ ns + 2, ns + 1, ns + 3, ns }, 0.5)
  lu.assertEquals(cut:tolist(), { 1, 3 })
end

function TestSplitByTime:test_a_single_time_can_not_be_cut()
  support.fails("split.by_time: all rows have the time 7; none is later", function() split.by_time({ 7, 7, 7, 7 }, 0.5) end)
end

function TestSplitByTime:test_a_row_without_a_time_is_named()
  support.fails("split.by_time: row 2 has no value in times",
    function() split.by_time(ml.tensor { 1.0, 0 / 0, 2.0 }, 0.5) end)
  support.fails("split.by_time: times are numbers or texts as 2024-01-31, all of one kind; row 1 is 1, row 2 is '2'",
    function() split.by_time({ 1, "2" }, 0.5) end)
end

TestSplitBy = {}

function TestSplitBy:test_words_name_the_parts()
  local parts = split.by { "train", "test", "train", "valid" }
  lu.assertEquals({ parts.train:tolist(), parts.valid:tolist(), parts.test:tolist() }, { { 1, 3 }, { 4 }, { 2 } })
end

function TestSplitBy:test_values_are_given_parts_and_the_rest_trains()
  local parts = split.by(ml.tensor { 2021, 2024, 2022, 2023 }, { test = 2024, valid = { 2022, 2023 } })
  lu.assertEquals({ parts.train:tolist(), parts.valid:tolist(), parts.test:tolist() }, { { 1 }, { 3, 4 }, { 2 } })
end

function TestSplitBy:test_what_is_in_no_part_is_an_error()
  support.fails("split.by: row 2 says 'validation'; parts are 'train', 'valid' and 'test', or say which values they are: {test = 'validation'}",
    function() split.by { "train", "validation" } end)
  support.fails("split.by: row 2 has the value 3, which is in no part", function() split.by({ 1, 3 }, { train = 1, test = {} }) end)
  support.fails("split.by: no row has the value 2025 (test)", function() split.by({ 1, 3 }, { test = 2025 }) end)
  support.fails("split.by: 3 is in valid and in test", function() split.by({ 1, 3 }, { valid = 3, test = 3 }) end)
  support.fails("split.by: unknown part 'vaild'; did you mean 'valid'?", function() split.by({ 1, 3 }, { vaild = 3 }) end)
  support.fails("split.by: no row of 2 is left to train on", function() split.by { "test", "valid" } end)
end

TestSplitParts = {}

local function households()
  return data.tensors {
    x = ml.arange(1, 60):reshape { 60, 1 }, y = ml.tensor(drawn(60, 2, 1)), household = ml.tensor(drawn(60, 15, 2)),
    year = ml.tensor(drawn(60, 20, 3)) + 2000,
  }
end

function TestSplitParts:test_a_group_is_the_name_of_a_column()
  local set = households()
  local ids = set:column("household"):tolist()
  local parts = split.parts(set, { valid = 0.2, test = 0.2, group = "household", stratify = true, seed = 1 })
  lu.assertEquals(union_of(parts.train.chosen, parts.valid.chosen, parts.test.chosen), ml.arange(1, 60):tolist())
  local train, valid, test = tally(ids, parts.train.chosen), tally(ids, parts.valid.chosen), tally(ids, parts.test.chosen)
  assert_disjoint(train, valid)
  assert_disjoint(train, test)
  assert_disjoint(valid, test)
end

function TestSplitParts:test_in_time_training_comes_before_validation_and_that_before_the_test()
  local set = households()
  local parts = split.parts(set, { valid = 0.2, test = 0.2, time = "year" })
  local train, valid, test = parts.train:column "year", parts.valid:column "year", parts.test:column "year"
  lu.assertTrue(train:max():item() < valid:min():item() and valid:max():item() < test:min():item())
  lu.assertAlmostEquals(#parts.test, 12, 4)
  lu.assertAlmostEquals(#parts.valid, 12, 4)
end

function TestSplitParts:test_a_part_that_would_have_no_row_is_refused()
  local set = ml.data.tensors { x = ml.ones(1), y = ml.ones(1) }
  support.fails("split: test = 0.2 of 1 row is no row", function() split.parts(set, { test = 0.2 }) end)
end

function TestSplitParts:test_a_column_names_the_parts()
  local set = households()
  local last = set:column("year"):max():item()
  local parts = split.parts(set, { by = { column = "year", test = last } })
  lu.assertNil(parts.valid)
  lu.assertEquals(parts.test:column("year"):min():item(), last)
  lu.assertEquals(#parts.train + #parts.test, 60)
  local words = {}
  for i = 1, 60 do words[i] = i > 50 and "valid" or "train" end
  lu.assertEquals(#split.parts(set, { by = words }).valid, 10)
end

function TestSplitParts:test_parts_of_parts_have_columns()
  local part = households():part(ml.tensor { 5, 6, 7 }, "some")
  lu.assertEquals(part:column("x"):reshape({ -1 }):tolist(), { 5, 6, 7 })
  lu.assertEquals(part:part(ml.tensor { 3, 1 }):column("x"):reshape({ -1 }):tolist(), { 7, 5 })
end

function TestSplitParts:test_what_does_not_go_together_is_an_error()
  local set = households()
  support.fails("split: time and group can't be both given: the latest rows are held out, whatever their group",
    function() split.parts(set, { test = 0.2, time = "year", group = "household" }) end)
  support.fails("split: by and group can't be both given: the column says which part each row is in",
    function() split.parts(set, { by = "year", group = "household" }) end)
  support.fails("split: by names the parts, so that valid and test are no fractions: by = {column = 'year', valid = 2023, test = 2024}",
    function() split.parts(set, { by = "year", test = 0.1 }) end)
end

function TestSplitParts:test_values_that_do_not_fit_the_rows_are_an_error()
  local set = households()
  support.fails("split: group has 3 values for 60 rows", function() split.parts(set, { test = 0.2, group = { 1, 2, 3 } }) end)
  support.fails("split: group must be a tensor, a list or the name of a column, got 3", function() split.parts(set, { test = 0.2, group = 3 }) end)
  support.fails("split: group must have one value a row, got a tensor [60, 1]",
    function() split.parts(set, { test = 0.2, group = ml.zeros(60, 1) }) end)
  support.fails("tensors: unknown column 'yaer'; did you mean 'year'?", function() split.parts(set, { test = 0.2, time = "yaer" }) end)
end

function TestSplitParts:test_do_not_depend_on_threads()
  local set, before, chosen = households(), core.threads(), nil
  for _, threads in ipairs { 1, 2, 7 } do
    core.threads(threads)
    local part = split.parts(set, { test = 0.3, group = "household", stratify = true, seed = 4 }).test.chosen
    chosen = chosen or part
    lu.assertTrue(part:equal(chosen))
  end
  core.threads(before)
end
