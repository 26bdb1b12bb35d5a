--- What the features of numbers share: a column of numbers is a tensor float64 [n, 1], a matrix column [n, k]; the same function
-- serves both.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local Feature = require "moonlab.features.feature"
local Column = require "moonlab.table.column"
local sparse = require "moonlab.sparse"

local numeric = {}

--- The types of columns that count as numbers.
numeric.TYPES = { number = true, integer = true, boolean = true, matrix = true }

-- [n, k] of the column's own type.
local function plain(column)
  local values = sparse.dense(column.values)
  return values:dim() == 1 and values:unsqueeze(2) or values
end

--- The values of a column, float64 [n, k]; a sparse matrix as a tensor.
function numeric.values(column) return plain(column):to "float64" end

--- Raises where a number is not finite, which would spoil the training in silence, with the name of its field.
-- @param values  [n, k]
-- @param fields  k names
function numeric.check_finite(values, fields)
  if sparse.is(values) then
    if values:values():isfinite():all():item() then return end
    values = values:dense()
  end
  local finite = values:isfinite()
  if finite:all():item() then return end
  for i, count in ipairs(finite:logical_not():sum(1):tolist()) do
    if count > 0 then blame.raise("feature '%s' is not a finite number in %d of %d rows", fields[i], count, #values) end
  end
end

--- The names of the fields of a column.
function numeric.fields(column) return column.type == "matrix" and column.fields or { column.name } end

--- numeric.values, all of them finite.
function numeric.finite(column)
  local values = numeric.values(column)
  numeric.check_finite(values, numeric.fields(column))
  return values
end

--- The values of several columns side by side and the names of their fields.
-- @param where  the feature's name, for the message when there is none
-- @return float64 [n, k], k names
function numeric.block(table_, names, where)
  if #names == 0 then blame.raise("features.%s: there is no column of numbers", where) end
  local parts = {}
  for i, name in ipairs(names) do parts[i] = numeric.finite(table_:column(name)) end
  return #parts == 1 and parts[1] or core.ops.cat(parts, 2), numeric.fields_of(table_, names)
end

--- The names of the fields of several columns.
function numeric.fields_of(table_, names)
  local fields = {}
  for _, name in ipairs(names) do
    local more = numeric.fields(table_:column(name))
    table.move(more, 1, #more, #fields + 1, fields)
  end
  return fields
end

--- numeric.block for one who looks himself whether all are finite, and in float32 if all columns are.
function numeric.unchecked(table_, names)
  local parts, dtype = {}, "float32"
  for i, name in ipairs(names) do
    parts[i] = plain(table_:column(name))
    if parts[i].dtype ~= "float32" then dtype = "float64" end
  end
  for i, part in ipairs(parts) do
    if part.dtype ~= dtype then parts[i] = part:to(dtype) end -- which copies
  end
  if #parts > 1 then return core.ops.cat(parts, 2) end
  return parts[1]:is_contiguous() and parts[1] or parts[1]:contiguous()
end

--- A column in the place of another, of values [n, k].
-- @param values  float64 [n, k]
-- @param like    the column whose name and fields it has
function numeric.column(values, like)
  if like.type == "matrix" then return numeric.matrix(like.name, values, like.fields) end
  return Column.new { type = "number", name = like.name, values = values:squeeze(2) }
end

--- A column of several fields.
-- @param values  float64 [n, k], or a sparse matrix
-- @param fields  k names
function numeric.matrix(name, values, fields) return Column.new { type = "matrix", name = name, values = values, fields = fields } end

--- A list of numbers, one a field, as a row [1, k].
function numeric.row(list) return core.tensor(list, { dtype = "float64" }):reshape { 1, -1 } end

--- fit and apply of a feature that maps the values of each column.
-- @param fit    function(values [n, k], options, column, context) -> state
-- @param apply  function(values [n, k], state, options) -> values [n, k]
function numeric.both(fit, apply)
  return Feature.each_column(
    function(column, o, context) return fit(numeric.finite(column), o, column, context) end,
    function(column, state, o) return numeric.column(apply(numeric.finite(column), state, o), column) end)
end

return numeric
