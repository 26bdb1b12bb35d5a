--- Metrics of the order in which scores put the rows, from one sort; equal scores are one step.

local core = require "moonlab.core"
local metric = require "moonlab.metrics.metric"
local Result = require "moonlab.metrics.result"

local ranking = {}

-- What core.ranking says of a class against the others, by name; kept for rows without weights.
local function ranked(result, class)
  local function compute()
    local scores, rows = Result.ranked(result, class)
    local y, positive = result.y, class
    if result.labels then y, positive = result.labels:select(2, class):contiguous(), 1 end
    local area, precision, positives, negatives = core.ranking(scores, rows, y, result.weight, positive)
    return { auc = area, average_precision = precision, positives = positives, negatives = negatives }
  end
  if result.weight then return compute() end
  return Result.kept(result, "ranking " .. class, compute)
end

-- nil, or why the ranks of a class say nothing.
local function undefined(name, r, class, labels)
  if labels and r.positives == 0 then return ("no row has label %d"):format(class) end
  if labels and name == "auc" and r.negatives == 0 then return ("all rows have label %d"):format(class) end
  if r.positives == 0 then return r.negatives == 0 and "there are no rows" or class and ("no row is of class %d"):format(class) or "all rows are of one class" end
  if name == "auc" and r.negatives == 0 then return class and ("all rows are of class %d"):format(class) or "all rows are of one class" end
end

local function of_class(name)
  return function(result, o)
    local classes = Result.classes(result)
    if result.labels and not o.class then return nil, "which label? class=1 names the first; " .. name .. "_macro is the mean over labels" end
    if not o.class and classes ~= 2 then
      return nil, ("there are %d classes, not two; %s is the mean of one against the rest"):format(classes, name == "auc" and "auc_ovr" or name .. "_macro")
    end
    if o.class and (o.class > classes or result.scores and o.class ~= 2) then return nil, ("there are no scores of class %d"):format(o.class) end
    local r = ranked(result, o.class or 2)
    local why = undefined(name, r, o.class, result.labels)
    if why then return nil, why end
    return r[name]
  end
end

-- A class has the weight 1, or that of its rows.
local function mean_of_classes(name, by_rows)
  return function(result)
    local sum, weights = 0, 0
    if result.scores then return nil, "scores of each class are needed" end
    for class = 1, Result.classes(result) do
      local r = ranked(result, class)
      local weight = by_rows and r.positives or 1
      local why = weight > 0 and undefined(name, r, class, result.labels)
      if why then return nil, why end
      if weight > 0 then sum, weights = sum + weight * r[name], weights + weight end
    end
    if weights == 0 then return nil, "no row has a label" end
    return sum / weights
  end
end

-- Of each label of each row, as if it were a row: the result of one label.
local function flat(result)
  local labels = result.labels
  local weight = result.weight and result.weight:unsqueeze(2):expand(labels.shape):reshape { -1 }:contiguous()
  return { rows = labels:numel(), labels = labels:reshape { -1, 1 }, output = result.output:reshape { -1, 1 }, weight = weight }
end

local function of_all_labels(name)
  return function(result)
    local r = ranked(flat(result), 1)
    if r.positives == 0 then return nil, "no row has a label" end
    if name == "auc" and r.negatives == 0 then return nil, "all rows have all labels" end
    return r[name]
  end
end

--- The area under the ROC curve: the part of the pairs of a row of class 2 and a row of class 1 that stand in the right order by their
-- scores; pairs of equal scores count half (Hanley and McNeil 1982).
-- @param predicted, actual  scores [N] of class 2, or [N, C] of each class, and classes; or a model and a data set
-- @param o                  { class = 2 of two, weight = one a row }
-- @return a number from 0 to 1; nil and why where all rows are of one class
-- @error a score that is NaN, with its row
-- @usage ml.metrics.auc({0.1, 0.4, 0.35, 0.8}, {1, 1, 2, 2})   --> 0.75
ranking.auc = metric.define { name = "auc", needs = "scores", of_labels = "label_scores", options = { { "class", "count" } }, of = of_class "auc" }

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
ranking.average_precision = metric.define { name = "average_precision", needs = "scores", of_labels = "label_scores", options = { { "class", "count" } }, of = of_class "average_precision" }

--- The mean of the average precision of each class against the rest, or of each label.
-- @param predicted, actual  scores [N, C] of each class, and classes, or 0 and 1 for each label; or a model and a data set
-- @param o                  { weight = one a row }
ranking.average_precision_macro = metric.define { name = "average_precision_macro", needs = "probabilities", of_labels = "label_scores", of = mean_of_classes "average_precision" }

-- Of labels ------------------------------------------------------------------------------------------------------------------------------

local function define_of_labels(name, f) return metric.define { name = name, needs = "label_scores", of_labels = "label_scores", of = f } end

--- The mean of the areas under the ROC curve of the labels, of which a row has any number.
-- @param predicted, actual  scores [N, labels], and 0 and 1 for each; or a model and a data set
-- @param o                  { weight = one a row }
-- @return a number from 0 to 1; nil and why where no row, or each, has one of the labels
-- @usage ml.metrics.auc_macro({{0.9, 0.2}, {0.3, 0.8}, {0.6, 0.1}}, {{1, 0}, {0, 1}, {1, 1}})   --> 0.75
ranking.auc_macro = define_of_labels("auc_macro", mean_of_classes "auc")

--- The mean of the areas under the ROC curve of the labels, weighed by their rows.
-- @param predicted, actual  scores [N, labels], and 0 and 1 for each; or a model and a data set
-- @param o                  { weight = one a row }
ranking.auc_weighted = define_of_labels("auc_weighted", mean_of_classes("auc", true))

--- The area under the ROC curve of all labels of all rows together.
-- @param predicted, actual  scores [N, labels], and 0 and 1 for each; or a model and a data set
-- @param o                  { weight = one a row }
ranking.auc_micro = define_of_labels("auc_micro", of_all_labels "auc")

--- The mean of the average precision of the labels, weighed by their rows.
-- @param predicted, actual  scores [N, labels], and 0 and 1 for each; or a model and a data set
-- @param o                  { weight = one a row }
ranking.average_precision_weighted = define_of_labels("average_precision_weighted", mean_of_classes("average_precision", true))

--- The average precision of all labels of all rows together.
-- @param predicted, actual  scores [N, labels], and 0 and 1 for each; or a model and a data set
-- @param o                  { weight = one a row }
ranking.average_precision_micro = define_of_labels("average_precision_micro", of_all_labels "average_precision")

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
