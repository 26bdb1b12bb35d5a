--- Data sets of pictures, and of other tensors: classes, sizes, examples and means of each class, boxes, masks, and what is there twice.

local core = require "moonlab.core"
local Alike = require "moonlab.profile.alike"
local Boxes = require "moonlab.profile.boxes"
local Masks = require "moonlab.profile.masks"

local ops = core.ops

local pictures = {}

local BATCH = 256
local EXAMPLES = 9
local CLASSES = 30      -- that are shown
local LARGEST = 64      -- pixels of a picture that is shown; of larger ones every second pixel and so on

-- [B, C, H, W] with one or three channels.
local function shows(x) return x:dim() == 4 and (x:size(2) == 1 or x:size(2) == 3) and x:size(3) > 1 and x:size(4) > 1 end

local function smaller(x)
  local step = math.ceil(math.max(x:size(3), x:size(4)) / LARGEST)
  if step == 1 then return x end
  return x:index_select(3, core.arange(1, x:size(3), step)):index_select(4, core.arange(1, x:size(4), step))
end

local Look = {}
Look.__index = Look

function Look:size_of(x)
  local sizes = {}
  for d = 2, x:dim() do sizes[d - 1] = x:size(d) end
  local key = table.concat(sizes, " x ")
  self.sizes[key] = (self.sizes[key] or 0) + #x
end

-- Sums and examples of each class in a batch; pictures of another size than the first are left out.
function Look:keep(x, y)
  x = smaller(x.dtype == "uint8" and x:to "float32" / 255 or x:to "float32")
  for class = 1, math.min(CLASSES, self.classes) do
    local rows = y:eq(class):nonzero():reshape { -1 }
    if #rows > 0 then
      local part = x:index_select(1, rows)
      local one = self.shown[class] or { sum = core.zeros(table.unpack(part[1].shape)), count = 0, examples = {} }
      if table.concat(one.sum.shape, " ") == table.concat(part[1].shape, " ") then
        self.shown[class] = one
        one.sum, one.count = one.sum + part:sum(1), one.count + #rows
        for i = 1, math.min(#rows, EXAMPLES - #one.examples) do one.examples[#one.examples + 1] = part[i] end
      end
    end
  end
end

-- What pictures have besides, or instead of, a class.
function Look:marks_of(batch)
  if not self.marks then
    local y = batch.y
    local has_masks = core.is_tensor(y) and y.dtype == "int64" and y:dim() == 3 and batch.x:dim() == 4
    self.marks = batch.box_counts and Boxes.new(self.names) or has_masks and Masks.new(self.names) or nil
  end
  return self.marks
end

function Look:part(part, place)
  local keys, labels, before = {}, {}, 0
  for batch in part.set:batches { size = BATCH, pass = 0 } do
    local x, y = batch.x, batch.y
    if core.is_tensor(x) and x:dim() >= 1 and #x > 0 then
      local marks = self:marks_of(batch)
      self:size_of(x)
      if marks then marks:add(batch) end
      keys[#keys + 1] = core.hash_rows(x:contiguous())
      local has_class = core.is_tensor(y) and y:dim() == 1 and y.dtype == "int64"
      labels[#labels + 1] = has_class and y or core.ones(#x, { dtype = "int64" })
      self.labelled = self.labelled or has_class
      if has_class and not self.names then self.classes = math.max(self.classes, y:max():item()) end
      if shows(x) and has_class then self:keep(x, y) end
      if shows(x) then self.alike:add(x, place, before + 1) end
      before = before + #x
    end
  end
  local none = core.zeros(0, { dtype = "int64" })
  return { name = part.name, keys = #keys > 0 and ops.cat(keys, 1) or none, labels = #labels > 0 and ops.cat(labels, 1) or none }
end

-- The file of a row, or nil.
local function file_of(set, row)
  while set.parent do row, set = set.chosen and set.chosen:at(row) or row, set.parent end
  return set.item and set:item(row).image or nil
end

-- Which of the pictures are there before, within the part and across parts.
local function twice(parts, out)
  local keys, labels, from = {}, {}, 0
  for i, part in ipairs(parts) do
    keys[i], labels[i], part.from = part.keys, part.labels, from + 1
    from = from + #part.keys
  end
  if from == 0 then return end
  local codes, firsts = core.distinct(ops.cat(keys, 1))
  local _, with_label = core.distinct(codes * (ops.cat(labels, 1):max():item() + 1) + ops.cat(labels, 1))
  out.conflicts = #with_label - #firsts
  local seen = core.zeros(#firsts, { dtype = "int64" })
  for i, part in ipairs(parts) do
    local own = #part.keys > 0 and codes:slice(1, part.from, part.from + #part.keys - 1) or nil
    if own then
      local _, different = core.distinct(own:contiguous())
      out.duplicates.rows = out.duplicates.rows + #own - #different
      for j = 1, i - 1 do
        local n = #parts[j].keys > 0 and seen:masked_fill(seen:ne(j), 0):index_select(1, own):ne(0):sum():item() or 0
        if n > 0 then out.parts.shared[#out.parts.shared + 1] = { rows = n, what = "picture", part = part.name, other = parts[j].name } end
      end
      seen = seen:index_fill(1, own, i)
    end
  end
end

-- The pairs as a table of the profile; of a file the end of its path, with the class's folder.
local function table_of(pairs)
  local rows = {}
  local function short(path) return path and path:match "[^/]*/?[^/]*$" or "" end
  for i, one in ipairs(pairs) do
    rows[i] = { one.part, ("%d"):format(one.row), short(one.file), one.other_part, ("%d"):format(one.other_row), short(one.other_file) }
  end
  return { title = "Pictures that are nearly the same", rows = rows,
    heads = { { "part" }, { "row", true }, { "file" }, { "part" }, { "row", true }, { "file" } } }
end

-- Those that are nearly the same, and what they are called where they are files.
local function nearly(look, given, parts, out)
  local keys, labels, names, sets = {}, {}, {}, {}
  for i, part in ipairs(parts) do keys[i], labels[i], names[i], sets[part.name] = part.keys, part.labels, part.name, given[i].set end
  local found = look.alike:result(keys, labels, names)
  if not found then return end
  local of = found.of < out.rows and (" (of %d sampled)"):format(found.of) or ""
  for _, one in ipairs(found.shared) do
    out.parts.shared[#out.parts.shared + 1] = { rows = one.rows, what = "picture", part = one.part, other = one.other, of = ", nearly the same" .. of }
  end
  for _, pair in ipairs(found.pairs) do
    pair.file, pair.other_file = file_of(sets[pair.part], pair.row), file_of(sets[pair.other_part], pair.other_row)
  end
  if #found.pairs > 0 then table.insert(out.tables, table_of(found.pairs)) end
  out.alike = { rows = found.rows, conflicts = found.conflicts, of = found.of, pairs = found.pairs }
end

local function in_order(sizes)
  local list = {}
  for size, count in pairs(sizes) do list[#list + 1] = { size = size, count = count } end
  table.sort(list, function(a, b)
    if a.count ~= b.count then return a.count > b.count end
    return a.size < b.size
  end)
  return list
end

--- What the parts of a source hold.
-- @param given  a list of { name =, set = a data set }
-- @return fields of a profile: rows =, classes = { { name =, count = }, ... } or nil, sizes =, tables = of boxes, masks and pictures that are
--         nearly the same, pictures = for the page, duplicates =, parts =, alike = { rows =, conflicts =, of =, pairs = }
function pictures.of(given)
  local names = given[1] and given[1].set.classes
  local total = 0
  for _, part in ipairs(given) do total = total + part.set:count() end
  local look = setmetatable({ sizes = {}, shown = {}, names = names, classes = names and #names or 0, alike = Alike.new(total) }, Look)
  local out, parts = { rows = 0, duplicates = { rows = 0, exact = true }, parts = { parts = {}, shared = {} }, pictures = {} }, {}
  local counts = {}
  for i, part in ipairs(given) do
    parts[i] = look:part(part, i)
    out.parts.parts[i] = { name = part.name, rows = #parts[i].keys }
    out.rows = out.rows + #parts[i].keys
    if look.labelled and #parts[i].labels > 0 then
      for class, n in ipairs(parts[i].labels:bincount({ minlength = look.classes }):tolist()) do counts[class] = (counts[class] or 0) + n end
    end
  end
  twice(parts, out)
  out.sizes = in_order(look.sizes)
  if look.marks then
    local marks = look.marks:result()
    out.tables, out.pictures = marks.tables, marks.pictures
  end
  out.tables = out.tables or {}
  nearly(look, given, parts, out)
  if look.labelled then
    out.classes = {}
    for class, n in ipairs(counts) do out.classes[class] = { name = names and names[class] or tostring(class), count = math.tointeger(n) } end
    for class, one in pairs(look.shown) do
      table.insert(one.examples, 1, one.sum / one.count)
      out.pictures[#out.pictures + 1] = { class = class, name = out.classes[class].name, note = "the mean, then examples", columns = EXAMPLES + 1,
        pictures = ops.stack(one.examples, 1) }
    end
    table.sort(out.pictures, function(a, b) return a.class < b.class end)
  end
  return out
end

return pictures
