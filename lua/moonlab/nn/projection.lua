--- A Linear whose outputs follow from its owner's input: the owner's prepare sets `outputs` before the first call.

local Linear = require "moonlab.nn.linear"

local Projection = Linear:extend "Linear"

--- @param o  the options of nn.Linear
function Projection:init(o)
  Linear.init(self, 1, o)
  self.outputs = nil
end

return Projection
