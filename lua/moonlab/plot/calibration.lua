--- ml.plot.calibration: whether probabilities are what they say.

local blame = require "moonlab.blame"
local curves = require "moonlab.plot.curves"
local scene = require "moonlab.plot.scene"
local settings = require "moonlab.plot.settings"
local unit = require "moonlab.plot.unit"

local calibration = {}

local read = settings.reader("plot.calibration", { { "bins", "count", 10 }, { "positive", "any" } }, "ml.plot.calibration(probabilities, labels, {bins = 10})")

--- Means of bins of the same width, without the empty ones; as sklearn.calibration.calibration_curve.
-- @return predicted, observed, the expected calibration error: the mean of their distances, weighed by rows
function calibration.curve(probabilities, positives, bins)
  local sums = {}
  for i, p in ipairs(probabilities) do
    local bin = math.max(1, math.min(bins, math.ceil(p * bins)))
    local one = sums[bin] or { n = 0, predicted = 0, observed = 0 }
    sums[bin] = one
    one.n, one.predicted, one.observed = one.n + 1, one.predicted + p, one.observed + (positives[i] and 1 or 0)
  end
  local x, y, distance = {}, {}, 0
  for bin = 1, bins do
    local one = sums[bin]
    if one then
      x[#x + 1], y[#y + 1] = one.predicted / one.n, one.observed / one.n
      distance = distance + math.abs(one.predicted - one.observed) / #probabilities
    end
  end
  return x, y, distance
end

--- Draws how often what was given a probability came true, by bins of probability, with the expected calibration error (ECE); the
-- dotted line is a model whose probabilities are right.
-- @param probabilities  of the positive class, 0 to 1: a list, tensor or column; or of several models {{"linear", p}, {"net", p}}
-- @param labels         0 and 1, false and true, or classes 1 and 2: a list, tensor or column
-- @param options        { bins = 10, positive = which label is the positive one, the larger if not given; title =, x_label =, y_label =; of
--                       the text: width = the terminal's, height = 16, utf8 = by the locale }
-- @return a plot: print it, or plot:save "name.svg"
-- @error different lengths, labels that are not of two kinds, probabilities beyond 0 to 1
-- @usage print(ml.plot.calibration({0.1, 0.4, 0.35, 0.8}, {0, 0, 1, 1}, { bins = 2 }))
function calibration.calibration(probabilities, labels, options)
  local o = read(options)
  local groups, dropped = curves.groups(probabilities, labels, o.positive, "plot.calibration")
  for _, group in ipairs(groups) do
    for i, p in ipairs(group.scores) do
      if p < 0 or p > 1 then blame.raise("plot.calibration: probability %d is %s, beyond 0..1", i, blame.show(p)) end
    end
    local distance
    group.x, group.y, distance = calibration.curve(group.scores, group.positives, o.bins)
    group.name, group.points = curves.named(group.name, "ECE", distance), true
  end
  local panel = unit.panel(groups, { scene.guide(0, 0, 1, 1) }, { x_label = o.x_label or "mean predicted probability", y_label = o.y_label or "share of positives" })
  return scene.of_panel(panel, o, curves.note(dropped))
end

return calibration
