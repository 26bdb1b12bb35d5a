-- Hashes of many files: one for all of them together, and which of them are equal.

local core = require "moonlab.core"
local vm = require "moonlab.vm"

local hashes = {}

--- One hash of many files: of the lines "hash  name" in the order of the names.
-- @param root   the folder that the names count from
-- @param files  a list of { path =, name = }, in order
-- @return { path = root, sha256 =, files = how many }
function hashes.together(root, files)
  local lines = {}
  for i, file in ipairs(files) do lines[i] = ("%s  %s\n"):format(core.sha256(file.path), file.name) end
  table.sort(lines, function(a, b) return a:sub(65) < b:sub(65) end)
  return { path = root, sha256 = core.sha256_text(table.concat(lines)), files = #files }
end

-- Files of one size, by size; only they can be equal.
local function by_size(files)
  local lists = {}
  for i, file in ipairs(files) do
    local size = vm.size(file.path)
    lists[size] = lists[size] or {}
    table.insert(lists[size], i)
  end
  return lists
end

--- Which files are equal, byte for byte. Files without another of their size are not read.
-- @param files  a list of { path = }
-- @return a list, the first file (its position) that each is equal to
function hashes.first_equal(files)
  local first = {}
  for _, list in pairs(by_size(files)) do
    local seen = {}
    for _, i in ipairs(list) do
      local hash = #list > 1 and core.sha256(files[i].path) or i
      seen[hash] = seen[hash] or i
      first[i] = seen[hash]
    end
  end
  return first
end

return hashes
