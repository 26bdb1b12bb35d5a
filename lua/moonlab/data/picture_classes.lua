--- Picture files with a class each: the data set that data.folder and data.csv_pictures give, and a source of a recipe.
--
-- Equal pictures (byte for byte) have one `group`, which no split cuts apart: a picture that is trained on is not assessed with.

local core = require "moonlab.core"
local failure = require "moonlab.failure"
local augment = require "moonlab.data.augment"
local Bytes = require "moonlab.data.picture_bytes"
local Dataset = require "moonlab.data.dataset"
local hashes = require "moonlab.data.file_hashes"
local vm = require "moonlab.vm"

local Classes = Dataset.kind "moonlab.PictureClasses"
local lazy = {}

-- `classes` and `keep_together` are known when the files are listed.
function Classes.__index(self, key)
  if lazy[key] then return lazy[key](self) end
  return Classes[key]
end

-- Listing ------------------------------------------------------------------------------------------------------------

-- Chunks are decoded together; the files of one that fails are tried one by one.
local function damaged_of(files)
  local out, CHUNK, small = {}, 256, { channels = 1, size = { 8, 8 }, whole = true }
  for from = 1, #files, CHUNK do
    local paths = {}
    for i = from, math.min(from + CHUNK - 1, #files) do paths[#paths + 1] = files[i].path end
    if not pcall(core.read_images, paths, small) then
      for i, path in ipairs(paths) do
        local ok, problem = pcall(core.read_images, { path }, small)
        if not ok then out[from + i - 1] = failure.message_of(problem) end
      end
    end
  end
  return out
end

local function note(self, what, file, why) self.left_out_files[#self.left_out_files + 1] = { what = what, path = file.path, why = why } end

local function without_damaged(self, files)
  if self.options.on_damage == "error" then return files end
  local damaged, kept = damaged_of(files), {}
  for i, file in ipairs(files) do
    if damaged[i] then note(self, "damaged", file, damaged[i]) else kept[#kept + 1] = file end
  end
  return kept
end

-- Each file's group; the pairs are noted, and left out where they are to be dropped.
local function find_copies(self, files)
  local first, kept, place = hashes.first_equal(files), {}, {}
  for i, file in ipairs(files) do
    local original = files[first[i]]
    if original ~= file then
      self.copies[#self.copies + 1] = { path = file.path, of = original.path, class = file.class, of_class = original.class }
    end
    if original == file or self.options.duplicates == "keep" then
      kept[#kept + 1] = file
      place[file] = #kept
      file.group = place[original]
    else
      note(self, "copy", file, "is equal to " .. original.path)
    end
  end
  return kept
end

-- The classes of a model, where they are given: each of the files must be of one.
local function with_known(self, files, names)
  local known, number = self.known, {}
  if not known then return names end
  for i, name in ipairs(known) do number[name] = i end
  for _, file in ipairs(files) do
    file.class = number[file.label] or failure.raise("data", "%s: '%s' is no class of the model: %s", file.path, file.label, table.concat(known, ", "))
  end
  return known
end

-- The list of files, made when it is first needed.
local function listed(self)
  if self.files_listed then return self.files_listed end
  self.left_out_files, self.copies = {}, {}
  local files, classes, left_out = self.list(self)
  for _, one in ipairs(left_out or {}) do self.left_out_files[#self.left_out_files + 1] = one end
  if #files == 0 then failure.raise("data", "%s: there is no picture (PNG or JPEG) in it", self.path) end
  self.class_names = with_known(self, files, classes)
  files = without_damaged(self, files)
  files = find_copies(self, files)
  local paths = {}
  for i, file in ipairs(files) do paths[i] = file.path end
  self.pixel_bytes = Bytes.new(self.name, paths, self.options)
  self.files_listed = files
  return files
end

function lazy.classes(self)
  listed(self)
  return self.class_names
end

function lazy.keep_together(self)
  listed(self)
  return #self.copies > 0 and self.options.duplicates == "keep" and "group" or nil
end

local function column_of(self, name)
  local list = {}
  for i, file in ipairs(listed(self)) do list[i] = file[name] end
  return core.tensor(list, { dtype = "int64" })
end

-- The set ------------------------------------------------------------------------------------------------------------

function Classes:count() return #listed(self) end

function Classes:labels()
  self.known_classes = self.known_classes or column_of(self, "class")
  return self.known_classes
end

--- y, or group: equal pictures have one number.
function Classes:column(name)
  if name == "group" then return column_of(self, "group") end
  if name == "y" then return self:labels() end
  return Dataset.column(self, name)
end

--- One picture's entry; nothing is decoded.
-- @param i  a position from 1
-- @return { image = path, class = number, label = its name }
function Classes:item(i)
  local file = listed(self)[i]
  if not file then failure.raise("error", "%s: there is no picture %s (1..%d)", self.name, tostring(i), self:count()) end
  return { image = file.path, class = file.class, label = self.class_names[file.class] }
end

--- The pixels of some rows as they are decoded: uint8 [B, C, H, W].
function Classes:pixels(rows)
  listed(self)
  return self.pixel_bytes:rows(rows)
end

function Classes:ahead(workers)
  listed(self)
  return self.pixel_bytes:ahead(workers)
end

--- { C, H, W } of them.
function Classes:pixel_shape() return self:peek().x end

--- x: float32 [B, C, H, W], from 0 to 1 or normalised; y: int64 [B], classes from 1.
function Classes:fetch(rows, how)
  listed(self)
  local batch, options = augment.plan(how)
  return { x = self.pixel_bytes:batch(rows, options, batch, how.ahead), y = self:labels():index_select(1, rows) }
end

-- The source ---------------------------------------------------------------------------------------------------------

--- Sizes from the files' headers alone.
-- @return { count =, x = {C, H, W}, classes = }
function Classes:peek()
  local count = #listed(self)
  return { count = count, x = count > 0 and self.pixel_bytes:shape() or nil, y = {}, classes = #self.class_names, stored_bytes = 1 }
end

function Classes:parts() return { train = self } end

--- The pictures of another folder, or of another list, with the classes of a model.
function Classes:elsewhere(path, model)
  local kind, what = vm.exists(path), self.what == "folder" and "directory" or "file"
  if kind ~= what then
    failure.raise("data", "%s: there is no %s of pictures, %s", path, what == "file" and "list" or "folder",
      what == "file" and ("with the columns '%s' and '%s'"):format(self.options.file, self.options.label) or "with a folder for each class: " .. table.concat(model.classes or {}, ", "))
  end
  local options = setmetatable({ folder = false, on_damage = "error", duplicates = "keep" }, { __index = self.options }) -- each is judged, as it lies there
  return Classes.new { what = self.what, name = path, written = path, path = path, options = options, list = self.list, known = model.classes }
end

--- One hash of all files, that of the lines "hash  name" in the order of the names.
function Classes:files()
  self.hashed = self.hashed or hashes.together(self.path, listed(self))
  return { self.hashed }
end

function Classes:describe()
  return { kind = self.what, path = self.path, rows = self:count(), copies = #self.copies, left_out = #self.left_out_files,
    resize = self.options.resize }
end

--- What was left out, one entry a file.
-- @return a list of { what = "hidden", "foreign", "damaged" or "copy", path =, why = }
function Classes:left_out()
  listed(self)
  return self.left_out_files
end

--- What was found besides the pictures, as text: equal pictures, and what was left out.
-- @return a string, "" where there was nothing
function Classes:report()
  local lines, conflicts, names = {}, 0, nil
  listed(self)
  names = self.class_names
  for _, copy in ipairs(self.copies) do
    local conflict = copy.class ~= copy.of_class
    conflicts = conflicts + (conflict and 1 or 0)
    lines[#lines + 1] = ("%s is equal to %s%s"):format(copy.path, copy.of,
      conflict and (", but one is %s, the other %s"):format(names[copy.class], names[copy.of_class]) or "")
  end
  if #lines > 0 then
    table.insert(lines, 1, ("%d pictures are copies of others, %d of them under another class"):format(#self.copies, conflicts))
  end
  for _, one in ipairs(self.left_out_files) do
    if one.what ~= "copy" then lines[#lines + 1] = ("left out: %s %s"):format(one.path, one.why) end
  end
  return table.concat(lines, "\n")
end

--- Makes a set.
-- @param given  { what =, name =, path =, options =, list = function(self) -> files, classes, left out }
function Classes.new(given) return setmetatable(given, Classes) end

return Classes
