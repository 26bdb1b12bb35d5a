-- Models that take classes and numbers alike: which of them y is, is found when they are fitted, and kept among their tensors.

local core = require "moonlab.core"
local Model = require "moonlab.classical.model"

local Either = Model:extend "ClassesOrNumbers"

-- int64 are classes; so are a list's integers.
local function kind_of(y)
  if type(y) == "table" and not getmetatable(y) then y = core.tensor(y) end
  return core.is_tensor(y) and y.dtype == "int64" and "classes" or "numbers"
end

function Either:fit(x, y, how)
  self.wants = kind_of(type(x) == "table" and type(x.column) == "function" and x:column "y" or y)
  return Model.fit(self, x, y, how)
end

--- In solve: how many classes there are, 0 where y are numbers.
function Either:set_classes(p) self:set("classes", core.tensor { p.classes or 0 }) end

--- How many classes the model was fitted to; nil where y were numbers.
function Either:class_count()
  local count = self.classes:item()
  self.wants = count > 0 and "classes" or "numbers" -- a model that was loaded learns it here
  return count > 0 and count or nil
end

function Either:predict_proba(x)
  if self:is_built() then self:class_count() end
  return Model.predict_proba(self, x)
end

return Either
