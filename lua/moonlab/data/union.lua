--- Sources of tables behind one another, for data.concat: each row keeps the name of its source in a column of its own.

local blame = require "moonlab.blame"
local Column = require "moonlab.table.column"
local TableSource = require "moonlab.data.table_source".TableSource

local COLUMN = "source"

local Union = TableSource.kind "moonlab.UnionSource"

-- A piece with its column of the source's name.
local function tagged(table_, name)
  local names = {}
  for i = 1, #table_ do names[i] = name end
  return table_:with { { COLUMN, Column.of_strings(names, #names, COLUMN) } }
end

function Union:names()
  local names = self.sources[1]:names()
  names[#names + 1] = COLUMN
  return names
end

--- The schema of each source, by its name.
function Union:schema()
  local out = {}
  for i, source in ipairs(self.sources) do out[i] = { name = source.name, schema = source:schema() } end
  return out
end

-- The columns of a table with types that go behind others: whole numbers become numbers, and anything text, where the others have these.
local function fitted(types, t)
  local changed = {}
  for _, name in ipairs(t.names) do
    local mine, other = t:column(name), types[name]
    if other and other ~= mine.type then
      if mine.type == "integer" and other == "number" then changed[#changed + 1] = { name, mine + 0.0 }
      elseif other == "text" then changed[#changed + 1] = { name, mine:text() } end
    end
  end
  return t:with(changed)
end

-- Two tables behind one another.
local function behind(a, b) return fitted(b:types(), a):append(fitted(a:types(), b)) end

local ROWS = 10000 -- of a piece

-- The types of a source's columns, before it is read.
local function types_of(source, declared)
  if not source.opener then return source:table():types() end
  local types = {}
  for _, column in ipairs(source:schema().columns) do types[column.name] = declared and declared.types[column.name] or column.type end
  return types
end

-- One type for each column of all sources, where there is one.
local function common_types(sources, declared)
  local common = {}
  for _, source in ipairs(sources) do
    for name, kind in pairs(types_of(source, declared)) do
      local before = common[name] or kind
      common[name] = before == kind and kind or (before == "integer" and kind == "number") and "number"
        or (before == "number" and kind == "integer") and "number" or (before == "text" or kind == "text") and "text" or before
    end
  end
  return common
end

-- Rows of the sources in their order; problems count rows over all of them.
function Union:table(o)
  local whole, all, left = nil, {}, o and o.rows
  for _, source in ipairs(self.sources) do
    if left and left <= 0 then break end
    local part, problems = source:table { declared = o and o.declared, rows = left }
    for _, one in ipairs(problems) do
      local moved = { row = one.row + (whole and #whole or 0) }
      all[#all + 1] = setmetatable(moved, { __index = one })
    end
    left = left and left - #part
    part = tagged(part, source.name)
    whole = whole and behind(whole, part) or part
  end
  return whole, all
end

function Union:pieces(rows, declared)
  local i, pieces, types = 0, nil, common_types(self.sources, declared)
  return function()
    while true do
      local piece = pieces and pieces()
      if piece then return tagged(fitted(types, piece), self.sources[i].name) end
      i = i + 1
      if not self.sources[i] then return nil end
      pieces = self.sources[i]:pieces(rows or ROWS, declared)
    end
  end
end

-- The sources whose rows stand behind one another, for as_written.
function Union:written_sources() return self.sources end

function Union:files()
  local out = {}
  for _, source in ipairs(self.sources) do table.move(source:files(), 1, 1, #out + 1, out) end
  return out
end

function Union:describe()
  local out = {}
  for i, source in ipairs(self.sources) do out[i] = source:describe() end
  return { kind = "concat", sources = out }
end

local union = { behind = behind }

--- Whether a list is one of sources of tables.
function union.of_sources(given) return type(given) == "table" and not getmetatable(given) and TableSource.is(given[1]) end

--- Sources of tables as one; the same columns in all.
-- @param given  a list of sources
function union.new(given)
  local seen = {}
  for i, source in ipairs(given) do
    if not TableSource.is(source) then blame.raise("data.concat: entry %d must be a source of a table like the first, got %s", i, blame.show(source)) end
    if seen[source.name] then blame.raise("data.concat: two sources are called '%s'", source.name) end
    seen[source.name] = true
  end
  return setmetatable({ kind = "concat", name = "concat", sources = table.move(given, 1, #given, 1, {}), source_column = COLUMN, options = {} }, Union)
end

return union
