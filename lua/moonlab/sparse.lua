--- ml.sparse: matrices that are nearly all zeros, kept as the entries of their rows: one-hot columns, words of texts. Models that read them so
-- (ml.logistic, ml.poisson, ml.naive_bayes) take them in the place of a tensor; x:dense() is one. float64, without a graph.

local core = require "moonlab.core"
local blame = require "moonlab.blame"

local sparse = {}

local DOUBLE = { dtype = "float64" }

local function vector(what, list, dtype)
  if type(list) == "table" then list = core.tensor(list, { dtype = dtype }) end
  if not core.is_tensor(list) or list:dim() ~= 1 then blame.raise("ml.sparse.entries: %s must be a list or a tensor [entries], got %s", what, blame.show(list)) end
  return list:detach():to(dtype):contiguous()
end

local function size_at(size, i)
  local n = type(size) == "table" and math.tointeger(size[i])
  if not n or n < 0 then blame.raise("ml.sparse.entries: size must be {rows, columns}, got %s", blame.show(size)) end
  return n
end

--- A sparse matrix of its entries, in any order; those of one place are added up.
-- @param rows     a list or int64 tensor: the row of each entry, from 1
-- @param columns  the column of each
-- @param values   the numbers, or nil: all 1
-- @param size     { rows, columns }
-- @return a sparse matrix: x.shape, #x, x:size(d), x:entries() (how many), x:values(), x:columns() (of the entries, row by row),
--         x:dense(dtype) (a tensor), x:index_select(1, rows), x:slice(1, first, last), x:product(w) = x w^T of w [outputs, columns],
--         x:scaled(by_row or nil, by_column or nil), x:with_values(v), x:sum_groups(groups or nil, how many, weight or nil)
-- @error lists of different lengths, an entry outside of the size
-- @usage ml.sparse.entries({ 1, 2, 2 }, { 3, 1, 3 }, { 5, 6, 7 }, { 2, 3 }):dense()   --> {{0, 0, 5}, {6, 0, 7}}
function sparse.entries(rows, columns, values, size)
  rows, columns = vector("rows", rows, "int64"), vector("columns", columns, "int64")
  values = values and vector("values", values, "float64")
  if #columns ~= #rows or values and #values ~= #rows then
    blame.raise("ml.sparse.entries: %d rows, %d columns, %s values: there must be as many of each", #rows, #columns, values and tostring(#values) or "no")
  end
  return core.sparse(rows, columns, values, size_at(size, 1), size_at(size, 2))
end

--- Whether a value is a sparse matrix.
-- @param value  anything
-- @usage ml.sparse.is(ml.zeros(2, 2))   --> false
function sparse.is(value) return core.is_sparse(value) end

--- Matrices side by side, as a sparse one.
-- @param parts  a list of sparse matrices and tensors [rows, columns] with as many rows
-- @return a sparse matrix
-- @usage ml.sparse.join { ml.eye(2), ml.ones(2, 1) }:dense()   --> {{1, 0, 1}, {0, 1, 1}}
function sparse.join(parts)
  local list = {}
  for i, part in ipairs(parts) do
    if not core.is_sparse(part) then
      if not core.is_tensor(part) or part:dim() ~= 2 then blame.raise("ml.sparse.join: part %d must be a matrix, got %s", i, blame.show(part)) end
      part = part:detach():to("float64"):contiguous()
    end
    list[i] = part
  end
  if #list == 0 then blame.raise "ml.sparse.join: a list of matrices is needed" end
  return core.sparse_join(list)
end

--- A tensor's entries that are not 0.
-- @param x  a tensor [rows, columns]
-- @return a sparse matrix
-- @usage ml.sparse.of(ml.eye(3)):entries()   --> 3
function sparse.of(x) return sparse.join { x } end

--- A matrix as a tensor, whether it is sparse or one already.
-- @param x      a tensor or a sparse matrix
-- @param dtype  of the tensor, where it was sparse: "float64" if not given
function sparse.dense(x, dtype) return core.is_sparse(x) and x:dense(dtype) or x end

--- The sums of each row's values squared, float64 [rows].
-- @param x  a sparse matrix
function sparse.squares(x)
  return x:with_values(x:values():square()):product(core.ones({ 1, x:size(2) }, DOUBLE)):squeeze(2)
end

return require "moonlab.namespace"("ml.sparse", sparse)
