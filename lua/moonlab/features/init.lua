--- ml.features: how columns become what a model takes. Each is a spec, fitted to the training part of a recipe (of each fold),
-- kept with the model and repeated when it serves.

return require "moonlab.namespace"("ml.features", {
  standardize = require "moonlab.features.standardize",
  one_hot = require "moonlab.features.one_hot",
})
