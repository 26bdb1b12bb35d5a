--- Pictures from files: PNG and JPEG, told apart by what is in them, as uint8 tensors [C, H, W].
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
  if channels == nil or CHANNELS[channels] then return channels or 0 end
  blame.raise("%s: channels must be 1 (gray), 3 (colour) or 4 (colour and alpha), got %s", where, blame.show(channels))
end

local read_options = options("data.read_image", {
  { "channels", "integer" }, { "on_damage", { "error", "warn" }, "error" },
}, 'data.read_image("cat.jpg", {channels = 3})')

--- Reads a picture.
-- @param path  a PNG or JPEG file; in a recipe, from its folder
-- @param o     { channels: 1 gray, 3 colour, 4 colour and alpha; as in the file if it is not given,
--              on_damage = "error", or "warn": what there is of a damaged picture, what is missing black }
-- @return a uint8 tensor [C, H, W], channels last in memory
-- @return what was wrong, if on_damage is "warn" and something was
-- @error a failure with status 4 that names the file: missing, damaged, cut short, too large, or no picture
-- @usage local x = data.read_image("cells/001.jpg", { channels = 3 })
function image.read_image(path, o)
  o = read_options(o)
  return core.read_image(path_of("data.read_image", path), {
    channels = channels_of("data.read_image", o.channels), keep_damaged = o.on_damage == "warn",
  })
end

--- The size of a picture, from its header alone: nothing is decoded.
-- @param path  a PNG or JPEG file; in a recipe, from its folder
-- @return height, as the picture is seen: after a camera's orientation
-- @return width
-- @return channels: 1, 3 or 4
-- @error a failure with status 4 that names the file
-- @usage local h, w, c = data.image_size "cells/001.jpg"
function image.image_size(path) return core.image_size(path_of("data.image_size", path)) end

return image
