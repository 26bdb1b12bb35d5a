-- Curves in the square from 0 to 1.

local Axis = require "moonlab.plot.axis"
local scene = require "moonlab.plot.scene"
local thin = require "moonlab.plot.thin"

local unit = {}

--- The panel of curves of shares.
-- @param curves  a list of { name =, x =, y =, points = }
-- @param guides  a list of marks beside them
-- @param o       { x_label =, y_label = }
function unit.panel(curves, guides, o)
  local marks = table.move(guides, 1, #guides, 1, {})
  for i, curve in ipairs(curves) do
    local x, y = thin.curve(curve.x, curve.y, #curves)
    marks[#marks + 1] = { type = "line", series = i, x = x, y = y, points = curve.points }
  end
  return { x = Axis.numeric { low = 0, high = 1, label = o.x_label }, y = Axis.numeric { low = 0, high = 1, label = o.y_label }, marks = marks,
    series = scene.series(curves), square = true, rows = 16 }
end

return unit
