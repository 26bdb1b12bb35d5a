--- A value and tensors as one string, from process to process: the value as JSON, the tensors as the bits that they are.

local core = require "moonlab.core"
local json = require "moonlab.json"

local parcel = {}

--- Packs.
-- @param value    plain values
-- @param tensors  by name, or nil
-- @return a string
function parcel.pack(value, tensors)
  local names, list, bytes = {}, json.list(), {}
  for name in pairs(tensors or {}) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do
    local x = tensors[name]:contiguous()
    list[i] = json.object { { "name", name }, { "dtype", x.dtype }, { "shape", json.list(x.shape) } }
    bytes[i] = core.raw(x)
  end
  local head = json.encode(json.object { { "value", value }, { "tensors", #list > 0 and list or nil } })
  return ("%d\n%s%s"):format(#head, head, table.concat(bytes))
end

--- Unpacks.
-- @param text  what pack gave
-- @return the value, as it comes out of JSON; the tensors by name
function parcel.unpack(text)
  local length, at = text:match "^(%d+)\n()"
  local behind = at + math.tointeger(tonumber(length))
  local head, tensors = json.decode(text:sub(at, behind - 1)), {}
  for _, one in ipairs(head.tensors or {}) do
    tensors[one.name], behind = core.fill_raw(core.empty(one.shape, { dtype = one.dtype }), text, behind)
  end
  return head.value, tensors
end

return parcel
