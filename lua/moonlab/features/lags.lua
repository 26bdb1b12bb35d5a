--- features.lags: the values of rows before.

local blame = require "moonlab.blame"
local series = require "moonlab.features.series"

local function is_count(v) return math.type(v) == "integer" and v > 0 end

local function check(o, where)
  if type(o.lags) == "number" then o.lags = { o.lags } end
  if type(o.lags) ~= "table" or #o.lags == 0 then blame.raise("%s: lags are needed, as in lags = {1, 7}", where) end
  for _, lag in ipairs(o.lags) do
    if not is_count(lag) then blame.raise("%s: a lag is a number of rows from 1, got %s", where, blame.show(lag)) end
  end
end

local function names(o, name)
  local out = {}
  for i, lag in ipairs(o.lags) do out[i] = ("%s.lag_%d"):format(name, lag) end
  return out
end

local function values(x, rank, o)
  local out = {}
  for i, lag in ipairs(o.lags) do out[i] = series.shifted(x, rank, lag) end
  return out
end

--- What a column was in rows before, in the row's own series: sales.lag_7 is what sales was 7 rows ago, pandas' shift(7) of each group. The
-- target may be looked back at. It stands before all other features; a part may look back at the parts before it, but no row at one of a
-- later part: cut by data.time. `moonlab predict` knows the last rows of each series and goes on from there.
-- @param o  { columns = names (needed), lags = {1, 7} (needed): rows back, group = the column that says which series a row is of (data.group, or
--           all are one), order = the column of the time (data.time, or the order of the rows), missing = "drop": rows without enough past
--           are left out, or what data.number's missing may say, such as "median" or 0 }
-- @return a spec for a recipe's features
-- @error a lag below 1; at fitting, rows without a series or time
-- @usage features = { features.lags { columns = { "sales" }, lags = { 1, 7 }, group = "store" }, features.standardize() }
return series.kind { name = "lags", options = { { "lags", "any" } }, check = check, names = names, values = values,
  looks_back = function(o) return math.max(table.unpack(o.lags)) end }
