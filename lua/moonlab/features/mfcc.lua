--- features.mfcc: mel-frequency cepstral coefficients of sounds.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local Feature = require "moonlab.features.feature"
local mel_spectrum = require "moonlab.features.mel_spectrum"
local spectra = require "moonlab.features.spectra"

-- The first rows of the cosine transform of type II, orthonormal: float32 [count, bands].
local function cosines(count, bands)
  local list = {}
  for k = 0, count - 1 do
    local factor = math.sqrt((k == 0 and 1 or 2) / bands)
    for n = 0, bands - 1 do list[#list + 1] = factor * math.cos(math.pi * k * (2 * n + 1) / (2 * bands)) end
  end
  return core.tensor(list, { dtype = "float32" }):reshape { count, bands }
end

local function rows_of(column, o)
  local transform = cosines(o.count, o.bands)
  return mel_spectrum.each(column, o, function(power) return core.ops.matmul(transform, (power + o.offset):log()) end)
end

local fit_column, apply_column = Feature.each_column(spectra.both(rows_of))

local function check(o, where)
  mel_spectrum.check(o, where)
  if o.count > o.bands then blame.raise("%s: %d coefficients of %d bands; there are at most as many as bands", where, o.count, o.bands) end
end

local OPTIONS = { { "count", "count", 13 }, { "offset", "number", 1e-6 } }
table.move(mel_spectrum.OPTIONS, 1, #mel_spectrum.OPTIONS, 3, OPTIONS)

--- The first coefficients of the cosine transform (type II, orthonormal) of the logarithm of the mel spectrum, over time: [samples] ->
-- [1, count, frames]. As torchaudio's MFCC with log_mels = true: the natural logarithm of the power + 1e-6.
-- @param o  { rate = samples a second (needed), count = 13, offset = 1e-6, and bands = 40, n_fft = 512, hop, low, high, scale, standardize as of
--           features.mel, columns = names }
-- @return a spec for a recipe's features
-- @error more coefficients than bands
-- @usage features = { features.mfcc { rate = 8000, count = 20, n_fft = 256, hop = 80 } }
return Feature.kind { name = "mfcc", options = OPTIONS, takes = { tensor = true }, wants = "sounds", fit = fit_column, apply = apply_column,
  check = check }
