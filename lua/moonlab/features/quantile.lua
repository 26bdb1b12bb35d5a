--- features.quantile: by rank to an even or a normal distribution.

local core = require "moonlab.core"
local quantiles = require "moonlab.quantiles"
local normal_quantile = require "moonlab.features.normal_quantile"
local Feature = require "moonlab.features.feature"
local numeric = require "moonlab.features.numeric"

local ops = core.ops

-- state: a list of quantiles for each field.
local function fit(values, o)
  local n, shares, state = math.min(o.n_quantiles, #values), {}, {}
  for i = 1, n do shares[i] = n == 1 and 0.0 or (i - 1) / (n - 1) end
  local found = quantiles.quantile(values, shares, 1)
  for field = 1, values:size(2) do state[field] = (found:select(2, field):cummax(1)):tolist() end -- rounding must not make them fall
  return state
end

-- As numpy's interp: y of x on the line through the points (xs, ys), of which xs ascend; the ends go on flat.
local function interpolate(x, xs, ys)
  local n = #xs
  if n == 1 then return ops.where(x:lt(xs), ys, ys) end
  local at = xs:searchsorted(x, { right = true }) - 1 -- how many are not above x
  local left = at:clamp(1, n - 1)
  local x0, x1 = xs:index_select(1, left), xs:index_select(1, left + 1)
  local y0, y1 = ys:index_select(1, left), ys:index_select(1, left + 1)
  local y = y0 + (y1 - y0) / (x1 - x0) * (x - x0)
  return ops.where(at:lt(1), ys:slice(1, 1, 1), ops.where(at:ge(n), ys:slice(1, n, n), y))
end

local NEAR = 1e-7 -- scikit-learn's BOUNDS_THRESHOLD

local function ppf(share)
  local low = NEAR - 2.0 ^ -52
  return normal_quantile(share:clamp(low, 1 - low))
end

-- Where a value stands several times among the quantiles, the middle of its ranks: from both sides, halved.
local function transform(x, list, o)
  local xs = core.tensor(list, { dtype = "float64" })
  local n, margin = #list, o.output == "normal" and NEAR or 0
  local ys = n == 1 and core.zeros(1, { dtype = "float64" }) or (core.arange(1, n, { dtype = "float64" }) - 1) / (n - 1)
  local y = (interpolate(x, xs, ys) - interpolate(-x, -xs:flip(1), -ys:flip(1))) * 0.5
  y = y:masked_fill((x + margin):ge(list[n]), 1):masked_fill((x - margin):le(list[1]), 0)
  return o.output == "normal" and ppf(y) or y
end

local function apply(values, state, o)
  local fields = {}
  for field, list in ipairs(state) do fields[field] = transform(values:select(2, field):contiguous(), list, o) end
  return ops.stack(fields, 2)
end

local fit_column, apply_column = numeric.both(fit, apply)

--- Maps each number to the share of the training part that lies below it, or to the number of the normal distribution below which
-- that share lies; scikit-learn's QuantileTransformer, which looks at 10,000 rows drawn by chance where there are more: this one
-- looks at all. A column of one value becomes 0 (uniform) or the lower end, -5.2 (normal).
-- @param o  { output = "uniform" or "normal" (scikit-learn's output_distribution), n_quantiles = 1000: at most as many as rows,
--           columns = names; all numbers if not given }
-- @return a spec for a recipe's features
-- @usage features = { features.quantile { output = "normal" } }
return Feature.kind { name = "quantile", options = { { "output", { "uniform", "normal" }, "uniform" }, { "n_quantiles", "count", 1000 } },
  takes = numeric.TYPES, wants = "numbers", fit = fit_column, apply = apply_column }
