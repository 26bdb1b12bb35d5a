--- What metrics are made of: the outputs of all rows beside what was asked for, and what follows from them, computed when it is first
-- wanted.
--
--   rows      how many
--   y         int64 [n]: classes from 1, or float64 [n] or [n, k]: numbers
--   labels    int64 [n, L] of 0 and 1, in the place of y: which labels each row has, any number of them
--   output    float64: what the model gave: [n, C] scores whose softmax are the probabilities, [n] or [n, 1] the logit of class 2, or numbers
--             in the shape of y; [n, L] the logit of each label
--   predicted, probabilities, scores     in the place of an output, where predictions were given
--   classes   how many there are
--   matrix    rows of counts: matrix[actual][predicted]
--   weight    float64 [n], or nil
--   loss      the mean loss, where there was one

local core = require "moonlab.core"
local blame = require "moonlab.blame"

local Result = {}

local ops = core.ops
Result.SMALLEST = 2 ^ -52 -- what a probability of 0 is taken for, as scikit-learn does

-- What follows ------------------------------------------------------------------------------------------------------------

-- f() is kept under a key, for results that differ in nothing but their weights as well.
local function kept(result, key, f)
  result.cache = result.cache or {}
  if result.cache[key] == nil then result.cache[key] = f() end
  return result.cache[key]
end
Result.kept = kept

local function is_one_logit(output) return output:dim() == 1 or output:size(2) == 1 end

--- The classes that were answered, int64 [n]. One logit decides for class 2 above 0; a threshold of the probability of class 2 may stand
-- in its place. Of labels 0 and 1, int64 [n, L]: those whose logit is above 0.
function Result.predicted(result)
  if result.predicted then return result.predicted end
  return kept(result, "predicted", function()
    if result.labels then return result.output:gt(0):to "int64" end
    if result.threshold then return Result.scores(result, 2, true):ge(result.threshold):to "int64" + 1 end
    if not result.output then return Result.probabilities(result):argmax(2) end
    if is_one_logit(result.output) then return result.output:reshape { -1 }:gt(0):to "int64" + 1 end
    return result.output:argmax(2)
  end)
end

local function two_columns(p, q) return ops.stack({ q, p }, 2) end

--- Of each class, float64 [n, C].
function Result.probabilities(result)
  if result.probabilities then return result.probabilities end
  return kept(result, "probabilities", function()
    if not is_one_logit(result.output) then return ops.softmax(result.output, 2) end
    local z = result.output:reshape { -1 }
    return two_columns(z:sigmoid(), (-z):sigmoid())
  end)
end

--- Their logarithms, from the scores where there are scores, so that small ones keep their digits.
function Result.log_probabilities(result)
  return kept(result, "log_probabilities", function()
    if not result.output then return Result.probabilities(result):clamp(Result.SMALLEST, 1 - Result.SMALLEST):log() end
    if not is_one_logit(result.output) then return ops.log_softmax(result.output, 2) end
    local z = result.output:reshape { -1 }
    return two_columns(-(-z):softplus(), -z:softplus())
  end)
end

--- What rows are ranked by for a class, float64 [n]. Of two classes it is the difference of the scores, which has fewer ties than the
-- probability; as_probability asks for that.
function Result.scores(result, class, as_probability)
  if result.scores then return result.scores end
  if result.labels then return result.output:select(2, class):contiguous() end
  return kept(result, ("scores %d %s"):format(class, as_probability or false), function()
    local output = result.output
    if not output or as_probability then return Result.probabilities(result):select(2, class):contiguous() end
    local sign = class == 2 and 1 or -1
    if is_one_logit(output) then return output:reshape { -1 } * sign end
    if output:size(2) == 2 then return (output:select(2, 2) - output:select(2, 1)) * sign end
    return Result.probabilities(result):select(2, class):contiguous()
  end)
end

--- The scores of a class in rising order, and the rows that they stand in.
function Result.ranked(result, class)
  local both = kept(result, "ranked " .. class, function() return { Result.scores(result, class):sort(1) } end)
  return both[1], both[2]
end

--- The scores of a class from the highest, and the rows of the class and of the others that have each or a higher one.
-- @return three float64 tensors [steps]
function Result.steps(result, class)
  local scores, rows = Result.ranked(result, class)
  return core.ranking_steps(scores, rows, result.y, result.weight, class)
end

--- How many classes, or labels, there are.
function Result.classes(result)
  if result.labels then return result.labels:size(2) end
  if result.classes then return result.classes end
  if result.matrix then return #result.matrix end
  if result.probabilities then return result.probabilities:size(2) end
  if result.output and not is_one_logit(result.output) then return result.output:size(2) end
  return kept(result, "classes", function() return math.max(2, result.rows > 0 and result.y:max():item() or 0) end)
end

--- Counts of classes: rows of matrix[actual][predicted].
-- @param skip_zero  whether rows of class 0 do not count
-- @error a class that is none
function Result.count(where, predicted, actual, weight, classes, skip_zero)
  local matrix, bad = core.confusion(predicted, actual, weight, classes, skip_zero or false)
  if matrix then return matrix end
  local class = predicted:select(1, bad):item()
  if class >= 1 and class <= classes then class = actual:select(1, bad):item() end
  blame.raise("%s: row %d has the class %d, which is not an integer from 1 to %d", where, bad, class, classes)
end

function Result.matrix(result)
  if not result.matrix then
    result.matrix = Result.count("confusion", Result.predicted(result), result.y, result.weight, Result.classes(result)):tolist()
  end
  return result.matrix
end

--- The mean of one number a row, by weights where rows have them.
function Result.mean(result, values)
  if not result.weight then return values:mean():item() end
  return (values * result.weight):sum():item() / result.weight:sum():item()
end

--- The first row, from 1, of which f(x) is true; nil if there is none.
-- @param mask  bool [n] or [n, k]
function Result.first(mask)
  if not mask:any():item() then return nil end
  if mask:dim() > 1 then mask = mask:flatten(2):any(2) end
  return mask:to "int64":argmax():item()
end

--- The same rows with other weights. What does not depend on them is shared.
-- @param weight  float64 [n]
function Result.weighted(result, weight)
  local copy = {}
  result.cache = result.cache or {}
  for key, value in pairs(result) do copy[key] = value end
  copy.weight, copy.matrix, copy.loss = weight, nil, nil
  copy.classes = result.y and result.y.dtype == "int64" and Result.classes(result) or nil
  return copy
end

--- Some of the rows.
-- @param rows  int64 positions
function Result.part(result, rows)
  local out = { rows = #rows, classes = result.y and result.y.dtype == "int64" and Result.classes(result) or nil, threshold = result.threshold }
  for _, name in ipairs { "y", "labels", "output", "probabilities", "predicted", "scores", "weight" } do
    out[name] = result[name] and result[name]:index_select(1, rows)
  end
  return out
end

-- What is there --------------------------------------------------------------------------------------------------------------

-- What is said of the first output or target that is no number; false if there is none. Found once.
local function find_not_a_number(result)
  for _, name in ipairs { "output", "probabilities", "scores" } do
    local row = result[name] and Result.first(result[name]:isnan())
    if row then return ("the output of row %d is NaN"):format(row) end
  end
  local y, output = result.y, result.output
  if y and y.dtype == "int64" and output and not is_one_logit(output) then -- scores of minus infinity are probabilities of 0
    local row = Result.first(output:max(2):abs():eq(math.huge))
    if row then return ("the output of row %d is infinite"):format(row) end
  end
  local row = y and y.dtype == "float64" and Result.first(y:isnan())
  return row and ("the target of row %d is NaN"):format(row)
end

local function not_a_number(result)
  return result.not_a_number or kept(result, "nan", function() return find_not_a_number(result) or false end) or nil
end

local function has_classes(result) return result.y and result.y.dtype == "int64" end

local SEVERAL = "rows have any number of labels each: subset_accuracy, hamming_loss and the means over labels (f1_macro, auc_macro) are for them"
local NO_LABELS = "rows have no labels, as those of the task multilabel have"

local LACKS = {
  classes = function(r) return r.labels and SEVERAL or not r.matrix and not has_classes(r) and "the rows have no classes" end,
  scores = function(r) return r.labels and SEVERAL or not (has_classes(r) and (r.output or r.probabilities or r.scores)) and "the rows have no classes with scores" end,
  probabilities = function(r) return r.labels and SEVERAL or not (has_classes(r) and (r.output or r.probabilities)) and "the rows have no classes with probabilities" end,
  values = function(r) return not (r.y and r.y.dtype == "float64" and r.output) and "the rows have no numbers as targets" end,
  loss = function(r) return not r.loss and "there was no loss" or r.loss ~= r.loss and "the loss is NaN" end,
  labels = function(r) return not r.labels and NO_LABELS end,
  label_scores = function(r) return not r.labels and NO_LABELS or not r.output and "the labels have no scores" end,
}

--- Why a result is not enough for a kind of metric: nil if it is, or the reason.
function Result.lacks(result, needs)
  local rows = result.y or result.labels
  if result.rows == 0 or rows and #rows == 0 then return "there are no rows" end
  local why = LACKS[needs](result)
  if why then return why end
  return needs ~= "loss" and not_a_number(result) or nil
end

-- What is given ----------------------------------------------------------------------------------------------------------------

local function numbers_of(where, what, given)
  if type(given) == "table" and not getmetatable(given) then
    for i, value in ipairs(given) do
      if type(value) ~= "number" and type(value) ~= "table" then blame.raise("%s: %s of row %d is %s, not a number", where, what, i, blame.show(value)) end
    end
    given = core.tensor(given, { dtype = "float64" })
  end
  if not core.is_tensor(given) then blame.raise("%s: %s must be a tensor or a list of numbers, got %s", where, what, blame.show(given)) end
  given = given:detach():double():contiguous()
  local row = Result.first(given:isnan())
  if row then blame.raise("%s: %s of row %d is NaN", where, what, row) end
  return given
end
Result.numbers_of = numbers_of

--- Classes as an int64 tensor.
-- @param given  a tensor of integers or a list
-- @error what is no class, with its row
function Result.classes_of(where, what, given)
  if type(given) == "table" and not getmetatable(given) then
    for i, class in ipairs(given) do
      if math.type(class) ~= "integer" or class < 1 then
        blame.raise("%s: row %d has the class %s, which is not an integer from 1 to the number of classes", where, i, tostring(class))
      end
    end
    return core.tensor(given, { dtype = "int64" })
  end
  if not core.is_tensor(given) then blame.raise("%s: %s must be a tensor or a list of classes, got %s", where, what, blame.show(given)) end
  if given.dtype:find "^float" or given.dtype == "bool" then
    blame.raise("%s: %s must be classes from 1, which are integers; got %s [%s]", where, what, given.dtype, table.concat(given.shape, ", "))
  end
  return given:to "int64":reshape { -1 }:contiguous()
end

local function weight_of(where, given, rows)
  if given == nil then return nil end
  local weight = numbers_of(where, "the weight", given)
  if weight:dim() ~= 1 or #weight ~= rows then blame.raise("%s: %d rows need as many weights, got [%s]", where, rows, table.concat(weight.shape, ", ")) end
  local row = Result.first(weight:lt(0))
  if row then blame.raise("%s: the weight of row %d is negative", where, row) end
  return rows > 0 and weight:sum():item() > 0 and weight or rows == 0 and nil or blame.raise("%s: all weights are 0", where)
end

local function check_probabilities(where, p)
  local row = Result.first(p:lt(0) | p:gt(1))
  if row then blame.raise("%s: the probability of row %d is not within 0..1; of scores, x:softmax(2) or x:sigmoid() makes probabilities", where, row) end
  row = Result.first((p:sum(2) - 1):abs():gt(1e-3))
  if row then blame.raise("%s: the probabilities of row %d do not sum to 1", where, row) end
end

local READ = {}

function READ.classes(where, given) return "predicted", Result.classes_of(where, "predicted", given) end
function READ.values(where, given) return "output", numbers_of(where, "the prediction", given) end

function READ.scores(where, given)
  local scores = numbers_of(where, "the score", given)
  if scores:dim() == 2 and scores:size(2) > 1 then return "probabilities", scores end
  return "scores", scores:reshape { -1 }
end

function READ.probabilities(where, given)
  local p = numbers_of(where, "the probability", given)
  if p:numel() == 0 then return "probabilities", p:reshape { 0, 2 } end
  if p:dim() == 1 or p:size(2) == 1 then p = two_columns(p:reshape { -1 }, 1 - p:reshape { -1 }) end
  check_probabilities(where, p)
  return "probabilities", p
end

local function check_classes(where, y, classes)
  if #y == 0 then return end
  local row = Result.first(y:lt(1) | y:gt(classes))
  if row then blame.raise("%s: row %d has the class %d, which is not an integer from 1 to %d", where, row, y:select(1, row):item(), classes) end
end

-- 0 and 1, int64 [n, L].
local function labels_of(where, what, given)
  local labels = numbers_of(where, what, given)
  if labels:numel() == 0 then labels = labels:reshape { 0, 1 } end
  if labels:dim() ~= 2 then blame.raise("%s: %s must be [rows, labels] of 0 and 1, got [%s]", where, what, table.concat(labels.shape, ", ")) end
  local row = Result.first(labels:ne(0) & labels:ne(1))
  if row then blame.raise("%s: %s of row %d is not 0 or 1 for each label", where, what, row) end
  return labels:to "int64"
end
Result.labels_of = labels_of

local function has_two_dimensions(given)
  if core.is_tensor(given) then return given:dim() == 2 end
  return type(given) == "table" and type(given[1]) == "table"
end

local LABELS = { labels = true, label_scores = true }

-- Whether what was given are labels for a metric that takes them.
local function are_labels(m, actual) return LABELS[m.needs] or m.of_labels and has_two_dimensions(actual) end

local function of_labels(m, predicted, actual, o)
  local where, field, value = m.name, "predicted", nil
  if (LABELS[m.needs] and m.needs or m.of_labels) == "labels" then value = labels_of(where, "predicted", predicted)
  else field, value = "output", numbers_of(where, "the score", predicted)
  end
  local labels = labels_of(where, "actual", actual)
  if value:numel() == 0 then value = value:reshape(labels.shape) end
  if value:dim() ~= 2 or #value ~= #labels or value:size(2) ~= labels:size(2) then
    blame.raise("%s: the predictions are [%s], the labels [%s]", where, table.concat(value.shape, ", "), table.concat(labels.shape, ", "))
  end
  return { rows = #labels, labels = labels, [field] = value, weight = weight_of(where, o.weight, #labels) }
end

--- The result of predictions that were given.
-- @param m                  the metric: name, needs
-- @param predicted, actual  tensors or lists
-- @param o                  { classes =, weight = }
-- @error different lengths, NaN and what is no class, with the row
function Result.given(m, predicted, actual, o)
  local where = m.name
  if are_labels(m, actual) then return of_labels(m, predicted, actual, o) end
  if READ[m.needs] and m.needs ~= "values" and has_two_dimensions(actual) then
    blame.raise("%s: actual has two dimensions, but each row has one class; rows with any number of labels have subset_accuracy, hamming_loss, f1_macro, auc_macro and so on", where)
  end
  if not READ[m.needs] then blame.raise("%s: it is made of a model and a data set", where) end
  local field, value = READ[m.needs](where, predicted)
  local y = m.needs == "values" and numbers_of(where, "the target", actual) or Result.classes_of(where, "actual", actual)
  if #value ~= #y then blame.raise("%s: %d predictions, but %d rows", where, #value, #y) end
  if m.needs == "values" and value:numel() ~= y:numel() then
    blame.raise("%s: the predictions are [%s], the targets [%s]", where, table.concat(value.shape, ", "), table.concat(y.shape, ", "))
  end
  if m.needs == "values" then value = value:reshape(y.shape) end
  local result = { rows = #y, y = y, [field] = value, classes = o.classes, weight = weight_of(where, o.weight, #y) }
  if m.needs == "classes" and #y > 0 then
    result.classes = o.classes or math.max(value:max():item(), y:max():item())
    result.matrix = Result.count(where, value, y, result.weight, math.max(1, result.classes)):tolist()
  elseif m.needs == "classes" then
    result.matrix = {}
  elseif m.needs ~= "values" then
    check_classes(where, y, Result.classes(result))
  end
  return result
end

return Result
