-- Files of tensors, behind ml.load and ml.save: which format it is, and names in an order.

local core = require "moonlab.core"
local blame = require "moonlab.blame"

local files = {}

local READERS = { npy = core.read_npy, npz = core.read_npz, safetensors = core.load_safetensors }
function files.load(path) return READERS[core.tensor_file(path)](path) end

-- { { name, tensor }, ... } of a list of that kind, or of a table by name.
local function named(tensors)
  if tensors[1] ~= nil then return tensors end
  local list, names = {}, {}
  for name, tensor in pairs(tensors) do
    if type(name) ~= "string" then blame.raise("save: names of tensors are strings, got %s", blame.show(name)) end
    if not (type(tensor) == "userdata" and core.is_tensor(tensor)) then
      blame.raise("save: '%s' must be a tensor, got %s", name, blame.show(tensor))
    end
    names[#names + 1] = name
  end
  table.sort(names)
  for i, name in ipairs(names) do list[i] = { name, tensors[name] } end
  return list
end

local WRITERS = { npz = core.write_npz, safetensors = function(path, list) core.save_safetensors(path, list, {}) end }

function files.save(path, tensors)
  if type(path) ~= "string" then blame.raise("save: path must be a string, got %s", blame.show(path)) end
  local ending = path:match "%.(%w+)$"
  local one = type(tensors) == "userdata" and core.is_tensor(tensors)
  if ending == "npy" then
    if not one then
      blame.raise("save: a .npy file holds one tensor, got %s; several with names go into a .npz or .safetensors file", blame.show(tensors))
    end
    return core.write_npy(path, tensors)
  end
  if not WRITERS[ending] then
    blame.raise("save: %s must end in .npy (one tensor), .npz or .safetensors (several with names)", path)
  end
  if type(tensors) ~= "table" then
    blame.raise("save: a .%s file holds tensors with names, as in ml.save(path, { x = x }); got %s", ending, blame.show(tensors))
  end
  WRITERS[ending](path, named(tensors))
end

return files
