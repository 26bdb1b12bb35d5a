-- A canvas of dots, written with braille letters (2 x 4 dots each) or, where the terminal has ASCII alone, with one
-- mark a letter.

local Canvas = {}
Canvas.__index = Canvas

-- Bits of the dots of a braille letter: column 1 and 2, from the top.
local BRAILLE = { { 0x01, 0x02, 0x04, 0x40 }, { 0x08, 0x10, 0x20, 0x80 } }

--- An empty canvas.
-- @param columns, rows  in letters
-- @param utf8           braille if true
function Canvas.new(columns, rows, utf8)
  return setmetatable({
    columns = columns, rows = rows, utf8 = utf8, across = utf8 and 2 or 1, down = utf8 and 4 or 1, cells = {},
    letters = {},
  }, Canvas)
end

--- Width and height in dots.
function Canvas:size() return self.columns * self.across, self.rows * self.down end

--- Sets the dot in column x and row y, from 1 at the top left; mark is the letter used in ASCII.
function Canvas:dot(x, y, mark)
  local column, row = (x - 1) // self.across + 1, (y - 1) // self.down + 1
  if column < 1 or column > self.columns or row < 1 or row > self.rows then return end
  local at = (row - 1) * self.columns + column
  if self.utf8 then
    self.cells[at] = (self.cells[at] or 0) | BRAILLE[(x - 1) % 2 + 1][(y - 1) % 4 + 1]
  else
    self.cells[at] = mark or "*"
  end
end

--- Puts a letter into a column and row, over what is there.
function Canvas:letter(column, row, letter) self.letters[(row - 1) * self.columns + column] = letter end

--- A line between two dots (Bresenham), all in integers.
-- @param every  1, or more for a dotted line: one dot in so many
function Canvas:line(x1, y1, x2, y2, mark, every)
  local dx, dy = math.abs(x2 - x1), -math.abs(y2 - y1)
  local step_x, step_y, rest = x1 < x2 and 1 or -1, y1 < y2 and 1 or -1, dx + dy
  local n = 0
  while true do
    if n % every == 0 then self:dot(x1, y1, mark) end
    n = n + 1
    if x1 == x2 and y1 == y2 then return end
    local twice = 2 * rest
    if twice >= dy then rest, x1 = rest + dy, x1 + step_x end
    if twice <= dx then rest, y1 = rest + dx, y1 + step_y end
  end
end

--- A row of the canvas as text.
function Canvas:row(row)
  local out = {}
  for column = 1, self.columns do
    local at = (row - 1) * self.columns + column
    local cell = self.cells[at]
    if self.letters[at] then
      out[column] = self.letters[at]
    elseif self.utf8 then
      out[column] = cell and utf8.char(0x2800 + cell) or " "
    else
      out[column] = cell or " "
    end
  end
  return table.concat(out)
end

return Canvas
