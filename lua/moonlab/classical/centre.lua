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

return centre
