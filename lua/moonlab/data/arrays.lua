--- Labelled rows in a file of arrays, for a model that was trained on tensors: each array is a column.

local core = require "moonlab.core"
local failure = require "moonlab.failure"
local sequences = require "moonlab.data.sequences"
local tensors = require "moonlab.data.tensors"
local vm = require "moonlab.vm"

local arrays = {}

local function text(sizes) return "[" .. table.concat(sizes, ", ") .. "]" end

local function is_float(x) return x.dtype:find "^float" ~= nil end

-- The columns of a .npz file by name, and their names.
local function read(path)
  local columns, names = core.read_npz(path)
  if #names == 0 then failure.raise("data", "%s has no arrays", path) end
  return columns, names
end

-- A list of lists of JSON as columns: {"x": [3, 1, 2], "y": 1} a line.
local function read_lines(path)
  local json, columns, names, rows = require "moonlab.json", {}, {}, 0
  for line in (vm.read(path) or failure.raise("data", "%s: can't be read", path)):gmatch "[^\n]+" do
    rows = rows + 1
    local ok, row = pcall(json.decode, line)
    if not ok or type(row) ~= "table" then failure.raise("data", "%s:%d: expected an object, as in {\"x\": [3, 1, 2], \"y\": 1}", path, rows) end
    for name, value in pairs(row) do
      if type(name) ~= "string" then failure.raise("data", "%s:%d: expected an object, as in {\"x\": [3, 1, 2], \"y\": 1}", path, rows) end
      if not columns[name] then columns[name], names[#names + 1] = {}, name end
      columns[name][rows] = value
    end
  end
  if rows == 0 then failure.raise("data", "%s has no rows", path) end
  table.sort(names)
  for _, name in ipairs(names) do
    for i = 1, rows do
      if columns[name][i] == nil then failure.raise("data", "%s:%d: there is no \"%s\"", path, i, name) end
    end
  end
  return columns, names
end

-- A column that must be there.
local function need(columns, names, name, path, what)
  if columns[name] == nil then failure.raise("data", "%s: there is no array '%s', %s; there are: %s", path, name, what, table.concat(names, ", ")) end
  return columns[name]
end

local function check_x(x, shape, path)
  if x:dim() == 0 then failure.raise("data", "%s: x is a number; its first dimension counts the rows", path) end
  local row = table.move(x.shape, 2, x:dim(), 1, {})
  if shape and text(row) ~= text(shape) then failure.raise("data", "%s: the rows of x are %s, but the model takes %s", path, text(row), text(shape)) end
end

-- Classes, whole numbers from 1; the row of the first that is none is named.
local function check_classes(y, classes, path)
  if is_float(y) then y = y:double() end
  local wrong = y:lt(1) | y:gt(#classes) | y:ne(y:to "int64")
  if not wrong:any():item() then return y:to "int64" end
  local row = wrong:to "int64":argmax():item()
  failure.raise("data", "%s: y of row %d is %s, but classes are whole numbers from 1 to %d%s", path, row, tostring(y:select(1, row):item()), #classes,
    y:min():item() == 0 and " (add 1 to those that count from 0)" or "")
end

-- What is asked for, of the type that the trained rows had.
local function targets(y, like, model, path)
  if model.classes and y:dim() == 1 then return check_classes(y, model.classes, path) end
  if like and like.dtype:find "^float" then return y:to(like.dtype) end
  return is_float(y) and y:to "float32" or y
end

-- Rows of sequences: x filled up with 0, and lengths; or lists.
local function of_sequences(columns, path)
  if type(columns.x) == "table" then return sequences.sequences(columns) end
  local lengths, list = columns.lengths:tolist(), {}
  for i, n in ipairs(lengths) do
    if n < 1 or n > columns.x:size(2) then failure.raise("data", "%s: row %d has %d steps, but x has room for 1 to %d", path, i, n, columns.x:size(2)) end
    list[i] = columns.x:select(1, i):slice(1, 1, n)
  end
  columns.x, columns.lengths = list, nil
  return sequences.sequences(columns)
end

--- Opens a file of arrays: .npz, or of sequences .jsonl as well, a line {"x": [3, 1, 2], "y": 1} each.
-- @param path   of the file
-- @param set    the data set of the recipe, which says what its columns are
-- @param model  { input = shape of a row of x, classes = names or nil, labelled = whether y must be there }
-- @return a data set
-- @error a failure with status 4: an array that is missing, rows that the model does not take, a y that is no class
function arrays.open(path, set, model)
  local kind, ragged = path:lower():match "%.(%w+)$", set.ragged ~= nil
  if kind ~= "npz" and not (kind == "jsonl" and ragged) then
    failure.raise("usage", "%s: the model was trained on %s; rows for it stand in a .npz file with the arrays x%s%s", path, set.what or "rows of its own",
      model.labelled and " and y" or "", ragged and " and lengths, or in .jsonl, a line {\"x\": [3, 1, 2], \"y\": 1} each" or "")
  end
  local columns, names = (kind == "npz" and read or read_lines)(path)
  local x = need(columns, names, "x", path, "what the model takes")
  if model.labelled then need(columns, names, "y", path, "what is asked for") end
  for _, name in ipairs(names) do
    if kind == "npz" and #columns[name] ~= #x then failure.raise("data", "%s: x has %d rows, but %s has %d", path, #x, name, #columns[name]) end
  end
  local like_x, like_y = set:row_shape "x", set:row_shape "y"
  if kind == "npz" then
    if not ragged then check_x(x, model.input, path) end
    if ragged then need(columns, names, "lengths", path, "how many steps of each row of x count") end
    if like_x and x.dtype ~= like_x.dtype then columns.x = x:to(like_x.dtype) end
  end
  if columns.y and type(columns.y) == "table" and type(columns.y[1]) ~= "table" then columns.y = core.tensor(columns.y) end
  if columns.y and core.is_tensor(columns.y) then columns.y = targets(columns.y, like_y, model, path) end
  columns.classes, columns.name = model.classes, path
  return ragged and of_sequences(columns, path) or tensors.tensors(columns)
end

return arrays
