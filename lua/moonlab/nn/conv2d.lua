--- Cross-correlation of pictures with learned windows.
-- @shape  [B, channels in, H, W] -> [B, channels, H', W'],
--         H' = (H + 2 padding - dilation (rows - 1) - 1) // stride + 1

local core = require "moonlab.core"
local convolution = require "moonlab.nn.convolution"

local Conv2d, init = convolution.class { name = "Conv2d", rank = 2, op = core.ops.conv2d,
  op_relu = core.ops.conv2d_relu }

--- @param channels  how many come out; those that go in are inferred by the first call
-- @param size      rows and columns of the window: 3 or {3, 5}
-- @param o         { inputs = asserts the channels in, stride = 1, padding = 0 | {1, 2} | "same", dilation = 1,
--                  groups = 1, bias = true, weight =, init = name or function(tensor, key), bias_init = the same }
-- @usage nn.Conv2d(32, 3, {padding = "same"})
function Conv2d:init(channels, size, o) init(self, channels, size, o) end

return Conv2d
