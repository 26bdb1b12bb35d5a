--- Dates in text: those of a format with the fields of strftime, brought into the form of ISO 8601, which moonlab.core reads.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local Column = require "moonlab.table.column"

local M = {}

--- Seconds since 1970 of a constant.
-- @param where  what is being called
-- @error what is no date
function M.seconds(text, where)
  local b, e, m = Column.of_strings({ text }, 1):parts()
  local values, bad = core.text_read(b, e, m, true)
  if bad or text == "" then blame.raise("%s: '%s' is no date; write it as \"2024-02-29\" or \"2024-02-29 13:05:06\"", where, text) end
  return values:item()
end

local MONTHS = { jan = 1, feb = 2, mar = 3, apr = 4, may = 5, jun = 6, jul = 7, aug = 8, sep = 9, oct = 10, nov = 11, dec = 12 }

-- What a field matches, and where its value goes.
local FIELDS = {
  Y = { "(%d%d%d%d)", function(f, v) f.year = tonumber(v) end },
  y = { "(%d%d)", function(f, v) f.year = tonumber(v) + (tonumber(v) < 69 and 2000 or 1900) end }, -- POSIX
  m = { "(%d%d?)", function(f, v) f.month = tonumber(v) end },
  b = { "(%a%a%a)", function(f, v) f.month = MONTHS[v:lower()] or 0 end },
  d = { "(%d%d?)", function(f, v) f.day = tonumber(v) end },
  H = { "(%d%d?)", function(f, v) f.hour = tonumber(v) end },
  M = { "(%d%d)", function(f, v) f.minute = tonumber(v) end },
  S = { "(%d%d%.?%d*)", function(f, v) f.second = v end },
  z = { "([Zz+-]%d*:?%d*)", function(f, v) f.zone = v:upper() end },
}

local function pattern_of(format)
  local setters = {}
  local pattern = format:gsub("[%^%$%(%)%.%[%]%*%+%-%?]", "%%%0"):gsub("%%(%a)", function(letter)
    local field = FIELDS[letter]
    if not field then blame.raise("time: unknown field %%%s in the format '%s'; there are %%Y %%y %%m %%b %%d %%H %%M %%S %%z", letter, format) end
    setters[#setters + 1] = field[2]
    return field[1]
  end)
  if #setters == 0 then blame.raise("time: the format '%s' has no fields, as %%Y %%m %%d are", format) end
  return "^%s*" .. pattern .. "%s*$", setters
end

--- The function that writes text of a format, "%d.%m.%Y %H:%M", as ISO 8601; "?", which is no date, for text of another form.
-- @param format  fields %Y %y %m %b (Jan) %d %H %M %S %z, anything else as it stands
-- @return function(text) -> text, or nil of a blank one
-- @error an unknown field
function M.to_iso(format)
  local pattern, setters = pattern_of(format)
  return function(text)
    if not text:find "%S" then return nil end
    local found = table.pack(text:match(pattern))
    if not found[1] then return "?" end
    local f = { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = "00", zone = "" }
    for i, set in ipairs(setters) do set(f, found[i]) end
    return ("%04d-%02d-%02dT%02d:%02d:%s%s"):format(f.year, f.month, f.day, f.hour, f.minute, f.second, f.zone)
  end
end

return M
