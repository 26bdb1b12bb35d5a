--- Times as text: dates and times of ISO 8601, and of a format with the fields of strftime. UTC where no offset is given.

local blame = require "moonlab.blame"

local M = {}

local DAY = 86400
local DAYS = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

local function is_leap(year) return year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0) end

-- Days since 1970-01-01, counted in years that begin in March.
local function days_of(year, month, day)
  if month <= 2 then year, month = year - 1, month + 12 end
  local era = year // 400
  local of_era = year - era * 400
  local of_year = (153 * (month - 3) + 2) // 5 + day - 1
  return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468
end

-- Seconds since 1970 of fields, nil where there is no such day or time.
local function seconds_of(f)
  local most = f.month and DAYS[f.month]
  if not most or f.day < 1 or f.day > (f.month == 2 and is_leap(f.year) and 29 or most) then return nil end
  if f.hour > 23 or f.minute > 59 or f.second >= 60 then return nil end
  return days_of(f.year, f.month, f.day) * DAY + f.hour * 3600.0 + f.minute * 60 + f.second - f.offset
end

-- "Z", "+02:00", "-0530", "" -> seconds
local function offset_of(text)
  if text == "" or text == "Z" or text == "z" then return 0 end
  local sign, hours, minutes = text:match "^([+-])(%d%d):?(%d?%d?)$"
  if not sign or #minutes == 1 then return nil end
  local seconds = tonumber(hours) * 3600 + (tonumber(minutes) or 0) * 60
  return sign == "-" and -seconds or seconds
end

local function clock(text)
  if text == "" then return 0, 0, 0, "" end
  local hour, minute, rest = text:match "^[T ](%d%d):(%d%d)(.*)$"
  if not hour then return nil end
  local second, zone = rest:match "^:(%d%d%.?%d*)(.*)$"
  return tonumber(hour), tonumber(minute), tonumber(second or 0), zone or rest
end

--- Seconds since 1970 of "2024-02-29", "2024-02-29 13:05", "2024-02-29T13:05:06.5+02:00"; nil of anything else.
function M.parse(text)
  local year, month, day, rest = text:match "^%s*(%-?%d%d%d%d)%-(%d%d)%-(%d%d)(.-)%s*$"
  if not year then return nil end
  local hour, minute, second, zone = clock(rest)
  local offset = hour and offset_of(zone)
  if not offset then return nil end
  return seconds_of { year = tonumber(year), month = tonumber(month), day = tonumber(day), hour = hour, minute = minute, second = second,
    offset = offset }
end

--- The same for a constant in a comparison.
-- @error what is no date
function M.seconds(text, where)
  local seconds = M.parse(text)
  if not seconds then blame.raise("%s: '%s' is no date; write it as \"2024-02-29\" or \"2024-02-29 13:05:06\"", where, text) end
  return seconds
end

-- Formats -----------------------------------------------------------------------------------------------------------------

local MONTHS = { jan = 1, feb = 2, mar = 3, apr = 4, may = 5, jun = 6, jul = 7, aug = 8, sep = 9, oct = 10, nov = 11, dec = 12 }

-- What a field matches, and what it does with it.
local FIELDS = {
  Y = { "(%-?%d%d%d%d)", function(f, v) f.year = tonumber(v) end },
  y = { "(%d%d)", function(f, v) f.year = tonumber(v) + (tonumber(v) < 69 and 2000 or 1900) end }, -- POSIX
  m = { "(%d%d?)", function(f, v) f.month = tonumber(v) end },
  b = { "(%a%a%a)", function(f, v) f.month = MONTHS[v:lower()] end },
  d = { "(%d%d?)", function(f, v) f.day = tonumber(v) end },
  H = { "(%d%d?)", function(f, v) f.hour = tonumber(v) end },
  M = { "(%d%d)", function(f, v) f.minute = tonumber(v) end },
  S = { "(%d%d%.?%d*)", function(f, v) f.second = tonumber(v) end },
  z = { "([Zz+-]%d*:?%d*)", function(f, v) f.offset = offset_of(v) end },
}

--- The function that reads text of a format: "%d.%m.%Y %H:%M".
-- @param format  fields %Y %y %m %b (Jan) %d %H %M %S %z, anything else as it stands
-- @return function(text) -> seconds since 1970, or nil
-- @error an unknown field
function M.reader(format)
  local fields = {}
  local pattern = format:gsub("[%^%$%(%)%.%[%]%*%+%-%?]", "%%%0"):gsub("%%(%a)", function(letter)
    local field = FIELDS[letter]
    if not field then blame.raise("time: unknown field %%%s in the format '%s'; there are %%Y %%y %%m %%b %%d %%H %%M %%S %%z", letter, format) end
    fields[#fields + 1] = field[2]
    return field[1]
  end)
  pattern = "^%s*" .. pattern .. "%s*$"
  return function(text)
    local found = table.pack(text:match(pattern))
    if not found[1] then return nil end
    local f = { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0, offset = 0 }
    for i, set in ipairs(fields) do set(f, found[i]) end
    return f.month and f.offset and seconds_of(f)
  end
end

-- Writing -----------------------------------------------------------------------------------------------------------------

local function date_of(days)
  days = days + 719468
  local era = days // 146097
  local of_era = days - era * 146097
  local year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
  local of_year = of_era - (365 * year + year // 4 - year // 100)
  local month = (5 * of_year + 2) // 153
  local day = of_year - (153 * month + 2) // 5 + 1
  month = month < 10 and month + 3 or month - 9
  return year + era * 400 + (month <= 2 and 1 or 0), month, day
end

--- "2024-02-29", or "2024-02-29 13:05:06" with the fraction of a second where there is one.
-- @param seconds   since 1970, a finite number
-- @param with_time  whether midnight is written too
function M.format(seconds, with_time)
  local days = math.floor(seconds / DAY)
  local rest = seconds - days * DAY
  local date = ("%04d-%02d-%02d"):format(date_of(days))
  if rest == 0 and not with_time then return date end
  local whole = math.floor(rest)
  local text = ("%s %02d:%02d:%02d"):format(date, whole // 3600, whole // 60 % 60, whole % 60)
  if rest == whole then return text end
  return text .. (("%.6f"):format(rest - whole):match "^0(%.%d-)0*$" or "")
end

return M
