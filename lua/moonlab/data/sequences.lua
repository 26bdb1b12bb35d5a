--- Sequences of different lengths: data.sequences. A batch is padded with 0 to its own longest sequence and carries the lengths,
-- which nn.LSTM and its kin take.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local as_source = require "moonlab.data.as_source"
local Dataset = require "moonlab.data.dataset"

local ops = core.ops

local sequences = {}

-- Columns ------------------------------------------------------------------------------------------------------------
--
-- A ragged column is one tensor of all steps, behind them a step of zeros, and where each sequence starts in it.

local function to_step_tensor(name, i, value)
  local x = type(value) == "table" and core.tensor(value) or value
  if not core.is_tensor(x) then
    blame.raise("data.sequences: %s[%d] must be a tensor or a list, got %s", name, i, blame.show(value))
  end
  if x:dim() == 0 or #x == 0 then blame.raise("data.sequences: %s[%d] has no steps", name, i) end
  return x
end

local function step_text(x)
  local sizes = table.move(x.shape, 2, x:dim(), 1, {})
  return ("%s [%s]"):format(x.dtype, table.concat(sizes, ", "))
end

local function ragged(name, list)
  local steps, starts, lengths, total = {}, {}, {}, 0
  for i, value in ipairs(list) do
    steps[i] = to_step_tensor(name, i, value)
    if step_text(steps[i]) ~= step_text(steps[1]) then
      blame.raise("data.sequences: the steps of %s[1] are %s, those of %s[%d] are %s", name, step_text(steps[1]), name, i, step_text(steps[i]))
    end
    starts[i], lengths[i], total = total, #steps[i], total + #steps[i]
  end
  local padding = steps[1].shape
  padding[1] = 1
  steps[#steps + 1] = core.zeros(padding, { dtype = steps[1].dtype })
  return { steps = ops.cat(steps, 1), starts = core.tensor(starts), lengths = core.tensor(lengths), padding = total + 1 }
end

-- The sequences of rows, padded to the longest of them: [B, T, ...], and their lengths [B].
local function padded(column, rows)
  local lengths = column.lengths:index_select(1, rows)
  local longest = lengths:max():item()
  local step = core.arange(1, longest):unsqueeze(1)
  local at = column.starts:index_select(1, rows):unsqueeze(2) + step
  at = ops.where(step:le(lengths:unsqueeze(2)), at, column.padding)
  local shape = column.steps.shape
  table.remove(shape, 1)
  return column.steps:index_select(1, at:reshape { -1 }):reshape { #rows, longest, table.unpack(shape) }, lengths
end

-- The set ------------------------------------------------------------------------------------------------------------

local Sequences = Dataset.kind "moonlab.Sequences"
as_source(Sequences)

local function lengths_name(name) return name == "x" and "lengths" or name .. "_lengths" end

function Sequences:fetch(rows, how)
  if how.augment then blame.raise("%s: augment changes pictures, not sequences", self.name) end
  local batch = {}
  for name, column in pairs(self.plain) do batch[name] = column:index_select(1, rows) end
  for name, column in pairs(self.ragged) do batch[name], batch[lengths_name(name)] = padded(column, rows) end
  return batch
end

function Sequences:column(name)
  for held, column in pairs(self.ragged) do
    if name == lengths_name(held) then return column.lengths end
  end
  if self.ragged[name] then return (padded(self.ragged[name], core.arange(1, self.size))) end
  return self.plain[name] or Dataset.column(self, name) -- which names those that there are
end

function Sequences:row_shape(name)
  local column, shape = self.ragged[name], nil
  if column then
    shape = column.steps.shape
    shape[1], shape.dtype = column.lengths:max():item(), column.steps.dtype
  elseif self.plain[name] then
    shape = table.move(self.plain[name].shape, 2, self.plain[name]:dim(), 1, {})
    shape.dtype = self.plain[name].dtype
  end
  return shape
end

local function is_ragged(value) return type(value) == "table" and value[1] ~= nil and type(value[1]) ~= "number" end

-- A column in one of its two forms, and how many rows it has.
local function add_column(set, name, value)
  if is_ragged(value) then
    set.ragged[name] = ragged(name, value)
    return #value
  end
  if type(value) == "table" then value = core.tensor(value) end
  if not core.is_tensor(value) or value:dim() == 0 then
    blame.raise("data.sequences: %s must be a list of sequences, or a tensor with one row each; got %s", name, blame.show(value))
  end
  set.plain[name] = value
  return #value
end

--- A data set of sequences that differ in length. A batch has x [B, T] or [B, T, features], T the length of its longest sequence,
-- filled up with 0, and lengths [B]: model(batch.x, { lengths = batch.lengths }) of nn.LSTM. With batches { by_length = true } little
-- is filled up.
-- @param columns  { x = a list of sequences: tensors [T] or [T, features], or lists of ids; y = a tensor or list with one value each, or
--                 a list of sequences too (then there is y_lengths); any = other; classes = {names}, name = "sequences" }
-- @return a data set
-- @error a sequence without steps, steps that differ in type or shape, columns that differ in rows
-- @usage data.sequences({ x = { { 3, 1, 2 }, { 5 } }, y = { 1, 2 } }):batches({ size = 2 })().x   --> 3  1  2  5  0  0
function sequences.sequences(columns)
  if type(columns) ~= "table" or core.is_tensor(columns) then
    blame.raise("data.sequences: a table is needed, as in data.sequences{x = {{3, 1, 2}, {5}}}; got %s", blame.show(columns))
  end
  local set = setmetatable({ what = "sequences", name = columns.name or "sequences", classes = columns.classes, plain = {}, ragged = {} },
    Sequences)
  if not is_ragged(columns.x) then blame.raise "data.sequences: x is missing: a list of sequences, as {{3, 1, 2}, {5}}" end
  set.size = #columns.x
  local names = {}
  for name in pairs(columns) do names[#names + 1] = tostring(name) end
  table.sort(names)
  for _, name in ipairs(names) do
    local rows = name ~= "classes" and name ~= "name" and add_column(set, name, columns[name]) or set.size
    if rows ~= set.size then blame.raise("data.sequences: x has %d sequences, but %s has %d rows", set.size, name, rows) end
  end
  return set
end

return sequences
