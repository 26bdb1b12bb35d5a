--- data.masks: pictures with a mask each, whose pixels are classes.

local core = require "moonlab.core"
local augment = require "moonlab.data.augment"
local as_source = require "moonlab.data.as_source"
local blame = require "moonlab.blame"
local Dataset = require "moonlab.data.dataset"
local failure = require "moonlab.failure"
local image = require "moonlab.data.image"
local locate = require "moonlab.data.locate"
local memory = require "moonlab.data.memory"
local picture_files = require "moonlab.data.picture_files"
local vm = require "moonlab.vm"

local masks = {}

local Masks = Dataset.kind "moonlab.Masks"
as_source(Masks)

--- One pair's files; nothing is decoded.
-- @param i  a position from 1
-- @return { image = path, mask = path }
function Masks:item(i)
  if not self.rows[i] then blame.raise("%s: there is no picture %s (1..%d)", self.name, blame.show(i), self.size) end
  return { image = self.rows[i].image, mask = self.rows[i].mask }
end

-- Grey values [1, H, W] to classes from 1, as bytes; `ignore` to 0.
local function classes_of(set, path, grey)
  grey = grey:select(1, 1)
  local out = core.zeros(grey.shape, { dtype = "uint8" })
  local known = set.ignore and grey:eq(set.ignore) or core.zeros(grey.shape, { dtype = "bool" })
  for class, value in ipairs(set.values) do
    local here = grey:eq(value)
    out, known = out + here:to "uint8" * class, known | here
  end
  if not known:all():item() then
    local wrong = grey:masked_select(~known)[1]:item()
    failure.raise("data", "%s: holds the value %d, which is not one of values = {%s}", path, wrong, table.concat(set.values, ", "))
  end
  return out
end

local function size_text(x, from) return table.concat(table.move(x.shape, from, x:dim(), 1, {}), " x ") end

local function paired(set, row, x, grey)
  local y = classes_of(set, row.mask, grey)
  if size_text(x, 2) ~= size_text(y, 1) then
    failure.raise("data", "%s is %s, but its mask %s is %s", row.image, size_text(x, 2), row.mask, size_text(y, 1))
  end
  return { x = x, y = y }
end

-- A pair, decoded once; what goes beyond `memory` is decoded each time. read: the picture and its mask, where they are decoded already.
local function pair(set, at, read)
  if set.decoded[at] then return set.decoded[at] end
  local row = set.rows[at]
  local found = paired(set, row, read and read[1] or image.read_image(row.image, { channels = set.channels }),
    read and read[2] or image.read_image(row.mask, { channels = 1 }))
  local bytes = found.x:numel() + found.y:numel()
  if set.kept_bytes + bytes <= set.memory then set.decoded[at], set.kept_bytes = found, set.kept_bytes + bytes end
  return found
end

-- What can't be opened is told by its batch.
local function fits(set)
  local ok, h, w = pcall(core.image_size, set.rows[1].image)
  return not ok or #set.rows * h * w * (set.channels + 1) <= set.memory
end

-- Of what is not kept; take gives the pictures and masks by their rows.
function Masks:ahead(workers)
  if fits(self) then return nil end
  local reader, asked, first, last = require "moonlab.data.single_pictures"(workers), {}, 1, 0
  local function ask(rows)
    local files, wanted = {}, {}
    for _, at in ipairs(rows:tolist()) do
      if not self.decoded[at] and not wanted[at] then
        wanted[at] = #files + 1
        table.move({ { self.rows[at].image, self.channels }, { self.rows[at].mask, 1 } }, 1, 2, #files + 1, files)
      end
    end
    reader.ask(files)
    last = last + 1
    asked[last] = wanted
  end
  local function take()
    local wanted, found, read = asked[first], {}, reader.take()
    asked[first], first = nil, first + 1
    for at, i in pairs(wanted) do found[at] = { read[i], read[i + 1] } end
    return found
  end
  return { ask = ask, take = take, close = reader.close }
end

-- uint8 [B, C, H, W] and [B, H, W].
local function stacked(set, rows, read)
  local x, y = {}, {}
  for i, at in ipairs(rows:tolist()) do
    local found = pair(set, at, read and read[at])
    x[i], y[i] = found.x, found.y
    if size_text(x[i], 2) ~= size_text(x[1], 2) then
      failure.raise("data", "%s: %s is %s, others of its batch %s; they must have one size", set.name, set.rows[at].image, size_text(x[i], 2),
        size_text(x[1], 2))
    end
  end
  return core.ops.stack(x, 1), core.ops.stack(y, 1)
end

--- The pictures of some rows with their masks, decoded. Normalised or augmented pictures are float32; masks move with their pictures,
-- and where a mask shows what lies outside of its picture, it is 0.
-- @param rows  int64 tensor of positions, 1-based
-- @return { x = uint8 [B, C, H, W], y = int64 [B, H, W]: classes from 1, 0 where the mask is to be ignored }
-- @error pictures of different sizes, a mask of another size than its picture, a value that is no class
function Masks:fetch(rows, how)
  local x, y = stacked(self, rows, how and how.ahead)
  if not augment.is_wanted(how) then return { x = x, y = y:to "int64" } end
  local batch, options = augment.plan(how, true)
  local of_masks, all = augment.mask_options(how), core.arange(1, #rows)
  options.ids, of_masks.ids = rows, rows
  return { x = batch(x, all, options), y = core.mask_augment(y, all, of_masks) }
end

--- The pixels of some rows as they are decoded: uint8 [B, C, H, W].
function Masks:pixels(rows) return (stacked(self, rows)) end

--- { C, H, W } of them.
function Masks:pixel_shape() return self:row_shape "x" end

function Masks:row_shape(name)
  if self.size == 0 or (name ~= "x" and name ~= "y") then return nil end
  local h, w = core.image_size(self.rows[1].image)
  return name == "x" and { self.channels, h, w, dtype = "uint8" } or { h, w, dtype = "int64" }
end

function Masks:labels() blame.raise("%s: each pixel has a class of its own; a batch's y has them", self.name) end

function Masks:files()
  local out = {}
  for _, row in ipairs(self.rows) do
    for _, path in ipairs { row.image, row.mask } do out[#out + 1] = { path = path, sha256 = core.sha256(path) } end
  end
  return out
end

-- Pairs by name; each picture must have its mask, and each mask its picture.
local function pair_up(images, masks_folder)
  local by_stem, rows, used = {}, {}, 0
  for _, file in ipairs(picture_files.list(masks_folder)) do
    if by_stem[file.stem] then failure.raise("data", "data.masks: %s and %s have one name", by_stem[file.stem], file.path) end
    by_stem[file.stem] = file.path
    used = used + 1
  end
  for _, file in ipairs(picture_files.list(images)) do
    if not by_stem[file.stem] then failure.raise("data", "data.masks: %s has no mask '%s' in %s", file.path, file.stem, masks_folder) end
    rows[#rows + 1] = { image = file.path, mask = by_stem[file.stem], stem = file.stem }
  end
  if #rows == 0 then failure.raise("data", "data.masks: %s has no pictures", images) end
  if used ~= #rows then
    for _, row in ipairs(rows) do by_stem[row.stem] = nil end
    local stem, path = next(by_stem)
    for other in pairs(by_stem) do
      if other < stem then stem, path = other, by_stem[other] end
    end
    failure.raise("data", "data.masks: %s has no picture in %s", path, images)
  end
  return rows
end

local function set_of(rows, o)
  return setmetatable({ what = "masks", name = o.name, rows = rows, size = #rows, values = o.values, ignore = o.ignore, classes = o.classes,
    channels = o.channels, memory = o.memory, folders = o.folders, decoded = {}, kept_bytes = 0 }, Masks)
end

local function last_name(path) return path:match "([^/]+)/*$" end

--- The pictures and masks of another folder, in folders of the same names.
function Masks:elsewhere(path)
  local images, folder = path .. "/" .. last_name(self.folders[1]), path .. "/" .. last_name(self.folders[2])
  for _, one in ipairs { images, folder } do
    if vm.exists(one) ~= "directory" then failure.raise("data", "%s: there is no folder %s: looked for pictures in %s and for their masks in %s", path, last_name(one), images, folder) end
  end
  return set_of(pair_up(images, folder), setmetatable({ name = path, folders = { images, folder } }, { __index = self }))
end

local parse = require "moonlab.options"("data.masks", {
  { "images", "string" }, { "masks", "string" }, { "values", "table", { 0, 255 } }, { "classes", "table" }, { "ignore", "integer" },
  { "channels", "count", 3 }, { "memory", "count" }, { "about", "string" },
}, 'data.masks{images = "pictures", masks = "masks"}')

local function check_values(o)
  for i, value in ipairs(o.values) do
    if math.type(value) ~= "integer" or value < 0 or value > 255 then
      blame.raise("data.masks: values[%d] must be an integer from 0 to 255, got %s", i, blame.show(value))
    end
  end
  if o.classes and #o.classes ~= #o.values then
    blame.raise("data.masks: classes has %d names, but values has %d", #o.classes, #o.values)
  end
end

--- Pictures with a mask each, found by their names in two folders: pictures/a.jpg with masks/a.png. The grey value of a mask's pixel is
-- its class: values[1] is class 1, and so on.
-- @param given  { images = folder, masks = folder, values = {0, 255}, classes = {names of the values}, ignore = a value that
--   becomes class 0, channels = 3 of the pictures,
--   memory = bytes of decoded pictures that may be kept (a quarter of the machine's),
--   about = a line that is said when the folders are not there: where such data come from }
-- @return a data set: x uint8 [C, H, W], y int64 [H, W]; :item(i) names the files
-- @error a failure with status 4: a picture without mask, a mask without picture, and in a batch a value that is no class
-- @usage local cells = data.masks { images = "isbi_em/image", masks = "isbi_em/label", channels = 1 }
function masks.masks(given)
  local o = parse(given)
  if not o.images or not o.masks then blame.raise 'data.masks: images and masks are needed, as in data.masks{images = "pictures", masks = "masks"}' end
  check_values(o)
  local function at(path) return locate("data.masks", path, "folder", nil, o.about) end
  local images, folder = at(o.images), at(o.masks)
  local rows, classes = pair_up(images, folder), o.classes or {}
  for i, value in ipairs(o.values) do classes[i] = classes[i] or tostring(value) end
  return set_of(rows, { name = last_name(images), values = o.values, ignore = o.ignore, classes = classes, channels = o.channels,
    memory = o.memory or memory.quarter(), folders = { images, folder } })
end

return masks
