--- features.dates: times as numbers of the calendar.

local blame = require "moonlab.blame"
local core = require "moonlab.core"
local calendar = require "moonlab.table.dates"
local suggest = require "moonlab.suggest"
local Feature = require "moonlab.features.feature"
local numeric = require "moonlab.features.numeric"

local ops = core.ops
local DAY = 86400
local FIELDS = { "year", "month", "day", "weekday", "day_of_year", "hour", "minute", "second" }
local FIRST = { month = 1, day = 1, weekday = 1, day_of_year = 1, hour = 0, minute = 0, second = 0 }
local PERIOD = { month = 12, day = 31, weekday = 7, day_of_year = 366, hour = 24, minute = 60, second = 60 }

local known = {}
for _, name in ipairs(FIELDS) do known[name] = true end

local function check(o, where)
  for _, name in ipairs(o.fields or {}) do
    if not known[name] then blame.raise("%s: %s", where, suggest.unknown("field", tostring(name), FIELDS)) end
  end
  if o.since and not pcall(calendar.seconds, o.since, where) then blame.raise("%s: since must be a date as \"2020-01-31\", got '%s'", where, o.since) end
end

local function check_present(column)
  local missing = column.values:isfinite():logical_not():sum():item()
  if missing > 0 then blame.raise("feature '%s' is missing in %d of %d rows", column.name, missing, #column) end
end

-- The fields that are wished for; without a wish the hour is one where the training part has times of day.
local function fit(column, o)
  check_present(column)
  if o.fields then return { fields = o.fields } end
  local fields = { "year", "month", "day", "weekday" }
  if (column.values / DAY):frac():ne(0):any():item() then fields[#fields + 1] = "hour" end
  return { fields = fields }
end

-- A field as it is, or as the place on a circle, where December is next to January.
local function add(parts, labels, column, name, cyclic)
  local values, label = column[name](column).values:to "float64", ("%s.%s"):format(column.name, name)
  if not cyclic or not PERIOD[name] then
    parts[#parts + 1], labels[#labels + 1] = values, label
    return
  end
  local angle = (values - FIRST[name]) * (2 * math.pi / PERIOD[name])
  parts[#parts + 1], labels[#labels + 1] = angle:sin(), label .. "_sin"
  parts[#parts + 1], labels[#labels + 1] = angle:cos(), label .. "_cos"
end

local function apply(column, state, o)
  check_present(column)
  local parts, labels = {}, {}
  for _, name in ipairs(state.fields) do add(parts, labels, column, name, o.cyclic) end
  if o.since then
    parts[#parts + 1] = (column.values - calendar.seconds(o.since, "features.dates")) / DAY
    labels[#labels + 1] = column.name .. ".days"
  end
  if #parts == 0 then blame.raise("features.dates: neither a field nor since is asked for") end
  return numeric.matrix(column.name, ops.stack(parts, 2), labels)
end

local fit_column, apply_column = Feature.each_column(fit, apply)

--- Fields of the calendar for times, in UTC: date.year, date.month, date.weekday (1 is Monday) and so on.
-- @param o  { fields = {"year", "month", "day", "weekday"}, with "hour" where the training part has times of day; also "day_of_year",
--           "minute", "second", cyclic = false: true gives sine and cosine (date.month_sin, date.month_cos) of all but the year,
--           since = a date as "2020-01-31": date.days, the days from then on, columns = names; all times if not given }
-- @return a spec for a recipe's features
-- @error an unknown field, a date that is none
-- @usage features = { features.dates { fields = { "month", "weekday" }, cyclic = true, since = "2020-01-01" } }
return Feature.kind { name = "dates", options = { { "fields", "table" }, { "cyclic", "boolean", false }, { "since", "string" } }, check = check,
  takes = { time = true }, wants = "times", fit = fit_column, apply = apply_column }
