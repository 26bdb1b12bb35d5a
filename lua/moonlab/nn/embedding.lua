--- A learned row for each id, from 1; id 0 (padding) gives zeros.
-- @shape  ids [...] -> [..., size]

local core = require "moonlab.core"
local Module = require "moonlab.nn.module"
local blame = require "moonlab.blame"
local initialise = require "moonlab.nn.initialise"
local options = require "moonlab.options"
local parameter = require "moonlab.nn.parameter"

local embedding = core.ops.embedding
local Embedding = Module:extend "Embedding"

local read = options("nn.Embedding", { { "weight", "tensor" }, { "init", "any" } },
  "nn.Embedding(1000, 64, {init = \"normal\"})")

local function normal(tensor, key) initialise.normal(tensor, { key = key }) end

local function check(name, value)
  if math.type(value) ~= "integer" or value < 1 then
    blame.raise("nn.Embedding: the %s must be a positive integer, got %s", name, blame.show(value))
  end
end

--- @param count  how many ids
-- @param size   numbers in a row
-- @param o      { weight = a parameter shared with another layer, init = name or function(tensor, key) (normal) }
-- @usage nn.Embedding(1000, 64)
function Embedding:init(count, size, o)
  check("number of ids", count)
  check("size of a row", size)
  o = read(o)
  self.count, self.size = count, size
  self.initialise_weight = initialise.pick("nn.Embedding", o.init, normal)
  self.weight = parameter.shared("nn.Embedding", o.weight) or parameter.slot()
end

function Embedding:prepare() self:fill("weight", { self.count, self.size }, self.initialise_weight) end

function Embedding:forward(ids) return embedding(ids, self.weight) end

return Embedding
