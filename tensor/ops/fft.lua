-- Fourier transforms -------------------------------------------------------------------------------------------------
-- In ml.fft, as in torch.fft. A complex number is a trailing dimension of 2: real part, imaginary part. `dim` counts the dimensions
-- without it. n cuts or pads with zeros to that many points. norm says where the factor 1/n stands: "backward", in the
-- inverse; "forward", in the transform; "ortho", as 1/sqrt(n) in both.

local function fft(name, entry)
  entry.family, entry.source, entry.accepts, entry.space, entry.method = "function", "tensor/fft.c", "float", "fft", false
  entry.grad, entry.second, entry.prepare = "function", true, true
  entry.args = { { "x", "tensor" }, { "n", "integer", 0 }, { "dim", "integer", -1 } }
  entry.options = { { "norm", { "backward", "ortho", "forward" }, "backward", enum = "fft_norm" } }
  op(name)(entry)
end

local complex = { { x = { 3, 8, 2 } }, { x = { 6, 2 }, norm = "ortho" }, { x = { 3, 7, 2, 2 }, dim = 2, norm = "forward" }, { x = { 2, 5, 2 }, n = 9 }, { x = { 2, 5, 2 }, n = 3 } }

fft("fft", {
  cases = complex,
  doc = "The discrete Fourier transform along a dimension of complex numbers.",
  formula = "y[k] = sum_j x[j] e^(-2 pi i j k / n)",
  example = "ml.fft.fft(ml.tensor{{1.0, 0.0}, {0.0, 0.0}})   --> 1  0  1  0",
})
fft("ifft", {
  cases = complex,
  doc = "The inverse discrete Fourier transform along a dimension of complex numbers.",
  formula = "x[j] = 1/n sum_k y[k] e^(2 pi i j k / n)",
  example = "ml.fft.ifft(ml.tensor{{1.0, 0.0}, {1.0, 0.0}})   --> 1  0  0  0",
})
fft("rfft", {
  cases = { { x = { 3, 8 } }, { x = { 6 }, norm = "ortho" }, { x = { 3, 7, 2 }, dim = 2, norm = "forward" }, { x = { 2, 5 }, n = 9 }, { x = { 2, 5 }, n = 4 } },
  doc = "The first n/2 + 1 (rounded down) numbers of the transform of real numbers; the others are their conjugates.",
  example = "ml.fft.rfft(ml.tensor{1.0, 0.0, -1.0, 0.0})   --> 0  0  2  0  0  0",
})
fft("irfft", {
  cases = { { x = { 3, 5, 2 } }, { x = { 4, 2 }, n = 7, norm = "ortho" }, { x = { 3, 4, 2, 2 }, dim = 2, norm = "forward" }, { x = { 2, 3, 2 }, n = 9 }, { x = { 2, 5, 2 }, n = 4 } },
  doc = "The n real numbers whose transform begins with x; n is 2 (m - 1) for m numbers unless given. The inverse of rfft.",
  example = "ml.fft.irfft(ml.tensor{{0.0, 0.0}, {2.0, 0.0}, {0.0, 0.0}})   --> 1  0  -1  0",
})
