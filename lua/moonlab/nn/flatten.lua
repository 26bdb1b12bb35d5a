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
  self.from, self.to = from or 2, to or -1
  if math.type(self.from) ~= "integer" or math.type(self.to) ~= "integer" then
    blame.raise("nn.Flatten takes the first and the last dimension, got %s and %s", blame.show(self.from),
      blame.show(self.to))
  end
end

function Flatten:forward(x) return flatten(x, self.from, self.to) end

return Flatten
