-- Cleaning: each rule finds its rows, each row is kept, quarantined or dropped, and says why.

local luaunit = require "luaunit"
local ml = require "moonlab"
local cleaning = require "moonlab.data.cleaning"
local support = require "support"

local data = ml.data
local equals = luaunit.assertEquals

TestCleaning = {}

local function clean(columns, wish)
  wish.columns = wish.columns or {}
  wish.invalid = wish.invalid or "quarantine"
  wish.duplicates = wish.duplicates or { action = "keep" }
  wish.name = "rows.csv"
  local result = cleaning.run(data.table(columns), wish.problems or {}, wish)
  equals(result.kept + result.quarantined + result.dropped, result.read)
  equals(#result.table, result.kept)
  equals(result.quarantine and #result.quarantine or 0, result.quarantined)
  return result
end

function TestCleaning:test_a_number_out_of_its_range_is_set_aside_with_the_reason()
  local result = clean({ age = { 17, 20, 300, 18 } }, { columns = { age = data.number { min = 18, max = 120 } } })
  equals(result.table.age:to_list(), { 20, 18 })
  equals(result.quarantine.source_row:to_list(), { 1, 3 })
  equals(result.quarantine.reason:to_list(), { "age: below 18", "age: above 120" })
  equals(result.quarantine.age:to_list(), { 17, 300 })
end

function TestCleaning:test_a_missing_value_breaks_no_range()
  local result = clean({ age = { 20, data.missing } }, { columns = { age = data.number { min = 18 } } })
  equals(result.kept, 2)
end

function TestCleaning:test_whole_numbers_can_be_asked_for()
  local result = clean({ rooms = { 1, 2.5, 3 } }, { columns = { rooms = data.number { integer = true } } })
  equals(result.quarantine.reason:to_list(), { "rooms: no whole number" })
end

function TestCleaning:test_a_word_that_is_no_category_is_set_aside()
  local result = clean({ plan = { "pro", "gold", data.missing } }, { columns = { plan = data.category { "basic", "pro" } } })
  equals(result.quarantine.reason:to_list(), { "plan: none of the categories" })
  equals(result.kept, 2)
end

function TestCleaning:test_with_other_any_word_is_a_category()
  equals(clean({ plan = { "pro", "gold" } }, { columns = { plan = data.category { "pro", other = "rest" } } }).kept, 2)
end

function TestCleaning:test_texts_match_their_pattern_as_a_whole_and_have_their_length()
  local result = clean({ zip = { "3000", "30001", "x3000", "" } },
    { columns = { zip = data.string { pattern = "%d%d%d%d", min_length = 1 } } })
  equals(result.table.zip:to_list(), { "3000" })
  equals(result.quarantine.reason:to_list()[3], "zip: does not match %d%d%d%d; zip: shorter than 1")
end

function TestCleaning:test_rows_can_be_dropped_instead_or_the_value_taken_as_missing()
  local age = { age = data.number { max = 100 } }
  local dropped = clean({ age = { 20, 300 } }, { columns = age, invalid = "drop" })
  equals({ dropped.kept, dropped.quarantined, dropped.dropped }, { 1, 0, 1 })
  local missing = clean({ age = { 20, 300 } }, { columns = age, invalid = "missing" })
  equals(missing.kept, 2)
  equals(missing.table.age:to_list(), { 20, data.missing })
end

function TestCleaning:test_an_invalid_value_can_be_an_error_that_names_its_row()
  local ok, problem = pcall(clean, { age = { 20, 300 } }, { columns = { age = data.number { max = 100 } }, invalid = "error" })
  luaunit.assertFalse(ok)
  equals(tostring(problem), "rows.csv: row 2: 'age': 300: above 100")
end

function TestCleaning:test_what_the_reader_could_not_take_is_set_aside()
  local result = clean({ age = { 20, data.missing, 22 } }, { columns = { age = data.number() },
    problems = { { row = 2, line = 3, column = "age", text = "abc", wanted = "a number" } } })
  equals(result.quarantine.reason:to_list(), { "age: is not a number, as 'abc' in line 3" })
end

function TestCleaning:test_rows_without_a_target_are_dropped()
  local result = clean({ x = { 1, 2 }, y = { data.missing, 5 } }, { target = "y" })
  equals({ result.kept, result.dropped }, { 1, 1 })
  equals(result.steps[1].reason, "the target is missing")
end

function TestCleaning:test_a_column_may_drop_the_rows_in_which_it_is_missing()
  local result = clean({ x = { 1, data.missing, 3 } }, { columns = { x = data.number { missing = "drop" } } })
  equals({ result.kept, result.dropped }, { 2, 1 })
end

function TestCleaning:test_of_equal_rows_the_first_stays_and_the_id_does_not_count()
  local rows = { id = { 1, 2, 3, 4 }, x = { 5, 6, 5, 5 }, city = { "a", "b", "a", "b" } }
  equals(clean(rows, { id = "id" }).duplicates, 1)
  local result = clean(rows, { id = "id", duplicates = { action = "drop" } })
  equals(result.table.id:to_list(), { 1, 2, 4 })
  equals(clean(rows, { duplicates = { action = "drop" } }).kept, 4)
  equals(clean(rows, { duplicates = { action = "drop", columns = { "x" } } }).table.id:to_list(), { 1, 2 })
end

function TestCleaning:test_near_duplicates_differ_in_case_blanks_and_the_fourth_place()
  local rows = { name = { "Ann Lee", " ann  lee ", "Ann Leo" }, x = { 1.2341, 1.2342, 1.2341 } }
  equals(clean(rows, { duplicates = { action = "drop" } }).kept, 3)
  equals(clean(rows, { duplicates = { action = "drop", near = true } }).kept, 2)
end

function TestCleaning:test_a_row_that_was_set_aside_is_no_reason_to_drop_one_like_it()
  local rows = { a = { 1, 1 }, b = { 500, 5 } }
  local result = clean(rows, { columns = { b = data.number { max = 100 } }, duplicates = { action = "drop", columns = { "a" } } })
  equals(result.table.b:to_list(), { 5 })
end

function TestCleaning:test_a_row_with_two_faults_counts_once()
  local result = clean({ a = { 500 }, b = { 500 } }, { columns = { a = data.number { max = 1 }, b = data.number { max = 1 } } })
  equals({ result.read, result.kept, result.quarantined }, { 1, 0, 1 })
  equals(result.quarantine.reason:to_list(), { "a: above 1; b: above 1" })
end

function TestCleaning:test_a_row_that_was_dropped_is_not_set_aside_as_well()
  local result = clean({ a = { data.missing, 1 }, b = { data.missing, 2 } },
    { columns = { a = data.number { missing = "drop" }, b = data.number { missing = "invalid" } } })
  equals({ result.kept, result.quarantined, result.dropped }, { 1, 0, 1 })
  equals({ result.steps[2].rows, result.steps[2].first }, { 1, 0 })
end

function TestCleaning:test_the_text_says_which_rows_had_left_before()
  local result = clean({ a = { 500, 0 }, y = { data.missing, 1 } }, { columns = { a = data.number { max = 1 } }, target = "y" })
  equals(cleaning.text(result), "read 2 rows: 1 kept, 1 quarantined, 0 dropped\n  quarantine      1  a: above 1\n"
    .. "  drop            1  y: the target is missing (1 of them set aside already)")
end

function TestCleaning:test_the_text_gives_the_sum_and_each_reason()
  local result = clean({ age = { 17, 20, 300 } }, { columns = { age = data.number { min = 18, max = 120 } } })
  equals(cleaning.text(result), "read 3 rows: 1 kept, 2 quarantined, 0 dropped\n  quarantine      1  age: below 18\n  quarantine      1  age: above 120")
end

-- Outliers ------------------------------------------------------------------------------------------------------------

local MEASURED = { 12.0, 14.5, 13.1, 15.2, 11.9, 99.0, 13.3, 14.1, -40.0, 12.7, 13.9, 14.4, 12.2, 60.0 }

local function clean_outliers(wish, columns, o)
  o = o or {}
  o.outliers, o.columns = true, { x = data.number { outliers = wish, min = o.min, missing = o.missing } }
  o.min, o.missing = nil, nil
  return clean(columns or { x = MEASURED }, o)
end

-- pandas: Series.quantile([.25, .75]) and 1.5 times their distance
function TestCleaning:test_rows_beyond_the_fences_of_the_quartiles_are_set_aside_as_pandas_has_them()
  local result = clean_outliers "iqr"
  equals(result.quarantine.source_row:to_list(), { 6, 9, 14 })
  luaunit.assertAlmostEquals(result.steps[1].fences, { 9.1, 17.7 }, 1e-12)
  equals(result.quarantine.reason:to_list()[1], "x: outside of 9.1 to 17.7 (iqr, factor 1.5)")
  equals(cleaning.text(result), "read 14 rows: 11 kept, 3 quarantined, 0 dropped\n  quarantine      3  x: outside of 9.1 to 17.7 (iqr, factor 1.5)")
end

-- SciPy: stats.zscore(x), beyond 2 and 3
function TestCleaning:test_rows_beyond_some_deviations_are_dropped_as_scipy_has_them()
  local result = clean_outliers { method = "z_score", factor = 2, action = "drop" }
  equals({ result.kept, result.quarantined, result.dropped }, { 12, 0, 2 })
  luaunit.assertAlmostEquals(result.steps[1].fences, { -39.33830209334837, 77.38115923620552 }, 1e-11)
  result = clean_outliers "z_score"
  equals({ result.kept, result.steps[1].rows }, { 14, 0 }) -- the fences are told where nothing lies beyond them too
  luaunit.assertAlmostEquals(result.steps[1].fences, { -68.51816742573683, 106.56102456859398 }, 1e-11)
end

function TestCleaning:test_an_outlier_can_become_a_missing_value_that_the_training_part_fills()
  local result = clean_outliers({ action = "missing" }, { x = { 1, 2, 3, 4, 500 } })
  equals(result.table.x:to_list(), { 1, 2, 3, 4, data.missing })
  equals({ result.kept, result.steps[1].action, result.steps[1].rows }, { 5, "missing", 1 })
end

function TestCleaning:test_fences_are_taken_from_the_rows_that_are_valid_otherwise()
  local result = clean_outliers("iqr", { x = { 1, 2, 3, 4, 30, -900, -901, -902, data.missing, math.huge }, y = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 } },
    { min = 0, target = "y" })
  equals(result.steps[2].fences, { -1, 7 }) -- of 1, 2, 3, 4 and 30
  equals(result.quarantine.source_row:to_list(), { 5, 6, 7, 8, 10 })
  equals(result.quarantine.reason:to_list()[2], "x: below 0")
end

function TestCleaning:test_fences_of_one_column_do_not_hang_on_those_of_another()
  local columns = { a = { 1, 2, 3, 4, 90 }, b = { 1, 2, 3, 4, 90 } }
  local both = clean(columns, { outliers = true, columns = { a = data.number { outliers = "iqr" }, b = data.number { outliers = "iqr" } } })
  equals(both.steps[1].fences, both.steps[2].fences)
  equals({ both.quarantined, both.steps[2].rows, both.steps[2].first }, { 1, 1, 0 })
end

function TestCleaning:test_rows_that_are_served_are_not_held_against_fences_of_their_own()
  equals(clean({ x = MEASURED }, { columns = { x = data.number { outliers = "iqr" } } }).kept, 14)
end

function TestCleaning:test_quartiles_that_are_the_same_are_no_fences()
  local ok, problem = pcall(clean_outliers, "iqr", { x = { 0, 0, 0, 0, 0, 7 } })
  luaunit.assertFalse(ok)
  equals(tostring(problem), "rows.csv: 'x': outliers: both quartiles are 0, so that all other values would be outliers: say method = 'z_score', or min and max")
  equals(clean_outliers("iqr", { x = { 3, 3, 3 } }).kept, 3)
  equals(clean_outliers("iqr", { x = { data.missing, data.missing } }).kept, 2)
end

function TestCleaning:test_outliers_refuse_what_they_do_not_know()
  support.fails("data.number: outliers: method: unknown word 'iqs'; did you mean 'iqr'?", function() data.number { outliers = "iqs" } end)
  support.fails("data.number: outliers: factor must be above 0, got 0", function() data.number { outliers = { factor = 0 } } end)
  support.fails("data.number: outliers: action = 'missing' with missing = 'drop' takes the row out: write action = 'drop'",
    function() data.number { outliers = { action = "missing" }, missing = "drop" } end)
end

function TestCleaning:test_specs_refuse_what_they_do_not_know()
  support.fails("data.number: unknown option 'mni'; did you mean 'min'?", function() data.number { mni = 1 } end)
  support.fails("data.number: min 5 is above max 1", function() data.number { min = 5, max = 1 } end)
  support.fails("data.number: missing: unknown word 'medain'; did you mean 'median'?", function() data.number { missing = "medain" } end)
  support.fails("data.category: missing = 'mean' is for numbers; 'mode' is the commonest value",
    function() data.category { "a", missing = "mean" } end)
  support.fails("data.category: 'a' stands in the list twice", function() data.category { "a", "a" } end)
end
