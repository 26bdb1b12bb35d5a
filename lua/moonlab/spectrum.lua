--- Windows and short-time spectra: ml.hann_window, ml.hamming_window, ml.stft, ml.istft. A complex number is a trailing dimension
-- of 2.

local blame = require "moonlab.blame"
local core = require "moonlab.core"
local options = require "moonlab.options"
local ops = core.ops

local spectrum = {}

local window_options = options("window", { { "periodic", "boolean", true }, { "dtype", "string", "float32" } }, "hann_window(400)")

-- a - (1 - a) cos(2 pi i / n)
local function cosine_window(n, a, o)
  o = window_options(o)
  if n == 1 then return core.ones(1, { dtype = o.dtype }) end
  local list, points = {}, o.periodic and n or n - 1
  for i = 0, n - 1 do list[i + 1] = a - (1 - a) * math.cos(2 * math.pi * i / points) end
  return core.tensor(list, { dtype = o.dtype })
end

--- The Hann window: half a cosine wave, raised to 0 at its ends.
-- @param n  its length
-- @param o  { periodic = true, one period of a window that repeats; false: symmetric; dtype = "float32" }
-- @return tensor [n]
-- @usage ml.hann_window(4)   --> 0  0.5  1  0.5
function spectrum.hann_window(n, o) return cosine_window(n, 0.5, o) end

--- The Hamming window: as Hann's, raised to 0.08 at its ends.
-- @param n  its length
-- @param o  { periodic = true, dtype = "float32" }
-- @return tensor [n]
-- @usage ml.hamming_window(4)   --> 0.08  0.54  1  0.54
function spectrum.hamming_window(n, o) return cosine_window(n, 0.54, o) end

local STFT = { { "hop", "count" }, { "window", "tensor" }, { "center", "boolean", true }, { "normalized", "boolean", false } }
local stft_options = options("stft", STFT, "stft(x, 400, {hop = 100, window = ml.hann_window(400)})")
local istft_options = options("istft", { STFT[1], STFT[2], STFT[3], STFT[4], { "length", "count" } },
  "istft(x, 400, {hop = 100, window = ml.hann_window(400)})")

local function check_window(name, o, size)
  if o.window and (o.window:dim() ~= 1 or o.window:size(1) ~= size) then
    blame.raise("%s: the window must have shape [%d], that of a frame, got [%s]", name, size, table.concat(o.window.shape, ", "))
  end
  o.hop = o.hop or size // 4
end

-- x [B, N] with `more` samples mirrored at each end.
local function mirrored(x, more)
  if more == 0 then return x end
  local n = x:size(2)
  return ops.cat({ x:slice(2, 2, more + 1):flip { 2 }, x, x:slice(2, n - more, n - 1):flip { 2 } }, 2)
end

-- The frames [B, T, size] of x [B, N]. The signal is cut into blocks of hop samples, the last one filled up with zeros: piece k of
-- frame t is block t + k.
local function cut_frames(x, count, size, hop)
  local batch, pieces = x:size(1), (size + hop - 1) // hop
  local blocks = count + pieces - 1
  local missing = blocks * hop - x:size(2)
  x = missing > 0 and x:pad({ 0, missing }) or x:slice(2, 1, blocks * hop)
  x = x:reshape(batch, blocks, hop)
  local list = {}
  for k = 1, pieces do list[k] = x:slice(2, k, k + count - 1) end
  return ops.cat(list, 3):slice(3, 1, size)
end

--- The short-time Fourier transform: the spectrum of each frame of `size` samples, `hop` apart.
-- @param x     tensor [N] or [B, N] of real samples
-- @param size  samples a frame
-- @param o     { hop = size // 4, window = tensor [size], center = true (x is mirrored at its ends, so that frame t has sample
--              t * hop in its middle), normalized = false (true: divided by the root of size) }
-- @return tensor [size // 2 + 1, frames, 2], or the same with the batch in front
-- @usage ml.stft(ml.ones(16), 8, {window = ml.hann_window(8)}).shape   --> 5  9  2
function spectrum.stft(x, size, o)
  o = stft_options(o)
  check_window("stft", o, size)
  local n, before = x:size(-1), o.center and size // 2 or 0
  if x:dim() < 1 or x:dim() > 2 then blame.raise("stft: x must have shape [N] or [B, N], got [%s]", table.concat(x.shape, ", ")) end
  if before >= n or n + 2 * before < size then
    blame.raise("stft: a frame of %d samples needs more than the %d of x", size, n)
  end
  local frames = (n + 2 * before - size) // o.hop + 1
  local batched = x:dim() == 2 and x or x:unsqueeze(1)
  local cut = cut_frames(mirrored(batched, before), frames, size, o.hop)
  if o.window then cut = cut * o.window end
  local y = ops.rfft(cut, 0, -1, { norm = o.normalized and "ortho" or "backward" }):transpose(2, 3)
  return x:dim() == 2 and y or y:select(1, 1)
end

-- The adjoint of cut_frames: frames [B, T, size] added up where they lie in the signal.
local function overlap_add(frames, hop)
  local batch, count, size = frames:size(1), frames:size(2), frames:size(3)
  local pieces = (size + hop - 1) // hop
  frames = frames:pad({ 0, pieces * hop - size }):reshape(batch, count, pieces, hop)
  local total
  for k = 1, pieces do
    local part = frames:select(3, k):pad({ 0, 0, k - 1, pieces - k })
    total = total and total + part or part
  end
  return total:reshape(batch, (count + pieces - 1) * hop):slice(2, 1, (count - 1) * hop + size)
end

--- The inverse of stft: the signal whose frames have these spectra, by least squares (Griffin and Lim 1984).
-- @param x     tensor [size // 2 + 1, frames, 2], or with a batch in front
-- @param size  samples a frame
-- @param o     { hop =, window =, center =, normalized = } as stft was given, length = samples of the signal }
-- @return tensor [N] or [B, N]
-- @error the windows must cover every sample
-- @usage ml.istft(ml.stft(ml.ones(16), 8), 8).shape   --> 16
function spectrum.istft(x, size, o)
  o = istft_options(o)
  check_window("istft", o, size)
  local d = x:dim()
  if d < 3 or d > 4 or x:size(-1) ~= 2 or x:size(-3) ~= size // 2 + 1 then
    blame.raise("istft: x must have shape [%d, frames, 2] (or a batch in front), got [%s]", size // 2 + 1, table.concat(x.shape, ", "))
  end
  local batched = d == 4 and x or x:unsqueeze(1)
  local frames = ops.irfft(batched:transpose(2, 3), size, -1, { norm = o.normalized and "ortho" or "backward" })
  local window = o.window and o.window:to(frames.dtype) or core.ones(size, { dtype = frames.dtype })
  local count = frames:size(2)
  local y = overlap_add(frames * window, o.hop)
  local weight = overlap_add((window * window):unsqueeze(1):unsqueeze(1):expand(1, count, size), o.hop)
  local first = o.center and size // 2 + 1 or 1
  local last = o.length and math.min(first + o.length - 1, y:size(2)) or (o.center and y:size(2) - size // 2 or y:size(2))
  weight = weight:slice(2, first, last)
  if not (weight:min():item() > 1e-11) then
    blame.raise("istft: the windows leave samples uncovered\n  hint: choose a smaller hop, or a window that is not 0 (with center = false Hann's is 0 at the first sample)")
  end
  y = y:slice(2, first, last) / weight
  if o.length and last - first + 1 < o.length then y = y:pad({ 0, o.length - (last - first + 1) }) end
  return d == 4 and y or y:select(1, 1)
end

return spectrum
