--- features.one_hot: a field for each category.

local core = require "moonlab.core"
local Feature = require "moonlab.features.feature"
local numeric = require "moonlab.features.numeric"

local function fit(column, o)
  local words, from = column.categories, o.drop_first and 2 or 1
  local kept = table.move(words, from, #words, 1, {})
  return { categories = kept }
end

-- A category that the training part did not have, or a missing one, is 0 in all fields.
local function apply(column, state)
  local codes = column:category(state.categories).values
  local fields = {}
  for i, word in ipairs(state.categories) do fields[i] = column.name .. "=" .. word end
  return numeric.matrix(column.name, core.sparse_one_hot(codes, #fields), fields)
end

local fit_column, apply_column = Feature.each_column(fit, apply)

--- A field of 0 and 1 for each category of a column. A category that the training part did not have is 0 in all of them.
-- @param o  { columns = names; all categories if not given, drop_first = false: the first category has no field }
-- @return a spec for a recipe's features
-- @usage features = { features.one_hot() }
return Feature.kind { name = "one_hot", options = { { "drop_first", "boolean", false } }, takes = { category = true }, wants = "categories",
  fit = fit_column, apply = apply_column }
