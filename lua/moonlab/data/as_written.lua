--- Rows of a source of a table as they stand in its files: for the rows that cleaning has set aside, in which the spelling tells what is wrong.

local Table = require "moonlab.table.table"
local core = require "moonlab.core"
local union = require "moonlab.data.union"

local ROWS = 100000 -- read at once

local EMPTY = { "" } -- the only text that means a missing value; in a file of separated values it is written as it was read

-- The options of a reader that takes nothing for a value but texts.
local function as_texts(source)
  local o = { problems = "collect", types = {}, missing_of = source.kind == "csv" and {} or nil }
  for name, value in pairs(source.options) do o[name] = o[name] or value end
  for _, name in ipairs(source:names()) do
    o.types[name] = "text"
    if o.missing_of then o.missing_of[name] = EMPTY end
  end
  return o
end

-- A source of one file: the rows, a sorted list of positions, and how many rows there are in all.
local function of_file(source, rows)
  local reader <close> = source.opener(source.path, source.kind == "parquet" and source.options or as_texts(source))
  local found, before, at = nil, 0, 1
  while true do
    local piece = reader:read(ROWS)
    if not piece then return found, before end
    local here = {}
    piece = Table.of(piece)
    while rows[at] and rows[at] - before <= #piece do
      here[#here + 1] = rows[at] - before
      at = at + 1
    end
    if #here > 0 then
      local some = piece:rows(core.tensor(here, { dtype = "int64" }))
      found = found and union.behind(found, some) or some
    end
    before = before + #piece
  end
end

local as_written

-- Sources behind one another.
local function of_sources(sources, rows)
  local found, before, at = nil, 0, 1
  for _, source in ipairs(sources) do
    local here = {}
    for i = at, #rows do here[#here + 1] = rows[i] - before end
    local some, count = as_written(source, here)
    if not count then return nil end
    found = found and some and union.behind(found, some) or found or some
    before = before + count
    while rows[at] and rows[at] <= before do at = at + 1 end
  end
  return found, before
end

--- Reads rows of a source once more, as texts.
-- @param source  a source of a table
-- @param rows    a sorted list of positions
-- @return a Table of them, and how many rows the source has; nil for one that no file was read for
function as_written(source, rows)
  if source.written_sources then return of_sources(source:written_sources(), rows) end
  if source.opener then return of_file(source, rows) end
end

return as_written
