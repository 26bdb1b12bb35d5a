--- Linear algebra: ml.linalg, with the names of torch.linalg. The factorisations are ops; what is made of them stands here.

local core = require "moonlab.core"
local options = require "moonlab.options"
local linalg = {}

for name, space in pairs(core.spaces) do
  if space == "linalg" then linalg[name] = core.ops[name] end
end

local ops = core.ops

--- The singular values of a matrix (or of each of a batch), in descending order. They have a gradient wherever they are.
-- @param x  tensor [..., M, N]
-- @return tensor [..., min(M, N)]
-- @usage ml.linalg.svdvals(ml.tensor{{3.0, 0.0}, {0.0, 4.0}})   --> 4  3
function linalg.svdvals(x)
  local _, s = ops.svd(x, { full_matrices = false })
  return s
end

--- The eigenvalues of a symmetric matrix (or of each of a batch), ascending.
-- @param x  tensor [..., N, N]
-- @return tensor [..., N]
-- @usage ml.linalg.eigvalsh(ml.tensor{{2.0, 1.0}, {1.0, 2.0}})   --> 1  3
function linalg.eigvalsh(x) return (ops.eigh(x)) end

local rank_options = options("matrix_rank", { { "rtol", "number" } }, "matrix_rank(x, {rtol = 1e-6})")
local EPSILON = { float32 = 2.0 ^ -23, float64 = 2.0 ^ -52 }

--- How many singular values are larger than rtol times the largest.
-- @param x  tensor [..., M, N]
-- @param o  { rtol = the longer side times the type's epsilon }
-- @return int64 tensor [...]
-- @usage ml.linalg.matrix_rank(ml.ones(3, 3))   --> 1
function linalg.matrix_rank(x, o)
  local rtol = rank_options(o).rtol
  local s = linalg.svdvals(x:detach())
  local sizes = x.shape
  rtol = rtol or math.max(sizes[#sizes - 1], sizes[#sizes]) * EPSILON[s.dtype]
  if s:size(-1) == 0 then return ops.sum(s, -1):to "int64" end
  return s:gt(s:slice(-1, 1, 1) * rtol):sum(-1)
end

--- The ratio of the largest singular value to the smallest; infinite for a singular matrix.
-- @param x  tensor [..., M, N]
-- @return tensor [...]
-- @usage ml.linalg.cond(ml.tensor{{3.0, 0.0}, {0.0, 4.0}})   --> 1.3333
function linalg.cond(x)
  local s = linalg.svdvals(x)
  return s:select(-1, 1) / s:select(-1, -1)
end

local NORMS = {
  fro = function(x) return x:norm { -2, -1 } end,
  nuc = function(x) return linalg.svdvals(x):sum(-1) end,
  [2] = function(x) return linalg.svdvals(x):select(-1, 1) end,
  [-2] = function(x) return linalg.svdvals(x):select(-1, -1) end,
  [1] = function(x) return (x:abs():sum(-2):max { dims = { -1 } }) end,
  [-1] = function(x) return (x:abs():sum(-2):min { dims = { -1 } }) end,
  [math.huge] = function(x) return (x:abs():sum(-1):max { dims = { -1 } }) end,
  [-math.huge] = function(x) return (x:abs():sum(-1):min { dims = { -1 } }) end,
}

--- The norm of a matrix (or of each of a batch). The norm of a vector is ml.norm.
-- @param x    tensor [..., M, N]
-- @param ord  "fro" (root of the sum of squares), "nuc" (sum of the singular values), 2 and -2 (the largest and the smallest
--             of them), 1 and -1 (largest and smallest sum of a column's absolute values), math.huge and -math.huge (of a row's)
-- @return tensor [...]
-- @usage ml.linalg.matrix_norm(ml.tensor{{3.0, 0.0}, {0.0, 4.0}}, "nuc")   --> 7
function linalg.matrix_norm(x, ord)
  local norm = NORMS[ord or "fro"]
  if not norm then
    require "moonlab.blame".raise('matrix_norm: ord must be "fro", "nuc", 2, -2, 1, -1, math.huge or -math.huge, got %s',
      require "moonlab.blame".show(ord))
  end
  return norm(x)
end

return require "moonlab.namespace"("ml.linalg", linalg)
