--- Cross-correlation of sequences with learned windows.
-- @shape  [B, channels in, T] -> [B, channels, T'], T' = (T + 2 padding - dilation (size - 1) - 1) // stride + 1

local core = require "moonlab.core"
local convolution = require "moonlab.nn.convolution"

local Conv1d, init = convolution.class { name = "Conv1d", rank = 1, op = core.ops.conv1d }

--- @param channels  how many come out; those that go in are inferred by the first call
-- @param size      steps of the window
-- @param o         { inputs = asserts the channels in, stride = 1, padding = 0 | "same", dilation = 1, groups = 1,
--                  bias = true, weight =, init = name or function(tensor, key), bias_init = the same }
-- @usage nn.Conv1d(32, 5, {padding = "same"})
function Conv1d:init(channels, size, o) init(self, channels, size, o) end

return Conv1d
