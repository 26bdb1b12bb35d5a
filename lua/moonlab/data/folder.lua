--- Pictures with a class each, from files: data.folder (a folder a class) and data.csv_pictures (a list with labels).

local vm = require "moonlab.vm"
local blame = require "moonlab.blame"
local failure = require "moonlab.failure"
local loading = require "moonlab.recipe.locate"
local locate = require "moonlab.data.locate"
local options = require "moonlab.options"
local Classes = require "moonlab.data.picture_classes"
local picture_files = require "moonlab.data.picture_files"

local folder = {}

local SHARED = { { "size", "pair" }, { "channels", "count", 3 }, { "resize", { "squash", "crop", "pad" }, "squash" }, { "memory", "count" },
  { "duplicates", { "keep", "drop" }, "keep" }, { "on_damage", { "error", "drop" }, "error" }, { "about", "string" } }

local function reader(where, more, example)
  local all = table.move(SHARED, 1, #SHARED, 1, {})
  local parse = options(where, table.move(more, 1, #more, #all + 1, all), example)
  return function(path, given)
    if type(path) ~= "string" then blame.raise("%s: a path is needed, got %s", where, blame.show(path)) end
    local o = parse(given)
    if o.channels ~= 1 and o.channels ~= 3 and o.channels ~= 4 then
      blame.raise("%s: channels must be 1 (gray), 3 (colour) or 4 (colour and alpha), got %d", where, o.channels)
    end
    if type(o.size) == "number" then o.size = { o.size, o.size } end
    if not o.size and o.resize ~= "squash" then blame.raise("%s: resize = '%s' needs size = {height, width}", where, o.resize) end
    return o
  end
end

local function last_name(path) return path:match "([^/]+)/*$" or path end

-- A folder a class ---------------------------------------------------------------------------------------------------

-- Goes through a folder and those in it, in the order of the names: found(path, name, kind, hidden).
local function walk(path, name, found)
  for _, entry in ipairs(vm.listdir(path)) do
    local full, inner = path .. "/" .. entry, name == "" and entry or name .. "/" .. entry
    local kind, hidden = vm.exists(full), entry:sub(1, 1) == "."
    if kind == "directory" and not hidden then
      walk(full, inner, found)
    else
      found(full, inner, kind, hidden)
    end
  end
end

-- Files with their classes, the classes, what was left out.
local function list_folder(self)
  self.path = locate("data.folder", self.written, "folder", self.recipe, self.options.about)
  local files, left_out, names, number = {}, {}, {}, {}
  walk(self.path, "", function(path, name, _, hidden)
    local class = name:match "^([^/]+)/"
    if hidden then
      left_out[#left_out + 1] = { what = "hidden", path = path, why = "is hidden" }
    elseif not picture_files.is(name) then
      left_out[#left_out + 1] = { what = "foreign", path = path, why = "is no picture: its name ends neither in .png nor in .jpg or .jpeg" }
    elseif not class then
      left_out[#left_out + 1] = { what = "foreign", path = path, why = "is in no class's folder" }
    else
      if not number[class] then names[#names + 1], number[class] = class, true end
      files[#files + 1] = { path = path, name = name, label = class }
    end
  end)
  table.sort(names)
  for i, name in ipairs(names) do number[name] = i end
  for _, file in ipairs(files) do file.class = number[file.label] end
  return files, names, left_out
end

local read_folder = reader("data.folder", {}, 'data.folder("flowers", {size = {64, 64}})')

--- Pictures in folders, a folder a class. The classes are the names of the folders, sorted; folders inside of a class are searched
-- too. Hidden files, and files whose names do not end in .png, .jpg or .jpeg, are left out: set:left_out() lists them. Nothing is opened
-- before it is needed; what fits into memory is decoded once, on all threads, and kept as bytes, the rest as it is needed.
--
-- Equal pictures are never cut apart: what is trained on is not assessed with. set:report() names them.
-- @param path  the folder; in a recipe, from its folder or those in MOONLAB_DATA
-- @param o     { size = {height, width} that all pictures are brought to; without it all must have one size,
--              resize = "squash" (each side by itself), "crop" (the middle of what covers it) or "pad" (black around it),
--              channels = 3: 1 gray, 3 colour, 4 colour and alpha, memory = bytes that may be kept (a quarter of the machine's),
--              duplicates = "keep" or "drop": of equal pictures the first stays,
--              on_damage = "error" or "drop": damaged files are found before the training, left out and listed,
--              about = a line that is said when the folder is not there: where such data come from }
-- @return a data set and source: x float32 [B, C, H, W], y classes from 1; :item(i), :left_out(), :report(), :column "group"
-- @error a failure with status 4: no such folder, no pictures in it, a damaged picture, pictures of several sizes without size
-- @usage data.folder("flowers5", { size = {64, 64} }).resize   --> nil
function folder.folder(path, o)
  o = read_folder(path, o)
  return Classes.new { what = "folder", name = last_name(path), written = path, path = path, options = o, list = list_folder,
    recipe = loading.current() }
end

-- A list of files ----------------------------------------------------------------------------------------------------

-- A path of the list, below its folder.
local function file_at(self, root, name, row)
  if type(name) ~= "string" or name == "" then failure.raise("data", "%s: row %d names no file", self.path, row) end
  if self.recipe and (name:sub(1, 1) == "/" or ("/" .. name .. "/"):find("/../", 1, true)) then
    failure.raise("data", "%s: row %d names %s, outside of the folder %s: a recipe may not open it", self.path, row, name, root)
  end
  local path = name:sub(1, 1) == "/" and name or root .. "/" .. name
  if vm.exists(path) ~= "file" then failure.raise("data", "%s: row %d names %s, which is not there", self.path, row, path) end
  return path
end

local function list_csv(self)
  local o = self.options
  self.path = locate("data.csv_pictures", self.written, "file", self.recipe, o.about)
  local core, Table = require "moonlab.core", require "moonlab.table.table"
  local open <close> = core.csv_open(self.path, { types = { [o.file] = "text", [o.label] = "text" } })
  local read = open:read()
  local lists = read and Table.of(read):to_lists() or {}
  for _, name in ipairs { o.file, o.label } do
    if read and not lists[name] then failure.raise("data", "%s: there is no column '%s'", self.path, name) end
  end
  local root, files, names, number = o.folder and locate("data.csv_pictures", o.folder, "folder", self.recipe, o.about)
    or self.path:match "^(.*)/[^/]*$" or ".", {}, {}, {}
  for row = 1, read and read.rows or 0 do
    local label, name = lists[o.label][row], lists[o.file][row]
    if type(label) ~= "string" then failure.raise("data", "%s: row %d has no label", self.path, row) end
    if not number[label] then names[#names + 1], number[label] = label, true end
    files[row] = { path = file_at(self, root, name, row), name = name, label = label }
  end
  table.sort(names)
  for i, name in ipairs(names) do number[name] = i end
  for _, file in ipairs(files) do file.class = number[file.label] end
  return files, names
end

local read_csv = reader("data.csv_pictures", { { "file", "string", "file" }, { "label", "string", "label" }, { "folder", "string" } },
  'data.csv_pictures("labels.csv", {file = "name", label = "kind"})')

--- Pictures that a file of separated values lists, with their labels.
-- @param path  the list; in a recipe, from its folder or those in MOONLAB_DATA
-- @param o     { file = "file", label = "label": the columns, folder = that the names of the files count from (the list's own),
--              and size, resize, channels, memory, duplicates, on_damage, about as in data.folder }
-- @return a data set and source, as data.folder gives it; the classes are the labels, sorted
-- @error a failure with status 4: a row without label, a file that is not there
-- @usage local birds = data.csv_pictures("birds.csv", { file = "name", label = "species", size = 96 })
function folder.csv_pictures(path, o)
  o = read_csv(path, o)
  return Classes.new { what = "csv_pictures", name = last_name(path), written = path, path = path, options = o, list = list_csv,
    recipe = loading.current() }
end

return folder
