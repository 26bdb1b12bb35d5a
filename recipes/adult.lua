-- moonlab run recipes/adult.lua     moonlab cv recipes/adult.lua --jobs 2
-- Who earns more than 50,000 dollars a year? The census of 1994 as it was published: blanks around the fields, "?" where nothing is known
-- (a word as any other here), labels of the test file with a full stop behind. Logistic regression on one column a word gets 85.24 % and an AUC
-- of 0.905 with scikit-learn; naive Bayes trees were published with 85.90 %.
local ml = require "moonlab"
local data, features = ml.data, ml.features

local function census(file)
  return data.csv("data/" .. file, { header = false, trim = true, missing = {}, names = {
    "age", "workclass", "fnlwgt", "education", "education_num", "marital_status", "occupation", "relationship", "race", "sex", "capital_gain",
    "capital_loss", "hours_per_week", "native_country", "income" } })
end

return ml.recipe {
  name    = "adult",
  problem = { ask = "Who earns more than 50,000 dollars a year?", accept = { accuracy = 0.85, auc = 0.904 } },
  task    = "binary",
  seed    = 1,
  data = {
    source   = data.parts { train = census "adult.data.gz", test = census "adult.test.gz" },
    target   = "income", positive = ">50K",
    derive   = { income = function(c) return c.income:replace(".", "") end },
  },
  split    = { by = "part" },
  features = { features.standardize(), features.one_hot() },
  model    = ml.logistic { C = ml.grid { 1, 0.1, 10 } },
  assess   = { cv = ml.kfold(10, { stratify = true }), metrics = { "accuracy", "auc", "f1", "log_loss" } },
}
