--- What features.pca and features.svd share: singular vectors of a block of numbers.

local core = require "moonlab.core"
local linalg = require "moonlab.linalg"
local Feature = require "moonlab.features.feature"
local numeric = require "moonlab.features.numeric"

local decomposition = {}

local OVERSAMPLED = 10
local ROUNDS = 7
local LARGE = 500 -- the shorter side from which solver = "auto" draws by chance, for few components

--- Which solver "auto" is: randomized for few components of a block that is large both ways, as scikit-learn has it.
-- @param n  the wanted number of components, or nil for a share
function decomposition.solver(o, rows, fields, n)
  if o.solver ~= "auto" then return o.solver end
  local short = math.min(rows, fields)
  return n and short > LARGE and n < 0.8 * short and "randomized" or "full"
end

--- Signs as scikit-learn's svd_flip has them: of each row the entry of largest size is positive.
function decomposition.flipped(vh)
  local at = vh:abs():argmax(2):unsqueeze(2)
  local sign = vh:gather(2, at):sign()
  return vh * sign:masked_fill(sign:eq(0), 1)
end

-- Halko, Martinsson, Tropp 2011, algorithm 4.4: the range of x by a random block, sharpened by powers.
local function randomized(x, n, key)
  local width = math.min(n + OVERSAMPLED, x:size(1), x:size(2))
  local q = linalg.qr(x:matmul(core.randn(x:size(2), width, { key = key, dtype = "float64" })))
  for _ = 1, ROUNDS do
    q = linalg.qr(x:transpose(1, 2):matmul(q))
    q = linalg.qr(x:matmul(q))
  end
  local _, s, vh = linalg.svd(q:transpose(1, 2):matmul(x), { full_matrices = false })
  return s, vh
end

--- Singular values and right vectors.
-- @param x     float64 [rows, fields]
-- @param n     how many are wanted; the randomized solver finds no more
-- @param key   of random numbers
-- @return s [k], vh [k, fields]
function decomposition.of(x, solver, n, key)
  local s, vh
  if solver == "randomized" then s, vh = randomized(x, n, key)
  else
    local _
    _, s, vh = linalg.svd(x, { full_matrices = false })
  end
  return s, decomposition.flipped(vh)
end

--- The block times the components, in the place of its columns.
-- @param state   { name =, components = k lists, mean = list or nil, scale = list or nil }
function decomposition.apply(table_, names, state)
  local values = numeric.block(table_, names, state.name)
  if state.mean then values = values - numeric.row(state.mean) end
  local y = values:matmul(core.tensor(state.components, { dtype = "float64" }):transpose(1, 2))
  if state.scale then y = y / numeric.row(state.scale) end
  local fields = {}
  for i = 1, #state.components do fields[i] = state.name .. i end
  return Feature.placed(table_, names, { numeric.matrix(state.name, y, fields) })
end

return decomposition
