--- What features that learn from the target share: the target as lists of numbers, one a class where there are several.

local blame = require "moonlab.blame"

local targets = {}

-- The names of the classes: the recipe's, or those of the column in the order of their bytes.
local function classes_of(context)
  if context.classes then return context.classes end
  local names = context.target:text():unique():to_list()
  table.sort(names)
  return names
end

--- The target of the training part.
-- @param context  { target =, classes =, task = }
-- @param where    the feature's name
-- @return a list of numbers a row, and the number of classes; 0 for a regression, whose numbers are the target itself
function targets.of(context, where)
  if not context.target then blame.raise("features.%s: a target is needed, and there is none", where) end
  if context.task == "regression" then return context.target.values:to("float64"):tolist(), 0 end
  local names = classes_of(context)
  return context.target:text():category(names).values:tolist(), #names
end

--- Columns of numbers that say the same: the target of a regression, 0 or 1 of a binary task (1 is the second class), 0 or 1 for
-- each class where there are more.
-- @return a list of { values = list, class = name or nil }
function targets.columns(context, where)
  local values, count = targets.of(context, where)
  if count == 0 then return { { values = values } } end
  local names, out = classes_of(context), {}
  for class = count == 2 and 2 or 1, count do
    local ones = {}
    for i, value in ipairs(values) do ones[i] = value == class and 1.0 or 0.0 end
    out[#out + 1] = { values = ones, class = count > 2 and names[class] or nil }
  end
  return out
end

return targets
