--- Adds its input to the output of its layers. He et al. 2015, figure 2.
-- @shape  any -> the same

local Module = require "moonlab.nn.module"
local Sequential = require "moonlab.nn.sequential"
local blame = require "moonlab.blame"

local Residual = Module:extend "Residual"

--- @param layers  a list of layers whose output has the shape of their input
-- @usage nn.Residual { nn.Conv2d(32, 3, {padding = "same"}), nn.BatchNorm(), nn.ReLU() }
function Residual:init(layers) self.body = Sequential(layers) end

local function text(x) return "[" .. table.concat(x.shape, ", ") .. "]" end

function Residual:forward(x)
  local y = self.body(x)
  if text(y) ~= text(x) then
    blame.raise("Residual: the layers must keep the shape of their input\n  input   %s\n  output  %s", text(x), text(y))
  end
  return y + x
end

return Residual
