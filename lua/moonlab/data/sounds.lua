--- data.sounds: a folder of WAV files as a table, a row each; what their names say are its columns.

local core = require "moonlab.core"
local vm = require "moonlab.vm"
local blame = require "moonlab.blame"
local failure = require "moonlab.failure"
local loading = require "moonlab.recipe.locate"
local locate = require "moonlab.data.locate"
local options = require "moonlab.options"
local Column = require "moonlab.table.column"
local Table = require "moonlab.table.table"
local TableSource = require "moonlab.data.table_source".TableSource
local words = require "moonlab.features.words"

local sounds = {}

local read_options = options("data.sounds", {
  { "rate", "count" }, { "length", "count" }, { "pattern", "string" }, { "label", "integer", 1 }, { "group", "integer" },
  { "valid", "function" }, { "test", "function" }, { "hint", "string" },
}, 'data.sounds("recordings", {rate = 8000, length = 8000, pattern = "^(%d)_(%a+)_(%d+)", label = 1})')

-- The sounds of some files, float32 [n, length]: the mean of the channels, cut or filled up with silence.
local function read_sounds(self, paths)
  local rows, length = {}, self.options.length
  for i, path in ipairs(paths) do
    if vm.interrupted() then failure.raise("interrupted", "interrupted") end
    local x, rate = core.read_wav(path)
    if rate ~= self.options.rate then
      failure.raise("data", "%s: has %d samples a second, but data.sounds is told rate = %d", path, rate, self.options.rate)
    end
    x = x:size(1) == 1 and x:select(1, 1) or x:mean(1)
    local n = #x
    rows[i] = n < length and x:pad { 0, length - n } or x:slice(1, 1, length):contiguous()
  end
  return core.ops.stack(rows, 1)
end

local function folder_of(self)
  if not self.found then
    local ok, found = pcall(locate, "data.sounds", self.written, "folder", self.recipe)
    if not ok then
      failure.raise("data", "%s%s", failure.message_of(found), self.options.hint and "\n  " .. self.options.hint or "")
    end
    self.found = found
  end
  return self.found
end

-- The files whose names fit the pattern: lists of paths, names and what the pattern captures.
local function listing(self)
  if self.listed then return self.listed end
  local folder, o = folder_of(self), self.options
  local list = { paths = {}, names = {}, captures = {} }
  for _, name in ipairs(vm.listdir(folder)) do
    local captures = name:lower():find "%.wav$" and table.pack(name:match(o.pattern))
    if captures and captures[1] then
      local n = #list.paths + 1
      list.paths[n], list.names[n], list.captures[n] = folder .. "/" .. name, name, captures
    end
  end
  if #list.paths == 0 then failure.raise("data", "%s: no file name ends in .wav and fits the pattern '%s'", folder, o.pattern) end
  self.listed = list
  return list
end

local function strings(list, name) return Column.of_strings(list, #list, name) end

-- What a capture says of each file.
local function captured(list, which, option)
  local out = {}
  for i, captures in ipairs(list.captures) do
    out[i] = captures[which]
    if type(out[i]) ~= "string" then
      failure.raise("data", "data.sounds: the pattern has %d captures, but %s = %d", captures.n, option, which)
    end
  end
  return out
end

local function part_of(o, captures)
  return o.test and o.test(captures) and "test" or o.valid and o.valid(captures) and "valid" or "train"
end

local function columns_of(self, list)
  local o, parts = self.options, {}
  local columns = { strings(list.names, "file"), strings(captured(list, o.label, "label"), "label") }
  if o.group then columns[#columns + 1] = strings(captured(list, o.group, "group"), "group") end
  for i, captures in ipairs(list.captures) do parts[i] = part_of(o, captures) end
  columns[#columns + 1] = strings(parts, "part")
  return columns
end

local function table_of(self, o)
  local list = listing(self)
  local columns = columns_of(self, list)
  columns[#columns + 1] = words.tensor(read_sounds(self, list.paths), "sound")
  local t = Table.of_columns(columns)
  return o and o.rows and t:head(o.rows) or t, {}
end

local function names_of(self) return self.options.group and { "file", "label", "group", "part", "sound" } or { "file", "label", "part", "sound" } end

local function files_of(self)
  local files = {}
  for i, path in ipairs(listing(self).paths) do files[i] = { path = path, sha256 = core.sha256(path) } end
  return files
end

local function describe(self)
  local o = self.options
  return { kind = "sounds", path = self.name, rate = o.rate, length = o.length, pattern = o.pattern, label = o.label, group = o.group }
end

--- The WAV files of a folder as a table, in the order of their names: "file", "label" and "group" (what the pattern captures in the name),
-- "part" ("train", "valid" or "test") and "sound" (a tensor [length], the mean of the channels, cut or filled up with silence).
-- @param folder  with the files; in a recipe, from its folder or those of MOONLAB_DATA
-- @param o       { rate = samples a second, which all files must have, length = samples of a row, pattern = a Lua pattern with captures that a
--                name must fit, label = 1: the capture that is the label, group = the capture that is the group, test = function(captures)
--                and valid = function(captures): whether a file is held out; a recipe takes these parts with split = { by = "part" },
--                hint = what is told if there is no such folder: where the data come from }
-- @return a source: :table(), :names()
-- @error a failure with status 4: no such folder, no file that fits, a file that is no sound or has another rate
-- @usage local digits = data.sounds("fsdd/recordings", { rate = 8000, length = 8000, pattern = "^(%d)_(%a+)_(%d+)", group = 2 })
function sounds.sounds(folder, o)
  if type(folder) ~= "string" then blame.raise("data.sounds: the path of a folder is needed, got %s", blame.show(folder)) end
  o = read_options(o)
  for _, name in ipairs { "rate", "length", "pattern" } do
    if o[name] == nil then blame.raise("data.sounds: %s is missing; write data.sounds(folder, {rate = 8000, length = 8000, pattern = '^(%%d)_'})", name) end
  end
  return setmetatable({ kind = "sounds", name = folder:match "[^/]+$" or folder, written = folder, recipe = loading.current(), options = o,
    table = table_of, names = names_of, files = files_of, describe = describe }, TableSource)
end

--- The WAV files of another folder as a table, read as those of a source are.
-- @param source  what data.sounds gave
-- @param folder  the other one
function sounds.elsewhere(source, folder)
  local o = {}
  for name, value in pairs(source.options) do o[name] = value end
  o.hint = nil
  return sounds.sounds(folder, o)
end

--- Other files as rows of the same source, for serving.
-- @param source  what data.sounds gave
-- @param paths   a list
-- @return a table with the columns "file" and "sound"
function sounds.rows(source, paths)
  return Table.of_columns { strings(paths, "file"), words.tensor(read_sounds(source, paths), "sound") }
end

return sounds
