--- New files of rows for a trained model: read, checked and cleaned as the training rows were.

local failure = require "moonlab.failure"
local cleaning = require "moonlab.data.cleaning"
local columns = require "moonlab.data.columns"
local tables = require "moonlab.data.table_source"
local pipeline = require "moonlab.features.pipeline"
local suggest = require "moonlab.suggest"

local new_rows = {}

local OPENERS = { csv = "csv", tsv = "csv", txt = "csv", jsonl = "jsonl", ndjson = "jsonl", parquet = "parquet" }

--- "rows.csv.gz" -> "csv"
function new_rows.kind_of(path) return (path:lower():gsub("%.gz$", ""):gsub("%.zst$", ""):match "%.(%w+)$") or "" end

--- Whether a file's name ends as one of rows does.
function new_rows.is(path) return OPENERS[new_rows.kind_of(path)] ~= nil end

-- Columns are matched by name: each that the features need must be there, and no other than the recipe's roles.
-- Gives the names that are there, as a set.
local function check_columns(run, path, names)
  local known, there = {}, {}
  for _, name in ipairs(names) do there[name] = true end
  for _, column in ipairs(run.pipeline.inputs) do
    known[#known + 1] = column.name
    if not there[column.name] and not column.optional then
      failure.raise("data", "%s: the column '%s' is missing; the model was trained with %d columns", path, column.name, #run.pipeline.inputs)
    end
  end
  for _, name in ipairs(run.pipeline.others) do known[#known + 1] = name end
  local legal = {}
  for _, name in ipairs(known) do legal[name] = true end
  for _, name in ipairs(names) do
    if not legal[name] then failure.raise("data", "%s: %s", path, suggest.unknown("column", name, known)) end
  end
  return there
end

-- A file of the kind that the training rows were in is read as they were: its separator, marks of missing values, encoding and so on.
local function reading_options(source, kind)
  local first = source.sources and source.sources[1] or source
  if first.kind ~= kind then return nil end
  local o = {}
  for name, value in pairs(first.options) do o[name] = value end
  o.columns, o.types = nil, nil -- those of the pipeline's inputs are asked for below
  return o
end

--- A file of rows as a source that is read as the training rows were.
-- @param source  of the recipe, or nil
function new_rows.source(path, source)
  local opener = OPENERS[new_rows.kind_of(path)]
  return tables[opener](path, source and reading_options(source, opener))
end

--- Reads a file of rows.
-- @param run    what recipe/trained.lua gave
-- @param path   of the file
-- @param types  of columns besides those of the features: { churned = "text" }, or nil
-- @return the table as it was read; what cleaning.run gave: .table, .rows, .kept, .reasons
-- @error a failure with status 4: a column is missing, or unknown
function new_rows.read(run, path, types)
  local wish = run.recipe.fields.data
  local source = new_rows.source(path, wish.source)
  local names = source:names()
  local there = check_columns(run, path, names)
  local declared, asked = columns.for_reader(wish.columns, names), {}
  for _, name in ipairs(names) do asked[name] = types and types[name] end
  for _, column in ipairs(run.pipeline.inputs) do
    if there[column.name] then asked[column.name] = column.type == "category" and "text" or column.type end
  end
  local table_, problems = source:table { declared = { types = asked, missing_of = declared.missing_of } }
  return table_, cleaning.run(table_, problems, { columns = wish.columns, invalid = "quarantine",
    duplicates = { action = "keep" }, required = pipeline.required(run.pipeline), name = path })
end

return new_rows
