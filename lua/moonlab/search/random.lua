--- Combinations at random, each keyed by the seed and its number. One that was there already is drawn again, so that lists are not
-- searched twice; where it seems that there are no others, the search ends.

local domain = require "moonlab.search.domain"
local keyed = require "moonlab.search.keyed"

local Random = {}
Random.__index = Random

--- The choices of a trial.
-- @param trial    its number
-- @param attempt  1; 2, 3, ... where what was drawn before was there already
-- @return function(entry) -> a choice for space.begin
function Random:propose(trial, attempt)
  return function(entry) return domain.draw(entry, keyed(self.seed, trial, attempt, domain.key(entry))) end
end

--- @param o  { seed = }
return function(o) return setmetatable({ seed = o.seed, again = true }, Random) end
