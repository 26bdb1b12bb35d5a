--- Metrics of classes that were answered, all from one confusion matrix.
--
-- Class 2 of two is the one that is looked for; { class = 3 } looks for another. A mean of classes is nil where one of them is undefined.
-- Where rows have any number of labels each, what is said of classes holds for labels: predicted and actual are then 0 and 1, [N, labels].

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local metric = require "moonlab.metrics.metric"
local options = require "moonlab.options"
local Result = require "moonlab.metrics.result"

local confusion = {}

local CLASS = { "class", "count" }

-- Sums -----------------------------------------------------------------------------------------------------------------------

local function totals(matrix)
  local all, right, actual, predicted = 0, 0, {}, {}
  for j = 1, #matrix do predicted[j] = 0 end
  for i, row in ipairs(matrix) do
    local sum = 0
    for j, count in ipairs(row) do
      sum = sum + count
      predicted[j] = predicted[j] + count
    end
    actual[i], all, right = sum, all + sum, right + row[i]
  end
  return all, right, actual, predicted
end

-- Declares a metric f(matrix, options) of classes.
local function define(name, f, own)
  return metric.define { name = name, needs = "classes", options = own, of = function(result, o) return f(Result.matrix(result), o) end }
end

--- Counts how often each class was taken for which.
-- @param predicted  classes, tensor [N] or list
-- @param actual     classes, tensor [N] or list
-- @param classes    how many there are; the largest that occurs if not given; or { classes =, weight = one a row }
-- @return rows of counts: matrix[actual][predicted]
-- @error different lengths, a class that is no integer from 1
-- @usage ml.metrics.confusion({1, 2, 2}, {1, 2, 1})   --> {{1, 1}, {0, 1}}
function confusion.confusion(predicted, actual, classes)
  local o = type(classes) == "table" and classes or { classes = classes }
  o = options("metrics.confusion", { { "classes", "count" }, { "weight", "any" } })(o)
  local matrix = Result.given({ name = "confusion", needs = "classes" }, predicted, actual, o).matrix
  for i = 1, #matrix == 0 and (o.classes or 1) or 0 do
    matrix[i] = {}
    for j = 1, o.classes or 1 do matrix[i][j] = 0 end
  end
  return matrix
end

-- Of all classes ---------------------------------------------------------------------------------------------------------------

--- The part of the rows whose class was found.
-- @param predicted, actual  classes, or a model and a data set
-- @param o                  { weight = one a row; of a model: batch = rows at once, pixels = whether y are masks }
-- @return a number from 0 to 1; nil and why where there are no rows
-- @usage ml.metrics.accuracy({1, 2, 2}, {1, 2, 1})   --> 0.66667
confusion.accuracy = define("accuracy", function(matrix)
  local all, right = totals(matrix)
  if all == 0 then return nil, "there are no rows" end
  return right / all
end)

--- The mean of the recalls of the classes that have rows.
-- @param predicted, actual  classes, or a model and a data set
-- @param o                  { weight = one a row }
-- @usage ml.metrics.balanced_accuracy({1, 2, 2}, {1, 2, 1})   --> 0.75
confusion.balanced_accuracy = define("balanced_accuracy", function(matrix)
  local _, _, actual = totals(matrix)
  local sum, n = 0, 0
  for i = 1, #matrix do
    if actual[i] > 0 then sum, n = sum + matrix[i][i] / actual[i], n + 1 end
  end
  if n == 0 then return nil, "there are no rows" end
  return sum / n
end)

--- Matthews' correlation coefficient (1975), of any number of classes (Gorodkin 2004): 1 all right, 0 as by chance, -1 all wrong.
-- @param predicted, actual  classes, or a model and a data set
-- @param o                  { weight = one a row }
-- @return a number from -1 to 1; nil and why where there is one class alone on either side
-- @usage ml.metrics.mcc({1, 2, 2}, {1, 2, 1})   --> 0.5
confusion.mcc = define("mcc", function(matrix)
  local all, right, actual, predicted = totals(matrix)
  if all == 0 then return nil, "there are no rows" end
  local both, of_actual, of_predicted = right * all, all * all, all * all
  for i = 1, #matrix do
    both = both - actual[i] * predicted[i]
    of_actual, of_predicted = of_actual - actual[i] ^ 2, of_predicted - predicted[i] ^ 2
  end
  if of_actual == 0 then return nil, "all rows are of one class" end
  if of_predicted == 0 then return nil, "one class alone was predicted" end
  return both / math.sqrt(of_actual * of_predicted)
end)

local DISTANCE = {
  none = function(i, j) return i == j and 0 or 1 end,
  linear = function(i, j) return math.abs(i - j) end,
  quadratic = function(i, j) return (i - j) ^ 2 end,
}

--- Cohen's kappa (1960): agreement beyond that of chance; with weights = "linear" or "quadratic" errors count by how far apart the
-- classes are (1968).
-- @param predicted, actual  classes, or a model and a data set
-- @param o                  { weights = "none", weight = one a row }
-- @return a number up to 1; nil and why where both sides have one class alone
-- @usage ml.metrics.kappa({1, 2, 2}, {1, 2, 1})   --> 0.4
confusion.kappa = define("kappa", function(matrix, o)
  local all, _, actual, predicted = totals(matrix)
  if all == 0 then return nil, "there are no rows" end
  local observed, expected, distance = 0, 0, DISTANCE[o.weights]
  for i = 1, #matrix do
    for j = 1, #matrix do
      local d = distance(i, j)
      observed, expected = observed + d * matrix[i][j], expected + d * actual[i] * predicted[j]
    end
  end
  if expected == 0 then return nil, "there is one class alone" end
  return 1 - observed * all / expected
end, { { "weights", { "none", "linear", "quadratic" }, "none" } })

-- Of one class, and of the classes' means ------------------------------------------------------------------------------------------

-- Each quotient of a class: hits, rows, predictions -> a number, or nil. Of why it is nil: of class 2 of two, of class %d.
local function f_beta(hit, actual, predicted, beta)
  local below = beta ^ 2 * actual + predicted
  return below > 0 and (1 + beta ^ 2) * hit / below or nil
end

local QUOTIENTS = {
  precision = { function(hit, _, predicted) return predicted > 0 and hit / predicted or nil end,
    "the positive class was never predicted", "class %d was never predicted" },
  recall = { function(hit, actual) return actual > 0 and hit / actual or nil end, "no row is of the positive class", "no row is of class %d" },
  f1 = { function(hit, actual, predicted) return f_beta(hit, actual, predicted, 1) end,
    "the positive class neither occurs nor was predicted", "class %d neither occurs nor was predicted" },
  f_beta = { function(hit, actual, predicted, o) return f_beta(hit, actual, predicted, o.beta) end,
    "the positive class neither occurs nor was predicted", "class %d neither occurs nor was predicted" },
  iou = { function(hit, actual, predicted) local either = actual + predicted - hit; return either > 0 and hit / either or nil end,
    "the positive class neither occurs nor was predicted", "class %d neither occurs nor was predicted" },
  specificity = { function(hit, actual, predicted, _, all) return all > actual and (all - actual - predicted + hit) / (all - actual) or nil end,
    "all rows are of the positive class", "all rows are of class %d" },
}
QUOTIENTS.dice = QUOTIENTS.f1

-- What the quotients are made of: hits, rows and predictions of each class, and the weight of all rows.
local function of_matrix(matrix)
  local t, hits = {}, {}
  t.all, t.right, t.actual, t.predicted = totals(matrix)
  for i, row in ipairs(matrix) do hits[i] = row[i] end
  t.hits = hits
  return t
end

-- The same of labels, which each are there or not.
local function of_labels(result)
  local actual, predicted = result.labels:double(), Result.predicted(result):double()
  local function sums(x) return (result.weight and x * result.weight:unsqueeze(2) or x):sum(1):tolist() end
  return { labels = true, all = result.weight and result.weight:sum():item() or #actual, hits = sums(actual * predicted), actual = sums(actual),
    predicted = sums(predicted) }
end

local function tally(result) return result.labels and of_labels(result) or of_matrix(Result.matrix(result)) end

-- The class that is looked for; nil and why if there is none.
local function positive(t, o)
  local what = t.labels and "label" or "class"
  if o.class and o.class > #t.hits then return nil, ("there are %d %s%s, no %s %d"):format(#t.hits, what, t.labels and "s" or "es", what, o.class) end
  if not o.class and t.labels then return nil, "which label? class=1 names the first; a mean over labels has _macro, _micro, _weighted or _samples behind its name" end
  if not o.class and #t.hits ~= 2 then return nil, ("there are %d classes, not two"):format(#t.hits) end
  return o.class or 2
end

-- Why the quotient of a class, or of a label, is undefined.
local function undefined(quotient, t, i)
  local why = quotient[3]:format(i)
  return t.labels and why:gsub("class", "label") or why
end

local function of_class(name)
  local quotient = QUOTIENTS[name]
  return function(t, o)
    if t.all == 0 then return nil, "there are no rows" end
    local class, why = positive(t, o)
    if not class then return nil, why end
    local value = quotient[1](t.hits[class], t.actual[class], t.predicted[class], o, t.all)
    if value then return value end
    return nil, o.class and undefined(quotient, t, class) or quotient[2]
  end
end

-- A class has the weight 1 (macro) or that of its rows (weighted); those that occur on neither side have none. Of labels each counts.
local function mean_of_classes(name, by_rows)
  local quotient = QUOTIENTS[name]
  return function(t, o)
    local sum, weights = 0, 0
    for i = 1, #t.hits do
      local weight = by_rows and t.actual[i] or (t.labels or t.actual[i] + t.predicted[i] > 0) and 1 or 0
      if weight > 0 then
        local value = quotient[1](t.hits[i], t.actual[i], t.predicted[i], o, t.all)
        if not value then return nil, undefined(quotient, t, i) end
        sum, weights = sum + weight * value, weights + weight
      end
    end
    if weights == 0 then return nil, t.labels and t.all > 0 and "no row has a label" or "there are no rows" end
    return sum / weights
  end
end

local NO_SUM = { precision = "no label was predicted", recall = "no row has a label", f1 = "no row has a label, and none was predicted" }
NO_SUM.f_beta = NO_SUM.f1

local function sum_of(list)
  local sum = 0
  for _, value in ipairs(list) do sum = sum + value end
  return sum
end

-- Hits, rows and predictions of all classes together: of classes of which each row has one, the accuracy.
local function of_sums(name)
  local quotient = QUOTIENTS[name]
  return function(t, o)
    if t.all == 0 then return nil, "there are no rows" end
    local value = quotient[1](sum_of(t.hits), sum_of(t.actual), sum_of(t.predicted), o, t.all)
    if value then return value end
    return nil, NO_SUM[name]
  end
end

-- Declares a metric f(tally, options) of classes or of labels.
local function define_of_tally(name, f, own, ready)
  return metric.define { name = name, needs = "classes", of_labels = "labels", options = own, ready = ready, of = function(result, o) return f(tally(result), o) end }
end

local BETA = { "beta", "number" }
local function needs_beta(o)
  if not o.beta or o.beta <= 0 then blame.raise("f_beta: beta, a number above 0, is needed: f_beta(beta=2), or { name = \"f_beta\", beta = 2 } in a recipe") end
end
local function define_f_beta(name, f, own) return define_of_tally(name, f, own, needs_beta) end

--- Of the rows for which the class was answered, the part that are of it.
-- @param predicted, actual  classes, or a model and a data set
-- @param o                  { class = 2 of two, weight = one a row }
-- @return a number from 0 to 1; nil and why where it was never predicted
-- @usage ml.metrics.precision({1, 2, 2}, {1, 2, 1})   --> 0.5
confusion.precision = define_of_tally("precision", of_class "precision", { CLASS })

--- Of the rows of the class, the part that was found (sensitivity, true positive rate).
-- @param predicted, actual  classes, or a model and a data set
-- @param o                  { class = 2 of two, weight = one a row }
-- @return a number from 0 to 1; nil and why where no row is of it
-- @usage ml.metrics.recall({1, 2, 2}, {1, 2, 1})   --> 1.0
confusion.recall = define_of_tally("recall", of_class "recall", { CLASS })

--- The harmonic mean of precision and recall, 2 hits / (rows + predictions).
-- @param predicted, actual  classes, or a model and a data set
-- @param o                  { class = 2 of two, weight = one a row }
-- @usage ml.metrics.f1({1, 2, 2}, {1, 2, 1})   --> 0.66667
confusion.f1 = define_of_tally("f1", of_class "f1", { CLASS })

--- The weighted harmonic mean of precision and recall: recall counts beta times as much (van Rijsbergen 1979).
-- @param predicted, actual  classes, or a model and a data set
-- @param o                  { beta =, class = 2 of two, weight = one a row }
-- @usage ml.metrics.f_beta({1, 2, 2}, {1, 2, 1}, { beta = 2 })   --> 0.83333
confusion.f_beta = define_f_beta("f_beta", of_class "f_beta", { BETA, CLASS })

--- Of the rows that are not of the class, the part for which it was not answered (true negative rate).
-- @param predicted, actual  classes, or a model and a data set
-- @param o                  { class = 2 of two, weight = one a row }
-- @usage ml.metrics.specificity({1, 2, 2}, {1, 2, 1})   --> 0.5
confusion.specificity = define_of_tally("specificity", of_class "specificity", { CLASS })

--- The rows that both have of the class, by those that either has (Jaccard 1901): how well a mask lies on another.
-- @param predicted, actual  classes, or a model and a data set
-- @param o                  { class = 2 of two, weight = one a row, pixels = whether y are masks }
-- @usage ml.metrics.iou({1, 2, 2}, {1, 2, 1})   --> 0.5
confusion.iou = define_of_tally("iou", of_class "iou", { CLASS })

--- Twice what both have of the class by what each has (Dice 1945); the F1 of pixels.
-- @param predicted, actual  classes, or a model and a data set
-- @param o                  { class = 2 of two, weight = one a row, pixels = whether y are masks }
-- @usage ml.metrics.dice({1, 2, 2}, {1, 2, 1})   --> 0.66667
confusion.dice = define_of_tally("dice", of_class "dice", { CLASS })

--- The mean of the classes' iou.
-- @param predicted, actual  classes, or a model and a data set
-- @param o                  { weight = one a row, pixels = whether y are masks }
-- @usage ml.metrics.mean_iou({1, 2, 2}, {1, 2, 1})   --> 0.5
confusion.mean_iou = define_of_tally("mean_iou", mean_of_classes "iou")

--- The mean of the classes' dice.
-- @param predicted, actual  classes, or a model and a data set
-- @param o                  { weight = one a row, pixels = whether y are masks }
-- @usage ml.metrics.mean_dice({1, 2, 2}, {1, 2, 1})   --> 0.66667
confusion.mean_dice = define_of_tally("mean_dice", mean_of_classes "dice")

--- The mean of the classes' precision; nil and the reason where a class was never predicted.
-- @param predicted, actual  classes, or a model and a data set
-- @param o                  { weight = one a row }
confusion.precision_macro = define_of_tally("precision_macro", mean_of_classes "precision")

--- The mean of the classes' recall; nil and the reason where a class was predicted that has no rows.
-- @param predicted, actual  classes, or a model and a data set
-- @param o                  { weight = one a row }
confusion.recall_macro = define_of_tally("recall_macro", mean_of_classes "recall")

--- The mean of the classes' F1, of those that occur on either side.
-- @param predicted, actual  classes, or a model and a data set
-- @param o                  { weight = one a row }
confusion.f1_macro = define_of_tally("f1_macro", mean_of_classes "f1")

--- The mean of the classes' f_beta.
-- @param predicted, actual  classes, or a model and a data set
-- @param o                  { beta =, weight = one a row }
confusion.f_beta_macro = define_f_beta("f_beta_macro", mean_of_classes "f_beta", { BETA })

--- The mean of the classes' precision, weighed by their rows.
-- @param predicted, actual  classes, or a model and a data set
-- @param o                  { weight = one a row }
confusion.precision_weighted = define_of_tally("precision_weighted", mean_of_classes("precision", true))

--- The mean of the classes' recall, weighed by their rows: the accuracy.
-- @param predicted, actual  classes, or a model and a data set
-- @param o                  { weight = one a row }
confusion.recall_weighted = define_of_tally("recall_weighted", mean_of_classes("recall", true))

--- The mean of the classes' F1, weighed by their rows.
-- @param predicted, actual  classes, or a model and a data set
-- @param o                  { weight = one a row }
confusion.f1_weighted = define_of_tally("f1_weighted", mean_of_classes("f1", true))

--- The mean of the classes' f_beta, weighed by their rows.
-- @param predicted, actual  classes, or a model and a data set
-- @param o                  { beta =, weight = one a row }
confusion.f_beta_weighted = define_f_beta("f_beta_weighted", mean_of_classes("f_beta", true), { BETA })

--- Precision of all classes' hits together; each row having one class, the accuracy.
-- @param predicted, actual  classes, or a model and a data set
-- @param o                  { weight = one a row }
confusion.precision_micro = define_of_tally("precision_micro", of_sums "precision")

--- Recall of all classes' hits together; each row having one class, the accuracy.
-- @param predicted, actual  classes, or a model and a data set
-- @param o                  { weight = one a row }
confusion.recall_micro = define_of_tally("recall_micro", of_sums "recall")

--- F1 of all classes' hits together; each row having one class, the accuracy.
-- @param predicted, actual  classes, or a model and a data set
-- @param o                  { weight = one a row }
confusion.f1_micro = define_of_tally("f1_micro", of_sums "f1")

--- f_beta of all classes' hits together; each row having one class, the accuracy.
-- @param predicted, actual  classes, or a model and a data set
-- @param o                  { beta =, weight = one a row }
confusion.f_beta_micro = define_f_beta("f_beta_micro", of_sums "f_beta", { BETA })

-- Tables ---------------------------------------------------------------------------------------------------------------------------

local function each(t, o)
  local out = {}
  for i, hits in ipairs(t.hits) do
    out[i] = { support = t.actual[i] }
    for _, name in ipairs { "precision", "recall", "f1", "specificity", "iou", o.beta and "f_beta" or nil } do
      out[i][name] = QUOTIENTS[name][1](hits, t.actual[i], t.predicted[i], o, t.all)
    end
  end
  return out
end

--- Precision, recall, F1 and so on of each class.
-- @param matrix  a confusion matrix
-- @param o       { beta = also f_beta }
-- @return a list of { precision =, recall =, f1 =, specificity =, iou =, f_beta =, support = rows }; what is undefined is nil
function confusion.by_class(matrix, o)
  return each(of_matrix(matrix), options("metrics.by_class", { BETA })(o))
end

--- Precision, recall, F1 and so on of each label.
-- @param result  what evaluate gave of labels
-- @param o       { beta = also f_beta }
-- @return a list of { precision =, recall =, f1 =, specificity =, iou =, f_beta =, support = rows }; what is undefined is nil
function confusion.by_label(result, o)
  return each(of_labels(result), options("metrics.by_label", { BETA })(o))
end

--- The score of always answering the commonest class, with the classes' frequencies as its probabilities: what any model has to beat.
-- @param fitted_on  classes of the training part, which choose the answer
-- @param assessed   classes of the part that is assessed
-- @param classes    how many there are
-- @return { class =, matrix =, rows =, y =, probabilities = }: a result as evaluate gives it, for metrics.of
function confusion.majority(fitted_on, assessed, classes)
  local counts = Result.classes_of("majority", "fitted_on", fitted_on):bincount({ minlength = classes })
  local best = counts:argmax():item()
  assessed = Result.classes_of("majority", "assessed", assessed)
  local frequencies = (counts:double() / counts:sum():item()):reshape { 1, -1 }
  return {
    class = best, matrix = confusion.confusion(core.full({ #assessed }, best, { dtype = "int64" }), assessed, classes), rows = #assessed, y = assessed,
    probabilities = frequencies:expand { #assessed, frequencies:size(2) }:contiguous(),
  }
end

return confusion
