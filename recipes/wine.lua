-- moonlab run recipes/wine.lua     moonlab cv recipes/wine.lua --jobs 2
-- How good is this red wine? What chemistry says of 1,599 Portuguese wines (240 rows are there twice) against the median of at
-- least three tasters, 0 to 10. A linear model is off by 0.507 on the average (5 folds, with the rows that are there twice).
local ml = require "moonlab"
local nn, data, features = ml.nn, ml.data, ml.features

return ml.recipe {
  name    = "wine",
  problem = { ask = "Which grade do tasters give this wine?", accept = { mae = 0.52 } },
  task    = "regression",
  seed    = 3,
  data = {
    source  = data.csv("data/wine-quality/winequality-red.csv", { separator = ";" }),
    target  = "quality",
    columns = { pH = data.number { min = 0, max = 14 }, alcohol = data.number { min = 0, max = 100 } },
    clean   = { duplicates = "drop" },
  },
  split    = { valid = 0.15, test = 0.2 },
  features = { features.power(), features.clip { method = "z_score" }, features.select_lasso(0.005) },
  model    = nn.Sequential { nn.Linear(32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(1) },
  train    = { loss = "mse", batch = 32, epochs = 60, patience = 10, select = "mae",
               optimizer = ml.optim.adamw { lr = 3e-3, weight_decay = 1e-2 } },
  assess   = { cv = ml.kfold(5), metrics = { "mae", "rmse", "r2" } },
}
