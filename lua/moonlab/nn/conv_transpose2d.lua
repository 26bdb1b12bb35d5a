--- Transposed convolution of pictures: enlarges them, as the gradient of Conv2d for its input does.
-- @shape  [B, channels in, H, W] -> [B, channels, H', W'],
--         H' = (H - 1) stride - 2 padding + dilation (rows - 1) + output_padding + 1

local core = require "moonlab.core"
local convolution = require "moonlab.nn.convolution"

local ConvTranspose2d, init = convolution.class {
  name = "ConvTranspose2d", rank = 2, transposed = true, op = core.ops.conv_transpose2d,
}

--- @param channels  how many come out; those that go in are inferred by the first call
-- @param size      rows and columns of the window: 3 or {3, 5}
-- @param o         { inputs = asserts the channels in, stride = 1, padding = 0 (taken off the result's sides),
--                  output_padding = 0 (places added at its end), dilation = 1, groups = 1, bias = true, weight =,
--                  init = name or function(tensor, key), bias_init = the same }
-- @usage nn.ConvTranspose2d(16, 4, {stride = 2, padding = 1})
function ConvTranspose2d:init(channels, size, o) init(self, channels, size, o) end

return ConvTranspose2d
