--- Mean and deviation of the pictures of a training part, from 0 to 1, one pair a channel.
-- Sums of bytes and of their squares are whole numbers, so that the result is exact and does not depend on the order of
-- the rows.

local core = require "moonlab.core"

local normalise = {}

local CHUNK = 1 << 21 -- pixels at a time: 8 MB of int32

-- The set below a part of a part, and the rows of it that the part has (nil: all).
local function pictures_of(set)
  local rows
  while set.parent do
    if set.chosen then rows = rows and set.chosen:index_select(1, rows) or set.chosen end
    set = set.parent
  end
  return set, rows
end

-- function(rows) -> uint8 [n, C, H, W], and the shape [C, H, W]; nil for a set that has no pictures.
local function pixels_of(base)
  if base.pixels then return function(rows) return base:pixels(rows) end, base:pixel_shape() end
  if not base.bytes then return nil end
  local bytes = base:bytes()
  return function(rows) return bytes:index_select(1, rows) end, { bytes:size(2), bytes:size(3), bytes:size(4) }
end

--- Whether a set has pictures.
function normalise.has_pictures(set) return pixels_of((pictures_of(set))) ~= nil end

-- Bytes as the steps make them.
local function moved(x, steps)
  local y = core.picture_augment(x, core.arange(1, #x), { steps = steps })
  return (y * 255 + 0.5):to "int32"
end

--- Fits the statistics to a data set of pictures.
-- @param set        the training part
-- @param transform  a list of data.center_crop and data.pad that its pictures get, or nil
-- @return { mean = {one a channel}, std = {...} }, or nil for a set that has no pictures
function normalise.fit(set, transform)
  local base, chosen = pictures_of(set)
  local pixels, shape = pixels_of(base)
  if not pixels or #set == 0 then return nil end
  local channels, sum, squares = shape[1], {}, {}
  local steps = {}
  for i, one in ipairs(transform or {}) do steps[i] = one.step end
  shape = transform and require "moonlab.data.transform".shape(shape, transform) or shape
  local step = math.max(1, CHUNK // (shape[1] * shape[2] * shape[3]))
  for c = 1, channels do sum[c], squares[c] = 0, 0 end
  for from = 1, #set, step do
    local to = math.min(from + step - 1, #set)
    local chunk = pixels(chosen and chosen:slice(1, from, to) or core.arange(from, to))
    chunk = #steps > 0 and moved(chunk, steps) or chunk:to "int32"
    local one, two = chunk:sum({ 1, 3, 4 }):tolist(), chunk:square():sum({ 1, 3, 4 }):tolist()
    for c = 1, channels do sum[c], squares[c] = sum[c] + one[c], squares[c] + two[c] end
  end
  local n = #set * shape[2] * shape[3]
  local mean, std = {}, {}
  for c = 1, channels do
    mean[c] = sum[c] / (n * 255)
    local variance = squares[c] / (n * 255.0 * 255.0) - mean[c] ^ 2
    std[c] = variance > 0 and math.sqrt(variance) or 1 -- pictures of one colour stay as they are
  end
  return { mean = mean, std = std }
end

return normalise
