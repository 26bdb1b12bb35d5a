--- features.stft: the frequencies of sounds over time.

local Feature = require "moonlab.features.feature"
local magnitudes = require "moonlab.features.magnitudes"
local spectra = require "moonlab.features.spectra"

local function rows_of(column, o)
  local how = { hop = o.hop, center = o.center, window = magnitudes.window(o.window, o.size, "float32") }
  return spectra.each(column, o.size, how, function(x) return magnitudes.of(x, o) end)
end

local fit_column, apply_column = Feature.each_column(spectra.both(rows_of))

local function check(o) o.hop = o.hop or o.size // 4 end

local OPTIONS = { { "size", "count", 256 }, { "hop", "count" }, { "window", magnitudes.WINDOWS, "hann" }, { "center", "boolean", true },
  { "standardize", "boolean", true } }
table.move(magnitudes.OPTIONS, 1, #magnitudes.OPTIONS, #OPTIONS + 1, OPTIONS)

--- How strong each frequency of a sound is over time: [samples] -> [1, size // 2 + 1, frames], the magnitudes of ml.stft. features.mel gathers
-- them into bands.
-- @param o  { size = 256: samples of a frame, hop = size // 4, window = "hann", "hamming" or "none", center = true: frames are centred on
--           every hop-th sample, the ends mirrored, output = "magnitude", "power" or "log" (the natural logarithm of the power), floor =
--           1e-6: a smaller power counts as this in "log", standardize = true: each frequency has mean 0 and deviation 1 in the training
--           part, columns = names }
-- @return a spec for a recipe's features
-- @error a sound shorter than half a frame
-- @usage features = { features.stft { size = 256, hop = 80, output = "log" } }
return Feature.kind { name = "stft", options = OPTIONS, takes = { tensor = true }, wants = "sounds", fit = fit_column, apply = apply_column,
  check = check }
