--- Outliers of a table's columns, as data.number{outliers = ...} has them: what the option may say, and the rows beyond the fences.

local blame = require "moonlab.blame"
local core = require "moonlab.core"
local failure = require "moonlab.failure"
local fences = require "moonlab.fences"
local options = require "moonlab.options"
local suggest = require "moonlab.suggest"

local outliers = {}

local read = options("data.number: outliers", {
  { "method", fences.METHODS, "iqr" }, { "factor", "number" }, { "action", { "quarantine", "drop", "missing" }, "quarantine" },
}, "data.number{outliers = {method = 'iqr', factor = 3}}")

--- The option as it was given: a method or a table.
-- @param wish     "iqr", "z_score" or { method =, factor =, action = }
-- @param missing  the list of what the spec says of missing values, or nil
-- @return { method =, factor =, action = }
function outliers.read(wish, missing)
  if type(wish) == "string" then wish = { method = wish } end
  local o = read(wish)
  fences.check(o, "data.number: outliers")
  o.factor = fences.factor(o)
  for _, word in ipairs(o.action == "missing" and missing or {}) do
    if word == "drop" or word == "invalid" then
      blame.raise("data.number: outliers: action = 'missing' with missing = '%s' takes the row out: write action = '%s'", word,
        word == "drop" and "drop" or "quarantine")
    end
  end
  return o
end

--- What lies beyond the fences of a column.
-- @param column  of numbers
-- @param valid   a mask: the rows that the fences are taken from
-- @param o       what outliers.read gave
-- @param name    of the source, for messages
-- @return a mask, { low, high } and the reason; nil where no valid row has a finite value
-- @error a failure with status 4 where half of the values and more are the same, so that all others would lie beyond
function outliers.of(column, valid, o, name)
  local values, here = column.values:to "float64", core.ops.logical_not(column:is_missing().values)
  local base = values:masked_select(core.ops.logical_and(core.ops.logical_and(valid, here), values:isfinite()))
  if #base == 0 then return nil end
  local low, high = fences.of(base:reshape { -1, 1 }, o)
  low, high = low[1], high[1]
  if low == high and base:ne(low):any():item() then
    failure.raise("data", "%s: '%s': outliers: both quartiles are %g, so that all other values would be outliers: say method = 'z_score', or min and max",
      name, column.name, low)
  end
  local beyond = core.ops.logical_and(here, core.ops.logical_or(values:lt(low), values:gt(high)))
  return beyond, { low, high }, ("outside of %.6g to %.6g (%s, factor %g)"):format(low, high, o.method, o.factor)
end

return outliers
