-- The rows of batch after batch, with what was read for them ahead of time.

local core = require "moonlab.core"
local blame = require "moonlab.blame"

local AHEAD, MOST = 3, 16 -- batches that are under way beside the one that is worked on; threads

local Closer = {}
Closer.__index = Closer
function Closer:__close() self.close() end

-- Of itself: with one thread for all none more, and few, as whoever waits for a batch helps with all threads.
local function workers_of(given)
  if given and (given < 0 or given > MOST) then blame.raise("batches: workers must be from 0 to %d, got %d", MOST, given) end
  local threads = core.threads()
  return given or (threads == 1 and 0 or threads < 4 and 1 or 2)
end

--- Reads ahead, if the set can and may. Nothing begins before the first rows are asked for.
-- @param set           a data set
-- @param next_stretch  function() -> the rows of the next batch, nil at the end
-- @param workers       threads, or nil
-- @return function() -> rows, what set:ahead read for them (nil: nothing)
-- @return what `for` closes when the loop is left; nil where nothing is read ahead
return function(set, next_stretch, workers)
  workers = workers_of(workers)
  local ahead = workers > 0 and set:ahead(workers)
  if not ahead then return next_stretch end
  local asked, first, last, ended = {}, 1, 0, false
  local function ask()
    local rows = next_stretch()
    if not rows then ended = true return end
    ahead.ask(rows)
    last = last + 1
    asked[last] = rows
  end
  local function next_rows()
    while not ended and last - first < AHEAD do ask() end
    local rows = asked[first]
    if not rows then return ahead.close() end
    asked[first], first = nil, first + 1
    return rows, ahead.take()
  end
  return next_rows, setmetatable(ahead, Closer)
end
