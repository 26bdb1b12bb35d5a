--- ml.assess: what a score is worth: intervals, tests of two models, calibration, thresholds, what a model looks at. Made of stored outputs,
-- as ml.metrics.evaluate gives them, so that nothing is computed again.

local later = require "moonlab.later"

local bootstrap = later "moonlab.assess.bootstrap"
local paired = later "moonlab.assess.paired"
local spread = later "moonlab.assess.spread"
local calibration = later "moonlab.assess.calibration"
local threshold = later "moonlab.assess.threshold"
local worst = later "moonlab.assess.worst"
local importance = later "moonlab.assess.importance"

return require "moonlab.namespace"("ml.assess", {
  bootstrap = bootstrap.bootstrap,
  corrected_t = paired.corrected_t, five_by_two = paired.five_by_two, mcnemar = paired.mcnemar, wilcoxon = paired.wilcoxon,
  compare = paired.compare,
  fold_spread = spread.fold_spread, homogeneity = spread.homogeneity,
  calibrate = calibration.calibrate, calibrator = calibration.calibrator,
  threshold = threshold.threshold,
  worst = worst.worst,
  permutation_importance = importance.permutation_importance, partial_dependence = importance.partial_dependence,
})
