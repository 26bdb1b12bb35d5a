--- What stands in the fields of a module: modules, parameters, buffers, and plain lists of them.
-- Order: the numbered fields of a list or Sequential first, then named fields in the order in which what stands in them
-- was made. What is found twice belongs to the first place. No order of a Lua table is used.

local parameter = require "moonlab.nn.parameter"

local tree = {}

--- Whether a value is a module (an instance, not a class).
function tree.is_module(value)
  local meta = type(value) == "table" and getmetatable(value)
  return type(meta) == "table" and rawget(meta, "is_module_class") == true
end

--- Whether a value is a class made by Module:extend.
function tree.is_class(value) return type(value) == "table" and rawget(value, "is_module_class") == true end

local DEEPEST_LIST = 8 -- lists in lists; a list that holds itself ends too

-- "module", "parameter", "buffer", "list" or nil, and the number that orders it.
local function classify(value, depth)
  if type(value) == "userdata" then return parameter.kind(value), parameter.number(value) end
  if type(value) ~= "table" then return end
  if tree.is_module(value) then return "module", value._info.number end
  depth = depth or 1
  if getmetatable(value) == nil and depth <= DEEPEST_LIST then
    for _, element in ipairs(value) do
      local kind, number = classify(element, depth + 1)
      if kind then return "list", number end
    end
  end
end

local function earlier(a, b)
  local a_listed, b_listed = math.type(a.key) == "integer", math.type(b.key) == "integer"
  if a_listed ~= b_listed then return a_listed end
  if a_listed then return a.key < b.key end
  if a.number ~= b.number then return a.number < b.number end
  return tostring(a.key) < tostring(b.key)
end

--- The registered fields of a module or list, in order: a list of { key =, value =, kind = }.
function tree.fields(owner)
  local found = {}
  for key, value in next, owner do
    local kind, number = classify(value)
    if kind and (type(key) == "string" or math.type(key) == "integer") then
      found[#found + 1] = { key = key, value = value, kind = kind, number = number }
    end
  end
  table.sort(found, earlier)
  return found
end

local function visit(owner, prefix, depth, seen, found)
  for _, field in ipairs(tree.fields(owner)) do
    local value, path = field.value, prefix .. field.key
    local first = not seen[value]
    found[#found + 1] = { path = path, value = value, kind = field.kind, owner = owner, key = field.key, depth = depth,
      again = not first }
    seen[value] = true
    if first and (field.kind == "module" or field.kind == "list") then
      visit(value, path .. ".", depth + 1, seen, found)
    end
  end
end

--- Everything below a module, parents before children: a list of { path, value, kind, owner, key, depth, again }.
-- again: it was listed before, under another path, and is not entered a second time.
function tree.walk(module)
  local found = {}
  visit(module, "", 1, { [module] = true }, found)
  return found
end

--- The module and those below it: a list of { path =, module = }, each once.
function tree.modules(module)
  local list = { { path = "", module = module } }
  for _, entry in ipairs(tree.walk(module)) do
    if entry.kind == "module" and not entry.again then list[#list + 1] = { path = entry.path, module = entry.value } end
  end
  return list
end

--- Parameters ("parameter"), buffers ("buffer") or both (nil) below a module: a list of { path =, tensor =, kind = },
-- each once; with `all`, once for each path that leads to it.
function tree.tensors(module, kind, all)
  local list = {}
  for _, entry in ipairs(tree.walk(module)) do
    local is_tensor = entry.kind == "parameter" or entry.kind == "buffer"
    if is_tensor and (not kind or entry.kind == kind) and (all or not entry.again) then
      list[#list + 1] = { path = entry.path, tensor = entry.value, kind = entry.kind, again = entry.again }
    end
  end
  return list
end

--- module -> dotted path, for all modules below one (itself: "").
function tree.paths(module)
  local paths = {}
  for _, entry in ipairs(tree.modules(module)) do paths[entry.module] = entry.path end
  return paths
end

return tree
