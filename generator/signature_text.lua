-- How the arguments of an op, a constructor or a method are written for a reader: "x, dim = -1, {keepdim = false}".

local M = {}

-- Positions are kept from 0 in the op tables and shown from 1.
local FROM_ZERO = { dim = true, new_dim = true, position = true }

function M.value(v)
  if type(v) == "string" then return ('"%s"'):format(v) end
  if v == math.huge then return "math.huge" elseif v == -math.huge then return "-math.huge" end
  if math.type(v) == "float" and v ~= math.floor(v) then return ("%.14g"):format(v) end
  return tostring(v)
end

function M.default(a)
  if a.default == nil then return nil end
  if FROM_ZERO[a.type] and a.default >= 0 then return tostring(a.default + 1) end
  return M.value(a.default)
end

local function one(a)
  local default = M.default(a)
  if default then return a.name .. " = " .. default end
  return a.optional and a.name .. "?" or a.name
end

-- positional and options: lists of { name =, type =, default =, optional = }.
function M.arguments(positional, options)
  local words, named = {}, {}
  for _, a in ipairs(positional) do words[#words + 1] = one(a) end
  for _, a in ipairs(options) do named[#named + 1] = one(a) end
  if #named > 0 then words[#words + 1] = "{" .. table.concat(named, ", ") .. "}" end
  return table.concat(words, ", ")
end

-- The regular form of an entry's list in bindings/reference.lua.
function M.regular(list)
  local result = {}
  for i, a in ipairs(list) do
    local name, rest = a[1]:match "^(.-)(%.*)$"
    result[i] = { name = name .. rest, plain = name, rest = rest ~= "", type = a[2], default = a[3], optional = a.optional or a[3] ~= nil }
  end
  return result
end

-- Positional arguments and options of an op of ops_table.
function M.split(op)
  local positional, options = {}, {}
  for _, a in ipairs(op.all) do table.insert(a.is_option and options or positional, a) end
  return positional, options
end

-- Whether x:name_(...) exists: an op that says so, or an elementwise one whose result has the type of its first input.
function M.in_place(op)
  return op.in_place or op.family == "elementwise" and op.result ~= "bool" and op.all[1].type == "tensor"
end

return M
