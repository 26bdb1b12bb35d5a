--- features.log: logarithms.

local blame = require "moonlab.blame"
local Feature = require "moonlab.features.feature"
local numeric = require "moonlab.features.numeric"

local ABOVE = { log = 0, log1p = -1 }

-- Other rows that have no logarithm are named by the pipeline, which takes none but finite numbers.
local function fit(values, o, column)
  local least = values:min():item()
  if least <= ABOVE[o.method] then
    blame.raise("features.log: column '%s' has the value %g; %s takes numbers above %d, features.power takes all", column.name, least,
      o.method, ABOVE[o.method])
  end
  return {}
end

local function apply(values, _, o) return values[o.method](values) end

local fit_column, apply_column = numeric.both(fit, apply)

--- The natural logarithm of each number, or of 1 + the number. A row that has none when the model serves is an error.
-- @param o  { method = "log1p" (numbers above -1) or "log" (above 0), columns = names; all numbers if not given }
-- @return a spec for a recipe's features
-- @error a number of the training part that has no logarithm
-- @usage features = { features.log { columns = { "income" } } }
return Feature.kind { name = "log", options = { { "method", { "log1p", "log" }, "log1p" } }, takes = numeric.TYPES, wants = "numbers",
  fit = fit_column, apply = apply_column }
