-- Reads the `---` comments of the Lua library and says which public name each belongs to.
--
-- A comment starts with ---; the lines that go on start with --. The first one of a file, before any code, is about the
-- file. Tags: @param name  text, @return text, @shape text, @error text, @usage code, @export name  text (for names that a
-- loop makes). The library's habit of naming exports is all that is understood here:
--
--   return { Linear = require "moonlab.nn.linear", Parameter = parameter.Parameter }       fields of a module
--   function nn.name(...)   name.field = ...   function Class:method(...)   return function(...)   return Feature.kind {...}, series.kind {...}

local M = {}

local function trim(text) return (text:gsub("^%s+", ""):gsub("%s+$", "")) end

-- The lines of a comment -> { text =, params =, returns =, shape =, error =, usage =, exports = }
local function parse_block(lines)
  local block = { text = {}, params = {}, exports = {} }
  local target, key -- where the next line goes on
  for _, line in ipairs(lines) do
    local tag, rest = line:match "^%s*@(%a+)%s*(.*)$"
    if tag == "param" or tag == "export" then
      local name, text = rest:match "^(%.%.%.)%s*(.*)$"
      if not name and tag == "param" then name, text = rest:match "^([%w_]+[%w_, ]-)%s%s+(.*)$" end
      if not name and tag == "export" then name, text = rest:match "^([%w_]+%b())%s+(.*)$" end
      if not name then name, text = rest:match "^(%S+)%s*(.*)$" end
      local entry = { name = name, text = text }
      table.insert(tag == "param" and block.params or block.exports, entry)
      target, key = entry, "text"
    elseif tag then
      tag = tag == "return" and "returns" or tag
      if block[tag] then block[tag] = block[tag] .. "\n" .. rest else block[tag] = rest end
      target, key = block, tag
    elseif target then
      target[key] = target[key] .. (key == "usage" and "\n" .. line or " " .. trim(line))
    else
      table.insert(block.text, line)
    end
  end
  return block
end

-- What the code line under a comment declares.
local function declared(line)
  local owner, separator, name, args = line:match "^function ([%w_]+)([.:])([%w_]+)%((.-)%)"
  if owner then return { owner = owner, method = separator == ":", name = name, args = args } end
  args = line:match "^return function%((.-)%)" or line:match "^return setmetatable%({}, {.-__call = function%((.-)%)"
  if args then return { returned = true, args = args } end
  if line:find "^return Feature%.kind " or line:find "^return series%.kind " then return { returned = true } end
  owner, name = line:match "^([%w_]+)%.([%w_]+) = "
  if owner then return { owner = owner, name = name } end
  name, args = line:match "^local function ([%w_]+)%((.-)%)"
  if name then return { owner = "local", name = name, args = args } end
end

-- A file -> { head = block or nil, entries = list of declared things with their block, class =, locals =, fields = }
function M.read(path)
  local file = { path = path, entries = {}, locals = {}, fields = {} }
  local comment, seen_code = nil, false
  for line in io.lines(path) do
    if comment and line:find "^%-%-" then
      table.insert(comment, (line:gsub("^%-%-%-? ?", "")))
    elseif line:find "^%-%-%-" then
      comment = { (line:gsub("^%-%-%-%s?", "")) }
    else
      if comment then
        local what = line ~= "" and declared(line) or nil
        if not seen_code and not what then file.head = parse_block(comment)
        elseif what then
          what.block = parse_block(comment)
          table.insert(file.entries, what)
        end
        comment = nil
      end
      if line ~= "" then seen_code = true end
      local name, how, module = line:match '^local ([%w_]+) = (%l+) "moonlab%.([%w_.]+)"$'
      if how == "require" or how == "later" then file.locals[name] = module end
      name = line:match '^local ([%w_]+) = .-Module:extend "' or line:match '^local ([%w_]+) = [%w_]+:kind%("'
      if name then file.class = name end
      name = line:match "^function [%w_]+:init%((.-)%)"
      if name then file.init_args = name end
      name, module = line:match '^  ([%w_]+) = require "moonlab%.([%w_.]+)",'
      if name then table.insert(file.fields, { name = name, module = module }) end
      for field, owner, member in line:gmatch "([%w_]+) = ([%w_]+)%.([%w_]+)[, ]" do
        if line:find "^  " and file.locals[owner] then table.insert(file.fields, { name = field, module = file.locals[owner], member = member }) end
      end
    end
  end
  return file
end

local function module_path(module)
  local path = "lua/moonlab/" .. module:gsub("%.", "/")
  local file = io.open(path .. ".lua")
  if file then file:close(); return path .. ".lua" end
  return path .. "/init.lua"
end

local function names_of(params)
  local names = {}
  for i, p in ipairs(params) do names[i] = p.name end
  return table.concat(names, ", ")
end

-- One public name as it is shown.
local function export(name, args, head, block)
  local b = block or head
  local text = head and head.text or {}
  if block and head and block ~= head and #block.text > 0 and trim(table.concat(block.text)) ~= "" then
    text = table.move(block.text, 1, #block.text, #text + 2, table.move(text, 1, #text, 1, { [#text + 1] = "" }))
  elseif not head then text = b.text end
  if (not args or args == "") and b and #b.params > 0 then args = names_of(b.params) end
  local function pick(key) return block and block[key] or head and head[key] end
  return { name = name, args = args, text = table.concat(text, "\n"), params = b and b.params or {}, returns = pick "returns",
    shape = pick "shape", error = pick "error", usage = pick "usage" }
end

-- Everything that a field of a module stands for, which is a whole file.
local function whole(name, path, list)
  local file = M.read(path)
  if file.class then
    local init
    for _, e in ipairs(file.entries) do
      if e.owner == file.class and e.name == "init" then init = e end
    end
    local args = init and #init.block.params > 0 and names_of(init.block.params) or file.init_args or ""
    table.insert(list, export(name, args, file.head, init and init.block))
    return
  end
  for _, e in ipairs(file.entries) do
    if e.returned then
      table.insert(list, export(name, e.args, nil, e.block))
      return
    end
  end
  local members = {}
  for _, e in ipairs(file.entries) do
    if e.owner ~= "local" and not e.method then table.insert(members, export(name .. "." .. e.name, e.args, nil, e.block)) end
  end
  local head = file.head and export(name, nil, file.head)
  if head and #members == 0 and not head.args then
    for _, e in ipairs(file.entries) do -- a file whose head tells what its only local function does
      if e.owner == "local" then head.args = e.args end
    end
  end
  if head then
    head.group = #members > 0
    table.insert(list, head)
  end
  table.move(members, 1, #members, #list + 1, list)
end

-- The public names of a module of ml. prefix: "ml.nn."; self_name: what its local table is called, found by its functions.
function M.module(prefix, path, list)
  local file = M.read(path)
  for _, e in ipairs(file.entries) do
    if e.owner and e.owner ~= "local" and not e.method then table.insert(list, export(prefix .. e.name, e.args, nil, e.block)) end
  end
  for _, f in ipairs(file.fields) do
    local from = module_path(f.module)
    if not f.member then whole(prefix .. f.name, from, list)
    else
      for _, e in ipairs(M.read(from).entries) do
        if e.name == f.member then table.insert(list, export(prefix .. f.name, e.args, nil, e.block)) end
      end
    end
  end
  for _, other in ipairs(M.exported_elsewhere(file)) do
    for _, e in ipairs(other.names) do
      table.insert(list, { name = prefix .. e.name:match "^([%w_]+)", args = e.name:match "%((.*)%)", text = e.text, params = {}, shape = other.shape })
    end
  end
  return list, file.head
end

-- The @export tags of files that a module requires in a list: for _, f in ipairs { require "a", require "b" } do.
function M.exported_elsewhere(file)
  local result = {}
  for list in io.open(file.path):read("a"):gmatch "ipairs (%b{})" do
    for module in list:gmatch 'require "moonlab%.([%w_.]+)"' do
      local other = M.read(module_path(module))
      table.insert(result, { shape = other.head and other.head.shape, names = other.head and other.head.exports or {} })
    end
  end
  return result
end

-- The documented methods of objects: functions of a file that are methods, or take self first.
function M.methods(prefix, path, list)
  for _, e in ipairs(M.read(path).entries) do
    local args = e.args and e.args:gsub("^self,? ?", "")
    if e.method then table.insert(list, export(prefix .. e.name, e.args, nil, e.block))
    elseif e.args and e.args ~= args then table.insert(list, export(prefix .. e.name, args, nil, e.block)) end
  end
  return list
end

-- A file that is one name.
function M.whole(name, path, list)
  whole(name, path, list)
  return list
end

return M
