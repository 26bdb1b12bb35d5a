-- Plots as text: the same for the same values.

local ml = require "moonlab"
local lu = require "luaunit"
local support = require "support"
local plot = ml.plot

-- The text of a plot, whole.
local function shows(expected, p) lu.assertEquals(tostring(p), table.concat(expected, "\n")) end

TestPlotLine = {}

function TestPlotLine:test_one_curve_is_braille()
  shows({
    "4 ┤                    ⢀⣀⠤⠤⠒⠒⠉",
    "3 ┤             ⢀⣀⠤⠤⠒⠊⠉⠁",
    "2 ┤      ⢀⣀⡠⠤⠒⠒⠉⠁",
    "1 ┤⣀⠤⠤⠒⠊⠉⠁",
    "  └┬────────┬───────┬────────┬",
    "   1        2       3        4",
  }, plot.line({ 1, 2, 3, 4 }, { width = 30, height = 4, utf8 = true }))
end

function TestPlotLine:test_each_curve_is_named_at_its_end()
  shows({
    "t",
    "4 +oo          ** * up",
    "  |  ooo    ***",
    "2 +     oooo",
    "  |  ***    ooo",
    "0 +**          oo o down",
    "  ++------------+",
    "   1            2",
  }, plot.line({ { "up", { 0, 4 } }, { "down", { 4, 0 } } }, { width = 24, height = 5, utf8 = false, title = "t" }))
end

function TestPlotLine:test_a_value_that_is_not_finite_is_a_gap_and_is_counted()
  shows({
    "2.0 +                                ***",
    "1.5 +                          ******",
    "1.0 +*                      ***",
    "    ++----------+-----------+----------+",
    "     1          2           3          4",
    "1 value that is not finite is left out",
  }, plot.line({ 1, 0 / 0, 1, 2 }, { width = 40, height = 3, utf8 = false }))
end

function TestPlotLine:test_a_curve_that_ends_in_a_gap_is_named_all_the_same()
  lu.assertStrContains(tostring(plot.line({ { "a", { 1, 2, 0 / 0 } }, { "b", { 2, 1, 1 } } }, { width = 30, utf8 = true })), " a\n")
end

function TestPlotLine:test_one_value_is_drawn() lu.assertStrContains(tostring(plot.line({ 3 }, { width = 20, height = 2, utf8 = false })), "*") end

function TestPlotLine:test_equal_values_lie_in_the_middle()
  shows({ "3.1 +", "3.0 +*************************", "2.9 +", "    ++-----------+-----------+", "     1           2           3" },
    plot.line({ 3, 3, 3 }, { width = 30, height = 3, utf8 = false }))
end

function TestPlotLine:test_no_values_leave_empty_axes()
  shows({ "1.0 +", "0.5 +", "0.0 +", "    ++-----------------------+", "     0                       1" },
    plot.line({}, { width = 30, height = 3, utf8 = false }))
end

function TestPlotLine:test_no_line_is_wider_than_asked()
  for width = 20, 60, 7 do
    local p = plot.line({ { "train", { 1, 2, 3 } }, { "validation of the model", { 3, 2, 1 } } }, { width = width, title = "a title of many words" })
    for line in (tostring(p) .. "\n"):gmatch "(.-)\n" do lu.assertTrue(utf8.len(line) <= width, line) end
  end
end

function TestPlotLine:test_refuses_what_is_no_number()
  support.fails("plot.line: value 2 must be a number, got 'x'", function() plot.line { 1, "x" } end)
  support.fails("plot.line: unknown option 'widht'; did you mean 'width'?", function() plot.line({ 1 }, { widht = 3 }) end)
  support.fails("plot.line: group 1 must be {name, values}, as in {{\"train\", y}, {\"valid\", y}}", function() plot.line { { 1, 2, 3 } } end)
  support.fails("plot.line: x has 2 values for 3 of y", function() plot.line({ 1, 2, 3 }, { x = { 1, 2 } }) end)
end

function TestPlotLine:test_tensors_lists_and_columns_are_the_same()
  local o = { width = 30, height = 4 }
  local text = tostring(plot.line({ 1, 3, 2 }, o))
  lu.assertEquals(tostring(plot.line(ml.tensor { 1, 3, 2 }, o)), text)
  lu.assertEquals(tostring(plot.line({ type = "number", values = ml.tensor { 1, 3, 2 } }, o)), text)
end

function TestPlotLine:test_a_column_names_its_axis_and_dates_make_an_axis_of_time()
  local day = { name = "day", type = "time", values = ml.tensor({ 0, 86400 * 31, 86400 * 59 }, { dtype = "float64" }) }
  local y = { name = "price", type = "integer", values = ml.tensor { 1, 2, 9 }, missing = ml.tensor { 0, 0, 1 } }
  shows({
    "price",
    "2.0 +              *****",
    "1.5 +     *********",
    "1.0 +*****",
    "    ++-----------------+---------------+",
    "     1970-01        1970-02      1970-03",
    "                     day",
    "1 value that is not finite is left out",
  }, plot.line(y, { x = day, width = 40, height = 3, utf8 = false }))
end

TestPlotScatter = {}

function TestPlotScatter:test_groups_have_letters_that_a_legend_explains()
  shows({
    "* a  o b",
    "1000 ┤                       o",
    "     │",
    " 100 ┤               o",
    "     │",
    "  10 ┤        *",
    "     │",
    "   1 ┤*",
    "     └┬───────┬──────┬───────┬",
    "      1       2      3       4",
  }, plot.scatter({ 1, 2, 3, 4 }, { 1, 10, 100, 1000 }, { by = { "a", "a", "b", "b" }, log = "y", width = 30, height = 7, utf8 = true }))
end

function TestPlotScatter:test_what_is_not_positive_has_no_place_on_a_logarithmic_axis()
  lu.assertStrContains(tostring(plot.scatter({ 1, 2, 3 }, { 0, -1, 5 }, { log = "y", width = 80 })),
    "2 values that are not finite or not positive are left out")
end

function TestPlotScatter:test_classes_name_integer_labels()
  lu.assertStrContains(tostring(plot.scatter({ 1, 2 }, { 1, 2 }, { by = ml.tensor({ 2, 1 }, { dtype = "int64" }), classes = { "cat", "dog" } })),
    "* cat  o dog\n")
end

function TestPlotScatter:test_labels_may_be_a_column_of_any_type()
  local t = ml.data.table { { "x", { 1, 2, 3 } }, { "text", { "a", "b", "a" } }, { "word", { "a", "b", "a" } }, { "whole", { 1, 2, 1 } }, { "is", { true, false, true } } }
  t = t:with { word = t.word:category() }
  local function drawn(by) return tostring(plot.scatter(t.x, t.x, { by = by, classes = { "a", "b" }, width = 30, height = 5 })) end
  local wanted = drawn { "a", "b", "a" }
  for _, name in ipairs { "text", "word", "whole" } do lu.assertEquals(drawn(t:column(name)), wanted, name) end
  lu.assertStrContains(drawn(t.is), "0")
  lu.assertStrContains(tostring(plot.box(t.x, { by = t.text, width = 30 })), "a")
  lu.assertStrContains(tostring(plot.roc({ 0.1, 0.2, 0.3 }, t.text, { positive = "b" })), "AUC")
end

function TestPlotScatter:test_refuses_lists_of_different_lengths()
  support.fails("plot.scatter: x has 2 values, y has 1", function() plot.scatter({ 1, 2 }, { 1 }) end)
  support.fails("plot.scatter: by has 1 labels for 2 rows", function() plot.scatter({ 1, 2 }, { 1, 2 }, { by = { "a" } }) end)
end

function TestPlotScatter:test_refuses_more_groups_than_can_be_told_apart()
  local x = {}
  for i = 1, 30 do x[i] = i end
  support.fails("plot.scatter: by has 30 different labels, at most 20 can be told apart", function() plot.scatter(x, x, { by = x }) end)
end

TestPlotHist = {}

function TestPlotHist:test_counts_every_finite_value()
  shows({
    "count",
    "2 ┤            █████████████",
    "  │            █████████████",
    "1 ┤█████████████████████████████████████",
    "0 ┤█████████████████████████████████████",
    "  └┬───────────┬───────────┬───────────┬",
    "   1           2           3           4",
    "1 value that is not finite is left out",
  }, plot.hist({ 1, 2, 2, 4, 1 / 0 }, { bins = 3, width = 40, height = 4, utf8 = true }))
end

function TestPlotHist:test_several_groups_are_outlines()
  shows({
    "* a  o b",
    "count",
    "2 ┤**********       oooooooooo",
    "1 ┤         ooooooooo",
    "  │         o       *",
    "0 ┤oooooooooo       **********",
    "  └┬──────┬─────┬──────┬─────┬",
    "   1.0   1.5   2.0    2.5  3.0",
  }, plot.hist({ { "a", { 1, 1, 2 } }, { "b", { 2, 3, 3 } } }, { bins = 3, width = 30, height = 4, utf8 = true }))
end

function TestPlotHist:test_density_has_the_area_1()
  local marks = plot.hist({ 0, 1, 1, 4 }, { bins = 4, density = true }).scene.panels[1]
  local area = 0
  for _, bar in ipairs(marks.marks[1]) do area = area + bar.high * marks.y.high * 1 end
  lu.assertAlmostEquals(area, 1, 1e-12)
end

-- numpy.histogram_bin_edges([1..100], "auto") has 9 edges.
function TestPlotHist:test_chooses_as_many_bins_as_numpy()
  local list = {}
  for i = 1, 100 do list[i] = i end
  lu.assertEquals(#plot.hist(list).scene.panels[1].marks[1], 8)
end

TestPlotBar = {}

function TestPlotBar:test_bars_stand_beside_names_and_numbers()
  shows({ "cat 8 #############", "dog 4 #######" }, plot.bar({ { "cat", 8 }, { "dog", 4 } }, { width = 20, utf8 = false }))
end

function TestPlotBar:test_a_negative_value_goes_to_the_left()
  shows({ "cat  8      ###########", "dog -4 #####" }, plot.bar({ { "cat", 8 }, { "dog", -4 } }, { width = 24, utf8 = false }))
end

function TestPlotBar:test_groups_lie_beside_one_another()
  shows({
    "█ train  ▒ valid",
    "x 8 ███████████████████",
    "  7 ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒",
    "y 3 ███████▏",
    "  4 ▒▒▒▒▒▒▒▒▒▒",
  }, plot.bar({ { "train", { 8, 3 } }, { "valid", { 7, 4 } } }, { names = { "x", "y" }, width = 24, utf8 = true }))
end

function TestPlotBar:test_refuses_other_forms()
  support.fails("plot.bar: a list as {{\"cat\", 8}, {\"dog\", 3}} is needed, or numbers and names = {...}; got a table",
    function() plot.bar { 1, 2 } end)
  support.fails("plot.bar: 1 names for 2 values", function() plot.bar({ 1, 2 }, { names = { "a" } }) end)
end

function TestPlotBar:test_refuses_more_bars_than_can_be_read()
  local many = {}
  for i = 1, 501 do many[i] = { i, i } end
  support.fails("plot.bar: 501 bars, at most 500 can be read; keep the largest ones, or write plot.hist", function() plot.bar(many) end)
end

TestPlotMatrix = {}

function TestPlotMatrix:test_confusion_names_the_classes()
  shows({
    "rows: actual, columns: predicted",
    "                  cat a ver~   right",
    "cat                 8      2   80.0%",
    "a very long n~      .      9  100.0%",
  }, plot.confusion({ { 8, 2 }, { 0, 9 } }, { classes = { "cat", "a very long name of a class" }, width = 40, utf8 = false }))
end

function TestPlotMatrix:test_confusion_refuses_what_is_no_square_of_counts()
  support.fails("plot.confusion: row 1 has 1 counts for 2 classes", function() plot.confusion { { 1 }, { 1, 2 } } end)
  support.fails("plot.confusion: row 1, column 1 must be a count, got -1", function() plot.confusion { { -1 } } end)
  support.fails("plot.confusion: classes has 1 names for 2", function() plot.confusion({ { 1, 0 }, { 0, 1 } }, { classes = { "a" } }) end)
end

function TestPlotMatrix:test_heatmap_prints_numbers_that_fit()
  shows({ "        age   fare", "age    1.00   0.50", "fare   0.50   1.00" },
    plot.heatmap({ { 1, 0.5 }, { 0.5, 1 } }, { rows = { "age", "fare" }, columns = { "age", "fare" }, center = 0, utf8 = false, width = 40 }))
end

function TestPlotMatrix:test_heatmap_falls_back_to_shades_that_tell_signs_apart()
  shows({ "1 |==--  ++##                    |", "-1 [=~-,  .+%#] 1" },
    plot.heatmap({ { -1, -0.5, 0, 0.5, 1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1 } }, { center = 0, utf8 = false, width = 40 }))
end

function TestPlotMatrix:test_heatmap_refuses_rows_of_different_lengths()
  support.fails("plot.heatmap: row 2 has 1 values, row 1 has 2", function() plot.heatmap { { 1, 2 }, { 3 } } end)
end

TestPlotPicture = {}

local checks = ml.tensor { { { 0, 0.5 }, { 1, 0.5 } } }

function TestPlotPicture:test_is_letters_where_there_are_no_colours()
  shows({ "=+" }, plot.image_grid(checks, { border = 0, color = false, utf8 = false }))
end

function TestPlotPicture:test_is_half_blocks_where_there_are_colours()
  shows({ "\27[38;5;16;48;5;231m▀\27[38;5;244;48;5;244m▀\27[0m" }, plot.image_grid(checks, { border = 0, color = true, utf8 = true }))
end

function TestPlotPicture:test_what_is_wider_than_the_terminal_becomes_smaller()
  local text = tostring(plot.image_grid(ml.ones(1, 10, 100), { width = 30, color = false, utf8 = false }))
  for line in text:gmatch "[^\n]+" do lu.assertTrue(#line <= 30) end
end

TestPlotNames = {}

function TestPlotNames:test_control_characters_do_not_reach_the_terminal()
  local text = tostring(plot.bar { { "a\27[2Jb\nc", 1 } })
  lu.assertStrContains(text, "a?[2Jb c 1")
end

function TestPlotNames:test_wide_letters_take_two_columns()
  shows({ "日本 1 ##############", "a    1 ##############" }, plot.bar({ { "日本", 1 }, { "a", 1 } }, { width = 22, utf8 = false }))
end

function TestPlotNames:test_invalid_utf8_is_shown_as_question_marks()
  lu.assertStrContains(tostring(plot.bar { { "a\xFFb", 1 } }), "a?b 1")
end
