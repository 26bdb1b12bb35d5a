--- What the features of numbers share: a column of numbers is a tensor float64 [n, 1], a matrix column [n, k]; the same function
-- serves both.

local core = require "moonlab.core"
local Feature = require "moonlab.features.feature"
local Column = require "moonlab.table.column"

local numeric = {}

--- The types of columns that count as numbers.
numeric.TYPES = { number = true, integer = true, boolean = true, matrix = true }

--- The values of a column, float64 [n, k].
function numeric.values(column)
  local values = column.values:to "float64"
  return values:dim() == 1 and values:unsqueeze(2) or values
end

--- A column in the place of another, of values [n, k].
-- @param values  float64 [n, k]
-- @param like    the column whose name and fields it has
function numeric.column(values, like)
  if like.type == "matrix" then return numeric.matrix(like.name, values, like.fields) end
  return Column.new { type = "number", name = like.name, values = values:squeeze(2) }
end

--- A column of several fields.
-- @param values  float64 [n, k]
-- @param fields  k names
function numeric.matrix(name, values, fields) return Column.new { type = "matrix", name = name, values = values, fields = fields } end

--- A list of numbers, one a field, as a row [1, k].
function numeric.row(list) return core.tensor(list, { dtype = "float64" }):reshape { 1, -1 } end

--- fit and apply of a feature that maps the values of each column.
-- @param fit    function(values [n, k], options, column, context) -> state
-- @param apply  function(values [n, k], state, options) -> values [n, k]
function numeric.both(fit, apply)
  return Feature.each_column(
    function(column, o, context) return fit(numeric.values(column), o, column, context) end,
    function(column, state, o) return numeric.column(apply(numeric.values(column), state, o), column) end)
end

return numeric
