--- The figures of a run's page.

local page = require "moonlab.page"
local looks_at = require "moonlab.assess.looks_at"
local plot = require "moonlab.plot"
local core = require "moonlab.core"
local Result = require "moonlab.metrics.result"

local figures = {}

local SIZE = { width = 420, height = 300 }
local MOST = 20000 -- points of a figure

local function card(title, body) return ('<section class="card"><h3>%s</h3>%s</section>\n'):format(title, body) end

-- A figure, or why there is none.
local function drawn(title, size, f)
  local ok, made = pcall(f)
  return card(title, ok and page.svg(made, size) or ('<p class="soft">%s</p>'):format(page.escape(tostring(made))))
end

-- Every k-th row, so that at most so many are drawn.
local function thinned(values, rows)
  local step = (rows + MOST - 1) // MOST
  return step > 1 and values:index_select(1, core.arange(1, rows, step)) or values
end

--- Figures beside each other.
-- @param list  of { title, function() -> a plot }
function figures.grid(list)
  local out = {}
  for i, one in ipairs(list) do out[i] = drawn(page.escape(one[1]), SIZE, one[2]) end
  return '<div class="grid">' .. table.concat(out) .. "</div>"
end

--- ROC, precision and recall, calibration: of two classes.
function figures.of_binary(result, classes)
  local rows = result.rows
  local y = thinned(result.y, rows)
  local scores = thinned(Result.scores(result, 2), rows)
  local p = thinned(Result.probabilities(result):select(2, 2):contiguous(), rows)
  local name = page.escape(classes and classes[2] or "class 2")
  return '<div class="grid">' .. drawn("ROC", SIZE, function() return plot.roc(scores, y, { positive = 2 }) end)
    .. drawn("Precision and recall", SIZE, function() return plot.pr(scores, y, { positive = 2 }) end)
    .. drawn("Calibration of the probability of " .. name, SIZE, function() return plot.calibration(p, y, { positive = 2 }) end) .. "</div>"
end

local LABELS = 6 -- that have figures of their own

--- ROC, precision and recall of each label.
function figures.of_labels(result, names)
  local out = {}
  for k = 1, math.min(LABELS, result.labels:size(2)) do
    local y = thinned(result.labels:select(2, k):contiguous() + 1, result.rows)
    local scores, name = thinned(Result.scores(result, k), result.rows), page.escape(names and names[k] or "label " .. k)
    out[#out + 1] = drawn("ROC of " .. name, SIZE, function() return plot.roc(scores, y, { positive = 2 }) end)
    out[#out + 1] = drawn("Precision and recall of " .. name, SIZE, function() return plot.pr(scores, y, { positive = 2 }) end)
  end
  return '<div class="grid">' .. table.concat(out) .. "</div>"
end

--- What a regression gets wrong.
function figures.of_values(result)
  local y, output = thinned(result.y, result.rows), thinned(result.output:reshape { -1 }, result.rows)
  local off = output - y
  return '<div class="grid">' .. drawn("Predicted against actual", SIZE, function() return plot.scatter(y, output, { x_label = "actual", y_label = "predicted" }) end)
    .. drawn("Residuals against predicted", SIZE, function() return plot.scatter(output, off, { x_label = "predicted", y_label = "predicted - actual" }) end)
    .. drawn("Residuals", SIZE, function() return plot.hist(off, { x_label = "predicted - actual" }) end) .. "</div>"
end

--- The confusion matrix.
function figures.confusion(matrix, classes)
  local width = math.max(360, math.min(960, 180 + 52 * #matrix))
  return ('<div class="scroll"><div style="min-width:%dpx">%s</div></div>'):format(math.min(width, 36 * #matrix + 120), -- of many classes the numbers would be too small
    page.svg(plot.confusion(matrix, { classes = classes }), { width = width }))
end

--- Training and validation by epoch: the loss, and the metric that chooses.
function figures.curves(records, select)
  local out = { drawn("Loss", SIZE, function() return plot.learning_curve(records) end) }
  if select and select ~= "loss" and records[1]["valid_" .. select] then
    out[2] = drawn(page.escape(select), SIZE, function() return plot.learning_curve(records, { metric = select }) end)
  end
  return '<div class="grid">' .. table.concat(out) .. "</div>"
end

--- The score over the number of training rows.
-- @param found  what assess/by_rows.lua gave
function figures.by_rows(found)
  local rows, score, train = {}, {}, {}
  for i, one in ipairs(found.points) do rows[i], score[i], train[i] = one.rows, one.score, one.train or 0 / 0 end
  return '<div class="grid">' .. drawn("Learning curve", SIZE, function()
    return plot.line({ { found.part .. " part", score }, { "rows it was fitted to", train } }, { x = rows, x_label = "training rows", y_label = found.metric })
  end) .. "</div>"
end

local BARS = 30 -- columns that are drawn

local function curve(one, found)
  local words, options = type(one.values[1]) ~= "number", { y_label = found.values and "mean answer" or "mean probability", x_label = one.name }
  local groups = {}
  if one.by_class then
    for class, name in ipairs(found.classes or {}) do groups[class] = { name, one.by_class[class] } end
  else
    groups[1] = { found.values and "answer" or found.classes and found.classes[2] or "class 2", one.mean }
  end
  if not words then
    options.x = one.values
    return plot.line(groups, options)
  end
  local names = {}
  for i, value in ipairs(one.values) do names[i] = tostring(value) end
  return plot.bar(groups, { names = names, x_label = options.y_label })
end

--- What the model looks at: importance as bars, and how the answer goes with the first columns.
-- @param found  what assess/looks_at.lua gave
function figures.looks_at(found)
  local bars, out = {}, {}
  for i = 1, math.min(BARS, #found.columns) do bars[i] = { found.columns[i].name, found.columns[i].mean } end
  out[1] = drawn("Importance of columns", SIZE, function() return plot.bar(bars, { x_label = looks_at.change(found) }) end)
  for _, one in ipairs(found.curves) do
    if one.mean or found.classes then out[#out + 1] = drawn(page.escape(one.name), SIZE, function() return curve(one, found) end) end
  end
  return '<div class="grid">' .. table.concat(out) .. "</div>"
end

--- The scores of folds as dots, one figure a metric, with the mean and one deviation to each side.
function figures.folds(summary)
  local out = {}
  for _, one in ipairs(summary) do
    if one.mean then
      local x, y, by = {}, {}, {}
      local function add(k, value, kind) x[#x + 1], y[#y + 1], by[#by + 1] = k, value, kind end
      for k, value in ipairs(one.values) do
        add(k, value, "fold")
        add(k, one.mean, "mean")
        if one.std then add(k, one.mean - one.std, "one deviation") end
        if one.std then add(k, one.mean + one.std, "one deviation") end
      end
      out[#out + 1] = drawn(("%s: mean %.4f, deviation %s"):format(page.escape(one.metric), one.mean, one.std and ("%.4f"):format(one.std) or "-"), SIZE,
        function() return plot.scatter(x, y, { by = by, x_label = "fold", y_label = one.metric }) end)
    end
  end
  return '<div class="grid">' .. table.concat(out) .. "</div>"
end

--- Rows of a set of pictures as thumbnails; nil where they are none.
-- @param judged  what runs/judged.lua gave
-- @param rows    positions among its rows
function figures.thumbnails(judged, rows)
  local at = core.tensor(rows, { dtype = "int64" })
  local some = judged.set:part(judged.in_set and judged.in_set:index_select(1, at) or at, "worst")
  local x
  for batch in some:batches { size = #rows, pass = 0 } do x = x or batch.x end
  if not core.is_tensor(x) or x:dim() ~= 4 or x:size(2) ~= 1 and x:size(2) ~= 3 then return nil end
  return page.svg(plot.image_grid(x, { columns = 10, border = 1 }), { width = 640 })
end

return figures
