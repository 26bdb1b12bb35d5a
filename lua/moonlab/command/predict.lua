--- moonlab predict RUN INPUT...: what a trained model says of new rows, pictures or sounds, prepared as the training rows were,
-- or of what comes after the rows of a series.

local core = require "moonlab.core"
local vm = require "moonlab.vm"
local failure = require "moonlab.failure"
local json = require "moonlab.json"
local augment = require "moonlab.data.augment"
local sounds = require "moonlab.data.sounds"
local tables = require "moonlab.data.table_source"
local transform = require "moonlab.data.transform"
local windows = require "moonlab.data.windows"
local answers = require "moonlab.recipe.answers"
local new_rows = require "moonlab.recipe.new_rows"
local new_sets = require "moonlab.recipe.new_sets"
local pipeline = require "moonlab.features.pipeline"
local trained = require "moonlab.recipe.trained"

local PICTURES = { png = true, jpg = true, jpeg = true }

-- What the model takes of rows.
local function x_of(run, table_, path)
  return pipeline.x(pipeline.apply(run.pipeline, table_, path), run.recipe.fields.model.dtype, run.pipeline.sparse)
end

-- Rows ----------------------------------------------------------------------------------------------------------------

-- Answers by the row of the file. A row that does not have all that it needs of the past has { invalid = reason }.
local function of_clean(run, path, cleaned)
  local table_, enough = pipeline.looking_back(run.pipeline, cleaned.table)
  local list, places = {}, cleaned.rows
  if enough and not enough:all():item() then
    for _, row in ipairs(places:masked_select(enough:logical_not()):tolist()) do
      list[row] = { invalid = ("not enough past: the model looks back %d rows"):format(run.pipeline.past.rows) }
    end
    table_, places = table_:rows(enough), places:masked_select(enough)
  end
  if #places == 0 then return list end
  local given = answers.of(run, x_of(run, table_, path))
  for i, row in ipairs(places:tolist()) do list[row] = given[i] end
  return list
end

-- The answers for a file of rows; a row that the recipe's columns refuse has { invalid = reason } instead.
local function of_rows(run, path)
  if not run.pipeline then
    failure.raise("usage", "predict: %s was not trained on a table; it takes %s", run.recipe.fields.name, #run.picture == 3 and "pictures" or "its x in a .npz file")
  end
  local wish = run.recipe.fields.data
  local table_, cleaned = new_rows.read(run, path)
  local list = {}
  if cleaned.kept > 0 then
    for row, answer in pairs(of_clean(run, path, cleaned)) do list[row] = answer end
  end
  for row = 1, #table_ do
    list[row] = list[row] or { invalid = cleaned.reasons[row] or "missing value" }
    list[row].row = row
  end
  if wish.id and table_:has(wish.id) then
    for row, id in ipairs(table_:column(wish.id):to_list()) do list[row].id = id end
  end
  return list
end

-- Series --------------------------------------------------------------------------------------------------------------

-- One answer for each step after the last row of the file: the values by the names of the columns.
local function of_series(run, path)
  local given, state = run.recipe.fields.data.source.given, run.series
  local t = new_rows.source(path, tables.TableSource.is(given) and given, state.columns):table()
  local list = {}
  for i, values in ipairs(windows.forecast(state, t, path, function(x) return answers.outputs(run, x) end):tolist()) do
    local entries = {}
    for k, value in ipairs(values) do entries[k] = { tostring(state.target[k]), value } end
    list[i] = { row = #t + i, entries = entries }
  end
  return list
end

-- Pictures ------------------------------------------------------------------------------------------------------------

local function of_picture(run, path)
  if run.pipeline then failure.raise("usage", "predict: %s was trained on a table; it takes rows, as in rows.csv", run.recipe.fields.name) end
  if run.series then failure.raise("usage", "predict: %s was trained on a series; it takes its rows, as in rows.csv", run.recipe.fields.name) end
  local channels, height, width = table.unpack(run.picture)
  if not width then failure.raise("usage", "predict: the model takes [%s], which is no picture", table.concat(run.input, ", ")) end
  local wish = run.recipe.fields.data.source.options
  local picture = core.read_images({ path }, { channels = channels, size = { height, width }, fit = wish and wish.resize })
  local make, how = augment.plan { transform = transform.of(run.recipe.fields.features).steps, normalise = run.normalise }
  local x = make(picture, core.arange(1, 1), how)
  return answers.of(run, x)
end

-- The answers for rows that lie in a file as the model takes them, without what is asked for.
local function of_set(run, path)
  local set = new_sets.open(run, path, false)
  local list = new_sets.guarded(path, function() return answers.of_set(run, set) end)
  for i, one in ipairs(list) do one.row = i end
  return list
end

-- Sounds --------------------------------------------------------------------------------------------------------------

local function of_sound(run, path)
  local source = run.recipe.fields.data.source
  if source.kind ~= "sounds" then failure.raise("usage", "predict: %s was not trained on sounds", run.recipe.fields.name) end
  return answers.of(run, x_of(run, sounds.rows(source, { path }), path))
end

-- Output --------------------------------------------------------------------------------------------------------------

local function entries(path, answer)
  return { { "input", path }, { "row", answer.row }, { "id", answer.id }, { "class", answer.class }, { "probability", answer.probability },
    { "labels", answer.labels and json.list(answer.labels) }, { "value", answer.entries and json.object(answer.entries) or answer.value }, { "invalid", answer.invalid } }
end

local function forecast(entries)
  local parts = {}
  for i, one in ipairs(entries) do parts[i] = ("%s %.7g"):format(one[1], one[2]) end
  return table.concat(parts, "  ")
end

local function text(path, answer)
  local parts = { answer.row and ("%s:%d"):format(path, answer.row) or path }
  if answer.id ~= nil then parts[#parts + 1] = tostring(answer.id) end
  if answer.invalid then parts[#parts + 1] = "invalid: " .. answer.invalid
  elseif answer.labels and #answer.labels == 0 then parts[#parts + 1] = "no label  " .. forecast(answer.entries)
  elseif answer.labels then parts[#parts + 1] = table.concat(answer.labels, ", ") .. "  " .. forecast(answer.entries)
  elseif answer.entries then parts[#parts + 1] = forecast(answer.entries)
  elseif answer.class then parts[#parts + 1] = ("%s  %.4f"):format(answer.class, answer.probability)
  else parts[#parts + 1] = type(answer.value) == "table" and json.encode(answer.value) or ("%.7g"):format(answer.value)
  end
  return table.concat(parts, "  ")
end

-- The files of a folder and those in it that a model takes, in the order of their names.
local function files_in(folder, endings, found)
  for _, name in ipairs(vm.listdir(folder)) do
    local path = folder .. "/" .. name
    if name:sub(1, 1) ~= "." and vm.exists(path) == "directory" then files_in(path, endings, found)
    elseif endings[new_rows.kind_of(path)] then found[#found + 1] = path end
  end
  return found
end

local SOUNDS = { wav = true }

-- Whether a file holds rows as a model takes them that was trained on no table: arrays, series, sequences.
local function is_set(run, path, kind)
  if run.pipeline or run.series then return false end
  return kind == "npz" or kind == "ts" or path:find "idx%d%-ubyte" ~= nil or kind == "jsonl" and run.recipe.fields.data.source.ragged ~= nil
end

-- The answers for a file, in the order in which they are said.
local function of_file(run, path)
  local kind = new_rows.kind_of(path)
  if vm.exists(path) ~= "file" then failure.raise("data", "predict: there is no file %s", path) end
  if PICTURES[kind] then return of_picture(run, path) end
  if kind == "wav" then return of_sound(run, path) end
  if is_set(run, path, kind) then return of_set(run, path) end
  if new_rows.is(path) then return run.series and of_series(run, path) or of_rows(run, path) end
  failure.raise("usage", "predict: %s: rows end in .csv, .tsv, .jsonl or .parquet, pictures in .png or .jpg, sounds in .wav, arrays in .npz", path)
end

-- The files that a word of the command line stands for: of a folder those in it.
local function files_of(run, word)
  if vm.exists(word) ~= "directory" then return { word } end
  local endings = new_rows.takes_folders(run) and SOUNDS or PICTURES
  local found = files_in(word:gsub("(.)/+$", "%1"), endings, {})
  if #found == 0 then failure.raise("data", "predict: %s has no %s", word, endings == SOUNDS and "sounds: looked for .wav" or "pictures: looked for .png, .jpg and .jpeg") end
  return found
end

--- Predicts.
-- @param folder   of a run
-- @param options  { inputs = files, or folders of pictures or sounds, json = lines of JSON }
-- @return the exit status: 0, or 4 where a row was invalid
-- @error a failure with status 4: no run, a file that can't be read, columns that do not fit
return function(folder, options)
  local run, status = trained((folder:gsub("(.)/+$", "%1")), "predict"), 0
  if run.recipe.several then failure.raise("usage", "predict: the recipe has several models, of which none is the one that answers") end
  for _, word in ipairs(options.inputs) do
    for _, path in ipairs(files_of(run, word)) do
      for _, answer in ipairs(of_file(run, path)) do
        if answer.invalid then status = failure.status.data end
        io.stdout:write(options.json and json.encode(json.object(entries(path, answer))) or text(path, answer), "\n")
      end
    end
  end
  return status
end
