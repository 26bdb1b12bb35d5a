--- Whether the scores of folds differ more than chance allows.

local blame = require "moonlab.blame"
local bootstrap = require "moonlab.assess.bootstrap"
local distributions = require "moonlab.distributions"
local metrics = require "moonlab.metrics"
local options = require "moonlab.options"

local spread = {}

local NOTHING = 1e-24 -- of the square of a score: a variance that is rounding alone

--- Cochran's test of homogeneity (1954) with one variance a row for all folds: Q = sum of n_k (s_k - s)^2 / v is chi-squared with k - 1 degrees of
-- freedom where only the choice of rows makes the scores s_k of n_k rows differ; s is their mean by rows. With the variance
-- s (1 - s) / n_k of an accuracy it is Pearson's chi-squared test.
-- @param scores     by fold
-- @param rows       by fold: how many rows each was computed of
-- @param variances  by fold: of the score, the square of its standard error
-- @return { q =, df =, p =, mean = by rows }; nil and why
function spread.homogeneity(scores, rows, variances)
  if #scores ~= #rows or #scores ~= #variances then blame.raise "assess.homogeneity: scores, rows and variances must be as many" end
  local all, mean, a_row = 0, 0, 0
  for _, n in ipairs(rows) do all = all + n end
  for k, n in ipairs(rows) do mean, a_row = mean + n * scores[k] / all, a_row + n * (n * variances[k]) / all end
  if #scores < 2 then return nil, "there is one fold alone" end
  if a_row <= NOTHING * mean ^ 2 then return nil, "the scores have no variance within the folds" end
  local q = 0
  for k, n in ipairs(rows) do q = q + n * (scores[k] - mean) ^ 2 / a_row end
  return { q = q, df = #scores - 1, p = distributions.chi_squared_above(q, #scores - 1), mean = mean }
end

local SAMPLES, FEWEST, ROWS = 400, 20, 4e6 -- resamples of all folds together, of one at least, rows that are drawn in all

local parse = options("assess.fold_spread", { { "samples", "count" }, { "seed", "integer", 0 }, { "level", "number", 0.01 } },
  'ml.assess.fold_spread("auc", results)')

-- The folds share one variance a row, so that their resamples add up.
local function samples_of(rows, count)
  return math.max(FEWEST, math.ceil(math.min(SAMPLES, ROWS / math.max(rows, 1)) / count))
end

--- The variances of scores within a fold, by the bootstrap: the same resamples for all of them. Resamples of n rows vary by (n - 1) / n of what n
-- rows do, which is made good; one row alone says nothing of it.
-- @param names   of metrics
-- @param result  what metrics.evaluate gave for the fold's test rows
-- @param k       the number of the fold
-- @param count   how many folds there are
-- @param o       { samples = of a fold; 400 / count if not given, at least 20 and fewer of many rows, seed = 0 }
-- @return the variances by name, without those of which most resamples have no score; none of a fold of one row
function spread.within(names, result, k, count, o)
  o = parse(o)
  local scores, readers, out = {}, {}, {}
  if #names == 0 or result.rows < 2 or not (result.y or result.labels) then return out end
  for i, name in ipairs(names) do scores[i], readers[i] = {}, metrics.reader(name) end
  local samples = o.samples or samples_of(result.rows * count, count)
  bootstrap.each(result, { samples = samples, seed = o.seed + k }, function(resample)
    for i, list in ipairs(scores) do list[#list + 1] = readers[i](resample) end
  end)
  for i, name in ipairs(names) do
    if #scores[i] * 2 >= samples then out[name] = (bootstrap.deviation(scores[i]) or 0) ^ 2 * result.rows / (result.rows - 1) end
  end
  return out
end

--- Whether scores differ more than their variances explain, in one sentence.
-- @param name       of the metric
-- @param scores     by fold
-- @param rows       by fold
-- @param variances  by fold: what spread.within gave
-- @param o          { level = 0.01 }
-- @return { q =, df =, p =, scores = by fold, differ = whether p is below the level, text = one sentence }; nil and why
function spread.told(name, scores, rows, variances, o)
  o = parse(o)
  local out, why = spread.homogeneity(scores, rows, variances)
  if not out then return nil, why end
  out.scores, out.differ = scores, out.p < o.level
  local p = out.p < 1e-16 and "p < 1e-16" or ("p = %.2g"):format(out.p)
  out.text = ("%s of the folds differs %s than chance allows (Cochran's Q = %.3g with %d degrees of freedom, %s)"):format(metrics.name(name),
    out.differ and "more" or "no more", out.q, out.df, p)
  return out
end

--- Whether the folds of a cross-validation differ more than the choice of their rows explains: Cochran's test of homogeneity (1954), the
-- variance within a fold by the bootstrap. If they do, look at what the rows of a fold have in common: an order in time, a group, a source.
-- @param name  of a metric
-- @param list  what metrics.evaluate gave for each fold's test rows
-- @param o     { samples = of the bootstrap in each fold; 400 in all if not given, seed = 0, level = 0.01: the p below which a word is said }
-- @return { q =, df =, p =, scores = by fold, differ = whether p is below the level, text = one sentence }; nil and why
function spread.fold_spread(name, list, o)
  local scores, rows, variances = {}, {}, {}
  for k, result in ipairs(list) do
    local value, why = metrics.of(name, result)
    if not value then return nil, ("fold %d: %s"):format(k, why) end
    variances[k] = spread.within({ name }, result, k, #list, o)[name]
    if not variances[k] then return nil, ("fold %d: %s"):format(k, result.rows < 2 and "one row has no spread" or "most resamples have no score") end
    scores[k], rows[k] = value, result.rows
  end
  return spread.told(name, scores, rows, variances, o)
end

return spread
