--- Where rows have any number of labels each: the scores of each label, and those of answers that need no model.

local core = require "moonlab.core"
local metrics = require "moonlab.metrics"

local labels = {}

--- The scores of a label.
labels.NAMES = { "precision", "recall", "f1", "auc", "average_precision" }

--- The scores of each label.
-- @param result  what metrics.evaluate gave
-- @param names   of the labels, or nil
-- @return a list of { name =, rows = that have it, scores = by the names of labels.NAMES: what is undefined is nil }
function labels.by_label(result, names)
  local out = {}
  for i, one in ipairs(metrics.by_label(result)) do
    out[i] = { name = names and names[i] or tostring(i), rows = math.tointeger(one.support) or one.support, scores = {} }
    for _, name in ipairs(labels.NAMES) do out[i].scores[name] = metrics.of({ name = name, class = i }, result) end
  end
  return out
end

local function text(answer, names)
  local list = {}
  for i, there in ipairs(answer) do
    if there == 1 then list[#list + 1] = names and names[i] or tostring(i) end
  end
  return #list > 0 and table.concat(list, ", ") or "no label"
end

--- Always the labels that more than half of the training rows have, with the labels' frequencies as their probabilities.
-- @param fitted_on  labels of the training part, [n, L] of 0 and 1
-- @param assessed   int64 labels of the part that is assessed
-- @param names      of the labels, or nil
-- @return { class = what is answered, as text }, and a result as evaluate gives it, for metrics.of
function labels.baseline(fitted_on, assessed, names)
  local p = fitted_on:double():mean(1):clamp(1e-12, 1 - 1e-12)
  local logits = (p / (1 - p)):log()
  return text(logits:gt(0):to "int64":tolist(), names),
    { rows = #assessed, labels = assessed, output = logits:unsqueeze(1):expand(assessed.shape):contiguous() }
end

return labels
