-- Keeping a model's weights and putting them back: parameters and buffers, by their names.

local core = require "moonlab.core"

local weights = {}

--- A copy of all that a model has learnt.
-- @param model  a built module
-- @return a table by name
function weights.copy(model)
  local copy = {}
  for name, tensor in pairs(model:state_dict()) do copy[name] = tensor:detach():clone() end
  return copy
end

--- Puts a copy back.
function weights.restore(model, copy)
  local graph = core.set_grad_enabled(false)
  local ok, problem = pcall(model.load_state_dict, model, copy)
  core.set_grad_enabled(graph)
  if not ok then error(problem, 0) end
end

return weights
