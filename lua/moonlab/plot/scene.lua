-- What stands between data and drawing. A kind of plot makes a scene; text_scene.lua and svg.lua draw it.
--
--   scene  { title =, notes = {...}, panels = {...}, or picture = { png =, pixels =, ... } }; a grid of n x n panels has names =
--          of its columns and series = of all panels
--   panel  { x = axis, y = axis, marks = {...}, series = { {name =}, ... }, names_at_ends = true for curves over time,
--            rows = of the text, square = both axes have one unit }, or a matrix, see heatmap.lua
--   marks  { type = "line", series =, x =, y = (NaN: a gap), points = also a mark at each value }; without series a thin guide
--          { type = "points", series =, x =, y =, level = list of 1..4: how many lie there, or nil, size = in parts of
--            the usual one }
--          { type = "bars", series =, list of { left =, right =, low =, high =, text =, category = its number or nil } }
--          { type = "boxes", list of { y =, low =, q1 =, median =, q3 =, high =, outliers = (places on x) }; a group without values has none }
--
-- x and y of marks are places on their axes, 0 to 1 from the left and from below. series is the number of an entry of
-- panel.series: the same number looks the same everywhere.

local Plot = require "moonlab.plot.plot"

local scene = {}

--- A plot of one panel.
-- @param panel  see above
-- @param o      the options of the call
-- @param ...    notes: sentences, or nil
function scene.of_panel(panel, o, ...)
  local given, notes = table.pack(...), {}
  for i = 1, given.n do notes[#notes + 1] = given[i] end
  return Plot.new({ title = o.title, notes = notes, panels = { panel } }, o)
end

--- Names of groups as the series of a panel.
function scene.series(groups)
  local series = {}
  for i, group in ipairs(groups) do series[i] = { name = group.name } end
  return series
end

--- A straight thin line beside the data.
function scene.guide(x1, y1, x2, y2) return { type = "line", x = { x1, x2 }, y = { y1, y2 } } end

--- The places of values on an axis; NaN stays.
function scene.places(axis, list)
  local out = {}
  for i = 1, #list do out[i] = list[i] == list[i] and axis:place(list[i]) or list[i] end
  return out
end

return scene
