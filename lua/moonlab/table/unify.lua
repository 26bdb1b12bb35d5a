--- One type for several columns or constants: integers and numbers become numbers, texts and categories text (or one category,
-- if all are), all else must be the same.

local core = require "moonlab.core"
local Column = require "moonlab.table.column"
local operands = require "moonlab.table.operands"

local M = {}

-- The type of two, nil where they do not go together.
local function common(a, b)
  if a == b then return a end
  if (a == "integer" and b == "number") or (a == "number" and b == "integer") then return "number" end
  if (a == "text" and b == "category") or (a == "category" and b == "text") then return "text" end
end

-- All names of categories, each once, in order; constants are names too.
local function all_names(list)
  local names, seen = {}, {}
  local function add(name)
    if not seen[name] then names[#names + 1], seen[name] = name, #names + 1 end
  end
  for _, x in ipairs(list) do
    if Column.is(x) then
      for _, name in ipairs(x.categories) do add(name) end
    else
      add(x)
    end
  end
  return names, seen
end

--- The codes of a category under another list of names.
function M.recode(x, code_of)
  if #x.categories == 0 then return x.values end
  local codes, same = { 0 }, true
  for i, name in ipairs(x.categories) do
    codes[i + 1] = code_of[name] or 0
    same = same and codes[i + 1] == i
  end
  if same then return x.values end
  return core.tensor(codes, { dtype = "int64" }):index_select(1, x.values + 1)
end

-- A category for categories and constants of text; columns of text make a text of all.
local function as_category(list)
  local any = false
  for _, x in ipairs(list) do
    local kind = operands.type_of(x)
    if kind ~= "category" and type(x) ~= "string" then return nil end
    any = any or kind == "category"
  end
  if not any then return nil end
  local names, code_of = all_names(list)
  for i, x in ipairs(list) do
    local values = Column.is(x) and M.recode(x, code_of) or core.full({ 1 }, code_of[x], { dtype = "int64" })
    list[i] = Column.new { type = "category", values = values, categories = names }
  end
  return "category"
end

local AS = {
  number = function(x)
    local values = operands.as_number(x)
    return Column.new { type = "number", values = Column.is(x) and values or core.full({ 1 }, values, { dtype = "float64" }) }
  end,
  integer = function(x)
    if Column.is(x) then return x end
    return Column.new { type = "integer", values = core.full({ 1 }, x, { dtype = "int64" }) }
  end,
  boolean = function(x)
    if Column.is(x) then return x end
    return Column.new { type = "boolean", values = core.tensor({ x }, { dtype = "bool" }) }
  end,
  text = operands.as_text,
  time = function(x) return x end,
}

--- Columns of one type, a constant as a column of one row.
-- @param list  of columns and constants
-- @return list of columns, or nil and the positions of two that do not go together
function M.columns(list)
  local kind, first = nil, 1
  local result = table.move(list, 1, #list, 1, {})
  for i, x in ipairs(list) do
    local this = operands.type_of(x)
    local both = i == 1 and this or common(kind, this)
    if not both then return nil, first, i end
    if both ~= kind then first = i end
    kind = both
  end
  if (kind == "text" or kind == "category") and as_category(result) then return result end
  for i, x in ipairs(list) do result[i] = AS[kind](x) end
  return result
end

-- One mask for all, where one of them has one.
local function masks(list)
  local any = false
  for _, x in ipairs(list) do any = any or x.missing end
  if not any then return nil end
  local parts = {}
  for i, x in ipairs(list) do parts[i] = x.missing or core.zeros(#x, { dtype = "bool" }) end
  return core.ops.cat(parts, 1)
end

local function parts_of(list, field)
  local parts = {}
  for i, x in ipairs(list) do parts[i] = x[field] end
  return parts
end

local function join_text(list)
  local ends, at = {}, 0
  for i, x in ipairs(list) do
    ends[i] = at == 0 and x.ends or x.ends + at
    at = at + x.bytes:numel()
  end
  return core.ops.cat(parts_of(list, "bytes"), 1), core.ops.cat(ends, 1)
end

--- The rows of columns of one type (M.columns), one after the other.
function M.joined(list)
  if #list == 1 then return list[1] end
  local result = { type = list[1].type, name = list[1].name, missing = masks(list), categories = list[1].categories }
  if result.type == "text" then result.bytes, result.ends = join_text(list)
  else result.values = core.ops.cat(parts_of(list, "values"), 1) end
  return Column.new(result)
end

return M
