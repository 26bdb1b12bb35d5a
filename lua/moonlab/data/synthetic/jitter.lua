-- Copies of rows with noise on them: data.jitter.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local options = require "moonlab.options"
local seeds = require "moonlab.seed"
local as_source = require "moonlab.data.as_source"
local Dataset = require "moonlab.data.dataset"
local made = require "moonlab.data.synthetic.made"

local ops = core.ops

local jitter = {}

local parse = options("jitter", {
  { "copies", "count", 1 }, { "std", "any", 0.1 }, { "originals", "boolean", true }, { "hold_out", "boolean", false }, { "seed", "integer" },
}, "data.jitter(train, {copies = 3, std = 0.05})")

local Jittered = Dataset.kind "moonlab.Jittered"
as_source(Jittered)

function Jittered:row_shape(name)
  local first = self.base:fetch(core.tensor { 1 }, {})[name]
  if not first then return nil end
  local shape = table.move(first.shape, 2, first:dim(), 1, {})
  shape.dtype = first.dtype
  return shape
end

-- Noise is drawn row by row, so that it does not depend on the batch a row is in; an original has none.
local function noise_of(self, rows, x)
  local shape, list = table.move(x.shape, 2, x:dim(), 1, {}), {}
  for i, row in ipairs(rows:tolist()) do
    list[i] = row < self.first_copy and core.zeros(shape, { dtype = x.dtype })
      or core.randn(shape, { dtype = x.dtype, key = core.random_key(self.key, row) }) * self.std
  end
  return ops.stack(list, 1)
end

-- How a set of copies is fetched: like its base, then noise, then what the parts above wish.
function Jittered:fetch(rows, how)
  local origin = (rows - 1) % #self.base + 1
  local plain = { augment = how.augment, key = how.key, epoch = how.epoch }
  local batch = self.base:fetch(origin, plain)
  if not batch.x.dtype:find "^float" then
    blame.raise("%s: noise is added to floating numbers, and x is %s", self.base.name, batch.x.dtype)
  end
  batch.x = batch.x + noise_of(self, rows, batch.x)
  if how.normalise then batch.x = (batch.x - how.normalise.mean) / how.normalise.std end
  batch.origin, batch.synthetic = origin, rows:ge(self.first_copy)
  return batch
end

function Jittered:describe()
  local base = self.base.describe and self.base:describe() or { rows = #self.base }
  base.name = self.base.name
  return { kind = "synthetic", synthetic = true, maker = "jitter", rows = self.size, seed = self.seed, base = base }
end

-- What the rows of the base have, for them and their copies.
local function repeated(self, values)
  local times = {}
  for i = 1, self.size // #self.base do times[i] = values end
  return ops.cat(times, 1)
end

function Jittered:labels() return repeated(self, self.base:labels()) end

function Jittered:training_rows()
  local of_base = self.base:training_rows()
  local mask = of_base and repeated(self, of_base)
  if self.hold_out or self.trains_only then return mask end
  local copies = core.arange(1, self.size):ge(self.first_copy)
  return mask and mask:logical_or(copies) or copies
end

local function jittered_set(base, o)
  local copies = o.copies + (o.originals and 1 or 0)
  local seed = o.seed or seeds.value
  return setmetatable({
    what = "synthetic", maker = "jitter", name = ("synthetic/jitter(%s)"):format(base.name), synthetic = true, seed = seed,
    base = base, classes = base.classes, size = copies * #base, first_copy = o.originals and #base + 1 or 1,
    keep_together = "origin", hold_out = o.hold_out, trains_only = not o.originals and not o.hold_out, std = o.std, key = core.random_key(seed, "jitter", base.name),
  }, Jittered)
end

local function jittered_tensor(x, o)
  if not x.dtype:find "^float" then blame.raise("jitter: noise is added to floating numbers, and the tensor is %s", x.dtype) end
  local parts = o.originals and { x } or {}
  local key = core.random_key(o.seed or seeds.value, "jitter")
  for i = 1, o.copies do parts[#parts + 1] = x + core.randn(x.shape, { dtype = x.dtype, key = core.random_key(key, i) }) * o.std end
  return ops.cat(parts, 1)
end

--- The rows and copies of them with normal noise on x. A copy is no new case: it trains where its row trains, and else is left out; splits
-- and folds hold out rows alone.
-- @param what  a data set (what is fetched has origin, the row that it is a copy of, and synthetic), or a tensor [N, ...]
-- @param o     { copies = 1, std = 0.1: a number, or a tensor that broadcasts to a row, originals = true,
--              hold_out = false (true: copies are held out with their row), seed = }
-- @return a data set, tagged synthetic, of (copies + 1) * N rows: the originals first; or a tensor of so many rows
-- @usage local more = data.jitter(data.make_moons { n = 100 }, { copies = 3, std = 0.05 })
function jitter.jitter(what, o)
  o = parse(o)
  if type(o.std) == "number" then made.check_range("jitter", o, "std", 0)
  elseif not core.is_tensor(o.std) then blame.raise("jitter: std must be a number or a tensor, got %s", blame.show(o.std)) end
  if core.is_tensor(what) then
    if what:dim() == 0 then blame.raise "jitter: the tensor has no dimensions; its first one counts the rows" end
    return jittered_tensor(what, o)
  end
  if type(what) ~= "table" or not what.fetch then blame.raise("jitter: a data set or a tensor is needed, got %s", blame.show(what)) end
  return jittered_set(what, o)
end

return jitter
