--- The table of a model's layers: what each gives out, its parameters and its work. model:summary{1, 28, 28}.
-- The forward runs over an input that has a shape and no data. An unbuilt model stays unbuilt: a copy of it is looked
-- at.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local tree = require "moonlab.nn.tree"

local Summary = {}
Summary.__index = Summary
Summary.__name = "Summary"

local ELEMENT = { float64 = 8, int64 = 8, float32 = 4, int32 = 4, uint8 = 1, bool = 1 }

local function is_tensor(value) return type(value) == "userdata" end

local function bytes_of(tensor) return tensor:numel() * ELEMENT[tensor.dtype] end

-- Shapes and bytes of what a layer returned: tensors, and those of lists.
local function outputs_of(...)
  local shapes, bytes = {}, 0
  local function add(value, nested)
    if is_tensor(value) then
      shapes[#shapes + 1] = value.shape
      bytes = bytes + bytes_of(value)
    elseif type(value) == "table" and not nested then
      for _, element in ipairs(value) do add(element, true) end
    end
  end
  for i = 1, select("#", ...) do add((select(i, ...))) end
  return shapes, bytes
end

-- Parameters that stand in the fields of a module itself, those that no row before has counted.
local function count_own(module, counted)
  local n = 0
  local function add(owner)
    for _, field in ipairs(tree.fields(owner)) do
      if field.kind == "parameter" and not counted[field.value] then
        counted[field.value] = true
        n = n + field.value:numel()
      elseif field.kind == "list" then
        add(field.value)
      end
    end
  end
  add(module)
  return n
end

local function has_modules(module)
  for _, entry in ipairs(tree.walk(module)) do
    if entry.kind == "module" then return true end
  end
  return false
end

-- Runs the model and notes each call. Rows stand in the order of the calls, a module before those it calls.
local function observe(model, shapes)
  local rows, counted, called, activation_bytes = {}, {}, {}, 0
  local function observer(module, path, depth, forward, ...)
    local row = { path = path, name = module._name, depth = depth, repeated = called[module] or false }
    rows[#rows + 1], called[module] = row, true
    row.parameters = count_own(module, counted)
    local leaf, before = not has_modules(module), core.flops()
    local function note(...)
      local bytes
      row.output, bytes = outputs_of(...)
      row.flops = core.flops() - before
      if leaf then activation_bytes = activation_bytes + bytes end
      return ...
    end
    return note(forward(...))
  end
  local building = require "moonlab.nn.building"
  building.run_shapes(model, { data = false, observer = observer }, table.unpack(shapes))
  local unused = {}
  for _, entry in ipairs(tree.modules(model)) do
    if not called[entry.module] then unused[#unused + 1] = entry.path end
  end
  return rows, activation_bytes, unused
end

local function thousands(n)
  local text = ("%d"):format(n)
  local grouped = text:reverse():gsub("(%d%d%d)", "%1,"):reverse()
  return (grouped:gsub("^,", ""))
end

local function size_text(bytes)
  if bytes < 1024 then return bytes .. " B" end
  if bytes < 1024 ^ 2 then return ("%.1f KiB"):format(bytes / 1024) end
  return ("%.1f MiB"):format(bytes / 1024 ^ 2)
end

local function shape_text(shapes, batch)
  local texts = {}
  for i, shape in ipairs(shapes) do
    local sizes = {}
    for d, size in ipairs(shape) do sizes[d] = d == 1 and size == batch and "B" or tostring(size) end
    texts[i] = "[" .. table.concat(sizes, ", ") .. "]"
  end
  return #texts == 0 and "-" or table.concat(texts, " ")
end

--- The table as text.
function Summary:__tostring()
  local cells, width = { { "layer", "output", "parameters", "FLOPs" } }, { 0, 0, 0, 0 }
  for _, row in ipairs(self.layers) do
    local name, indent = row.name, ("  "):rep(row.depth - 1)
    if row.path ~= "" then name = ("%s%s %s"):format(indent, row.path:match "[^.]+$", row.name) end
    local parameters = row.repeated and "again" or thousands(row.parameters)
    cells[#cells + 1] = { name, shape_text(row.output, self.batch), parameters, thousands(row.flops) }
  end
  for _, row in ipairs(cells) do
    for i, cell in ipairs(row) do width[i] = math.max(width[i], #cell) end
  end
  local lines = {}
  local line = ("%%-%ds  %%-%ds  %%%ds  %%%ds"):format(table.unpack(width))
  for i, row in ipairs(cells) do lines[i] = line:format(table.unpack(row)) end
  local frozen = self.parameters - self.trainable
  local totals = "%s parameters (%s)%s, %s FLOPs and %s of activations for a batch of %d"
  lines[#lines + 1] = totals:format(thousands(self.parameters),
    size_text(self.bytes), frozen > 0 and ", of which " .. thousands(frozen) .. " are frozen" or "",
      thousands(self.flops),
    size_text(self.activation_bytes), self.batch)
  if #self.unused > 0 then lines[#lines + 1] = "not called by forward: " .. table.concat(self.unused, ", ") end
  return table.concat(lines, "\n")
end

--- Sums up a model.
-- @param model  a module
-- @param ...    as for build; not needed where build was called with them
-- @return { layers = { { path =, name =, depth =, output = list of shapes, parameters =, flops = } ... }, parameters =,
--         trainable =, flops =, bytes = of parameters and buffers, activation_bytes =, unused = paths
--         that were not called }
return function(model, ...)
  local shapes = { ... }
  if #shapes == 0 then shapes = model._info.shapes or shapes end
  if #shapes == 0 then blame.raise "summary: give the shape of an input without the batch: model:summary{1, 28, 28}" end
  if not model:is_built() then model = model:clone() end
  local result = setmetatable({ batch = 1, parameters = 0, trainable = 0, bytes = 0 }, Summary)
  for _, sizes in ipairs(shapes) do
    if type(sizes) == "table" then result.batch = sizes.batch or result.batch end
  end
  result.layers, result.activation_bytes, result.unused = observe(model, shapes)
  result.flops = result.layers[1].flops
  for _, entry in ipairs(tree.tensors(model)) do
    local n = entry.tensor:numel()
    result.bytes = result.bytes + n * ELEMENT[entry.tensor.dtype]
    if entry.kind == "parameter" then
      result.parameters = result.parameters + n
      if entry.tensor.requires_grad then result.trainable = result.trainable + n end
    end
  end
  return result
end
