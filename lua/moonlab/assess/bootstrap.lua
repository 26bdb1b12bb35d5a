--- How much a score would vary with other rows of the same kind: intervals by the bootstrap (Efron 1979), from stored outputs. A resample is
-- a weight for each row, how often it was drawn; so what does not depend on the weights (the order of scores, the loss of a row) is computed
-- once.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local distributions = require "moonlab.distributions"
local metrics = require "moonlab.metrics"
local options = require "moonlab.options"
local Result = require "moonlab.metrics.result"

local bootstrap = {}

local JACKKNIFE = 500 -- parts that are left out one at a time, at most

-- Units that are drawn: rows, or groups of rows -> the unit of each row (nil: rows), how many there are.
local function units(result, group)
  if not group then return nil, result.rows end
  local codes = core.is_tensor(group) and group:to "int64" or nil
  if not codes then
    local numbers, list, count = {}, {}, 0
    for i, value in ipairs(group) do
      if not numbers[value] then count, numbers[value] = count + 1, count + 1 end
      list[i] = numbers[value]
    end
    codes = core.tensor(list, { dtype = "int64" })
  end
  if #codes ~= result.rows then blame.raise("bootstrap: %d groups, but %d rows", #codes, result.rows) end
  return codes, codes:max():item()
end

-- f(weight of each row) for weights of the units.
local function with_counts(result, codes, counts)
  local weight = codes and counts:index_select(1, codes) or counts
  return result.weight and weight * result.weight or weight
end

--- Draws resamples by (seed, number of the resample).
-- @param o  { samples =, seed =, group = }
-- @param f  function(the result with the resample's weights)
function bootstrap.each(result, o, f)
  local codes, n = units(result, o.group)
  for b = 1, o.samples do
    local key = core.random_key(o.seed, "bootstrap", b)
    local counts = core.randint(1, n, { n }, { key = key }):bincount({ minlength = n }):double()
    f(Result.weighted(result, with_counts(result, codes, counts)))
  end
end

--- The scores of resamples.
-- @return a list in the order of the resamples, how many are undefined and left out
function bootstrap.replicates(name, result, o)
  local list, undefined, score = {}, 0, metrics.reader(name)
  bootstrap.each(result, o, function(resample)
    local value = score(resample)
    if value then list[#list + 1] = value else undefined = undefined + 1 end
  end)
  return list, undefined
end

-- The scores without each unit; of many units, without each of JACKKNIFE parts of them.
local function left_out(name, result, o)
  local codes, n = units(result, o.group)
  local list, parts, score = {}, math.min(n, JACKKNIFE), metrics.reader(name)
  local part = core.arange(0, n - 1) % parts
  for i = 0, parts - 1 do
    local value = score(Result.weighted(result, with_counts(result, codes, part:ne(i):double())))
    if not value then return nil end
    list[#list + 1] = value
  end
  return list
end

-- The quantile q of a sorted list, interpolated.
local function quantile(sorted, q)
  local at = 1 + (#sorted - 1) * q
  local low = math.floor(at)
  local a, b = sorted[low], sorted[math.min(low + 1, #sorted)]
  return a + (at - low) * (b - a)
end

--- The ends of the percentile interval.
-- @param sorted  the scores of resamples, rising
function bootstrap.percentile(sorted, level) return quantile(sorted, (1 - level) / 2), quantile(sorted, (1 + level) / 2) end

--- The ends of the bias-corrected and accelerated interval (Efron 1987).
-- @param sorted  the scores of resamples, rising
-- @param value   the score of the rows themselves
-- @param others  the scores without each row
function bootstrap.bca(sorted, level, value, others)
  local below, mean, n = 0, 0, #others
  for _, v in ipairs(sorted) do below = below + (v < value and 1 or v == value and 0.5 or 0) end
  for _, v in ipairs(others) do mean = mean + v / n end
  local cubes, squares = 0, 0
  for _, v in ipairs(others) do
    local u = (n - 1) * (mean - v)
    cubes, squares = cubes + u ^ 3 / n ^ 3, squares + u ^ 2 / n ^ 2
  end
  local bias, acceleration = distributions.normal_quantile(below / #sorted), squares > 0 and cubes / (6 * squares ^ 1.5) or 0
  local function share(p)
    local z = bias + distributions.normal_quantile(p)
    return distributions.normal_cdf(bias + z / (1 - acceleration * z))
  end
  return quantile(sorted, share((1 - level) / 2)), quantile(sorted, share((1 + level) / 2))
end

--- The deviation of a sample; nil of fewer than two.
function bootstrap.deviation(list)
  local mean, squares = 0, 0
  for _, v in ipairs(list) do mean = mean + v / #list end
  for _, v in ipairs(list) do squares = squares + (v - mean) ^ 2 end
  return #list > 1 and math.sqrt(squares / (#list - 1)) or nil
end

local parse = options("assess.bootstrap", {
  { "samples", "count", 1000 }, { "level", "number", 0.95 }, { "method", { "bca", "percentile" }, "bca" }, { "seed", "integer", 0 }, { "group", "any" },
}, 'ml.assess.bootstrap("auc", result, {samples = 1000})')

--- An interval for a score: where it would lie with other rows of the same kind. By the bias-corrected and accelerated bootstrap (Efron 1987), or
-- by percentiles; BCa becomes the percentiles where a score without some rows is undefined, or all resamples lie on one side. Of more than 500
-- rows the acceleration comes from leaving out 500 parts of them in turn. The same seed gives the same interval.
-- @param name    of a metric: "auc", "f_beta(beta=2)"
-- @param result  what metrics.evaluate gave
-- @param o       { samples = 1000, level = 0.95, method = "bca" or "percentile", seed = 0, group = one a row: whole groups are drawn }
-- @return { value =, low =, high =, se = the standard error, level =, method =, samples =, undefined = resamples without a score }; nil and why where
--         the score is undefined, or that of most resamples
-- @usage ml.assess.bootstrap("auc", ml.metrics.evaluate(model, set)).low
function bootstrap.bootstrap(name, result, o)
  o = parse(o)
  if not (o.level > 0 and o.level < 1) then blame.raise("assess.bootstrap: level must be between 0 and 1, got %s", o.level) end
  local value, why = metrics.of(name, Result.weighted(result, result.weight))
  if not value then return nil, why end
  local list, undefined = bootstrap.replicates(name, result, o)
  if undefined * 2 > o.samples then return nil, ("%d of %d resamples have no score"):format(undefined, o.samples) end
  table.sort(list)
  local others = o.method == "bca" and list[1] < value and list[#list] > value and left_out(name, result, o)
  local low, high
  if others then low, high = bootstrap.bca(list, o.level, value, others) else low, high = bootstrap.percentile(list, o.level) end
  return { value = value, low = low, high = high, se = bootstrap.deviation(list), level = o.level, method = others and "bca" or "percentile",
    samples = o.samples, undefined = undefined }
end

return bootstrap
