-- signatures.gen.c: what the bindings check arguments against, and what help and completion show.

local types, signature = require "c_types", require "signature_text"

local function default(a)
  local value = a.default
  if value == nil then return "" end
  if a.words then
    for i, word in ipairs(a.words) do
      if word == value then return (", .integer = %d"):format(i - 1) end
    end
    error(a.name .. ": default is not one of its words")
  elseif type(value) == "boolean" then return (", .integer = %d"):format(value and 1 or 0)
  elseif a.type == "number" then return ", .number = " .. types.number(value)
  else return (", .integer = %d"):format(value) end
end

local TYPE = { tensor = "TENSOR", index = "TENSOR", mask = "TENSOR", any = "TENSOR", state = "TENSOR", tensors = "TENSORS", word = "WORD" }

local function argument(op, a)
  local offset = "0"
  if a.is_tensor then offset = tostring(a.input)
  elseif a.type ~= "tensors" then
    offset = a.is_option and ("offsetof(%s_args, options.%s)"):format(op.name, a.name) or ("offsetof(%s_args, %s)"):format(op.name, a.name)
  end
  local words, range = "", ""
  if a.words then
    local quoted = {}
    for _, word in ipairs(a.words) do table.insert(quoted, types.quote(word)) end
    words = (", .words = (const char *const[]){%s, NULL}"):format(table.concat(quoted, ", "))
  end
  if a.range then range = (", .has_range = true, .low = %s, .high = %s"):format(types.number(a.range[1]), types.number(a.range[2])) end
  return ("    {.name = \"%s\", .type = ML_ARG_%s, .at = %s, .optional = %s, .has_default = %s%s%s%s},")
    :format(a.name, TYPE[a.type] or a.type:upper(), offset, a.optional or false, a.default ~= nil, default(a), words, range)
end

return function(ops)
  local out = { "/* Generated from tensor/ops/ and nn/ops/ by generator/; not to be edited. */",
    '#include "bindings/signature.h"', '#include "ops.gen.h"', "", "#include <math.h>", "#include <stddef.h>", "" }
  local rows = {}
  for _, op in ipairs(ops) do
    local positional, options = {}, {}
    for _, a in ipairs(op.all) do table.insert(a.is_option and options or positional, argument(op, a)) end
    if #op.all > 0 then
      table.insert(out, ("static const ml_argument %s_arguments[] = {"):format(op.name))
      for _, line in ipairs(positional) do table.insert(out, line) end
      for _, line in ipairs(options) do table.insert(out, line) end
      table.insert(out, "};")
    end
    table.insert(rows, ("  {.op = &ml_ops[ML_OP_%s], .arguments = %s_arguments, .positional = %d, .options = %d, .space = %s, .is_method = %s, .in_place = %s,\n   .metamethod = %s, .also = %s, .doc = %s,\n   .formula = %s, .example = %s},")
      :format(op.name:upper(), op.name, #positional, #options, op.space and types.quote(op.space) or "NULL", op.method, signature.in_place(op) or false,
        op.operator and types.quote(op.operator) or "NULL", op.also and ("ML_OP_%s"):format(op.also:upper()) or "-1", types.quote(op.doc),
        op.formula and types.quote(op.formula) or "NULL", types.quote(op.example)))
  end
  table.insert(out, "\nconst ml_signature ml_signatures[ML_OPS] = {\n" .. table.concat(rows, "\n") .. "\n};\n")
  return table.concat(out, "\n")
end
