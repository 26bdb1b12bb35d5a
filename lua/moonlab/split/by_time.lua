-- Cuts by time: ml.split.by_time. What comes last is held out, and rows of one time are on one side.

local blame = require "moonlab.blame"
local positions = require "moonlab.split.positions"
local values = require "moonlab.split.values"

local by_time = {}

-- The place, among those where a new time begins, that is nearest to the wanted one; of two, the later one.
local function nearest(starts, wanted)
  local best = starts[2]
  for i = 3, #starts do
    if math.abs(starts[i] - wanted) <= math.abs(best - wanted) then best = starts[i] end
  end
  return best
end

--- Cuts about a fraction of the rows off: those of the latest times. Rows of one time stay together, so that none trains that
-- is as late as one that is held out.
-- @param times     one value a row: a tensor or a list of numbers, or texts that sort as times do (2024-01-31)
-- @param fraction  the part that is cut off, from 0 to below 1
-- @return two int64 tensors of positions, ascending: what stays, what is cut off
-- @error a single time, which can't be cut in two
-- @usage local past, future = ml.split.by_time({ 2021, 2022, 2023, 2023 }, 0.5)
function by_time.by_time(times, fraction)
  positions.check_fraction("split.by_time", fraction)
  local list = values.list("split.by_time", "times", times)
  local n = #list
  if fraction == 0 or n == 0 then return positions.two(n, function() return false end) end
  local rows, starts = values.by_time("split.by_time", list)
  if #starts == 1 then blame.raise("split.by_time: all rows have the time %s; none is later", values.show(list[1])) end
  local cut = {}
  for place = nearest(starts, n - positions.share(n, fraction) + 1), n do cut[rows[place]] = true end
  return positions.two(n, function(row) return cut[row] end)
end

return by_time
