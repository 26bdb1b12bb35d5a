--- New files of rows for a trained model: read, checked and cleaned as the training rows were.

local failure = require "moonlab.failure"
local cleaning = require "moonlab.data.cleaning"
local columns = require "moonlab.data.columns"
local sounds = require "moonlab.data.sounds"
local tables = require "moonlab.data.table_source"
local pipeline = require "moonlab.features.pipeline"
local suggest = require "moonlab.suggest"

local new_rows = {}

local OPENERS = { csv = "csv", tsv = "csv", txt = "csv", jsonl = "jsonl", ndjson = "jsonl", parquet = "parquet", db = "sqlite", sqlite = "sqlite", sqlite3 = "sqlite" }

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

-- The source that other files are read like: of several the first.
local function first_of(source)
  while source and source.sources do source = source.sources[1] or source.sources.train end
  return source
end

-- A file of the kind that the training rows were in is read as they were: its separator, marks of missing values, encoding and so on.
local function reading_options(source, kind)
  local first = first_of(source)
  if first.kind ~= kind then return nil end
  local o = {}
  for name, value in pairs(first.options) do o[name] = value end
  o.columns, o.types = nil, nil -- those of the pipeline's inputs are asked for below
  return o
end

-- The names of a file's columns with or without a header; nil where it can't be read so.
local function names_with(path, o, header)
  local asked = { header = header }
  for name, value in pairs(o) do asked[name] = asked[name] == nil and value or asked[name] end
  local ok, names = pcall(function() return tables.csv(path, asked):names() end)
  if not ok and failure.is_interrupt(names) then error(names, 0) end
  return ok and names or nil
end

local function has_all(names, needed)
  local there = {}
  for _, name in ipairs(names or {}) do there[name] = true end
  for _, name in ipairs(needed) do
    if not there[name] then return false end
  end
  return names ~= nil
end

-- Whether the first line of a file of separated values names its columns: told by the names that the model knows, and by the files that it was
-- trained on, not by what the lines look like. nil where neither tells.
-- @param trained  "true", "false" or nil: whether these had a header
local function header_of(path, o, needed, trained)
  if o.names and trained then return trained == "true" end
  if o.names then return nil end
  if has_all(names_with(path, o, true), needed) then return true end
  if has_all(names_with(path, o, false), needed) then return false end
end

-- A recipe that names the columns of files without a header is given a file with one, or one that has all columns but the target: told by the
-- names, and by how many columns there are.
local function fit_names(path, o, needed, target)
  local bare = {}
  for name, value in pairs(o) do bare[name] = name ~= "names" and value or nil end
  local first = names_with(path, bare, true)
  if has_all(first, needed) and has_all(o.names, first) then
    o.names, o.header = nil, true
    return
  end
  if names_with(path, o, false) then return end
  local others = {}
  for _, name in ipairs(o.names) do others[#others + 1] = name ~= target and name or nil end
  bare.names = others
  if names_with(path, bare, false) then o.names = others end
end

--- Whether the files of a source have a header: "true" or "false"; nil where they are none of separated values.
function new_rows.header(source)
  local first = first_of(source)
  local header = first and first.has_header and first:has_header()
  return header ~= nil and tostring(header) or nil
end

--- A file of rows as a source that is read as the training rows were; a folder of sounds, where these were sounds.
-- @param source  of the recipe, or nil
-- @param needed  names of columns that the model needs
-- @param trained "true" or "false": whether the training files had a header; or nil
-- @param target  the column that may be missing, or nil
-- @error a failure with status 2: a file that the recipe has no way to read
function new_rows.source(path, source, needed, trained, target)
  local first = first_of(source)
  if first and first.kind == "sounds" then return sounds.elsewhere(first, path) end
  local opener = OPENERS[new_rows.kind_of(path)]
  local o = source and reading_options(source, opener)
  if opener == "sqlite" and not o then failure.raise("usage", "%s: the recipe reads no database, so that it is not known which table is meant; export its rows as CSV", path) end
  if opener == "csv" and (not o or o.header == nil) then
    o = o or {}
    o.header = header_of(path, o, needed, trained)
  elseif opener == "csv" and o.names and o.header == false then
    fit_names(path, o, needed, target)
  end
  return tables[opener](path, o)
end

--- Whether a run takes folders of rows: it was trained on sounds.
function new_rows.takes_folders(run)
  local first = first_of(run.recipe.fields.data.source)
  return first ~= nil and first.kind == "sounds"
end

-- The columns that must be there.
local function needed_of(run)
  local out = {}
  for _, column in ipairs(run.pipeline.inputs) do
    if not column.optional then out[#out + 1] = column.name end
  end
  return out
end

--- Reads a file of rows.
-- @param run    what recipe/trained.lua gave
-- @param path   of the file
-- @param types  of columns besides those of the features, { churned = "text" }, or nil
-- @return the table as it was read; what cleaning.run gave: .table, .rows, .kept, .reasons
-- @error a failure with status 4: a column is missing, or unknown
function new_rows.read(run, path, types)
  local wish = run.recipe.fields.data
  local source = new_rows.source(path, wish.source, needed_of(run), run.header, wish.target)
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
