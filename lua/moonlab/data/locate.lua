--- Where a file that is named in a recipe or script lies. A recipe's paths count from its own folder, and it opens files
-- there and in the folders of MOONLAB_DATA alone; a script's paths are the system's.

local vm = require "moonlab.vm"
local failure = require "moonlab.failure"
local loading = require "moonlab.recipe.locate"

local function folder_of(path) return path:match "^(.*)/[^/]*$" or "." end

local SYSTEM_NAME = { file = "file", folder = "directory" }
local function is(path, kind) return vm.exists(path) == SYSTEM_NAME[kind] end

local function inside(path, folder)
  local real, root = vm.realpath(path), vm.realpath(folder)
  return real and root and (root == "/" or real:sub(1, #root + 1) == root .. "/")
end

--- Finds a file or folder.
-- @param where   the function that asks, for messages
-- @param path    as the user wrote it
-- @param kind    "file" (also if it is not given) or "folder"
-- @param recipe  the recipe that named it, where it is opened after the recipe was run; the one that is being run if not given
-- @param about   a line on where such data come from, for the message; or nil
-- @return a path that can be opened
-- @error a failure with status 4: it is not there, or a recipe may not open it
return function(where, path, kind, recipe, about)
  kind, recipe = kind or "file", recipe or loading.current()
  about = about and "\n" .. about or ""
  if not recipe then
    if is(path, kind) then return path end
    failure.raise("data", "%s: there is no %s %s%s", where, kind, path, about)
  end
  local roots, looked = { folder_of(recipe) }, {}
  for root in (os.getenv "MOONLAB_DATA" or ""):gmatch "[^:]+" do roots[#roots + 1] = root end
  roots[#roots + 1] = loading.further_root
  for _, root in ipairs(roots) do
    local candidate = path:sub(1, 1) == "/" and path or root .. "/" .. path
    looked[#looked + 1] = candidate
    if is(candidate, kind) and inside(candidate, root) then return candidate end
  end
  failure.raise("data", "%s: there is no %s %s that a recipe may open. Looked for\n  %s\n  hint: a recipe opens files of its "
    .. "own folder and of the folders in MOONLAB_DATA%s", where, kind, path, table.concat(looked, "\n  "), about)
end
