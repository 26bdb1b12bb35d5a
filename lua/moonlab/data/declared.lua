--- Columns of a database or of a Parquet file, which have types of their own, as a recipe declares them. What does not parse becomes missing
-- and is listed, as the readers of texts do it.

local core = require "moonlab.core"
local Column = require "moonlab.table.column"

local WANTED = { number = "a number", time = "a time as 2024-02-29 13:45", boolean = "true or false" }

local TRUE, FALSE = { "true", "yes", "t", "1" }, { "false", "no", "f", "0" }

-- Each gives a column, or an error.
local parse = {}

function parse.number(column) return column:number() end
function parse.time(column) return column:time() end

function parse.boolean(column)
  local words = column:lower():trim()
  local yes, no = words:is_in(TRUE), words:is_in(FALSE)
  if not (yes | no | column:is_missing()).values:all():item() then error "neither true nor false" end
  return yes
end

-- Values to missing.
local function without(column, values)
  if #values == 0 then return column, nil end
  local wrong = column:is_in(values).values
  return column:gather_or_missing(core.arange(1, #column):masked_fill(wrong, 0)), wrong
end

-- The different values that do not parse alone.
local function wrong_of(column, kind)
  local wrong = {}
  for _, value in ipairs(column:unique():to_list()) do
    if type(value) == "string" and not pcall(parse[kind], Column.of_strings({ value }, 1, column.name)) then wrong[#wrong + 1] = value end
  end
  return wrong
end

local function list(problems, column, rows, kind)
  for _, row in ipairs(rows:nonzero():flatten():tolist()) do
    problems[#problems + 1] = { row = row, column = column.name, text = column:item(row), wanted = WANTED[kind] }
  end
end

local function of_text(column, kind, marks, problems)
  column = without(column, marks or {})
  if not parse[kind] then return column end
  local ok, parsed = pcall(parse[kind], column)
  if ok then return parsed end
  local rest, wrong = without(column, wrong_of(column, kind))
  if not wrong then error(parsed, 0) end
  list(problems, column, wrong, kind)
  return parse[kind](rest)
end

--- The table with columns of the declared types.
-- @param declared  { types = name -> "number", "time", "boolean" or "text", missing_of = name -> texts that mean missing, or nil }
-- @return a table, and the list of what did not parse: { row =, column =, text =, wanted = }
return function(table_, declared)
  local changed, problems = {}, {}
  for _, name in ipairs(table_.names) do
    local kind, column = declared.types[name], table_:column(name)
    local marks = declared.missing_of and declared.missing_of[name]
    if kind and (column.type == "category" or column.type == "time" and kind ~= "time") then column = column:text() end
    if kind and column.type == "text" then changed[name] = of_text(column, kind, marks, problems)
    elseif kind == "text" or kind == "boolean" and column.type == "integer" then changed[name] = of_text(column:text(), kind, marks, problems) end
  end
  return table_:with(changed), problems
end
