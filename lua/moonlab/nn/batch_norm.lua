--- Shifts and scales each channel to mean 0 and variance 1 over the batch; in evaluation by running statistics.
-- Ioffe and Szegedy 2015. One class for every rank: dimension 2 is the channel.
-- @shape  [B, C, ...] -> the same

local core = require "moonlab.core"
local Module = require "moonlab.nn.module"
local initialise = require "moonlab.nn.initialise"
local options = require "moonlab.options"
local parameter = require "moonlab.nn.parameter"
local blame = require "moonlab.blame"

local batch_norm = core.ops.batch_norm
local BatchNorm = Module:extend "BatchNorm"

local read = options("nn.BatchNorm", {
  { "inputs", "count" }, { "momentum", "number", 0.1 }, { "eps", "number", 1e-5 }, { "affine", "boolean", true },
}, "nn.BatchNorm{momentum = 0.1}")

--- @param o  { inputs = asserts the channels, momentum = 0.1 (share of the new batch in the running statistics),
--          eps = 1e-5, affine = true (a learned weight and bias) }
-- @usage nn.BatchNorm()   nn.BatchNorm{momentum = 0.01}
function BatchNorm:init(o)
  if type(o) == "number" then
    blame.raise("nn.BatchNorm infers the channels: write nn.BatchNorm() or nn.BatchNorm{inputs = %s}", o)
  end
  o = read(o)
  self.inputs, self.momentum, self.eps = o.inputs, o.momentum, o.eps
  if o.affine then self.weight, self.bias = parameter.slot(), parameter.slot() end
  self.running_mean, self.running_var = parameter.slot "buffer", parameter.slot "buffer"
  -- The tables of options of the op, made once: by training, then by activation.
  self.op_options = {}
  for _, training in ipairs { true, false } do
    self.op_options[training] = {}
    for _, activation in ipairs { "none", "relu" } do
      self.op_options[training][activation] = { training = training, momentum = o.momentum, eps = o.eps,
        activation = activation }
    end
  end
end

local function check(x, channels)
  if x:dim() < 2 or (channels and x:size(2) ~= channels) then
    local shape = "[" .. table.concat(x.shape, ", ") .. "]"
    error(("BatchNorm: the input must be [batch, %s, ...], got %s"):format(channels or "channels", shape), 0)
  end
end

function BatchNorm:prepare(x)
  check(x, self.inputs)
  local sizes = { x:size(2) }
  if self.weight then
    self:fill("weight", sizes, initialise.ones)
    self:fill("bias", sizes, initialise.zeros)
  end
  self:fill("running_mean", sizes, initialise.zeros)
  self:fill("running_var", sizes, initialise.ones)
end

BatchNorm.takes_relu = true

function BatchNorm:forward(x, activation)
  check(x, self.running_mean:size(1))
  return batch_norm(x, self.weight, self.bias, self.running_mean, self.running_var,
    self.op_options[self.training][activation or "none"])
end

return BatchNorm
