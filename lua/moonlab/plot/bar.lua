--- ml.plot.bar: lengths beside names.

local Axis = require "moonlab.plot.axis"
local blame = require "moonlab.blame"
local number = require "moonlab.plot.number"
local scene = require "moonlab.plot.scene"
local settings = require "moonlab.plot.settings"
local text = require "moonlab.plot.text"
local values = require "moonlab.plot.values"

local bar = {}

local read = settings.reader("plot.bar", { { "names", "table" } }, "ml.plot.bar {{\"cat\", 8}, {\"dog\", 3}}")

local MOST = 500 -- names
local THICKNESS = 0.8 -- of a category

local FORMS = "plot.bar: a list as {{\"cat\", 8}, {\"dog\", 3}} is needed, or numbers and names = {...}"

-- {{"cat", 8}, ...} -> one group and the names.
local function of_pairs(data)
  local names, list = {}, {}
  for i, pair in ipairs(data) do
    if type(pair) ~= "table" or type(pair[2]) ~= "number" then blame.raise("plot.bar: entry %d must be {name, number}", i) end
    names[i], list[i] = text.clean(pair[1]), pair[2]
  end
  return { { name = "", values = list } }, names
end

local function read_data(data, given)
  if not given then
    if type(data) ~= "table" or values.is_plain(data) and data[1] ~= nil then blame.raise("%s; got %s", FORMS, blame.show(data)) end
    return of_pairs(data)
  end
  local groups = values.groups(data, "plot.bar")
  for _, group in ipairs(groups) do
    if #group.values ~= #given then blame.raise("plot.bar: %d names for %d values", #given, #group.values) end
  end
  return groups, settings.names(given, #given, "plot.bar", "names")
end

-- The bars of each group: categories from the top, groups beside one another in each.
local function marks_of(groups, count, axis)
  local marks, dropped, zero = {}, 0, axis:place(0)
  for g, group in ipairs(groups) do
    local bars = { type = "bars", series = g }
    for i, value in ipairs(group.values) do
      if values.finite(value) then
        local at, top = axis:place(value), 1 - (i - 0.5 - THICKNESS / 2 + THICKNESS * (g - 1) / #groups) / count
        bars[#bars + 1] = { left = math.min(zero, at), right = math.max(zero, at), high = top, low = top - THICKNESS / #groups / count,
          category = i, text = number.short(value), is_negative = value < 0 }
      else
        dropped = dropped + 1
      end
    end
    marks[g] = bars
  end
  return marks, dropped
end

--- Draws a bar for each value.
-- @param data     {{name, value}, ...} in the order of the plot; or numbers, or groups {{"train", numbers}, {"valid", numbers}}, with
--                 names =
-- @param options  { names = of the values, title =, x_label =, y_label =; of the text: width = the terminal's, utf8 = by the locale }
-- @return a plot: print it, or plot:save "name.svg"
-- @error entries that are no pairs, a number of names that differs from that of the values
-- @usage print(ml.plot.bar { {"cat", 8}, {"dog", 3} })
function bar.bar(data, options)
  local o = read(options)
  local groups, names = read_data(data, o.names)
  if #names > MOST then blame.raise("plot.bar: %d bars, at most %d can be read; keep the largest ones, or write plot.hist", #names, MOST) end
  local low, high = 0, 0
  for _, group in ipairs(groups) do low, high = values.range(group.values, false, low, high) end
  local margin = low < 0 and (high > 0 and "both" or "low") or "high"
  local axis = Axis.numeric { low = low, high = low == high and 1 or high, label = o.x_label, margin = margin }
  local marks, dropped = marks_of(groups, #names, axis)
  return scene.of_panel({ x = axis, y = Axis.categories(names, o.y_label), marks = marks, series = scene.series(groups) }, o,
    values.note(dropped))
end

return bar
