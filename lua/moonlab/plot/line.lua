--- ml.plot.line: curves. Each is named, so that nothing is said by colour alone.

local Axis = require "moonlab.plot.axis"
local blame = require "moonlab.blame"
local scene = require "moonlab.plot.scene"
local settings = require "moonlab.plot.settings"
local thin = require "moonlab.plot.thin"
local values = require "moonlab.plot.values"

local line = {}

local read = settings.reader("plot.line", { { "x", "any" }, { "first", "number", 1 }, { "log", { "x", "y", "xy" } } },
  "ml.plot.line(y, {title = \"loss\"})")

local FEW = 40 -- values of a curve that are marked one by one

-- The x of all curves: o.x, or first, first + 1, ...
local function x_of(groups, o)
  local longest = 0
  for _, group in ipairs(groups) do longest = math.max(longest, #group.values) end
  if o.x ~= nil then
    local x, about = values.numbers(o.x, "plot.line")
    if longest ~= #x then blame.raise("plot.line: x has %d values for %d of y", #x, longest) end
    return x, about
  end
  local x = {}
  for i = 1, longest do x[i] = o.first + i - 1 end
  return x, {}
end

-- x and y of a curve, NaN in y where either has no place; how many have none.
local function placed(x, y, log_x, log_y)
  local out_x, out_y, dropped, nan = {}, {}, 0, 0 / 0
  for i = 1, #y do
    local a, b = x[i], y[i]
    local on_x = values.finite(a) and (not log_x or a > 0)
    if on_x and values.finite(b) and (not log_y or b > 0) then
      out_x[i], out_y[i] = a, b
    else
      dropped = dropped + 1
      out_x[i], out_y[i] = on_x and a or out_x[i - 1] or nan, nan
    end
  end
  return out_x, out_y, dropped
end

--- The panel of curves, and how many values have no place in it.
-- @param groups  a list of { name =, values =, x = or nil }
-- @param x       of the groups that have none of their own
-- @param o       { log =, x_label =, y_label =, x_time =, y_time =, whole = labels of x at integers only }
function line.panel(groups, x, o)
  local log_x, log_y = o.log and o.log:find "x" ~= nil, o.log and o.log:find "y" ~= nil
  local dropped, left, right, low, high = 0, math.huge, -math.huge, math.huge, -math.huge
  local curves = {}
  for i, group in ipairs(groups) do
    local a, b, without = placed(group.x or x, group.values, log_x, log_y)
    dropped, curves[i] = dropped + without, { x = a, y = b }
    left, right = values.range(a, log_x, left, right)
    low, high = values.range(b, log_y, low, high)
  end
  local x_axis = Axis.numeric { low = left, high = right, log = log_x, time = o.x_time, label = o.x_label, whole = o.whole }
  local y_axis = Axis.numeric { low = low, high = high, log = log_y, time = o.y_time, label = o.y_label }
  local marks = {}
  for i, curve in ipairs(curves) do
    local places, y = thin.curve(scene.places(x_axis, curve.x), scene.places(y_axis, curve.y), #curves)
    marks[i] = { type = "line", series = i, x = places, y = y, points = #places <= FEW and (#curves > 1 or #places == 1) }
  end
  return { x = x_axis, y = y_axis, marks = marks, series = scene.series(groups), names_at_ends = true }, dropped
end

--- Draws curves over their positions 1, 2, ... or over x. Where a value is not finite there is a gap.
-- @param data     a list of numbers, a tensor or a column; or several: {{"train", values}, {"valid", values}}
-- @param options  { x = a list, tensor or column (dates make an axis of time), first = 1: the position of the first value,
--                 log = "x", "y" or "xy", title =, x_label =, y_label =; of the text: width = the terminal's, height = 12,
--                 utf8 = by the locale }
-- @return a plot: print it, or plot:save "name.svg"
-- @error values that are no numbers, x of another length
-- @usage print(ml.plot.line({ {"train", {0.9, 0.5, 0.4}}, {"valid", {0.8, 0.6, 0.55}} }, { title = "loss" }))
function line.line(data, options)
  local o = read(options)
  local groups, about = values.groups(data, "plot.line")
  local x, about_x = x_of(groups, o)
  local panel, dropped = line.panel(groups, x, { log = o.log, x_label = o.x_label or about_x.name, x_time = about_x.time,
    y_label = o.y_label or about.name, y_time = about.time, whole = o.x == nil })
  return scene.of_panel(panel, o, values.note(dropped, o.log))
end

return line
