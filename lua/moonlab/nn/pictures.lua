--- Pictures cut into windows, resized, padded and rearranged: made of index_select, index_add and reshape, so that
-- gradients of gradients work.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local picture_options = require "moonlab.nn.picture_options"

local ops = core.ops
local M = {}

local function positions(list) return core.tensor(list, { dtype = "int64" }) end

local function check_pictures(where, x)
  if type(x) ~= "userdata" then blame.raise("%s: x must be a tensor, got %s", where, blame.show(x)) end
  if x:dim() ~= 4 then
    blame.raise("%s: x must be [batch, channels, rows, columns], got [%s]", where, table.concat(x.shape, ", "))
  end
end

local function pair(v)
  if type(v) == "table" then return v[1], v[2] end
  return v, v
end

-- Where each element of each window stands in a padded picture of h x w: window elements x windows.
local function window_positions(where, h, w, size, o)
  local kh, kw = pair(size)
  local sh, sw = pair(o.stride)
  local dh, dw = pair(o.dilation)
  local rows, columns = (h - dh * (kh - 1) - 1) // sh + 1, (w - dw * (kw - 1) - 1) // sw + 1
  if rows < 1 or columns < 1 then
    blame.raise("%s: the window (%d x %d) is larger than the padded picture (%d x %d)", where, kh, kw, h, w)
  end
  -- rows and columns of the windows' elements beside those of the windows themselves
  local function along(d, count, step)
    local sizes = { 1, 1, 1, 1 }
    sizes[d] = count
    return (core.arange(0, count - 1) * step):reshape(sizes)
  end
  local row, column = along(1, kh, dh) + along(3, rows, sh), along(2, kw, dw) + along(4, columns, sw)
  return (row * w + column + 1):reshape { -1 }, kh * kw, rows * columns
end

local read_unfold = picture_options.window("unfold", "nn.unfold(x, 3, {stride = 1, padding = 1})")

--- The windows of pictures as columns: [B, C, H, W] -> [B, C * rows * columns of the window, windows].
-- @param x     pictures [B, C, H, W]
-- @param size  of the window: 3 or {rows, columns}
-- @param o     { stride = 1, padding = 0, dilation = 1 }
-- @return a tensor
-- @usage nn.unfold(ml.ones(1, 1, 4, 4), 2, {stride = 2})   -- [1, 4, 4]
function M.unfold(x, size, o)
  check_pictures("unfold", x)
  size, o = read_unfold(size, o)
  local ph, pw = pair(o.padding)
  local h, w = x:size(3) + 2 * ph, x:size(4) + 2 * pw
  local at, elements, windows = window_positions("unfold", h, w, size, o)
  if ph > 0 or pw > 0 then x = x:pad { pw, pw, ph, ph } end
  return x:reshape(x:size(1), x:size(2), h * w):index_select(3, at):reshape(x:size(1), x:size(2) * elements, windows)
end

local read_fold = picture_options.window("fold", "nn.fold(x, {28, 28}, 3, {padding = 1})")
local read_output_size = picture_options.pictures "fold"

--- Columns of windows put back into pictures; where windows overlap, their elements are added. The gradient of unfold.
-- @param x            [B, C * rows * columns of the window, windows]
-- @param output_size  of the pictures: 28 or {rows, columns}
-- @param size         of the window: 3 or {rows, columns}
-- @param o            { stride = 1, padding = 0, dilation = 1 }
-- @return pictures [B, C, H, W]
-- @usage nn.fold(ml.ones(1, 4, 4), 4, 2, {stride = 2})   -- [1, 1, 4, 4]
function M.fold(x, output_size, size, o)
  if type(x) ~= "userdata" or x:dim() ~= 3 then
    blame.raise("fold: x must be a tensor [batch, channels * window, windows], got %s",
      type(x) == "userdata" and "[" .. table.concat(x.shape, ", ") .. "]" or blame.show(x))
  end
  size, o = read_fold(size, o)
  local ph, pw = pair(o.padding)
  local rows, columns = pair(read_output_size(output_size))
  local h, w = rows + 2 * ph, columns + 2 * pw
  local at, elements, windows = window_positions("fold", h, w, size, o)
  if x:size(2) % elements ~= 0 or x:size(3) ~= windows then
    blame.raise("fold: x must be [batch, channels * %d, %d] for these pictures and windows, got [%s]", elements, windows,
      table.concat(x.shape, ", "))
  end
  local b, c = x:size(1), x:size(2) // elements
  local flat = core.zeros({ b, c, h * w }, { dtype = x.dtype }):index_add(3, at, x:reshape(b, c, elements * windows))
  local y = flat:reshape(b, c, h, w)
  if ph > 0 or pw > 0 then y = y:pad { -pw, -pw, -ph, -ph } end
  return y
end

-- Resizing one dimension: positions from 1, and for linear the second position and its weight.
local function nearest(n, out, scale)
  local at = {}
  for i = 0, out - 1 do at[i + 1] = math.min(math.floor(i * scale), n - 1) + 1 end
  return at
end

local function linear(n, out, scale, align)
  local low, high, weight = {}, {}, {}
  for i = 0, out - 1 do
    local at = align and (out > 1 and i * (n - 1) / (out - 1) or 0) or math.max((i + 0.5) * scale - 0.5, 0)
    local first = math.min(math.floor(at), n - 1)
    low[i + 1], high[i + 1], weight[i + 1] = first + 1, math.min(first + 1, n - 1) + 1, at - first
  end
  return low, high, weight
end

local function resized(x, d, out, scale, o)
  local n = x:size(d)
  if o.mode == "nearest" then return x:index_select(d, positions(nearest(n, out, scale))) end
  local low, high, weight = linear(n, out, scale, o.align_corners)
  local shape = { 1, 1, 1, 1 }
  shape[d] = out
  local w = core.tensor(weight, { dtype = x.dtype }):reshape(shape)
  return x:index_select(d, positions(low)):lerp(x:index_select(d, positions(high)), w)
end

local read_interpolate = picture_options.resize("interpolate", "nn.interpolate(x, {scale_factor = 2, mode = \"bilinear\"})")

--- Pictures in another size.
-- @param x  pictures [B, C, H, W]
-- @param o  { size = 28 or {rows, columns}, or scale_factor = 2; mode = "nearest" or "bilinear"; align_corners = false }
-- @return a tensor
-- @usage nn.interpolate(ml.ones(1, 1, 2, 2), {scale_factor = 2})   -- [1, 1, 4, 4]
function M.interpolate(x, o)
  check_pictures("interpolate", x)
  o = read_interpolate(o)
  if o.mode == "bilinear" and not x.dtype:find "^float" then
    blame.raise("interpolate: bilinear mixes neighbours, so x must be float32 or float64, got %s\n  hint: x:to \"float32\"", x.dtype)
  end
  local sizes, scales = { pair(o.size) }, { pair(o.scale_factor) }
  for k = 1, 2 do
    local n = x:size(k + 2)
    local out = sizes[k] or math.floor(n * scales[k])
    if n < 1 or out < 1 then
      blame.raise("interpolate: pictures of [%s] can't be resized to %d", table.concat(x.shape, ", "), out)
    end
    x = resized(x, k + 2, out, scales[k] and 1 / scales[k] or n / out, o)
  end
  return x
end

--- Channels spread over finer pictures: [B, C * r * r, H, W] -> [B, C, H * r, W * r]. Shi et al. 2016.
-- @param x  pictures
-- @param r  how many times finer
-- @return a tensor
-- @usage nn.pixel_shuffle(ml.ones(1, 4, 2, 2), 2)   -- [1, 1, 4, 4]
function M.pixel_shuffle(x, r)
  check_pictures("pixel_shuffle", x)
  if math.type(r) ~= "integer" or r < 1 or x:size(2) % (r * r) ~= 0 then
    blame.raise("pixel_shuffle: the %d channels of x are no multiple of %s * %s", x:size(2), blame.show(r), blame.show(r))
  end
  local b, c, h, w = x:size(1), x:size(2) // (r * r), x:size(3), x:size(4)
  return x:reshape(b, c, r, r, h, w):permute(1, 2, 5, 3, 6, 4):reshape(b, c, h * r, w * r)
end

--- What pixel_shuffle undoes: [B, C, H * r, W * r] -> [B, C * r * r, H, W].
-- @param x  pictures
-- @param r  how many times coarser
-- @return a tensor
-- @usage nn.pixel_unshuffle(ml.ones(1, 1, 4, 4), 2)   -- [1, 4, 2, 2]
function M.pixel_unshuffle(x, r)
  check_pictures("pixel_unshuffle", x)
  if math.type(r) ~= "integer" or r < 1 or x:size(3) % r ~= 0 or x:size(4) % r ~= 0 then
    blame.raise("pixel_unshuffle: rows and columns of [%s] are no multiples of %s", table.concat(x.shape, ", "), blame.show(r))
  end
  local b, c, h, w = x:size(1), x:size(2), x:size(3) // r, x:size(4) // r
  return x:reshape(b, c, h, r, w, r):permute(1, 2, 4, 6, 3, 5):reshape(b, c * r * r, h, w)
end

-- The position (from 0) that place i, which may lie outside of 0..n-1, shows.
local SHOWN = {
  reflect = function(i, n) return i < 0 and -i or i >= n and 2 * (n - 1) - i or i end,
  replicate = function(i, n) return math.max(0, math.min(i, n - 1)) end,
  circular = function(i, n) return i % n end,
}

local read_pad = picture_options.border("pad", "nn.pad(x, {1, 1, 1, 1}, {mode = \"reflect\"})")

--- A border: {left, right} of the last dimension, then of the one before, and so on.
-- @param x      a tensor
-- @param sizes  a list of sizes
-- @param o      { mode = "constant", "reflect", "replicate" or "circular"; value = 0 of "constant" }
-- @return a tensor
-- @usage nn.pad(ml.tensor{1, 2, 3}, {2, 1}, {mode = "reflect"})   --> 3  2  1  2  3  2
function M.pad(x, sizes, o)
  if type(x) ~= "userdata" then blame.raise("pad: x must be a tensor, got %s", blame.show(x)) end
  sizes, o = read_pad(sizes, o)
  if o.mode == "constant" then return ops.pad(x, sizes, o.value) end
  if #sizes > 2 * x:dim() then
    blame.raise("pad: %d sizes are for %d dimensions, [%s] has %d", #sizes, #sizes // 2, table.concat(x.shape, ", "), x:dim())
  end
  for k = 1, #sizes // 2 do
    local d, left, right = x:dim() + 1 - k, sizes[2 * k - 1], sizes[2 * k]
    local n = x:size(d)
    local most = o.mode == "reflect" and n - 1 or o.mode == "circular" and n or n > 0 and math.huge or 0
    if left < 0 or right < 0 or left > most or right > most then
      blame.raise("pad: %s of dimension %d of [%s] takes sizes from 0 to %s, got {%s, %s}", o.mode, d,
        table.concat(x.shape, ", "), most, left, right)
    end
    local at = {}
    for i = -left, n + right - 1 do at[#at + 1] = SHOWN[o.mode](i, n) + 1 end
    if left + right > 0 then x = x:index_select(d, positions(at)) end
  end
  return x
end

return M
