--- Whether one model is better than another on the same rows, or whether it may be chance.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local distributions = require "moonlab.distributions"
local metrics = require "moonlab.metrics"
local options = require "moonlab.options"
local Result = require "moonlab.metrics.result"

local paired = {}

local function check_pairs(where, a, b, least)
  if type(a) ~= "table" or type(b) ~= "table" then blame.raise("%s: two lists of scores are needed", where) end
  if #a ~= #b then blame.raise("%s: %d scores of one model, but %d of the other", where, #a, #b) end
  if #a < least then blame.raise("%s: at least %d pairs are needed, got %d", where, least, #a) end
  local d = {}
  for i = 1, #a do
    d[i] = a[i] - b[i]
    if d[i] ~= d[i] then blame.raise("%s: pair %d is NaN", where, i) end
  end
  return d
end

local function moments(list)
  local mean, squares = 0, 0
  for _, v in ipairs(list) do mean = mean + v / #list end
  for _, v in ipairs(list) do squares = squares + (v - mean) ^ 2 end
  return mean, squares / (#list - 1)
end

-- Folds ----------------------------------------------------------------------------------------------------------------------------

local parse_t = options("assess.corrected_t", { { "train", "number" }, { "test", "number" }, { "level", "number", 0.95 } },
  "ml.assess.corrected_t(a, b, {train = 900, test = 100})")

--- The corrected resampled t test (Nadeau and Bengio 2003): of the scores of two models in the same folds. Folds share training rows, so that
-- their differences are not independent; the variance counts 1/k + test/train times, and not 1/k.
-- @param a, b  scores by fold
-- @param o     { train =, test = rows of a fold's parts (k - 1 to 1, as in k folds, if not given), level = 0.95 of the interval }
-- @return { difference = mean of a - b, t =, df =, p = of both sides, low =, high = of the difference }; nil and why where all differences are equal
-- @usage ml.assess.corrected_t({0.9, 0.8, 0.85}, {0.8, 0.75, 0.7}).t   --> 2.19089
function paired.corrected_t(a, b, o)
  o = parse_t(o)
  local d = check_pairs("assess.corrected_t", a, b, 2)
  local k = #d
  local mean, variance = moments(d)
  local ratio = (o.test or 1) / (o.train or k - 1)
  if variance == 0 then return nil, "all differences are equal" end
  local se = math.sqrt((1 / k + ratio) * variance)
  local reach = distributions.t_bound(1 - o.level, k - 1) * se
  return { difference = mean, t = mean / se, df = k - 1, p = distributions.t_outside(mean / se, k - 1), low = mean - reach, high = mean + reach }
end

--- The 5x2cv t test (Dietterich 1998): of two models in five repetitions of two folds. t is the first difference of all by the root of the mean
-- of the repetitions' variances, with five degrees of freedom.
-- @param a, b  five pairs of scores: {{0.9, 0.8}, ...}
-- @return { difference = mean of a - b, t =, df = 5, p = of both sides }; nil and why where the folds of no repetition differ
function paired.five_by_two(a, b)
  local variance, sum, first = 0, 0, nil
  if type(a) ~= "table" or type(b) ~= "table" or #a ~= 5 or #b ~= 5 then blame.raise "assess.five_by_two: five pairs of scores of each model are needed" end
  for i = 1, 5 do
    local d = check_pairs("assess.five_by_two", a[i], b[i], 2)
    local mean = (d[1] + d[2]) / 2
    first = first or d[1]
    variance, sum = variance + (d[1] - mean) ^ 2 + (d[2] - mean) ^ 2, sum + mean
  end
  if variance == 0 then return nil, "the folds of no repetition differ" end
  local t = first / math.sqrt(variance / 5)
  return { difference = sum / 5, t = t, df = 5, p = distributions.t_outside(t, 5) }
end

-- Rows -----------------------------------------------------------------------------------------------------------------------------

--- McNemar's test (1947): of the rows of which one model was right and the other wrong, whether each kind is as frequent. Exact (binomial) for
-- fewer than 25 such rows; else chi-squared with Edwards' correction (1948).
-- @param a, b    classes that two models answered
-- @param actual  classes
-- @param o       { exact = true or false }
-- @return { only_a = rows that a alone found, only_b =, p = of both sides, exact =, statistic = chi-squared, where it is not exact }; nil and why where
--         there is no such row
-- @usage ml.assess.mcnemar({1, 1, 2, 2}, {2, 2, 1, 2}, {1, 1, 2, 1}).p   --> 0.25
function paired.mcnemar(a, b, actual, o)
  o = options("assess.mcnemar", { { "exact", "boolean" } })(o)
  local y = Result.classes_of("assess.mcnemar", "actual", actual)
  local right_a, right_b = Result.classes_of("assess.mcnemar", "a", a), Result.classes_of("assess.mcnemar", "b", b)
  if #right_a ~= #y or #right_b ~= #y then blame.raise("assess.mcnemar: %d and %d answers, but %d rows", #right_a, #right_b, #y) end
  right_a, right_b = right_a:eq(y), right_b:eq(y)
  local only_a, only_b = (right_a & ~right_b):sum():item(), (right_b & ~right_a):sum():item()
  local n = only_a + only_b
  if n == 0 then return nil, "both models are right and wrong on the same rows" end
  local out = { only_a = only_a, only_b = only_b, exact = o.exact == nil and n < 25 or o.exact or false }
  if out.exact then
    out.p = math.min(1, 2 * distributions.binomial_cdf(math.min(only_a, only_b), n, 0.5))
  else
    out.statistic = (math.abs(only_a - only_b) - 1) ^ 2 / n
    out.p = distributions.chi_squared_above(out.statistic, 1)
  end
  return out
end

-- How many subsets of the ranks 1..n have each sum, as doubles.
local function subsets_by_sum(n)
  local counts = { [0] = 1.0 }
  for rank = 1, n do
    for s = rank * (rank + 1) // 2, 0, -1 do counts[s] = (counts[s] or 0) + (counts[s - rank] or 0) end
  end
  return counts
end

-- The chance of a sum of ranks of at most w.
local function exactly_below(w, n)
  local counts, sum = subsets_by_sum(n), 0
  for s = 0, math.floor(w) do sum = sum + counts[s] end
  return sum / 2.0 ^ n
end

-- Ranks of |d|, equal ones get their mean; the sum of t^3 - t over those.
local function ranks_of(d)
  local order, ranks, ties = {}, {}, 0
  for i = 1, #d do order[i] = i end
  table.sort(order, function(i, j) return math.abs(d[i]) < math.abs(d[j]) end)
  local i = 1
  while i <= #order do
    local j = i
    while order[j + 1] and math.abs(d[order[j + 1]]) == math.abs(d[order[i]]) do j = j + 1 end
    for k = i, j do ranks[order[k]] = (i + j) / 2 end
    ties, i = ties + (j - i + 1) ^ 3 - (j - i + 1), j + 1
  end
  return ranks, ties
end

--- Wilcoxon's signed rank test (1945): whether the differences of pairs lie evenly about 0. Exact for up to 50 pairs without ties; else by the
-- normal distribution, with the correction for ties. Pairs that are equal are left out.
-- @param a, b  scores of two models: by fold, or a loss a row
-- @return { statistic = the smaller sum of ranks, p = of both sides, exact =, n = pairs that count }; nil and why where all pairs are equal
-- @usage ml.assess.wilcoxon({0.9, 0.8, 0.85, 0.7}, {0.8, 0.75, 0.7, 0.72}).p   --> 0.25
function paired.wilcoxon(a, b)
  if core.is_tensor(a) then a = a:tolist() end
  if core.is_tensor(b) then b = b:tolist() end
  local all, d = check_pairs("assess.wilcoxon", a, b, 1), {}
  for _, v in ipairs(all) do
    if v ~= 0 then d[#d + 1] = v end
  end
  if #d == 0 then return nil, "all pairs are equal" end
  local ranks, ties = ranks_of(d)
  local n, above, below = #d, 0, 0
  for i, rank in ipairs(ranks) do
    if d[i] > 0 then above = above + rank else below = below + rank end
  end
  local out = { statistic = math.min(above, below), n = n, exact = n <= 50 and ties == 0 and n == #all }
  if out.exact then
    out.p = math.min(1, 2 * exactly_below(out.statistic, n))
  else
    local variance = (n * (n + 1) * (2 * n + 1) - ties / 2) / 24
    local z = (out.statistic - n * (n + 1) / 4) / math.sqrt(variance)
    out.p = math.min(1, 2 * distributions.normal_cdf(z))
  end
  return out
end

-- Two models -----------------------------------------------------------------------------------------------------------------------

local function scores_of(name, list, which)
  local scores = {}
  for k, result in ipairs(list) do
    local value, why = metrics.of(name, result)
    if not value then return nil, ("fold %d of model %s: %s"):format(k, which, why) end
    scores[k] = value
  end
  return scores
end

local function joined(list, f)
  local parts = {}
  for k, result in ipairs(list) do parts[k] = f(result) end
  return core.ops.cat(parts, 1)
end

local function check_same_rows(a, b)
  if #a ~= #b then blame.raise("assess.compare: %d folds of one model, but %d of the other", #a, #b) end
  for k = 1, #a do
    local of_a, of_b = a[k].y or a[k].labels, b[k].y or b[k].labels
    if not of_a or not of_b or not of_a:equal(of_b) then
      blame.raise("assess.compare: the rows of fold %d are not the same for both models", k)
    end
  end
end

-- Whether all labels of each row are right: 2, else 1.
local function right_or_not(r) return Result.predicted(r):eq(r.labels):all(2):to "int64" + 1 end

-- The test of the rows of all folds.
local function rows_together(a, b)
  if a[1].labels then
    local right = joined(a, right_or_not)
    return paired.mcnemar(right, joined(b, right_or_not), core.full(right.shape, 2, { dtype = "int64" }))
  end
  local y = joined(a, function(r) return r.y end)
  if y.dtype == "int64" then return paired.mcnemar(joined(a, Result.predicted), joined(b, Result.predicted), y) end
  local function errors(r) return (r.output - r.y):abs():reshape { -1 } end
  return paired.wilcoxon(joined(a, errors), joined(b, errors))
end

local function in_words(out)
  local test = out.corrected_t
  local first = ("%s: %.4g against %.4g in %d folds"):format(out.metric, out.mean_a, out.mean_b, #out.a)
  if not test then return first .. "; a test needs two folds that differ" end
  local verdict = test.p < 0.05 and "more than chance explains" or "which may be chance"
  return ("%s, a difference of %.3g (%.3g to %.3g), %s (corrected resampled t = %.2f, p = %.2g)"):format(first, test.difference, test.low, test.high,
    verdict, test.t, test.p)
end

local parse_compare = options("assess.compare", { { "train", "number" }, { "level", "number", 0.95 } }, 'ml.assess.compare("auc", a, b)')

--- Two models in the same folds: their scores, the corrected resampled t test, and the test of their rows together: McNemar's of classes (of rows
-- with any number of labels, whether all are right), Wilcoxon's of the absolute errors of numbers.
-- @param name  of a metric
-- @param a, b  lists of what metrics.evaluate gave for each fold's test rows
-- @param o     { train = rows of a fold's training part (all others if not given), level = 0.95 }
-- @return { metric =, a =, b = scores by fold, mean_a =, mean_b =, corrected_t =, rows = the test of the rows, text = one sentence }; nil and why where
--         a score is undefined
-- @error other rows in a fold
function paired.compare(name, a, b, o)
  o = parse_compare(o)
  check_same_rows(a, b)
  local out, why = { metric = metrics.name(name) }, nil
  out.a, why = scores_of(name, a, "a")
  if not out.a then return nil, why end
  out.b, why = scores_of(name, b, "b")
  if not out.b then return nil, why end
  out.mean_a, out.mean_b = moments(out.a), moments(out.b)
  local rows = 0
  for _, result in ipairs(a) do rows = rows + result.rows end
  if #a > 1 then
    out.corrected_t = paired.corrected_t(out.a, out.b, { train = o.train or rows - rows / #a, test = rows / #a, level = o.level })
  end
  out.rows = rows_together(a, b)
  out.text = in_words(out)
  return out
end

return paired
