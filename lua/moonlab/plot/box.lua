--- ml.plot.box: boxes and whiskers.

local core = require "moonlab.core"
local Axis = require "moonlab.plot.axis"
local scene = require "moonlab.plot.scene"
local settings = require "moonlab.plot.settings"
local values = require "moonlab.plot.values"

local box = {}

local read = settings.reader("plot.box", { { "by", "any" }, { "classes", "table" }, { "log", { "x" } } }, "ml.plot.box(x, {by = labels})")

local REACH = 1.5 -- of the whiskers, in heights of the box (Tukey)
local MOST = 200 -- outliers of a box that are drawn

-- Every few of a sorted list, its ends among them.
local function thinned(list)
  if #list <= MOST then return list end
  local out = {}
  for i = 1, MOST do out[i] = list[math.floor((i - 1) * (#list - 1) / (MOST - 1) + 0.5) + 1] end
  return out
end

--- The five numbers of a box and what lies beyond its whiskers; nil where there are no values.
-- @param list  finite numbers
-- @return { low =, q1 =, median =, q3 =, high =, outliers = }, or nil
function box.numbers(list)
  if #list == 0 then return nil end
  local sorted = core.tensor(list, { dtype = "float64" }):sort():tolist()
  local function quantile(q)
    local rank = (#sorted - 1) * q
    local lower = math.floor(rank)
    local a, b = sorted[lower + 1], sorted[math.min(#sorted, lower + 2)]
    return a + (b - a) * (rank - lower)
  end
  local out = { q1 = quantile(0.25), median = quantile(0.5), q3 = quantile(0.75), outliers = {} }
  local reach = REACH * (out.q3 - out.q1)
  for _, x in ipairs(sorted) do
    if x < out.q1 - reach or x > out.q3 + reach then
      out.outliers[#out.outliers + 1] = x
    else
      out.low, out.high = out.low or x, x
    end
  end
  -- between two far values there may be none within reach of an interpolated quartile
  out.low, out.high = math.min(out.low, out.q1), math.max(out.high, out.q3)
  return out
end

local function finite_of(list, is_log)
  local out = {}
  for _, x in ipairs(list) do
    if values.finite(x) and (not is_log or x > 0) then out[#out + 1] = x end
  end
  return out, #list - #out
end

--- Draws a box for each group: its quartiles (linearly interpolated) and median, whiskers to the last value within 1.5 heights of the
-- box, and what lies beyond as points.
-- @param data     numbers, or groups {{"cat", values}, {"dog", values}}
-- @param options  { by = labels of the values, classes = names of the labels 1, 2, ..., log = "x", title =, x_label =, y_label =; of the
--                 text: width = the terminal's, utf8 = by the locale }
-- @return a plot: print it, or plot:save "name.svg"
-- @error values that are no numbers
-- @usage print(ml.plot.box { {"cat", {1, 2, 3, 9}}, {"dog", {4, 5, 7}} })
function box.box(data, options)
  local o = read(options)
  local groups, about = values.grouped(data, o, "plot.box")
  local lists, dropped, low, high, names = {}, 0, nil, nil, {}
  for i, group in ipairs(groups) do
    local without
    lists[i], without = finite_of(group.values, o.log)
    dropped, names[i] = dropped + without, group.name
    low, high = values.range(lists[i], o.log, low, high)
  end
  local axis = Axis.numeric { low = low or 1, high = high or 0, log = o.log, time = about.time, label = o.x_label or about.name }
  local mark = { type = "boxes" }
  for i, list in ipairs(lists) do
    local numbers = box.numbers(list) or {}
    local one = { y = 1 - (i - 0.5) / #lists, outliers = numbers.outliers and scene.places(axis, thinned(numbers.outliers)) }
    for _, name in ipairs { "low", "q1", "median", "q3", "high" } do one[name] = numbers[name] and axis:place(numbers[name]) end
    mark[i] = one
  end
  return scene.of_panel({ x = axis, y = Axis.categories(names, o.y_label), marks = { mark }, series = {} }, o,
    values.note(dropped, o.log))
end

return box
