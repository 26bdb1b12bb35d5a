--- The mel spectrum of sounds: what features.mel and features.mfcc share.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local spectra = require "moonlab.features.spectra"
local spectrum = require "moonlab.spectrum"
local ops = core.ops

local mel_spectrum = {}

--- Their options.
mel_spectrum.OPTIONS = { { "rate", "count" }, { "bands", "count", 40 }, { "n_fft", "count", 512 }, { "hop", "count" }, { "low", "number", 0 },
  { "high", "number" }, { "scale", { "htk", "slaney" }, "htk" }, { "standardize", "boolean", true } }

--- Options in the form in which they are used.
function mel_spectrum.check(o, where)
  if not o.rate then blame.raise("%s: rate, the samples a second, is needed; write %s{rate = 8000}", where, where) end
  o.hop, o.high = o.hop or o.n_fft // 2, o.high or o.rate / 2
  if o.low < 0 or o.low >= o.high or o.high > o.rate / 2 then
    blame.raise("%s: low %s and high %s must be within 0..%s, half of the rate", where, o.low, o.high, o.rate / 2)
  end
end

-- HTK's scale is logarithmic from 700 Hz on; Slaney's is linear below 1000 Hz (Auditory Toolbox 1998), as librosa's default.
local SCALES = {
  htk = { function(f) return 2595 * math.log(1 + f / 700, 10) end, function(m) return 700 * (10 ^ (m / 2595) - 1) end },
  slaney = {
    function(f) return f < 1000 and 3 * f / 200 or 15 + 27 * math.log(f / 1000) / math.log(6.4) end,
    function(m) return m < 15 and 200 * m / 3 or 1000 * 6.4 ^ ((m - 15) / 27) end,
  },
}

--- The triangles of the bands, float32 [bands, n_fft // 2 + 1]: of height 1 on HTK's scale (torchaudio's default), of area 1 in Hz on
-- Slaney's (librosa's).
function mel_spectrum.bank(o)
  local to, back = SCALES[o.scale][1], SCALES[o.scale][2]
  local low, high, points = to(o.low), to(o.high), {}
  for i = 0, o.bands + 1 do points[i] = back(low + (high - low) * i / (o.bands + 1)) end
  local list, bins = {}, o.n_fft // 2
  for band = 1, o.bands do
    local height, some = o.scale == "slaney" and 2 / (points[band + 1] - points[band - 1]) or 1, false
    for bin = 0, bins do
      local f = bin * o.rate / 2 / bins
      local up, down = (f - points[band - 1]) / (points[band] - points[band - 1]), (points[band + 1] - f) / (points[band + 1] - points[band])
      local value = math.max(0, math.min(up, down)) * height
      list[#list + 1], some = value, some or value > 0
    end
    if not some then
      blame.raise("mel: band %d of %d has no frequency of the spectrum; write fewer bands or an n_fft above %d", band, o.bands, o.n_fft)
    end
  end
  return core.tensor(list, { dtype = "float32" }):reshape { o.bands, bins + 1 }
end

--- A function of the mel spectra of all sounds of a column, piece by piece.
-- @param f  function(power [m, bands, frames]) -> tensor [m, rows, frames]
-- @return float32 [n, 1, rows, frames]
function mel_spectrum.each(column, o, f)
  local bank = mel_spectrum.bank(o)
  return spectra.each(column, o.n_fft, { hop = o.hop, window = spectrum.hann_window(o.n_fft) }, function(x)
    return f(ops.matmul(bank, x:square():sum(-1)))
  end)
end

return mel_spectrum
