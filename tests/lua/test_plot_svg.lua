-- Plots as SVG: well-formed, of their own, the same bytes for the same values.

local ml = require "moonlab"
local lu = require "luaunit"
local support = require "support"
local xml = require "xml"
local plot = ml.plot

local labels = {}
for i = 1, 40 do labels[i] = i % 3 + 1 end

-- A plot of each kind.
local function kinds()
  ml.manual_seed(5)
  return {
    line = plot.line({ { "train", { 3, 2, 1 } }, { "valid", { 3, 2.5, 0 / 0 } } }, { title = "loss" }),
    scatter = plot.scatter(ml.randn(40), ml.randn(40), { by = labels, x_label = "x", y_label = "y" }),
    hist = plot.hist({ { "a", ml.randn(50) }, { "b", ml.randn(50) } }),
    bar = plot.bar { { "cat", 8 }, { "dog", -3 } },
    heatmap = plot.heatmap(ml.randn(4, 5), { center = 0 }),
    confusion = plot.confusion({ { 8, 2 }, { 0, 9 } }, { classes = { "cat", "dog" } }),
    image_grid = plot.image_grid(ml.rand(4, 3, 6, 6)),
    box = plot.box { { "cat", { 1, 2, 3, 9 } }, { "dog", { 4, 5, 7 } }, { "none", {} } },
    roc = plot.roc({ { "linear", { 0.1, 0.4, 0.35, 0.8 } }, { "net", { 0.2, 0.1, 0.4, 0.3 } } }, { 0, 0, 1, 1 }),
    pr = plot.pr({ 0.1, 0.4, 0.35, 0.8 }, { 0, 0, 1, 1 }),
    calibration = plot.calibration({ 0.1, 0.4, 0.35, 0.8 }, { 0, 0, 1, 1 }, { bins = 2 }),
    learning_curve = plot.learning_curve { { epoch = 1, loss = 0.9, valid_loss = 0.8 }, { epoch = 2, loss = 0.5, valid_loss = 0.6 } },
    pairs = plot.pairs(ml.randn(40, 3), { by = labels, names = { "a long name of a column", "b", "c" } }),
    dates = plot.line(ml.randn(50), { x = { name = "day", type = "time", values = ml.arange(1, 50, { dtype = "float64" }) * 86400 } }),
    logarithmic = plot.scatter({ 1, 10, 1000 }, { 0.001, 1, 1e9 }, { log = "xy" }),
    no_line = plot.line {}, no_bar = plot.bar {}, no_hist = plot.hist {}, no_scatter = plot.scatter({}, {}), no_heatmap = plot.heatmap {}, no_box = plot.box {},
  }
end

-- All elements with a tag.
local function elements(svg, tag)
  local _, all = xml.parse(svg)
  local out = {}
  for _, element in ipairs(all) do
    if element.tag == tag then out[#out + 1] = element end
  end
  return out
end

local function texts(svg)
  local out = {}
  for i, element in ipairs(elements(svg, "text")) do out[i] = element.text end
  return out
end

TestSvg = {}

for name in pairs(kinds()) do
  TestSvg["test_is_well_formed_" .. name] = function()
    for _, size in ipairs { { width = 640 }, { width = 200 }, { width = 300, height = 150 } } do
      local root = xml.parse(kinds()[name]:svg(size))
      lu.assertEquals({ root.tag, root.attributes.xmlns }, { "svg", "http://www.w3.org/2000/svg" })
      lu.assertEquals(root.attributes.viewBox, ("0 0 %s %s"):format(root.attributes.width, root.attributes.height))
    end
  end
  TestSvg["test_needs_nothing_from_outside_" .. name] = function()
    local svg = kinds()[name]:svg()
    for _, forbidden in ipairs { "<script", "@import", "url%(", 'href="[^d]', " id=", " on%a+=", "nan", "inf" } do
      lu.assertNil(svg:gsub("base64,[%w+/=]*", ""):find(forbidden), forbidden)
    end
  end
  TestSvg["test_is_the_same_for_the_same_values_" .. name] = function() lu.assertEquals(kinds()[name]:svg(), kinds()[name]:svg()) end
  TestSvg["test_texts_stay_inside_" .. name] = function()
    local svg_text = require "moonlab.plot.svg_text"
    for _, width in ipairs { 640, 200 } do
      local svg = kinds()[name]:svg { width = width }
      local height = tonumber(svg:match 'height="(%d+)"')
      for _, element in ipairs(elements(svg, "text")) do
        local at = element.attributes
        local x, y, wide = tonumber(at.x), tonumber(at.y), svg_text.width(element.text, tonumber(at["font-size"] or 12))
        if at.transform then lu.assertTrue(x >= 8 and x <= width and y >= 0 and y <= height, element.text)
        else
          local left = at["text-anchor"] == "end" and x - wide or at["text-anchor"] == "middle" and x - wide / 2 or x
          lu.assertTrue(left >= 0 and left + wide <= width and y >= 8 and y <= height, ("%s at %g..%g, %g of %d"):format(element.text, left, left + wide, y, width))
        end
      end
    end
  end
end

function TestSvg:test_known_points_are_where_they_should_be()
  local svg = plot.line({ 0, 10 }, { title = nil }):svg { width = 340, height = 200 }
  local curve
  for _, path in ipairs(elements(svg, "path")) do
    if path.attributes.class == "s1" then curve = path.attributes.d end
  end
  local x1, y1, x2, y2 = curve:match "^M(%S+) ([^L]+)L(%S+) (%S+)$"
  local ticks = {} -- the grid lines of y say where 0 and 10 are
  for _, path in ipairs(elements(svg, "path")) do
    local y = path.attributes.class == "g" and path.attributes.d:match "^M%S+ ([%d.]+)h"
    if y then ticks[#ticks + 1] = y end
  end
  lu.assertEquals({ y1, y2 }, { ticks[1], ticks[#ticks] })
  lu.assertTrue(tonumber(x1) < tonumber(x2) and tonumber(y1) > tonumber(y2))
end

function TestSvg:test_words_are_escaped()
  local svg = plot.line({ { "a<b & \"c\"", { 1, 2 } } }, { title = "x > 'y'\n\1" }):svg()
  lu.assertStrContains(svg, "a&lt;b &amp; &quot;c&quot;")
  lu.assertEquals(texts(svg)[1], "x > 'y' ?")
  lu.assertEquals(texts(svg)[2], 'a<b & "c"')
end

function TestSvg:test_series_differ_by_more_than_colour()
  local dashes, shapes = {}, {}
  for _, path in ipairs(elements(plot.line({ { "a", { 1, 2 } }, { "b", { 2, 1 } } }):svg(), "path")) do
    if path.attributes.class:find "^s" then dashes[path.attributes.class] = path.attributes["stroke-dasharray"] or "solid" end
    if path.attributes.class:find "^f" then shapes[path.attributes.class] = path.attributes.d:match "m.*z" end
  end
  lu.assertEquals(dashes, { s1 = "solid", s2 = "7 3" })
  lu.assertNotEquals(shapes.f1, shapes.f2)
end

function TestSvg:test_long_names_are_cut()
  local svg = plot.bar({ { ("long "):rep(50), 1 } }):svg { width = 200 }
  lu.assertStrContains(table.concat(texts(svg)), "…")
end

-- 1e6 points: bounded in size.
function TestSvg:test_a_million_points_stay_small()
  ml.manual_seed(1)
  local walk = plot.line(ml.randn(1000000):cumsum(1)):svg()
  lu.assertTrue(#walk < 100e3, #walk)
  local cloud = plot.scatter(ml.randn(1000000), ml.randn(1000000)):svg()
  lu.assertTrue(#cloud < 300e3, #cloud)
end

function TestSvg:test_thinned_curves_keep_their_peaks()
  local y = ml.zeros(100000)
  y[54321] = 7
  lu.assertEquals(plot.line(y).scene.panels[1].y.high, 7)
  local top = 0
  for _, place in ipairs(plot.line(y).scene.panels[1].marks[1].y) do top = math.max(top, place) end
  lu.assertEquals(top, 1)
end

function TestSvg:test_large_matrices_are_averaged()
  local svg = plot.heatmap(ml.rand(1000, 500)):svg()
  lu.assertTrue(#svg < 300e3)
  lu.assertStrContains(svg, "1000 x 500 values, each cell is the mean of 10 x 5")
end

function TestSvg:test_pairs_of_many_rows_stay_small()
  ml.manual_seed(1)
  local svg = plot.pairs(ml.randn(20000, 6)):svg()
  lu.assertTrue(#svg < 300e3, #svg)
end

function TestSvg:test_both_colour_schemes_are_inside() lu.assertStrContains(plot.line({ 1 }):svg(), "@media(prefers-color-scheme:dark)") end

-- Values at the ends of what a number can be: no endless search for labels, nothing that is no number in the file.
function TestSvg:test_extreme_values_are_drawn()
  local extreme = { 5e-324, 1e-300, 1, 1e16, 1e16 + 2, 1e300 }
  for _, o in ipairs { {}, { log = "x" }, { log = "y" }, { log = "xy" } } do
    for count = 1, #extreme do
      local list = table.move(extreme, 1, count, 1, {})
      local p = plot.scatter(list, list, { log = o.log, width = 60 })
      xml.parse(p:svg())
      lu.assertNil(p:svg():find "nan")
      lu.assertTrue(#tostring(p) > 0)
    end
  end
end

function TestSvg:test_numbers_beside_bars_go_where_there_is_no_room()
  local svg = plot.bar { { "a name of many letters", 0.324812 }, { "another", -7.505e14 } }:svg { width = 160 }
  for _, shown in ipairs(texts(svg)) do lu.assertNotEquals(shown, "0.3248") end
end

TestSave = {}

function TestSave:test_writes_what_svg_gives()
  support.with_folder(function(folder)
    local p = plot.line { 1, 2 }
    lu.assertIs(p:save(folder .. "/a.svg"), p)
    local file = assert(io.open(folder .. "/a.svg", "rb"))
    lu.assertEquals(file:read "a", p:svg())
    file:close()
  end)
end

function TestSave:test_writes_pictures_pixel_for_pixel()
  support.with_folder(function(folder)
    plot.image_grid(ml.ones(3, 2, 2), { columns = 2 }):save(folder .. "/a.png")
    local file = assert(io.open(folder .. "/a.png", "rb"))
    lu.assertEquals({ string.unpack(">I4I4", file:read "a", 17) }, { 8, 8, 25 })
    file:close()
  end)
end

function TestSave:test_refuses_other_endings()
  support.fails("plot:save: 'a.pdf' must end in .svg, or in .png for an image_grid", function() plot.line({ 1 }):save "a.pdf" end)
  support.fails("plot:png: only an image_grid is made of pixels; write plot:save 'name.svg'", function() plot.line({ 1 }):save "a.png" end)
end

TestBase64 = {}

function TestBase64:test_the_examples_of_rfc_4648()
  local base64 = require "moonlab.plot.base64"
  for bytes, letters in pairs { [""] = "", f = "Zg==", fo = "Zm8=", foo = "Zm9v", foob = "Zm9vYg==", fooba = "Zm9vYmE=", foobar = "Zm9vYmFy" } do
    lu.assertEquals(base64(bytes), letters)
  end
end
