--- How strong each frequency of a spectrum is: what features.fft and features.stft share.

local spectrum = require "moonlab.spectrum"

local magnitudes = {}

--- Their options.
magnitudes.OPTIONS = { { "output", { "magnitude", "power", "log" }, "magnitude" }, { "floor", "number", 1e-6 } }

--- Of complex numbers [..., 2] the magnitude, its square, or the natural logarithm of the square, a smaller one than floor counting as this.
-- @param o  { output =, floor = }
-- @return tensor [...]
function magnitudes.of(x, o)
  local power = x:square():sum(-1)
  if o.output == "power" then return power end
  return o.output == "magnitude" and power:sqrt() or power:clamp(o.floor):log()
end

--- The windows by their names; none gives nil.
magnitudes.WINDOWS = { "none", "hann", "hamming" }

function magnitudes.window(name, size, dtype)
  if name == "none" then return nil end
  return spectrum[name .. "_window"](size, { dtype = dtype })
end

return magnitudes
