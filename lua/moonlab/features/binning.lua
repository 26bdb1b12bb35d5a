--- features.binning: numbers as the interval that they lie in.

local core = require "moonlab.core"
local quantiles = require "moonlab.quantiles"
local Feature = require "moonlab.features.feature"
local numeric = require "moonlab.features.numeric"

local ops = core.ops
local MOST_ROUNDS = 300
local NARROW = 1e-8 -- scikit-learn's: a narrower bin is left out

local function evenly(x, n)
  local low, high, edges = x:min():item(), x:max():item(), {}
  for i = 0, n do edges[i + 1] = low + (high - low) * i / n end
  return edges
end

local function by_quantile(x, n)
  local shares = {}
  for i = 0, n do shares[i + 1] = i / n end
  return quantiles.quantile(x, shares, 1):tolist()
end

-- The means of the numbers between neighbouring borders; the old center where there are none.
local function means(sorted, totals, borders, centers)
  local out, before, sum_before = {}, 0, 0.0
  for i = 1, #centers do
    local upto = borders[i] and sorted:searchsorted(core.tensor({ borders[i] }, { dtype = "float64" }), { right = true }):item() - 1 or #sorted
    local sum = upto > 0 and totals:at(upto) or 0.0
    out[i] = upto > before and (sum - sum_before) / (upto - before) or centers[i]
    before, sum_before = upto, sum
  end
  return out
end

local function between(centers)
  local borders = {}
  for i = 1, #centers - 1 do borders[i] = (centers[i] + centers[i + 1]) / 2 end
  return borders
end

-- Lloyd's algorithm on a line, from the middles of even bins.
local function by_kmeans(x, n)
  local sorted, edges, centers = x:sort(1), evenly(x, n), {}
  local totals = sorted:cumsum(1)
  for i = 1, n do centers[i] = (edges[i] + edges[i + 1]) / 2 end
  for _ = 1, MOST_ROUNDS do
    local new, moved = means(sorted, totals, between(centers), centers), false
    for i = 1, n do moved = moved or new[i] ~= centers[i] end
    centers = new
    if not moved then break end
  end
  local out = between(centers)
  table.insert(out, 1, edges[1])
  out[#out + 1] = edges[n + 1]
  return out
end

local STRATEGIES = { uniform = evenly, quantile = by_quantile, kmeans = by_kmeans }

-- The borders between bins: the outer edges are open.
local function borders_of(x, o)
  local edges, borders, last = STRATEGIES[o.strategy](x, o.n_bins), {}, nil
  for _, edge in ipairs(edges) do
    if not last or edge - last > NARROW then
      borders[#borders + 1] = edge
      last = edge
    end
  end
  table.remove(borders, 1)
  table.remove(borders)
  return borders
end

local function fit(column, o)
  local values, state = numeric.finite(column), {}
  for field = 1, values:size(2) do state[field] = borders_of(values:select(2, field):contiguous(), o) end
  return state
end

-- From 1.
local function bin_of(x, borders)
  if #borders == 0 then return core.ones(#x, { dtype = "int64" }) end
  return core.tensor(borders, { dtype = "float64" }):searchsorted(x, { right = true })
end

-- "age[..18)", "age[18..65)", "age[65..]"
local function add_names(fields, name, borders)
  for i = 1, #borders + 1 do
    local low, high = borders[i - 1], borders[i]
    fields[#fields + 1] = ("%s[%s..%s"):format(name, low and ("%.6g"):format(low) or "", high and ("%.6g)"):format(high) or "]")
  end
end

local function apply(column, state, o)
  local values, parts, fields = numeric.finite(column), {}, {}
  for i, name in ipairs(numeric.fields(column)) do
    local bins = bin_of(values:select(2, i):contiguous(), state[i]):unsqueeze(2)
    if o.encode == "one_hot" then
      bins = bins:eq(core.arange(1, #state[i] + 1):unsqueeze(1))
      add_names(fields, name, state[i])
    end
    parts[i] = bins:to "float64"
  end
  local all = ops.cat(parts, 2)
  return o.encode == "one_hot" and numeric.matrix(column.name, all, fields) or numeric.column(all, column)
end

local fit_column, apply_column = Feature.each_column(fit, apply)

--- Numbers as the bin they fall into; scikit-learn's KBinsDiscretizer, but bins count from 1, and those that are narrower than 1e-8 are
-- left out in every strategy. What is beyond the training part falls into the first or last bin.
-- @param o  { n_bins = 5, strategy = "quantile" (bins of as many rows, quantiles between neighbours in proportion), "uniform" (of one
--           width) or "kmeans" (around centers), encode = "one_hot": a field for each bin, age[18..65), or "ordinal": the number of the
--           bin, columns = names; all numbers if not given }
-- @return a spec for a recipe's features
-- @usage features = { features.binning { columns = { "age" }, n_bins = 4 } }
return Feature.kind { name = "binning", options = { { "n_bins", "count", 5 }, { "strategy", { "quantile", "uniform", "kmeans" }, "quantile" },
  { "encode", { "one_hot", "ordinal" }, "one_hot" } }, takes = numeric.TYPES, wants = "numbers", fit = fit_column, apply = apply_column }
