--- Whether the scores of folds differ more than chance allows.

local blame = require "moonlab.blame"
local distributions = require "moonlab.distributions"
local metrics = require "moonlab.metrics"
local options = require "moonlab.options"

local spread = {}

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
  if a_row <= 0 then return nil, "the scores have no variance within the folds" end
  local q = 0
  for k, n in ipairs(rows) do q = q + n * (scores[k] - mean) ^ 2 / a_row end
  return { q = q, df = #scores - 1, p = distributions.chi_squared_above(q, #scores - 1), mean = mean }
end

local parse = options("assess.fold_spread", { { "samples", "count", 200 }, { "seed", "integer", 0 }, { "level", "number", 0.01 } },
  'ml.assess.fold_spread("auc", results)')

--- The variance of a score within a fold, by the bootstrap.
-- @param name    of a metric
-- @param result  what metrics.evaluate gave for the fold's test rows
-- @param k       the number of the fold
-- @param o       { samples = 200, seed = 0 }
-- @return the variance, or nil and why
function spread.within(name, result, k, o)
  o = parse(o)
  local bootstrap = require "moonlab.assess.bootstrap"
  local one = bootstrap.bootstrap(name, result, { samples = o.samples, seed = o.seed + k, method = "percentile" })
  if not one then return nil, "most resamples have no score" end
  return (one.se or 0) ^ 2
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
-- @param o     { samples = 200 of the bootstrap, seed = 0, level = 0.01: the p below which a word is said }
-- @return { q =, df =, p =, scores = by fold, differ = whether p is below the level, text = one sentence }; nil and why
function spread.fold_spread(name, list, o)
  local scores, rows, variances = {}, {}, {}
  for k, result in ipairs(list) do
    local value, why = metrics.of(name, result)
    if not value then return nil, ("fold %d: %s"):format(k, why) end
    variances[k], why = spread.within(name, result, k, o)
    if not variances[k] then return nil, ("fold %d: %s"):format(k, why) end
    scores[k], rows[k] = value, result.rows
  end
  return spread.told(name, scores, rows, variances, o)
end

return spread
