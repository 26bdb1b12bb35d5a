--- Pools as layers, each around the op of the same meaning.
-- @shape  [B, C, H, W] -> [B, C, H', W']
-- @export MaxPool2d(size, {stride = size, padding = 0})  Largest element of each window: the op max_pool2d.
-- @export AvgPool2d(size, {stride = size, padding = 0})  Mean of each window: the op avg_pool2d.
-- @export AdaptiveAvgPool2d(size)  Means over size x size windows that cover the picture: the op adaptive_avg_pool2d.
-- @export AdaptiveMaxPool2d(size)  Largest elements of such windows: the op adaptive_max_pool2d.

local core = require "moonlab.core"
local Module = require "moonlab.nn.module"
local blame = require "moonlab.blame"
local options = require "moonlab.options"

local function check_size(name, what, size)
  local pair = type(size) == "table" and #size == 2 and size or { size, size }
  for i = 1, 2 do
    if math.type(pair[i]) ~= "integer" or pair[i] < 1 then
      blame.raise("nn.%s: %s must be a positive integer or two of them, got %s", name, what, blame.show(size))
    end
  end
  return size
end

local function check_input(name, x)
  if x:dim() ~= 4 then
    error(("%s: the input must be [batch, channels, rows, columns], got [%s]"):format(name,
      table.concat(x.shape, ", ")), 0)
  end
end

-- nn.MaxPool2d(2)   nn.MaxPool2d(3, {stride = 2, padding = 1}): stride is the window's size if not given.
local function windowed(name, f)
  local class = Module:extend(name)
  local read = options("nn." .. name, { { "stride", "pair" }, { "padding", "padding", 0 } },
    ("nn.%s(2, {stride = 2})"):format(name))
  function class:init(size, o)
    self.size = check_size(name, "the size of the window", size)
    self.options = read(o)
  end
  function class:forward(x)
    check_input(name, x)
    return f(x, self.size, self.options)
  end
  return { name = name, class = class }
end

-- nn.AdaptiveAvgPool2d(1): size rows and columns come out, whatever goes in.
local function adaptive(name, f)
  local class = Module:extend(name)
  function class:init(size, o)
    if o ~= nil then blame.raise("nn.%s takes the size of its output alone, got %s after it", name, blame.show(o)) end
    self.size = check_size(name, "the size of the output", size)
  end
  function class:forward(x)
    check_input(name, x)
    return f(x, self.size)
  end
  return { name = name, class = class }
end

return {
  windowed("MaxPool2d", core.ops.max_pool2d),
  windowed("AvgPool2d", core.ops.avg_pool2d),
  adaptive("AdaptiveAvgPool2d", core.ops.adaptive_avg_pool2d),
  adaptive("AdaptiveMaxPool2d", core.ops.adaptive_max_pool2d),
}
