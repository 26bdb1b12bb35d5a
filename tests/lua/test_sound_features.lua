-- Sounds: mel spectra and cepstra against NumPy's, folders of WAV files as a table, a recipe of them from files to serving.

local lu = require "luaunit"
local ml = require "moonlab"
local core = require "moonlab.core"
local json = require "moonlab.json"
local support = require "support"
local synthetic = require "synthetic"
local Feature = require "moonlab.features.feature"
local Column = require "moonlab.table.column"
local Table = require "moonlab.table.table"
local pipeline = require "moonlab.features.pipeline"
local fixture = dofile "tests/fixtures/signal.lua"
local data, features = ml.data, ml.features

local function sounds_of(x) return Table.of_columns { Column.new { type = "tensor", name = "sound", values = x } } end
local function pattern(n, length) return (core.arange(1, n * length):to "float32" * 0.37):sin():reshape { n, length } end

local SOUND = sounds_of(core.tensor(fixture.sound, { dtype = "float32" }):unsqueeze(1))

local function close(got, expected, tolerance)
  local worst = (got:double():flatten() - core.tensor(expected, { dtype = "float64" })):abs():max():item()
  lu.assertTrue(worst <= tolerance, ("differs by %g"):format(worst))
end

local function x_of(spec, t) return pipeline.x(Feature.apply(spec:fit(t, {}), t)) end

TestMel = {}

for _, case in ipairs(fixture.mel) do
  TestMel["test_bands_on_the_scale_of_" .. case.scale .. "_are_those_of_numpy"] = function()
    local x = x_of(features.mel { rate = fixture.rate, bands = 12, n_fft = 128, hop = 64, scale = case.scale, standardize = false }, SOUND)
    lu.assertEquals(x.shape, { 1, 1, 12, 13 })
    close(x, case.mel, 5e-4) -- of a logarithm; the spectra are float32
  end
end

function TestMel:test_cepstra_are_those_of_scipy()
  local x = x_of(features.mfcc { rate = fixture.rate, count = 8, bands = 12, n_fft = 128, hop = 64, standardize = false }, SOUND)
  lu.assertEquals(x.shape, { 1, 1, 8, 13 })
  close(x, fixture.mfcc, 1e-3)
end

function TestMel:test_each_band_of_the_training_part_has_mean_0_and_deviation_1()
  local x = x_of(features.mel { rate = 8000, bands = 6, n_fft = 64 }, sounds_of(pattern(5, 400))):double():transpose(1, 3):flatten(2)
  lu.assertTrue(x:mean(2):abs():max():item() < 1e-5)
  lu.assertTrue(((x:square():mean(2)) - 1):abs():max():item() < 1e-4)
end

function TestMel:test_a_sound_is_the_same_alone_after_json_and_among_more_than_fit_at_once()
  local x = pattern(70, 300)
  for _, spec in ipairs { features.mel { rate = 8000, bands = 10, n_fft = 64 }, features.mfcc { rate = 8000, count = 5, bands = 10, n_fft = 64 } } do
    local step = spec:fit(sounds_of(x), {})
    local all, again = pipeline.x(Feature.apply(step, sounds_of(x))), json.decode(json.encode(step))
    for _, row in ipairs { 1, 64, 65, 70 } do
      local alone = pipeline.x(Feature.apply(again, sounds_of(x:slice(1, row, row))))
      lu.assertTrue(alone:eq(all:slice(1, row, row)):all():item(), spec.kind.name .. ", row " .. row)
    end
  end
end

function TestMel:test_wrong_settings_are_named()
  lu.assertErrorMsgContains("features.mel: rate, the samples a second, is needed", features.mel, {})
  lu.assertErrorMsgContains("features.mel: low 0 and high 5000 must be within 0..4000.0", features.mel, { rate = 8000, high = 5000 })
  lu.assertErrorMsgContains("features.mfcc: 50 coefficients of 40 bands", features.mfcc, { rate = 8000, count = 50 })
  lu.assertErrorMsgContains("of 40 has no frequency of the spectrum", function()
    features.mel { rate = 8000, n_fft = 64 }:fit(sounds_of(pattern(1, 300)), {})
  end)
end

TestSpectra = {}

local function sequence(n) return core.tensor(fixture.sequence, { dtype = "float64" }):slice(1, 1, n):unsqueeze(1) end

-- A table of n columns of numbers.
local function columns_of(x)
  local list = {}
  for k = 1, x:size(2) do list[k] = { "t" .. k, x:select(2, k) } end
  return data.table(list)
end

function TestSpectra:test_columns_of_numbers_are_one_sequence_whose_spectrum_is_that_of_scipy()
  for name, n in pairs { none = 10, hann = 10, odd = 9 } do
    local window = name == "odd" and "hamming" or name
    local t = columns_of(sequence(n))
    local out = Feature.apply(features.fft { window = window }:fit(t, {}), t)
    lu.assertEquals(out.fft.fields, { "fft.0", "fft.1", "fft.2", "fft.3", "fft.4", n == 10 and "fft.5" or nil })
    close(out.fft.values, fixture.fft[name], 1e-12)
  end
end

function TestSpectra:test_power_and_log_are_made_of_the_magnitude()
  local t = columns_of(sequence(10))
  local function of(o) return Feature.apply(features.fft(o):fit(t, {}), t).fft.values end
  close(of { output = "power" }, of({}):square():flatten():tolist(), 1e-12)
  close(of { output = "log", floor = 0.1 }, of({}):square():clamp(0.1):log():flatten():tolist(), 1e-12)
end

function TestSpectra:test_a_tensor_has_its_spectrum_along_its_last_dimension()
  local x = x_of(features.fft {}, sounds_of(sequence(10):float()))
  lu.assertEquals(x.shape, { 1, 6 })
  close(x, fixture.fft.none, 1e-6)
end

function TestSpectra:test_frames_of_a_sound_have_the_spectra_of_scipy()
  local t = sounds_of(core.tensor(fixture.sound, { dtype = "float32" }):slice(1, 1, 400):unsqueeze(1))
  local x = x_of(features.stft { size = 64, hop = 16, standardize = false }, t)
  lu.assertEquals(x.shape, { 1, 1, 33, 26 })
  close(x, fixture.stft, 2e-5)
end

function TestSpectra:test_a_row_is_the_same_alone_and_after_json()
  local x = pattern(70, 300)
  for _, spec in ipairs { features.stft { size = 32, output = "log" }, features.fft { window = "hann" } } do
    local step = spec:fit(sounds_of(x), {})
    local all, again = pipeline.x(Feature.apply(step, sounds_of(x))), json.decode(json.encode(step))
    for _, row in ipairs { 1, 65, 70 } do
      lu.assertTrue(pipeline.x(Feature.apply(again, sounds_of(x:slice(1, row, row)))):eq(all:slice(1, row, row)):all():item())
    end
  end
end

function TestSpectra:test_a_text_has_no_spectrum()
  local t = data.table { { "word", { "a", "b" } } }
  lu.assertErrorMsgContains("features.fft: there is neither a column of numbers nor a tensor", function() features.fft {}:fit(t, {}) end)
end

TestSounds = {}

-- Tones of two heights, as two speakers "say" them.
local function write_sounds(folder, count)
  assert(os.execute("mkdir -p " .. folder .. "/s"))
  for i = 0, count - 1 do
    for label, height in pairs { low = 300, high = 1500 } do
      local t = core.arange(1, 500 + 20 * i):to "float32"
      data.write_sound(("%s/s/%s_%s_%d.wav"):format(folder, label, i % 2 == 0 and "ann" or "bob", i), (t * (2 * math.pi * height / 8000)):sin() * 0.5, 8000)
    end
  end
end

local SETTINGS = { rate = 8000, length = 600, pattern = "^(%a+)_(%a+)_(%d+)", group = 2, test = function(name) return name[3] == "1" end }

function TestSounds:test_the_names_of_the_files_become_columns()
  support.with_folder(function(folder)
    write_sounds(folder, 2)
    synthetic.write_file(folder .. "/s/notes.txt", "no sound")
    local t = data.sounds(folder .. "/s", SETTINGS):table()
    lu.assertEquals(t.file:to_list(), { "high_ann_0.wav", "high_bob_1.wav", "low_ann_0.wav", "low_bob_1.wav" })
    lu.assertEquals(t.label:to_list(), { "high", "high", "low", "low" })
    lu.assertEquals(t.group:to_list(), { "ann", "bob", "ann", "bob" })
    lu.assertEquals(t.part:to_list(), { "train", "test", "train", "test" })
    lu.assertEquals(t.sound.values.shape, { 4, 600 })
    lu.assertEquals(t.sound.values:slice(2, 501, 600):slice(1, 1, 1):abs():max():item(), 0.0) -- silence behind its 500 samples
  end)
end

function TestSounds:test_two_channels_are_mixed_and_other_rates_are_refused()
  support.with_folder(function(folder)
    assert(os.execute("mkdir -p " .. folder .. "/s"))
    data.write_sound(folder .. "/s/a_x_1.wav", ml.tensor { { 0.5, 0.25 }, { 0, -0.25 } }, 8000, { float = true })
    local t = data.sounds(folder .. "/s", { rate = 8000, length = 3, pattern = "^(%a)" }):table()
    lu.assertEquals(t.sound.values:tolist(), { { 0.25, 0.0, 0.0 } })
    local ok, problem = pcall(function() data.sounds(folder .. "/s", { rate = 4000, length = 3, pattern = "^(%a)" }):table() end)
    lu.assertFalse(ok)
    lu.assertStrContains(tostring(problem), "a_x_1.wav: has 8000 samples a second, but data.sounds is told rate = 4000")
  end)
end

function TestSounds:test_what_is_not_there_is_named_with_the_hint()
  support.with_folder(function(folder)
    local _, problem = pcall(function() data.sounds(folder .. "/no", { rate = 1, length = 1, pattern = "(x)", hint = "It comes from there." }):table() end)
    lu.assertStrContains(tostring(problem), "data.sounds: there is no folder " .. folder .. "/no\n  It comes from there.")
    _, problem = pcall(function() data.sounds(folder, { rate = 1, length = 1, pattern = "(x)" }):table() end)
    lu.assertStrContains(tostring(problem), "no file name ends in .wav and fits the pattern '(x)'")
    lu.assertErrorMsgContains("data.sounds: length is missing", data.sounds, folder, { rate = 1 })
  end)
end

local RECIPE = [[
local ml = require "moonlab"
local nn, data, features = ml.nn, ml.data, ml.features
return ml.recipe {
  name = "tones", task = "multiclass", seed = 1,
  data = { source = data.sounds("s", { rate = 8000, length = 600, pattern = "^(%a+)_(%a+)_(%d+)", group = 2,
      test = function(name) return tonumber(name[3]) < 3 end }), target = "label", id = "file", columns = { group = data.ignore() } },
  split = { by = "part" }, features = { features.mel { rate = 8000, bands = 8, n_fft = 64 } },
  model = nn.Sequential { nn.Flatten(), nn.Linear(2) },
  train = { batch = 4, epochs = 5, optimizer = ml.optim.adam { lr = 0.01 } },
}
]]

function TestSounds:test_a_recipe_of_sounds_trains_and_serves_files()
  support.with_folder(function(folder)
    write_sounds(folder, 8)
    synthetic.write_file(folder .. "/r.lua", RECIPE)
    local status, _, err = synthetic.run(folder, "run r.lua --out out")
    lu.assertEquals(status, 0, err)
    lu.assertEquals(json.decode(synthetic.read_file(folder .. "/out/metrics.json")).test.accuracy, 1.0)
    local out
    status, out, err = synthetic.run(folder, "predict out s/high_ann_4.wav s/low_bob_1.wav --json")
    lu.assertEquals(status, 0, err)
    local first, second = out:match "([^\n]+)\n([^\n]+)"
    lu.assertEquals({ json.decode(first).class, json.decode(second).class }, { "high", "low" })
  end)
end
