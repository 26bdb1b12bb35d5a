-- What the functions of nn/pictures.lua and the layers around them take, checked where it is given.

local blame = require "moonlab.blame"
local options = require "moonlab.options"

local M = {}

-- A size as { rows, columns }.
local function pair_of(where, what, value)
  local pair = type(value) == "table" and #value == 2 and value or { value, value }
  for i = 1, 2 do
    if math.type(pair[i]) ~= "integer" or pair[i] < 1 then
      blame.raise("%s: %s must be a positive integer or two of them, got %s", where, what, blame.show(value))
    end
  end
  return { pair[1], pair[2] }
end

--- Of windows over pictures: function(size, o) -> { rows, columns }, options.
function M.window(where, example)
  local read = options(where, { { "stride", "pair", 1 }, { "padding", "border", 0 }, { "dilation", "pair", 1 } }, example)
  return function(size, o) return pair_of(where, "the size of the window", size), read(o) end
end

--- Of the pictures that windows are put back into: function(output_size) -> { rows, columns }.
function M.pictures(where)
  return function(size) return pair_of(where, "the size of the pictures", size) end
end

--- Of pictures in another size: function(o) -> options.
function M.resize(where, example)
  local read = options(where, { { "size", "pair" }, { "scale_factor", "any" }, { "mode", { "nearest", "bilinear" }, "nearest" },
    { "align_corners", "boolean", false } }, example)
  return function(given)
    local o = read(given)
    if o.size == nil and o.scale_factor == nil then blame.raise("%s: size or scale_factor is needed: write %s", where, example) end
    if o.size ~= nil and o.scale_factor ~= nil then blame.raise("%s takes size or scale_factor, not both", where) end
    local scale = o.scale_factor
    for i = 1, scale ~= nil and 2 or 0 do
      local s = scale
      if type(scale) == "table" then s = #scale == 2 and scale[i] end
      if type(s) ~= "number" or not (s > 0 and s < math.huge) then
        blame.raise("%s: scale_factor must be a positive number or two of them, got %s", where, blame.show(scale))
      end
    end
    return o
  end
end

--- Of borders: function(sizes, o) -> sizes, options.
function M.border(where, example)
  local read = options(where, { { "mode", { "constant", "reflect", "replicate", "circular" }, "constant" }, { "value", "number", 0 } },
    example)
  return function(sizes, o)
    if type(sizes) ~= "table" or #sizes == 0 or #sizes % 2 ~= 0 then
      blame.raise("%s: sizes must be a list, left and right of the last dimension, then of the one before: write %s, got %s", where,
        example, type(sizes) == "table" and "a list of " .. #sizes or blame.show(sizes))
    end
    for i, size in ipairs(sizes) do
      if math.type(size) ~= "integer" then blame.raise("%s: size %d must be an integer, got %s", where, i, blame.show(size)) end
    end
    return sizes, read(o)
  end
end

return M
