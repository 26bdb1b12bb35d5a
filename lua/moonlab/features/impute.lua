--- What stands in for missing values, as a column's spec says: fitted to the training part.

local Feature = require "moonlab.features.feature"
local Column = require "moonlab.table.column"
local Table = require "moonlab.table.table"
local ops = require "moonlab.core".ops

-- The commonest value; of several the one that comes first.
local function mode(column)
  local counts = Table.of_columns({ column }):value_counts(column.name)
  if #counts == 0 then return nil end
  local value = counts:columns()[1]:item(1)
  return value
end

local FITTED = {
  mean = function(column) return column:mean() end,
  median = function(column) return column:median() end,
  mode = mode,
}

-- The last value before it that is there; missing ones at the beginning take the first that is.
local function forward_fill(column)
  local present = ops.logical_not(column:is_missing().values):to "int64"
  local at = present:cumsum(1) -- how many are there up to each row
  local positions = column:present()
  if #positions == 0 then return column end
  return column:gather(positions:index_select(1, at:clamp(1)))
end

local function fit(column, wish)
  local state = { indicator = wish.indicator, forward = wish.method == "forward_fill" or nil }
  if FITTED[wish.method] then
    state.value = FITTED[wish.method](column)
    if state.value == nil then
      require "moonlab.blame".raise("column '%s': all values of the training part are missing, so that it has no %s", column.name, wish.method)
    end
  elseif not state.forward then
    state.value = wish.constant
  end
  return state
end

-- A category with a word in the place of what is missing; as it is, where the word is none of its categories.
local function fill_category(column, word)
  for code, known in ipairs(column.categories) do
    if known == word then
      local values = column.values
      return Column.new { type = "category", name = column.name, categories = column.categories, values = values:masked_fill(values:eq(0), code) }
    end
  end
  return column
end

local function apply(column, state)
  local filled = column
  if state.forward then filled = forward_fill(column) end
  if state.value ~= nil then filled = column.type == "category" and fill_category(filled, state.value) or filled:fill(state.value) end
  if not state.indicator then return filled end
  return { filled, Column.new { type = "number", name = column.name .. "_missing", values = column:is_missing().values:to "float64" } }
end

-- columns are given with options.wishes, one a column: { method =, constant =, indicator = }.
local function fit_all(table_, names, o)
  local states = {}
  for i, name in ipairs(names) do states[i] = fit(table_:column(name), o.wishes[name]) end
  return states
end

local function apply_all(table_, names, states)
  local changed = {}
  for i, name in ipairs(names) do changed[name] = apply(table_:column(name), states[i]) end
  return Feature.replaced(table_, changed)
end

local ANY = { number = true, integer = true, boolean = true, time = true, text = true, category = true }

return Feature.kind { name = "impute", options = { { "wishes", "table" } }, takes = ANY, wants = "any column", fit = fit_all, apply = apply_all }
