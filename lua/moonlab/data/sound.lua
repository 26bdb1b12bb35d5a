--- Sounds: data.read_sound, data.write_sound. WAV files and float32 tensors [channels, frames].

local core = require "moonlab.core"
local locate = require "moonlab.data.locate"

local sound = {}

--- The sound of a WAV file: PCM of 8, 16, 24 or 32 bits or floats, any number of channels, plain or .wav.gz.
-- @param path  the file
-- @return float32 tensor [channels, frames], full scale is -1..1, and the rate in frames a second (Hz)
-- @error a failure with status 4 that says what is wrong with the file
-- @usage local x, rate = data.read_sound "0_jackson_0.wav"   -- [1, 5148], 8000
function sound.read_sound(path) return core.read_wav(locate("data.read_sound", path)) end

local parse = require "moonlab.options"("data.write_sound", { { "bits", "integer", 16 }, { "float", "boolean", false } },
  "data.write_sound(path, x, 16000, {bits = 24})")

--- Writes a sound as a WAV file. Integers are rounded to the nearest; what lies beyond -1..1 is clipped.
-- @param path     the file
-- @param x        float tensor [channels, frames], or [frames] for one channel
-- @param rate     frames a second (Hz)
-- @param options  { bits = 16 (8, 16, 24 or 32), float = false (32-bit floats, which clip nothing) }
-- @error a tensor that is no sound, a NaN in it
-- @usage data.write_sound("tone.wav", (ml.arange(1, 8000) * (440 * 2 * math.pi / 8000)):sin(), 8000)
function sound.write_sound(path, x, rate, options)
  local o = parse(options)
  core.write_wav(path, x, rate, o.float and 32 or o.bits, o.float)
end

return sound
