--- features.ordinal: categories as numbers in an order.

local blame = require "moonlab.blame"
local Feature = require "moonlab.features.feature"
local Column = require "moonlab.table.column"

-- The given order, which must have all words of the training part.
local function given_order(column, words)
  local known = {}
  for _, word in ipairs(words) do known[word] = true end
  for _, word in ipairs(column:text():unique():to_list()) do
    if not known[word] then blame.raise("features.ordinal: column '%s' has the category '%s', which is not in its order", column.name, word) end
  end
  return words
end

local function fit(column, o)
  local words = o.order and o.order[column.name]
  return { categories = words and given_order(column, words) or column.categories }
end

local function apply(column, state)
  local codes = column:text():category(state.categories).values
  return Column.new { type = "number", name = column.name, values = codes:to "float64" }
end

local fit_column, apply_column = Feature.each_column(fit, apply)

--- The place of each category in an order, from 1; one that the training part did not have, or a missing one, is 0. scikit-learn's
-- OrdinalEncoder counts from 0 and refuses unknown ones unless told otherwise.
-- @param o  { order = lists of words by column: { size = {"small", "medium", "large"} }; that of data.category, or of the bytes, if not
--           given, columns = names; all categories if not given }
-- @return a spec for a recipe's features
-- @error a category of the training part that is not in the order
-- @usage features = { features.ordinal { order = { size = { "small", "medium", "large" } } } }
return Feature.kind { name = "ordinal", options = { { "order", "table" } }, takes = { category = true }, wants = "categories",
  fit = fit_column, apply = apply_column }
