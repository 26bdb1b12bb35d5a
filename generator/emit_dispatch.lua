-- ops.gen.c: the table ml_ops, the functions that unpack a call for an op's own C functions, the typed wrappers for C
-- callers, and the gradients of elementwise ops composed of ops.

local types, prototypes, expression = require "c_types", require "prototypes", require "expression"

local KIND = { tensor = "ML_INPUT_TENSOR", index = "ML_INPUT_INDEX", mask = "ML_INPUT_MASK", any = "ML_INPUT_ANY", state = "ML_INPUT_STATE" }

local function has_args(op) return #op.scalars + #op.options > 0 end

-- How a call's arguments are passed on to the op's own functions.
local function passed(op, list)
  for _, a in ipairs(op.scalars) do table.insert(list, (types.by_pointer(a) and "&a->" or "a->") .. a.name) end
  if #op.options > 0 then table.insert(list, "&a->options") end
end

local function open_args(op, from)
  return has_args(op) and ("  const %s_args *a = %s->args;\n"):format(op.name, from) or ""
end

local function input_list(op)
  if op.list then return { "c", "k->in", "k->count" } end
  local list = { "c" }
  for i in ipairs(op.tensors) do table.insert(list, ("k->in[%d]"):format(i - 1)) end
  return list
end

local function infer_call(op)
  local list = input_list(op)
  passed(op, list)
  table.insert(list, "m")
  return ("static ml_status %s_infer_call(ml_context *c, const ml_call *k, ml_meta *m) {\n%s  return %s_infer(%s);\n}\n")
    :format(op.name, open_args(op, "k"), op.name, table.concat(list, ", "))
end

local function forward_call(op)
  local list = input_list(op)
  passed(op, list)
  for i in ipairs(op.keeps) do table.insert(list, ("k->keep[%d]"):format(i - 1)) end
  table.insert(list, "y")
  for i = 2, #op.results do table.insert(list, ("k->more[%d]"):format(i - 2)) end
  return ("static ml_status %s_forward_call(ml_context *c, const ml_call *k, ml_tensor *y) {\n%s  return %s_forward(%s);\n}\n")
    :format(op.name, open_args(op, "k"), op.name, table.concat(list, ", "))
end

local function backward_call(op)
  local list = { "c", "k->g" }
  for i = 2, #op.results do table.insert(list, ("k->more_g[%d]"):format(i - 2)) end
  for i in ipairs(op.saves) do table.insert(list, ("k->saved[%d]"):format(i - 1)) end
  table.insert(list, "k->input_shape")
  if op.list then table.insert(list, "k->count") end
  passed(op, list)
  if op.list then
    table.insert(list, "k->want"); table.insert(list, "k->dx")
  else
    for _, a in ipairs(prototypes.differentiable(op)) do
      table.insert(list, ("k->want[%d] ? &k->dx[%d] : NULL"):format(a.input, a.input))
    end
  end
  return ("static ml_status %s_backward_call(ml_context *c, const ml_grad_call *k) {\n%s  return %s_backward(%s);\n}\n")
    :format(op.name, open_args(op, "k"), op.name, table.concat(list, ", "))
end

-- Negative dimensions are counted from the front once, before anything else looks at them; then comes the op's own step.
local function prepare(op)
  local lines, first = {}, "k->in[0]->shape.ndim"
  for _, a in ipairs(op.scalars) do
    if a.type == "dim" or a.type == "new_dim" then
      local check = ("ML_TRY(ml_dim_normalize(c, \"%s\", %s%s, &a->%s));"):format(op.name, first, a.type == "new_dim" and " + 1" or "", a.name)
      if a.optional and a.default == nil then check = ("if (a->%s != ML_NO_DIM) "):format(a.name) .. check end
      table.insert(lines, "  " .. check)
    elseif a.type == "dims" then
      table.insert(lines, ("  ML_TRY(ml_dims_normalize(c, \"%s\", %s, &a->%s));"):format(op.name, first, a.name))
    end
  end
  if op.prepare then table.insert(lines, ("  ML_TRY(%s_prepare(c, k, a));"):format(op.name)) end
  if #lines == 0 then return nil end
  return ("static ml_status %s_prepare_call(ml_context *c, ml_call *k) {\n  %s_args *a = k->args;\n%s\n  return ML_OK;\n}\n")
    :format(op.name, op.name, table.concat(lines, "\n"))
end

local function wrapper(op)
  local lines = { prototypes.public(op) .. " {" }
  if has_args(op) then
    local members = {}
    for _, a in ipairs(op.scalars) do
      table.insert(members, (".%s = %s%s"):format(a.name, types.by_pointer(a) and "*" or "", a.name))
    end
    if #op.options > 0 then table.insert(members, ".options = *options") end
    table.insert(lines, ("  %s_args args = {%s};"):format(op.name, table.concat(members, ", ")))
  end
  local in_name, count = "in", #op.tensors
  if op.list then
    in_name, count = ("(ml_tensor **)(uintptr_t)%s"):format(op.list.name), "count"
  else
    local names = {}
    for _, a in ipairs(op.tensors) do table.insert(names, "(ml_tensor *)(uintptr_t)" .. a.name) end
    table.insert(lines, ("  ml_tensor *in[] = {%s};"):format(table.concat(names, ", ")))
  end
  table.insert(lines, ("  ml_call call = {.op = &ml_ops[ML_OP_%s], .in = %s, .count = %s, .args = %s};")
    :format(op.name:upper(), in_name, count, has_args(op) and "&args" or "NULL"))
  if #op.results == 1 then
    table.insert(lines, "  return ml_apply(c, &call, out);\n}\n")
  else
    table.insert(lines, ("  ml_tensor *results[%d];\n  ml_status status = ml_apply(c, &call, results);"):format(#op.results))
    for i, result in ipairs(op.results) do table.insert(lines, ("  *%s = results[%d];"):format(result[1], i - 1)) end
    table.insert(lines, "  return status;\n}\n")
  end
  return table.concat(lines, "\n")
end

-- The gradient as a composition of recorded ops: one temporary a step, released together at the end.
local function recorded(op)
  local steps, count = {}, 0
  local names = { g = "(ml_tensor *)(uintptr_t)k->g" }
  for i, name in ipairs(op.saves) do names[name == "result" and "z" or name] = ("(ml_tensor *)(uintptr_t)k->saved[%d]"):format(i - 1) end
  local params = {}
  for _, a in ipairs(op.scalars) do params[a.name] = true end
  local CALLS = { ["and"] = "logical_and", ["or"] = "logical_or", xor = "logical_xor", ["not"] = "logical_not" }

  local function temporary(call)
    table.insert(steps, ("    if ((status = %s&t[%d])) != ML_OK) goto done;"):format(call, count))
    count = count + 1
    return ("t[%d]"):format(count - 1)
  end
  local function value(tree)
    if tree.kind == "number" then return temporary(("ml_number(c, %s, "):format(tree.value)) end
    if tree.kind == "variable" then
      if params[tree.name] then return temporary(("ml_number(c, a->%s, "):format(tree.name)) end
      return assert(names[tree.name], op.name .. ": " .. tree.name)
    end
    local arguments = {}
    for i, child in ipairs(tree) do arguments[i] = value(child) end
    return temporary(("ml_%s(c, %s, "):format(CALLS[tree.name] or tree.name, table.concat(arguments, ", ")))
  end

  local body = {}
  for _, a in ipairs(op.tensors) do
    local tree = op.grad[a.name]
    if tree then
      steps = {}
      local result = value(tree)
      table.insert(body, ("  if (k->want[%d]) {"):format(a.input))
      for _, step in ipairs(steps) do table.insert(body, step) end
      table.insert(body, ("    k->dx[%d] = ml_retain(%s);\n  }"):format(a.input, result))
    end
  end
  local uses_args = false
  for _, line in ipairs(body) do uses_args = uses_args or line:find "a%->" ~= nil end
  return ("static ml_status %s_recorded(ml_context *c, const ml_grad_call *k) {\n%s  ml_tensor *t[%d] = {0};\n  ml_status status = ML_OK;\n%s\n%s  for (int i = 0; i < %d; i++) ml_release(t[i]);\n  return status;\n}\n")
    :format(op.name, uses_args and open_args(op, "k") or "", math.max(count, 1), table.concat(body, "\n"), count > 0 and "done:\n" or "  (void)c;\n", count)
end

-- Where a kernel's inputs come from: -1 is g, otherwise a position among the inputs (forward) or the saved (backward).
local function kernel_use(k, source_of)
  local sources = {}
  for _, input in ipairs(k.inputs) do table.insert(sources, tostring(source_of(input.name))) end
  return ("{.kernel = %d, .inputs = %d, .source = {%s}}"):format(k.index, #k.inputs, #sources > 0 and table.concat(sources, ", ") or "0")
end

local function elementwise(op)
  local input_of, saved_of = {}, { g = -1 }
  for _, a in ipairs(op.tensors) do input_of[a.name] = a.input end
  for i, name in ipairs(op.saves) do saved_of[name == "result" and "z" or name] = i - 1 end
  local rows = { ("  .forward = %s,"):format(kernel_use(op.forward_kernel, function(n) return input_of[n] end)) }
  for _, a in ipairs(op.tensors) do
    local k = op.grad_kernel[a.name]
    if k then
      table.insert(rows, ("  .grad[%d] = %s,"):format(a.input, kernel_use(k, function(n) return saved_of[n] end)))
    elseif op.grad[a.name] then
      table.insert(rows, ("  .passes[%d] = true,"):format(a.input))
    end
  end
  local function position(name) return name and input_of[name] or -1 end
  table.insert(rows, ("  .result = %s, .nonzero = %d, .nonnegative = %d,"):format(op.result == "bool" and "ML_BOOL" or "-1",
    position(op.nonzero), position(op.nonnegative)))
  return ("static const ml_elementwise %s_elementwise = {\n%s\n};\n"):format(op.name, table.concat(rows, "\n"))
end

local function row(op, has_prepare)
  local function dtype(entry) return entry.dtype and "ML_" .. entry.dtype:upper() or "-1" end
  local input_index, save, keep_dtype, kinds, optional, layouts = {}, {}, {}, {}, {}, {}
  for _, a in ipairs(op.tensors) do
    input_index[a.name] = a.input
    table.insert(kinds, KIND[a.type])
    table.insert(optional, tostring(a.optional or false))
    table.insert(layouts, "ML_LAYOUT_" .. a.layout:upper())
  end
  local keep_index = {}
  for i, k in ipairs(op.keeps) do
    keep_index[k[1]] = i - 1
    table.insert(keep_dtype, dtype(k))
  end
  local result_index, more_dtype = { result = 0 }, {}
  for i, r in ipairs(op.results) do
    result_index[r[1]] = i - 1
    if i > 1 then table.insert(more_dtype, dtype(r)) end
  end
  for _, name in ipairs(op.saves) do
    if result_index[name] then table.insert(save, ("{ML_SAVE_RESULT, %d}"):format(result_index[name]))
    elseif keep_index[name] then table.insert(save, ("{ML_SAVE_KEEP, %d}"):format(keep_index[name]))
    else table.insert(save, ("{ML_SAVE_INPUT, %d}"):format(assert(input_index[name], op.name .. ": saves " .. name))) end
  end
  local function braces(list) return "{" .. (#list > 0 and table.concat(list, ", ") or "0") .. "}" end
  local is_elementwise = op.family == "elementwise"
  local fields = {
    (".name = \"%s\""):format(op.name),
    ".family = ML_FAMILY_" .. op.family:upper(),
    ".accepts = ML_ACCEPTS_" .. op.accepts:upper(),
    (".inputs = %d"):format(op.list and -1 or #op.tensors),
    ".input_kind = " .. braces(kinds),
    ".optional = " .. braces(optional),
    ".layout = " .. braces(layouts),
    (".strided = %s, .differentiable = %s, .needs_data = %s, .second_order = %s"):format(op.strided, op.differentiable, op.needs_data, op.second),
    has_args(op) and (".args_size = sizeof(%s_args)"):format(op.name) or ".args_size = 0",
    (".saves = %d, .save = %s"):format(#save, #save > 0 and braces(save) or "{{0}}"),
    (".keeps = %d, .keep_dtype = %s"):format(#op.keeps, braces(keep_dtype)),
    (".more = %d, .more_dtype = %s"):format(#more_dtype, braces(more_dtype)),
    has_prepare and (".prepare = %s_prepare_call"):format(op.name) or nil,
  }
  if is_elementwise then
    table.insert(fields, (".elementwise = &%s_elementwise"):format(op.name))
    table.insert(fields, ".infer = ml_elementwise_infer, .forward = ml_elementwise_forward")
    if op.differentiable then
      table.insert(fields, (".backward = ml_elementwise_backward, .backward_recorded = %s_recorded"):format(op.name))
    end
  else
    table.insert(fields, (".infer = %s_infer_call, .forward = %s_forward_call"):format(op.name, op.name))
    if op.differentiable then table.insert(fields, (".backward = %s_backward_call"):format(op.name)) end
  end
  return ("  [ML_OP_%s] = {%s},"):format(op.name:upper(), table.concat(fields, ",\n    "))
end

return function(ops)
  local out = { "/* Generated from tensor/ops/ and nn/ops/ by generator/; not to be edited. */",
    '#include "ops.gen.h"', '#include "tensor/elementwise.h"', "", "#include <math.h>", "" }
  local rows = {}
  for _, op in ipairs(ops) do
    local prepare_text = prepare(op)
    if prepare_text then table.insert(out, prepare_text) end
    if op.family == "elementwise" then
      table.insert(out, elementwise(op))
      if op.differentiable then table.insert(out, recorded(op)) end
    else
      table.insert(out, infer_call(op))
      table.insert(out, forward_call(op))
      if op.differentiable then table.insert(out, backward_call(op)) end
    end
    table.insert(out, wrapper(op))
    table.insert(rows, row(op, prepare_text ~= nil))
  end
  table.insert(out, "const ml_op ml_ops[ML_OPS] = {\n" .. table.concat(rows, "\n") .. "\n};\n")
  return table.concat(out, "\n")
end
