-- Fourier transforms: against PyTorch, what they promise, and what is refused. (Gradients against differences are in the
-- sweep.)

local lu = require "luaunit"
local core = require "moonlab.core"
local ml = require "moonlab"
local support = require "support"
local close, equal, fails = support.close, support.equal, support.fails
local fft = ml.fft

-- The numbers of tests/fixtures/make_fft.py.
local function pattern(shape, number, dtype)
  local n, list = 1, {}
  for _, size in ipairs(shape) do n = n * size end
  for i = 0, n - 1 do list[i + 1] = math.sin(0.7 * i * i + 1.3 * number) + 0.1 * math.cos(2.9 * i) end
  return ml.tensor(list, { dtype = dtype }):reshape(shape)
end

TestOracle = {}
for i, case in ipairs(dofile "tests/fixtures/fft.lua") do
  TestOracle[("test_%03d %s"):format(i, case[1])] = function()
    for dtype, tolerance in pairs { float64 = 1e-7, float32 = 2e-5 } do
      local a = pattern(case.a, 1, dtype)
      a.requires_grad = true
      local y = assert(load("local ml, fft, a, w = ...; return " .. case[1]))(ml, fft, a, ml.hann_window(8, { dtype = dtype }))
      close(y:detach():double(), ml.tensor(case.y, { dtype = "float64" }):reshape(case.shape), tolerance)
      y:backward(pattern(case.shape, 9, dtype))
      close(a.grad:double(), ml.tensor(case.grad, { dtype = "float64" }):reshape(case.a), tolerance)
    end
  end
end

TestTransforms = {}

-- Of every kind of plan: the radices 2, 3, 4, 5, 8 and 16, a convolution, and, for multiples of 16 from 256 on (32 and 512 of real numbers),
-- row by row, with vectors that overlap (272, 400, 800) and without.
local SIZES = { 1, 2, 3, 6, 7, 13, 16, 30, 31, 32, 48, 49, 64, 97, 100, 128, 243, 250, 256, 272, 400, 509, 512, 625, 768, 800, 1000, 1021, 1024, 2560, 4096 }

-- The sum, as a product with the matrix of e^(-2 pi i j k / n); z of shape [rows, n, 2].
local function by_definition(z)
  local n = z:size(2)
  local j = ml.arange(0, n - 1, { dtype = "float64" })
  local turns = j:reshape(n, 1) * j
  local angle = (turns - (turns / n):floor() * n) * (-2 * math.pi / n)
  local re, im, c, s = z:select(-1, 1), z:select(-1, 2), angle:cos(), angle:sin()
  return ml.stack({ re:mm(c) - im:mm(s), re:mm(s) + im:mm(c) }, 3)
end

function TestTransforms:test_a_transform_is_the_sum_that_defines_it()
  for _, n in ipairs(SIZES) do
    if n <= 1024 then
      local z = ml.randn(3, n, 2, { dtype = "float64", key = n })
      local y = by_definition(z)
      local real = by_definition(ml.stack({ z:select(-1, 1), ml.zeros(3, n, { dtype = "float64" }) }, 3)):slice(2, 1, n // 2 + 1)
      for dtype, tolerance in pairs { float64 = 1e-12, float32 = 5e-7 } do
        tolerance = tolerance * math.sqrt(n) * 4
        close(fft.fft(z:to(dtype)):double(), y, tolerance)
        close(fft.ifft(z:to(dtype):flip { 3 }, 0, -1, { norm = "forward" }):flip { 3 }:double(), y, tolerance)
        close(fft.rfft(z:select(-1, 1):to(dtype)):double(), real, tolerance)
      end
    end
  end
end

function TestTransforms:test_what_is_missing_counts_as_zeros()
  for _, length in ipairs { 1, 299, 300, 511 } do
    local z = ml.randn(3, length, 2, { key = length })
    local whole = ml.cat({ z, ml.zeros(3, 512 - length, 2) }, 2)
    equal(fft.fft(z, 512), fft.fft(whole))
    equal(fft.ifft(z, 512), fft.ifft(whole))
    equal(fft.rfft(z:select(-1, 1), 512), fft.rfft(whole:select(-1, 1)))
    equal(fft.irfft(z, 1022), fft.irfft(whole))
    equal(fft.irfft(z, 1024), fft.irfft(ml.cat({ whole, ml.zeros(3, 1, 2) }, 2)))
  end
end

function TestTransforms:test_the_inverse_gives_back_what_was_transformed()
  for _, dtype in ipairs { "float32", "float64" } do
    for _, n in ipairs(SIZES) do
      local tolerance = dtype == "float64" and 1e-13 or 5e-6
      local z = ml.randn(19, n, 2, { dtype = dtype, key = n })
      close(fft.ifft(fft.fft(z)), z, tolerance)
      close(fft.fft(fft.ifft(z, 0, 1, { norm = "ortho" }), 0, 1, { norm = "ortho" }), z, tolerance)
      local x = ml.randn(18, n, { dtype = dtype, key = n })
      close(fft.irfft(fft.rfft(x), n), x, tolerance)
    end
  end
end

function TestTransforms:test_parseval()
  for _, n in ipairs(SIZES) do
    local z = ml.randn(3, n, 2, { dtype = "float64", key = n })
    close(fft.fft(z):square():sum { 2, 3 } / n, z:square():sum { 2, 3 }, 1e-9)
  end
end

function TestTransforms:test_a_single_frequency_is_a_single_peak()
  local n, k = 360, 7
  local angle = ml.arange(0, n - 1, { dtype = "float64" }) * (2 * math.pi * k / n)
  local y = fft.rfft(angle:cos())
  lu.assertAlmostEquals(y:at(k + 1, 1), n / 2, 1e-9)
  y[{ k + 1, 1 }] = 0
  lu.assertTrue(y:abs():max():item() < 1e-9)
end

-- A row's bits depend neither on its neighbours nor on threads.
function TestTransforms:test_rows_alone_and_together_have_the_same_bits()
  local before = core.threads()
  for _, n in ipairs { 6, 60, 77, 256, 512, 800, 1536 } do
    local x = ml.randn(37, n, { key = n })
    core.threads(2)
    local y = fft.rfft(x)
    core.threads(1)
    equal(fft.rfft(x), y)
    for i = 1, 37, 6 do equal(fft.rfft(x:select(1, i)), y:select(1, i)) end
    equal(fft.rfft(x:transpose(), 0, 1):transpose(1, 2), y)
    equal(fft.irfft(y:transpose(1, 2), n, 1):transpose(), fft.irfft(y, n))
    equal(fft.fft(y:transpose(1, 2), n, 1):transpose(1, 2), fft.fft(y, n))
  end
  core.threads(before)
end

function TestTransforms:test_a_frame_is_the_transform_of_its_samples()
  local x = ml.randn(2, 50, { key = 5 })
  for _, hop in ipairs { 1, 3, 8, 11 } do
    local y = ml.stft(x, 8, { hop = hop, center = false })
    local centred = ml.stft(x, 8, { hop = hop })
    lu.assertEquals(y:size(3), (50 - 8) // hop + 1)
    lu.assertEquals(centred:size(3), 50 // hop + 1)
    for t = 1, y:size(3) do
      local first = (t - 1) * hop + 1
      equal(y:select(3, t), fft.rfft(x:slice(2, first, first + 7)))
    end
    local ends = ml.cat({ x:slice(2, 2, 5):flip { 2 }, x, x:slice(2, 46, 49):flip { 2 } }, 2)
    equal(centred, ml.stft(ends, 8, { hop = hop, center = false }))
  end
end

function TestTransforms:test_stft_and_istft_are_inverse()
  local x = ml.randn(2, 1000, { dtype = "float64", key = 3 })
  for _, hop in ipairs { 16, 25, 32 } do
    local o = { hop = hop, window = ml.hann_window(64, { dtype = "float64" }) }
    local y = ml.stft(x, 64, o)
    o.length = 1000
    local back = ml.istft(y, 64, o)
    close(back:slice(2, 1, 960), x:slice(2, 1, 960), 1e-12)
  end
end

function TestTransforms:test_frequencies_shift_there_and_back()
  close(fft.fftfreq(5, { d = 0.1 }), { 0, 2, 4, -4, -2 }, 1e-6)
  equal(fft.fftfreq(1), { 0 })
  equal(fft.ifftshift(fft.fftshift(ml.arange(1, 7), 1), 1), ml.arange(1, 7))
  equal(fft.fftshift(ml.arange(1, 5), 1), ml.tensor { 4, 5, 1, 2, 3 })
end

function TestTransforms:test_windows()
  close(ml.hann_window(5, { periodic = false }), { 0, 0.5, 1, 0.5, 0 }, 1e-7)
  close(ml.hamming_window(4), { 0.08, 0.54, 1, 0.54 }, 1e-6)
  equal(ml.hann_window(1), { 1 })
end

TestRefused = {}

function TestRefused:test_what_is_not_complex()
  fails("fft: x must be complex, with a trailing dimension of 2, got shape [3, 4]\n  hint: ml.fft.rfft takes real numbers", function()
    local y = fft.fft(ml.ones(3, 4))
    return y
  end)
end

function TestRefused:test_dimensions_and_lengths()
  fails("fft: dimension 3 of a tensor with 2 (1..2), not counting that of the pairs", function()
    local y = fft.fft(ml.ones(3, 4, 2), 0, 3)
    return y
  end)
  fails("rfft: n must be at least 1, got -1", function()
    local y = fft.rfft(ml.ones(4), -1)
    return y
  end)
  fails("irfft: dimension 1 of shape [1, 2] is too short for a transform", function()
    local y = fft.irfft(ml.ones(1, 2))
    return y
  end)
end

function TestRefused:test_frames()
  fails("stft: a frame of 64 samples needs more than the 10 of x", function() ml.stft(ml.ones(10), 64) end)
  fails("stft: the window must have shape [8], that of a frame, got [4]", function() ml.stft(ml.ones(100), 8, { window = ml.ones(4) }) end)
  fails("istft: the windows leave samples uncovered\n  hint: choose a smaller hop, or a window that is not 0 (with center = false Hann's is 0 at the first sample)",
    function() ml.istft(ml.ones(5, 4, 2), 8, { hop = 9 }) end)
end
