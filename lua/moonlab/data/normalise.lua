--- Mean and deviation of the pictures of a training part, from 0 to 1, one pair a channel.
-- Sums of bytes and of their squares are whole numbers, so that the result is exact and does not depend on the order of
-- the rows.

local core = require "moonlab.core"

local normalise = {}

local CHUNK = 2048 -- rows at a time: 6 MB of int32 for 28 x 28 pictures

-- The pictures below a part of a part, and the rows of them that it has (nil: all).
local function pictures_of(set)
  local rows
  while set.parent do
    if set.chosen then rows = rows and set.chosen:index_select(1, rows) or set.chosen end
    set = set.parent
  end
  return set.bytes and set:bytes(), rows
end

--- Fits the statistics to a data set of pictures.
-- @param set  the training part
-- @return { mean = {one a channel}, std = {...} }, or nil for a set that has no pictures
function normalise.fit(set)
  local bytes, rows = pictures_of(set)
  if not bytes or #set == 0 then return nil end
  local channels, sum, squares = bytes:size(2), {}, {}
  for c = 1, channels do sum[c], squares[c] = 0, 0 end
  for from = 1, #set, CHUNK do
    local to = math.min(from + CHUNK - 1, #set)
    local chunk = rows and bytes:index_select(1, rows:slice(1, from, to)) or bytes:slice(1, from, to)
    chunk = chunk:to "int32"
    local one, two = chunk:sum({ 1, 3, 4 }):tolist(), chunk:square():sum({ 1, 3, 4 }):tolist()
    for c = 1, channels do sum[c], squares[c] = sum[c] + one[c], squares[c] + two[c] end
  end
  local n = #set * bytes:size(3) * bytes:size(4)
  local mean, std = {}, {}
  for c = 1, channels do
    mean[c] = sum[c] / (n * 255)
    local variance = squares[c] / (n * 255.0 * 255.0) - mean[c] ^ 2
    std[c] = variance > 0 and math.sqrt(variance) or 1 -- pictures of one colour stay as they are
  end
  return { mean = mean, std = std }
end

return normalise
