--- Columns: a type and tensors, as table/table.h has them, and one type more, "category": codes from 1 with the list of their names.
-- A column never changes; what is done with it gives another. Its operations are those of moonlab.table.vocabulary.
--
--   number, time        values: float64, NaN is missing          integer, boolean  values: int64, bool; missing: bool or nil
--   text                bytes, ends; missing: bool or nil        category          values: int64, 0 is missing; categories
--   matrix              values: float64 [n, k] or a sparse matrix, the fields that features make of a column; fields: their k names
--   tensor              values: [n, ...] of any type: rows of ids, sounds, pictures; the only feature there is then

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local missing = require "moonlab.table.missing"
local suggest = require "moonlab.suggest"

local ops = core.ops
local NAN = 0 / 0

local Column = {}
local meta = { __name = "Column" }

--- Whether a value is a column.
function Column.is(value) return getmetatable(value) == meta end

--- A column of its parts, which are not looked at.
-- @param parts  { type =, values =, bytes =, ends =, missing =, categories =, name = }
function Column.new(parts) return setmetatable(parts, meta) end

local function unknown(_, key)
  local names = {}
  for name, value in pairs(Column) do
    if type(value) == "function" and not Column.internal[name] then names[#names + 1] = name end
  end
  table.sort(names)
  blame.raise("a column has no '%s'; %s", tostring(key), suggest.unknown("method", tostring(key), names))
end

local OPTIONAL = { name = true, values = true, bytes = true, ends = true, missing = true, categories = true, fields = true }

function meta.__index(column, key)
  local method = Column[key]
  if method ~= nil then return method end
  if not OPTIONAL[key] then unknown(column, key) end
end

function meta.__len(column) return #(column.ends or column.values) end

-- Making -----------------------------------------------------------------------------------------------------------------

local TYPE_OF = { float32 = "number", float64 = "number", int64 = "integer", int32 = "integer", uint8 = "integer", bool = "boolean" }
local DTYPE_OF = { number = "float64", integer = "int64", boolean = "bool" }

--- A column of a tensor with one dimension.
function Column.of_tensor(tensor, name)
  if tensor:dim() ~= 1 then
    blame.raise("a column of a tensor needs one dimension, '%s' has [%s]", name or "it", table.concat(tensor.shape, ", "))
  end
  local kind = TYPE_OF[tensor.dtype]
  return Column.new { type = kind, values = tensor:detach():to(DTYPE_OF[kind]):contiguous(), name = name }
end

--- A column of text of a list; what is no string is missing.
function Column.of_strings(list, n, name)
  local column = core.text_column(list, n or #list)
  column.name = name
  return Column.new(column)
end

--- The mask without marks below which nothing is: nil if none is missing; values have 0 or false below them.
-- @param kind  "integer", "boolean"
function Column.of_masked(kind, values, mask, name)
  if mask and not mask:any():item() then mask = nil end
  if mask and kind == "boolean" then values = ops.logical_and(values, ops.logical_not(mask))
  elseif mask then values = values:masked_fill(mask, 0) end
  return Column.new { type = kind, values = values, missing = mask, name = name }
end

--- The same column under another name.
function Column:renamed(name)
  return Column.new { type = self.type, values = self.values, bytes = self.bytes, ends = self.ends, missing = self.missing,
    categories = self.categories, fields = self.fields, name = name }
end

--- The three parts of a text as the functions of moonlab.core take them.
function Column:parts() return self.bytes, self.ends, self.missing end

-- Rows -------------------------------------------------------------------------------------------------------------------

-- A mask at positions: nil where none of them is marked.
local function gather_mask(mask, positions)
  mask = mask and mask:index_select(1, positions)
  return mask and mask:any():item() and mask or nil
end

--- The rows at positions.
-- @param positions  int64 tensor, from 1
function Column:gather(positions)
  if self.type == "text" then
    local result = core.text_gather(self.bytes, self.ends, self.missing, positions)
    result.name = self.name
    return Column.new(result)
  end
  return Column.new { type = self.type, values = self.values:index_select(1, positions),
    missing = gather_mask(self.missing, positions), categories = self.categories, fields = self.fields, name = self.name }
end

--- The rows at positions; position 0 gives a missing one.
function Column:gather_or_missing(positions)
  if self.type == "text" or not positions:eq(0):any():item() then return self:gather(positions) end
  local none = positions:eq(0)
  if #self == 0 then return Column.all_missing(self.type, #positions, self) end
  local result = self:gather(positions:clamp(1, #self))
  if result.type == "number" or result.type == "time" then result.values = result.values:masked_fill(none, NAN)
  elseif result.type == "category" then result.values = result.values:masked_fill(none, 0)
  else return Column.of_masked(result.type, result.values, result.missing and ops.logical_or(result.missing, none) or none, result.name) end
  return result
end

--- n rows without a value.
-- @param like  a column whose name and categories it has, or nil
function Column.all_missing(kind, n, like)
  local parts = { type = kind, name = like and like.name, categories = kind == "category" and (like and like.categories or {}) or nil }
  if kind == "text" then
    parts.bytes, parts.ends = core.zeros(0, { dtype = "uint8" }), core.zeros(n, { dtype = "int64" })
  elseif kind == "number" or kind == "time" then parts.values = core.full({ n }, NAN, { dtype = "float64" })
  else parts.values = core.zeros(n, { dtype = kind == "boolean" and "bool" or "int64" }) end
  if n > 0 and (kind == "text" or kind == "integer" or kind == "boolean") then parts.missing = core.ones(n, { dtype = "bool" }) end
  return Column.new(parts)
end

--- Which rows are missing: a bool tensor, or nil where the type has a mask and none is.
function Column:missing_mask()
  if self.type == "number" or self.type == "time" then return self.values:isnan() end
  if self.type == "category" then return self.values:eq(0) end
  return self.missing
end

--- The positions of the rows that are there.
function Column:present()
  local mask = self:missing_mask()
  if not mask or not mask:any():item() then return core.arange(1, #self, { dtype = "int64" }) end
  return ops.logical_not(mask):nonzero():flatten()
end

-- Values -----------------------------------------------------------------------------------------------------------------

--- The value of row i.
-- @param i  a position; negative ones count from the end
-- @return a number, boolean or string; seconds since 1970 of a time, the name of a category; nil where it is missing
-- @error a position out of 1..#c
-- @usage data.table{ city = { "Bern", "Rome" } }.city:item(-1)   --> Rome
function Column:item(i)
  local n = #self
  local at = math.type(i) == "integer" and i < 0 and i + n + 1 or math.tointeger(i)
  if not at or at < 1 or at > n then
    blame.raise("item: row %s of column '%s' is not in 1..%d", tostring(i), self.name or "?", n)
  end
  local row = self:gather(core.tensor({ at }, { dtype = "int64" })):to_list()[1]
  if row ~= missing then return row end
end

--- All values as a list; data.missing stands where there is none.
-- @return a list
-- @usage data.table{ age = { 31, 20 } }.age:to_list()   --> 31 20
function Column:to_list()
  local kind = self.type
  if kind == "text" then return core.text_list(self.bytes, self.ends, self.missing, missing) end
  local list = self.values:tolist()
  if kind == "category" then
    for i, code in ipairs(list) do list[i] = self.categories[code] or missing end
  elseif kind == "number" or kind == "time" then
    for i = 1, #list do
      if list[i] ~= list[i] then list[i] = missing end
    end
  elseif self.missing then
    for i, none in ipairs(self.missing:tolist()) do
      if none then list[i] = missing end
    end
  end
  return list
end

-- Of use to the library alone, though they are functions of columns.
Column.internal = { is = true, new = true, of_tensor = true, of_strings = true, of_masked = true, renamed = true, parts = true,
  gather = true, gather_or_missing = true, all_missing = true, missing_mask = true, present = true, metatable = true, codes = true }
function Column.metatable() return meta end

--- The numbers of the different values in the order of their first appearance, 0 for a missing one, and the rows in which they
-- appear first; nil where there are more than `limit`.
function Column:codes(limit)
  if self.type == "text" then return core.text_distinct(self.bytes, self.ends, self.missing, limit) end
  return core.distinct(self.values, self.type == "category" and self.values:eq(0) or self.missing, limit)
end

--- The different values, each once, in the order in which they appear; a missing one is left out.
-- @return a column
-- @usage data.table{ city = { "Rome", "Bern", "Rome" } }.city:unique():to_list()   --> Rome Bern
function Column:unique()
  local _, firsts = self:codes()
  return self:gather(firsts)
end

return Column
