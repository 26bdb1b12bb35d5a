--- A file of annotations on its way in: whatever is wrong with it is bad data that names the file.

local vm = require "moonlab.vm"
local failure = require "moonlab.failure"

local annotation_file = {}

--- Raises "PATH: ..." with status 4.
function annotation_file.bad(path, format, ...) failure.raise("data", "%s: %s", path, format:format(...)) end

--- The text of a file.
function annotation_file.read(path)
  local text, problem = vm.read(path)
  if not text then failure.raise("data", "%s", problem) end
  return text
end

--- What a decoder makes of a file.
-- @param decode  xml.decode or json.decode
function annotation_file.decode(path, decode)
  local ok, root = pcall(decode, annotation_file.read(path))
  if not ok then annotation_file.bad(path, "%s", failure.message_of(root)) end
  return root
end

return annotation_file
