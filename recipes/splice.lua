-- moonlab run recipes/splice.lua
-- Where does a gene's coding part begin or end? Sixty letters of DNA around a place are a border where an intron begins (EI), one where
-- it ends (IE), or none (N). Blanks around the fields, letters that stand for several, sequences that are there twice (one of them
-- under two labels) are in the file as it was published. Logistic regression on the same letters: 95.8 % (scikit-learn).
local ml = require "moonlab"
local nn, data, features = ml.nn, ml.data, ml.features

return ml.recipe {
  name    = "splice",
  problem = { ask = "Is there a border between intron and exon in the middle of this DNA?", accept = { accuracy = 0.96 } },
  task    = "multiclass",
  seed    = 1,
  data = {
    source  = data.csv("data/splice.csv", { trim = true }),
    target  = "label", id = "instance_name",
    columns = { sequence = data.string { pattern = "[ACGTDNRS]+", min_length = 60, max_length = 60 } },
    clean   = { duplicates = "drop", duplicates_by = { "sequence" } },
  },
  split    = { valid = 0.1, test = 0.2, stratify = true },
  features = { features.letters { alphabet = "ACGT", length = 60 } }, -- [4, 60]
  model    = nn.Sequential {
    nn.Conv1d(32, 7, { padding = "same" }), nn.ReLU(), nn.Dropout(0.4), nn.Flatten(), nn.Linear(64), nn.ReLU(), nn.Dropout(0.5), nn.Linear(3),
  },
  train = { loss = "cross_entropy", batch = 64, epochs = 30,
            optimizer = ml.optim.adamw { lr = 1e-3, weight_decay = 1e-2, schedule = ml.optim.cosine() } },
  assess = { cv = ml.kfold(5, { stratify = true }) },
}
