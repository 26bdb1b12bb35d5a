--- Metrics of the order in which scores put the rows, from one sort; equal scores are one step.

local core = require "moonlab.core"
local metric = require "moonlab.metrics.metric"
local Result = require "moonlab.metrics.result"

local ranking = {}

-- What core.ranking says of a class against the others, by name; kept for rows without weights.
local function ranked(result, class)
  local function compute()
    local scores, rows = Result.ranked(result, class)
    local area, precision, positives, negatives = core.ranking(scores, rows, result.y, result.weight, class)
    return { auc = area, average_precision = precision, positives = positives, negatives = negatives }
  end
  if result.weight then return compute() end
  return Result.kept(result, "ranking " .. class, compute)
end

-- nil, or why the ranks of a class say nothing.
local function undefined(name, r, class)
  if r.positives == 0 then return r.negatives == 0 and "there are no rows" or class and ("no row is of class %d"):format(class) or "all rows are of one class" end
  if name == "auc" and r.negatives == 0 then return class and ("all rows are of class %d"):format(class) or "all rows are of one class" end
end

local function of_class(name)
  return function(result, o)
    local classes = Result.classes(result)
    if not o.class and classes ~= 2 then
      return nil, ("there are %d classes, not two; %s is the mean of one against the rest"):format(classes, name == "auc" and "auc_ovr" or name .. "_macro")
    end
    if o.class and (o.class > classes or result.scores and o.class ~= 2) then return nil, ("there are no scores of class %d"):format(o.class) end
    local r = ranked(result, o.class or 2)
    local why = undefined(name, r, o.class)
    if why then return nil, why end
    return r[name]
  end
end

local function mean_of_classes(name)
  return function(result)
    local sum, classes = 0, Result.classes(result)
    if result.scores then return nil, "scores of each class are needed" end
    for class = 1, classes do
      local r = ranked(result, class)
      local why = undefined(name, r, class)
      if why then return nil, why end
      sum = sum + r[name]
    end
    return sum / classes
  end
end

--- The area under the ROC curve: the part of the pairs of a row of class 2 and a row of class 1 that stand in the right order by their
-- scores; pairs of equal scores count half (Hanley and McNeil 1982).
-- @param predicted, actual  scores [N] of class 2, or [N, C] of each class, and classes; or a model and a data set
-- @param o                  { class = 2 of two, weight = one a row }
-- @return a number from 0 to 1; nil and why where all rows are of one class
-- @error a score that is NaN, with its row
-- @usage ml.metrics.auc({0.1, 0.4, 0.35, 0.8}, {1, 1, 2, 2})   --> 0.75
ranking.auc = metric.define { name = "auc", needs = "scores", options = { { "class", "count" } }, of = of_class "auc" }

--- The mean of the areas under the ROC curve of each class against the rest.
-- @param predicted, actual  scores [N, C] of each class, and classes; or a model and a data set
-- @param o                  { weight = one a row }
-- @return a number from 0 to 1; nil and why where a class has no rows
-- @usage ml.metrics.auc_ovr({{0.8, 0.1, 0.1}, {0.2, 0.5, 0.3}, {0.1, 0.2, 0.7}}, {1, 2, 3})   --> 1.0
ranking.auc_ovr = metric.define { name = "auc_ovr", needs = "probabilities", of = mean_of_classes "auc" }

--- Average precision: the sum over falling thresholds of (R_k - R_k-1) P_k, without interpolation.
-- @param predicted, actual  scores [N] of class 2, or [N, C] of each class, and classes; or a model and a data set
-- @param o                  { class = 2 of two, weight = one a row }
-- @return a number from 0 to 1; nil and why where no row is of the class
-- @error a score that is NaN, with its row
-- @usage ml.metrics.average_precision({0.1, 0.4, 0.35, 0.8}, {1, 1, 2, 2})   --> 0.83333
ranking.average_precision = metric.define { name = "average_precision", needs = "scores", options = { { "class", "count" } }, of = of_class "average_precision" }

--- The mean of the average precision of each class against the rest.
-- @param predicted, actual  scores [N, C] of each class, and classes; or a model and a data set
-- @param o                  { weight = one a row }
ranking.average_precision_macro = metric.define { name = "average_precision_macro", needs = "probabilities", of = mean_of_classes "average_precision" }

-- Curves -----------------------------------------------------------------------------------------------------------------------------

local function curve(name, f)
  return metric.direct { name = name, needs = "scores", options = { { "class", "count", 2 } }, of = function(result, o)
    local why = undefined("auc", ranked(result, o.class))
    if why then return nil, why end
    return f(Result.steps(result, o.class))
  end }
end

local function last(x) return x:select(1, #x):item() end

--- The ROC curve: for each distinct score as the threshold, from the highest, the rates of false and of true positives.
-- @param predicted, actual  scores [N] of class 2, or [N, C] of each class, and classes; or a model and a data set
-- @param o                  { class = 2, weight = one a row }
-- @return { threshold =, fpr =, tpr = tensors }; nil and why where all rows are of one class
-- @usage ml.metrics.roc_curve({0.1, 0.4, 0.35, 0.8}, {1, 1, 2, 2}).tpr   --> 0.5 0.5 1.0 1.0
ranking.roc_curve = curve("roc_curve", function(threshold, positives, negatives)
  return { threshold = threshold, fpr = negatives / last(negatives), tpr = positives / last(positives) }
end)

--- The precision-recall curve: for each distinct score as the threshold, from the highest, precision and recall.
-- @param predicted, actual  scores [N] of class 2, or [N, C] of each class, and classes; or a model and a data set
-- @param o                  { class = 2, weight = one a row }
-- @return { threshold =, precision =, recall = tensors }; nil and why where all rows are of one class
-- @usage ml.metrics.precision_recall_curve({0.1, 0.4, 0.35, 0.8}, {1, 1, 2, 2}).precision   --> 1.0 0.5 0.66667 0.5
ranking.precision_recall_curve = curve("precision_recall_curve", function(threshold, positives, negatives)
  return { threshold = threshold, precision = positives / (positives + negatives), recall = positives / last(positives) }
end)

return ranking
