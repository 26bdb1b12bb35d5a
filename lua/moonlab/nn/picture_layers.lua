--- Layers around the functions of pictures.
-- @shape  [B, C, H, W] -> [B, C, H', W']
-- @export Upsample({scale_factor = 2, mode = "nearest"})  Resizes pictures: nn.interpolate as a layer.
-- @export Unfold(size, {stride = 1, padding = 0, dilation = 1})  nn.unfold as a layer.
-- @export Fold(output_size, size, {stride = 1, padding = 0, dilation = 1})  nn.fold as a layer.
-- @export Pad(sizes, {mode = "constant", value = 0})  nn.pad as a layer.

local Module = require "moonlab.nn.module"
local options = require "moonlab.options"
local pictures = require "moonlab.nn.pictures"

local WINDOW = { { "stride", "pair", 1 }, { "padding", "padding", 0 }, { "dilation", "pair", 1 } }

local RESIZE = { { "size", "pair" }, { "scale_factor", "any" }, { "mode", { "nearest", "bilinear" }, "nearest" },
  { "align_corners", "boolean", false } }
local PAD = { { "mode", { "constant", "reflect", "replicate", "circular" }, "constant" }, { "value", "number", 0 } }

local Upsample = Module:extend "Upsample"
local read_upsample = options("nn.Upsample", RESIZE, "nn.Upsample{scale_factor = 2, mode = \"bilinear\"}")
function Upsample:init(o) self.options = read_upsample(o) end
function Upsample:forward(x) return pictures.interpolate(x, self.options) end

local Unfold = Module:extend "Unfold"
local read_unfold_layer = options("nn.Unfold", WINDOW, "nn.Unfold(3, {padding = 1})")
function Unfold:init(size, o) self.size, self.options = size, read_unfold_layer(o) end
function Unfold:forward(x) return pictures.unfold(x, self.size, self.options) end

local Fold = Module:extend "Fold"
local read_fold_layer = options("nn.Fold", WINDOW, "nn.Fold({28, 28}, 3, {padding = 1})")
function Fold:init(output_size, size, o) self.output_size, self.size, self.options = output_size, size, read_fold_layer(o) end
function Fold:forward(x) return pictures.fold(x, self.output_size, self.size, self.options) end

local Pad = Module:extend "Pad"
local read_pad_layer = options("nn.Pad", PAD, "nn.Pad({1, 1, 1, 1}, {mode = \"reflect\"})")
function Pad:init(sizes, o) self.sizes, self.options = sizes, read_pad_layer(o) end
function Pad:forward(x) return pictures.pad(x, self.sizes, self.options) end

return { { name = "Upsample", class = Upsample }, { name = "Unfold", class = Unfold }, { name = "Fold", class = Fold },
  { name = "Pad", class = Pad } }
