--- ml.index_put: writing where tensors of positions say, one for each of the first dimensions.

local blame = require "moonlab.blame"
local core = require "moonlab.core"
local options = require "moonlab.options"

local M = {}

local parse = options("index_put", { { "accumulate", "boolean", false } }, "x:index_put({rows, columns}, values, {accumulate = true})")

-- Of a mask the positions where it holds, a vector for each of its dimensions.
local function add_mask(list, mask, x)
  for d = 1, mask:dim() do
    if mask:size(d) ~= x:size(#list + d) then
      blame.raise("index_put: the mask is [%s], dimension %d of x is %d", table.concat(mask.shape, ", "), #list + d, x:size(#list + d))
    end
  end
  local places = mask:nonzero()
  for d = 1, mask:dim() do list[#list + 1] = places:select(2, d) end
end

-- The positions of each dimension, as tensors of int64 that broadcast.
local function positions(x, index)
  if type(index) ~= "table" or #index == 0 then
    blame.raise("index_put: the positions must be a list of tensors, one for each of the first dimensions, got %s", blame.show(index))
  end
  local list = {}
  for i, t in ipairs(index) do
    if not core.is_tensor(t) then blame.raise("index_put: entry %d of the positions must be a tensor, got %s", i, blame.show(t)) end
    if t.dtype:find "^float" then blame.raise("index_put: positions must be integers or a mask, got %s", t.dtype) end
    if #list + (t.dtype == "bool" and t:dim() or 1) > x:dim() then
      blame.raise("index_put: there are positions for more dimensions than the %d of x [%s]", x:dim(), table.concat(x.shape, ", "))
    end
    if t.dtype == "bool" then add_mask(list, t, x) else list[#list + 1] = t:to "int64" end
  end
  for d, t in ipairs(list) do
    if t:has_storage() and t:numel() > 0 then
      local low, high = t:min():item(), t:max():item()
      if low < 1 or high > x:size(d) then
        blame.raise("index_put: position %d in dimension %d of x, which has %d", low < 1 and low or high, d, x:size(d))
      end
    end
  end
  return list
end

-- x, positions and values as index_copy takes them: the dimensions with positions are one, and so are the positions.
local function as_rows(x, index, values)
  local at, joined, shape = nil, 1, {}
  for d, t in ipairs(positions(x, index)) do
    at = at and (at - 1) * x:size(d) + t or t
    joined = joined * x:size(d)
    shape[1] = d
  end
  local known = shape[1]
  local rows, put, moved = { joined }, at.shape, { at:numel() }
  for d = known + 1, x:dim() do
    rows[#rows + 1], put[#put + 1], moved[#moved + 1] = x:size(d), x:size(d), x:size(d)
  end
  if type(values) == "number" then values = core.tensor(values, { dtype = x.dtype }) end
  if not core.is_tensor(values) then blame.raise("index_put: the values must be a tensor or a number, got %s", blame.show(values)) end
  return x:reshape(rows), at:reshape(-1), values:expand(put):reshape(moved)
end

--- A copy of x with values at the places that tensors of positions name: result[i[k]][j[k]] = values[k] for {i, j}. The
-- positions broadcast against each other, and values to their shape followed by the dimensions of x that have none. A mask
-- stands for the positions where it holds. Where places repeat, the last one stays. PyTorch's index_put.
-- @param x       a tensor
-- @param index   a list of tensors of positions (from 1) or masks, for the first dimensions of x
-- @param values  a tensor or a number
-- @param o       { accumulate = false; true: values are added to what is there, at places that repeat to each other }
-- @return tensor, as x
-- @usage ml.index_put(ml.zeros(2, 2), {ml.tensor{1, 2}, ml.tensor{2, 1}}, ml.tensor{5.0, 6.0})   --> 0  5  6  0
function M.index_put(x, index, values, o)
  o = parse(o)
  local rows, at, given = as_rows(x, index, values)
  local result = o.accumulate and rows:index_add(1, at, given) or rows:index_copy(1, at, given)
  return result:reshape(x.shape)
end

--- The same, written into x.
-- @param x       a tensor
-- @param index   as of index_put
-- @param values  as of index_put
-- @param o       as of index_put
-- @return x
-- @usage ml.index_put_(ml.zeros(3), {ml.tensor{1, 1}}, 1, {accumulate = true})   --> 2  0  0
function M.index_put_(x, index, values, o)
  if not x:is_contiguous() then return x:copy_(M.index_put(x, index, values, o)) end
  o = parse(o)
  local rows, at, given = as_rows(x, index, values)
  if o.accumulate then rows:index_add_(1, at, given) else rows:index_copy_(1, at, given) end
  return x
end

return M
