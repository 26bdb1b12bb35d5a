--- data.parts: tables in files that are cut already, one each for training, validation and test.

local blame = require "moonlab.blame"
local options = require "moonlab.options"
local Column = require "moonlab.table.column"
local Table = require "moonlab.table.table"
local union = require "moonlab.data.union"
local TableSource = require "moonlab.data.table_source".TableSource

local parts = {}

local PARTS = { "train", "valid", "test" }

local read_parts = options("data.parts", { { "train", "any" }, { "valid", "any" }, { "test", "any" }, { "column", "string", "part" } },
  "data.parts{train = data.csv('train.csv'), test = data.csv('test.csv')}")

-- The rows of each source behind one another, with the column that says which part they are; problems keep their rows.
local function read_all(self, o)
  local joined, problems
  for _, part in ipairs(PARTS) do
    if self.sources[part] then
      local one, found = self.sources[part]:table(o)
      local names = {}
      for i = 1, #one do names[i] = part end
      local columns = one:columns()
      columns[#columns + 1] = Column.of_strings(names, #one, self.column)
      one = Table.of_columns(columns)
      problems = problems or {}
      for _, problem in ipairs(found or {}) do
        problem.row = problem.row + (joined and #joined or 0)
        problems[#problems + 1] = problem
      end
      joined = joined and union.behind(joined, one) or one
    end
  end
  return joined, problems
end

local function names_of(self)
  local names = self.sources.train:names()
  names[#names + 1] = self.column
  return names
end

local function files_of(self)
  local files = {}
  for _, part in ipairs(PARTS) do
    for _, file in ipairs(self.sources[part] and self.sources[part]:files() or {}) do files[#files + 1] = file end
  end
  return files
end

-- The sources whose rows stand behind one another, for as_written.
local function written_sources(self)
  local list = {}
  for _, part in ipairs(PARTS) do list[#list + 1] = self.sources[part] end
  return list
end

local function describe(self)
  local out = { kind = "parts", column = self.column }
  for _, part in ipairs(PARTS) do out[part] = self.sources[part] and self.sources[part]:describe() end
  return out
end

--- Tables that are cut already as one source: the rows behind one another, with a column that says train, valid or test. A recipe
-- takes the parts as they are with split = { by = "part" }.
-- @param o  { train = source, valid = source, test = source: what data.csv and its kin give, column = "part" }
-- @return a source: :table(), :names()
-- @error something that is no source of a table, no part to train on
-- @usage local adult = data.parts { train = data.csv "adult.data", test = data.csv "adult.test" }
function parts.parts(o)
  o = read_parts(o)
  if not o.train then blame.raise("data.parts: train is missing; write data.parts{train = data.csv('train.csv'), test = ...}") end
  for _, part in ipairs(PARTS) do
    if o[part] and not TableSource.is(o[part]) then
      blame.raise("data.parts: %s must be what data.csv and its kin give, got %s", part, blame.show(o[part]))
    end
  end
  return setmetatable({ kind = "parts", name = o.train.name, sources = o, column = o.column, options = o.train.options, table = read_all,
    names = names_of, written_sources = written_sources, files = files_of, describe = describe }, TableSource)
end

return parts
