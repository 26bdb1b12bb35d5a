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

--- Runs a function that sets seeds of its own; afterwards the streams go on where they were.
-- @return what f gives
function seed.held(f)
  local value, models, drawn = seed.value, seed.models, core.seed(seed.value)
  local ok, result = pcall(f)
  seed.value, seed.models = value, models
  core.seed(value, drawn)
  if not ok then error(result, 0) end
  return result
end

return seed
