-- Pictures beside one another as one PNG.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local options = require "moonlab.options"

local read = options("plot.image_grid", { { "columns", "count", 8 }, { "border", "integer", 1 } }, "ml.plot.image_grid(pictures, {columns = 8})")

-- [N, H, W] or [N, 1, H, W] -> [N, H, W, 1]; [N, 3, H, W] -> [N, H, W, 3].
local function channels_last(x)
  if x:dim() == 3 then return x:unsqueeze(4) end
  if x:dim() == 4 and (x:size(2) == 1 or x:size(2) == 3) then return x:permute(1, 3, 4, 2) end
  blame.raise("plot.image_grid: pictures are [N, H, W], [N, 1, H, W] or [N, 3, H, W], got [%s]", table.concat(x.shape, ", "))
end

--- Lays pictures out in rows, from 0 (black) to 1 (white).
-- @param pictures  tensor [N, H, W], [N, 1, H, W] or [N, 3, H, W]; bytes count from 0 to 255
-- @param o         { columns = 8, border = 1: black pixels around each }
-- @return the bytes of a PNG file
-- @error other shapes, no pictures
-- @usage io.open("grid.png", "wb"):write(ml.plot.image_grid(ml.rand(16, 28, 28))):close()
return function(pictures, o)
  o = read(o)
  if not core.is_tensor(pictures) then blame.raise("plot.image_grid: a tensor is needed, got %s", blame.show(pictures)) end
  local x = channels_last(pictures:detach())
  local n, height, width, depth = x:size(1), x:size(2) + 2 * o.border, x:size(3) + 2 * o.border, x:size(4)
  if n == 0 then blame.raise "plot.image_grid: there are no pictures" end
  if x.dtype ~= "uint8" then x = (x:to "float32":clamp(0, 1) * 255 + 0.5):to "uint8" end
  local rows = (n + o.columns - 1) // o.columns
  local grid = core.zeros(rows * height, o.columns * width, depth, { dtype = "uint8" })
  for i = 0, n - 1 do
    local top, left = i // o.columns * height + o.border, i % o.columns * width + o.border
    grid:slice(1, top + 1, top + x:size(2)):slice(2, left + 1, left + x:size(3)):copy_(x[i + 1])
  end
  return core.png(depth == 1 and grid:squeeze(3) or grid)
end
