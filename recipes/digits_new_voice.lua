-- moonlab run recipes/digits_new_voice.lua
-- Which digit did a stranger speak? All recordings of one speaker are held out, so that the network has never heard the voice that it is
-- asked about: the first in the alphabet, or another one with
--   moonlab run recipes/digits_new_voice.lua speaker=theo
-- docs/results.md has the scores of all six, which differ much; their mean is what to expect of a seventh.
-- The data are those of recipes/digits.lua.
local ml = require "moonlab"
local data, features = ml.data, ml.features
local network = require "blocks.spoken_digit"

local speaker = ml.choice { "george", "jackson", "lucas", "nicolas", "theo", "yweweler", name = "speaker" }

return ml.recipe {
  name    = "digits_new_voice",
  problem = { ask = "Which digit did a stranger speak?", accept = { accuracy = 0.60 } },
  task    = "multiclass",
  seed    = 3,
  data = {
    source = data.sounds("fsdd/recordings", {
      rate = 8000, length = 6400, pattern = "^(%d)_(%a+)_(%d+)", label = 1, group = 2,
      test  = function(name) return name[2] == speaker end,
      valid = function(name) return tonumber(name[3]) < 5 end,
      hint  = "The Free Spoken Digit Dataset: https://github.com/Jakobovski/free-spoken-digit-dataset, its folder recordings/ as fsdd/recordings/",
    }),
    target = "label", id = "file",
    columns = { group = data.ignore() },
  },
  split    = { by = "part" },
  features = { features.mfcc { rate = 8000, count = 16, bands = 32, n_fft = 256, hop = 128 } }, -- [1, 16, 51]
  model    = network(0.5),
  train    = { loss = "cross_entropy", batch = 32, epochs = 8,
               optimizer = ml.optim.adamw { lr = 2e-3, weight_decay = 1e-2, schedule = ml.optim.cosine() } },
}
