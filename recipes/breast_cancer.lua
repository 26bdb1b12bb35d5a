-- moonlab run recipes/breast_cancer.lua
-- Is this tumour malignant? Nine marks from 1 to 10 that a physician gave to cells under the microscope, of 699 samples. The file has
-- no header, "?" for 16 missing values, rows that are there twice, and several samples of one patient: those stay together
-- (split by group), so that no patient is known from training.
local ml = require "moonlab"
local nn, data, features = ml.nn, ml.data, ml.features

local mark = data.number { min = 1, max = 10 }

return ml.recipe {
  name    = "breast-cancer",
  problem = { ask = "Is this tumour malignant?", accept = { accuracy = 0.955, recall = 0.95 } },
  task    = "binary",
  seed    = 12,
  data = {
    source  = data.csv("data/breast-cancer-wisconsin/breast-cancer-wisconsin.data", { header = false, missing = { "?" }, names = {
      "sample", "thickness", "size_uniformity", "shape_uniformity", "adhesion", "epithelial_size", "bare_nuclei", "chromatin", "nucleoli",
      "mitoses", "class" } }),
    target  = "class", positive = 4, group = "sample",
    columns = {
      thickness = mark, size_uniformity = mark, shape_uniformity = mark, adhesion = mark, epithelial_size = mark, chromatin = mark,
      nucleoli = mark, mitoses = mark, bare_nuclei = data.number { min = 1, max = 10, missing = { "median", "indicator" } },
    },
    clean   = { duplicates = "drop" },
  },
  split    = { valid = 0.15, test = 0.25 },
  features = { features.log { columns = { "mitoses" } }, features.standardize(), features.polynomial { columns = { "thickness", "bare_nuclei" } } },
  model    = nn.Linear(1),
  train    = { loss = "bce_with_logits", batch = 32, epochs = 60, patience = 12, select = "auc",
               optimizer = ml.optim.adamw { lr = 1e-2, weight_decay = 1e-2 } },
  assess   = { cv = ml.kfold(10, { stratify = true, group = true }), metrics = { "accuracy", "precision", "recall", "f1", "auc" } },
}
