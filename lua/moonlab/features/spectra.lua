--- Short-time spectra of sounds: what features.stft and the mel spectra share.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local spectrum = require "moonlab.spectrum"
local words = require "moonlab.features.words"

local spectra = {}

local PIECE = 64 -- sounds at once, so that their spectra stay small

local function samples(column)
  if column.values:dim() ~= 2 or column.values.dtype ~= "float32" then
    blame.raise("column '%s' is no sound: a tensor float32 [n, samples] is needed", column.name)
  end
  return column.values
end

--- A function of the spectra of all sounds of a column, piece by piece.
-- @param size  samples of a frame
-- @param o     as of ml.stft
-- @param f     function(spectrum [m, size // 2 + 1, frames, 2]) -> tensor [m, rows, frames]
-- @return float32 [n, 1, rows, frames]
function spectra.each(column, size, o, f)
  local x, parts = samples(column), {}
  for from = 1, #x, PIECE do
    parts[#parts + 1] = f(spectrum.stft(x:slice(1, from, math.min(from + PIECE - 1, #x)), size, o))
  end
  return core.ops.cat(parts, 1):unsqueeze(2)
end

--- fit and apply of a feature that makes rows of numbers, one a frame, brought to mean 0 and deviation 1 row by row.
-- @param rows_of  function(column, options) -> float32 [n, 1, rows, frames]
function spectra.both(rows_of)
  local function fit(column, o)
    if not o.standardize then return {} end
    local x = rows_of(column, o):squeeze(2):transpose(1, 2):flatten(2):double()
    local mean = x:mean(2)
    return { mean = mean:tolist(), std = (x - mean:unsqueeze(2)):square():mean(2):sqrt():tolist() }
  end
  local function apply(column, state, o)
    local x = rows_of(column, o)
    if state.mean then
      local shape = { 1, 1, -1, 1 }
      local std = core.tensor(state.std, { dtype = "float32" }):reshape(shape)
      x = (x - core.tensor(state.mean, { dtype = "float32" }):reshape(shape)) / std:masked_fill(std:eq(0), 1)
    end
    return words.tensor(x, column.name)
  end
  return fit, apply
end

return spectra
