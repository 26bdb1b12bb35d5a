--- Metrics of rows that have any number of labels each, row by row. Means over labels (f1_macro, auc_micro and so on) stand with those of classes.

local core = require "moonlab.core"
local metric = require "moonlab.metrics.metric"
local Result = require "moonlab.metrics.result"

local labels = {}

-- Declares the mean of one number a row, rows(result, o) -> float64 [n]; or nil and why.
local function define(m)
  local rows = m.rows
  m.needs = m.needs or "labels"
  m.of_labels = m.needs
  m.of = function(result, o)
    local values, why = rows(result, o)
    if not values then return nil, why end
    return Result.mean(result, values)
  end
  return metric.define(m)
end

local function both(result) return result.labels, Result.predicted(result) end

--- The part of the rows whose labels were all found, and no other.
-- @param predicted, actual  0 and 1, [N, labels]; or a model and a data set
-- @param o                  { weight = one a row }
-- @usage ml.metrics.subset_accuracy({{1, 0}, {1, 1}}, {{1, 0}, {0, 1}})   --> 0.5
labels.subset_accuracy = define { name = "subset_accuracy", rows = function(result)
  local actual, predicted = both(result)
  return actual:eq(predicted):all(2):double()
end }

--- The part of all labels of all rows that is wrong, there or not there.
-- @param predicted, actual  0 and 1, [N, labels]; or a model and a data set
-- @param o                  { weight = one a row }
-- @usage ml.metrics.hamming_loss({{1, 0}, {1, 1}}, {{1, 0}, {0, 1}})   --> 0.25
labels.hamming_loss = define { name = "hamming_loss", smaller = true, rows = function(result)
  local actual, predicted = both(result)
  return actual:ne(predicted):double():mean(2)
end }

-- Row by row -------------------------------------------------------------------------------------------------------------

local EMPTY = { "empty", "number" }

-- above / below of each row; where below is 0 what the option says.
local function quotient(above, below, o, why)
  local none = below:eq(0)
  local row = o.empty == nil and Result.first(none)
  if row then return nil, ("%s row %d; empty=0 in the metric's name says what such a row counts"):format(why, row) end
  return core.ops.where(none, o.empty or 0, above / below:masked_fill(none, 1))
end

-- Hits, labels and predictions of each row.
local function counts(result)
  local actual, predicted = both(result)
  return (actual * predicted):sum(2):double(), actual:sum(2):double(), predicted:sum(2):double()
end

--- The mean over the rows of the part of their predicted labels that they have.
-- @param predicted, actual  0 and 1, [N, labels]; or a model and a data set
-- @param o                  { empty = what a row without predicted labels counts, weight = one a row }
-- @return a number from 0 to 1; nil and why where a row has no predicted label and `empty` is not given
-- @usage ml.metrics.precision_samples({{1, 0}, {1, 1}}, {{1, 0}, {0, 1}})   --> 0.75
labels.precision_samples = define { name = "precision_samples", options = { EMPTY }, rows = function(result, o)
  local hits, _, predicted = counts(result)
  return quotient(hits, predicted, o, "no label was predicted of")
end }

--- The mean over the rows of the part of their labels that was found.
-- @param predicted, actual  0 and 1, [N, labels]; or a model and a data set
-- @param o                  { empty = what a row without labels counts, weight = one a row }
-- @return a number from 0 to 1; nil and why where a row has no label and `empty` is not given
-- @usage ml.metrics.recall_samples({{1, 0}, {1, 0}}, {{1, 0}, {1, 1}})   --> 0.75
labels.recall_samples = define { name = "recall_samples", options = { EMPTY }, rows = function(result, o)
  local hits, actual = counts(result)
  return quotient(hits, actual, o, "there is no label of")
end }

--- The mean over the rows of the F1 of their labels.
-- @param predicted, actual  0 and 1, [N, labels]; or a model and a data set
-- @param o                  { empty = what a row with neither labels nor predicted ones counts, weight = one a row }
-- @return a number from 0 to 1; nil and why where there is such a row and `empty` is not given
-- @usage ml.metrics.f1_samples({{1, 0}, {1, 1}}, {{1, 0}, {0, 1}})   --> 0.83333
labels.f1_samples = define { name = "f1_samples", options = { EMPTY }, rows = function(result, o)
  local hits, actual, predicted = counts(result)
  return quotient(2 * hits, actual + predicted, o, "there is no label, and none was predicted, of")
end }

--- The mean over the rows of the labels that both sides have by those that either has (Jaccard 1901).
-- @param predicted, actual  0 and 1, [N, labels]; or a model and a data set
-- @param o                  { empty = what a row with neither labels nor predicted ones counts, weight = one a row }
-- @return a number from 0 to 1; nil and why where there is such a row and `empty` is not given
-- @usage ml.metrics.jaccard_samples({{1, 0}, {1, 1}}, {{1, 0}, {0, 1}})   --> 0.75
labels.jaccard_samples = define { name = "jaccard_samples", options = { EMPTY }, rows = function(result, o)
  local hits, actual, predicted = counts(result)
  return quotient(hits, actual + predicted - hits, o, "there is no label, and none was predicted, of")
end }

-- Of scores --------------------------------------------------------------------------------------------------------------

-- For each label of each row how many labels, and how many that are there, have its score or a higher one: float64 [n, L] each.
local function ranks(result)
  local scores, actual, of_all, of_actual = result.output, result.labels:double(), {}, {}
  for k = 1, scores:size(2) do
    local above = scores:ge(scores:select(2, k):unsqueeze(2)):double()
    of_all[k], of_actual[k] = above:sum(2), (above * actual):sum(2)
  end
  return core.ops.stack(of_all, 2), core.ops.stack(of_actual, 2), actual
end

--- The mean over the rows, and the labels that they have, of the part of the labels with an equal or higher score that they have as well
-- (label ranking average precision, Tsoumakas et al. 2010).
-- @param predicted, actual  scores [N, labels], and 0 and 1 for each; or a model and a data set
-- @param o                  { empty = what a row without labels counts, weight = one a row }
-- @return a number up to 1; nil and why where a row has no label and `empty` is not given
-- @usage ml.metrics.label_ranking({{0.9, 0.2, 0.5}, {0.1, 0.8, 0.3}}, {{1, 0, 0}, {0, 0, 1}})   --> 0.75
labels.label_ranking = define { name = "label_ranking", needs = "label_scores", options = { EMPTY }, rows = function(result, o)
  local all, mine, actual = ranks(result)
  return quotient((mine / all * actual):sum(2), actual:sum(2), o, "there is no label of")
end }

--- How many labels, from the highest score on, must be taken to have all that a row has, in the mean over the rows.
-- @param predicted, actual  scores [N, labels], and 0 and 1 for each; or a model and a data set
-- @param o                  { weight = one a row }
-- @usage ml.metrics.coverage({{0.9, 0.2, 0.5}, {0.1, 0.8, 0.3}}, {{1, 0, 0}, {0, 0, 1}})   --> 1.5
labels.coverage = define { name = "coverage", smaller = true, needs = "label_scores", rows = function(result)
  local all, _, actual = ranks(result)
  return (all * actual):max(2)
end }

return labels
