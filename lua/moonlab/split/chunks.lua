-- Rotation of whole chunks: ml.chunks.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local options = require "moonlab.options"
local assign = require "moonlab.split.assign"
local positions = require "moonlab.split.positions"
local spec = require "moonlab.split.spec"

local chunks = {}

local parse = options("chunks", {
  { "n", "count", 10 }, { "test", "count", 3 }, { "rotations", "count" }, { "stratify", "any", false }, { "group", "any", false },
  { "shuffle", "boolean", true }, { "seed", "integer" },
}, "ml.chunks{n = 10, test = 3}")

local function make(fields, rows)
  local key = fields.shuffle and core.random_key(rows.root, "chunks") or nil
  local chunk_of = assign.deal(rows, { parts = fields.n, noun = "chunk", where = "chunks", stratify = fields.stratify, group = fields.group }, key)
  local folds = {}
  for first = 1, fields.rotations do
    -- chunks first, first + 1, ... test; behind the last one the first follows
    local train, test = positions.of_parts(chunk_of, function(parts) return ((parts - first) % fields.n):lt(fields.test) end)
    folds[first] = { train = train, test = test }
  end
  return folds
end

--- Rotates whole chunks: the rows are cut into n chunks of nearly equal size; chunks i, i + 1, ... test, the others train, for i = 1, 2, ...
-- All n rotations test each row `test` times.
-- @param o  { n = 10: chunks, test = 3: chunks that are tested at a time, rotations = n: how many, stratify = , group = , shuffle = true,
--           seed = , as ml.kfold has them }
-- @return a spec: spec:folds(set), spec:describe()
-- @error no chunk left to train on
-- @usage #ml.chunks({ n = 10, test = 3 }):folds(100)[1].test   --> 30
function chunks.chunks(o)
  o = parse(o)
  assign.check_options("chunks", o)
  if o.test >= o.n then blame.raise("chunks: %d of %d chunks are tested, which leaves none to train on", o.test, o.n) end
  o.rotations = o.rotations or o.n
  if o.rotations > o.n then blame.raise("chunks: after %d rotations the folds are the same again, got rotations = %d", o.n, o.rotations) end
  o.kind = "chunks"
  return spec.new(o, make)
end

return chunks
