--- Sources of tables: data.csv and its kin, and tables that are at hand. Nothing is opened before it is needed.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local as_declared = require "moonlab.data.declared"
local locate = require "moonlab.data.locate"
local loading = require "moonlab.recipe.locate"
local options = require "moonlab.options"
local Table = require "moonlab.table.table"

local TableSource = { __name = "moonlab.TableSource", gives_tables = true } -- by which a recipe knows its kin without loading this

-- The file is looked for when it is first needed: a recipe that only serves does not need it.
function TableSource.__index(self, key)
  if key ~= "path" or not rawget(self, "written") then return TableSource[key] end
  local path = locate("data." .. self.kind, self.written, "file", self.recipe)
  rawset(self, "path", path)
  return path
end

function TableSource.__tostring(self) return ("%s: %s"):format(self.kind, self.name) end

--- A table that is at hand as a source.
function TableSource.of(held) return setmetatable({ kind = "table", name = "table", held = held, options = {} }, TableSource) end

local kinds = { [TableSource] = true }

--- A further kind of source: a metatable whose objects have the methods of these where they have none of their own.
function TableSource.kind(name)
  local Kind = setmetatable({ __name = name, __tostring = TableSource.__tostring }, { __index = TableSource })
  Kind.__index, kinds[Kind] = Kind, true
  return Kind
end

--- Whether a value is a source of a table.
function TableSource.is(value) return type(value) == "table" and kinds[getmetatable(value)] == true end

local function copy(t)
  local out = {}
  for name, value in pairs(t or {}) do out[name] = value end
  return out
end

-- What each kind of reader is asked for of a recipe's columns: changes its options and gives what is left to be done to the table.
local ASK = {}

function ASK.csv(o, declared) o.problems, o.types, o.missing_of = "collect", declared.types, declared.missing_of end

-- Its reader knows no marks: columns that have some are read as texts.
function ASK.jsonl(o, declared)
  local marked
  o.problems, o.types = "collect", copy(declared.types)
  for name in pairs(declared.missing_of or {}) do
    marked = marked or { types = {}, missing_of = declared.missing_of }
    marked.types[name], o.types[name] = declared.types[name], "text"
  end
  return marked
end

-- Its values have types of their own; what is to be a text is read as one, so that a time stays as it is written.
function ASK.sqlite(o, declared)
  o.types = copy(o.types)
  for name, kind in pairs(declared.types) do
    if kind == "text" then o.types[name] = "text" end
  end
  return declared
end

function ASK.parquet(_, declared) return declared end

-- The options of the reader with those of a recipe's columns, and what is declared of the table that it gives.
local function reader_options(self, declared)
  local o = copy(self.options)
  return o, declared and ASK[self.kind](o, declared)
end

--- The columns and their types, how many values are missing, how sure the types are.
-- @return what the reader's schema gives: { rows =, columns = { { name =, type =, rows =, missing =, other = }, ... } }
function TableSource:schema()
  if not self.opener then blame.raise("%s: a table that is at hand has types() instead of a schema", self.name) end
  local reader <close> = self.opener(self.path, self.options)
  return reader:schema()
end

--- The names of the columns, from the header alone where there is one; and, behind a message, what to write if the first lines of a
-- file of separated values are no rows.
function TableSource:names()
  if self.held then return self.held.names end
  local reader <close> = self.opener(self.path, self.options)
  return reader:names()
end

--- Whether the first line of a file of separated values names its columns; nil of other files.
function TableSource:has_header()
  if self.kind ~= "csv" then return nil end
  if self.header == nil then
    local reader <close> = self.opener(self.path, self.options)
    self.header = reader:header()
  end
  return self.header
end

--- Reads the table.
-- @param o  { declared = { types =, missing_of = } of a recipe's columns: values that do not parse become missing and are listed,
--           rows = at most so many }
-- @return a Table, and the list of what was wrong: { row =, line =, column =, text =, wanted = }
-- @error a failure with status 4: file, line and column, what was found and what was expected
function TableSource:table(o)
  o = o or {}
  if self.held then return o.rows and self.held:head(o.rows) or self.held, {} end
  local asked, left = reader_options(self, o.declared)
  local reader <close> = self.opener(self.path, asked)
  local read = reader:read(o.rows)
  if not read then require "moonlab.failure".raise("data", "%s has no rows", self.name) end
  local table_ = Table.of(read)
  if not o.declared then return table_, {} end
  local problems, more = asked.problems and reader:problems() or {}, {}
  if left then table_, more = as_declared(table_, left) end
  return table_, table.move(more, 1, #more, #problems + 1, problems)
end

--- Reads the table piece by piece, for files that are larger than memory.
-- @param rows      of a piece
-- @param declared  { types =, missing_of = } of a recipe's columns: values that do not parse become missing; nil: what was asked for
--                  when the source was made
-- @return an iterator of Tables
-- @usage for piece in data.csv("large.csv"):pieces(100000) do print(#piece) end
function TableSource:pieces(rows, declared)
  if not self.opener then -- at hand, or made in one go
    local whole = self:table { declared = declared }
    return function()
      local piece = whole
      whole = nil
      return piece
    end
  end
  local asked, left = reader_options(self, declared)
  local reader = self.opener(self.path, asked)
  return function()
    local piece = reader:read(rows)
    piece = piece and Table.of(piece)
    if piece and left then piece = as_declared(piece, left) end -- the table alone, without its problems
    return piece
  end, nil, nil, reader
end

--- Looks at all rows in one pass and bounded memory: types, missing and frequent values, quantiles, duplicates; correlations on a sample;
-- with a target, what each column tells of it and which labels are doubtful. Prints itself; profile:save "page.html" writes a page.
-- @param o  { target = a column, task = "classes" or "number": what the target is, found out if not given, id = a column that does not count
--           when rows are compared, sample = 10000 rows, seed = 0, now = seconds since 1970: later dates lie in the future }
-- @return a profile: :text(), :json(), :html(), :save(path), .findings = { { kind =, column =, rows =, text = }, ... }, .columns
-- @error an unknown column; a file that can't be read (a failure with status 4)
-- @usage print(data.csv("titanic.csv"):profile { target = "Survived" })
function TableSource:profile(o) return require "moonlab.profile".of_source(self, o) end

--- The files and the SHA-256 of their bytes.
-- @return a list of { path =, sha256 = }
function TableSource:files()
  if not self.path then return {} end
  return { { path = self.path, sha256 = core.sha256(self.path) } }
end

--- What the run's record says of the source.
function TableSource:describe()
  local out = { kind = self.kind, path = self.name }
  for name, value in pairs(self.options) do out[name] = value end
  return out
end

-- A recipe asks every source for this; what x is depends on its features, so that recipe/tabular.lua answers.
function TableSource:peek() blame.raise("%s: a table has no x before a recipe's features make one", self.name) end

-- The options of each kind, known before the file is opened so that a wrong one is told at the line where it stands.
local READ = {
  csv = options("data.csv", { { "separator", "string" }, { "quote", "any" }, { "decimal", "string" }, { "comment", "string" }, { "header", "boolean" },
    { "names", "table" }, { "types", "table" }, { "missing", "table" }, { "missing_of", "table" }, { "trim", "boolean" }, { "skip", "integer" },
    { "columns", "table" }, { "encoding", { "utf-8", "latin-1" } } }, 'data.csv("rows.csv", {separator = ";"})'),
  jsonl = options("data.jsonl", { { "types", "table" }, { "columns", "table" } }, 'data.jsonl("rows.jsonl", {columns = {"age"}})'),
  sqlite = options("data.sqlite", { { "table", "string" }, { "query", "string" }, { "parameters", "table" }, { "types", "table" }, { "columns", "table" } },
    'data.sqlite("shop.db", {table = "customers"})'),
  parquet = options("data.parquet", { { "columns", "table" } }, 'data.parquet("rows.parquet", {columns = {"age"}})'),
}

local function source(kind, path, given)
  if type(path) ~= "string" then blame.raise("data.%s: the path of a file is needed, got %s", kind, blame.show(path)) end
  return setmetatable({ kind = kind, name = path:match "[^/]+$" or path, written = path, recipe = loading.current(),
    options = READ[kind](given), opener = core[kind .. "_open"] }, TableSource)
end

local sources = {}

--- A file of separated values: CSV, TSV and their kin; plain, .gz or .zst. Separator, header and types are found out unless they are
-- given; a column has one type, that of all its values. Whole numbers that would be rounded (beyond 64 bits, or beside fractions) make it text,
-- and the schema's `other` says so. Fields that a row lacks are an error, or in a recipe missing and listed; a file
-- that would be nearly nothing but missing cells (more than 64 bytes of columns for a byte of it, from 256 MB on) is refused.
-- @param path  a file; in a recipe, from its folder
-- @param o     { separator = "," (or "\t", ";", "|", " "), quote = '"' or false, decimal = "." or ",", comment = "#", header = true or false,
--              names = {...} for a file without header, types = { age = "number", ... }: "integer", "number", "boolean", "time", "text",
--              missing = {"", "NA", ...}: texts that mean a missing value, missing_of = { column = {...} }, trim = true, skip = lines before the header,
--              columns = {...}: only these, encoding = "utf-8" or "latin-1" }
-- @return a source: :schema(), :table(), :pieces(rows)
-- @error a failure with status 4: the file is not there; file, line and column of a wrong value
-- @usage local wine = data.csv("winequality-red.csv", { separator = ";" }):table()
function sources.csv(path, o) return source("csv", path, o) end

--- A file of JSON Lines: an object a line. Keys are columns, nested ones "address.city"; a key that is not there is a missing value.
-- Texts that are all dates or times, as 2024-02-29 13:45, are a column of times, unless types says otherwise; long integers as in data.csv.
-- @param path  a file; in a recipe, from its folder
-- @param o     { types = { age = "number", ... }, columns = {...}: only these }
-- @return a source: :schema(), :table(), :pieces(rows)
-- @usage local events = data.jsonl("events.jsonl"):table()
function sources.jsonl(path, o) return source("jsonl", path, o) end

--- A table or query of an SQLite database, which is opened for reading alone. Texts that are all dates or times are a column of times.
-- @param path  a file; in a recipe, from its folder
-- @param o     { table = "customers" } or { query = "select ...", parameters = {...} }; and types = { day = "time", ... }, columns = {...}: only these
-- @return a source: :schema(), :table(), :pieces(rows)
-- @usage local customers = data.sqlite("shop.db", { table = "customers" }):table()
function sources.sqlite(path, o) return source("sqlite", path, o) end

--- A Parquet file with flat columns.
-- @param path  a file; in a recipe, from its folder
-- @param o     { columns = {...}: only these }
-- @return a source: :schema(), :table(), :pieces(rows)
-- @usage local trips = data.parquet("trips.parquet"):table()
function sources.parquet(path, o) return source("parquet", path, o) end

sources.TableSource = TableSource

return sources
