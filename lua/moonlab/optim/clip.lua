--- Gradients cut to size: ml.optim.clip_grad_norm and ml.optim.clip_grad_value.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local tree = require "moonlab.nn.tree"

local clip = {}

local function with_gradients(parameters)
  if tree.is_module(parameters) then parameters = parameters:parameters() end
  local list = {}
  for _, tensor in ipairs(parameters) do
    if tensor:has_grad() then list[#list + 1] = tensor end
  end
  return list
end

--- Scales gradients down so that their norm, taken over all of them as one vector, is at most max.
-- @param parameters  a list of tensors, or a model; those without a gradient do not count
-- @param max         a positive number
-- @return the norm before
-- @usage ml.optim.clip_grad_norm(model:parameters(), 1.0)
function clip.clip_grad_norm(parameters, max)
  if type(max) ~= "number" or not (max > 0) then
    blame.raise("clip_grad_norm: the largest norm must be a positive number, got %s", blame.show(max))
  end
  return core.clip_grad_norm(with_gradients(parameters), max)
end

--- Keeps each element of each gradient within -limit..limit.
-- @param parameters  a list of tensors, or a model; those without a gradient do not count
-- @param limit       a positive number
-- @usage ml.optim.clip_grad_value(model, 0.5)
function clip.clip_grad_value(parameters, limit)
  if type(limit) ~= "number" or not (limit > 0) then
    blame.raise("clip_grad_value: the limit must be a positive number, got %s", blame.show(limit))
  end
  core.clip_grad_value(with_gradients(parameters), limit)
end

return clip
