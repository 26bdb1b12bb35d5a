-- Where an axis is labelled: at multiples of 1, 2 or 5, at powers of ten, at whole units of time.

local number = require "moonlab.plot.number"

local ticks = {}

-- The smallest of 1, 2, 5 times a power of ten that is at least x.
local function nice(x)
  local power = 10.0 ^ math.floor(math.log(x, 10) + 1e-9)
  for _, factor in ipairs { 1, 2, 5 } do
    if factor * power >= x * (1 - 1e-9) then return factor * power end
  end
  return 10 * power
end

local function labelled(list, step)
  local names, out = number.labels(list, step), {}
  for i, value in ipairs(list) do out[i] = { value = value, text = names[i] } end
  return out
end

--- At most about `most` multiples of a round step between two numbers.
function ticks.linear(low, high, most, whole)
  local step = nice((high - low) / math.max(1, most))
  if whole then step = math.max(1, step) end
  local list = {}
  if not (step > 1e-300) then return list end -- of numbers that are too small to be divided
  local slack = 1e-9 * (high - low) / step
  for i = math.ceil(low / step - slack), math.floor(high / step + slack) do
    -- i / (1 / step) is the nearest number to the decimal one where the step is below 1
    list[#list + 1] = step < 1 and i / math.floor(1 / step + 0.5) or i * step
  end
  return labelled(list, step)
end

--- Powers of ten, every few of them where they are many; within one decade the multiples 1, 2 and 5.
function ticks.log(low, high, most)
  local first, last = math.log(low, 10), math.log(high, 10)
  local every = math.max(1, math.ceil((last - first) / math.max(1, most)))
  local factors = last - first < math.min(2, most / 3) and { 1, 2, 5 } or { 1 }
  if last - first < 0.7 then return ticks.linear(low, high, most) end
  local out = {}
  for power = math.floor(first), math.floor(last + 1e-9) do
    if power % every == 0 then
      for _, factor in ipairs(factors) do
        local value = factor * 10.0 ^ power
        if value >= low * (1 - 1e-9) and value <= high * (1 + 1e-9) then
          out[#out + 1] = { value = value, text = number.labels({ value }, value)[1] }
        end
      end
    end
  end
  return out
end

-- Time ------------------------------------------------------------------------------------------------------------------

local DAY = 86400

-- Days since 1970-01-01 of a date, and back: the proleptic Gregorian calendar in eras of 400 years, years from March on.
-- Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
local function days_of(year, month, day)
  if month <= 2 then year = year - 1 end
  local era = year // 400
  local of_era, of_year = year - era * 400, (153 * ((month + 9) % 12) + 2) // 5 + day - 1
  return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468
end

local function date_of(days)
  days = days + 719468
  local era = days // 146097
  local rest = days - era * 146097
  local of_era = (rest - rest // 1460 + rest // 36524 - rest // 146096) // 365
  local of_year = rest - (365 * of_era + of_era // 4 - of_era // 100)
  local shifted = (5 * of_year + 2) // 153
  local month = shifted < 10 and shifted + 3 or shifted - 9
  return of_era + era * 400 + (month <= 2 and 1 or 0), month, of_year - (153 * shifted + 2) // 5 + 1
end

-- Seconds since 1970 -> year, month, day, hour, minute, second
local function fields_of(seconds)
  seconds = math.floor(seconds)
  local year, month, day = date_of(seconds // DAY)
  local rest = seconds % DAY
  return year, month, day, rest // 3600, rest // 60 % 60, rest % 60
end

local SECONDS = { 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, DAY, 2 * DAY, 7 * DAY, 14 * DAY }
local MONTHS = { 1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000, 12000 }
local MONTH = 30.44 * DAY

--- "2021-03-05", with the time of day where it is not midnight.
function ticks.date(seconds)
  local year, month, day, hour, minute, second = fields_of(seconds)
  local date = ("%04d-%02d-%02d"):format(year, month, day)
  if hour + minute + second == 0 then return date end
  return date .. (second == 0 and (" %02d:%02d"):format(hour, minute) or (" %02d:%02d:%02d"):format(hour, minute, second))
end

-- Every so many months: their first days.
local function by_months(low, high, step)
  local year, month = fields_of(low)
  local out = {}
  local at = (year * 12 + month - 1) // step * step
  while true do
    local value = days_of(at // 12, at % 12 + 1, 1) * DAY
    if value > high then return out end
    if value >= low then
      local name = step % 12 == 0 and ("%d"):format(at // 12) or ("%d-%02d"):format(at // 12, at % 12 + 1)
      out[#out + 1] = { value = value, text = name }
    end
    at = at + step
  end
end

local function by_seconds(low, high, step)
  local out, days = {}, high - low > DAY
  for value = math.ceil(low / step) * step, math.floor(high), step do
    local _, month, day, hour, minute, second = fields_of(value)
    local name
    if step >= DAY then name = ticks.date(value)
    elseif step < 60 then name = ("%02d:%02d:%02d"):format(hour, minute, second)
    else name = days and ("%02d-%02d %02d:%02d"):format(month, day, hour, minute) or ("%02d:%02d"):format(hour, minute) end
    out[#out + 1] = { value = value, text = name }
  end
  return out
end

--- Seconds since 1970-01-01 UTC at whole seconds, minutes, hours, days, months or years.
function ticks.time(low, high, most)
  local span = (high - low) / math.max(1, most)
  for _, step in ipairs(SECONDS) do
    if step >= span then return by_seconds(low, high, step) end
  end
  for _, step in ipairs(MONTHS) do
    if step * MONTH >= span then return by_months(low, high, step) end
  end
  return by_months(low, high, MONTHS[#MONTHS])
end

return ticks
