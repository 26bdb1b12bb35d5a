--- Data sets of one's own: data.tensors{x = x, y = y} and data.dataset{size = n, get = f}.
-- Both are sources of a recipe as well, with one part that `split` cuts.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local as_source = require "moonlab.data.as_source"
local Dataset = require "moonlab.data.dataset"
local locate = require "moonlab.data.locate"

local sources = {}

local function refuse_augment(set, how)
  if how.augment then
    blame.raise("%s: augment changes pictures kept as bytes, as data.fashion_mnist() has them", set.name)
  end
end

-- Arrays on disk -------------------------------------------------------------------------------------------------------

-- A .npy file as a column: what a tensor is asked for here, from the disk.
local OnDisk = {}
OnDisk.__index = OnDisk

function OnDisk.__len(self) return self.peeked.shape[1] end
function OnDisk:dim() return #self.peeked.shape end
function OnDisk:index_select(_, rows) return self.file:rows(rows) end
function OnDisk:to(dtype) return self.file:rows(core.arange(1, #self)):to(dtype) end

local function on_disk(path)
  local found = locate("data.tensors", path)
  local file = core.open_npy(found)
  local peeked = file:peek()
  return setmetatable({ path = found, file = file, peeked = peeked, dtype = peeked.dtype,
    shape = peeked.shape }, OnDisk)
end

local function is_on_disk(column) return getmetatable(column) == OnDisk end

-- Tensors -------------------------------------------------------------------------------------------------------------

local Tensors = Dataset.kind "moonlab.Tensors"
as_source(Tensors)

function Tensors:row_shape(name)
  if not self.columns[name] then return nil end
  local shape = table.move(self.columns[name].shape, 2, self.columns[name]:dim(), 1, {})
  shape.dtype = self.columns[name].dtype
  return shape
end

function Tensors:fetch(rows, how)
  refuse_augment(self, how)
  local batch = {}
  for name, column in pairs(self.columns) do batch[name] = column:index_select(1, rows) end
  if how.normalise then batch.x = (batch.x - how.normalise.mean) / how.normalise.std end
  return batch
end

function Tensors:column(name)
  local column = self.columns[name]
  if is_on_disk(column) then return column:index_select(1, core.arange(1, #column)) end
  return column or Dataset.column(self, name) -- which names those that there are
end

--- The files of arrays on disk, with their SHA-256.
function Tensors:files()
  local list, names = {}, {}
  for name, column in pairs(self.columns) do
    if is_on_disk(column) then names[#names + 1] = name end
  end
  table.sort(names)
  for i, name in ipairs(names) do list[i] = { path = self.columns[name].path, sha256 = core.sha256(self.columns[name].path) } end
  return list
end

function Tensors:labels()
  if not self.columns.y then blame.raise("%s: its rows have no y", self.name) end
  return self.columns.y:to "int64"
end

--- A data set of tensors: row i of each makes sample i.
-- @param columns  { x = tensor [N, ...], y = tensor [N, ...], any = other }, and classes = {names} for labels (1-based). The path of a .npy
--                 file in the place of a tensor is an array that stays on disk, however large: each batch reads its rows
-- @return a data set
-- @error something that is no tensor, sizes that differ in the first dimension; a file that is compressed or in Fortran order
-- @usage local ds = data.tensors { x = ml.randn(100, 4), y = ml.randint(1, 3, {100}) }
function sources.tensors(columns)
  if type(columns) ~= "table" then
    blame.raise("data.tensors: a table is needed, as in data.tensors{x = x, y = y}; got %s", blame.show(columns))
  end
  local held, size, first = {}, nil, nil
  local names = {}
  for name in pairs(columns) do names[#names + 1] = name end
  table.sort(names, function(a, b) return tostring(a) < tostring(b) end)
  for _, name in ipairs(names) do
    local column = columns[name]
    if name ~= "classes" and name ~= "name" then
      if type(column) == "string" then column = on_disk(column) end
      if type(column) ~= "userdata" and not is_on_disk(column) then
        blame.raise("data.tensors: %s must be a tensor or the path of a .npy file, got %s", name, blame.show(column))
      end
      if column:dim() == 0 then
        blame.raise("data.tensors: %s has no dimensions; its first one counts the rows", name)
      end
      if size and #column ~= size then
        blame.raise("data.tensors: %s has %d rows, but %s has %d", first, size, name, #column)
      end
      held[name], size, first = column, #column, first or name
    end
  end
  if not held.x then blame.raise("data.tensors: x is missing; write data.tensors{x = x, y = y}") end
  return setmetatable({ what = "tensors", name = columns.name or "tensors", columns = held, size = size,
    classes = columns.classes }, Tensors)
end

-- A function ----------------------------------------------------------------------------------------------------------

local Function = Dataset.kind "moonlab.FunctionData"
as_source(Function)

local function to_tensor(value) return type(value) == "userdata" and value or core.tensor(value) end

-- core.tensor makes 0-dim tensors of numbers; stack joins them to [B].
function Function:fetch(rows, how)
  refuse_augment(self, how)
  local lists = {}
  for _, i in ipairs(rows:tolist()) do
    local row = self.get(i)
    if type(row) ~= "table" then
      blame.raise("%s: get(%d) must give a table as {x = ..., y = ...}, got %s", self.name, i, blame.show(row))
    end
    for name, value in pairs(row) do
      lists[name] = lists[name] or {}
      table.insert(lists[name], to_tensor(value))
    end
  end
  local batch = {}
  for name, list in pairs(lists) do
    if #list ~= #rows then blame.raise("%s: only %d of %d rows have %s", self.name, #list, #rows, name) end
    batch[name] = core.ops.stack(list, 1)
  end
  if how.normalise then batch.x = (batch.x - how.normalise.mean) / how.normalise.std end
  return batch
end

function Function:row_shape(name)
  if self.size == 0 then return nil end
  self.first = self.first or self.get(1)
  if self.first[name] == nil then return nil end
  local value = to_tensor(self.first[name])
  local shape = value.shape
  shape.dtype = value.dtype
  return shape
end

--- A data set that is a function of the row's position.
-- @param given  { size = n, get = function(i) return { x = ..., y = ... } end, classes = {names}, name = }
-- @return a data set
-- @error a missing size or get; a row that is no table
-- @usage data.dataset { size = 10, get = function(i) return { x = { i / 10 }, y = 1.0 } end }
function sources.dataset(given)
  local o = require "moonlab.options"("data.dataset", {
    { "size", "integer" }, { "get", "function" }, { "classes", "table" }, { "name", "string", "dataset" },
  }, "data.dataset{size = n, get = function(i) return {x = ..., y = ...} end}")(given)
  if not o.size or o.size < 0 or not o.get then blame.raise("data.dataset: size and get are needed") end
  return setmetatable({ what = "dataset", name = o.name, size = o.size, get = o.get, classes = o.classes }, Function)
end

return sources
