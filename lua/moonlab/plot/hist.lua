--- ml.plot.hist: how often values fall into ranges of the same width.

local core = require "moonlab.core"
local Axis = require "moonlab.plot.axis"
local scene = require "moonlab.plot.scene"
local settings = require "moonlab.plot.settings"
local values = require "moonlab.plot.values"

local hist = {}

local read = settings.reader("plot.hist", { { "bins", "count" }, { "by", "any" }, { "classes", "table" }, { "density", "boolean", false },
  { "log", { "x" } } }, "ml.plot.hist(x, {bins = 20})")

local MOST = 100 -- bins that are chosen without being asked for

-- The larger number of bins of Sturges' and of Freedman and Diaconis' rule, as numpy.histogram_bin_edges(x, "auto").
local function bins_for(list, low, high)
  if #list < 2 or low == high then return 1 end
  local sorted = core.tensor(list, { dtype = "float64" })
  local width = (high - low) / (math.log(#list, 2) + 1)
  local middle = sorted:quantile(0.75):item() - sorted:quantile(0.25):item()
  if middle > 0 then width = math.min(width, 2 * middle / (#list) ^ (1 / 3)) end
  return math.max(1, math.min(MOST, math.ceil((high - low) / width)))
end

-- What has a place, of all groups; scaled by the axis; how many have none.
local function finite_of(groups, is_log)
  local out, all, dropped = {}, {}, 0
  for g, group in ipairs(groups) do
    out[g] = {}
    for _, x in ipairs(group.values) do
      if values.finite(x) and (not is_log or x > 0) then
        out[g][#out[g] + 1], all[#all + 1] = x, x
      else
        dropped = dropped + 1
      end
    end
  end
  return out, all, dropped
end

-- A value at the upper end of the last bin belongs to it.
local function count(list, axis, bins)
  local counts = {}
  for i = 1, bins do counts[i] = 0 end
  for _, x in ipairs(list) do
    local i = math.min(bins, math.floor(axis:place(x) * bins) + 1)
    counts[i] = counts[i] + 1
  end
  return counts
end

local function most_of(tables)
  local most = 0
  for _, list in ipairs(tables) do
    for _, n in ipairs(list) do most = math.max(most, n) end
  end
  return most
end

--- The panel of a histogram, and how many values have no place in it.
-- @param groups  a list of { name =, values = }
-- @param o       { bins =, bins_at_least =, density =, log = is x logarithmic, time =, x_label =, y_label =, axis = or nil for one that fits }
function hist.panel(groups, o)
  local lists, all, dropped = finite_of(groups, o.log)
  local low, high = values.range(all, o.log)
  local axis = o.axis or Axis.numeric { low = low, high = high, log = o.log, time = o.time, label = o.x_label, margin = "none" }
  local scaled = all
  if o.log then
    scaled = {}
    for i, x in ipairs(all) do scaled[i] = axis:scaled(x) end
  end
  local bins, heights = o.bins or math.max(o.bins_at_least or 1, bins_for(scaled, axis.from, axis.to)), {}
  for g, list in ipairs(lists) do
    heights[g] = count(list, axis, bins)
    local area = #list * (axis.to - axis.from) / bins
    for i = 1, o.density and #list > 0 and bins or 0 do heights[g][i] = heights[g][i] / area end
  end
  local y = Axis.numeric { low = 0, high = math.max(most_of(heights), o.density and 0 or 1), margin = "high", whole = not o.density,
    label = o.y_label or (o.density and "density" or "count") }
  local marks = {}
  for g, list in ipairs(heights) do
    local bars = { type = "bars", series = g }
    for i, height in ipairs(list) do
      bars[i] = { left = (i - 1) / bins, right = i / bins, low = 0, high = y:place(height) }
    end
    marks[g] = bars
  end
  return { x = axis, y = y, marks = marks, series = scene.series(groups) }, dropped
end

--- Draws how often values fall into ranges of the same width.
-- @param data     a list of numbers, a tensor or a column; or several: {{"cat", values}, {"dog", values}}; what is not finite is left out
-- @param options  { bins = as many as the values call for, by = labels of the values, classes = names of the labels 1, 2, ...,
--                 density = false: heights that make the area 1, log = "x": ranges of the same ratio, title =, x_label =, y_label =; of the
--                 text: width = the terminal's, height = 12, utf8 = by the locale }
-- @return a plot: print it, or plot:save "name.svg"
-- @error values that are no numbers
-- @usage print(ml.plot.hist(ml.randn(1000)))
function hist.hist(data, options)
  local o = read(options)
  local groups, about = values.grouped(data, o, "plot.hist")
  local panel, dropped = hist.panel(groups, { bins = o.bins, density = o.density, log = o.log, time = about.time,
    x_label = o.x_label or about.name, y_label = o.y_label })
  return scene.of_panel(panel, o, values.note(dropped, o.log))
end

return hist
