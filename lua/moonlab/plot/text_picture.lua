-- A picture as text: half blocks in 256 colours where the terminal has colours, else letters from dark to light.

local core = require "moonlab.core"
local vm = require "moonlab.vm"

local RAMPS = { utf8 = { " ", "░", "▒", "▓", "█" }, ascii = { " ", ".", ":", "-", "=", "+", "*", "#", "%", "@" } }

-- The picture at most `width` pixels wide, as means of squares: rows of { red, green, blue } from 0 to 255, and how many columns.
local function shrunk(pixels, width)
  local side = math.ceil(pixels:size(2) / width)
  local rows, columns = math.ceil(pixels:size(1) / side), math.ceil(pixels:size(2) / side)
  local x = pixels:permute(3, 1, 2):unsqueeze(1):to "float32"
  x = x:pad({ 0, columns * side - pixels:size(2), 0, rows * side - pixels:size(1) })
  x = x:reshape(1, pixels:size(3), rows, side, columns, side):mean({ 4, 6 })
  return x:squeeze(1):permute(2, 3, 1):tolist()
end

local function level(value) return math.floor(value / 255 * 5 + 0.5) end

-- The nearest of a terminal's 256 colours: 24 greys, or a cube of 6 x 6 x 6.
local function colour(pixel)
  local red, green, blue = pixel[1], pixel[2] or pixel[1], pixel[3] or pixel[1]
  if red == green and green == blue then
    local grey = math.floor((red - 8) / 10 + 0.5)
    return grey < 0 and 16 or grey > 23 and 231 or 232 + grey
  end
  return 16 + 36 * level(red) + 6 * level(green) + level(blue)
end

local function in_colour(rows)
  local lines = {}
  for i = 1, #rows, 2 do
    local out, last = {}, nil
    for j, top in ipairs(rows[i]) do
      local bottom = rows[i + 1] and rows[i + 1][j]
      local code = bottom and ("\27[38;5;%d;48;5;%dm"):format(colour(top), colour(bottom)) or ("\27[0;38;5;%dm"):format(colour(top))
      out[#out + 1] = (code ~= last and code or "") .. "▀"
      last = code
    end
    lines[#lines + 1] = table.concat(out) .. "\27[0m"
  end
  return lines
end

-- A letter is about twice as high as wide: it stands for two pixels, one above the other.
local function in_letters(rows, ramp)
  local lines = {}
  for i = 1, #rows, 2 do
    local out = {}
    for j, top in ipairs(rows[i]) do
      local bottom = rows[i + 1] and rows[i + 1][j] or top
      local sum, count = 0, 0
      for _, pixel in ipairs { top, bottom } do
        for _, value in ipairs(pixel) do sum, count = sum + value, count + 1 end
      end
      out[j] = ramp[math.min(#ramp, math.floor(sum / count / 256 * #ramp) + 1)]
    end
    lines[#lines + 1] = (table.concat(out):gsub(" +$", ""))
  end
  return lines
end

--- Draws a picture.
-- @param picture  { pixels = uint8 [height, width, 1 or 3], color = or nil for what the terminal has }
-- @return a list of lines
return function(picture, s)
  local color = picture.color
  if color == nil then color = vm.color(1) end
  local graph = core.set_grad_enabled(false)
  local rows = shrunk(picture.pixels, s.width)
  core.set_grad_enabled(graph)
  if color and s.utf8 then return in_colour(rows) end
  return in_letters(rows, s.utf8 and RAMPS.utf8 or RAMPS.ascii)
end
