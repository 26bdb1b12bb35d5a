--- features.fft: how strong each frequency is in a sequence.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local Feature = require "moonlab.features.feature"
local magnitudes = require "moonlab.features.magnitudes"
local numeric = require "moonlab.features.numeric"
local words = require "moonlab.features.words"

-- x [..., length] -> [..., length // 2 + 1]
local function spectrum_of(x, o)
  local window = magnitudes.window(o.window, x:size(-1), x.dtype)
  if window then x = x * window end
  return magnitudes.of(core.ops.rfft(x, 0, -1, { norm = o.norm }), o)
end

local function tensors_among(table_, names)
  for _, name in ipairs(names) do
    if table_:column(name).type == "tensor" then return true end
  end
end

local function fit(table_, names)
  if #names == 0 then blame.raise("features.fft: there is neither a column of numbers nor a tensor") end
  if not tensors_among(table_, names) then return { name = Feature.free_name(table_, "fft") } end
  for _, name in ipairs(names) do
    local values = table_:column(name).values
    if not values.dtype:find "^float" or values:dim() < 2 then
      blame.raise("features.fft: column '%s' is no tensor of sequences, but %s [%s]", name, values.dtype, table.concat(values.shape, ", "))
    end
  end
  return {}
end

-- Tensors one by one along their last dimension; columns of numbers are one sequence, in the table's order.
local function apply(table_, names, state, o)
  if not state.name then
    local changed = {}
    for _, name in ipairs(names) do changed[name] = words.tensor(spectrum_of(table_:column(name).values, o), name) end
    return Feature.replaced(table_, changed)
  end
  local values, fields = spectrum_of(numeric.block(table_, names, "fft"), o), {}
  for k = 1, values:size(2) do fields[k] = ("%s.%d"):format(state.name, k - 1) end
  return Feature.placed(table_, names, { numeric.matrix(state.name, values, fields) })
end

local OPTIONS = { { "window", magnitudes.WINDOWS, "none" }, { "norm", { "backward", "ortho", "forward" }, "backward" } }
table.move(magnitudes.OPTIONS, 1, #magnitudes.OPTIONS, #OPTIONS + 1, OPTIONS)

local TAKES = { tensor = true }
for kind in pairs(numeric.TYPES) do TAKES[kind] = true end

--- How strong each frequency of a sequence is: the magnitudes of the real Fourier transform, length // 2 + 1 of them, frequency k having k
-- waves in the sequence. Columns of numbers are one sequence, in the table's order, and become fft.0, fft.1, ... in their place; of a
-- tensor (a sound) it is the last dimension: [n, length] becomes [n, length // 2 + 1].
-- @param o  { output = "magnitude", "power" (its square) or "log" (the natural logarithm of the power), floor = 1e-6: a smaller power counts
--           as this in "log", window = "none", "hann" or "hamming", norm = "backward", "ortho" or "forward" as of ml.fft.rfft, columns =
--           names; all numbers and tensors if not given }
-- @return a spec for a recipe's features
-- @error no sequence; a number that is not finite
-- @usage features = { features.fft { output = "log", window = "hann" }, features.standardize() }
return Feature.kind { name = "fft", options = OPTIONS, takes = TAKES, wants = "numbers or sounds", fit = fit, apply = apply }
