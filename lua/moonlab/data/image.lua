--- Pictures from and to files: PNG and JPEG, as uint8 tensors [C, H, W].
--
-- Pixels are those of Pillow. 16 bits become 8; palettes are looked up; transparency is kept with channels = 4 and lies on white
-- otherwise; CMYK becomes colour; a camera's orientation is applied; colour profiles are ignored.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local options = require "moonlab.options"
local locate = require "moonlab.data.locate"

local image = {}

local function path_of(where, path)
  if type(path) ~= "string" then blame.raise("%s: the path of a file is needed, got %s", where, blame.show(path)) end
  return locate(where, path)
end

local CHANNELS = { [1] = true, [3] = true, [4] = true }
local function channels_of(where, channels)
  if channels == nil or CHANNELS[channels] then return channels end
  blame.raise("%s: channels must be 1 (gray), 3 (colour) or 4 (colour and alpha), got %s", where, blame.show(channels))
end

-- {height, width}, or one number for both.
local function size_of(size)
  if size == nil or type(size) == "table" then return size end
  return { size, size }
end

local read_options = options("data.read_image", {
  { "channels", "integer" }, { "size", "pair" }, { "whole", "boolean", false }, { "on_damage", { "error", "warn" }, "error" },
}, 'data.read_image("cat.jpg", {channels = 3})')

--- Reads a picture: PNG or JPEG, told by its first bytes.
-- @param path  a file; in a recipe, from its folder
-- @param o     { channels: 1 gray, 3 colour, 4 colour and alpha; as in the file if it is not given,
--              size = {height, width}: resized to it (bilinear), a JPEG first decoded at 1/8, 1/4 or 1/2 where that is not below it,
--              whole = false: true decodes every pixel before resizing,
--              on_damage = "error", or "warn": what there is of a damaged picture, what is missing black }
-- @return a uint8 tensor [C, H, W], channels last in memory
-- @return what was wrong, if on_damage is "warn" and something was
-- @error a failure with status 4 that names the file: missing, damaged, cut short, too large, or no picture
-- @usage local x = data.read_image("cells/001.jpg", { channels = 3, size = {120, 160} })
function image.read_image(path, o)
  o = read_options(o)
  local size = size_of(o.size)
  local reduced = size and not o.whole and size or {}
  local x, damage = core.read_image(path_of("data.read_image", path), {
    channels = channels_of("data.read_image", o.channels), height = reduced[1], width = reduced[2], keep_damaged = o.on_damage == "warn",
  })
  if size then x = core.resize_image(x, size[1], size[2], "bilinear") end
  return x, damage
end

local read_list_options = options("data.read_images", {
  { "channels", "integer", 3 }, { "size", "pair" }, { "whole", "boolean", false },
}, "data.read_images(paths, {channels = 3, size = {120, 160}})")

--- Reads many pictures at once, on all threads.
-- @param paths  a list of files; in a recipe, from its folder
-- @param o      { channels = 3: 1, 3 or 4, size = {height, width}: as in data.read_image; without it all must have the size of the
--               first, whole = false }
-- @return a uint8 tensor [N, C, H, W], channels last in memory
-- @error a failure with status 4 that names the first file, in order, that could not be read
-- @usage local x = data.read_images({ "cells/001.jpg", "cells/002.jpg" }, { size = {120, 160} })
function image.read_images(paths, o)
  o = read_list_options(o)
  if type(paths) ~= "table" then blame.raise("data.read_images: a list of paths is needed, got %s", blame.show(paths)) end
  if #paths == 0 then blame.raise "data.read_images: the list of paths is empty" end
  local found = {}
  for i, path in ipairs(paths) do found[i] = path_of("data.read_images", path) end
  return core.read_images(found, { channels = channels_of("data.read_images", o.channels), size = size_of(o.size), whole = o.whole })
end

--- The size of a picture, from its header alone: nothing is decoded.
-- @param path  a PNG or JPEG file; in a recipe, from its folder
-- @return height, as the picture is seen: after a camera's orientation
-- @return width
-- @return channels: 1, 3 or 4
-- @error a failure with status 4 that names the file
-- @usage local h, w, c = data.image_size "cells/001.jpg"
function image.image_size(path) return core.image_size(path_of("data.image_size", path)) end

local function is_tensor(x) return type(x) == "userdata" and core.is_tensor(x) end

-- Floats of 0..1 as bytes; what lies beyond is clipped.
local function as_bytes(x)
  x = x:detach()
  if x.dtype == "uint8" then return x end
  if x.dtype ~= "float32" and x.dtype ~= "float64" then
    blame.raise("data.write_image: pixels are uint8, or floats from 0 to 1; got %s", x.dtype)
  end
  if x:ne(x):any():item() then blame.raise "data.write_image: the picture holds a NaN" end
  return (x:clamp(0, 1) * 255 + 0.5):to "uint8"
end

local write_options = options("data.write_image", { { "quality", "integer", 90 } }, 'data.write_image("cat.jpg", x, {quality = 90})')

--- Writes a picture as PNG or JPEG, by the ending of the path. The file is replaced whole or stays as it was.
-- @param path  ends in .png, .jpg or .jpeg
-- @param x     tensor [H, W] or [C, H, W] with 1, 3 or (PNG) 4 channels: bytes, or floats from 0 (black) to 1
-- @param o     { quality = 90: of a JPEG, 1 to 100 }
-- @error other shapes or types, a NaN, a file that can't be written
-- @usage data.write_image("noise.png", ml.rand(3, 64, 64))
function image.write_image(path, x, o)
  o = write_options(o)
  if not is_tensor(x) then blame.raise("data.write_image: a tensor is needed, got %s", blame.show(x)) end
  core.write_image(path, as_bytes(x), o.quality)
end

local resize_options = options("data.resize", { { "filter", { "bilinear", "nearest", "area" }, "bilinear" } },
  'data.resize(x, {120, 160}, {filter = "area"})')

--- Brings pictures to another size, in the arithmetic of Pillow. Shrinking does not alias.
-- @param x     uint8 tensor [H, W], [C, H, W] or [N, C, H, W]
-- @param size  {height, width}
-- @param o     { filter = "bilinear", "nearest", or "area": each pixel is the mean of what it covers }
-- @return a uint8 tensor of as many dimensions, channels last in memory
-- @error another type, a size below 1
-- @usage data.resize(ml.tensor({{0, 100}, {100, 200}}, { dtype = "uint8" }), {1, 1}, { filter = "area" })   --> 100
function image.resize(x, size, o)
  o = resize_options(o)
  if not is_tensor(x) then blame.raise("data.resize: a tensor is needed, got %s", blame.show(x)) end
  if type(size) ~= "table" or math.type(size[1]) ~= "integer" or math.type(size[2]) ~= "integer" then
    blame.raise("data.resize: the size is {height, width}, got %s", blame.show(size))
  end
  return core.resize_image(x, size[1], size[2], o.filter)
end

return image
