--- data.coco: pictures with boxes in COCO's form, a JSON file a part.

local vm = require "moonlab.vm"
local blame = require "moonlab.blame"
local annotation_file = require "moonlab.data.annotation_file"
local boxes = require "moonlab.data.boxes"
local failure = require "moonlab.failure"
local json = require "moonlab.json"
local locate = require "moonlab.data.locate"
local options = require "moonlab.options"

local coco = {}

local bad = annotation_file.bad

-- The lists of a file ------------------------------------------------------------------------------------------------

local function read_json(path)
  local root = annotation_file.decode(path, json.decode)
  for _, name in ipairs { "images", "annotations", "categories" } do
    if type(root) ~= "table" or type(root[name]) ~= "table" then bad(path, "is no COCO file: it has no list '%s'", name) end
  end
  return root
end

-- A field of an entry of a list; the message names both.
local function field(path, list, i, entry, name, kind)
  local value = type(entry) == "table" and entry[name]
  if type(value) ~= kind then bad(path, "%s[%d] has no %s '%s', but %s", list, i, kind, name, blame.show(value or nil)) end
  return value
end

-- The names of the categories by id, and in the order of ids.
local function read_categories(path, root)
  local by_id, ids, names, seen = {}, {}, {}, {}
  for i, category in ipairs(root.categories) do
    local id, name = field(path, "categories", i, category, "id", "number"), field(path, "categories", i, category, "name", "string")
    if by_id[id] or seen[name] then bad(path, "categories[%d]: a second one with id %s or name '%s'", i, id, name) end
    by_id[id], seen[name], ids[#ids + 1] = name, true, id
  end
  table.sort(ids)
  for i, id in ipairs(ids) do names[i] = by_id[id] end
  return by_id, names
end

-- Where the pictures of a JSON file lie: in the folder that was given, beside it, or where COCO has them.
local function picture_folders(path, given)
  if given then return { given } end
  local folder, stem = path:match "^(.*)/([^/]*)%.json$"
  local part = stem:gsub("^instances_", "")
  return { folder, folder .. "/images", folder .. "/" .. part, folder .. "/../" .. part, folder .. "/../images/" .. part, folder .. "/../images" }
end

local function find_picture(path, folders, i, name)
  if name:find("..", 1, true) or name:find "^/" then bad(path, "images[%d]: '%s' leads out of the folder", i, name) end
  for _, folder in ipairs(folders) do
    if vm.exists(folder .. "/" .. name) == "file" then return folder .. "/" .. name end
  end
  bad(path, "images[%d]: there is no picture '%s' in\n  %s", i, name, table.concat(folders, "\n  "))
end

local function read_images(path, root, folders, all)
  local by_id, rows = {}, {}
  for i, entry in ipairs(root.images) do
    local id = field(path, "images", i, entry, "id", "number")
    if by_id[id] then bad(path, "images[%d]: a second one with id %s", i, id) end
    local row = {
      file = path, boxes = {}, image = find_picture(path, folders, i, field(path, "images", i, entry, "file_name", "string")),
      width = field(path, "images", i, entry, "width", "number"), height = field(path, "images", i, entry, "height", "number"),
    }
    by_id[id], rows[i], all.rows[#all.rows + 1] = row, row, row
  end
  return by_id, rows
end

-- x, y, width, height of edges, from 0, to pixels from 1.
local function read_box(path, i, entry)
  local b = field(path, "annotations", i, entry, "bbox", "table")
  for k = 1, 4 do
    if type(b[k]) ~= "number" or #b ~= 4 then bad(path, "annotations[%d]: bbox must be {x, y, width, height}", i) end
  end
  if b[3] < 0 or b[4] < 0 then bad(path, "annotations[%d]: bbox has the size %g x %g", i, b[3], b[4]) end
  return { b[1] + 1, b[2] + 1, b[1] + b[3], b[2] + b[4], number = i, degenerate = b[3] == 0 or b[4] == 0, difficult = entry.iscrowd == 1 }
end

local function read_annotations(path, root, categories, images, all)
  for i, entry in ipairs(root.annotations) do
    local image, category = field(path, "annotations", i, entry, "image_id", "number"), field(path, "annotations", i, entry, "category_id", "number")
    if not images[image] then bad(path, "annotations[%d]: there is no image with id %s", i, image) end
    if not categories[category] then bad(path, "annotations[%d]: there is no category with id %s", i, category) end
    local box = read_box(path, i, entry)
    box.class = categories[category]
    boxes.add(all, images[image], box)
  end
end

-- Parts --------------------------------------------------------------------------------------------------------------

local PART = { train = "train", valid = "valid", val = "valid", test = "test" }

-- { part = file } of a folder: annotations/instances_train2017.json and so on, or train/_annotations.coco.json and so on.
local function find_parts(folder)
  local parts, found = {}, {}
  local function take(path, name)
    found[#found + 1] = path
    local part = PART[name]
    if part and parts[part] then failure.raise("data", "data.coco: both %s and %s are the %s part", parts[part], path, part) end
    if part then parts[part] = path end
  end
  for _, name in ipairs(vm.exists(folder .. "/annotations") == "directory" and vm.listdir(folder .. "/annotations") or {}) do
    local stem = name:match "^instances_(%a+)%d*%.json$" or name:match "^(%a+)%d*%.json$"
    if stem then take(folder .. "/annotations/" .. name, stem) end
  end
  for _, name in ipairs(vm.listdir(folder)) do
    local path = ("%s/%s/_annotations.coco.json"):format(folder, name)
    if vm.exists(path) == "file" then take(path, name) end
    if name:find "%.json$" then take(folder .. "/" .. name, name:match "^(%a+)%.json$") end
  end
  if not parts.train and #found == 1 then parts.train = found[1] end
  if not parts.train then
    failure.raise("data", "data.coco: %s has no training part: neither annotations/instances_train*.json, nor train/_annotations.coco.json, "
      .. "nor a single .json file", folder)
  end
  return parts
end

local ORDER = { "train", "valid", "test" }

local function load(source)
  local parts = vm.exists(source.path) == "file" and { train = source.path } or find_parts(source.path)
  local all, files, sets, names = boxes.gathering(), {}, {}, nil
  for _, part in ipairs(ORDER) do
    local path = parts[part]
    if path then
      local root = read_json(path)
      local categories, own = read_categories(path, root)
      if names and table.concat(own, "\n") ~= table.concat(names, "\n") then bad(path, "its categories are not those of %s", files[1]) end
      names, files[#files + 1] = own, path
      local images, rows = read_images(path, root, picture_folders(path, source.images), all)
      read_annotations(path, root, categories, images, all)
      sets[part] = rows
    end
  end
  local out = { classes = boxes.classes(source.wanted or names, all), counts = all.counts, problems = all.problems, annotation_files = files }
  local how = { classes = out.classes, channels = source.channels, size = source.size, what = "coco" }
  local name = source.path:match "([^/]+)$":gsub("%.json$", "")
  for part, rows in pairs(sets) do out[part] = boxes.set(name .. "/" .. part, rows, how) end
  return out
end

local parse = options("data.coco", { { "images", "string" }, { "classes", "table" }, { "channels", "count", 3 }, { "size", "pair" } },
  'data.coco("instances.json", {images = "pictures"})')

--- Pictures with boxes in COCO's form: a JSON file, or a folder with one a part (annotations/instances_train*.json, val, test; or
-- train/_annotations.coco.json, valid, test). Boxes are x1, y1, x2, y2 in pixels from 1, both ends inside. Boxes without area are kept
-- out, each named in source.problems; source.counts adds up. Crowds are marked as difficult.
-- @param path     the file or folder; in a recipe, from its folder
-- @param options  { images = folder of the pictures (found beside the file), classes = {names} (the categories in the order of their
--   ids), channels = 3, size = {h, w} to bring pictures and boxes to one size }
-- @return a source as data.voc gives it
-- @error a failure with status 4: no JSON, an entry that lacks something or names what is not there, a picture that is not there
-- @usage local cells = data.coco("cells.json", { images = "pictures" }); print(cells:report())
function coco.coco(path, options_given)
  if type(path) ~= "string" then blame.raise("data.coco: the path of a file or folder is needed, got %s", blame.show(path)) end
  local o = parse(options_given)
  path = path:gsub("(.)/+$", "%1")
  path = locate("data.coco", path, path:find "%.json$" and "file" or "folder")
  if not path:find "/" then path = "./" .. path end
  local images = o.images and locate("data.coco", o.images, "folder")
  return boxes.source { kind = "coco", path = path, images = images, channels = o.channels, size = o.size, wanted = o.classes, load = load }
end

return coco
