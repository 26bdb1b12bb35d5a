--- Pictures that are nearly the same: saved once more, at another size or brightness. Who trains on one is not assessed with the other.
--
-- Two marks must agree: difference hashes of 64 bits (is a cell of 8 rows by 9 columns brighter than the one on its left?) that differ
-- in at most BITS, and gray pictures of 16 x 16 that correlate by at least CORRELATION. Of many pictures LIMIT are drawn.

local core = require "moonlab.core"

local ops = core.ops

local BITS = 4
local CORRELATION = 0.995
local SMALLEST = 16       -- sides of a picture that is looked at
local LIMIT = 20000       -- pictures that are compared, each with each
local BLOCK = 512         -- of them at a time
local PAIRS = 20          -- that are named
local CELLS = 1 << 22     -- numbers of pictures that are made smaller at a time
local DRAWS = 1 << 20

local Alike = {}
Alike.__index = Alike

--- A look at parts of `total` pictures.
function Alike.new(total)
  local share = total > LIMIT and LIMIT * DRAWS // total or DRAWS
  return setmetatable({ share = share, key = core.random_key(0, "profile", "alike"), seen = 0, bits = {}, small = {}, places = {}, rows = {} }, Alike)
end

-- Which rows of a batch are compared.
local function drawn(self, n)
  local all = core.arange(1, n, { dtype = "int64" })
  local keys = core.row_keys(self.key, self.seen + 1, n)
  self.seen = self.seen + n
  return self.share == DRAWS and all or all:masked_select(keys:remainder(DRAWS):lt(self.share))
end

local function hashes(gray)
  local cells = gray:adaptive_avg_pool2d({ 8, 9 }):squeeze(2)
  return (cells:slice(3, 2, 9):gt(cells:slice(3, 1, 8)):to "float32" * 2 - 1):reshape { #gray, 64 }
end

-- Of mean 0 and length 1, so that a product is a correlation; of a picture of one colour, zeros.
local function thumbnails(gray)
  local small = gray:adaptive_avg_pool2d({ 16, 16 }):reshape { #gray, 256 }
  small = small - small:mean({ 2 }, { keepdim = true })
  local length = small:square():sum({ 2 }, { keepdim = true }):sqrt()
  return small / length:masked_fill(length:lt(1e-4), math.huge)
end

--- Pictures of a part.
-- @param x      [B, C, H, W]
-- @param place  the part's number
-- @param first  the row of the first of them in the part
function Alike:add(x, place, first)
  local chosen = drawn(self, #x)
  if x:size(3) < SMALLEST or x:size(4) < SMALLEST or #chosen == 0 then return end
  local each = math.max(1, CELLS // (x:size(2) * x:size(3) * x:size(4)))
  for from = 1, #chosen, each do
    local rows = chosen:slice(1, from, math.min(#chosen, from + each - 1)):contiguous()
    local gray = x:index_select(1, rows):to "float32":mean({ 2 }, { keepdim = true })
    local n = #self.bits + 1
    self.bits[n], self.small[n] = hashes(gray), thumbnails(gray)
    self.places[n], self.rows[n] = core.full({ #rows }, place, { dtype = "int64" }), rows + (first - 1)
  end
end

-- Pairs i < j of the rows from..to with later ones that have both marks.
local function pairs_of(bits, small, from, to)
  local n = #bits
  local near = small:slice(1, from, to):matmul(small:slice(1, from, n):transpose(1, 2)):ge(CORRELATION)
  local rows = near:sum({ 2 }):gt(1):nonzero():reshape { -1 } -- each is near itself
  if #rows == 0 then return nil end
  local found = near:index_select(1, rows):nonzero()
  local i, j = rows:index_select(1, found:select(2, 1)), found:select(2, 2)
  local later = j:gt(i):nonzero():reshape { -1 }
  i, j = i:index_select(1, later) + (from - 1), j:index_select(1, later) + (from - 1)
  local same = (bits:index_select(1, i) * bits:index_select(1, j)):sum({ 2 }):ge(64 - 2 * BITS)
  return i:masked_select(same), j:masked_select(same)
end

--- What was found.
-- @param keys    int64 tensors, one a part: equal pictures have equal keys; they are counted elsewhere
-- @param labels  the same of their classes
-- @param names   of the parts
-- @return { rows = pictures that are nearly one before, conflicts = pairs of two classes, of = how many were looked at, pairs = list of
--         { part =, row =, other_part =, other_row = }, shared = list of { rows =, part =, other = } }, or nil where none was looked at
function Alike:result(keys, labels, names)
  if #self.bits == 0 then return nil end
  local bits, small = ops.cat(self.bits, 1), ops.cat(self.small, 1)
  local places, rows = ops.cat(self.places, 1):tolist(), ops.cat(self.rows, 1):tolist()
  local out, late, across = { rows = 0, conflicts = 0, of = #rows, pairs = {}, shared = {} }, {}, {}
  local function see(i, j)
    local a, b = places[i], places[j]
    if keys[a]:at(rows[i]) == keys[b]:at(rows[j]) then return end
    if not late[j] then late[j], out.rows = true, out.rows + 1 end
    if labels[a]:at(rows[i]) ~= labels[b]:at(rows[j]) then out.conflicts = out.conflicts + 1 end
    if #out.pairs < PAIRS then out.pairs[#out.pairs + 1] = { part = names[a], row = rows[i], other_part = names[b], other_row = rows[j] } end
    local both = a ~= b and a * #names + b
    if not both then return end
    across[both] = across[both] or { rows = 0, part = names[b], other = names[a], seen = {} }
    local one = across[both]
    if not one.seen[j] then one.seen[j], one.rows = true, one.rows + 1 end
  end
  for from = 1, #bits, BLOCK do
    local i, j = pairs_of(bits, small, from, math.min(#bits, from + BLOCK - 1))
    i, j = i and i:tolist() or {}, j and j:tolist()
    for k = 1, #i do see(i[k], j[k]) end
  end
  for a = 1, #names do
    for b = a + 1, #names do
      local one = across[a * #names + b]
      if one then out.shared[#out.shared + 1] = { rows = one.rows, part = one.part, other = one.other } end
    end
  end
  return out
end

return Alike
