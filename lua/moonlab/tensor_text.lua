--- What a tensor looks like: print(x) and print(x:describe()).
-- A header with the shape always, then at most a screenful whatever the rank. Only what is shown is read, through
-- slices, so that a large tensor prints as fast as a small one. The text does not depend on the terminal.

local core = require "moonlab.core"

local text = {}

local WIDTH = 80        -- columns of a line
local LINES = 20        -- lines of one print, about
local EDGE = 3          -- rows or columns on either side of "..." where there are too many
local VECTOR = 100      -- a vector of so many elements is shown whole
local VECTOR_EDGE = 35  -- elements at either end of a longer one

local ops = core.ops

-- Numbers ------------------------------------------------------------------------------------------------------------

-- How all numbers that are shown are written: one way for a whole print, so that columns line up.
local function style_of(values)
  local integral, largest, digits = true, 0, 0
  for _, v in ipairs(values) do
    if v == v and v ~= math.huge and v ~= -math.huge then
      local size = math.abs(v)
      largest = math.max(largest, size)
      if v ~= math.floor(v) then
        integral = false
        local fraction = ("%.4f"):format(v):match "%.(%d-)0*$"
        digits = math.max(digits, size < 5e-5 and 4 or #fraction) -- 0.0000 is a rounded number, 0 is not
      end
    end
  end
  if integral and largest < 1e7 then return "%.0f" end
  if integral or largest >= 1e6 or largest < 1e-3 then return "%.4e" end
  return "%." .. math.max(digits, 1) .. "f"
end

local function number(v, style)
  if type(v) == "boolean" then return tostring(v) end
  if math.type(v) == "integer" then return ("%d"):format(v) end
  if v ~= v then return "nan" end
  if v == math.huge then return "inf" end
  if v == -math.huge then return "-inf" end
  return (style:format(v))
end

-- All leaves of nested lists, numbers only.
local function collect(nested, into)
  for _, v in ipairs(nested) do
    if type(v) == "table" then collect(v, into)
    elseif math.type(v) == "float" then into[#into + 1] = v end
  end
  return into
end

-- Reading ------------------------------------------------------------------------------------------------------------

-- Positions of a dimension that are shown: all, or the edges with 0 for "..." between them.
local function positions(size, most, edge)
  local list = {}
  if size <= most then
    for i = 1, size do list[i] = i end
    return list
  end
  for i = 1, edge do list[i] = i end
  list[#list + 1] = 0
  for i = size - edge + 1, size do list[#list + 1] = i end
  return list
end

-- The elements of a vector or matrix (a tensor of 1 or 2 dimensions) that are shown: rows of values, nil for "...".
local function read_row(x, columns)
  local dim, size, row = x:dim(), x:size(-1), {}
  if columns[#columns] == nil then return row end
  local cut
  for i, c in ipairs(columns) do
    if c == 0 then cut = i end
  end
  if not cut then return x:tolist() end
  local left = ops.slice(x, dim, 1, cut - 1):tolist()
  local right = ops.slice(x, dim, size - (#columns - cut) + 1, size):tolist()
  table.move(left, 1, #left, 1, row)
  row[#row + 1] = text -- stands for "..."
  table.move(right, 1, #right, #row + 1, row)
  return row
end

-- Lines --------------------------------------------------------------------------------------------------------------

local function cell(v, style)
  if v == text then return "..." end
  return number(v, style)
end

local function widest(rows, style)
  local width = 0
  for _, row in ipairs(rows) do
    for _, v in ipairs(row) do
      if v ~= text then width = math.max(width, #number(v, style)) end
    end
  end
  return width
end

local function join(row, style, width)
  local cells = {}
  for i, v in ipairs(row) do
    cells[i] = v == text and "..." or (" "):rep(width - #cell(v, style)) .. cell(v, style)
  end
  return "  " .. table.concat(cells, "  ")
end

-- Each column has two spaces in front; "..." needs five places.
local function columns_that_fit(width) return math.max(WIDTH // (width + 2), 3) end
local function edge_that_fits(width) return math.max((WIDTH - 5) // (width + 2) // 2, 1) end

local FIRST_GUESS = 7 -- width of a column before the numbers are known

local function wrap(values, style, width, lines)
  local fit = columns_that_fit(width)
  for first = 1, #values, fit do
    lines[#lines + 1] = join({ table.unpack(values, first, math.min(first + fit - 1, #values)) }, style, width)
  end
end

local function vector_lines(x)
  local size, lines = x:size(1), {}
  local whole = size <= VECTOR
  local head = whole and x:tolist() or ops.slice(x, 1, 1, VECTOR_EDGE):tolist()
  local tail = whole and {} or ops.slice(x, 1, size - VECTOR_EDGE + 1, size):tolist()
  local style = style_of(collect(tail, collect(head, {})))
  local width = widest({ head, tail }, style)
  wrap(head, style, width, lines)
  if not whole then lines[#lines + 1] = "  ..." end
  wrap(tail, style, width, lines)
  return lines
end

-- The rows of one matrix; false stands for a line of "...".
local function matrix_rows(x, most_rows, guess)
  local rows = {}
  local columns = positions(x:size(2), columns_that_fit(guess), edge_that_fits(guess))
  for _, i in ipairs(positions(x:size(1), most_rows, math.max(most_rows // 2, 1))) do
    rows[#rows + 1] = i ~= 0 and read_row(ops.select(x, 1, i), columns)
  end
  return rows
end

local function only_rows(rows)
  local list = {}
  for _, row in ipairs(rows) do
    if row then list[#list + 1] = row end
  end
  return list
end

local function matrix_lines(rows, style, width, lines)
  for _, row in ipairs(rows) do lines[#lines + 1] = row and join(row, style, width) or "  ..." end
  return lines
end

-- Position n (from 0) of the matrices of a tensor with more dimensions, as a list of indices.
local function index_of(n, shape)
  local index = {}
  for d = #shape - 2, 1, -1 do
    index[d] = n % shape[d] + 1
    n = n // shape[d]
  end
  return index
end

-- Lines of a matrix if its columns have the guessed width, and the width that they have.
local function two_lines(x, guess)
  local rows = matrix_rows(x, LINES, guess)
  local style = style_of(collect(only_rows(rows), {}))
  local width = widest(only_rows(rows), style)
  return matrix_lines(rows, style, width, {}), width
end

-- The same for more dimensions: each matrix under its title, or the first and the last.
local function many_lines(x, guess)
  local shape, count = x.shape, 1
  for d = 1, #shape - 2 do count = count * shape[d] end
  local all = count * (math.min(shape[#shape - 1], LINES) + 1) <= LINES
  local most_rows = (all or count == 1) and LINES or 2 * EDGE
  local parts, values, rows_of_all = {}, {}, {}
  for _, n in ipairs(all and positions(count, count, 0) or positions(count, 2, 1)) do
    local part = { title = "..." }
    if n ~= 0 then
      local index, matrix = index_of(n - 1, shape), x
      for _, i in ipairs(index) do matrix = ops.select(matrix, 1, i) end
      part = { title = "[" .. table.concat(index, ", ") .. ", :, :]", rows = matrix_rows(matrix, most_rows, guess) }
      local shown = only_rows(part.rows)
      collect(shown, values)
      table.move(shown, 1, #shown, #rows_of_all + 1, rows_of_all)
    end
    parts[#parts + 1] = part
  end
  local style = style_of(values)
  local width, lines = widest(rows_of_all, style), {}
  for _, part in ipairs(parts) do
    lines[#lines + 1] = part.title
    matrix_lines(part.rows or {}, style, width, lines)
  end
  return lines, width
end

-- As many columns are shown as fit, which is known only once they are written: narrow ones leave room for more, and
-- those may be wider. Two tries, and a third that is on the safe side.
local function fitted(lines_of, x)
  local lines, width = lines_of(x, FIRST_GUESS)
  if width == FIRST_GUESS then return lines end
  local second, wider = lines_of(x, width)
  if wider <= width then return second end
  return (lines_of(x, wider))
end

local function header(x)
  if x:is_slot() then return "Tensor[?] float32, a parameter that its model's first call will build" end
  local line = ("Tensor[%s] %s"):format(table.concat(x.shape, ", "), x.dtype)
  if not x:has_storage() then return line .. ", a shape without data" end
  if not x.is_leaf then return line .. ", made by " .. x.grad_op end
  if x.requires_grad then return line .. (x.grad and ", requires grad, has one" or ", requires grad") end
  return line
end

--- The text of a tensor.
-- @param x  a tensor
-- @return a string without a newline at its end
function text.format(x)
  local line = header(x)
  if x:is_slot() or not x:has_storage() or x:numel() == 0 then return line end
  x = x:detach()
  local rank = x:dim()
  if rank == 0 then
    local v = x:item()
    local style = math.type(v) == "float" and style_of { v } or "%.0f"
    return line .. "\n  " .. number(v, style)
  end
  local lines
  if rank == 1 then
    lines = vector_lines(x)
  else
    lines = fitted(rank == 2 and two_lines or many_lines, x)
  end
  return line .. "\n" .. table.concat(lines, "\n")
end

-- Describing ---------------------------------------------------------------------------------------------------------

local BINS, BAR = 10, 40

local function count(mask) return ops.sum(mask):item() end

-- How many elements of a finite float64 vector fall into each of BINS equal ranges of low..high.
local function histogram(x, low, high)
  local counts, below = {}, 0
  for i = 1, BINS do
    local upto = i == BINS and x:numel() or count(ops.lt(x, low + (high - low) * i / BINS))
    counts[i], below = upto - below, upto
  end
  return counts
end

local function short(v) return (("%.4g"):format(v)) end

-- An object and not a string, so that the REPL shows its text as it is.
local Description = { __name = "description" }

function Description:__tostring()
  local lines = { self.header }
  if self.count then lines[2] = ("  %d elements, %d NaN, %d infinite"):format(self.count, self.nan, self.infinite) end
  if self.min then
    lines[3] = ("  min %s  max %s  mean %s  std %s"):format(short(self.min), short(self.max), short(self.mean),
      short(self.std))
  end
  local most = self.histogram and math.max(table.unpack(self.histogram)) or 0
  for i, n in ipairs(self.histogram or {}) do
    local from = self.min + (self.max - self.min) * (i - 1) / BINS
    lines[#lines + 1] = (("  %10s  %-" .. BAR .. "s  %d"):format(short(from), ("#"):rep(math.ceil(n / most * BAR)), n))
  end
  return table.concat(lines, "\n")
end

--- Range, mean, deviation, NaN and infinities of a tensor, and a small histogram of what is finite.
-- @param x  a tensor
-- @return { header =, count =, nan =, infinite =, min =, max =, mean =, std =, histogram = 10 counts }, which prints
--         itself; without numbers where there are none
function text.describe(x)
  local result = setmetatable({ header = header(x) }, Description)
  if x:is_slot() or not x:has_storage() then return result end
  local before = core.set_grad_enabled(false)
  local restore <close> = setmetatable({}, { __close = function() core.set_grad_enabled(before) end })
  x = ops.reshape(ops.to(x:detach(), "float64"), { -1 })
  local finite = count(ops.isfinite(x))
  result.count, result.nan = x:numel(), count(ops.isnan(x))
  result.infinite = result.count - result.nan - finite
  if finite == 0 then return result end
  if finite < result.count then x = ops.masked_select(x, ops.isfinite(x)) end
  result.min, result.max, result.mean = ops.min(x):item(), ops.max(x):item(), ops.mean(x):item()
  result.std = finite > 1 and ops.std(x):item() or 0
  if result.min < result.max then result.histogram = histogram(x, result.min, result.max) end
  return result
end

return text
