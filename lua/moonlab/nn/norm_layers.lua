--- Norms over groups of channels, and by the root of the mean square: layers around their ops.
-- @shape  [B, C, ...] -> the same; RMSNorm: [..., normalised] -> the same
-- @export GroupNorm(groups, {eps = 1e-5, affine = true})  Normalises groups of channels, with a learned weight and bias for each
--         channel: the op group_norm.
-- @export RMSNorm({eps = 1e-6, affine = true})  Divides rows by the root of their mean square, with a learned weight: the op
--         rms_norm.

local core = require "moonlab.core"
local Module = require "moonlab.nn.module"
local blame = require "moonlab.blame"
local initialise = require "moonlab.nn.initialise"
local options = require "moonlab.options"
local parameter = require "moonlab.nn.parameter"

local function shape_text(x) return "[" .. table.concat(x.shape, ", ") .. "]" end

local GroupNorm = Module:extend "GroupNorm"
local read_group_layer = options("nn.GroupNorm", { { "eps", "number", 1e-5 }, { "affine", "boolean", true } },
  "nn.GroupNorm(4, {eps = 1e-5})")

function GroupNorm:init(groups, o)
  if math.type(groups) ~= "integer" or groups < 1 then
    blame.raise("nn.GroupNorm: groups must be a positive integer, got %s", blame.show(groups))
  end
  if type(o) == "number" then
    blame.raise("nn.GroupNorm takes the groups and infers the channels: write nn.GroupNorm(%d)", groups)
  end
  o = read_group_layer(o)
  self.groups, self.options = groups, { eps = o.eps }
  if o.affine then self.weight, self.bias = parameter.slot(), parameter.slot() end
end

function GroupNorm:prepare(x)
  if x:dim() < 2 or x:size(2) % self.groups ~= 0 then
    error(("GroupNorm: the channels of %s do not fall into %d groups"):format(shape_text(x), self.groups), 0)
  end
  if self.weight then
    self:fill("weight", { x:size(2) }, initialise.ones)
    self:fill("bias", { x:size(2) }, initialise.zeros)
  end
end

function GroupNorm:forward(x) return core.ops.group_norm(x, self.groups, self.weight, self.bias, self.options) end

local RMSNorm = Module:extend "RMSNorm"
local read_rms_layer = options("nn.RMSNorm", { { "eps", "number", 1e-6 }, { "affine", "boolean", true } }, "nn.RMSNorm{eps = 1e-6}")

function RMSNorm:init(o)
  if type(o) == "number" then blame.raise "nn.RMSNorm infers the size: write nn.RMSNorm()" end
  o = read_rms_layer(o)
  self.options = { eps = o.eps }
  if o.affine then self.weight = parameter.slot() end
end

function RMSNorm:prepare(x)
  if self.weight then self:fill("weight", { x:size(-1) }, initialise.ones) end
end

function RMSNorm:forward(x) return core.ops.rms_norm(x, self.weight, self.options) end

return { { name = "GroupNorm", class = GroupNorm }, { name = "RMSNorm", class = RMSNorm } }
