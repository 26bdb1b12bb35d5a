--- One look at all rows of a table or source, piece by piece: sketches of the columns, and a sample of rows.
--
-- Memory is that of a piece, of the sketches and of the sample, however long the file is. Nothing depends on the size of the pieces
-- (but the last digits of estimates) or on threads.

local core = require "moonlab.core"
local Table = require "moonlab.table.table"

local ops = core.ops

local QUANTILES = 4096       -- numbers of a buffer of a quantile sketch; fewer where there are many columns
local ROWS_KNOWN = 1 << 22   -- different rows that are remembered to find those that come again: 64 MB
local CELLS = 4000000        -- of a piece and of the sample at most
local PIECE_BYTES = 4 << 20  -- of a file in a piece
local TEXT = 200             -- characters of a text that the sample keeps

local gather = {}

-- The rows of a piece: as many as fit into PIECE_BYTES.
local function piece_rows(schema)
  if not schema then return nil end
  local rows = math.max(1, math.min(100000, CELLS // math.max(1, #schema.columns)))
  if schema.rows and schema.rows > 0 and schema.bytes then
    rows = math.min(rows, math.max(100, math.ceil(PIECE_BYTES * schema.rows / schema.bytes)))
  end
  return rows
end

-- Several numbers a row, of which a sketch knows nothing.
local NO_COLUMN = { matrix = true, tensor = true }

-- A column as sketches take it: categories as their texts.
local function plain(column) return column.type == "category" and column:text() or column end

local function plain_columns(t)
  local list = { rows = #t }
  for _, column in ipairs(t:columns()) do
    if NO_COLUMN[column.type] then list.partial = true else list[#list + 1] = plain(column):renamed(column.name) end
  end
  return list
end

-- Sampling -----------------------------------------------------------------------------------------------------------

local Sample = {}
Sample.__index = Sample

-- Each row has a random number by its position; the rows with the smallest ones are kept.
function Sample.new(seed, size) return setmetatable({ key = core.random_key(seed, "profile", "sample"), size = size }, Sample) end

local function shortened(columns, chosen)
  local out = {}
  for i, column in ipairs(columns) do
    out[i] = column:gather(chosen)
    if column.type == "text" then out[i] = out[i]:sub(1, TEXT):renamed(column.name) end
  end
  return Table.of_columns(out, #chosen)
end

function Sample:add(columns, before)
  local keys = core.row_keys(self.key, before + 1, columns.rows)
  local chosen = self.last and keys:lt(self.last):nonzero():reshape { -1 } or core.arange(1, columns.rows, { dtype = "int64" })
  if #chosen == 0 then return end
  if #chosen > self.size then -- of one piece, no more than may stay
    chosen = chosen:index_select(1, keys:index_select(1, chosen):argsort():slice(1, 1, self.size))
  end
  local part, rows = shortened(columns, chosen), chosen + before
  keys = keys:index_select(1, chosen)
  if self.table then
    part, rows, keys = self.table:append(part), ops.cat({ self.rows, rows }, 1), ops.cat({ self.keys, keys }, 1)
  end
  if #keys > self.size then
    local order = keys:argsort():slice(1, 1, self.size):contiguous()
    part, rows, keys = part:rows(order), rows:index_select(1, order), keys:index_select(1, order)
    self.last = keys:max():item()
  end
  self.table, self.rows, self.keys = part, rows, keys
end

-- In the order of the rows.
function Sample:sorted()
  local order = self.rows:argsort():contiguous()
  return self.table:rows(order), self.rows:index_select(1, order)
end

-- Looking -------------------------------------------------------------------------------------------------------------

local function names_and_types(columns)
  local names, types = {}, {}
  for i, column in ipairs(columns) do names[i], types[i] = column.name, column.type end
  return names, types
end

local function new_look(columns, o)
  local names, types = names_and_types(columns)
  local few = math.max(1, #columns // 100)
  local size = math.max(20, math.min(o.sample, CELLS // math.max(1, #columns)))
  local leave_out = {}
  for i, name in ipairs(names) do leave_out[i] = name == o.apart[1] or name == o.apart[2] end
  local quantiles = math.max(256, QUANTILES // few)
  return { names = names, types = types, sketch = core.table_sketch(types, quantiles, ROWS_KNOWN), quantile_error = 4 / quantiles,
    sample = Sample.new(o.seed, size), leave_out = leave_out, sample_size = size }
end

-- A source without rows: its columns alone.
local function empty_look(source, o)
  local columns = {}
  for i, column in ipairs((source.opener and source:schema() or { columns = source:table():columns() }).columns) do
    columns[i] = { name = column.name, type = column.type == "category" and "text" or column.type }
  end
  local look = new_look(columns, o)
  local Column = require "moonlab.table.column"
  for i, column in ipairs(columns) do columns[i] = Column.all_missing(column.type, 0, column) end
  look.table, look.positions = Table.of_columns(columns, 0), core.zeros(0, { dtype = "int64" })
  return look
end

--- Looks at all rows.
-- @param source  a source of a table
-- @param o       { seed =, sample = rows, apart = names of columns, two at most, that do not count when rows are compared, declared = of a recipe's columns }
-- @return { names =, types =, schema = the source's or nil, sketch = of all rows, rows =, duplicates =, duplicates_exact =,
--         partial = whether rows hold more than these columns, table = the sample, positions = its rows }
function gather.look(source, o)
  local schema = source.opener and source:schema() -- none where a table is at hand, or made in one go
  local look, before = nil, 0
  for piece in source:pieces(piece_rows(schema), o.declared) do
    local columns = plain_columns(piece)
    look = look or new_look(columns, o)
    look.partial = columns.partial
    look.sketch:update(columns, look.leave_out)
    if columns.rows > 0 then look.sample:add(columns, before) end
    before = before + columns.rows
    piece, columns = nil, nil
    if source.opener then collectgarbage() end -- the piece is let go before the next one is read
  end
  if before == 0 then look = empty_look(source, o)
  else look.table, look.positions = look.sample:sorted() end
  look.schema = schema or nil
  local full
  look.rows, look.duplicates, full = look.sketch:rows()
  look.duplicates_exact = not full
  if look.partial then look.duplicates = 0 end -- of rows that are not seen whole nothing is said
  return look
end

return gather
