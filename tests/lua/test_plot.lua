-- Plots are strings, the same for the same values.

local ml = require "moonlab"
local lu = require "luaunit"
local support = require "support"
local plot = ml.plot

TestPlot = {}

function TestPlot:test_line_in_braille()
  lu.assertEquals(plot.line({ 1, 2, 3, 4 }, { width = 20, height = 2, utf8 = true }), table.concat({
    "4 │        ⢀⣀⡠⠤⠔⠒⠒⠊⠉",
    "1 │⣀⡠⠤⠤⠔⠒⠊⠉⠁",
    "   1               4",
  }, "\n"))
end

function TestPlot:test_line_in_ascii_names_each_curve_at_its_end()
  lu.assertEquals(plot.line({ { "up", { 0, 4 } }, { "down", { 4, 0 } } },
    { width = 24, height = 5, utf8 = false, title = "t" }), table.concat({
    "t",
    "4 |oo          ** * up",
    "  |  ooo    ***",
    "  |     oooo",
    "  |  ***    ooo",
    "0 |**          oo o down",
    "   1            2",
  }, "\n"))
end

function TestPlot:test_line_leaves_a_gap_where_a_value_is_not_finite()
  local text = plot.line({ 1, 0 / 0, 1, 2 }, { width = 20, height = 2, utf8 = false })
  lu.assertEquals(text, "2 |              ***\n1 |*          ***\n   1               4")
end

function TestPlot:test_line_of_one_value_is_drawn()
  lu.assertStrContains(plot.line({ 3 },
    { width = 20, height = 2, utf8 = false }), "*")
end

function TestPlot:test_line_is_never_wider_than_asked()
  for width = 20, 60, 7 do
    for line in (plot.line({ { "train", { 1, 2, 3 } }, { "valid", { 3, 2, 1 } } }, { width = width })
      .. "\n"):gmatch "(.-)\n" do
      lu.assertTrue(utf8.len(line) <= width, line)
    end
  end
end

function TestPlot:test_line_refuses_what_is_no_number()
  support.fails("plot.line: value 2 must be a number, got 'x'", function() plot.line { 1, "x" } end)
  support.fails("plot.line: unknown option 'widht'; did you mean 'width'?",
    function() local _ = plot.line({ 1 }, { widht = 3 }) end)
end

function TestPlot:test_confusion_names_the_classes()
  lu.assertEquals(plot.confusion({ { 8, 2 }, { 0, 9 } }, { classes = { "cat", "a very long name of a class" },
    width = 40, utf8 = false }),
    table.concat({
      "                  cat a ver~   right",
      "cat                 8      2   80.0%",
      "a very long n~      .      9  100.0%",
    }, "\n"))
end

function TestPlot:test_bar()
  lu.assertEquals(plot.bar({ { "cat", 8 }, { "dog", 4 } }, { width = 20, utf8 = false }),
    "cat 8 #############\ndog 4 #######")
end

function TestPlot:test_hist_counts_every_finite_value()
  local text = plot.hist({ 1, 2, 2, 4, 1 / 0 }, { bins = 3, width = 30, utf8 = false })
  lu.assertEquals(text, "1 to 2 1 ##########\n2 to 3 2 ####################\n3 to 4 1 ##########")
end
