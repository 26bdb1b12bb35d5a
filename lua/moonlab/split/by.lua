-- Cuts that the data itself names: ml.split.by.

local blame = require "moonlab.blame"
local suggest = require "moonlab.suggest"
local positions = require "moonlab.split.positions"
local values = require "moonlab.split.values"

local by = {}

local PARTS = { "train", "valid", "test" }

local function as_list(v) return type(v) == "table" and not getmetatable(v) and v or { v } end

-- Which part each value stands for, by what the user says of them: { test = 2024, valid = { 2022, 2023 } }.
local function part_of_values(given)
  local part_of = {}
  for key in pairs(given) do
    if key ~= "train" and key ~= "valid" and key ~= "test" then
      blame.raise("split.by: %s", suggest.unknown("part", tostring(key), PARTS))
    end
  end
  for _, part in ipairs(PARTS) do
    for _, v in ipairs(as_list(given[part])) do
      if part_of[v] then blame.raise("split.by: %s is in %s and in %s", values.show(v), part_of[v], part) end
      part_of[v] = part
    end
  end
  return part_of
end

local function check_all_there(part_of, list)
  local there = {}
  for _, v in ipairs(list) do there[v] = true end
  local absent = {}
  for v, part in pairs(part_of) do
    if not there[v] then absent[#absent + 1] = ("%s (%s)"):format(values.show(v), part) end
  end
  table.sort(absent)
  if #absent > 0 then blame.raise("split.by: no row has the value %s", absent[1]) end
end

-- The part of a value that the user did not name: training, unless it is said which values train.
local function part_of_others(given, row, v)
  if not given then
    blame.raise("split.by: row %d says %s; parts are 'train', 'valid' and 'test', or say which values they are: {test = %s}", row,
      values.show(v), values.show(v))
  end
  if given.train then blame.raise("split.by: row %d has the value %s, which is in no part", row, values.show(v)) end
  return "train"
end

--- The parts that a column names.
-- @param column  one value a row: a tensor or a list
-- @param given   which values are which part: { test = 2024, valid = { 2022, 2023 } }; the rest trains, unless train is given too.
--                Without it the values are the words train, valid and test
-- @return { train = rows, valid = rows, test = rows }: int64 tensors, ascending; valid and test are nil where no row is in them
-- @error a value that is no part, a value that no row has, no row to train on
-- @usage local parts = ml.split.by({ 2022, 2023, 2024 }, { test = 2024 })
function by.by(column, given)
  local list = values.list("split.by", "the column", column)
  local part_of = given and part_of_values(given) or { train = "train", valid = "valid", test = "test" }
  if given then check_all_there(part_of, list) end
  local parts, counts = {}, {}
  for row, v in ipairs(list) do
    parts[row] = part_of[v] or part_of_others(given, row, v)
    counts[parts[row]] = true
  end
  if not counts.train then blame.raise("split.by: no row of %d is left to train on", #list) end
  local out = {}
  for part in pairs(counts) do out[part] = positions.where(#list, function(row) return parts[row] == part end) end
  return out
end

return by
