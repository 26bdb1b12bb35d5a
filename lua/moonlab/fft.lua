--- Fourier transforms: ml.fft, with the names of torch.fft. A complex number is a trailing dimension of 2; dimensions count
-- without it. The transforms of one dimension are ops; what is made of them stands here.

local core = require "moonlab.core"
local options = require "moonlab.options"
local fft = {}

for name, space in pairs(core.spaces) do
  if space == "fft" then fft[name] = core.ops[name] end
end

local ops = core.ops

--- The transform of the last two dimensions of complex numbers.
-- @param x  tensor [..., M, N, 2]
-- @param o  { norm = "backward" }
-- @return tensor [..., M, N, 2]
-- @usage ml.fft.fft2(ml.ones(2, 2, 2)):select(-1, 1)   --> 4  0  0  0
function fft.fft2(x, o) return ops.fft(ops.fft(x, 0, -1, o), 0, -2, o) end

--- The inverse transform of the last two dimensions of complex numbers.
-- @param x  tensor [..., M, N, 2]
-- @param o  { norm = "backward" }
-- @return tensor [..., M, N, 2]
-- @usage ml.fft.ifft2(ml.ones(2, 2, 2)):select(-1, 1)   --> 1  0  0  0
function fft.ifft2(x, o) return ops.ifft(ops.ifft(x, 0, -1, o), 0, -2, o) end

local frequency_options = options("fftfreq", { { "d", "number", 1.0 }, { "dtype", "string", "float32" } }, "fftfreq(8, {d = 0.1})")

local function frequencies(n, first, last, o)
  o = frequency_options(o)
  return core.arange(first, last, { dtype = o.dtype }) / (n * o.d)
end

--- The frequencies of the n numbers that fft gives: 0, 1, ..., then the negative ones, over n d.
-- @param n  how many
-- @param o  { d = 1.0, the time between two samples; dtype = "float32" }
-- @return tensor [n]
-- @usage ml.fft.fftfreq(4)   --> 0  0.25  -0.5  -0.25
function fft.fftfreq(n, o)
  local positive = (n - 1) // 2
  local list = { frequencies(n, 0, positive, o) }
  if n > 1 then list[2] = frequencies(n, -(n // 2), -1, o) end
  return ops.cat(list, 1)
end

--- The frequencies of the n/2 + 1 numbers that rfft gives.
-- @param n  the points of the transform
-- @param o  { d = 1.0, the time between two samples; dtype = "float32" }
-- @return tensor [n // 2 + 1]
-- @usage ml.fft.rfftfreq(4)   --> 0  0.25  0.5
function fft.rfftfreq(n, o) return frequencies(n, 0, n // 2, o) end

local function rolled(x, dim, by)
  local n = x:size(dim)
  if n < 2 or by == 0 then return x end
  return ops.cat({ x:slice(dim, n - by + 1, n), x:slice(dim, 1, n - by) }, dim)
end

--- Turns a dimension so that frequency 0 stands in its middle, as fftfreq's order has it at the start.
-- @param x    a tensor
-- @param dim  the dimension; of complex numbers count that of the pairs too
-- @return tensor of x's shape
-- @usage ml.fft.fftshift(ml.fft.fftfreq(4), 1)   --> -0.5  -0.25  0  0.25
function fft.fftshift(x, dim) return rolled(x, dim, x:size(dim) // 2) end

--- Undoes fftshift.
-- @param x    a tensor
-- @param dim  the dimension
-- @return tensor of x's shape
-- @usage ml.fft.ifftshift(ml.tensor{-0.5, -0.25, 0.0, 0.25}, 1)   --> 0  0.25  -0.5  -0.25
function fft.ifftshift(x, dim) return rolled(x, dim, x:size(dim) - x:size(dim) // 2) end

return require "moonlab.namespace"("ml.fft", fft)
