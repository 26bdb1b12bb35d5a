--- The run folder: made before the training, each file in it whole or not there.

local vm = require "moonlab.vm"
local failure = require "moonlab.failure"
local lines = require "moonlab.runs.lines"

local Folder = {}
Folder.__index = Folder

local function try(ok, problem)
  if not ok then failure.raise("data", "can't write the run folder: %s", problem) end
end

-- runs/<name>-<n> with the next free n. Two runs at once: whoever makes the folder first has the number.
local function next_folder(name)
  try(vm.mkdir("runs", true))
  local last = 0
  for _, entry in ipairs(vm.listdir "runs" or {}) do
    local n = entry:sub(1, #name + 1) == name .. "-" and entry:sub(#name + 2):match "^%d+$"
    if n then last = math.max(last, math.tointeger(tonumber(n)) or 0) end
  end
  for n = last + 1, last + 1000 do
    local path = ("runs/%s-%d"):format(name, n)
    local ok, problem = vm.mkdir(path)
    if ok then return path end
    if not vm.exists(path) then try(nil, problem) end
  end
  failure.raise("data", "no free run folder for '%s' in runs/", name)
end

--- Refuses an --out that holds something, before any work is done for it.
-- @param out  a path, or nil
function Folder.check(out)
  if not out then return end
  local kind = vm.exists(out)
  if kind and kind ~= "directory" then failure.raise("usage", "--out: %s is there and is no folder", out) end
  if kind and #(vm.listdir(out) or {}) > 0 then failure.raise("usage", "--out: the folder %s is not empty", out) end
end

--- Makes the folder of a run.
-- @param name  the recipe's name
-- @param out   the folder itself, or nil for runs/<name>-<n>
-- @return a folder: .path
-- @error a failure with status 4
function Folder.create(name, out)
  out = out and (out:gsub("(.)/+$", "%1"))
  local was_there, no_runs = out and vm.exists(out), not vm.exists "runs"
  if out then try(vm.mkdir(out, true)) end
  return setmetatable({ path = out or next_folder(name), was_there = was_there, made_runs = not out and no_runs }, Folder)
end

--- The path of a file in it.
function Folder:file(name) return self.path .. "/" .. name end

--- Writes a file as a whole. Folders in its name are made.
-- @error a failure with status 4; the file is then as it was before
function Folder:write(name, text)
  local above = name:match "^(.*)/[^/]*$"
  if above then try(vm.mkdir(self:file(above), true)) end
  try(vm.write_atomic(self:file(name), text))
end

--- Writes the text of a recipe, and of the files that it required.
function Folder:write_recipe(recipe)
  self:write("recipe.lua", recipe.source)
  for _, module in ipairs(recipe.modules) do self:write(module.name:gsub("%.", "/") .. ".lua", module.source) end
end

--- Writes what is for people besides: that it can't be made is no reason to lose a run.
-- @param name   of the file, for the warning
-- @param quiet  whether there is none
-- @param f      function() that writes it
function Folder:besides(name, quiet, f)
  local ok, problem = pcall(f)
  if not ok and not quiet then io.stderr:write(("warning: %s is not written: %s\n"):format(self:file(name), failure.message_of(problem))) end
end

--- Adds a line with a checksum to a file, see runs/lines.lua; a line that does not fit on the disk is not begun.
-- @param entries  a list of { key, value }
function Folder:append(name, entries) try(vm.append_line(self:file(name), lines.seal(entries))) end

--- Removes the folder with all that was written: the run came to nothing. A folder that was there before is emptied.
function Folder:abandon()
  vm.remove_tree(self.path)
  if self.was_there then vm.mkdir(self.path) end
  if self.made_runs then os.remove "runs" end -- only while it is empty
end

return Folder
