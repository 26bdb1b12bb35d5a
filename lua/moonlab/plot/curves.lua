-- The points of ROC and precision-recall curves from scores, as scikit-learn computes them: equal scores are one step.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local number = require "moonlab.plot.number"
local values = require "moonlab.plot.values"

local curves = {}

-- The two values that labels have, the negative one first.
local function kinds_of(labels, where)
  local seen, kinds = {}, {}
  for i, label in ipairs(labels) do
    if label ~= label then blame.raise("%s: label %d is missing", where, i) end
    if not seen[label] then seen[label], kinds[#kinds + 1] = true, label end
  end
  table.sort(kinds, function(a, b)
    if type(a) == type(b) and type(a) ~= "boolean" then return a < b end
    return tostring(a) < tostring(b)
  end)
  return kinds
end

--- Which labels are positive.
-- @param labels    0 and 1, false and true, 1 and 2, or any two values of which `positive` is one
-- @param positive  the label of the positive class; the larger one if not given
-- @return a list of booleans
function curves.positives(labels, positive, where)
  if core.is_tensor(labels) then labels = labels:detach():reshape(-1):tolist() end
  if values.is_column(labels) then
    labels = labels.type == "text" and labels:to_list() or (values.numbers(labels, where))
  end
  if type(labels) ~= "table" then blame.raise("%s: labels must be a list, a tensor or a column, got %s", where, blame.show(labels)) end
  local kinds, out, count = kinds_of(labels, where), {}, 0
  if #kinds > 2 then blame.raise("%s: labels have %d different values, two are needed", where, #kinds) end
  if positive == nil then
    if type(kinds[1]) == "string" then blame.raise("%s: which label is the positive one? write positive = '%s'", where, kinds[#kinds]) end
    positive = kinds[#kinds]
    if #kinds == 1 and (positive == 0 or positive == false) then positive = nil end
  end
  for i, label in ipairs(labels) do
    out[i] = label == positive
    count = count + (out[i] and 1 or 0)
  end
  if count == 0 or count == #labels then
    blame.raise("%s: %d of %d labels are positive; both classes are needed", where, count, #labels)
  end
  return out
end

--- Positives and negatives at or above each distinct score, from the highest.
-- @param scores     a list without NaN
-- @param positives  a list of booleans
-- @return { true positives }, { false positives }
local function counts_of(scores, positives)
  local sorted, order = core.tensor(scores, { dtype = "float64" }):sort(1)
  local classes = {}
  for i, is_positive in ipairs(positives) do classes[i] = is_positive and 2 or 1 end
  local _, tps, fps = core.ranking_steps(sorted, order, core.tensor(classes, { dtype = "int64" }), nil, 2)
  return tps:tolist(), fps:tolist()
end

-- Without the points that lie on a straight line between their neighbours with the same steps.
local function without_straight(tps, fps)
  local out_t, out_f = {}, {}
  for i = 1, #tps do
    local is_straight = i > 1 and i < #tps and tps[i + 1] - 2 * tps[i] + tps[i - 1] == 0 and fps[i + 1] - 2 * fps[i] + fps[i - 1] == 0
    if not is_straight then out_t[#out_t + 1], out_f[#out_f + 1] = tps[i], fps[i] end
  end
  return out_t, out_f
end

--- The ROC curve of scores.
-- @return false positive rates, true positive rates, area under the curve
function curves.roc(scores, positives)
  local tps, fps = without_straight(counts_of(scores, positives))
  local x, y, area = { 0 }, { 0 }, 0
  for i = 1, #tps do
    x[i + 1], y[i + 1] = fps[i] / fps[#fps], tps[i] / tps[#tps]
    area = area + (x[i + 1] - x[i]) * (y[i + 1] + y[i]) / 2
  end
  return x, y, area
end

--- The precision-recall curve of scores, from recall 0 on.
-- @return recalls, precisions, average precision (the mean of precisions weighed by the steps of recall)
function curves.precision_recall(scores, positives)
  local tps, fps = counts_of(scores, positives)
  local x, y, average = { 0 }, { 1 }, 0
  for i = 1, #tps do
    x[i + 1], y[i + 1] = tps[i] / tps[#tps], tps[i] / (tps[i] + fps[i])
    average = average + (x[i + 1] - x[i]) * y[i + 1]
  end
  return x, y, average
end

--- Scores that are no NaN, of each group, with the labels of the same rows.
-- @param data    scores, or groups of them
-- @param labels  see curves.positives
-- @return a list of { name =, scores =, positives = }, how many scores were left out
function curves.groups(data, labels, positive, where)
  local groups, positives, dropped = values.groups(data, where), nil, 0
  if #groups == 0 or #groups[1].values == 0 then blame.raise("%s: there are no scores", where) end
  positives = curves.positives(labels, positive, where)
  for i, group in ipairs(groups) do
    if #group.values ~= #positives then blame.raise("%s: %d scores for %d labels", where, #group.values, #positives) end
    local one = { name = group.name, scores = {}, positives = {} }
    local count = 0
    for j, score in ipairs(group.values) do
      if score == score then
        one.scores[#one.scores + 1], one.positives[#one.positives + 1] = score, positives[j]
        count = count + (positives[j] and 1 or 0)
      else
        dropped = dropped + 1
      end
    end
    if count == 0 or count == #one.scores then blame.raise("%s: of the scores that are no NaN, all are of one class", where) end
    groups[i] = one
  end
  return groups, dropped
end

--- "model (AUC 0.934)"
function curves.named(name, what, value)
  local text = ("%s %.3f"):format(what, value)
  return name == "" and text or ("%s (%s)"):format(name, text)
end

--- "3 scores that are NaN are left out", or nil.
function curves.note(dropped)
  if dropped == 0 then return nil end
  return number.short(dropped) .. (dropped == 1 and " score that is NaN is left out" or " scores that are NaN are left out")
end

return curves
