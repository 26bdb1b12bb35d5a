-- moonlab run recipes/digits.lua
-- Which digit was spoken? A small network over mel spectra. The recordings 0 to 4 of each digit and speaker are held out, as the Free
-- Spoken Digit Dataset proposes: the same six speakers are in all parts. A voice that was never heard is the honest test:
--   moonlab run recipes/digits_new_voice.lua
-- The 3,000 recordings (CC BY-SA 4.0) are not shipped: put the folder recordings/ of github.com/Jakobovski/free-spoken-digit-dataset into
-- fsdd/ in a folder that MOONLAB_DATA names.
local ml = require "moonlab"
local data, features = ml.data, ml.features
local network = require "blocks.spoken_digit"

return ml.recipe {
  name    = "digits",
  problem = { ask = "Which digit was spoken?", accept = { accuracy = 0.95 } },
  task    = "multiclass",
  seed    = 3,
  data = {
    source = data.sounds("fsdd/recordings", {
      rate = 8000, length = 6400, pattern = "^(%d)_(%a+)_(%d+)", label = 1, group = 2,
      test  = function(name) return tonumber(name[3]) < 5 end,
      valid = function(name) return tonumber(name[3]) < 10 end,
      hint  = "The Free Spoken Digit Dataset: https://github.com/Jakobovski/free-spoken-digit-dataset, its folder recordings/ as fsdd/recordings/",
    }),
    target = "label", id = "file",
    columns = { group = data.ignore() },
  },
  split    = { by = "part" },
  features = { features.mel { rate = 8000, bands = 32, n_fft = 256, hop = 128 } }, -- [1, 32, 51]
  model    = network(0.4),
  train    = { loss = "cross_entropy", batch = 32, epochs = 12,
               optimizer = ml.optim.adamw { lr = 2e-3, weight_decay = 1e-2, schedule = ml.optim.cosine() } },
}
