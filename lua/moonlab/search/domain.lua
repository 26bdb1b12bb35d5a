--- What a space may give, as a search sees it: places in a list, or points of an axis from 0 to 1 on which a range lies.

local domain = {}

--- What tells two spaces apart: their name and what they may give. Two branches of a recipe may call unlike spaces by one name.
function domain.key(entry)
  local ends = entry.values and #entry.values or ("%.17g %.17g"):format(entry.low, entry.high)
  return ("%s %s %s"):format(entry.name, entry.kind, ends)
end

local function round(x) return math.floor(x + 0.5) end

--- The value at a point of a range.
-- @param entry  a space that is no list
-- @param u      from 0 to 1
function domain.value(entry, u)
  local low, high = entry.low, entry.high
  local value
  if entry.kind == "int_uniform" then return math.min(high, low + math.floor(u * (high - low + 1))) end
  if entry.kind == "log_uniform" then
    value = math.exp(math.log(low) + u * (math.log(high) - math.log(low)))
  else
    value = low + u * (high - low)
  end
  value = tonumber(("%.6g"):format(value)) -- so many digits are shown, and can be written in a recipe
  return math.max(low, math.min(high, value)) + 0.0
end

--- Where a value lies on the axis of its range.
function domain.point(entry, value)
  local low, high = entry.low, entry.high
  if entry.kind == "int_uniform" then return (value - low + 0.5) / (high - low + 1) end
  if entry.kind == "log_uniform" then return (math.log(value) - math.log(low)) / (math.log(high) - math.log(low)) end
  return (value - low) / (high - low)
end

--- What a grid tries of a space: places of a list; of a range so many values, evenly from end to end (of its logarithm).
-- @param entry   the space
-- @param points  of a range, at most
function domain.levels(entry, points)
  local levels = {}
  if entry.values then
    for i = 1, #entry.values do levels[i] = i end
  elseif entry.kind == "int_uniform" then
    local n = math.min(points, entry.high - entry.low + 1)
    for i = 1, n do levels[i] = entry.low + round((i - 1) * (entry.high - entry.low) / math.max(1, n - 1)) end
  else
    for i = 1, points do levels[i] = domain.value(entry, points == 1 and 0.5 or (i - 1) / (points - 1)) end
  end
  return levels
end

--- A choice at random.
-- @param entry   the space
-- @param stream  of keyed.lua
function domain.draw(entry, stream)
  if entry.values then return stream:place(#entry.values) end
  return domain.value(entry, stream:uniform())
end

--- What a space has given, as domain.draw gives it: the place in a list, the value of a range.
function domain.choice(entry) return entry.index or entry.value end

return domain
