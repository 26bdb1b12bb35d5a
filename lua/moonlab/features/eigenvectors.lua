--- The largest eigenvalues of a symmetric matrix without negative ones, and their vectors: what principal components are made of.
--
-- Few of many are found in a Krylov space: that of a random block and its products with the matrix, kept orthonormal as a whole, in which the
-- small problem is solved (Golub & Underwood 1977). As such a space may miss further copies of an eigenvalue, another random
-- block has to find none that is larger beside it.

local core = require "moonlab.core"
local linalg = require "moonlab.linalg"

local eigenvectors = {}

local DOUBLE = { dtype = "float64" }
local BLOCK, FEWEST = 8, 256 -- vectors at a time; columns from which it is worth it
local FIRST, EACH = 4, 2 -- the space is looked at when it has so many vectors for each that is wanted, then every so many blocks
local AGAIN = 4 -- blocks that come after another random one
local RESIDUAL = 1e-10 -- against the largest eigenvalue

local function all(c, n)
  local w, v = linalg.eigh(c)
  local from, to = c:size(1) - n + 1, c:size(1)
  return w:slice(1, from, to):flip { 1 }, v:slice(2, from, to):transpose(1, 2):flip { 1 }
end

-- A random block of rows, or another, made orthonormal and orthogonal to those of the space. Once more: the first time leaves what rounding does.
local function orthonormal(space, rows)
  local used = space.q:slice(1, 1, space.size)
  for _ = 1, 2 do
    if space.size > 0 then rows = rows - rows:matmul(used:transpose(1, 2)):matmul(used) end
    rows = linalg.qr(rows:transpose(1, 2)):transpose(1, 2)
  end
  return rows
end

local function add(space, c, rows)
  local from, to = space.size + 1, space.size + BLOCK
  rows = orthonormal(space, rows)
  space.q:slice(1, from, to):copy_(rows)
  space.product:slice(1, from, to):copy_(rows:matmul(c))
  space.size = to
end

local function add_random(space, c, key)
  space.drawn = space.drawn + 1
  add(space, c, core.randn(BLOCK, c:size(1), { dtype = "float64", key = core.random_key(key, "block", space.drawn) }))
end

-- The n largest of the space: values, vectors, and how far they are from being those of c.
local function look(space, n)
  local q, product = space.q:slice(1, 1, space.size), space.product:slice(1, 1, space.size)
  local w, s = all(q:matmul(product:transpose(1, 2)), n)
  local v = s:matmul(q)
  local off = (s:matmul(product) - v * w:unsqueeze(2)):square():sum(2):max():sqrt()
  return w, v, (off / w:select(1, 1)):item()
end

local function grow(space, c, blocks)
  for _ = 1, blocks do add(space, c, space.product:slice(1, space.size - BLOCK + 1, space.size)) end
end

-- The largest value that another random block and what comes of it find beside the space.
local function beside(space, c, key)
  local from = space.size + 1
  add_random(space, c, key)
  grow(space, c, AGAIN)
  local q, product = space.q:slice(1, from, space.size), space.product:slice(1, from, space.size)
  return (all(q:matmul(product:transpose(1, 2)), 1)):item()
end

-- nil where the space would become too large.
local function few(c, n, key)
  local p = c:size(1)
  local most = p // 2 // BLOCK * BLOCK
  local space = { q = core.zeros({ most, p }, DOUBLE), product = core.zeros({ most, p }, DOUBLE), size = 0, drawn = 0 }
  add_random(space, c, key)
  grow(space, c, FIRST * n // BLOCK)
  while space.size + (AGAIN + 1) * BLOCK <= most do
    local w, v, off = look(space, n)
    if not (off <= RESIDUAL) then grow(space, c, EACH) -- of nothing but zeros it is NaN
    elseif beside(space, c, key) <= w:select(1, n):item() then return w, v end
  end
end

--- The n largest.
-- @param c    float64 [p, p]
-- @param n    how many
-- @param key  of random numbers
-- @return values [n], the largest first, and vectors [n, p]
function eigenvectors.largest(c, n, key)
  if c:size(1) >= FEWEST and FIRST * n <= c:size(1) // 3 then
    local w, v = few(c, n, key)
    if w then return w, v end
  end
  return all(c, n)
end

return eigenvectors
