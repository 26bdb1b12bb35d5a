--- Columns that hold a tensor a row, such as sounds: their sizes and values; and, where the features of a recipe make pictures of its
-- rows, examples of each class.

local core = require "moonlab.core"
local number = require "moonlab.plot.number"

local ops = core.ops

local EXAMPLES = 8
local CLASSES = 30 -- that are shown

local tensors = {}

-- What the tensor columns hold, or nil where there are none.
local function table_of(t)
  local rows = {}
  for _, column in ipairs(t:columns()) do
    if column.type == "tensor" and #column.values > 0 then
      local x, sizes = column.values, table.move(column.values.shape, 2, column.values:dim(), 1, {})
      local function short(value) return number.short(value:item()) end
      rows[#rows + 1] = { column.name, table.concat(sizes, " x "), short(x:min()), short(x:mean()), short(x:max()), short(x:square():mean():sqrt()) }
    end
  end
  return #rows > 0 and { title = "Tensors", rows = rows, heads = { { "column" }, { "size", true }, { "least", true }, { "mean", true }, { "largest", true },
    { "root of mean square", true } } } or nil
end

-- From 0 to 1, low frequencies below: as spectra are drawn.
local function as_picture(x)
  local low, high = x:min():item(), x:max():item()
  return ((x - low) / math.max(1e-12, high - low)):flip(2)
end

local function shows(x) return x:dim() == 4 and x:size(2) == 1 and x:size(3) > 1 and x:size(4) > 1 end

-- Takes examples of a batch, until each class has enough of them; whether one still lacks some.
local function keep(batch, lists)
  local lacking = false
  for class, list in ipairs(lists) do
    local rows = batch.y:eq(class):nonzero():reshape { -1 }
    for i = 1, math.min(EXAMPLES - #list, #rows) do list[#list + 1] = as_picture(batch.x[rows:at(i)]) end
    lacking = lacking or #list < EXAMPLES
  end
  return lacking
end

-- Of each class the first training rows, as pictures.
local function pictures_of(train, classes)
  local lists, out = {}, {}
  for class = 1, math.min(CLASSES, #classes) do lists[class] = {} end
  for batch in train:batches { size = 256, pass = 0 } do
    local x, y = batch.x, batch.y
    if not (core.is_tensor(x) and shows(x) and core.is_tensor(y) and y:dim() == 1 and y.dtype == "int64") then return nil end
    if not keep(batch, lists) then break end
  end
  for class, list in ipairs(lists) do
    if #list > 0 then
      out[#out + 1] = { name = tostring(classes[class]), note = #out == 0 and "what the features make of training rows" or nil, columns = EXAMPLES,
        pictures = ops.stack(list, 1) }
    end
  end
  return out
end

--- Tables and pictures of what a recipe has prepared; either may be nil.
-- @param prepared  what moonlab.recipe.tabular.parts gave
function tensors.of(prepared)
  local found = table_of(prepared.table)
  return found and { found }, found and prepared.classes and prepared.train and #prepared.train > 0 and pictures_of(prepared.train, prepared.classes) or nil
end

return tensors
