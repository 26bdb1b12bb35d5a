-- Cross-validation: ml.kfold and its kin, against scikit-learn and by what they promise.

local ml = require "moonlab"
local lu = require "luaunit"
local core = require "moonlab.core"
local support = require "support"
local oracle = dofile "tests/fixtures/splits.lua"
local split = ml.split

local N = #oracle.labels

local function test_rows(folds)
  local out = {}
  for i, fold in ipairs(folds) do out[i] = fold.test:tolist() end
  return out
end

local function sizes(folds)
  local out = {}
  for i, fold in ipairs(folds) do out[i] = #fold.test end
  return out
end

local function spread(counts) return math.max(table.unpack(counts)) - math.min(table.unpack(counts)) end

-- Each row is tested exactly `times` times, and trains where it does not test.
local function assert_covers(folds, n, times)
  local tested = {}
  for i = 1, n do tested[i] = 0 end
  for _, fold in ipairs(folds) do
    local here = {}
    for _, row in ipairs(fold.test:tolist()) do tested[row], here[row] = tested[row] + 1, true end
    for _, row in ipairs(fold.train:tolist()) do
      lu.assertNil(here[row])
      here[row] = true
    end
    for row = 1, n do lu.assertTrue(here[row]) end
  end
  for row = 1, n do lu.assertEquals(tested[row], times, "row " .. row) end
end

local function assert_ascending(folds)
  for _, fold in ipairs(folds) do
    for _, rows in ipairs { fold.train, fold.test } do
      lu.assertEquals(rows.dtype, "int64")
      lu.assertTrue(#rows < 2 or rows:slice(1, 2, #rows):gt(rows:slice(1, 1, #rows - 1)):all():item())
    end
  end
end

local function assert_whole_groups(folds, groups)
  for _, fold in ipairs(folds) do
    local tested = {}
    for _, row in ipairs(fold.test:tolist()) do tested[groups[row]] = true end
    for _, row in ipairs(fold.train:tolist()) do lu.assertNil(tested[groups[row]]) end
  end
end

TestFoldsOracle = {}

function TestFoldsOracle:test_in_order_they_are_those_of_KFold()
  lu.assertEquals(test_rows(ml.kfold(5, { shuffle = false }):folds(N)), oracle.kfold)
end

function TestFoldsOracle:test_stratified_in_order_they_are_those_of_StratifiedKFold()
  lu.assertEquals(test_rows(ml.kfold(4, { shuffle = false, stratify = true }):folds(N, { labels = oracle.labels })), oracle.stratified)
end

function TestFoldsOracle:test_grouped_they_are_those_of_GroupKFold()
  lu.assertEquals(test_rows(ml.kfold(3, { shuffle = false, group = true }):folds(N, { groups = oracle.groups })), oracle.grouped)
end

function TestFoldsOracle:test_stratified_and_grouped_they_are_those_of_StratifiedGroupKFold()
  local folds = ml.kfold(4, { shuffle = false, group = true, stratify = true }):folds(N, { groups = oracle.many, labels = oracle.labels })
  lu.assertEquals(test_rows(folds), oracle.stratified_grouped)
end

function TestFoldsOracle:test_of_one_group_each_they_are_those_of_LeaveOneGroupOut()
  local folds = split.leave_one_group_out():folds(N, { groups = oracle.groups })
  lu.assertEquals(test_rows(folds), oracle.leave_one_group_out)
  lu.assertEquals(folds[3].group, 3)
end

function TestFoldsOracle:test_in_time_they_are_those_of_TimeSeriesSplit()
  for _, case in ipairs(oracle.time) do
    local folds = split.time_series_folds(case.k, { test = case.test, gap = case.gap, window = case.window }):folds(N)
    lu.assertEquals(#folds, case.k)
    for i, fold in ipairs(folds) do
      lu.assertEquals(fold.train:tolist(), ml.arange(table.unpack(case.folds[i][1])):tolist())
      lu.assertEquals(fold.test:tolist(), ml.arange(table.unpack(case.folds[i][2])):tolist())
    end
  end
end

TestKfold = {}

function TestKfold:test_tests_each_row_once_in_folds_of_nearly_one_size()
  for n = 7, 23 do
    local folds = ml.kfold(7, { seed = n }):folds(n)
    assert_covers(folds, n, 1)
    assert_ascending(folds)
    lu.assertTrue(spread(sizes(folds)) <= 1)
  end
end

function TestKfold:test_repeats_test_each_row_once_a_round_and_differ()
  local folds = ml.kfold(4, { repeats = 3, seed = 1 }):folds(30)
  lu.assertEquals(#folds, 12)
  assert_covers(folds, 30, 3)
  lu.assertEquals({ folds[4].round, folds[5].round }, { 1, 2 })
  lu.assertFalse(folds[1].test:equal(folds[5].test))
  lu.assertTrue(folds[1].test:equal(ml.kfold(4, { seed = 1 }):folds(30)[1].test))
end

function TestKfold:test_is_keyed_by_the_spec_s_seed_then_that_of_folds_then_the_program_s()
  local function first(o, given) return ml.kfold(4, o):folds(40, given)[1].test end
  lu.assertTrue(first({ seed = 3 }):equal(first({}, { seed = 3 })))
  lu.assertTrue(first({ seed = 3 }):equal(first({ seed = 3 }, { seed = 4 })))
  lu.assertFalse(first({ seed = 3 }):equal(first({ seed = 4 })))
  ml.manual_seed(3)
  local mine = first({})
  ml.manual_seed(0)
  lu.assertTrue(mine:equal(first({ seed = 3 })))
end

function TestKfold:test_stratified_has_each_class_within_one_row_in_each_fold()
  for seed = 1, 5 do
    local folds = ml.kfold(4, { stratify = true, seed = seed }):folds(N, { labels = oracle.labels })
    assert_covers(folds, N, 1)
    lu.assertTrue(spread(sizes(folds)) <= 1)
    for class = 1, 3 do
      local counts = {}
      for i, fold in ipairs(folds) do
        counts[i] = ml.tensor(oracle.labels):index_select(1, fold.test):eq(class):sum():item()
      end
      lu.assertTrue(spread(counts) <= 1)
    end
  end
end

function TestKfold:test_stratified_takes_the_labels_of_the_set_or_a_column()
  local set = ml.data.tensors { x = ml.zeros(N, 1), y = ml.tensor(oracle.labels), other = ml.tensor(oracle.many) }
  local labels = ml.kfold(4, { stratify = true, seed = 1 })
  lu.assertEquals(test_rows(labels:folds(set)), test_rows(labels:folds(N, { labels = oracle.labels })))
  local column = ml.kfold(2, { stratify = "other", seed = 1 })
  lu.assertEquals(test_rows(column:folds(set)), test_rows(column:folds(N, { labels = oracle.many })))
end

function TestKfold:test_grouped_keeps_groups_whole_shuffled_too()
  for seed = 1, 5 do
    for _, stratify in ipairs { false, true } do
      local folds = ml.kfold(4, { group = true, stratify = stratify, seed = seed }):folds(N, { groups = oracle.many, labels = oracle.labels })
      assert_covers(folds, N, 1)
      assert_whole_groups(folds, oracle.many)
      lu.assertTrue(spread(sizes(folds)) <= (stratify and 6 or 3))
    end
  end
end

function TestKfold:test_groups_may_be_words()
  local words = {}
  for i, g in ipairs(oracle.groups) do words[i] = "g" .. g end
  local cv = ml.kfold(3, { group = true, seed = 1 })
  lu.assertEquals(test_rows(cv:folds(N, { groups = words })), test_rows(cv:folds(N, { groups = oracle.groups })))
end

function TestKfold:test_as_many_folds_as_groups_leaves_no_fold_empty()
  local groups, labels = {}, {}
  for g = 1, 6 do
    for _ = 1, g == 1 and 40 or 1 do groups[#groups + 1], labels[#labels + 1] = g, #labels % 2 + 1 end
  end
  local folds = ml.kfold(6, { group = true, stratify = true, seed = 1 }):folds(#groups, { groups = groups, labels = labels })
  for _, fold in ipairs(folds) do lu.assertTrue(#fold.test > 0) end
end

function TestKfold:test_more_folds_than_there_are_of_something_is_an_error()
  support.fails("kfold: 5 folds need at least as many rows, and there are 4", function() ml.kfold(5):folds(4) end)
  support.fails("kfold: class 'b' has 2 rows, fewer than the 3 folds that each need one",
    function() ml.kfold(3, { stratify = true }):folds(6, { labels = { "a", "b", "a", "a", "b", "a" } }) end)
  local set = ml.data.tensors { x = ml.zeros(4, 1), y = ml.tensor { 1, 2, 1, 1 }, classes = { "ant", "bee" } }
  support.fails("kfold: class 2 (bee) has 1 row, fewer than the 2 folds that each need one", function() ml.kfold(2, { stratify = true }):folds(set) end)
  support.fails("kfold: 3 folds need at least as many groups, and there are 2",
    function() ml.kfold(3, { group = true }):folds(6, { groups = { 1, 1, 1, 2, 2, 2 } }) end)
end

function TestKfold:test_says_what_is_missing_or_wrong()
  support.fails("kfold: the number of folds must be an integer from 2, got 1", function() ml.kfold(1) end)
  support.fails("kfold: unknown option 'stratfy'; did you mean 'stratify'?", function() ml.kfold(5, { stratfy = true }) end)
  support.fails("kfold: 2 repeats without shuffling would be the same folds again", function() ml.kfold(5, { repeats = 2, shuffle = false }) end)
  support.fails("kfold: group is true, false or the name of a column, got a tensor; the values go to folds(set, {groups = ...})",
    function() ml.kfold(5, { group = ml.zeros(3) }) end)
  support.fails("kfold: groups are needed, one a row: cv:folds(10, {groups = ...})", function() ml.kfold(5, { group = true }):folds(10) end)
  support.fails("kfold: groups has 3 values for 10 rows", function() ml.kfold(5, { group = true }):folds(10, { groups = { 1, 2, 3 } }) end)
  support.fails("kfold: a data set or the number of its rows is needed, got 'ten'", function() ml.kfold(5):folds "ten" end)
end

function TestKfold:test_does_not_depend_on_threads()
  local before, first = core.threads(), nil
  for _, threads in ipairs { 1, 2, 7 } do
    core.threads(threads)
    local rows = test_rows(ml.kfold(5, { seed = 1, stratify = true }):folds(N, { labels = oracle.labels }))
    first = first or rows
    lu.assertEquals(rows, first)
  end
  core.threads(before)
end

TestFoldsSpec = {}

function TestFoldsSpec:test_does_not_change()
  local cv = ml.kfold(5, { stratify = true })
  support.fails("kfold: a spec does not change (k was assigned to); make another one", function() cv.k = 10 end)
  local said = cv:describe()
  lu.assertEquals(said, { kind = "kfold", k = 5, stratify = true, group = false, shuffle = true, repeats = 1 })
  said.k = 10
  lu.assertEquals({ cv.k, cv:describe().k, tostring(cv) }, { 5, 5, "kfold {group = false, k = 5, repeats = 1, shuffle = true, stratify = true}" })
end

function TestFoldsSpec:test_gives_the_same_folds_as_often_as_it_is_asked()
  local cv = ml.kfold(5, { seed = 2 })
  lu.assertEquals(test_rows(cv:folds(20)), test_rows(cv:folds(20)))
end

TestLeaveOut = {}

function TestLeaveOut:test_one_tests_each_row_alone()
  local folds = split.leave_one_out():folds(6)
  assert_covers(folds, 6, 1)
  lu.assertEquals(sizes(folds), { 1, 1, 1, 1, 1, 1 })
  lu.assertNil(folds[7])
end

function TestLeaveOut:test_one_of_many_rows_takes_no_memory_for_all()
  local folds = split.leave_one_out():folds(1000000)
  lu.assertEquals({ #folds, #folds[77].train, folds[77].test:item() }, { 1000000, 999999, 77 })
end

function TestLeaveOut:test_refuses_a_single_row_or_group()
  support.fails("leave_one_out takes nothing, got 3", function() split.leave_one_out(3) end)
  support.fails("leave_one_out: at least 2 rows are needed, and there is 1", function() split.leave_one_out():folds(1) end)
  support.fails("leave_one_group_out: at least 2 groups are needed, and there is 1",
    function() split.leave_one_group_out():folds(3, { groups = { "a", "a", "a" } }) end)
end

TestTimeSeriesFolds = {}

function TestTimeSeriesFolds:test_never_train_on_what_is_as_late_as_what_is_tested()
  for key = 1, 20 do
    local times = ml.randint(1, 40, { 100 }, { key = key })
    for _, window in ipairs { 0, 15 } do
      local folds = split.time_series_folds(4, { window = window > 0 and window or nil, gap = key % 3 }):folds(100, { times = times })
      assert_ascending(folds)
      for i, fold in ipairs(folds) do
        local train, test = times:index_select(1, fold.train), times:index_select(1, fold.test)
        lu.assertTrue(train:max():item() < test:min():item())
        if window > 0 then lu.assertTrue(#fold.train <= window) end
        if folds[i + 1] then lu.assertTrue(test:max():item() < times:index_select(1, folds[i + 1].test):min():item()) end
      end
      lu.assertEquals(times:index_select(1, folds[4].test):max():item(), times:max():item())
    end
  end
end

function TestTimeSeriesFolds:test_take_the_times_from_a_column()
  local set = ml.data.tensors { x = ml.zeros(6, 1), day = ml.tensor { 6, 5, 4, 3, 2, 1 } }
  local folds = split.time_series_folds(2, { time = "day" }):folds(set)
  lu.assertEquals(test_rows(folds), { { 3, 4 }, { 1, 2 } })
end

function TestTimeSeriesFolds:test_too_few_rows_or_times_are_an_error()
  support.fails("time_series_folds: 5 rows are too few for 5 folds of 1 row and one to train on", function() split.time_series_folds(5):folds(5) end)
  support.fails("time_series_folds: 10 rows are too few for 3 folds of 2 rows, a gap of 4 and one to train on",
    function() split.time_series_folds(3, { gap = 4 }):folds(10) end)
  support.fails("time_series_folds: fold 1 has no row to test: 8 rows have 2 different times; fewer folds or larger ones are needed",
    function() split.time_series_folds(3):folds(8, { times = { 1, 1, 2, 2, 2, 2, 2, 2 } }) end)
end

TestChunks = {}

function TestChunks:test_each_row_is_tested_as_often_as_chunks_are_tested_at_a_time()
  local folds = ml.chunks({ n = 10, test = 3, seed = 1 }):folds(47)
  lu.assertEquals(#folds, 10)
  assert_covers(folds, 47, 3)
  assert_ascending(folds)
end

function TestChunks:test_test_chunks_rotate()
  local folds = ml.chunks({ n = 4, test = 2, shuffle = false }):folds(8)
  lu.assertEquals(test_rows(folds), { { 1, 2, 3, 4 }, { 3, 4, 5, 6 }, { 5, 6, 7, 8 }, { 1, 2, 7, 8 } })
  lu.assertEquals(#ml.chunks({ n = 4, test = 2, rotations = 3 }):folds(8), 3)
end

function TestChunks:test_are_stratified_and_grouped_as_folds_are()
  local folds = ml.chunks({ n = 4, test = 1, stratify = true, shuffle = false }):folds(N, { labels = oracle.labels })
  lu.assertEquals(test_rows(folds), oracle.stratified)
  assert_whole_groups(ml.chunks({ n = 5, test = 2, group = true }):folds(N, { groups = oracle.groups }), oracle.groups)
end

function TestChunks:test_leave_something_to_train_on()
  support.fails("chunks: 3 of 3 chunks are tested, which leaves none to train on", function() ml.chunks { n = 3 } end)
  support.fails("chunks: after 5 rotations the folds are the same again, got rotations = 6", function() ml.chunks { n = 5, rotations = 6 } end)
  support.fails("chunks: 10 chunks need at least as many rows, and there are 9", function() ml.chunks():folds(9) end)
end
