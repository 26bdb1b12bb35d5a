--- data.voc: pictures with boxes in Pascal VOC's form, an XML file a picture.

local vm = require "moonlab.vm"
local blame = require "moonlab.blame"
local annotation_file = require "moonlab.data.annotation_file"
local boxes = require "moonlab.data.boxes"
local failure = require "moonlab.failure"
local locate = require "moonlab.data.locate"
local options = require "moonlab.options"
local picture_files = require "moonlab.data.picture_files"
local xml = require "moonlab.data.xml"

local voc = {}

local bad = annotation_file.bad

-- One annotation -----------------------------------------------------------------------------------------------------

local function text_of(element, name)
  local child = xml.child(element, name)
  return child and child.text:match "^%s*(.-)%s*$"
end

local function number_of(path, element, name, what)
  local text = text_of(element, name)
  local value = text and text:find "^[%d.eE+-]+$" and tonumber(text)
  if not value then bad(path, "%s has no number <%s>, but '%s'", what, name, text or "") end
  return value + 0.0
end

local function read_object(path, object, number)
  local what = "object " .. number
  local box = xml.child(object, "bndbox")
  if not box then bad(path, "%s has no <bndbox>", what) end
  local out = { number = number, class = text_of(object, "name"), difficult = text_of(object, "difficult") == "1" }
  if not out.class or out.class == "" then bad(path, "%s has no <name>", what) end
  for i, side in ipairs { "xmin", "ymin", "xmax", "ymax" } do out[i] = number_of(path, box, side, what) end
  if out[3] < out[1] or out[4] < out[2] then
    bad(path, "%s ends before it begins: %g, %g, %g, %g; expected xmin <= xmax and ymin <= ymax", what, out[1], out[2], out[3], out[4])
  end
  out.degenerate = out[1] == out[3] or out[2] == out[4]
  return out
end

-- Width and height as the file says, or from the picture where it does not.
local function size_of(path, root, picture)
  local size = xml.child(root, "size")
  local width = size and number_of(path, size, "width", "<size>") or 0
  local height = size and number_of(path, size, "height", "<size>") or 0
  if width > 0 and height > 0 then return math.tointeger(width), math.tointeger(height) end
  local h, w = require "moonlab.core".image_size(picture)
  return w, h
end

-- The picture that the file names, or one named as the annotation. A path in the name does not count.
local function find_picture(path, root, folder, stem)
  local named = (text_of(root, "filename") or ""):match "[^/\\]*$"
  if named ~= "" and vm.exists(folder .. "/" .. named) == "file" then return folder .. "/" .. named end
  local found = picture_files.with_stem(folder, stem)
  if not found then bad(path, "there is no picture '%s' in %s", named ~= "" and named or stem, folder) end
  return found
end

local function read_annotation(all, path, folder, stem)
  local root = annotation_file.decode(path, xml.decode)
  if root.name ~= "annotation" then bad(path, "is no VOC annotation: its root is <%s>", root.name) end
  local row = { file = path, image = find_picture(path, root, folder, stem), boxes = {}, stem = stem }
  row.width, row.height = size_of(path, root, row.image)
  if not row.width or not row.height then bad(path, "<size> is no whole number of pixels") end
  local number = 0
  for _, element in ipairs(root) do
    if element.name == "object" then
      number = number + 1
      boxes.add(all, row, read_object(path, element, number))
    end
  end
  all.rows[#all.rows + 1] = row
end

-- The parts of ImageSets ---------------------------------------------------------------------------------------------

local PARTS = { { "train", "train.txt" }, { "valid", "val.txt" }, { "test", "test.txt" } }

-- Rows that a list names, in its order.
local function read_list(path, by_stem, taken)
  local rows, line = {}, 0
  for entry in (annotation_file.read(path):gsub("\r\n?", "\n") .. "\n"):gmatch "(.-)\n" do
    line = line + 1
    local stem = entry:match "^%s*(%S+)"
    if stem then
      local row = by_stem[stem]
      if not row then bad(path, "line %d names '%s', which has no annotation", line, stem) end
      if taken[stem] then bad(path, "line %d names '%s', which is in %s already", line, stem, taken[stem]) end
      taken[stem], rows[#rows + 1] = path:match "[^/]+$", row
    end
  end
  return rows
end

local function read_parts(folder, all)
  local by_stem, taken, parts = {}, {}, {}
  for _, row in ipairs(all.rows) do by_stem[row.stem] = row end
  for _, entry in ipairs(PARTS) do
    local path = folder .. "/" .. entry[2]
    if vm.exists(path) == "file" then parts[entry[1]] = read_list(path, by_stem, taken) end
  end
  if not parts.train and vm.exists(folder .. "/trainval.txt") == "file" and not parts.valid then
    parts.train = read_list(folder .. "/trainval.txt", by_stem, taken)
  end
  return parts.train and parts or { train = all.rows }
end

-- The source ---------------------------------------------------------------------------------------------------------

local function load(source)
  local annotations, pictures = source.path .. "/Annotations", source.path .. "/JPEGImages"
  for _, folder in ipairs { annotations, pictures } do
    if vm.exists(folder) ~= "directory" then failure.raise("data", "data.voc: %s has no folder %s", source.path, folder:match "[^/]+$") end
  end
  local all, files = boxes.gathering(), {}
  for _, name in ipairs(vm.listdir(annotations)) do
    local stem = name:match "^(.+)%.xml$"
    if stem then
      files[#files + 1] = annotations .. "/" .. name
      read_annotation(all, files[#files], pictures, stem)
    end
  end
  if #files == 0 then failure.raise("data", "data.voc: %s has no .xml file", annotations) end
  local out = { classes = boxes.classes(source.wanted, all), counts = all.counts, problems = all.problems, annotation_files = files }
  local how = { classes = out.classes, channels = source.channels, size = source.size, what = "voc" }
  for name, rows in pairs(read_parts(source.path .. "/ImageSets/Main", all)) do
    out[name] = boxes.set(source.path:match "[^/]+$" .. "/" .. name, rows, how)
  end
  return out
end

local parse = options("data.voc", { { "classes", "table" }, { "channels", "count", 3 }, { "size", "pair" }, { "about", "string" } },
  'data.voc("bccd", {size = {240, 320}})')

--- Pictures with boxes in Pascal VOC's form: a folder with Annotations/*.xml, JPEGImages and, if it has official parts,
-- ImageSets/Main/{train,val,test}.txt. Boxes are x1, y1, x2, y2 in pixels from 1, both ends inside. Boxes without area are kept out,
-- each named in source.problems; source.counts adds up.
-- @param path     the folder; in a recipe, from its folder
-- @param options  { classes = {names} (those that occur, sorted), channels = 3, size = {h, w} to bring pictures and boxes to one size,
--   about = a line that is said when the folder is not there: where such data come from }
-- @return a source: .train, .valid, .test (data sets with :item(i) and :batches), .classes, .counts, .problems, :report(); it is read
--   when it is first used
-- @error a failure with status 4: an annotation that is no XML or lacks something, a picture that is not there, one in two parts
-- @usage local cells = data.voc "bccd"; local first = cells.train:item(1)   -- first.boxes, first.labels
function voc.voc(path, options_given)
  if type(path) ~= "string" then blame.raise("data.voc: the path of a folder is needed, got %s", blame.show(path)) end
  local o = parse(options_given)
  path = locate("data.voc", (path:gsub("(.)/+$", "%1")), "folder", nil, o.about)
  return boxes.source { kind = "voc", path = path, channels = o.channels, size = o.size, wanted = o.classes, load = load }
end

return voc
