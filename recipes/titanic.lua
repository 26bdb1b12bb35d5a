-- moonlab cv recipes/titanic.lua
-- Who survived? To say that all women did and no man is right for 78.68 % of the passengers; a model has to be better than that.
-- The table may not be shipped: put titanic.csv (kaggle.com/c/titanic, train.csv) into tabular/ in a folder that MOONLAB_DATA names.
local ml = require "moonlab"
local data, features = ml.data, ml.features

return ml.recipe {
  name    = "titanic",
  problem = { ask = "Does this passenger survive?", accept = { accuracy = 0.79 } },
  task    = "binary",
  seed    = 1,
  data = {
    source  = data.csv "tabular/titanic.csv",
    target  = "Survived", positive = 1, id = "PassengerId",
    columns = {
      Name = data.ignore(), Ticket = data.ignore(), Cabin = data.ignore(), Pclass = data.category { "1", "2", "3" },
      Age = data.number { min = 0, missing = { "median", "indicator" } }, Fare = data.number { min = 0, map = "log1p" },
      Embarked = data.category { "C", "Q", "S", missing = "mode" },
      title = data.category { "Mr", "Mrs", "Miss", "Master", other = "Mr" },
    },
    derive = {
      title  = function(c) return c.Name:split(", ", 2):split(".", 1) end,
      family = function(c) return c.SibSp + c.Parch end,
    },
  },
  split    = { test = 0.2, stratify = true },
  features = { features.standardize(), features.one_hot() },
  model    = ml.logistic { C = ml.grid { 1, 0.1, 10 } },
  assess   = { cv = ml.kfold(10, { stratify = true, repeats = 3 }), metrics = { "accuracy", "auc", "f1" } },
}
