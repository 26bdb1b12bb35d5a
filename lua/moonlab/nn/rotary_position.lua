--- Turns pairs of numbers by angles that grow with the position, so that the product of a query and a key depends on their
-- distance. Su et al. 2021. Element i of the first half of the last dimension is paired with element i of the second.
-- nn.MultiheadAttention(8, {rotary = true}) turns its queries and keys so.
-- @shape  [..., T, D] -> the same, D even

local core = require "moonlab.core"
local Module = require "moonlab.nn.module"
local blame = require "moonlab.blame"
local options = require "moonlab.options"

local ops = core.ops
local RotaryPosition = Module:extend "RotaryPosition"

local read = options("nn.RotaryPosition", { { "base", "number", 10000 } }, "nn.RotaryPosition{base = 10000}")

--- @param o  { base = 10000: the longest wave is about 2 pi base positions }
-- @usage nn.RotaryPosition()
function RotaryPosition:init(o)
  if type(o) == "number" then blame.raise "nn.RotaryPosition infers the width: write nn.RotaryPosition()" end
  self.base = read(o).base
  if not (self.base > 0) then blame.raise("nn.RotaryPosition: base must be above 0, got %s", self.base) end
end

-- Cosines and sines of positions offset .. offset + count - 1 (the first position is 0): [count, half].
local function tables(self, offset, count, half, like)
  if not like:has_storage() then
    local shape = core.shape_only({ count, half }, like.dtype)
    return shape, shape
  end
  local last = self.tables
  if not (last and last.offset == offset and last.count == count and last.half == half and last.dtype == like.dtype) then
    local cos, sin = {}, {}
    for t = 0, count - 1 do
      for i = 0, half - 1 do
        local angle = (offset + t) * self.base ^ (-i / half)
        cos[#cos + 1], sin[#sin + 1] = math.cos(angle), math.sin(angle)
      end
    end
    local o = { dtype = like.dtype }
    last = { offset = offset, count = count, half = half, dtype = like.dtype,
      cos = core.tensor(cos, o):reshape(count, half), sin = core.tensor(sin, o):reshape(count, half) }
    self.tables = last
  end
  return last.cos, last.sin
end

--- @param x       [..., T, D]
-- @param offset  how many positions went before (0)
function RotaryPosition:forward(x, offset)
  if x:dim() < 2 then
    error(("RotaryPosition: the input must be [..., positions, width], got [%s]"):format(table.concat(x.shape, ", ")), 0)
  end
  local count, width = x:size(-2), x:size(-1)
  if width % 2 ~= 0 then
    error(("RotaryPosition: the last dimension must be even, got [%s]"):format(table.concat(x.shape, ", ")), 0)
  end
  local half = width // 2
  local cos, sin = tables(self, offset or 0, count, half, x)
  local a, b = x:slice(-1, 1, half), x:slice(-1, half + 1, width)
  return ops.cat({ a * cos - b * sin, b * cos + a * sin }, -1)
end

return RotaryPosition
