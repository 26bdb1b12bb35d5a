-- What is known to be wrong with real files: it is found, and there is a way to deal with it. Titanic's ages, adult's duplicates, the wines,
-- the houses of California, the cells and the messages stand in test_profile.lua.

local ml = require "moonlab"
local lu = require "luaunit"
local vm = require "moonlab.vm"
local data = ml.data

local DATA = os.getenv "MOONLAB_DATA"

local function file(name, options)
  if not DATA then lu.skip "MOONLAB_DATA is not set" end
  local path = DATA .. "/" .. name
  if not vm.exists(path) then lu.skip("MOONLAB_DATA has no " .. name) end
  return data.csv(path, options)
end

local function missing_cells(profile)
  local sum = 0
  for _, one in ipairs(profile.columns) do sum = sum + one.missing end
  return sum
end

local function finding(profile, kind)
  for _, one in ipairs(profile.findings) do
    if one.kind == kind then return one end
  end
end

local function types_of(t)
  local out = {}
  for i, column in ipairs(t:columns()) do out[i] = column.type end
  return table.concat(out, " ")
end

TestKnownDefects = {}

function TestKnownDefects:test_titanic_has_commas_in_quotes()
  local t = file "tabular/titanic.csv":table()
  lu.assertEquals({ t:row(1).Name, #t:columns() }, { "Braund, Mr. Owen Harris", 12 })
end

function TestKnownDefects:test_adult_marks_missing_values_by_a_blank_and_a_question_mark()
  local t = file "tabular/adult.data":table()
  lu.assertEquals({ t.column_2:is_missing():sum(), t.column_2:eq("?"):sum() }, { 1836, 0 })
end

function TestKnownDefects:test_labels_of_the_test_part_of_adult_end_in_a_point()
  local train, test = file "tabular/adult.data":table(), file "tabular/adult.test":table()
  local function labels(column)
    local list = column:unique():to_list()
    table.sort(list)
    return list
  end
  lu.assertEquals({ labels(train.column_15), labels(test.column_15) }, { { "<=50K", ">50K" }, { "<=50K.", ">50K." } })
  lu.assertEquals(labels(test.column_15:replace(".", "")), labels(train.column_15))
end

function TestKnownDefects:test_wines_are_separated_by_semicolons()
  local p = file "tabular/winequality-red.csv":profile()
  lu.assertEquals({ #p.columns, p.columns[1].name, p.rows }, { 12, "fixed acidity", 1599 })
end

function TestKnownDefects:test_ames_writes_NA_for_a_part_that_a_house_does_not_have()
  local marks = { missing = { "", "NA" } }
  lu.assertEquals(missing_cells(file("tabular/AmesHousing.csv", marks):profile()), 13997)
  local t = file("tabular/AmesHousing.csv", { missing = { "", "NA" }, missing_of = { Alley = {}, ["Pool QC"] = { "" } } }):table()
  lu.assertEquals({ t.names[1], t.Alley:eq("NA"):sum(), t["Pool QC"]:is_missing():sum() }, { "Order", 2732, 0 })
end

function TestKnownDefects:test_the_first_line_of_wdbc_is_no_header()
  local source = file "tabular/wdbc_sklearn.csv"
  lu.assertErrorMsgContains("wdbc_sklearn.csv:1: found 4 fields, expected 31 fields", function() source:table() end)
  lu.assertEquals(file("tabular/wdbc_sklearn.csv", { skip = 1 }):profile().rows, 569)
end

function TestKnownDefects:test_a_fifth_of_the_horses_is_missing()
  local p = file "tabular/horse-colic.data":profile()
  lu.assertEquals({ p.rows, #p.columns, missing_cells(p) }, { 300, 28, 1605 })
  lu.assertAlmostEquals(missing_cells(p) / (p.rows * #p.columns), 0.19, 0.002)
  lu.assertEquals(file("tabular/horse-colic.data"):table():row(2).column_25, "02208") -- codes keep their zeros in front
end

function TestKnownDefects:test_two_rows_of_iris_are_wrong()
  local wrong, right = file "tabular/iris.csv":table(), file("tabular/iris_sklearn.csv", { skip = 1, header = false }):table()
  local differ = {}
  for i = 1, #wrong do
    local a, b = wrong:row(i), right:row(i)
    for k = 1, 4 do
      if a["column_" .. k] ~= b["column_" .. k] then differ[i] = (differ[i] or 0) + 1 end
    end
  end
  lu.assertEquals({ #wrong, differ }, { 150, { [35] = 1, [38] = 2 } })
  lu.assertEquals(file "tabular/iris.csv":profile().duplicates.rows, 3) -- one pair without the errors, and the two rows
end

function TestKnownDefects:test_diabetes_is_compressed_and_has_no_header()
  local t = file "tabular/diabetes_data_raw.csv.gz":table()
  lu.assertEquals({ #t, #t:columns(), #file "tabular/diabetes_target.csv.gz":table() }, { 442, 10, 442 })
end

function TestKnownDefects:test_housing_is_separated_by_blanks()
  local t = file "tabular/housing.data":table()
  lu.assertEquals({ #t, #t:columns() }, { 506, 14 })
  lu.assertNotStrContains(types_of(t), "text")
end

function TestKnownDefects:test_splice_has_one_sequence_under_two_labels()
  local source = file "genomic/splice.csv"
  local t = source:table()
  lu.assertEquals({ t.instance_name:starts_with(" "):sum(), t.sequence:length():min(), t.sequence:length():max() }, { 0, 60, 60 }) -- padding is gone
  lu.assertEquals(t.sequence:matches("^[ACGT]+$"):logical_not():sum(), 15) -- letters that stand for several
  local p = source:profile { target = "label", id = "instance_name" }
  lu.assertEquals({ p.duplicates.rows, finding(p, "conflicts").rows }, { 184, 1 })
end

function TestKnownDefects:test_names_come_again()
  lu.assertEquals(file("text/names.txt", { header = false }):profile().duplicates.rows, 2539)
end

function TestKnownDefects:test_pollution_has_hours_without_a_measurement()
  local p = file "timeseries/pollution.csv":profile()
  lu.assertEquals({ p.rows, missing_cells(p) }, { 43824, 2067 })
end

for _, case in ipairs { { "tabular/penguins.csv", 344, 19 }, { "tabular/mpg.csv", 398, 6 }, { "tabular/auto_imports.csv", 201, 51 } } do
  TestKnownDefects["test_missing_values_of_" .. case[1]:match "([%w_]+)%.csv"] = function()
    local p = file(case[1]):profile()
    lu.assertEquals({ p.rows, missing_cells(p) }, { case[2], case[3] })
  end
end
