--- Quantiles of several shares at once, and of tensors in which NaN is left out, from one sort.

local blame = require "moonlab.blame"
local core = require "moonlab.core"
local options = require "moonlab.options"

local M = {}

local DECLARED = { { "dim", "integer" }, { "keepdim", "boolean", false },
  { "interpolation", { "linear", "lower", "higher", "nearest", "midpoint" }, "linear" } }

local WEIGHT = { -- of the upper of two elements, from where between them the quantile lies (0..1)
  linear = function(part) return part end,
  lower = function(part) return part * 0 end,
  higher = function(part) return part:ceil() end,
  midpoint = function(part) return part:ceil() * 0.5 end,
}

-- rank: from 0, float64. To the even one where it lies halfway.
local function weight_of(rank, interpolation)
  local lower = rank:floor()
  if interpolation == "nearest" then return rank:round() - lower end
  return WEIGHT[interpolation](rank - lower)
end

-- The quantile q of each row of `sorted`, whose last dimension is in order with NaN behind `counts` numbers.
local function quantile_of(sorted, counts, q, interpolation)
  local rank = (counts - 1):clamp(0, math.huge) * q
  local weight = weight_of(rank, interpolation)
  local lower = rank:floor()
  local upper = lower + weight:ceil()
  local a = sorted:gather(-1, lower:long() + 1):squeeze(-1)
  local b = sorted:gather(-1, upper:long() + 1):squeeze(-1)
  local between = a:lerp(b, weight:squeeze(-1):to(sorted.dtype))
  return core.ops.where(upper:eq(lower):squeeze(-1), a, between) -- no difference of equal infinities
end

local function check_q(name, q)
  for i = 1, #q do
    if type(q[i]) ~= "number" or not (q[i] >= 0 and q[i] <= 1) then
      blame.raise("%s: q must be within 0..1, got %s", name, blame.show(q[i]))
    end
  end
end

-- q: a number or a list.
local function quantiles(name, x, q, dim, o, skip_nan)
  if type(dim) == "table" then dim, o = nil, dim end
  o = options(name, DECLARED, ("x:%s({0.25, 0.75}, 1, {keepdim = true})"):format(name))(o)
  dim = dim or o.dim
  local list = type(q) == "table" and q or { q }
  check_q(name, list)
  if not x.dtype:find "^float" then x = x:float() end
  local ndim, shape = x:dim(), x.shape
  local rows = dim and ndim > 0 and x:transpose(dim, -1) or x:reshape(-1)
  if rows:size(-1) == 0 then blame.raise("%s: [%s] has no elements to choose from", name, table.concat(shape, ", ")) end
  local sorted = rows:sort(-1)
  local counts = sorted:isnan():logical_not():sum({ -1 }, { keepdim = true }):double()
  local bad = not skip_nan and counts:lt(rows:size(-1)):squeeze(-1)
  local results, ones = {}, {}
  for d = 1, ndim do ones[d] = 1 end
  for i, share in ipairs(list) do
    local y = quantile_of(sorted, counts, share, o.interpolation)
    if bad then y = y:masked_fill(bad, 0 / 0) end
    if not dim then y = o.keepdim and y:reshape(ones) or y
    else
      y = y:unsqueeze(-1):transpose(dim, -1)
      if not o.keepdim then y = y:squeeze(dim) end
    end
    results[i] = y
  end
  return type(q) == "table" and core.ops.stack(results, 1) or results[1]
end

--- The numbers below which the shares q (0..1) of a dimension lie: as x:quantile(q), and for a list of q a tensor with their
-- dimension in front. NaN where there is one.
-- @param x    a tensor
-- @param q    a number or a list of numbers
-- @param dim  a dimension; without one, of the flattened tensor
-- @param o    { keepdim = false, interpolation = "linear", "lower", "higher", "nearest" or "midpoint" }
-- @return tensor
-- @usage ml.quantile(ml.tensor{1, 2, 3, 4}, {0.25, 0.5})   --> 1.75  2.5
function M.quantile(x, q, dim, o)
  if type(q) == "table" and #q > 0 and core.is_tensor(x) then return quantiles("quantile", x, q, dim, o, false) end
  return core.ops.quantile(x, q, dim, o)
end

--- quantile of the elements that are no NaN; NaN where all are.
-- @param x    a tensor
-- @param q    a number or a list of numbers
-- @param dim  a dimension; without one, of the flattened tensor
-- @param o    { keepdim = false, interpolation = "linear", "lower", "higher", "nearest" or "midpoint" }
-- @return tensor
-- @usage ml.nanquantile(ml.tensor{1, 0/0, 3}, 0.5)   --> 2
function M.nanquantile(x, q, dim, o)
  if not core.is_tensor(x) then blame.raise("nanquantile: x must be a tensor, got %s", blame.show(x)) end
  return quantiles("nanquantile", x, q, dim, o, true)
end

return M
