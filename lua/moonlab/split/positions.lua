-- Positions of rows as int64 tensors, ascending; what the ways of cutting share.

local core = require "moonlab.core"
local blame = require "moonlab.blame"

local positions = {}

--- How many of n rows a fraction is: at least one, and one is left over, where both can be.
function positions.share(n, fraction)
  local count = math.floor(n * fraction + 0.5)
  if fraction > 0 and n > 1 then count = math.max(1, math.min(n - 1, count)) end
  return count
end

--- The positions i from 1 to n for which is_in(i).
function positions.where(n, is_in)
  local list = {}
  for i = 1, n do
    if is_in(i) then list[#list + 1] = i end
  end
  return #list > 0 and core.tensor(list) or core.empty(0, { dtype = "int64" })
end

--- What stays and what is cut off, of n rows.
-- @param is_cut  function(position) -> whether it is cut off
function positions.two(n, is_cut)
  return positions.where(n, function(i) return not is_cut(i) end), positions.where(n, is_cut)
end

--- What stays and what is cut off, of n rows, which may be more than a list should hold.
-- @param cut  int64 tensor of the positions that are cut off, in any order
function positions.without(n, cut)
  local mask = core.zeros({ n }, { dtype = "int64" }):index_fill(1, cut, 1):ne(0)
  return mask:logical_not():nonzero():reshape { -1 }, mask:nonzero():reshape { -1 }
end

--- The rows that train and those that test, by the parts that they are in.
-- @param part_of  int64 tensor: the part of each row
-- @param tests    function(part_of) -> a mask: which rows test
function positions.of_parts(part_of, tests)
  local mask = tests(part_of)
  return mask:logical_not():nonzero():reshape { -1 }, mask:nonzero():reshape { -1 }
end

--- The elements of a list at positions.
-- @param list  a list
-- @param rows  int64 tensor of positions
function positions.pick(list, rows)
  local out = {}
  for i, row in ipairs(rows:tolist()) do out[i] = list[row] end
  return out
end

--- Refuses a fraction that is none.
function positions.check_fraction(where, fraction)
  if type(fraction) ~= "number" or not (fraction >= 0 and fraction < 1) then
    blame.raise("%s: the fraction must be from 0 to below 1, got %s", where, blame.show(fraction))
  end
end

--- Refuses a number of rows that is none.
function positions.check_count(where, n)
  if type(n) ~= "number" or not math.tointeger(n) or n < 0 then
    blame.raise("%s: the number of rows must be a positive integer, got %s", where, blame.show(n))
  end
end

return positions
