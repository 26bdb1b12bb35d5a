--- Changes of training pictures, drawn anew for each row and epoch: data.flip(), data.shift(n).
-- They are specs: plain tables that a recipe or batches{augment = {...}} holds; core.picture_batch does the work.

local blame = require "moonlab.blame"

local augment = {}

local Spec = { __name = "moonlab.Augment" }
Spec.__index = Spec
function Spec:describe()
  local out = {}
  for key, value in pairs(self) do out[key] = value end
  return out
end

--- Mirrors half of the pictures left to right.
-- @usage augment = { data.flip() }
function augment.flip(...)
  if select("#", ...) > 0 then blame.raise("data.flip: takes no arguments") end
  return setmetatable({ augment = "flip" }, Spec)
end

--- Moves each picture by up to n pixels in both directions; what comes in at the edge is black.
-- @param n  an integer from 1
-- @usage augment = { data.shift(2) }
function augment.shift(n)
  if type(n) ~= "number" or not math.tointeger(n) or n < 1 then
    blame.raise("data.shift: the largest shift must be a positive integer, got %s", blame.show(n))
  end
  return setmetatable({ augment = "shift", pixels = math.tointeger(n) }, Spec)
end

--- The options of core.picture_batch that a list of specs stands for.
-- @param list  specs, or nil
-- @return { flip =, shift = }
function augment.options(list)
  local out = {}
  for i, spec in ipairs(list or {}) do
    if getmetatable(spec) ~= Spec then
      blame.raise("augment: entry %d must be what data.flip() or data.shift(n) gives, got %s", i, blame.show(spec))
    end
    if spec.augment == "flip" then out.flip = true else out.shift = spec.pixels end
  end
  return out
end

return augment
