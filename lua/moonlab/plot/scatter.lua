--- ml.plot.scatter: points.

local Axis = require "moonlab.plot.axis"
local blame = require "moonlab.blame"
local scene = require "moonlab.plot.scene"
local settings = require "moonlab.plot.settings"
local thin = require "moonlab.plot.thin"
local values = require "moonlab.plot.values"

local scatter = {}

local read = settings.reader("plot.scatter", { { "by", "any" }, { "classes", "table" }, { "log", { "x", "y", "xy" } } },
  "ml.plot.scatter(x, y, {by = labels})")

-- Points in groups, where both values have a place.
-- @param of_row  the group of each row, or nil for one
-- @param groups  how many
-- @return a list of { x =, y = }, how many points were left out
local function clouds_of(x, y, of_row, groups, log_x, log_y)
  local clouds, dropped = {}, 0
  for i = 1, groups do clouds[i] = { x = {}, y = {} } end
  for i = 1, #x do
    local a, b = x[i], y[i]
    if values.finite(a) and values.finite(b) and (not log_x or a > 0) and (not log_y or b > 0) then
      local cloud = clouds[of_row and of_row[i] or 1]
      cloud.x[#cloud.x + 1], cloud.y[#cloud.y + 1] = a, b
    else
      dropped = dropped + 1
    end
  end
  return clouds, dropped
end

-- The marks of clouds; whether their points are counted in bins.
local function marks_of(clouds, x_axis, y_axis, panels)
  local marks, placed, count = {}, {}, 0
  for i, cloud in ipairs(clouds) do
    placed[i] = { x = scene.places(x_axis, cloud.x), y = scene.places(y_axis, cloud.y) }
    count = count + #cloud.x
  end
  local is_binned = count > thin.CLOUD // panels
  if is_binned then placed = thin.clouds(placed, panels) end
  for i, one in ipairs(placed) do marks[i] = { type = "points", series = i, x = one.x, y = one.y, level = one.level } end
  return marks, is_binned and count
end

--- A panel of points.
-- @param o  { log_x =, log_y =, of_row =, groups =, and about_x =, about_y = (of values.numbers) or x_axis =, y_axis =; panels = how many
--           share the picture }
-- @return the panel, how many points have no place in it, how many are counted in bins (or false)
function scatter.panel(x, y, o)
  local clouds, dropped = clouds_of(x, y, o.of_row, o.groups or 1, o.log_x, o.log_y)
  local left, right, low, high
  for _, cloud in ipairs(clouds) do
    left, right = values.range(cloud.x, o.log_x, left, right)
    low, high = values.range(cloud.y, o.log_y, low, high)
  end
  local x_axis = o.x_axis or Axis.numeric { low = left, high = right, log = o.log_x, time = o.about_x.time, label = o.about_x.name }
  local y_axis = o.y_axis or Axis.numeric { low = low, high = high, log = o.log_y, time = o.about_y.time, label = o.about_y.name }
  local marks, binned = marks_of(clouds, x_axis, y_axis, o.panels or 1)
  return { x = x_axis, y = y_axis, marks = marks }, dropped, binned
end

--- Draws points. More than a few thousand are counted in bins, which look the darker the more points they hold.
-- @param x, y     lists of numbers, tensors or columns of one length
-- @param options  { by = labels of the points (a list, tensor or column), classes = names of the labels 1, 2, ..., log = "x", "y" or "xy",
--                 title =, x_label =, y_label =; of the text: width = the terminal's, height = 16, utf8 = by the locale }
-- @return a plot: print it, or plot:save "name.svg"
-- @error lists of different lengths, values that are no numbers, more than 20 labels
-- @usage print(ml.plot.scatter({1, 2, 3, 4}, {1, 4, 9, 16}, { by = {"a", "a", "b", "b"} }))
function scatter.scatter(x, y, options)
  local o = read(options)
  local about_x, about_y
  x, about_x = values.numbers(x, "plot.scatter")
  y, about_y = values.numbers(y, "plot.scatter")
  if #x ~= #y then blame.raise("plot.scatter: x has %d values, y has %d", #x, #y) end
  local of_row, names = nil, { "" }
  if o.by then of_row, names = values.group_of(o.by, #x, o.classes, "plot.scatter") end
  local panel, dropped, binned = scatter.panel(x, y, { of_row = of_row, groups = #names, log_x = o.log and o.log:find "x" ~= nil,
    log_y = o.log and o.log:find "y" ~= nil, about_x = { time = about_x.time, name = o.x_label or about_x.name },
    about_y = { time = about_y.time, name = o.y_label or about_y.name } })
  panel.series, panel.rows = {}, 16
  for i, name in ipairs(names) do panel.series[i] = { name = name } end
  local note = binned and ("%d points, counted in bins: the larger a dot, the more points%s"):format(binned,
    #names > 1 and "; a bin has the mark of the group with the most" or "")
  return scene.of_panel(panel, o, values.note(dropped, o.log), note or nil)
end

return scatter
