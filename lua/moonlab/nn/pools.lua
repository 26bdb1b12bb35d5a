--- Pools as layers, each around the op of the same meaning.
-- @shape  [B, C, H, W] -> [B, C, H', W'], and [B, C, T] -> [B, C, T'] of those in one dimension
-- @export MaxPool2d(size, {stride = size, padding = 0})  Largest element of each window: the op max_pool2d.
-- @export AvgPool2d(size, {stride = size, padding = 0})  Mean of each window: the op avg_pool2d.
-- @export AdaptiveAvgPool2d(size)  Means over size x size windows that cover the picture: the op adaptive_avg_pool2d.
-- @export AdaptiveMaxPool2d(size)  Largest elements of such windows: the op adaptive_max_pool2d.
-- @export MaxPool1d(size, {stride = size, padding = 0})  Largest element of each window of steps: the op max_pool1d.
-- @export AvgPool1d(size, {stride = size, padding = 0})  Mean of each window of steps: the op avg_pool1d.
-- @export AdaptiveAvgPool1d(size)  Means over `size` windows that cover the steps: the op adaptive_avg_pool1d.
-- @export AdaptiveMaxPool1d(size)  Largest elements of such windows: the op adaptive_max_pool1d.

local core = require "moonlab.core"
local Module = require "moonlab.nn.module"
local blame = require "moonlab.blame"
local options = require "moonlab.options"

local function check_size(name, rank, what, size)
  local pair = rank == 2 and type(size) == "table" and #size == 2 and size or { size, size }
  for i = 1, 2 do
    if math.type(pair[i]) ~= "integer" or pair[i] < 1 then
      blame.raise("nn.%s: %s must be a positive integer%s, got %s", name, what, rank == 2 and " or two of them" or "",
        blame.show(size))
    end
  end
  return size
end

local function check_input(name, rank, x)
  if x:dim() ~= rank + 2 then
    error(("%s: the input must be [batch, channels, %s], got [%s]"):format(name,
      rank == 2 and "rows, columns" or "steps", table.concat(x.shape, ", ")), 0)
  end
end

-- nn.MaxPool2d(2)   nn.MaxPool2d(3, {stride = 2, padding = 1}): stride is the window's size if not given.
local function windowed(name, rank, f)
  local class = Module:extend(name)
  local read = options("nn." .. name, rank == 2 and { { "stride", "pair" }, { "padding", "border", 0 } }
    or { { "stride", "count" }, { "padding", "integer", 0 } },
    ("nn.%s(2, {stride = 2})"):format(name))
  function class:init(size, o)
    self.size = check_size(name, rank, "the size of the window", size)
    self.options = read(o)
  end
  function class:forward(x)
    check_input(name, rank, x)
    return f(x, self.size, self.options)
  end
  return { name = name, class = class }
end

-- nn.AdaptiveAvgPool2d(1): size rows and columns come out, whatever goes in.
local function adaptive(name, rank, f)
  local class = Module:extend(name)
  function class:init(size, o)
    if o ~= nil then blame.raise("nn.%s takes the size of its output alone, got %s after it", name, blame.show(o)) end
    self.size = check_size(name, rank, "the size of the output", size)
  end
  function class:forward(x)
    check_input(name, rank, x)
    return f(x, self.size)
  end
  return { name = name, class = class }
end

return {
  windowed("MaxPool2d", 2, core.ops.max_pool2d),
  windowed("AvgPool2d", 2, core.ops.avg_pool2d),
  adaptive("AdaptiveAvgPool2d", 2, core.ops.adaptive_avg_pool2d),
  adaptive("AdaptiveMaxPool2d", 2, core.ops.adaptive_max_pool2d),
  windowed("MaxPool1d", 1, core.ops.max_pool1d),
  windowed("AvgPool1d", 1, core.ops.avg_pool1d),
  adaptive("AdaptiveAvgPool1d", 1, core.ops.adaptive_avg_pool1d),
  adaptive("AdaptiveMaxPool1d", 1, core.ops.adaptive_max_pool1d),
}
