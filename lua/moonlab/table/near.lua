-- What is nearly the same made the same, to find rows that were written twice in two ways.

local core = require "moonlab.core"
local Column = require "moonlab.table.column"

local ops = core.ops
local near = {}

-- A text as it is compared with others: without case, without blanks around it and more than one between words.
local function plain(column) return column:lower():trim():replace("  ", " ") end

-- Numbers that are equal to three significant places become equal.
local function to_three_places(values)
  local size = ops.pow(10, ops.floor(values:abs():clamp(1e-300):log10()) - 2)
  return ops.round(values / size) * size
end

--- A table in which what is nearly the same is the same: texts without case and needless blanks, numbers to three places.
function near.of(part)
  local columns = {}
  for _, name in ipairs(part.names) do
    local column = part:column(name)
    if column.type == "text" then
      columns[name] = plain(column)
    elseif column.type == "number" then
      columns[name] = Column.new { type = "number", name = name, values = to_three_places(column.values) }
    end
  end
  return part:with(columns)
end

return near
