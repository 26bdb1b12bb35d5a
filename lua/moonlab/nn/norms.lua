--- Normalisation over groups of channels, and by the root of the mean square.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local options = require "moonlab.options"

local layer_norm = core.ops.layer_norm
local M = {}

local function shape_text(x) return "[" .. table.concat(x.shape, ", ") .. "]" end

local read_group = options("group_norm", { { "eps", "number", 1e-5 } }, "nn.group_norm(x, 4, weight, bias, {eps = 1e-5})")

--- Each group of channels of each sample shifted and scaled to mean 0 and variance 1, then each channel by weight and
-- bias. Wu and He 2018.
-- @param x       [B, C, ...]
-- @param groups  how many groups the channels fall into
-- @param weight  [C], or nil
-- @param bias    [C], or nil
-- @param o       { eps = 1e-5 }
-- @return a tensor
-- @usage nn.group_norm(ml.randn(2, 4, 3, 3), 2)
function M.group_norm(x, groups, weight, bias, o)
  if type(x) ~= "userdata" or x:dim() < 2 then
    blame.raise("group_norm: x must be a tensor [batch, channels, ...], got %s", type(x) == "userdata" and shape_text(x) or blame.show(x))
  end
  if math.type(groups) ~= "integer" or groups < 1 or x:size(2) % groups ~= 0 then
    blame.raise("group_norm: the %d channels of x %s do not fall into %s groups", x:size(2), shape_text(x), blame.show(groups))
  end
  o = read_group(o)
  local sizes, row = x.shape, x:size(2) // groups
  for d = 3, #sizes do row = row * sizes[d] end
  local y = layer_norm(x:reshape(sizes[1], groups, row), nil, nil, { eps = o.eps }):reshape(sizes)
  local stretched = { sizes[2] }
  for d = 3, #sizes do stretched[d - 1] = 1 end
  if weight then y = y * weight:reshape(stretched) end
  if bias then y = y + bias:reshape(stretched) end
  return y
end

local read_rms = options("rms_norm", { { "eps", "number", 1e-6 } }, "nn.rms_norm(x, weight, {eps = 1e-6})")

--- Each row (the last dimension) divided by the root of its mean square, then scaled by weight. Zhang and Sennrich 2019.
-- @param x       [..., n]
-- @param weight  [n], or nil
-- @param o       { eps = 1e-6 }
-- @return a tensor
-- @usage nn.rms_norm(ml.tensor{{3.0, 4.0}})   --> 0.8485  1.1314
function M.rms_norm(x, weight, o)
  if type(x) ~= "userdata" or x:dim() < 1 then
    blame.raise("rms_norm: x must be a tensor [..., n], got %s", type(x) == "userdata" and "a scalar" or blame.show(x))
  end
  o = read_rms(o)
  local y = x * (x:square():mean(-1, { keepdim = true }) + o.eps):rsqrt()
  return weight and y * weight or y
end

return M
