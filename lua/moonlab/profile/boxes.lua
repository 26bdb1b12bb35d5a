--- Boxes in pictures: how many there are of each class and of which sizes, and examples with the boxes drawn.

local core = require "moonlab.core"
local number = require "moonlab.plot.number"

local ops = core.ops

local EXAMPLES = 6
local LARGEST = 240 -- pixels of a picture that is shown

local Boxes = {}
Boxes.__index = Boxes

--- @param classes  their names
function Boxes.new(classes) return setmetatable({ names = classes, by_class = {}, each = {}, examples = {} }, Boxes) end

local COLOURS = { { 1, 0.55, 0, name = "orange" }, { 0, 0.75, 1, name = "blue" }, { 0.2, 1, 0.2, name = "green" }, { 1, 0.2, 1, name = "pink" },
  { 1, 1, 0, name = "yellow" } }

local function colour_of(class) return COLOURS[(class - 1) % #COLOURS + 1] end

-- The edges of a box, in the colour of its class.
local function draw(x, box, class)
  local h, w = x:size(2), x:size(3)
  local function within(v, most) return math.max(1, math.min(most, math.floor(v + 0.5))) end
  local x1, y1, x2, y2 = within(box[1], w), within(box[2], h), within(box[3], w), within(box[4], h)
  for c = 1, x:size(1) do
    local value = colour_of(class)[c]
    for _, y in ipairs { y1, y2 } do x[{ c, y, { x1, x2 } }] = value end
    for _, column in ipairs { x1, x2 } do x[{ c, { y1, y2 }, column }] = value end
  end
end

local function example(picture, boxes, labels)
  local step = math.ceil(math.max(picture:size(2), picture:size(3)) / LARGEST)
  local x = picture:to "float32" / (picture.dtype == "uint8" and 255 or 1)
  x = x:index_select(2, core.arange(1, x:size(2), step)):index_select(3, core.arange(1, x:size(3), step)):contiguous()
  if x:size(1) == 1 then x = ops.cat({ x, x, x }, 1) end
  for k, class in ipairs(labels) do
    local box = {}
    for i, v in ipairs(boxes[k]) do box[i] = (v - 1) / step + 1 end
    draw(x, box, class)
  end
  return x
end

--- Takes note of a batch with boxes, labels and box_counts.
function Boxes:add(batch)
  local boxes, labels, counts = batch.boxes:tolist(), batch.labels:tolist(), batch.box_counts:tolist()
  for n = 1, batch.count do
    local seen, of = {}, table.move(labels[n], 1, counts[n], 1, {})
    self.each[#self.each + 1] = counts[n]
    for k, class in ipairs(of) do
      local box = boxes[n][k]
      local one = self.by_class[class] or { pictures = 0, width = {}, height = {} }
      self.by_class[class] = one
      one.width[#one.width + 1], one.height[#one.height + 1] = box[3] - box[1] + 1, box[4] - box[2] + 1
      if not seen[class] then one.pictures, seen[class] = one.pictures + 1, true end
    end
    if #self.examples < EXAMPLES and (batch.x:size(2) == 1 or batch.x:size(2) == 3) then
      local drawn = example(batch.x[n], boxes[n], of)
      local first = self.examples[1] or drawn
      if table.concat(first.shape, " ") == table.concat(drawn.shape, " ") then self.examples[#self.examples + 1] = drawn end
    end
  end
end

-- "least / median / largest"
local function spread(list)
  table.sort(list)
  return ("%s / %s / %s"):format(number.short(list[1]), number.short(list[(#list + 1) // 2]), number.short(list[#list]))
end

--- What has been seen, as tables and pictures of a profile.
-- @return { tables =, pictures = }
function Boxes:result()
  local rows, colours = {}, {}
  for class, name in ipairs(self.names or {}) do
    colours[class] = ("%s %s"):format(name, colour_of(class).name)
    local one = self.by_class[class]
    rows[class] = one and { name, #one.width, one.pictures, spread(one.width), spread(one.height) } or { name, 0, 0, "", "" }
  end
  local out = { tables = { { title = "Boxes", rows = rows, heads = { { "class" }, { "boxes", true }, { "pictures", true },
    { "width: least / median / largest", true }, { "height", true } } } }, pictures = {} }
  if #self.each > 0 then
    out.tables[2] = { title = "Boxes of a picture", heads = { { "least / median / largest", true } }, rows = { { spread(self.each) } } }
  end
  if #self.examples > 0 then
    out.pictures[1] = { name = "Examples", note = "with their boxes: " .. table.concat(colours, ", "), columns = 2, pictures = ops.stack(self.examples, 1) }
  end
  return out
end

return Boxes
