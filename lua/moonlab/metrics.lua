--- ml.metrics: how good predictions are.
--
-- Classes are 1-based. Everything about classes is computed from one confusion matrix; means over a data set weigh
-- rows, not batches. A metric that is undefined (the precision of a class that was never predicted) is nil and says
-- why, never a silent 0.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local roc_area = require "moonlab.roc_area"

local metrics = {}

local BATCH, PICTURES = 256, 8 -- of masks, which are large

-- A tensor or list of classes -> a list of integers.
local function classes_of(values, where, what)
  if type(values) == "userdata" then values = values:tolist() end
  if type(values) ~= "table" then
    blame.raise("%s: %s must be a tensor or a list of classes, got %s", where, what, blame.show(values))
  end
  return values
end

--- Counts how often each class was taken for which.
-- @param predicted  classes, tensor [N] or list
-- @param actual     classes, tensor [N] or list
-- @param classes    how many there are; the largest that occurs if not given
-- @return rows of counts: matrix[actual][predicted]
-- @error different lengths, a class that is no integer from 1
-- @usage ml.metrics.confusion({1, 2, 2}, {1, 2, 1})   --> {{1, 1}, {0, 1}}
function metrics.confusion(predicted, actual, classes)
  predicted, actual = classes_of(predicted, "confusion", "predicted"), classes_of(actual, "confusion", "actual")
  if #predicted ~= #actual then blame.raise("confusion: %d predictions, but %d rows", #predicted, #actual) end
  local n = classes or 1
  for _, list in ipairs { predicted, actual } do
    for i, class in ipairs(list) do
      if math.type(class) ~= "integer" or class < 1 or (classes and class > classes) then
        blame.raise("confusion: row %d has the class %s, which is not an integer from 1 to %s", i, tostring(class),
          classes or "the number of classes")
      end
      n = math.max(n, class)
    end
  end
  local matrix = {}
  for i = 1, n do
    matrix[i] = {}
    for j = 1, n do matrix[i][j] = 0 end
  end
  for i, class in ipairs(actual) do
    local row = matrix[class]
    row[predicted[i]] = row[predicted[i]] + 1
  end
  return matrix
end

local function totals(matrix)
  local all, right, actual, predicted = 0, 0, {}, {}
  for i = 1, #matrix do
    actual[i] = 0
    predicted[i] = predicted[i] or 0
    right = right + matrix[i][i]
    for j = 1, #matrix do
      actual[i] = actual[i] + matrix[i][j]
      predicted[j] = (predicted[j] or 0) + matrix[i][j]
      all = all + matrix[i][j]
    end
  end
  return all, right, actual, predicted
end

-- From a confusion matrix --------------------------------------------------------------------------------------------

local from_confusion = {}

function from_confusion.accuracy(matrix)
  local all, right = totals(matrix)
  if all == 0 then return nil, "there are no rows" end
  return right / all
end

-- The mean over the classes that occur of a quotient of each; nil where one of them is undefined.
local function macro(matrix, quotient, why)
  local _, _, actual, predicted = totals(matrix)
  local sum, n = 0, 0
  for i = 1, #matrix do
    if actual[i] + predicted[i] > 0 then
      local value = quotient(matrix[i][i], actual[i], predicted[i])
      if not value then return nil, why:format(i) end
      sum, n = sum + value, n + 1
    end
  end
  if n == 0 then return nil, "there are no rows" end
  return sum / n
end

function from_confusion.precision_macro(matrix)
  return macro(matrix, function(hit, _, predicted) return predicted > 0 and hit / predicted or nil end,
    "class %d was never predicted")
end

function from_confusion.recall_macro(matrix)
  return macro(matrix, function(hit, actual) return actual > 0 and hit / actual or nil end, "no row is of class %d")
end

-- 2 hits / (actual + predicted) is defined for every class that occurs on either side.
function from_confusion.f1_macro(matrix)
  return macro(matrix, function(hit, actual, predicted) return 2 * hit / (actual + predicted) end, "")
end

-- What both have of a class, by what either has (Jaccard 1901): how well masks lie on each other.
function from_confusion.mean_iou(matrix)
  return macro(matrix, function(hit, actual, predicted) return hit / (actual + predicted - hit) end, "")
end

--- Precision, recall, F1 and number of rows of each class.
-- @param matrix  a confusion matrix
-- @return a list of { precision =, recall =, f1 =, support = }; what is undefined is nil
function metrics.by_class(matrix)
  local _, _, actual, predicted = totals(matrix)
  local out = {}
  for i = 1, #matrix do
    local hit = matrix[i][i]
    out[i] = {
      precision = predicted[i] > 0 and hit / predicted[i] or nil, recall = actual[i] > 0 and hit / actual[i] or nil,
      f1 = actual[i] + predicted[i] > 0 and 2 * hit / (actual[i] + predicted[i]) or nil, support = actual[i],
    }
  end
  return out
end

--- The score of always answering the commonest class: what any model has to beat.
-- @param fitted_on  classes of the training part, which choose the answer
-- @param assessed   classes of the part that is assessed
-- @param classes    how many there are
-- @return { class =, matrix = }: its confusion matrix, for metrics.of
function metrics.majority(fitted_on, assessed, classes)
  local counts, best = {}, nil
  for _, class in ipairs(classes_of(fitted_on, "majority", "fitted_on")) do
    counts[class] = (counts[class] or 0) + 1
  end
  for class = 1, classes do
    if counts[class] and (not best or counts[class] > counts[best]) then best = class end
  end
  assessed = classes_of(assessed, "majority", "assessed")
  local predicted = {}
  for i = 1, #assessed do predicted[i] = best end
  return { class = best, matrix = metrics.confusion(predicted, assessed, classes) }
end

-- Of a binary task: class 2 is what is looked for ------------------------------------------------------------------------

local function two_classes(matrix, f)
  if #matrix ~= 2 then return nil, ("there are %d classes, not two"):format(#matrix) end
  local hit, wrongly, missed = matrix[2][2], matrix[1][2], matrix[2][1]
  return f(hit, wrongly, missed)
end

function from_confusion.precision(matrix)
  return two_classes(matrix, function(hit, wrongly)
    if hit + wrongly == 0 then return nil, "the positive class was never predicted" end
    return hit / (hit + wrongly)
  end)
end

function from_confusion.recall(matrix)
  return two_classes(matrix, function(hit, _, missed)
    if hit + missed == 0 then return nil, "no row is of the positive class" end
    return hit / (hit + missed)
  end)
end

function from_confusion.f1(matrix)
  return two_classes(matrix, function(hit, wrongly, missed)
    if hit + wrongly + missed == 0 then return nil, "the positive class neither occurs nor was predicted" end
    return 2 * hit / (2 * hit + wrongly + missed)
  end)
end

local function auc(scores, actual)
  local answers = {}
  for i, score in ipairs(scores) do answers[i] = { score, actual[i] == 2 and 1 or 0, actual[i] == 2 and 0 or 1 } end
  local area = roc_area(answers)
  if not area then return nil, "all rows are of one class" end
  return area
end

-- Of a regression ---------------------------------------------------------------------------------------------------------

local from_values = {}

function from_values.mse(predicted, actual) return (predicted - actual):square():mean():item() end
function from_values.rmse(predicted, actual) return math.sqrt(from_values.mse(predicted, actual)) end
function from_values.mae(predicted, actual) return (predicted - actual):abs():mean():item() end

-- 1 - the squared errors over those of the mean of the rows that are assessed.
function from_values.r2(predicted, actual)
  local around = (actual - actual:mean()):square():sum():item()
  if around == 0 then return nil, "all targets are equal" end
  return 1 - (predicted - actual):square():sum():item() / around
end

-- A model on a data set -----------------------------------------------------------------------------------------------

-- Class scores [B, C] -> int64 [B]; scores of one column are the logit of class 2 against 1.
local function decide(scores)
  if scores:dim() == 2 and scores:size(2) > 1 then return scores:argmax(2) end
  return scores:reshape { #scores }:gt(0):to "int64" + 1
end

-- The probability of class 2, for a model of two classes: from two scores a row, or from one logit.
local function second_class(scores)
  if scores:dim() == 2 and scores:size(2) == 2 then return core.ops.softmax(scores:double(), 2):select(2, 2) end
  return scores:reshape { #scores }:double():sigmoid()
end

-- Counts of the pixels of masks [B, ...] whose class is not 0, by what [B, C, ...] takes them for, into matrix[actual][predicted].
local function count_pixels(matrix, output, actual)
  local n = output:size(2)
  local counted = actual:ne(0)
  local predicted, found = output:argmax(2):masked_select(counted), actual:masked_select(counted)
  for i = 1, n do
    local here = found:eq(i)
    matrix[i] = matrix[i] or {}
    for j = 1, n do matrix[i][j] = (matrix[i][j] or 0) + (here & predicted:eq(j)):sum():item() end
  end
end

--- What a model gave, as a loss takes it: its tensor, or the list of its tensors where there are several.
function metrics.output(first, ...)
  if select("#", ...) == 0 then return first end
  return { first, ... }
end

--- Runs a model over a data set, in batches, without a graph and in evaluation mode; its mode is restored.
-- @param model    a module
-- @param set      a data set
-- @param options  { loss = function(output, batch) -> tensor, the mean over the batch, and what it is over, if not the rows;
--                 batch = 256; classes = how many, or
--                 false where y are not what is asked for; pixels = true where y are masks of classes; values = true where y are numbers that are asked for; workers = of batches; each = function() }
-- @return { matrix =, loss = mean over rows (or over what counts in them: batch.weight), rows =, scores = the probabilities of class 2
--         of two and actual = the classes, values = { outputs, targets } }; matrix only where y are classes
function metrics.evaluate(model, set, options)
  options = options or {}
  local predicted, actual, loss_sum, weights, rows = {}, {}, 0, 0, 0
  local classes = options.classes or (set.classes and #set.classes)
  local scores, outputs, targets, pixels = {}, {}, {}, {}
  local was_training, graph = model.training, core.set_grad_enabled(false)
  local function add(f, output, batch)
    batch.in_pieces = true
    local loss, over = f(output, batch)
    local weight = over or batch.weight or batch.count
    if weight > 0 then loss_sum, weights = loss_sum + loss:item() * weight, weights + weight end -- else it is the mean over nothing
  end
  local function run()
    model:eval()
    for batch in set:batches { size = options.batch or (options.pixels and PICTURES or BATCH), pass = 0, workers = options.workers } do
      local output = metrics.output(model(batch.x))
      if options.loss then add(options.loss, output, batch) end
      if options.classes ~= false and batch.y and batch.y.dtype == "int64" and batch.y:dim() == 1 then
        table.move(decide(output):tolist(), 1, batch.count, #predicted + 1, predicted)
        table.move(batch.y:tolist(), 1, batch.count, #actual + 1, actual)
        if classes == 2 then table.move(second_class(output):tolist(), 1, batch.count, #scores + 1, scores) end
      elseif options.pixels and type(output) == "userdata" and batch.y.dtype == "int64" and output:dim() == batch.y:dim() + 1 then
        count_pixels(pixels, output, batch.y)
      elseif options.values and batch.y and type(output) == "userdata" and output:numel() == batch.y:numel() then
        outputs[#outputs + 1], targets[#targets + 1] = output:double():reshape { -1 }, batch.y:double():reshape { -1 }
      end
      rows = rows + batch.count
      if options.each then options.each() end
    end
  end
  local ok, problem = pcall(run)
  core.set_grad_enabled(graph)
  if was_training ~= false then model:train() end
  if not ok then error(problem, 0) end
  return {
    matrix = #actual > 0 and metrics.confusion(predicted, actual, classes) or #pixels > 0 and pixels or nil,
    scores = #scores > 0 and scores or nil, actual = #actual > 0 and actual or nil,
    values = #outputs > 0 and { core.ops.cat(outputs, 1), core.ops.cat(targets, 1) } or nil,
    loss = options.loss and weights > 0 and loss_sum / weights or nil, rows = rows,
  }
end

--- The names of the metrics that can be asked for.
metrics.names = { "accuracy", "f1", "precision", "recall", "auc", "f1_macro", "precision_macro", "recall_macro", "mean_iou", "mse", "rmse", "mae", "r2",
  "loss", "perplexity" }

local SMALLER = { loss = true, log_loss = true, perplexity = true, mse = true, rmse = true, mae = true }

--- Whether a name is that of a metric.
function metrics.is(name)
  for _, known in ipairs(metrics.names) do
    if known == name then return true end
  end
  return false
end

--- Whether a larger value of a metric is the better one.
function metrics.larger_is_better(name) return not SMALLER[name] end

--- A metric by name of what evaluate gave.
-- @return a number, or nil and why it is undefined
function metrics.of(name, result)
  if name == "loss" or name == "log_loss" then return result.loss end
  if name == "perplexity" then return result.loss and math.exp(result.loss) end
  if name == "auc" then
    if not result.scores then return nil, "it is for two classes" end
    return auc(result.scores, result.actual)
  end
  if from_values[name] then
    if not result.values then return nil, "the rows have no numbers as targets" end
    return from_values[name](table.unpack(result.values))
  end
  if not from_confusion[name] then
    blame.raise("%s", require("moonlab.suggest").unknown("metric", name, metrics.names))
  end
  if not result.matrix then return nil, "the rows have no classes" end
  return from_confusion[name](result.matrix)
end

-- ml.metrics.accuracy(model, set) or (predicted, actual): both are what is at hand.
local function direct(name)
  return function(a, b)
    if type(a) == "table" and type(a.forward) == "function" then return metrics.of(name, metrics.evaluate(a, b)) end
    return metrics.of(name, { matrix = metrics.confusion(a, b) })
  end
end

--- The part of the rows whose class was found.
-- @param a, b  a model and a data set, or predicted and actual classes
-- @return a number from 0 to 1
-- @usage ml.metrics.accuracy({1, 2, 2}, {1, 2, 1})   --> 0.66667
metrics.accuracy = direct "accuracy"

--- The mean of the classes' F1.
-- @param a, b  a model and a data set, or predicted and actual classes
metrics.f1_macro = direct "f1_macro"

--- The mean of the classes' precision; nil and the reason where a class was never predicted.
-- @param a, b  a model and a data set, or predicted and actual classes
metrics.precision_macro = direct "precision_macro"

--- The mean of the classes' recall; nil and the reason where a class has no rows.
-- @param a, b  a model and a data set, or predicted and actual classes
metrics.recall_macro = direct "recall_macro"

--- Mean negative log likelihood of the actual classes.
-- @param model  gives class scores (logits)
-- @param set    a data set with classes
function metrics.log_loss(model, set)
  local loss = function(output, batch) return core.ops.cross_entropy(output, batch.y) end
  return metrics.evaluate(model, set, { loss = loss }).loss
end

local boxes = require "moonlab.metrics_boxes"
metrics.iou, metrics.suppress, metrics.average_precision = boxes.iou, boxes.suppress, boxes.average_precision

return metrics
