--- What rows of a set have in common, to be scored by: the source that they come from, the group that the recipe names. For tables see
-- recipe/tabular.lua.

local failure = require "moonlab.failure"

local groups = {}

local MOST = 20 -- more groups are no help to look at one by one

-- Of each value of a column the rows that have it: a list of { name =, rows = }; nil where there are too many. names: what values are called.
local function by_value(values, names)
  local order, list = {}, {}
  for _, value in ipairs(values:sort(1):tolist()) do
    if order[#order] ~= value then order[#order + 1] = value end
    if #order > MOST and not names then return nil end
  end
  for _, value in ipairs(order) do
    list[#list + 1] = { name = names and names[value] or tostring(value), rows = values:eq(value):nonzero():flatten() }
  end
  return list
end

-- The sets that a set's rows come from, by their numbers; nil where they come from one.
local function sources_of(set)
  while set.parent do set = set.parent end
  if not set.sources then return nil end
  local names = {}
  for i, one in ipairs(set:sources()) do names[i] = one.name end
  return names
end

-- By the column that the recipe names; nil where new data do not have it.
local function of_group(group, set)
  if not group then return nil end
  local ok, values = pcall(set.column, set, group)
  if not ok and failure.is_interrupt(values) then error(values, 0) end
  return ok and by_value(values) or nil
end

--- What the rows of a set have in common.
-- @param recipe  the recipe
-- @param set     a data set
-- @return by source, by group: lists of { name =, rows = positions in the set }, or nil
function groups.of(recipe, set)
  local names = sources_of(set)
  return names and by_value(set:column "source", names) or nil, of_group(recipe.fields.data.group, set)
end

--- Adds to parts that are judged what their rows have in common.
-- @param parts   { valid =, test = }: gets by_source and by_group, part -> what of gives
function groups.add(recipe, parts)
  parts.by_source, parts.by_group = {}, {}
  for _, part in ipairs { "valid", "test" } do
    if parts[part] then parts.by_source[part], parts.by_group[part] = groups.of(recipe, parts[part]) end
  end
end

return groups
