--- Layers around the functions of pictures.
-- @shape  [B, C, H, W] -> [B, C, H', W']
-- @export Upsample({scale_factor = 2, mode = "nearest"})  Resizes pictures: nn.interpolate as a layer.
-- @export Unfold(size, {stride = 1, padding = 0, dilation = 1})  nn.unfold as a layer.
-- @export Fold(output_size, size, {stride = 1, padding = 0, dilation = 1})  nn.fold as a layer.
-- @export Pad(sizes, {mode = "constant", value = 0})  nn.pad as a layer.

local Module = require "moonlab.nn.module"
local picture_options = require "moonlab.nn.picture_options"
local pictures = require "moonlab.nn.pictures"

local Upsample = Module:extend "Upsample"
local read_upsample = picture_options.resize("nn.Upsample", "nn.Upsample{scale_factor = 2, mode = \"bilinear\"}")
function Upsample:init(o) self.options = read_upsample(o) end
function Upsample:forward(x) return pictures.interpolate(x, self.options) end

local Unfold = Module:extend "Unfold"
local read_unfold = picture_options.window("nn.Unfold", "nn.Unfold(3, {padding = 1})")
function Unfold:init(size, o) self.size, self.options = read_unfold(size, o) end
function Unfold:forward(x) return pictures.unfold(x, self.size, self.options) end

local Fold = Module:extend "Fold"
local read_fold, read_output_size = picture_options.window("nn.Fold", "nn.Fold({28, 28}, 3, {padding = 1})"), picture_options.pictures "nn.Fold"
function Fold:init(output_size, size, o)
  self.output_size = read_output_size(output_size)
  self.size, self.options = read_fold(size, o)
end
function Fold:forward(x) return pictures.fold(x, self.output_size, self.size, self.options) end

local Pad = Module:extend "Pad"
local read_pad = picture_options.border("nn.Pad", "nn.Pad({1, 1, 1, 1}, {mode = \"reflect\"})")
function Pad:init(sizes, o) self.sizes, self.options = read_pad(sizes, o) end
function Pad:forward(x) return pictures.pad(x, self.sizes, self.options) end

return { { name = "Upsample", class = Upsample }, { name = "Unfold", class = Unfold }, { name = "Fold", class = Fold },
  { name = "Pad", class = Pad } }
