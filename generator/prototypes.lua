-- Parameter lists of the functions of an op: one place decides their order.

local types = require "c_types"

local M = {}

local function const_tensor(name) return "const ml_tensor *" .. name end

local function inputs(op, list)
  if op.list then
    table.insert(list, "ml_tensor *const *" .. op.list.name)
    table.insert(list, "int count")
  end
  for _, a in ipairs(op.tensors) do
    table.insert(list, (a.type == "state" and "ml_tensor *" or "const ml_tensor *") .. a.name)
  end
end

local function scalars(op, list)
  for _, a in ipairs(op.scalars) do table.insert(list, types.parameter(a)) end
  if #op.options > 0 then table.insert(list, ("const %s_options *options"):format(op.name)) end
end

local function finish(name, list) return ("ml_status %s(%s)"):format(name, table.concat(list, ", ")) end

function M.public(op)
  local list = { "ml_context *c" }
  inputs(op, list); scalars(op, list)
  for _, result in ipairs(op.results) do table.insert(list, "ml_tensor **" .. result[1]) end
  return finish("ml_" .. op.name, list)
end

function M.prepare(op)
  return finish(op.name .. "_prepare", { "ml_context *c", "const ml_call *call", op.name .. "_args *args" })
end

function M.infer(op)
  local list = { "ml_context *c" }
  inputs(op, list); scalars(op, list)
  table.insert(list, "ml_meta *meta")
  return finish(op.name .. "_infer", list)
end

function M.forward(op)
  local list = { "ml_context *c" }
  inputs(op, list); scalars(op, list)
  for _, keep in ipairs(op.keeps) do table.insert(list, "ml_tensor *" .. keep[1]) end
  for _, result in ipairs(op.results) do table.insert(list, "ml_tensor *" .. result[1]) end
  return finish(op.name .. "_forward", list)
end

-- Which inputs can get a gradient: tensors, not positions, masks or state.
function M.differentiable(op)
  local list = {}
  for _, a in ipairs(op.tensors) do
    local constant = false
    for _, name in ipairs(op.constant) do constant = constant or name == a.name end
    if a.type == "tensor" and not constant then table.insert(list, a) end
  end
  return list
end

function M.backward(op)
  local list = { "ml_context *c" }
  for _, result in ipairs(op.results) do table.insert(list, const_tensor(#op.results > 1 and "g_" .. result[1] or "g")) end
  for _, name in ipairs(op.saves) do table.insert(list, const_tensor(name)) end
  table.insert(list, "const ml_shape *input_shape")
  if op.list then table.insert(list, "int count") end
  scalars(op, list)
  if op.list then
    table.insert(list, "const bool *want"); table.insert(list, "ml_tensor **dx")
  else
    for _, a in ipairs(M.differentiable(op)) do table.insert(list, "ml_tensor **d" .. a.name) end
  end
  return finish(op.name .. "_backward", list)
end

return M
