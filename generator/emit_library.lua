-- docs/library.md: the public names of lua/moonlab, from the comments above them.

local comments = require "library_comments"

local M = {}

-- What is shown, in order. module: all names of a module; members: documented functions of a file under another prefix;
-- whole: a file that is one name; methods: those of objects, with the name that an object has in the examples.
M.PAGES = {
  { title = "ml", module = { "ml.", "init.lua" }, text = "The ops stand in [ops.md](ops.md), the constructors in [tensors.md](tensors.md)." },
  { title = "ml.nn: layers and models", module = { "ml.nn.", "nn/init.lua" } },
  { title = "Models", methods = { { "model:", "nn/module.lua" }, { "model:", "nn/building.lua" }, { "model:", "nn/state.lua" } },
    text = "Methods of everything that `nn` makes: layers, `nn.Sequential`, classes of one's own." },
  { title = "ml.optim: optimizers and schedules", module = { "ml.optim.", "optim/init.lua" } },
  { title = "Optimizers", methods = { { "opt:", "optim/optimizer.lua" } }, text = "Methods of what `ml.optim.sgd` and its kin give." },
  { title = "Schedules", methods = { { "schedule:", "optim/schedule.lua" } } },
}

-- Not of use outside of the library itself.
local INTERNAL = { ["model:run_shapes"] = true, ["opt:option_names"] = true, ["schedule:option_names"] = true,
  ["ml.nn.init.pick"] = true, ["ml.nn.init.default_weight"] = true, ["ml.nn.init.default_bias"] = true }

local LIBRARY = "lua/moonlab/"

-- The pages with their entries: a list of { title =, text =, entries = }.
function M.collect()
  local pages = {}
  for i, page in ipairs(M.PAGES) do
    local list, head = {}, nil
    if page.module then list, head = comments.module(page.module[1], LIBRARY .. page.module[2], list) end
    for _, m in ipairs(page.members or {}) do comments.module(m[1], LIBRARY .. m[2], list) end
    for _, w in ipairs(page.whole or {}) do comments.whole(w[1], LIBRARY .. w[2], list) end
    for _, m in ipairs(page.methods or {}) do comments.methods(m[1], LIBRARY .. m[2], list) end
    local shown = {}
    for _, entry in ipairs(list) do
      if not INTERNAL[entry.name] then shown[#shown + 1] = entry end
    end
    pages[i] = { title = page.title, text = page.text or "", head = page.module and head and table.concat(head.text, "\n"), entries = shown }
  end
  return pages
end

-- Formulas and lists keep their lines: an indented line starts a text block.
local function prose(text)
  local out, block = {}, false
  for line in (text .. "\n"):gmatch "(.-)\n" do
    local is_block = line:find "^  " ~= nil
    if is_block ~= block then
      out[#out + 1] = is_block and "\n```text" or "```\n"
      block = is_block
    end
    out[#out + 1] = is_block and line:gsub("^  ", "") or line
  end
  if block then out[#out + 1] = "```" end
  return (table.concat(out, "\n"):gsub("\n\n+", "\n\n"):gsub("^%s+", ""):gsub("%s+$", ""))
end
M.prose = prose

function M.form(e) return e.group and e.name or e.args and ("%s(%s)"):format(e.name, e.args) or e.name end

local function entry(out, e)
  local function add(...) out[#out + 1] = string.format(...) end
  add("### `%s`\n", M.form(e))
  if e.text ~= "" then add("%s\n", prose(e.text)) end
  for _, p in ipairs(e.params) do add("- `%s`: %s", p.name, p.text) end
  if #e.params > 0 then add("") end
  if e.shape then add("Shape: %s\n", e.shape) end
  if e.returns then add("Gives: %s\n", (e.returns:gsub("\n", "; "))) end
  if e.error then add("Errors: %s\n", (e.error:gsub("\n", "; "))) end
  if e.usage then add("```lua\n%s\n```\n", (e.usage:gsub("   +(%S)", "\n%1"):gsub("\n%-%-", "   --"))) end
end

local HEAD = [[
# Library

The names of `require "moonlab"` that are written in Lua, from the comments in `lua/moonlab/`. An options table is written
`{ name = default }`; unknown options are errors that name the nearest one.
]]

function M.markdown(pages, note)
  local out = { note:format "the comments of lua/moonlab/", HEAD }
  for _, page in ipairs(pages) do
    out[#out + 1] = "## " .. page.title .. "\n"
    if page.head then out[#out + 1] = prose(page.head) .. "\n" end
    if page.text ~= "" then out[#out + 1] = page.text .. "\n" end
    for _, e in ipairs(page.entries) do entry(out, e) end
  end
  return table.concat(out, "\n")
end

return M
