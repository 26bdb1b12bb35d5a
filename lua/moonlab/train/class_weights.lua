-- The weights of classes in the loss of a recipe: a list of numbers, or "balanced", which is fitted to the training part.

local core = require "moonlab.core"
local blame = require "moonlab.blame"

local ClassWeights = {}
ClassWeights.__index = ClassWeights

--- @param where  what a message names: "train.loss_options.weight"
-- @param given  a list of numbers, one a class, or "balanced"
-- @return weights, with list = those that are known
function ClassWeights.new(where, given)
  local self = setmetatable({ where = where, balanced = given == "balanced" }, ClassWeights)
  if self.balanced then return self end
  if type(given) ~= "table" or #given == 0 then
    blame.raise("%s must be a list of numbers, one a class, or 'balanced', got %s", where, blame.show(given))
  end
  for class, weight in ipairs(given) do
    if type(weight) ~= "number" or not (weight >= 0 and weight < math.huge) then
      blame.raise("%s: the weight of class %d must be a number from 0 on, got %s", where, class, blame.show(weight))
    end
  end
  self.list = given
  return self
end

--- Fits "balanced" weights: rows / (classes * rows of the class), so that all classes weigh the same; those without rows 0.
-- @param labels  int64 tensor of classes from 1, 0 for none
function ClassWeights:fit(labels)
  if not self.balanced then return end
  local flat = labels:reshape { -1 }
  local counts = core.ops.bincount(flat:masked_select(flat:gt(0))):tolist()
  local rows, classes = 0, 0
  for _, count in ipairs(counts) do rows, classes = rows + count, classes + (count > 0 and 1 or 0) end
  self.list = {}
  for class, count in ipairs(counts) do self.list[class] = count > 0 and rows / (classes * count) or 0 end
end

--- As a tensor, one number for each class that the model knows.
-- @param logits  [B, C, ...]
-- @return a tensor [C], or nil where they are not fitted yet (a recipe that is checked)
function ClassWeights:tensor(logits)
  if not self.list then return nil end
  local list = table.move(self.list, 1, #self.list, 1, {})
  if self.balanced then
    for class = #list + 1, logits:size(2) do list[class] = 0 end
  end
  return core.tensor(list, { dtype = logits.dtype })
end

return ClassWeights
