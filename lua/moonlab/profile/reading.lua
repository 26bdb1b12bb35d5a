--- What the reader of a file was unsure of: columns of text of which nearly all values are something else, and columns that it left out.

local reading = {}

local NEARLY_ALL = 0.9 -- of the values that are there

local CALLED = { integer = "whole numbers", number = "numbers", boolean = "true or false", time = "times" }

-- 'oops' among numbers: one such value makes a column text. So does a number that none could hold, however many there are.
local function mixed(column)
  local other, here = column.other, (column.rows or 0) - (column.missing or 0)
  if not other or here == 0 or not CALLED[other.most] or not other.why and here - other.count < NEARLY_ALL * here then return nil end
  return { name = column.name, most = CALLED[other.most], fits = here - other.count, count = here, text = other.first.text, line = other.first.line,
    why = other.why }
end

--- What there is to say of a schema.
-- @param schema    what source:schema gave, or nil
-- @param declared  { types = } of a recipe, which is sure of these columns; or nil
-- @return { mixed = list of { name =, most =, fits =, count =, text =, line =, why = what such a number is, or nil }, left_out = list of { name =, why = } }
function reading.of(schema, declared)
  local out = { mixed = {}, left_out = schema and schema.left_out or {} }
  for _, column in ipairs(schema and schema.columns or {}) do
    local one = not (declared and declared.types[column.name]) and mixed(column)
    if one then out.mixed[#out.mixed + 1] = one end
  end
  return out
end

return reading
