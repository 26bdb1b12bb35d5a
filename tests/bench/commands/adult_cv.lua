-- Adult: logistic regression on ten folds.
local ml = require "moonlab"
local data, features = ml.data, ml.features

local function words() return data.category { missing = "missing" } end

return ml.recipe {
  name     = "adult_cv",
  task     = "binary",
  seed     = 1,
  data     = {
    source  = data.csv("adult.data", { header = false, missing = { "?" }, names = { "age", "workclass", "fnlwgt", "education", "education_num", "marital",
      "occupation", "relationship", "race", "sex", "gain", "loss", "hours", "country", "income" } }),
    target  = "income", positive = ">50K",
    columns = { workclass = words(), occupation = words(), country = words() },
  },
  features = { features.standardize(), features.one_hot() },
  model    = ml.logistic(),
  assess   = { cv = ml.kfold(10, { stratify = true, shuffle = false }), metrics = { "accuracy", "auc", "f1" } },
}
