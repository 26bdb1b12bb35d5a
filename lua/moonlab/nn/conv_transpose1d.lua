--- Transposed convolution of sequences: lengthens them, as the gradient of Conv1d for its input does.
-- @shape  [B, channels in, T] -> [B, channels, T'],
--         T' = (T - 1) stride - 2 padding + dilation (size - 1) + output_padding + 1

local core = require "moonlab.core"
local convolution = require "moonlab.nn.convolution"

local ConvTranspose1d, init = convolution.class {
  name = "ConvTranspose1d", rank = 1, transposed = true, op = core.ops.conv_transpose1d,
}

--- @param channels  how many come out; those that go in are inferred by the first call
-- @param size      steps of the window
-- @param o         { inputs = asserts the channels in, stride = 1, padding = 0 (taken off the result's ends),
--                  output_padding = 0 (steps added at its end), dilation = 1, groups = 1, bias = true, weight =,
--                  init = name or function(tensor, key), bias_init = the same }
-- @usage nn.ConvTranspose1d(16, 4, {stride = 2, padding = 1})
function ConvTranspose1d:init(channels, size, o) init(self, channels, size, o) end

return ConvTranspose1d
