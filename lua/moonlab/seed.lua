--- The root of every random stream: ml.manual_seed(n).
-- Models that are built take numbers, so that two of the same kind start from different weights.

local core = require "moonlab.core"

local seed = { value = 0, models = 0 }

--- Starts all random streams anew. The same seed gives the same bits, whatever the threads.
-- @param n  an integer
function seed.set(n)
  seed.value, seed.models = n, 0
  core.seed(n)
end

--- The number of a model that is being built: 0, 1, ... since the seed was set.
function seed.next_model()
  seed.models = seed.models + 1
  return seed.models - 1
end

return seed
