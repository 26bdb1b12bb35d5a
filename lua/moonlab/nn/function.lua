--- A pure function as a layer: what stands between the modules of a Sequential.
-- @shape whatever the function makes of it

local Module = require "moonlab.nn.module"
local blame = require "moonlab.blame"

local Function = Module:extend "Function"

function Function:init(f)
  if type(f) ~= "function" then blame.raise("nn.Function takes a function, got %s", blame.show(f)) end
  self.f = f
end

function Function:forward(...) return self.f(...) end

return Function
