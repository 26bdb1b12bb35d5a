--- Metrics of probabilities: how likely the classes that came were said to be.

local core = require "moonlab.core"
local metric = require "moonlab.metrics.metric"
local Result = require "moonlab.metrics.result"

local probability = {}

-- The column of each row's class.
local function of_actual(result, columns) return columns:gather(2, result.y:reshape { -1, 1 }):reshape { -1 } end

-- Declares the mean of one number a row: what a row adds is kept, for other weights.
local function define(m)
  local rows = m.rows
  m.of = function(result, o)
    local problem = m.problem and m.problem(result, o)
    if problem then return nil, problem end
    return Result.mean(result, Result.kept(result, metric.name_of(m, o), function() return rows(result, o) end))
  end
  m.needs = "probabilities"
  return metric.define(m)
end

--- The mean negative logarithm of the probability of the class that came. Probabilities below 2.2e-16 count as that, as scikit-learn
-- has it: the class that came may have had no rows to learn from. Of a model's scores it is computed from their logarithms.
-- @param predicted, actual  probabilities [N] of class 2, or [N, C] of each class, and classes; or a model and a data set
-- @param o                  { weight = one a row }
-- @error a probability that is NaN or not within 0..1, with its row
-- @usage ml.metrics.log_loss({0.1, 0.9, 0.8}, {1, 2, 1})   --> 0.60672
probability.log_loss = define { name = "log_loss", smaller = true, rows = function(result)
  return (-of_actual(result, Result.log_probabilities(result))):clamp(0, -math.log(Result.SMALLEST))
end }

--- The Brier score (1950): of two classes the mean square of the difference of the probability of class 2 and what came; of more, summed
-- over the classes.
-- @param predicted, actual  probabilities [N] of class 2, or [N, C] of each class, and classes; or a model and a data set
-- @param o                  { weight = one a row }
-- @usage ml.metrics.brier({0.1, 0.9, 0.8}, {1, 2, 1})   --> 0.22
probability.brier = define { name = "brier", smaller = true, rows = function(result)
  local p = Result.probabilities(result)
  if p:size(2) == 2 then return (1 - of_actual(result, p)):square() end
  return p:square():sum(2) - 2 * of_actual(result, p) + 1
end }

--- The part of the rows whose class is among the k most probable; of equal ones the later class counts as the more probable, as in
-- scikit-learn.
-- @param predicted, actual  probabilities [N, C], and classes; or a model and a data set
-- @param o                  { k = 5, weight = one a row }
-- @usage ml.metrics.top_k({{0.5, 0.3, 0.2}, {0.1, 0.2, 0.7}}, {2, 2}, { k = 2 })   --> 1.0
probability.top_k = define {
  name = "top_k", options = { { "k", "count", 5 } },
  problem = function(result, o)
    local classes = Result.classes(result)
    if o.k >= classes then return ("of %d classes each is among the first %d"):format(classes, o.k) end
  end,
  rows = function(result, o)
    local p = Result.probabilities(result)
    local mine = of_actual(result, p):reshape { -1, 1 }
    local later = core.arange(1, p:size(2)):reshape { 1, -1 }:gt(result.y:reshape { -1, 1 })
    return (p:gt(mine) | (p:eq(mine) & later)):sum(2):lt(o.k):double()
  end,
}

-- Calibration --------------------------------------------------------------------------------------------------------------------------

-- What is said of each row, and whether it came: of class 2 of two, or of the class that is answered.
local function said_and_came(result)
  local p = Result.probabilities(result)
  if p:size(2) == 2 then return p:select(2, 2):contiguous(), result.y:eq(2):double() end
  local said, answer = p:max(2)
  return said, answer:eq(result.y):double()
end

-- Sums over bins of equal width, each with its upper end: { weight, sum of said, sum of came } as lists.
local function binned(result, bins)
  local said, came = said_and_came(result)
  local bin = (said * bins):ceil():clamp(1, bins):to "int64"
  local weight = result.weight or core.ones({ #said }, { dtype = "float64" })
  local function sums(x) return core.zeros({ bins }, { dtype = "float64" }):index_add(1, bin, x):tolist() end
  return sums(weight), sums(weight * said), sums(weight * came)
end

local function table_of(result, o)
  local weights, said, came = binned(result, o.bins)
  local out = {}
  for b = 1, o.bins do
    if weights[b] > 0 then
      out[#out + 1] = { low = (b - 1) / o.bins, high = b / o.bins, rows = weights[b], predicted = said[b] / weights[b], observed = came[b] / weights[b] }
    end
  end
  return out
end

local BINS = { "bins", "count", 10 }

--- The reliability table: rows by what probability was said, and how often it came. Of two classes it is that of class 2; of more, that
-- of the class that is answered. Bins have equal widths, each with its upper end.
-- @param predicted, actual  probabilities [N] of class 2, or [N, C] of each class, and classes; or a model and a data set
-- @param o                  { bins = 10, weight = one a row }
-- @return a list of { low =, high =, rows =, predicted = mean probability, observed = part that came }, without empty bins
-- @usage ml.metrics.reliability({0.1, 0.2, 0.9}, {1, 2, 2}, { bins = 2 })[1].observed   --> 0.5
probability.reliability = metric.direct { name = "reliability", needs = "probabilities", options = { BINS }, of = table_of }

--- The expected calibration error: the mean over the rows of the reliability table of |predicted - observed|, weighed by their rows
-- (Naeini et al. 2015 for two classes, Guo et al. 2017 for more).
-- @param predicted, actual  probabilities [N] of class 2, or [N, C] of each class, and classes; or a model and a data set
-- @param o                  { bins = 10, weight = one a row }
-- @usage ml.metrics.calibration_error({0.1, 0.2, 0.9}, {1, 2, 2}, { bins = 2 })   --> 0.26667
probability.calibration_error = metric.define {
  name = "calibration_error", smaller = true, needs = "probabilities", options = { BINS },
  of = function(result, o)
    local sum, all = 0, 0
    for _, row in ipairs(table_of(result, o)) do
      sum, all = sum + row.rows * math.abs(row.predicted - row.observed), all + row.rows
    end
    return sum / all
  end,
}

-- Losses -------------------------------------------------------------------------------------------------------------------------------

--- The mean loss of the training, as evaluate was told it.
-- @param model, set  are to be evaluated with a loss: a name for metrics.of
probability.loss = metric.define { name = "loss", smaller = true, needs = "loss", of = function(result) return result.loss end }

--- exp of the mean loss, where that is the mean negative log likelihood of symbols (Jelinek et al. 1977).
-- @param model, set  are to be evaluated with a loss: a name for metrics.of
probability.perplexity = metric.define { name = "perplexity", smaller = true, needs = "loss", of = function(result) return math.exp(result.loss) end }

return probability
