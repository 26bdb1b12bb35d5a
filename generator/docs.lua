-- lua5.4 generator/docs.lua OUT_DIR      run from the top folder by `make docs` with OUT_DIR = docs
--
-- Derives the pages of reference from the op tables, bindings/reference.lua and the comments of the library:
--   ops.md, tensors.md   emit_docs.lua           library.md   emit_library.lua
--   moonlab.d.lua        emit_annotations.lua    for the editor (lua-language-server)
-- They are committed, so that they can be read without building; tests/generated.sh fails when one is stale.

package.path = "generator/?.lua;" .. package.path

local out = assert(arg[1], "usage: docs.lua OUT_DIR")
local ops = require("ops_table").load()
local reference = require "reference_table"
local docs, library = require "emit_docs", require "emit_library"
local entries, pages = reference.load(), library.collect()

local function write(name, text)
  local file = assert(io.open(out .. "/" .. name, "wb"))
  assert(file:write((text:gsub("\n\n\n+", "\n\n"):gsub("%s*$", "\n"))))
  assert(file:close())
end

write("ops.md", docs.ops(ops, reference.op_sections()))
write("tensors.md", docs.tensors(entries))
write("library.md", library.markdown(pages, docs.note))
write("moonlab.d.lua", require("emit_annotations")(ops, entries, pages))
