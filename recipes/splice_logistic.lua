-- moonlab cv recipes/splice_logistic.lua --jobs 2
-- Where a gene's coding part begins or ends (see splice.lua), by logistic regression on the same letters: scikit-learn gets 95.8 %.
local ml = require "moonlab"
local data, features = ml.data, ml.features

return ml.recipe {
  name    = "splice-logistic",
  problem = { ask = "Is there a border between intron and exon in the middle of this DNA?", accept = { accuracy = 0.95 } },
  task    = "multiclass",
  seed    = 1,
  data = {
    source  = data.csv("data/splice.csv", { trim = true }),
    target  = "label", id = "instance_name",
    columns = { sequence = data.string { pattern = "[ACGTDNRS]+", min_length = 60, max_length = 60 } },
    clean   = { duplicates = "drop", duplicates_by = { "sequence" } },
  },
  split    = { test = 0.2, stratify = true },
  features = { features.letters { alphabet = "ACGT", length = 60 } },
  model    = ml.logistic { C = ml.grid { 0.1, 0.03, 1 } },
  assess   = { cv = ml.kfold(10, { stratify = true }), metrics = { "accuracy", "f1_macro" } },
}
