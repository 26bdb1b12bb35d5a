--- ml.plot.image_grid: pictures beside one another.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local settings = require "moonlab.plot.settings"
local Plot = require "moonlab.plot.plot"

local read = settings.reader("plot.image_grid", { { "columns", "count", 8 }, { "border", "integer", 1 }, { "color", "boolean" } },
  "ml.plot.image_grid(pictures, {columns = 8})")

-- [N, H, W] or [N, 1, H, W] -> [N, H, W, 1]; [N, 3, H, W] -> [N, H, W, 3].
local function channels_last(x)
  if x:dim() == 3 then return x:unsqueeze(4) end
  if x:dim() == 4 and (x:size(2) == 1 or x:size(2) == 3) then return x:permute(1, 3, 4, 2) end
  blame.raise("plot.image_grid: pictures are [N, H, W], [N, 1, H, W] or [N, 3, H, W], got [%s]", table.concat(x.shape, ", "))
end

-- The pictures as one, uint8 [height, width, 1 or 3].
local function laid_out(x, o)
  local n, height, width, depth = x:size(1), x:size(2) + 2 * o.border, x:size(3) + 2 * o.border, x:size(4)
  if x.dtype ~= "uint8" then x = (x:to "float32":nan_to_num(0):clamp(0, 1) * 255 + 0.5):to "uint8" end
  local across = math.min(o.columns, n)
  local grid = core.zeros((n + across - 1) // across * height, across * width, depth, { dtype = "uint8" })
  for i = 0, n - 1 do
    local top, left = i // across * height + o.border, i % across * width + o.border
    grid:slice(1, top + 1, top + x:size(2)):slice(2, left + 1, left + x:size(3)):copy_(x[i + 1])
  end
  return grid
end

--- Lays pictures out in rows, from 0 (black) to 1 (white).
-- @param pictures  tensor [N, H, W], [N, 1, H, W] or [N, 3, H, W]; bytes count from 0 to 255
-- @param options   { columns = 8, border = 1: black pixels around each, title =; of the text: width = the terminal's,
--                  color = where the terminal has it, utf8 = by the locale }
-- @return a plot: print it, plot:save "name.png" or "name.svg", or plot:png() for the bytes
-- @error other shapes, no pictures
-- @usage ml.plot.image_grid(ml.rand(16, 28, 28)):save "/tmp/grid.png"
return function(pictures, options)
  local o = read(options)
  if not core.is_tensor(pictures) then blame.raise("plot.image_grid: a tensor is needed, got %s", blame.show(pictures)) end
  if o.border < 0 then blame.raise("plot.image_grid: border must not be negative, got %d", o.border) end
  local x = channels_last(pictures:detach())
  if x:numel() == 0 then blame.raise "plot.image_grid: there are no pictures" end
  local grid = laid_out(x, o)
  local png = core.png(grid:size(3) == 1 and grid:squeeze(3) or grid)
  return Plot.new({ title = o.title, notes = {}, picture = { png = png, pixels = grid, color = o.color } }, o)
end
