-- Models whose outputs are x times weight plus bias: weight [outputs, columns] and bias [outputs] as those of nn.Linear.

local core = require "moonlab.core"
local Model = require "moonlab.classical.model"

local linear = core.ops.linear
local LinearModel = Model:extend "LinearModel"

function LinearModel:forward(x)
  x = self:input(x)
  if x:size(2) ~= self.weight:size(2) then
    error(("%s: fitted to %d columns, got %d"):format(self._name, self.weight:size(2), x:size(2)), 0)
  end
  if core.is_sparse(x) then return x:product(self.weight:detach()) + self.bias:detach() end
  return linear(x, self.weight, self.bias)
end

--- Keeps what a solver found. Without an intercept bias is 0: a model has the same tensors whether it was asked for or not.
-- @param weight  [outputs, columns]
-- @param bias    [outputs] or nil
function LinearModel:set_linear(weight, bias)
  self:set("weight", weight)
  self:set("bias", bias or core.zeros(weight:size(1), { dtype = "float64" }))
end

return LinearModel
