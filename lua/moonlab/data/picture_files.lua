--- Picture files in folders, told by their endings.

local vm = require "moonlab.vm"

local picture_files = {}

local ENDINGS = { "jpg", "jpeg", "png", "JPG", "JPEG", "PNG" }
local IS_ENDING = {}
for _, ending in ipairs(ENDINGS) do IS_ENDING[ending] = true end

--- Whether a file's name is that of a picture.
function picture_files.is(name) return IS_ENDING[name:match "%.(%a+)$"] == true end

--- The picture of a name without its ending.
-- @return a path, or nil
function picture_files.with_stem(folder, stem)
  for _, ending in ipairs(ENDINGS) do
    local path = ("%s/%s.%s"):format(folder, stem, ending)
    if vm.exists(path) == "file" then return path end
  end
end

--- The pictures of a folder in the order of their names.
-- @return a list of { stem =, path = }
function picture_files.list(folder)
  local out = {}
  for _, name in ipairs(vm.listdir(folder)) do
    local stem, ending = name:match "^(.+)%.(%a+)$"
    if IS_ENDING[ending] then out[#out + 1] = { stem = stem, path = folder .. "/" .. name } end
  end
  return out
end

return picture_files
