-- The pages: every example gives what it says, every export is documented, every block of Lua in the pages runs.

package.path = "generator/?.lua;" .. package.path

local lu = require "luaunit"
local support = require "support"
local ml = require "moonlab"
local core = require "moonlab.core"
local ops, op_by_name = require("ops_table").load()
local entries = require("reference_table").load()
local library = require "emit_library"
local signature = require "signature_text"
local pages = library.collect()

-- Examples -----------------------------------------------------------------------------------------------------------

local function environment()
  return setmetatable({ ml = ml, nn = ml.nn, data = ml.data }, { __index = _G })
end

-- All numbers and words of a result in order: of a tensor, of nested tables, or the value itself.
local function flatten(value, into)
  if ml.is_tensor(value) then value = value:dim() == 0 and value:item() or value:tolist() end
  if type(value) == "table" then
    for _, v in ipairs(value) do flatten(v, into) end
  else
    into[#into + 1] = value
  end
  return into
end

-- Numbers agree to four significant digits, words exactly.
local function same(actual, shown)
  local number = tonumber(shown)
  if not number or type(actual) ~= "number" then return tostring(actual) == shown end
  return actual == number or math.abs(actual - number) <= 5e-4 * math.abs(number)
end

-- Runs "code   --> what it gives" or "code   -- [its shape]".
local function check_example(name, text)
  local code, shown = text:match "^(.-)%s+%-%->%s*(.-)%s*$"
  local shape = not code and text:match "%-%- %[([%d, ]*)%]"
  local chunk = assert(load("return " .. (code or text), "=" .. name, "t", environment()))
  local value = chunk()
  if shape then lu.assertEquals(table.concat(value.shape, ", "), shape, name) end
  if not code then return end
  local actual = value == nil and { "nil" } or flatten(value, {})
  local words = {}
  for word in shown:gsub("[{},]", " "):gmatch "%S+" do words[#words + 1] = word end
  lu.assertEquals(#actual, #words, name .. ": " .. text)
  for i, word in ipairs(words) do
    if not same(actual[i], word) then lu.fail(("%s: element %d is %s, the example shows %s"):format(name, i, tostring(actual[i]), word)) end
  end
end

TestExamples = {}

for _, op in ipairs(ops) do
  TestExamples["test_op_" .. op.name] = function() check_example(op.name, op.example) end
end

for _, e in ipairs(entries) do
  TestExamples[("test_%s_%s"):format(e.kind, e.name:gsub("[^%w]+", "_"))] = function() check_example(e.name, e.example) end
end

for _, page in ipairs(pages) do
  for _, e in ipairs(page.entries) do
    if e.usage and e.usage:find "-->" then
      TestExamples["test_library_" .. e.name:gsub("[^%w]+", "_")] = function() check_example(e.name, e.usage) end
    end
  end
end

-- Exports ------------------------------------------------------------------------------------------------------------

local documented = {}
for _, op in ipairs(ops) do
  if not op.space or op.space == "nn" then documented["ml." .. op.name] = op.doc end
  if op.space then documented[("ml.%s.%s"):format(op.space, op.name)] = op.doc end
  if op.method then documented["x:" .. op.name] = op.doc end
  if signature.in_place(op) then documented[("x:%s_"):format(op.name)] = op.doc end
end
for _, e in ipairs(entries) do
  documented[(e.kind == "constructor" and "ml." or e.kind == "method" and "x:" or "x.") .. e.name] = e.doc
end
for _, page in ipairs(pages) do
  for _, e in ipairs(page.entries) do documented[e.name] = e.text end
end

-- Names that are part of no interface, and constants that need no words.
local function is_public(name, key)
  return type(key) == "string" and not key:find "^_" and not library.INTERNAL[name]
end

local function missing_of(prefix, from, only_functions)
  local missing = {}
  for key, value in pairs(from) do
    local name = prefix .. tostring(key)
    local wanted = is_public(name, key) and (not only_functions or type(value) == "function")
    if wanted and (documented[name] or "") == "" then missing[#missing + 1] = name end
  end
  table.sort(missing)
  return missing
end

-- The modules and lazily loaded fields that lua/moonlab/init.lua names.
local function lazy_names()
  local file = assert(io.open "lua/moonlab/init.lua")
  local text = file:read "a"
  file:close()
  local modules, fields = {}, {}
  for name in text:match("local MODULES = (%b{})"):gmatch '"(%w+)"' do modules[#modules + 1] = name end
  for name in text:match("local FIELDS = (%b{})"):gmatch "([%w_]+) =" do fields[#fields + 1] = name end
  return modules, fields
end

TestExports = {}

local modules, fields = lazy_names()

function TestExports.test_ml_has_only_documented_names()
  local own = {}
  for key, value in pairs(ml) do
    if type(value) ~= "table" and key ~= "version" then own[key] = value end
  end
  lu.assertEquals(missing_of("ml.", own), {})
end

function TestExports.test_fields_that_ml_loads_are_documented()
  lu.assertTrue(#fields > 3)
  for _, name in ipairs(fields) do
    lu.assertNotNil(ml[name], "ml." .. name)
    lu.assertTrue((documented["ml." .. name] or "") ~= "", "ml." .. name .. " is not documented")
  end
end

for _, name in ipairs(modules) do
  TestExports[("test_ml_%s_has_only_documented_names"):format(name)] = function()
    lu.assertEquals(missing_of(("ml.%s."):format(name), ml[name]), {})
  end
end

function TestExports.test_initialisers_are_documented() lu.assertEquals(missing_of("ml.nn.init.", ml.nn.init), {}) end
function TestExports.test_methods_of_tensors_are_documented() lu.assertEquals(missing_of("x:", core.methods), {}) end
function TestExports.test_methods_of_models_are_documented() lu.assertEquals(missing_of("model:", ml.nn.Module, true), {}) end

function TestExports.test_methods_of_optimizers_are_documented()
  local opt = ml.optim.sgd({ ml.zeros(1, { requires_grad = true }) }, { lr = 0.1 })
  lu.assertEquals(missing_of("opt:", getmetatable(opt).__index, true), {})
end

function TestExports.test_methods_of_data_sets_are_documented()
  lu.assertEquals(missing_of("set:", require "moonlab.data.dataset", true), {})
end

function TestExports.test_methods_of_tables_columns_and_expressions_are_documented()
  local Table, Expression = require "moonlab.table.table", require "moonlab.table.expression"
  lu.assertEquals(missing_of("t:", Table.methods, true), {})
  lu.assertEquals(missing_of("e:", { on = Expression.methods.on, inputs = Expression.methods.inputs, encode = Expression.methods.encode }), {})
  local columns = {}
  for name, f in pairs(require "moonlab.table.column") do
    if not require("moonlab.table.column").internal[name] then columns[name] = f end
  end
  lu.assertEquals(missing_of("c:", columns, true), {})
end

function TestExports.test_what_is_documented_exists()
  for _, e in ipairs(entries) do
    if e.kind == "constructor" then lu.assertEquals(type(ml[e.name]), "function", "ml." .. e.name)
    elseif e.kind == "method" then lu.assertEquals(type(core.methods[e.name]), "function", "x:" .. e.name) end
  end
  for _, op in ipairs(ops) do
    local place = op.space and ml[op.space] or ml
    lu.assertEquals(type(place[op.name]), "function", op.name)
    lu.assertEquals(core.methods[op.name] ~= nil, op.method, "x:" .. op.name)
    lu.assertEquals(core.methods[op.name .. "_"] ~= nil, signature.in_place(op), ("x:%s_"):format(op.name))
  end
  lu.assertNotNil(op_by_name.matmul)
end

-- Pages --------------------------------------------------------------------------------------------------------------

-- The fenced blocks of a page: a list of { kind =, line =, text = }; follows = whether only blank lines lie before it.
local function blocks_of(path)
  local list, block, n, gap = {}, nil, 0, true
  for line in io.lines(path) do
    n = n + 1
    if block then
      if line == "```" then
        block.text = table.concat(block, "\n")
        list[#list + 1], block, gap = block, nil, false
      else
        block[#block + 1] = line
      end
    elseif line:find "^```" then
      block = { kind = line:sub(4), line = n, follows = not gap }
    elseif line ~= "" then
      gap = true
    end
  end
  return list
end

local has_fashion = pcall(function() return ml.data.fashion_mnist().train:count() end)

-- Runs a block; gives what it printed.
local function run_block(path, block, env)
  local lines = {}
  env.print = function(...)
    local words = table.pack(...)
    for i = 1, words.n do words[i] = tostring(words[i]) end
    lines[#lines + 1] = table.concat(words, "\t")
  end
  local chunk = assert(load(("\n"):rep(block.line) .. block.text, "@" .. path, "t", env))
  chunk()
  return table.concat(lines, "\n")
end

local function trimmed(text) return (text:gsub("[ \t]+\n", "\n"):gsub("%s+$", "")) end

-- All blocks of a page in order, with one set of globals; `local` at the start of a line makes one, so that a later
-- block can go on with it.
local function check_page(path)
  local env = environment()
  local blocks, ran = blocks_of(path), 0
  for i, block in ipairs(blocks) do
    if block.kind == "lua" then
      if block.text:find "fashion_mnist" and not has_fashion then
        print(("skip %s:%d: Fashion-MNIST is not there (package dataset-fashion-mnist)"):format(path, block.line))
      else
        local shared = {}
        for key, value in pairs(block) do shared[key] = value end
        shared.text = ("\n" .. block.text):gsub("\nlocal function ", "\nfunction "):gsub("\nlocal ([%w_, ]+=)", "\n%1"):sub(2)
        local printed = run_block(path, shared, env)
        ran = ran + 1
        local expected = blocks[i + 1]
        if expected and expected.kind == "text" and expected.follows then
          lu.assertEquals(trimmed(printed), trimmed(expected.text), ("%s:%d"):format(path, expected.line))
        end
      end
    end
  end
  return ran
end

TestPages = {}

local listing = assert(io.popen "ls README.md docs/tutorial.md docs/errors.md docs/howto/*.md 2>/dev/null")
for path in listing:lines() do
  TestPages["test_blocks_of_" .. path:gsub("[^%w]+", "_")] = function() lu.assertTrue(check_page(path) >= 0) end
end
listing:close()

local function read(path)
  local file = assert(io.open(path))
  local text = file:read "a"
  file:close()
  return text
end

function TestPages.test_the_recipe_of_the_readme_is_the_one_that_the_demo_runs()
  for _, block in ipairs(blocks_of "README.md") do
    if block.kind == "lua" then lu.assertTrue(read "recipes/fashion_quick.lua":find(block.text, 1, true) ~= nil) end
  end
end

-- Commands: what they print has the words that the page shows, in the order of its lines. Numbers, blanks and which epoch
-- was best may differ from machine to machine; "..." stands for any lines.
local function words(line) return (line:gsub("%d[%d.,]*", "#"):gsub("  best$", ""):gsub("%s+", " ")) end

local function check_command(folder, program, block)
  local command, shown = block.text:match "^%$ moonlab ([^\n]*)\n(.*)$"
  local pipe = assert(io.popen(("cd %s && XDG_STATE_HOME=%s %s %s 2>&1"):format(folder, folder, program, command)))
  local printed = {}
  for line in pipe:lines() do printed[#printed + 1] = words(line) end
  pipe:close()
  local at, skip = 1, false
  for line in (shown .. "\n"):gmatch "(.-)\n" do
    if line == "..." then skip = true
    else
      local wanted = words(line)
      while skip and printed[at] and (printed[at] ~= wanted or printed[at + 1] == wanted) do at = at + 1 end
      lu.assertEquals(printed[at], wanted, block.line)
      at, skip = at + 1, false
    end
  end
  lu.assertEquals(printed[at], nil)
end

function TestPages.test_the_commands_of_the_tutorial_print_what_it_shows()
  local pipe = assert(io.popen "readlink /proc/$PPID/exe")
  local program = pipe:read "l"
  pipe:close()
  local ran = 0
  support.with_folder(function(folder)
    assert(os.execute("cp recipes/data/customers.csv " .. folder))
    for _, block in ipairs(blocks_of "docs/tutorial.md") do
      local name = block.text:match 'ml.recipe {\n  name%s+= "(%l+)"'
      if name then
        local file = assert(io.open(("%s/%s.lua"):format(folder, name), "w"))
        file:write(block.text)
        file:close()
      elseif block.kind == "console" and block.text:find "^%$ moonlab %l+ %l+%.lua" then
        check_command(folder, program, block)
        ran = ran + 1
      end
    end
  end)
  lu.assertEquals(ran, 3)
end

-- What a page links to beside it is there.
function TestPages.test_links_lead_to_files()
  local broken = {}
  local all = assert(io.popen "ls README.md docs/*.md docs/howto/*.md 2>/dev/null")
  for path in all:lines() do
    local folder = path:match "^(.*/)" or ""
    for target in read(path):gsub("```.-```", ""):gmatch "%]%(([^)#]+)#?[^)]*%)" do
      if not target:find "^%a+:" then
        local there = io.open(folder .. target)
        if there then there:close() else broken[#broken + 1] = path .. " -> " .. target end
      end
    end
  end
  all:close()
  lu.assertEquals(broken, {})
end
