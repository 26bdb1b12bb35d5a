-- An axis: from values to places between 0 and 1, and the labels that fit.

local ticks = require "moonlab.plot.ticks"

local Axis = {}
Axis.__index = Axis

local SMALLEST = 5e-324 -- number above 0
local TINY = 1e-280 -- a length that numbers cannot divide further

-- A range that has a length, also where all values are equal or none is there.
local function range(low, high, is_log)
  if low > high then return is_log and 1 or 0, is_log and 10 or 1 end
  if high - low > math.max(is_log and 0 or TINY, 1e-12 * math.max(math.abs(low), math.abs(high))) then return low, high end
  if is_log then return math.max(SMALLEST, low / 2), high * 2 end
  local margin = math.abs(low) < TINY and 0.5 or math.abs(low) * 0.05
  return low - margin, high + margin
end

--- An axis of numbers.
-- @param o  { low =, high = of the values, log =, time =, label =, whole = labels at integers only, margin = left free at the
--           ends where there is room for it: "both" (if not given), "high" or "none" }
function Axis.numeric(o)
  local kind = o.log and "log" or o.time and "time" or "linear"
  local low, high = range(o.low, o.high, o.log)
  local self = setmetatable({ kind = kind, low = low, high = high, label = o.label, whole = o.whole, margin = o.margin or "both" }, Axis)
  self.from, self.to = self:scaled(low), self:scaled(high)
  return self
end

--- An axis of names, at 1, 2, ...
function Axis.categories(names, label)
  return setmetatable({ kind = "category", names = names, low = 0.5, high = #names + 0.5, from = 0.5, to = #names + 0.5, label = label,
    margin = "none" }, Axis)
end

--- A value on the scale that is linear on the page.
function Axis:scaled(value)
  if self.kind ~= "log" then return value end
  return value > 0 and math.log(value, 10) or -math.huge
end

--- Where a value lies: 0 at the low end, 1 at the high one.
function Axis:place(value)
  return math.max(0, math.min(1, (self:scaled(value) - self.from) / (self.to - self.from)))
end

local function category_ticks(names, most)
  local every, out = math.max(1, math.ceil(#names / math.max(1, most))), {}
  for i = 1, #names, every do out[#out + 1] = { value = i, text = names[i] } end
  return out
end

--- About `most` labels: a list of { value =, text = }.
function Axis:ticks(most)
  if self.kind == "category" then return category_ticks(self.names, most) end
  if self.kind == "linear" then return ticks.linear(self.low, self.high, most, self.whole) end
  return ticks[self.kind](self.low, self.high, most)
end

local function overlap(list, length, axis, measure, gap)
  for i = 2, #list do
    local apart = (axis:place(list[i].value) - axis:place(list[i - 1].value)) * length
    if apart < (measure(list[i].text) + measure(list[i - 1].text)) / 2 + gap then return true end
  end
  return false
end

--- As many labels beside one another as fit without touching.
-- @param length   of the axis
-- @param most     labels, even where more fit
-- @param measure  function(text) -> its length
-- @param gap      the least that is between two
function Axis:fitting(length, most, measure, gap)
  for count = most, 2, -1 do
    local list = self:ticks(count)
    if not overlap(list, length, self, measure, gap) then return list end
  end
  local list = self:ticks(1)
  return overlap(list, length, self, measure, gap) and { list[1] } or list
end

return Axis
