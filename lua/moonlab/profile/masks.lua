--- Masks of pictures: how much of the pixels each class covers, and examples, each picture beside its mask.

local core = require "moonlab.core"
local findings = require "moonlab.profile.findings"

local ops = core.ops

local EXAMPLES = 3
local LARGEST = 240 -- pixels of a picture that is shown

local Masks = {}
Masks.__index = Masks

--- @param classes  their names
function Masks.new(classes) return setmetatable({ names = classes or {}, pixels = {}, pictures = {}, all = 0, examples = {} }, Masks) end

-- A picture and its mask, whose classes are levels of gray from black (0, which does not count) to white.
local function example(x, mask, classes)
  local step = math.ceil(math.max(x:size(2), x:size(3)) / LARGEST)
  x = x:to "float32" / (x.dtype == "uint8" and 255 or 1)
  local gray = (mask:to "float32" / math.max(1, classes)):unsqueeze(1)
  if x:size(1) == 3 then gray = ops.cat({ gray, gray, gray }, 1) end
  local both = {}
  for i, one in ipairs { x, gray } do
    both[i] = one:index_select(2, core.arange(1, one:size(2), step)):index_select(3, core.arange(1, one:size(3), step))
  end
  return both
end

--- Takes note of a batch whose y are masks.
function Masks:add(batch)
  for n = 1, batch.count do
    local counts = batch.y[n]:reshape { -1 }:bincount():tolist() -- of classes from 1
    local counted = 0
    for class, count in ipairs(counts) do
      self.pixels[class] = (self.pixels[class] or 0) + count
      if count > 0 then self.pictures[class] = (self.pictures[class] or 0) + 1 end
      counted = counted + count
    end
    self.all = self.all + batch.y[n]:numel()
    self.ignored = (self.ignored or 0) + batch.y[n]:numel() - counted
    if #self.examples < 2 * EXAMPLES and (batch.x:size(2) == 1 or batch.x:size(2) == 3) then
      local both = example(batch.x[n], batch.y[n], #self.names)
      local first = self.examples[1] or both[1]
      if table.concat(first.shape, " ") == table.concat(both[1].shape, " ") then table.move(both, 1, 2, #self.examples + 1, self.examples) end
    end
  end
end

--- What has been seen, as tables and pictures of a profile.
-- @return { tables =, pictures = }
function Masks:result()
  local rows = {}
  for class = 1, math.max(#self.names, #self.pixels) do
    local count = self.pixels[class] or 0
    rows[class] = { self.names[class] or tostring(class), findings.percent(count, self.all), self.pictures[class] or 0 }
  end
  if (self.ignored or 0) > 0 then rows[#rows + 1] = { "(does not count)", findings.percent(self.ignored, self.all), "" } end
  local out = { tables = { { title = "Masks", heads = { { "class" }, { "of the pixels", true }, { "pictures", true } }, rows = rows } }, pictures = {} }
  if #self.examples > 0 then
    out.pictures[1] = { name = "Examples", note = "each beside its mask, the last class white", columns = 2, pictures = ops.stack(self.examples, 1) }
  end
  return out
end

return Masks
