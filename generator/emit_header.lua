-- ops.gen.h: one enum value, one options struct and the prototypes of each op.

local types, prototypes = require "c_types", require "prototypes"

return function(ops, kernels)
  local out = { "/* Generated from tensor/ops/ and nn/ops/ by generator/; not to be edited. */",
    "#ifndef ML_OPS_GEN_H", "#define ML_OPS_GEN_H", "", '#include "tensor/op.h"', "" }
  local function add(line) table.insert(out, line) end

  add "enum {"
  for _, op in ipairs(ops) do add(("  ML_OP_%s,"):format(op.name:upper())) end
  add "  ML_OPS\n};\n\nextern const ml_op ml_ops[ML_OPS];\n"
  add(("enum { ML_KERNELS = %d };\n"):format(#kernels))

  -- Arguments of one name share an enumeration; one may have further words behind those that all have.
  local longest, names = {}, {}
  for _, op in ipairs(ops) do
    for _, a in ipairs(op.all) do
      local other = a.words and longest[a.name]
      if a.words and not other then names[#names + 1] = a.name end
      for i = 1, other and math.min(#other.words, #a.words) or 0 do
        if other.words[i] ~= a.words[i] then error(a.name .. " is declared with different words") end
      end
      if a.words and (not other or #a.words > #other.words) then longest[a.name] = a end
    end
  end
  for _, name in ipairs(names) do add(types.enumeration(longest[name])) end
  add ""

  for _, op in ipairs(ops) do
    add(("/* %s: %s */"):format(op.name, (op.doc:gsub("%*/", "* /"))))
    if #op.options > 0 then
      add(("typedef struct %s_options {"):format(op.name))
      for _, a in ipairs(op.options) do add("  " .. types.member(a) .. ";") end
      add(("} %s_options;"):format(op.name))
    end
    if #op.scalars + #op.options > 0 then
      add(("typedef struct %s_args {"):format(op.name))
      for _, a in ipairs(op.scalars) do add("  " .. types.member(a) .. ";") end
      if #op.options > 0 then add(("  %s_options options;"):format(op.name)) end
      add(("} %s_args;"):format(op.name))
    end
    add("ML_CHECKED " .. prototypes.public(op) .. ";")
    if op.prepare then add("ML_CHECKED " .. prototypes.prepare(op) .. ";") end
    if op.family ~= "elementwise" then
      add("ML_CHECKED " .. prototypes.infer(op) .. ";")
      add("ML_CHECKED " .. prototypes.forward(op) .. ";")
      if op.differentiable then add("ML_CHECKED " .. prototypes.backward(op) .. ";") end
    end
    add ""
  end
  add "#endif\n"
  return table.concat(out, "\n")
end
