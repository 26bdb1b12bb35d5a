-- elementwise_float.inc, _integer.inc, _bool.inc: the kernels, as functions over n contiguous elements of type T. The files of
-- tensor/kernels/ define T and the K_ macros, include one of these, and are compiled for each instruction set.
-- A result may stand where an input stood: reads and writes of one element only.

local expression = require "expression"

local function emit(k, by_name)
  local lines, out_type = {}, k.result == "bool" and "bool" or "T"
  table.insert(lines, ("static void %s_k(int64_t n, void *const *in, void *out, const double *p) {"):format(k.name))
  for i, input in ipairs(k.inputs) do
    table.insert(lines, ("  const %s *%s = in[%d];"):format(input.is_mask and "bool" or "T", input.name, i - 1))
  end
  for i, a in ipairs(k.params) do table.insert(lines, ("  const T %s_ = K_NUMBER(p[%d]); (void)%s_;"):format(a.name, i - 1, a.name)) end
  table.insert(lines, ("  %s *r = out; (void)p; (void)in;"):format(out_type))
  table.insert(lines, "  _Pragma(\"GCC ivdep\") for (int64_t i = 0; i < n; i++) {")
  for _, input in ipairs(k.inputs) do
    table.insert(lines, ("    const %s %s_ = %s[i];"):format(input.is_mask and "bool" or "T", input.name, input.name))
  end
  table.insert(lines, ("    r[i] = (%s)%s;"):format(out_type, expression.to_c(k.tree, by_name)))
  table.insert(lines, "  }\n}\n")
  return table.concat(lines, "\n")
end

return function(kernels, by_name)
  local files = {}
  for _, class in ipairs { "float", "integer", "bool" } do
    local out = { "/* Generated from tensor/ops/ and nn/ops/ by generator/; not to be edited. */" }
    local rows = {}
    for _, k in ipairs(kernels) do
      if k.types[class] then
        table.insert(out, emit(k, by_name))
        table.insert(rows, ("  [%d] = %s_k,"):format(k.index, k.name))
      end
    end
    table.insert(out, "const ml_kernel ML_KERNEL_TABLE[ML_KERNELS] = {\n" .. table.concat(rows, "\n") .. "\n};\n")
    files["elementwise_" .. class .. ".inc"] = table.concat(out, "\n")
  end
  return files
end
