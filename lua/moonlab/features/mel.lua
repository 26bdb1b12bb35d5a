--- features.mel: the logarithm of the mel spectrum of sounds.

local Feature = require "moonlab.features.feature"
local mel_spectrum = require "moonlab.features.mel_spectrum"
local spectra = require "moonlab.features.spectra"

local function rows_of(column, o)
  return mel_spectrum.each(column, o, function(power) return power:clamp(o.floor):log() end)
end

local fit_column, apply_column = Feature.each_column(spectra.both(rows_of))

local OPTIONS = { { "floor", "number", 1e-6 } }
table.move(mel_spectrum.OPTIONS, 1, #mel_spectrum.OPTIONS, 2, OPTIONS)

--- The natural logarithm of the power of a sound in bands that are equally wide in mel, over time: [samples] -> [1, bands, frames]. Frames
-- under a Hann window are centred on every hop-th sample, the ends mirrored, as torchaudio's MelSpectrogram and librosa's melspectrogram.
-- @param o  { rate = samples a second (needed), bands = 40, n_fft = 512: samples of a frame, hop = n_fft // 2, low = 0, high = rate / 2 in Hz,
--           scale = "htk" (triangles of height 1, torchaudio's default) or "slaney" (of area 1, librosa's), floor = 1e-6: a smaller power
--           counts as this, standardize = true: each band has mean 0 and deviation 1 in the training part, columns = names }
-- @return a spec for a recipe's features
-- @error a band without a frequency of the spectrum, a sound shorter than half a frame
-- @usage features = { features.mel { rate = 8000, bands = 40, n_fft = 256, hop = 80 } }
return Feature.kind { name = "mel", options = OPTIONS, takes = { tensor = true }, wants = "sounds", fit = fit_column, apply = apply_column,
  check = mel_spectrum.check }
