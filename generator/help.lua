-- lua5.4 generator/help.lua OUT.lua      run by make
--
-- Writes the Lua module that moonlab.help reads: a list of { name, text } with an entry for each op, constructor, method and
-- library function, from the sources of the pages of reference.

package.path = "generator/?.lua;" .. package.path

local path = assert(arg[1], "usage: help.lua OUT.lua")
local ops = require("ops_table").load()
local reference = require "reference_table"
local docs, library = require "emit_docs", require "emit_library"

local out = { "-- Made by generator/help.lua; not to be edited.", "return {" }

-- Lines of an entry; false leaves a line out.
local function add(name, lines)
  local kept = {}
  for _, line in ipairs(lines) do
    if line then kept[#kept + 1] = line end
  end
  out[#out + 1] = ("  { %q, %q },"):format(name, table.concat(kept, "\n"))
end

local function indented(text) return "  " .. text:gsub("\n", "\n  ") end

for _, op in ipairs(ops) do
  local lines = { (docs.op_forms(op):gsub("`", ""):gsub(" · ", "\n")), "", op.doc, op.formula and "\n  " .. op.formula or false, "" }
  for _, line in ipairs(docs.argument_lines(op)) do lines[#lines + 1] = line end
  lines[#lines + 1] = docs.types_text(op)
  lines[#lines + 1] = "\nExample\n  " .. op.example
  add((op.space and ("ml.%s."):format(op.space) or "ml.") .. op.name, lines)
end

for _, e in ipairs(reference.load()) do
  local names = { constructor = "ml." .. e.name, method = "x:" .. e.name, field = "x." .. e.name, index = e.name }
  add(names[e.kind], { docs.form(e), "", e.doc, "\nExample\n  " .. e.example })
end

for _, page in ipairs(library.collect()) do
  for _, e in ipairs(page.entries) do
    local lines = { library.form(e), "", e.text ~= "" and e.text or false }
    if #e.params > 0 then lines[#lines + 1] = "" end
    for _, p in ipairs(e.params) do lines[#lines + 1] = ("  %s  %s"):format(p.name, p.text) end
    lines[#lines + 1] = e.shape and "\nShape   " .. e.shape or false
    lines[#lines + 1] = e.returns and "\nGives   " .. e.returns or false
    lines[#lines + 1] = e.error and "\nErrors  " .. e.error or false
    lines[#lines + 1] = e.usage and "\nExample\n" .. indented(library.usage(e.usage)) or false
    if e.name == "ml.recipe" then lines[#lines + 1] = "\nFields\n" .. library.field_lines(page.fields) end
    add(e.name, lines)
  end
end

out[#out + 1] = "}\n"
local file = assert(io.open(path, "wb"))
assert(file:write(table.concat(out, "\n")))
assert(file:close())
