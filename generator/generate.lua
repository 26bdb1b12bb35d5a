-- lua5.4 generator/generate.lua OUT_DIR      run from the top folder by make
--
-- Derives from tensor/ops/ and nn/ops/ everything that would otherwise be typed again:
--   ops.gen.h          enum, option structs, prototypes            emit_header.lua
--   ops.gen.c          the ml_op table, calls unpacked, wrappers   emit_dispatch.lua
--   elementwise_*.inc  kernels, compiled for each type and width   emit_kernels.lua
--   signatures.gen.c   arguments as the bindings check them        emit_signatures.lua

package.path = "generator/?.lua;" .. package.path

local out = assert(arg[1], "usage: generate.lua OUT_DIR")
local ops, by_name = require("ops_table").load()
local kernels = require("kernel_list").collect(ops, by_name)

local function write(name, text)
  local path = out .. "/" .. name
  local old = io.open(path, "rb")
  if old then
    local same = old:read "a" == text
    old:close()
    if same then return end -- keep the time stamp: nothing that includes it has to be compiled again
  end
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

write("ops.gen.h", require("emit_header")(ops, kernels))
write("ops.gen.c", require("emit_dispatch")(ops, by_name, kernels))
for name, text in pairs(require("emit_kernels")(kernels, by_name)) do write(name, text) end
write("signatures.gen.c", require("emit_signatures")(ops))
