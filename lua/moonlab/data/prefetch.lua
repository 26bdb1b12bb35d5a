-- The rows of batch after batch, with what was read for them ahead of time.

local core = require "moonlab.core"
local blame = require "moonlab.blame"

local AHEAD, MOST = 3, 16 -- batches that are under way beside the one that is worked on; threads

-- Of itself: with one thread for all none more, and few, as whoever waits for a batch helps with all threads.
local function workers_of(given)
  if given and (given < 0 or given > MOST) then blame.raise("batches: workers must be from 0 to %d, got %d", MOST, given) end
  local threads = core.threads()
  return given or (threads == 1 and 0 or threads < 4 and 1 or 2)
end

local Prefetch = {}
Prefetch.__index = Prefetch

-- Rows are asked for until enough are under way.
function Prefetch:ask()
  while not self.ended and self.last - self.first < AHEAD do
    local rows = self.next_stretch()
    if not rows then
      self.ended = true
    else
      self.ahead.ask(rows)
      self.last = self.last + 1
      self.asked[self.last] = rows
    end
  end
end

function Prefetch:take()
  local rows = self.asked[self.first]
  if not rows then return self:close() end
  self.asked[self.first], self.first = nil, self.first + 1
  return rows, self.ahead.take()
end

function Prefetch:close()
  if self.ahead then self.ahead.close() end
end
Prefetch.__close = Prefetch.close

--- Reads ahead, if the set can and may. Nothing begins before the first rows are asked for.
-- @param set           a data set
-- @param next_stretch  function() -> the rows of the next batch, nil at the end
-- @param workers       threads, or nil
-- @return function() -> rows, what set:ahead read for them (nil: nothing)
-- @return what `for` closes when the loop is left, or nil; it can be closed by its method as well
return function(set, next_stretch, workers)
  workers = workers_of(workers)
  if workers == 0 then return next_stretch end
  local self, begun = setmetatable({ next_stretch = next_stretch, asked = {}, first = 1, last = 0 }, Prefetch), false
  return function()
    if not begun then begun, self.ahead = true, set:ahead(workers) end
    if not self.ahead then return next_stretch() end
    self:ask()
    return self:take()
  end, self
end
