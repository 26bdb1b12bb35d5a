--- features.polar: points of a plane by distance and angle.

local blame = require "moonlab.blame"
local map = require "moonlab.features.map"
local options = require "moonlab.options"

local read = options("features.polar", { { "columns", "table" }, { "center", "table", { 0, 0 } }, { "twist", "number", 0 }, { "cyclic", "boolean", false },
  { "keep", "boolean", false } }, 'features.polar{columns = {"x", "y"}}')

--- Two coordinates as r, the distance from a center, and angle, within -pi..pi from the first axis; features.map with the formulas
-- written out.
-- @param o  { columns = {"x", "y"}, center = {0, 0}, twist = 0: turns a unit of r that are taken off the angle, which straightens a
--           spiral, cyclic = false: true gives angle_cos and angle_sin, which do not jump where the angle goes round; a twist needs
--           it, keep = false: true leaves the coordinates where they are }
-- @return a spec for a recipe's features
-- @error a number of columns that is not two; a twist without cyclic
-- @usage features = { features.polar { columns = { "x", "y" } } }
return function(o)
  if o == false then return map(false) end
  o = read(o)
  if not o.columns or #o.columns ~= 2 then blame.raise("features.polar: columns must be the names of two, as in {\"x\", \"y\"}") end
  if o.twist ~= 0 and not o.cyclic then blame.raise("features.polar: a twist needs cyclic = true: the angle would jump in every turn") end
  local function polar(c)
    local x, y = c[o.columns[1]] - o.center[1], c[o.columns[2]] - o.center[2]
    local r, angle = x:hypot(y), y:atan2(x)
    if not o.cyclic then return { r = r, angle = angle } end
    if o.twist ~= 0 then angle = angle - r * (2 * math.pi * o.twist) end
    return { r = r, angle_cos = angle:cos(), angle_sin = angle:sin() }
  end
  return map { columns = o.columns, keep = o.keep, polar }
end
