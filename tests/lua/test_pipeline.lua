-- From a clean table to x: fitted to the training part alone, the same bits when it is read back.

local luaunit = require "luaunit"
local ml = require "moonlab"
local json = require "moonlab.json"
local expression = require "moonlab.table.expression"
local pipeline = require "moonlab.features.pipeline"
local support = require "support"

local data, features = ml.data, ml.features
local equals = luaunit.assertEquals

TestPipeline = {}

local function fit(train, wish)
  return pipeline.fit(train, { columns = wish.columns or {}, derive = wish.derive or {}, excluded = wish.excluded or {},
    features = wish.features or {}, context = { seed = 1, task = "regression" } })
end

local function x_of(fitted, rows) return pipeline.x(pipeline.apply(fitted, rows)) end

local function derived(name, f, names) return { { name = name, expression = expression.record(f, names):encode() } } end

function TestPipeline:test_standardize_and_one_hot_give_scikit_learns_numbers()
  local t = data.table { { "a", { 1.0, 2.0, 4.0, 5.0 } }, { "plan", { "x", "y", "x", "z" } } }
  local fitted = fit(t, { features = { features.standardize(), features.one_hot() } })
  equals(fitted.fields, { "a", "plan=x", "plan=y", "plan=z" })
  support.close(x_of(fitted, t), { { -1.26491106, 1, 0, 0 }, { -0.63245553, 0, 1, 0 }, { 0.63245553, 1, 0, 0 }, { 1.26491106, 0, 0, 1 } }, 1e-6)
end

function TestPipeline:test_a_category_that_training_did_not_have_is_zero_in_all_fields()
  local fitted = fit(data.table { plan = { "x", "y" } }, { features = { features.one_hot() } })
  equals(x_of(fitted, data.table { plan = { "new", "y" } }):tolist(), { { 0.0, 0.0 }, { 0.0, 1.0 } })
end

function TestPipeline:test_one_hot_can_leave_the_first_category_out()
  local fitted = fit(data.table { plan = { "x", "y", "z" } }, { features = { features.one_hot { drop_first = true } } })
  equals(fitted.fields, { "plan=y", "plan=z" })
end

function TestPipeline:test_a_constant_column_becomes_zero()
  local t = data.table { a = { 7.0, 7.0 } }
  equals(x_of(fit(t, { features = { features.standardize() } }), t):tolist(), { { 0.0 }, { 0.0 } })
end

-- What stands for missing values is that of the training part, whatever the other parts hold.
local function filled(missing, values, rows)
  local fitted = fit(data.table { a = values }, { columns = { a = data.number { missing = missing } } })
  return x_of(fitted, data.table { a = rows }):tolist()
end

function TestPipeline:test_missing_numbers_become_the_mean_the_median_the_mode_or_a_constant()
  local train, rows = { 1, 2, 2, 9 }, { data.missing, 100 }
  equals(filled("mean", train, rows), { { 3.5 }, { 100.0 } })
  equals(filled("median", train, rows), { { 2.0 }, { 100.0 } })
  equals(filled("mode", { 1, 2, 2, 9 }, rows), { { 2.0 }, { 100.0 } })
  equals(filled(-1, train, rows), { { -1.0 }, { 100.0 } })
end

function TestPipeline:test_an_indicator_says_where_a_value_was_missing()
  local t = data.table { a = { 1, data.missing, 3 } }
  local fitted = fit(t, { columns = { a = data.number { missing = { "mean", "indicator" } } } })
  equals(fitted.fields, { "a", "a_missing" })
  equals(x_of(fitted, t):tolist(), { { 1.0, 0.0 }, { 2.0, 1.0 }, { 3.0, 0.0 } })
end

function TestPipeline:test_forward_fill_takes_the_value_before()
  equals(filled("forward_fill", { 1, 2 }, { data.missing, 5, data.missing, data.missing, 7 }), { { 5.0 }, { 5.0 }, { 5.0 }, { 5.0 }, { 7.0 } })
end

function TestPipeline:test_missing_categories_become_the_commonest()
  local fitted = fit(data.table { plan = { "x", "y", "y" } }, { columns = { plan = data.category { missing = "mode" } }, features = { features.one_hot() } })
  equals(x_of(fitted, data.table { plan = { data.missing, "x" } }):tolist(), { { 0.0, 1.0 }, { 1.0, 0.0 } })
end

function TestPipeline:test_a_word_for_missing_values_is_a_category_where_training_had_some()
  local columns = { plan = data.category { missing = "m" }, kind = data.category { "a", "b", missing = "m" } }
  local wish = { columns = columns, features = { features.one_hot() } }
  local some = fit(data.table { { "kind", { "b", data.missing } }, { "plan", { "x", data.missing } } }, wish)
  equals(some.fields, { "kind=a", "kind=b", "kind=m", "plan=m", "plan=x" })
  equals(x_of(some, data.table { kind = { data.missing }, plan = { data.missing } }):tolist(), { { 0.0, 0.0, 1.0, 1.0, 0.0 } })
  local none = fit(data.table { { "kind", { "b", "a" } }, { "plan", { "x", "y" } } }, wish)
  equals(none.fields, { "kind=a", "kind=b", "plan=x", "plan=y" })
  equals(x_of(none, data.table { kind = { data.missing }, plan = { data.missing } }):tolist(), { { 0.0, 0.0, 0.0, 0.0 } })
end

function TestPipeline:test_missing_values_without_a_rule_are_an_error_in_every_part()
  support.fails("column 'a' has 1 missing value in the training part: say in data.columns what stands for them, as in a = data.number{missing = 'median'}",
    function() fit(data.table { a = { 1, data.missing } }, {}) end)
  support.fails("column 'a' has 1 missing value in the training part (and so have b, c): say in data.columns what stands for them, as in a = data.number{missing = 'median'}",
    function() fit(data.table { a = { 1, data.missing }, b = { data.missing, data.missing }, c = { 1, data.missing }, d = { 1, 2 } }, {}) end)
  local fitted = fit(data.table { a = { 1, 2 } }, {})
  support.fails("column 'a' has 2 missing values in the test part: say in data.columns what stands for them, as in a = data.number{missing = 'median'}",
    function() pipeline.apply(fitted, data.table { a = { 1.5, data.missing, data.missing } }, "test") end)
end

function TestPipeline:test_a_map_stands_before_the_features()
  local t = data.table { a = { 0.0, 1.0 } }
  support.close(x_of(fit(t, { columns = { a = data.number { map = "log1p" } } }), t), { { 0 }, { math.log(2) } }, 1e-7)
end

function TestPipeline:test_derived_columns_are_computed_anew_from_each_row()
  local t = data.table { spend = { 10, 20 }, tenure = { 1, 3 } }
  local fitted = fit(t, { derive = derived("ratio", function(c) return c.spend / (c.tenure + 1) end, { "spend", "tenure" }) })
  equals(fitted.fields, { "spend", "tenure", "ratio" })
  equals(x_of(fitted, data.table { spend = { 8 }, tenure = { 3 } }):tolist(), { { 8.0, 3.0, 2.0 } })
end

function TestPipeline:test_ignored_and_excluded_columns_are_no_features()
  local t = data.table { a = { 1, 2 }, note = { "p", "q" }, id = { 7, 8 } }
  equals(fit(t, { columns = { note = data.ignore() }, excluded = { id = true } }).fields, { "a" })
end

function TestPipeline:test_what_is_no_number_in_the_end_says_which_feature_it_needs()
  support.fails("column 'plan' is of categories: it needs features.one_hot or another encoding",
    function() fit(data.table { plan = { "x", "y" } }, {}) end)
end

function TestPipeline:test_text_with_many_values_must_be_declared()
  local words = {}
  for i = 1, 101 do words[i] = "word" .. i end
  support.fails("column 'note' is text with 101 different values: say what it is in data.columns, note = data.category{}, data.string{} or data.ignore()",
    function() fit(data.table { note = words }, { features = { features.one_hot() } }) end)
end

function TestPipeline:test_a_number_that_is_not_finite_is_an_error_with_its_name()
  local t = data.table { a = { 0.0, 1.0 } }
  local fitted = fit(t, { columns = { a = data.number { map = "log" } } })
  support.fails("feature 'a' is not a finite number in 1 of 2 rows", function() x_of(fitted, t) end)
end

function TestPipeline:test_a_feature_that_is_switched_off_does_nothing()
  local t = data.table { a = { 1.0, 3.0 } }
  equals(x_of(fit(t, { features = { features.standardize(false) } }), t):tolist(), { { 1.0 }, { 3.0 } })
end

function TestPipeline:test_features_name_the_columns_that_they_do_not_take()
  support.fails("features.one_hot: column 'a' is integer; it takes categories",
    function() fit(data.table { a = { 1, 2 } }, { features = { features.one_hot { columns = { "a" } } } }) end)
  support.fails("unknown column 'b'; there are: a",
    function() fit(data.table { a = { 1, 2 } }, { features = { features.standardize { columns = { "b" } } } }) end)
end

-- A whole pipeline, with every kind of step that stands before the features.
local function mixed()
  local t = { a = {}, b = {}, plan = {} }
  for i = 1, 50 do
    t.a[i] = i % 7 == 0 and data.missing or math.sin(i) * 10
    t.b[i] = i / 3
    t.plan[i] = ({ "x", "y", "z" })[i % 3 + 1]
  end
  return data.table(t)
end

local function mixed_wish()
  return { columns = { a = data.number { missing = { "median", "indicator" } }, b = data.number { map = "sqrt" }, plan = data.category { "x", "y", "z" } },
    derive = derived("c", function(c) return c.b * 2 + 1 end, { "a", "b", "plan" }), features = { features.standardize(), features.one_hot() } }
end

function TestPipeline:test_read_back_from_json_it_gives_the_same_bits()
  local t = mixed()
  local fitted = fit(t, mixed_wish())
  support.equal(x_of(json.decode(json.encode(fitted)), t), x_of(fitted, t))
end

function TestPipeline:test_a_row_alone_gives_the_bits_that_it_gives_among_others()
  local t = mixed()
  local fitted = fit(t, mixed_wish())
  local all = x_of(fitted, t)
  for _, row in ipairs { 1, 7, 50 } do support.equal(x_of(fitted, t:rows { row }), all:slice(1, row, row)) end
end

function TestPipeline:test_no_fitted_number_changes_when_other_rows_change()
  local t = mixed()
  local before = json.encode((fit(t:head(30), mixed_wish())))
  local changed = t:head(30):append(t:tail(20):with { b = function(c) return c.b * 100 end })
  equals(json.encode((fit(changed:head(30), mixed_wish()))), before)
end
