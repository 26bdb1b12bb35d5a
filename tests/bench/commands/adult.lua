-- What the recipes of Adult share: its rows as they were published, and one column a word.
local ml = require "moonlab"
local data, features = ml.data, ml.features

local function words() return data.category { missing = "missing" } end

return {
  data = {
    source  = data.csv("adult.data", { header = false, missing = { "?" }, names = { "age", "workclass", "fnlwgt", "education", "education_num", "marital",
      "occupation", "relationship", "race", "sex", "gain", "loss", "hours", "country", "income" } }),
    target  = "income", positive = ">50K",
    columns = { workclass = words(), occupation = words(), country = words() },
  },
  features = { features.standardize(), features.one_hot() },
}
