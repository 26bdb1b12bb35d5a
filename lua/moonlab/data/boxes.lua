--- Pictures with boxes: the data set that data.voc and data.coco give.
--
-- A box covers the pixels x1..x2 and y1..y2, counted from 1, both ends inside: it is x2 - x1 + 1 wide, and its edges lie at x1 - 1 and
-- x2. VOC files have just that; COCO's x, y, width, height (edges, from 0) become x + 1, y + 1, x + width, y + height.
--
-- Kept out are boxes without area (degenerate: VOC corners that coincide, COCO sides of 0) and those that lie beside their picture
-- (outside). Those that reach over its border are cut there (clipped). Each is in `problems` with its file.

local core = require "moonlab.core"
local augment = require "moonlab.data.augment"
local blame = require "moonlab.blame"
local box_movement = require "moonlab.data.box_movement"
local Bytes = require "moonlab.data.picture_bytes"
local failure = require "moonlab.failure"
local Dataset = require "moonlab.data.dataset"
local image = require "moonlab.data.image"
local vm = require "moonlab.vm"

local boxes = {}

local Boxes = Dataset.kind "moonlab.Boxes"

-- Building -----------------------------------------------------------------------------------------------------------

--- Gathers boxes from annotation files.
-- @return { rows = {}, counts =, problems = } for boxes.add and boxes.set
function boxes.gathering()
  return { rows = {}, problems = {}, counts = { annotated = 0, kept = 0, degenerate = 0, outside = 0, clipped = 0 } }
end

local function note(all, what, row, box)
  all.counts[what] = all.counts[what] + 1
  all.problems[#all.problems + 1] = { what = what, file = row.file, image = row.image, number = box.number, class = box.class,
    box = { box[1], box[2], box[3], box[4] } }
end

-- Cut at the borders of the picture; whether it had to be.
local function clip(box, width, height)
  local x1, y1, x2, y2 = math.max(box[1], 1), math.max(box[2], 1), math.min(box[3], width), math.min(box[4], height)
  local cut = x1 ~= box[1] or y1 ~= box[2] or x2 ~= box[3] or y2 ~= box[4]
  return cut, x1, y1, x2, y2
end

--- Adds a box to a row, unless it is degenerate or outside.
-- @param all  what gathering gave
-- @param row  { image =, file =, width =, height =, boxes = {} }
-- @param box  { x1, y1, x2, y2, class = name, number = (in its file), degenerate =, difficult = }
function boxes.add(all, row, box)
  all.counts.annotated = all.counts.annotated + 1
  if box.degenerate then return note(all, "degenerate", row, box) end
  local cut, x1, y1, x2, y2 = clip(box, row.width, row.height)
  if x2 <= x1 - 1 or y2 <= y1 - 1 then return note(all, "outside", row, box) end
  if cut then note(all, "clipped", row, box) end
  all.counts.kept = all.counts.kept + 1
  row.boxes[#row.boxes + 1] = { x1, y1, x2, y2, class = box.class, difficult = box.difficult or false }
end

-- The set ------------------------------------------------------------------------------------------------------------

local function class_numbers(classes)
  local number = {}
  for i, name in ipairs(classes) do number[name] = i end
  return number
end

--- A data set of rows.
-- @param name  of the set
-- @param rows  a list of { image =, file =, width =, height =, boxes = }
-- @param how   { classes = {names}, channels =, size = {h, w} or nil, what = "voc" }
function boxes.set(name, rows, how)
  local number = class_numbers(how.classes)
  local corners, labels, difficult, starts = {}, {}, {}, { 0 }
  for i, row in ipairs(rows) do
    for _, box in ipairs(row.boxes) do
      corners[#corners + 1] = { box[1], box[2], box[3], box[4] }
      labels[#labels + 1] = number[box.class]
      difficult[#difficult + 1] = box.difficult
    end
    starts[i + 1] = #labels
  end
  local empty = #labels == 0
  return setmetatable({
    what = how.what, name = name, size = #rows, rows = rows, starts = starts, classes = how.classes, how = how,
    corners = empty and core.zeros { 0, 4 } or core.tensor(corners, { dtype = "float32" }),
    numbers = empty and core.zeros({ 0 }, { dtype = "int64" }) or core.tensor(labels, { dtype = "int64" }),
    difficult = empty and core.zeros({ 0 }, { dtype = "bool" }) or core.tensor(difficult),
  }, Boxes)
end

--- One picture's entry; nothing is decoded.
-- @param i  a position from 1; negative ones count from the end
-- @return { image = path, width =, height =, boxes = float32 [n, 4] (x1, y1, x2, y2), labels = int64 [n], difficult = bool [n] }
-- @error a position that is not there
function Boxes:item(i)
  local n = self.size
  local at = math.type(i) == "integer" and (i < 0 and i + n + 1 or i)
  if not at or at < 1 or at > n then blame.raise("%s: there is no picture %s (1..%d)", self.name, blame.show(i), n) end
  local row, from, to = self.rows[at], self.starts[at] + 1, self.starts[at + 1]
  local none = to < from
  return {
    image = row.image, width = row.width, height = row.height,
    boxes = none and core.zeros { 0, 4 } or self.corners:slice(1, from, to),
    labels = none and core.zeros({ 0 }, { dtype = "int64" }) or self.numbers:slice(1, from, to),
    difficult = none and core.zeros({ 0 }, { dtype = "bool" }) or self.difficult:slice(1, from, to),
  }
end

-- read: the pictures of the items, where they are decoded already.
local function stack_pictures(set, items, read)
  local pictures, first = read or {}, nil
  for i, item in ipairs(items) do
    pictures[i] = pictures[i] or image.read_image(item.image, { channels = set.how.channels })
    local shape = table.concat(pictures[i].shape, " x ")
    first = first or shape
    if shape ~= first then
      failure.raise("data", "%s: %s is %s, but %s is %s; pictures of one batch must have one size: give size = {h, w}", set.name,
        items[1].image, first, item.image, shape)
    end
  end
  return core.ops.stack(pictures, 1)
end

-- Edges are scaled, so that a box of the whole picture stays one.
local function scaled(item, size)
  if not size or #item.boxes == 0 then return item.boxes end
  local x, y = size[2] / item.width, size[1] / item.height
  local before = core.tensor({ 1, 1, 0, 0 }, { dtype = "float32" })
  return (item.boxes - before) * core.tensor({ x, y, x, y }, { dtype = "float32" }) + before
end

local function padded(list, shape, dtype)
  local out = core.zeros(shape, { dtype = dtype })
  for i, x in ipairs(list) do
    if #x > 0 then out[{ i, { 1, #x } }] = x end
  end
  return out
end

-- Of a set with a size.
local function bytes_of(self)
  if not self.pixel_bytes then
    local paths = {}
    for i, row in ipairs(self.rows) do paths[i] = row.image end
    self.pixel_bytes = Bytes.new(self.name, paths, { channels = self.how.channels, size = self.how.size, resize = "squash" })
  end
  return self.pixel_bytes
end

-- uint8 [B, C, H, W]: with a size decoded once, where they fit into memory.
local function pictures_of(self, rows, items, read)
  if not self.how.size then return stack_pictures(self, items, read) end
  return read or bytes_of(self):rows(rows)
end

function Boxes:ahead(workers)
  if self.how.size then return bytes_of(self):ahead(workers) end
  local reader = require "moonlab.data.single_pictures"(workers)
  local function ask(rows)
    local list = {}
    for i, row in ipairs(rows:tolist()) do list[i] = { self.rows[row].image, self.how.channels } end
    reader.ask(list)
  end
  return { ask = ask, take = reader.take, close = reader.close }
end

local function items_of(self, rows)
  local items = {}
  for i, row in ipairs(rows:tolist()) do
    items[i] = self:item(row)
    items[i].boxes = scaled(items[i], self.how.size)
  end
  return items
end

--- The pixels of some rows as they are decoded: uint8 [B, C, H, W].
function Boxes:pixels(rows) return pictures_of(self, rows, not self.how.size and items_of(self, rows) or nil) end

--- { C, H, W } of them.
function Boxes:pixel_shape()
  local size = self.how.size or { self.rows[1].height, self.rows[1].width }
  return { self.how.channels, size[1], size[2] }
end

--- The pictures of some rows, decoded, with their boxes. Rows with fewer boxes are filled up with boxes of class 0, which is none.
-- Normalised or augmented pictures are float32. Boxes move with their pictures: they are cut at the border, and those of which less than
-- a quarter is left are gone; of a picture that is turned they go around the turned box.
-- @param rows  int64 tensor of positions, 1-based
-- @return { x = uint8 [B, C, H, W], boxes = float32 [B, M, 4], labels = int64 [B, M], difficult = bool [B, M], box_counts = int64 [B] }
-- @error pictures of different sizes without size = {h, w}; a damaged picture
function Boxes:fetch(rows, how)
  local items, corners, labels, difficult, counts, most = items_of(self, rows), {}, {}, {}, {}, 0
  local x = pictures_of(self, rows, items, how and how.ahead)
  if how and augment.moves(how) then box_movement.move(items, rows, { x:size(3), x:size(4) }, augment.mask_options(how)) end
  if augment.is_wanted(how) then
    local batch, options = augment.plan(how, true)
    options.ids = rows
    x = batch(x, core.arange(1, #rows), options)
  end
  for i, item in ipairs(items) do
    corners[i], labels[i], difficult[i] = item.boxes, item.labels, item.difficult
    counts[i] = #labels[i]
    most = math.max(most, counts[i])
  end
  return {
    x = x, boxes = padded(corners, { #items, most, 4 }, "float32"),
    labels = padded(labels, { #items, most }, "int64"), difficult = padded(difficult, { #items, most }, "bool"),
    box_counts = core.tensor(counts, { dtype = "int64" }),
  }
end

function Boxes:labels() blame.raise("%s: a picture has boxes of several classes; set:item(i).labels has them", self.name) end

-- Sources ------------------------------------------------------------------------------------------------------------

local Source = {}

--- The parts that the folder brings: { train =, valid =, test = }, those that there are.
function Source:parts() return { train = self.train, valid = self.valid, test = self.test } end

--- Sizes and counts; nothing is decoded.
-- @return { count =, x = {C, H, W}, classes =, test_count = }
function Source:peek()
  local first = self.train.rows[1]
  local h, w = first and first.height, first and first.width
  if self.size then h, w = self.size[1], self.size[2] end
  return { count = #self.train, x = first and { self.channels, h, w, dtype = "uint8" }, classes = #self.classes,
    test_count = self.test and #self.test }
end

--- The annotation files and the SHA-256 of their bytes.
-- @return a list of { path =, sha256 = }
function Source:files()
  local out = {}
  for i, path in ipairs(self.annotation_files) do out[i] = { path = path, sha256 = core.sha256(path) } end
  return out
end

--- What the run's record says of the source.
function Source:describe() return { kind = self.kind, path = self.path, counts = self.counts } end

local PARTS = { "train", "valid", "test" }

--- All pictures with boxes of another folder or file in the same form, with the classes of a model.
function Source:elsewhere(path, model)
  local wanted = vm.exists(path)
  if wanted ~= "directory" and not (self.kind == "coco" and wanted == "file") then
    failure.raise("data", "%s: looked for %s", path, self.kind == "coco" and "a COCO file, or a folder with one" or "a folder with Annotations and JPEGImages")
  end
  if not path:find "/" then path = "./" .. path end
  local other = boxes.source { kind = self.kind, path = path, channels = self.channels, size = self.size, wanted = model.classes or self.classes, load = self.load }
  local rows, how = {}, nil
  for _, part in ipairs(PARTS) do
    if other[part] then how = other[part].how end
    for _, row in ipairs(other[part] and other[part].rows or {}) do rows[#rows + 1] = row end
  end
  local set = boxes.set(path, rows, how)
  function set.files() return other:files() end
  return set
end

--- What was kept and what not, as text: one line of counts, then a line for each problem.
-- @return a string
function Source:report()
  local c = self.counts
  local lines = { ("%d boxes: %d kept, %d degenerate, %d outside (%d clipped)"):format(c.annotated, c.kept, c.degenerate, c.outside,
    c.clipped) }
  for _, p in ipairs(self.problems) do
    lines[#lines + 1] = ("%s: box %d (%s: %g, %g, %g, %g) is %s"):format(p.file, p.number, p.class, p.box[1], p.box[2], p.box[3],
      p.box[4], p.what)
  end
  return table.concat(lines, "\n")
end

local LOADED = { train = true, valid = true, test = true, classes = true, counts = true, problems = true, annotation_files = true }

local meta = { __name = "moonlab.BoxSource" }

function meta.__index(self, key)
  if Source[key] then return Source[key] end
  if not LOADED[key] or rawget(self, "loaded") then return nil end
  for name, value in pairs(self.load(self)) do rawset(self, name, value) end
  rawset(self, "loaded", true)
  return rawget(self, key)
end

--- A source that is read when it is first used.
-- @param given  { kind =, path =, channels =, size =, load = function(source) -> { train =, ..., classes =, counts =, problems =,
--               annotation_files = } }
function boxes.source(given)
  if type(given.size) == "number" then given.size = { given.size, given.size } end
  return setmetatable(given, meta)
end

--- The classes of a source, and that no box has another one.
-- @param wanted  a list of names, or nil: those that occur, sorted
-- @param all     what was gathered
function boxes.classes(wanted, all)
  local known, names = {}, wanted or {}
  for _, name in ipairs(names) do known[name] = true end
  for _, row in ipairs(all.rows) do
    for _, box in ipairs(row.boxes) do
      if not known[box.class] and wanted then
        failure.raise("data", "%s: class '%s' is not one of classes = {%s}", row.file, box.class, table.concat(wanted, ", "))
      end
      if not known[box.class] then known[box.class], names[#names + 1] = true, box.class end
    end
  end
  if not wanted then table.sort(names) end
  return names
end

return boxes
