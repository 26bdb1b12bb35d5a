-- moonlab run recipes/sms_spam.lua     moonlab cv recipes/sms_spam.lua --jobs 2
-- Is this short message spam? 5,574 messages (Almeida et al. 2011), 403 of them there twice, with quotes that nobody escaped. A linear model on
-- words was published with 97.7 %; always to say no is right for 86.6 %.
local ml = require "moonlab"
local data, features = ml.data, ml.features

return ml.recipe {
  name    = "sms-spam",
  problem = { ask = "Is this message spam?", accept = { accuracy = 0.975 } },
  task    = "binary",
  seed    = 1,
  data = {
    source  = data.csv("data/SMSSpamCollection.gz", { separator = "\t", header = false, quote = false, names = { "kind", "message" }, missing = {} }),
    target  = "kind", positive = "spam",
    columns = { message = data.string { min_length = 1 } },
    clean   = { duplicates = "drop" },
  },
  split    = { test = 0.2, stratify = true },
  features = { features.tfidf { ngram = { 1, 2 }, max_features = 4000, sublinear = true } },
  model    = ml.logistic { C = ml.grid { 100, 10, 1000 } },
  assess   = { cv = ml.kfold(10, { stratify = true }), metrics = { "accuracy", "f1", "precision", "recall", "auc" } },
}
