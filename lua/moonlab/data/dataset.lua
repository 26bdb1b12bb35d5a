--- What every data set can do: batches, parts of itself, its labels.
--
-- A kind of data set gives three things: size (a field or a function called once), fetch(self, rows, how) -> batch for
-- an int64 tensor of rows, and a name, which keys its shuffling. A part (rows of another set) is a data set as well.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local seed = require "moonlab.seed"
local suggest = require "moonlab.suggest"
local mixing = require "moonlab.data.mixing"
local order_of = require "moonlab.data.order"
local prefetch = require "moonlab.data.prefetch"

local Dataset = { __name = "moonlab.Dataset" }
Dataset.__index = Dataset

function Dataset.__len(self) return self:count() end
function Dataset.__tostring(self) return ("%s: %d rows"):format(self.name, self:count()) end

--- A new kind of data set: a metatable whose objects have the methods of Dataset.
-- @param name  for messages
function Dataset.kind(name)
  local Kind = setmetatable({ __name = name, __len = Dataset.__len, __tostring = Dataset.__tostring }, Dataset)
  Kind.__index = Kind
  return Kind
end

--- How many rows there are; the same as #set.
function Dataset:count() return self.size end

--- The rows of one batch.
-- @param rows  int64 tensor of positions, 1-based
-- @param how   { augment =, key =, epoch =, normalise =, transform =, ahead = what ahead's take gave for these rows }, filled in by batches
-- @return { x = ..., y = ... }
function Dataset:fetch() blame.raise("%s: this kind of data set has no fetch", self.name) end

--- What reads rows before they are needed, in threads of its own; nil where nothing is to be read.
-- @param workers  how many threads
-- @return { ask = function(rows), take = function() -> how.ahead of fetch, for the rows asked for first, close = function() }, or nil
function Dataset:ahead() end

local parse = require "moonlab.options"("batches", {
  { "size", "count", 32 }, { "shuffle", "boolean", false }, { "drop_last", "boolean", false }, { "augment", "table" },
  { "pass", "integer" }, { "seed", "integer" }, { "weights", "any" }, { "balanced", "boolean", false }, { "by_length", "any" },
  { "draws", "count" }, { "workers", "integer" },
}, "train:batches{size = 64, shuffle = true}")

-- The positions of batch after batch of a pass; nil at its end.
local function stretches(order, o)
  local batches, number = (order.count + o.size - 1) // o.size, 0
  local function next_stretch()
    number = number + 1
    if number > batches then return nil end
    local batch = order.visit and order.visit[number] or number
    local from = (batch - 1) * o.size + 1
    local to = math.min(from + o.size - 1, order.count)
    if o.drop_last and to - from + 1 < o.size then return next_stretch() end
    return order.rows and order.rows:slice(1, from, to) or core.arange(from, to)
  end
  return next_stretch
end

--- Goes through the rows in batches.
-- Shuffling and drawing are keyed by the seed, the set's name and the pass: the same seed gives the same order in each run. A
-- pass is counted by the set itself, or given: with it a run goes on where it was.
--
-- weights draws rows with replacement, each in proportion to its weight. balanced draws the classes equally often: each stretch of as
-- many rows as there are classes has one of each, rows of a small class come again, those of a large one take turns. by_length puts
-- rows of similar length into one batch, so that little is padded; shuffled, the rows of 50 batches are mixed and then the batches.
--
-- Pictures that are not kept in memory are decoded by threads of their own, some batches ahead of the one that is worked on. They
-- end with the loop, also where it is left early. Their number changes no bit.
-- @param options  { size = 32, shuffle = false, drop_last = false, augment = {data.flip(), ...}, pass =, seed = ,
--                 weights = one number a row: a tensor, a list or a column's name, balanced = false, draws = rows of such a pass (all),
--                 by_length = one number a row, function(row), or true for the lengths of data.sequences,
--                 workers = threads that decode pictures ahead; 0: none, each batch is decoded when it is asked for; of
--                 itself 1, from 4 threads on 2, with --threads 1 none }
-- @return an iterator of batches: { x =, y =, rows = (positions in the set), count = }, and what `for` closes behind it
-- @error an unknown option, a weight below 0, options that exclude each other
-- @usage for batch in train:batches { size = 64, shuffle = true } do ... end
function Dataset:batches(options)
  local o = parse(options)
  if not o.pass then
    self.passes = (self.passes or 0) + 1
    o.pass = self.passes
  end
  local root = o.seed or seed.value
  local how = { epoch = o.pass, key = core.random_key(root, "augment", self.name) }
  local mix
  how.augment, mix = mixing.taken_out(o.augment)
  local next_stretch, closes = prefetch(self, stretches(order_of(self, o, root), o), o.workers)
  return function()
    local rows
    rows, how.ahead = next_stretch()
    if not rows then return nil end
    local batch = self:fetch(rows, how)
    batch.rows, batch.count = rows, #rows
    if mix then mixing.mix(mix, self, batch, how) end
    return batch
  end, nil, nil, closes
end

--- How many batches a pass has.
-- @param size       rows of a batch
-- @param drop_last  whether a smaller last one is left out
function Dataset:batch_count(size, drop_last)
  local n = self:count()
  return drop_last and n // size or (n + size - 1) // size
end

--- The shape of a row of x or y, with its dtype; nil where the kind of set does not know it.
function Dataset:row_shape() end

--- What the rows look like: classes, sizes, pictures of each class, and what is there twice.
-- @return a profile: print it, or profile:save "page.html"
-- @usage print(ml.data.tensors { x = ml.rand(20, 1, 8, 8), y = ml.randint(1, 2, { 20 }) }:profile())
function Dataset:profile() return require "moonlab.profile".of_sets(self.name, self, { { name = "all", set = self } }) end

--- The class of each row as an int64 tensor, 1-based.
-- @error a set whose y is no class
function Dataset:labels()
  local parts = {}
  for batch in self:batches { size = 1024, pass = 0 } do
    if not batch.y then blame.raise("%s: its rows have no y", self.name) end
    parts[#parts + 1] = batch.y
  end
  return core.ops.cat(parts, 1):to "int64"
end

-- The names that the rows do have stand in the message.
local function blame_column(self, name, batch)
  local names = {}
  for key, value in pairs(batch) do
    if core.is_tensor(value) and key ~= "rows" then names[#names + 1] = key end
  end
  table.sort(names)
  blame.raise("%s: %s", self.name, suggest.unknown("column", tostring(name), names))
end

--- What each row has under a name, as one tensor: the column "household" of data.tensors{x = x, household = ids}.
-- @param name  of a field of the batches
-- @return a tensor of as many rows as the set
-- @error a name that the rows don't have
-- @usage data.tensors { x = ml.zeros(2, 3), household = ml.tensor { 7, 8 } }:column "household"   --> 7  8
function Dataset:column(name)
  local parts = {}
  for batch in self:batches { size = 1024, pass = 0 } do
    if batch[name] == nil or name == "rows" or name == "count" then blame_column(self, name, batch) end
    parts[#parts + 1] = batch[name]
  end
  if #parts == 0 then return core.empty(0) end
  return #parts == 1 and parts[1] or core.ops.cat(parts, 1)
end

--- Rows that lie elsewhere, read as those of this set are: what serving judges a model on. Kinds that read files of their own have one of their
-- own; the others take arrays.
-- @param path   a file or folder
-- @param model  { input = shape of a row of x, classes = names or nil, labelled = whether what is asked for must be there }
-- @return a data set
-- @error a failure with status 4 that says what was looked for
function Dataset:elsewhere(path, model) return require "moonlab.data.arrays".open(path, self, model) end

-- Parts ---------------------------------------------------------------------------------------------------------------

local Part = Dataset.kind "moonlab.Part"

function Part:fetch(rows, how)
  if self.normalise or self.transform then
    local mine = { normalise = self.normalise, transform = self.transform }
    for key, value in pairs(how) do mine[key] = value end
    how = mine
  end
  return self.parent:fetch(self.chosen and self.chosen:index_select(1, rows) or rows, how)
end

function Part:ahead(workers)
  local below, chosen = self.parent:ahead(workers), self.chosen
  if not below or not chosen then return below end
  return { ask = function(rows) below.ask(chosen:index_select(1, rows)) end, take = below.take, close = below.close }
end

function Part:elsewhere(path, model) return self.parent:elsewhere(path, model) end

function Part:labels()
  local labels = self.parent:labels()
  return self.chosen and labels:index_select(1, self.chosen) or labels
end

function Part:column(name)
  local values = self.parent:column(name)
  if not self.chosen then return values end
  if core.is_tensor(values) then return values:index_select(1, self.chosen) end
  local list, chosen = values.to_list and values:to_list() or values, {}
  for i, row in ipairs(self.chosen:tolist()) do chosen[i] = list[row] end
  return chosen
end

--- Which rows are to train alone, such as those of a generator behind real ones: splits hold out none of them.
-- @return a mask, or nil where there are no such rows, or no others
function Dataset:training_rows()
  local mask = self.parent and self.parent:training_rows()
  if mask and self.chosen then mask = mask:index_select(1, self.chosen) end
  return mask and mask:any():item() and not mask:all():item() and mask or nil
end

--- A part of a data set, in the order given.
-- @param rows  int64 tensor of positions, 1-based
-- @param name  what the part is called
-- @return a data set
function Dataset:part(rows, name)
  return setmetatable({
    parent = self, chosen = rows, size = #rows, name = name or self.name .. "/part", classes = self.classes,
      normalise = self.normalise, transform = self.transform, synthetic = self.synthetic, keep_together = self.keep_together,
  }, Part)
end

--- The same rows, brought to mean 0 and deviation 1 as they are fetched.
-- @param statistics  { mean =, std = }: what normalise.fit gave for the training part; nil: none
-- @param transform   a list of data.center_crop and data.pad that all pictures get, or nil
-- @return a data set
function Dataset:normalised(statistics, transform)
  return setmetatable({ parent = self, size = self:count(), name = self.name, classes = self.classes,
    normalise = statistics, transform = transform, synthetic = self.synthetic, keep_together = self.keep_together }, Part)
end

return Dataset
