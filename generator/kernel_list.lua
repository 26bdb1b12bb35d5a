-- The kernels that the elementwise ops need: the forward of each and one for each gradient that is not just g.

local expression = require "expression"

local M = {}

-- Which element types a kernel exists for, by what its op accepts.
local TYPES = {
  float = { float = true },
  number = { float = true, integer = true },
  common = { float = true, integer = true, bool = true },
  any = { float = true, integer = true, bool = true },
  logical = { integer = true, bool = true },
}

local function kernel(list, op, name, tree, result, types)
  local used = expression.variables(tree, {})
  local k = { name = name, index = #list, tree = tree, result = result, types = types, inputs = {}, params = op.scalars }
  local function input(variable, is_mask)
    if used[variable] then table.insert(k.inputs, { name = variable, is_mask = is_mask }) end
  end
  input("g", false)
  for _, a in ipairs(op.tensors) do input(a.name, a.type == "mask") end
  input("z", op.result == "bool")
  table.insert(list, k)
  return k
end

function M.collect(ops)
  local list = {}
  for _, op in ipairs(ops) do
    if op.family == "elementwise" then
      op.forward_kernel = kernel(list, op, op.name, op.forward, op.result, TYPES[op.accepts])
      op.grad_kernel = {}
      for _, a in ipairs(op.tensors) do
        local tree = op.grad[a.name]
        if tree and not (tree.kind == "variable" and tree.name == "g") then
          op.grad_kernel[a.name] = kernel(list, op, op.name .. "_grad_" .. a.name, tree, nil, TYPES.float)
        end
      end
    end
  end
  return list
end

return M
