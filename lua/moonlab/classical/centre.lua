-- Rows less their means, and the intercept that this leaves to the end.

local core = require "moonlab.core"

local centre = {}

--- Means of the columns [p] and of y [1], weighted; 0 without an intercept.
function centre.means(p, intercept)
  if not intercept then return core.zeros(p.columns, { dtype = "float64" }), core.zeros(1, { dtype = "float64" }) end
  local x = p.x:to "float64"
  if not p.weight then return x:mean(1), p.y:mean():reshape { 1 } end
  local total = p.weight:sum()
  return (x * p.weight:unsqueeze(2)):sum(1) / total, ((p.y * p.weight):sum() / total):reshape { 1 }
end

--- The centred rows themselves, times the roots of their weights: a [n, p] and b [n, 1].
function centre.rows(p, mean, mean_y)
  local a, b = p.x:to("float64") - mean, (p.y - mean_y):unsqueeze(2)
  if not p.weight then return a, b end
  local root = p.weight:sqrt():unsqueeze(2)
  return a * root, b * root
end

--- R of the centred rows [x y], and the means of the columns and of y.
function centre.triangle(p, intercept)
  local r, mean = core.centered_triangle(p.x, p.y, p.weight, intercept)
  return r, mean:slice(1, 1, p.columns), mean:slice(1, p.columns + 1, p.columns + 1)
end

--- A matrix and a right side [.., 1] with the least squares of the centred rows, as small as they can be: their triangle, or where x is
-- wide the rows themselves; and the means.
function centre.reduced(p, intercept)
  if p.rows <= p.columns then
    local mean, mean_y = centre.means(p, intercept)
    local a, b = centre.rows(p, mean, mean_y)
    return a, b, mean, mean_y
  end
  local r, mean, mean_y = centre.triangle(p, intercept)
  local top = r:slice(1, 1, p.columns)
  return top:slice(2, 1, p.columns), top:slice(2, p.columns + 1, p.columns + 1), mean, mean_y
end

--- The bias [outputs] of weights [outputs, p].
function centre.bias(weight, mean, mean_y) return mean_y - weight:matmul(mean:unsqueeze(2)):squeeze(2) end

local FAR = 100 -- the square of a mean against the variance: from here on squares lose digits that matter
local LOOK = 512 -- rows by which that is found

-- Mean and variance of each column, and a row.
local function moments(x)
  if not core.is_sparse(x) then
    x = x:to "float64"
    return x:mean(1), x:var(1), x:select(1, 1)
  end
  local columns, values, nothing = x:columns(), x:values(), core.zeros(x:size(2), { dtype = "float64" })
  local mean = nothing:index_add(1, columns, values) / x:size(1) -- right for a column whose entries are all there
  local spread = nothing:index_add(1, columns, (values - mean:index_select(1, columns)):square()) / x:size(1)
  return mean, spread, x:index_select(1, core.tensor { 1 }):dense():squeeze(1)
end

-- What lies far from 0: how far, by some rows [p], 0 for other columns; nil where there is none.
local function far_away(x)
  local rows = x:size(1)
  local some = math.min(rows, LOOK)
  local mean, spread, first = moments(x:index_select(1, (core.arange(0, some - 1):double() * (rows / some)):floor():to "int64" + 1))
  local far = (mean * mean):gt(spread * FAR)
  if core.is_sparse(x) and far:any():item() then -- no entry may be left out
    far = far:logical_and(core.ops.bincount(x:columns(), { minlength = x:size(2) }):eq(rows))
  end
  if not far:any():item() then return nil end
  local one = spread:le(mean * mean * 1e-28) -- of a column that is constant nothing is left, its mean may be rounded
  return core.ops.where(one, first, mean):masked_fill(far:logical_not(), 0)
end

--- The same problem nearer to 0, where columns lie far from it for how much they vary (years, times), as squares would leave nothing of what
-- they tell. With an intercept that is not penalised the weights are the same.
-- @return p or its like, and what was taken from the columns [p]; nil where nothing was
function centre.near(p, intercept)
  local shift = intercept and p.rows > 1 and far_away(p.x)
  if not shift then return p end
  local x = core.is_sparse(p.x) and p.x:with_values(p.x:values() - shift:index_select(1, p.x:columns())) or p.x:to "float64" - shift
  return setmetatable({ x = x }, { __index = p }), shift
end

--- Brings a model that was fitted near 0 back: its bias, and the covariance of its weights and bias.
-- @param shift  what near gave
function centre.back(model, fitted, shift)
  if not shift then return fitted end
  model:set_linear(model.weight, centre.bias(model.weight, shift, model.bias))
  if fitted.inverse then
    local t = core.eye(shift:size(1) + 1, { dtype = "float64" })
    t:select(1, shift:size(1) + 1):slice(1, 1, shift:size(1)):copy_(-shift)
    fitted.inverse = t:matmul(fitted.inverse):matmul(t:transpose(1, 2))
  end
  return fitted
end

return centre
