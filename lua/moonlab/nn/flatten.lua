--- Dimensions from..to joined into one; without arguments all but the batch.
-- @shape  [B, C, H, W] -> [B, C*H*W]

local core = require "moonlab.core"
local Module = require "moonlab.nn.module"
local blame = require "moonlab.blame"

local flatten = core.ops.flatten
local Flatten = Module:extend "Flatten"

--- @param from  first dimension (2)
-- @param to    last dimension (-1)
-- @usage nn.Flatten()
function Flatten:init(from, to)
  self.first, self.last = from or 2, to or -1 -- not to: that is a method
  if math.type(self.first) ~= "integer" or math.type(self.last) ~= "integer" then
    blame.raise("nn.Flatten takes the first and the last dimension, got %s and %s", blame.show(self.first),
      blame.show(self.last))
  end
end

function Flatten:forward(x) return flatten(x, self.first, self.last) end

return Flatten
