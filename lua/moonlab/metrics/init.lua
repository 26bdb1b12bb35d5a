--- ml.metrics: how good predictions are, by scikit-learn's definitions.
--
-- Each metric can be asked for by its name in a recipe (assess.metrics, problem.accept, train.select), computed of predictions that are at
-- hand, ml.metrics.f1(predicted, actual), or of a model and a data set, ml.metrics.f1(model, set). Options stand in the name, "f_beta(beta=2)",
-- or in a table, { name = "f_beta", beta = 2 }. Classes are 1-based. Means over a data set weigh rows, not batches. A metric that is undefined
-- (the precision of a class that was never predicted) is nil and says why, never a silent 0.

local metric = require "moonlab.metrics.metric"
local evaluation = require "moonlab.metrics.evaluate"

local metrics = {
  evaluate = evaluation.evaluate, output = evaluation.output, forward = evaluation.forward,
  of = metric.of, reader = metric.reader, is = metric.is, name = metric.name, larger_is_better = metric.larger_is_better, looks_at = metric.looks_at,
}

for _, family in ipairs { "confusion", "labels", "ranking", "probability", "values", "boxes" } do
  for name, f in pairs(require("moonlab.metrics." .. family)) do metrics[name] = f end
end

--- The names of the metrics that can be asked for.
metrics.names = metric.names

return require "moonlab.namespace"("ml.metrics", metrics)
