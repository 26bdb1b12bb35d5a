--- New data for a trained model, read as the recipe reads its own and brought to what the model takes: of every kind but tables, for which
-- new_rows.lua is.

local blame = require "moonlab.blame"
local failure = require "moonlab.failure"
local vm = require "moonlab.vm"
local tables = require "moonlab.data.table_source"
local transform = require "moonlab.data.transform"
local windows = require "moonlab.data.windows"
local new_rows = require "moonlab.recipe.new_rows"

local new_sets = {}

-- Classes by the numbers of the model, of a set that counts its own.
local function with_classes(set, run, path)
  local own, number, map = set.classes, {}, {}
  if not run.classes or not own or not set.columns or not set.columns.y then return set end
  for i, name in ipairs(run.classes) do number[name] = i end
  for i, name in ipairs(own) do
    map[i] = number[name] or failure.raise("data", "%s: '%s' is no class of the model: %s", path, tostring(name), table.concat(run.classes, ", "))
  end
  set.columns.y = require "moonlab.core".tensor(map, { dtype = "int64" }):index_select(1, set.columns.y)
  set.classes = run.classes
  return set
end

-- A .ts file of series, each a row.
local function of_ts(run, path, labelled)
  local set = require "moonlab.data.ts".ts(path)
  local x, input = set.columns.x, run.picture
  local row = table.move(x.shape, 2, x:dim(), 1, {})
  if table.concat(row, ", ") ~= table.concat(input, ", ") then
    failure.raise("data", "%s: its series are [%s], but the model takes [%s]", path, table.concat(row, ", "), table.concat(input, ", "))
  end
  if labelled and not set.columns.y then failure.raise("data", "%s: there are no labels: neither @classLabel nor @targetLabel is true", path) end
  return with_classes(set, run, path)
end

--- f(); what goes wrong in it is a failure of the data, and not of a program.
-- @param path  that f works on
function new_sets.guarded(path, f)
  local ok, result = pcall(f)
  if ok then return result end
  if type(result) ~= "string" then error(result, 0) end
  failure.raise("data", "%s: %s", path, blame.strip(result))
end

--- The windows of another file of rows, for a model of a series.
-- @param run   what recipe/trained.lua gave
-- @param path  a file of rows
-- @return a data set
function new_sets.of_series(run, path)
  if not new_rows.is(path) then failure.raise("usage", "%s: the rows of a series end in .csv, .tsv, .jsonl or .parquet", path) end
  local source, state = run.recipe.fields.data.source, run.series
  local t = new_rows.source(path, tables.TableSource.is(source.given) and source.given, state.columns):table()
  return windows.again(state, t, path, source.options.step)
end

--- Opens new data.
-- @param run       what recipe/trained.lua gave
-- @param path      a file or folder
-- @param labelled  whether what is asked for must be there
-- @return a data set, as the model takes its rows
-- @error a failure with its exit status that says what was looked for
function new_sets.open(run, path, labelled)
  local source, set = run.recipe.fields.data.source, nil
  if not vm.exists(path) then failure.raise("data", "there is no file or folder %s", path) end
  if run.series then return new_sets.of_series(run, path) end
  if path:lower():find "%.ts$" then set = of_ts(run, path, labelled)
  elseif source.elsewhere then
    set = new_sets.guarded(path, function() return source:elsewhere(path, { input = run.picture, classes = run.classes, labelled = labelled }) end)
  else failure.raise("usage", "%s: the data of this recipe are made by itself, so that there is no form in which others could lie in a file", path)
  end
  local steps = transform.of(run.recipe.fields.features).steps
  if run.normalise or #steps > 0 then set = set:normalised(run.normalise, #steps > 0 and steps or nil) end
  return set
end

--- The files of a set that was opened, with the hashes of their bytes.
-- @param set   what open gave
-- @param path  that it was opened from
function new_sets.files(set, path)
  while set.parent do set = set.parent end
  local files = set.files and set:files() or {}
  if #files == 0 and vm.exists(path) == "file" then files = { { path = path, sha256 = require "moonlab.core".sha256(path) } } end
  return files
end

return new_sets
