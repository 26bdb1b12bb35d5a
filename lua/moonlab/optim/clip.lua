--- Scales gradients down so that their norm, taken over all of them as one vector, is at most max.
-- @param parameters  a list of tensors, or a model; those without a gradient do not count
-- @param max         a positive number
-- @return the norm before
-- @usage ml.optim.clip_grad_norm(model:parameters(), 1.0)

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local tree = require "moonlab.nn.tree"

return function(parameters, max)
  if type(max) ~= "number" or not (max > 0) then
    blame.raise("clip_grad_norm: the largest norm must be a positive number, got %s", blame.show(max))
  end
  if tree.is_module(parameters) then parameters = parameters:parameters() end
  local list = {}
  for _, tensor in ipairs(parameters) do
    if tensor:has_grad() then list[#list + 1] = tensor end
  end
  return core.clip_grad_norm(list, max)
end
