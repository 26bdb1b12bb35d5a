--- Shifts and scales each row to mean 0 and variance 1 over its last dimensions. Ba et al. 2016.
-- @shape  [..., normalised] -> the same

local core = require "moonlab.core"
local Module = require "moonlab.nn.module"
local initialise = require "moonlab.nn.initialise"
local options = require "moonlab.options"
local parameter = require "moonlab.nn.parameter"
local blame = require "moonlab.blame"

local layer_norm = core.ops.layer_norm
local LayerNorm = Module:extend "LayerNorm"

local read = options("nn.LayerNorm", {
  { "dims", "count", 1 }, { "inputs", "count" }, { "eps", "number", 1e-5 }, { "affine", "boolean", true },
}, "nn.LayerNorm{dims = 1}")

--- @param o  { dims = how many of the last dimensions are one row (1), inputs = asserts the size of the last,
--          eps = 1e-5, affine = true (a learned weight and bias) }
-- @usage nn.LayerNorm()
function LayerNorm:init(o)
  if type(o) == "number" then
    blame.raise("nn.LayerNorm infers the size: write nn.LayerNorm() or nn.LayerNorm{inputs = %s}", o)
  end
  o = read(o)
  self.dims, self.inputs = o.dims, o.inputs
  if o.affine then self.weight, self.bias = parameter.slot(), parameter.slot() end
  self.options = { dims = o.dims, eps = o.eps }
end

local function shape_of(x) return "[" .. table.concat(x.shape, ", ") .. "]" end

function LayerNorm:prepare(x)
  if x:dim() < self.dims then
    error(("LayerNorm: %d dimensions are to be normalised, the input has %d: %s"):format(self.dims, x:dim(),
      shape_of(x)), 0)
  end
  if self.inputs and x:size(-1) ~= self.inputs then
    error(("LayerNorm: the last dimension must be %d, got %d\n  input   %s"):format(self.inputs, x:size(-1),
      shape_of(x)), 0)
  end
  local shape, sizes = x.shape, {}
  for d = #shape - self.dims + 1, #shape do sizes[#sizes + 1] = shape[d] end
  if self.weight then
    self:fill("weight", sizes, initialise.ones)
    self:fill("bias", sizes, initialise.zeros)
  end
end

function LayerNorm:forward(x) return layer_norm(x, self.weight, self.bias, self.options) end

return LayerNorm
