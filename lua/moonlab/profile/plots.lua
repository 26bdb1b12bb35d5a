--- The plots of a profile's page.

local Axis = require "moonlab.plot.axis"
local plot = require "moonlab.plot"
local scene = require "moonlab.plot.scene"
local letters = require "moonlab.plot.text"
local page = require "moonlab.page"
local text = require "moonlab.plot.svg_text"
local columns = require "moonlab.profile.columns"

local plots = {}

local NAME = 24 -- letters of a name beside a bar
local SMALL = { width = 340, height = 190 }

local function short(s) return letters.cut(letters.clean(s), NAME, "…") end

--- The histogram of a column.
function plots.histogram(one)
  local h, most = one.histogram, 1
  for _, n in ipairs(h.counts) do most = math.max(most, n) end
  local low, high = h.edges[1], h.edges[#h.edges]
  if low == high then low, high = low - 0.5, high + 0.5 end
  local x = Axis.numeric { low = low, high = high, time = one.type == "time", margin = "none", label = one.type == "text" and "length" or nil }
  local y = Axis.numeric { low = 0, high = most, margin = "high", whole = true }
  local bars = { type = "bars", series = 1 }
  for k, n in ipairs(h.counts) do
    bars[k] = { left = x:place(#h.counts == 1 and low or h.edges[k]), right = x:place(#h.counts == 1 and high or h.edges[k + 1]), low = 0, high = y:place(n) }
  end
  return page.svg(scene.of_panel({ x = x, y = y, marks = { bars }, series = { { name = "" } } }, {}), SMALL)
end

local function bars(list, size, o) return page.svg(plot.bar(list, o), size) end

--- The most frequent values of a column.
function plots.top(one)
  local list, rest = {}, one.count
  for i, entry in ipairs(one.top) do
    if i <= 8 then list[i], rest = { short(columns.show(entry.value, one.type)), entry.count }, rest - entry.count end
  end
  if rest > 0 and one.top_lost == 0 then list[#list + 1] = { "(others)", rest } end
  return bars(list, { width = SMALL.width })
end

--- Counts by name, the first ones.
function plots.counts(list, most)
  local out = {}
  for i, one in ipairs(list) do
    if i <= most then out[i] = { short(columns.show(one.name)), one.count } end
  end
  return bars(out, { width = 480 })
end

--- How missing values are spread over columns: shares of the rows.
function plots.missing(list, rows)
  local out = {}
  for _, one in ipairs(list) do
    if one.missing > 0 and #out < 40 then out[#out + 1] = { short(one.name), 100 * one.missing / rows } end
  end
  return #out > 0 and bars(out, { width = 560 }, { x_label = "% missing" }) or nil
end

--- A matrix of correlations.
function plots.heatmap(rows, names, signed)
  local cut = {}
  for i, name in ipairs(names) do cut[i] = short(name) end
  return page.svg(plot.heatmap(rows, { rows = cut, columns = cut, center = signed and 0 or nil, low = signed and -1 or 0, high = 1 }),
    { width = math.max(360, math.min(960, 170 + 44 * #names)) })
end

--- How well each feature alone tells the target.
function plots.scores(target)
  local out = {}
  for _, one in ipairs(target.features) do
    if one.score and #out < 30 then out[#out + 1] = { short(one.name), math.floor(one.score * 1000 + 0.5) / 1000 } end
  end
  return #out > 0 and bars(out, { width = 560 }, { x_label = target.measure .. " of the column alone" }) or nil
end

local function range_of(bin)
  if bin.name then return short(bin.name) end
  if bin.from and bin.to then return ("%s to %s"):format(columns.show(bin.from), columns.show(bin.to)) end
  if bin.to then return "up to " .. columns.show(bin.to) end
  return bin.from and "above " .. columns.show(bin.from) or "all"
end

--- The target for each stretch of a feature: its mean, or the rate of classes.
function plots.against(target, feature)
  local names, groups = {}, {}
  local classes = target.class_names
  local shown = not classes and { 1 } or #classes == 2 and { 2 } or {}
  for k = 1, classes and #classes > 2 and math.min(4, #classes) or 0 do shown[k] = k end
  for g, k in ipairs(shown) do groups[g] = { classes and #shown > 1 and short(columns.show(classes[k])) or "", {} } end
  for i, bin in ipairs(feature.bins) do
    names[i] = range_of(bin)
    for g, k in ipairs(shown) do groups[g][2][i] = bin.values[k] end
  end
  local label = not classes and "mean of " .. short(target.name) or #classes == 2 and ("rate of %s = %s"):format(short(target.name), short(columns.show(classes[2]))) or "rate of classes"
  return page.svg(plot.bar(groups, { names = names, x_label = label }), { width = SMALL.width })
end

--- The course of a series' columns, one below the other.
function plots.course(list)
  local out = {}
  for i, one in ipairs(list) do out[i] = ("<h3>%s</h3>"):format(text.escape(short(one.name))) .. page.svg(plot.line(one.values), { width = 960, height = 150 }) end
  return table.concat(out, "\n")
end

--- Pictures beside each other.
function plots.pictures(pictures, across) return page.svg(plot.image_grid(pictures, { columns = across, border = 1 }), { width = 640 }) end

return plots
