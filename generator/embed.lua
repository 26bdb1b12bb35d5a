-- Writes the C table of the Lua modules that live inside the binary (vm/modules.h declares it).
--
--   lua5.4 generator/embed.lua OUT.c lua/moonlab/init.lua lua/moonlab/nn/module.lua ...
--
-- Source text and not bytecode: line numbers, messages and `??name` stay those of the file. The result depends on the
-- arguments and the files alone, so that two builds are the same.

-- lua/moonlab/nn/module.lua -> moonlab.nn.module; lua/moonlab/nn/init.lua -> moonlab.nn
local function module_name(path)
  local name = path:match("lua/(moonlab/.*)%.lua$") or path:match("lua/(moonlab)%.lua$")
  if not name then error(path .. ": not a module below lua/moonlab/", 0) end
  return (name:gsub("/init$", ""):gsub("/", "."))
end

local function chunk_name(path) return "@" .. path:match("lua/moonlab.*$") end

local escapes = { ["\\"] = "\\\\", ['"'] = '\\"', ["?"] = "\\?", ["\t"] = "\\t", ["\n"] = "\\n" }

-- '?' is escaped since "??=" and kin are trigraphs; octal escapes always have three digits, so that no digit after them
-- is taken for a part of them.
local function c_line(text)
  return (text:gsub("[^%w ]", function(byte)
    if escapes[byte] then return escapes[byte] end
    local code = byte:byte()
    if code < 32 or code > 126 then return ("\\%03o"):format(code) end
  end))
end

local function c_source(text)
  local lines = {}
  for line in text:gmatch("[^\n]*\n?") do
    if line ~= "" then lines[#lines + 1] = '  "' .. c_line(line) .. '"' end
  end
  if #lines == 0 then return '  ""' end
  return table.concat(lines, "\n")
end

local out, entries, sources = arg[1], {}, {}
for i = 2, #arg do
  local path = arg[i]
  local file = assert(io.open(path, "rb"))
  local text = file:read("a")
  file:close()
  sources[#sources + 1] = ("static const char source_%d[] =\n%s;\n"):format(i - 1, c_source(text))
  entries[#entries + 1] = ('  {"%s", "%s", source_%d, %d},'):format(c_line(module_name(path)), c_line(chunk_name(path)), i - 1, #text)
end

local file = assert(io.open(out, "wb"))
file:write('/* Written by generator/embed.lua. */\n#include "vm/modules.h"\n\n', table.concat(sources, "\n"), "\n",
  "const vm_module vm_modules[] = {\n", table.concat(entries, "\n"), "\n  {NULL, NULL, NULL, 0},\n};\n")
assert(file:close())
