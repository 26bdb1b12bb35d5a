--- features.rolling: statistics of the rows before.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local suggest = require "moonlab.suggest"
local series = require "moonlab.features.series"

local ops = core.ops

local AT_ONCE = 1 << 21 -- values: windows of so many together are laid out at once

local NAMES = { "mean", "std", "min", "max", "sum" }

-- Of windows [m, width], none of which has a NaN: one number each. The deviation is that of a sample (divided by n - 1), as pandas' is.
local OF = {
  mean = function(x) return x:mean(2) end,
  std = function(x) return ((x - x:mean(2):unsqueeze(2)):square():sum(2) / (x:size(2) - 1)):sqrt() end,
  min = function(x) return (x:min(2)) end,
  max = function(x) return (x:max(2)) end,
  sum = function(x) return x:sum(2) end,
}

local function check(o, where)
  if not o.window then blame.raise("%s: window, a number of rows, is needed; write %s{window = 7}", where, where) end
  if #o.statistics == 0 then blame.raise("%s: statistics are needed, as in statistics = {\"mean\", \"std\"}", where) end
  for _, name in ipairs(o.statistics) do
    if not OF[name] then blame.raise("%s: %s", where, suggest.unknown("statistic", tostring(name), NAMES)) end
    if name == "std" and o.window < 2 then blame.raise("%s: one row has no deviation; write a window from 2", where) end
  end
end

local function names(o, name)
  local out = {}
  for i, statistic in ipairs(o.statistics) do
    out[i] = ("%s.%s_%d%s"):format(name, statistic, o.window, o.lag > 1 and "_lag_" .. o.lag or "")
  end
  return out
end

-- The windows of places from..to: those that end `lag` places before.
local function windows(x, from, to, o)
  local last = (core.arange(from, to) - o.lag):unsqueeze(2)
  local at = last - core.arange(0, o.window - 1):unsqueeze(1)
  return x:index_select(1, at:clamp(1):reshape { -1 }):reshape { to - from + 1, o.window }
end

local function values(x, rank, o)
  local parts, n, step = {}, #x, math.max(1, AT_ONCE // o.window)
  for i = 1, #o.statistics do parts[i] = {} end
  for from = 1, n, step do
    local to = math.min(from + step - 1, n)
    local window = windows(x, from, to, o)
    local unknown = ops.logical_or(rank:slice(1, from, to):lt(o.lag + o.window - 1), window:isnan():any(2))
    for i, name in ipairs(o.statistics) do parts[i][#parts[i] + 1] = OF[name](window):masked_fill(unknown, 0 / 0) end
  end
  local out = {}
  for i, list in ipairs(parts) do out[i] = ops.cat(list, 1) end
  return out
end

--- Statistics of the rows before, in the row's own series: sales.mean_7 is the mean of sales over the 7 rows before it, pandas'
-- shift(1).rolling(7).mean() of each group; the row itself does not count. A window with a missing value is missing. For the rest as
-- features.lags.
-- @param o  { columns = names (needed), window = rows (needed), statistics = {"mean"}, also "std", "min", "max", "sum", lag = 1: the window ends so many
--           rows before, group =, order =, missing = "drop" as of features.lags }
-- @return a spec for a recipe's features
-- @error an unknown statistic, a deviation of one row
-- @usage features = { features.rolling { columns = { "sales" }, window = 7, statistics = { "mean", "max" } }, features.standardize() }
return series.kind { name = "rolling", check = check, names = names, values = values,
  options = { { "window", "count" }, { "statistics", "table", { "mean" } }, { "lag", "count", 1 } },
  looks_back = function(o) return o.lag + o.window - 1 end }
