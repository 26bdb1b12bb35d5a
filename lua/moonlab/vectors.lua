--- Products of vectors and sums of diagonals, made of other ops.

local blame = require "moonlab.blame"
local core = require "moonlab.core"

local M = {}

local function check(name, x)
  if not core.is_tensor(x) then blame.raise("%s: a tensor is needed, got %s", name, blame.show(x)) end
end

--- The sum of the diagonal of a matrix. Integers are summed as int64.
-- @param x  a matrix
-- @return tensor of one element
-- @usage ml.trace(ml.tensor{{1, 2}, {3, 4}})   --> 5
function M.trace(x)
  check("trace", x)
  if x:dim() ~= 2 then blame.raise("trace: a matrix is needed, not [%s]", table.concat(x.shape, ", ")) end
  return x:diagonal():sum()
end

--- The cross product of vectors of 3 along a dimension; the other dimensions broadcast. PyTorch's torch.linalg.cross: the dimension is
-- the last one, not the first that has size 3.
-- @param x    a tensor
-- @param y    a tensor
-- @param dim  a dimension (-1)
-- @return tensor
-- @usage ml.cross(ml.tensor{1, 0, 0}, ml.tensor{0, 1, 0})   --> 0  0  1
function M.cross(x, y, dim)
  check("cross", x)
  check("cross", y)
  dim = dim or -1
  if x:dim() ~= y:dim() then
    blame.raise("cross: as many dimensions are needed, got [%s] and [%s]", table.concat(x.shape, ", "), table.concat(y.shape, ", "))
  end
  if x:dim() == 0 or x:size(dim) ~= 3 or y:size(dim) ~= 3 then
    blame.raise("cross: dimension %d must have size 3, got [%s] and [%s]", dim, table.concat(x.shape, ", "), table.concat(y.shape, ", "))
  end
  return x:roll(-1, dim) * y:roll(-2, dim) - x:roll(-2, dim) * y:roll(-1, dim)
end

return M
