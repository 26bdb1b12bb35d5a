-- A data set in parts: ml.split.parts, what a recipe's `split` says.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local options = require "moonlab.options"
local seeds = require "moonlab.seed"
local by_column = require "moonlab.split.by"
local by_time = require "moonlab.split.by_time"
local grouped = require "moonlab.split.grouped"
local chance = require "moonlab.split.random"
local positions = require "moonlab.split.positions"
local training = require "moonlab.split.training"
local values = require "moonlab.split.values"

local parts = {}

local parse = options("split.parts", {
  { "valid", "number", 0 }, { "test", "number", 0 }, { "stratify", "any", false }, { "group", "any" }, { "time", "any" },
  { "by", "any" }, { "seed", "integer" },
}, "split.parts(set, {valid = 0.1, stratify = true})")

local function refuse_together(o, one, other, why)
  if o[one] and o[other] then blame.raise("split: %s and %s can't be both given: %s", one, other, why) end
end

local function check(o)
  if o.valid + o.test >= 1 then
    blame.raise("split: valid (%s) and test (%s) leave nothing to train on", o.valid, o.test)
  end
  refuse_together(o, "time", "stratify", "the latest rows are held out, whatever their class")
  refuse_together(o, "time", "group", "the latest rows are held out, whatever their group")
  for _, other in ipairs { "time", "group", "stratify" } do
    refuse_together(o, "by", other, "the column says which part each row is in")
  end
  if o.by and (o.valid > 0 or o.test > 0) then
    blame.raise "split: by names the parts, so that valid and test are no fractions: by = {column = 'year', valid = 2023, test = 2024}"
  end
end

-- What each row has of the option's values, or nil where it is not asked for.
local function list_of(set, o, name) return o[name] and values.list("split", name, o[name], #set, set) end

-- A function(rows, fraction, key) -> what stays, what is cut off: positions in rows.
local function way_of_cutting(set, o)
  if o.time then
    local times = list_of(set, o, "time")
    return function(rows, fraction) return by_time.by_time(positions.pick(times, rows), fraction) end
  end
  local labels = o.stratify == true and set:labels() or nil
  if o.stratify and not labels then
    labels = core.tensor(values.ids(list_of(set, o, "stratify")).of, { dtype = "int64" })
  end
  o.group = o.group or set.keep_together
  if o.group then
    local groups = list_of(set, o, "group")
    return function(rows, fraction, key)
      return grouped.grouped(positions.pick(groups, rows), fraction, key, labels and labels:index_select(1, rows))
    end
  end
  if labels then
    return function(rows, fraction, key) return chance.stratified(labels:index_select(1, rows), fraction, key) end
  end
  return function(rows, fraction, key) return chance.random(#rows, fraction, key) end
end

-- The parts that a column names; by is the column, or { column = , valid = , test = }.
local function named_parts(set, by)
  local given
  if type(by) == "table" and not getmetatable(by) and by.column ~= nil then
    given = {}
    for key, value in pairs(by) do given[key] = value end
    by, given.column = by.column, nil
  end
  return by_column.by(values.list("split", "by", by, #set, set), given)
end

-- Fractions of the rows that may be held out; the test part is cut first.
local function cut_parts(set, o)
  local cut_off, out = way_of_cutting(set, o), {}
  local rows, alone = training.of(set)
  rows = rows or core.arange(1, #set)
  local root, n = o.seed or seeds.value, #rows
  local function cut(name, fraction)
    if fraction == 0 then return end
    local kept, held_out = cut_off(rows, fraction, core.random_key(root, "split", name))
    if #held_out == 0 then blame.raise("split: %s = %s of %s is no row", name, o[name], values.count(n, o.group and "row in groups" or "row")) end
    out[name], rows = rows:index_select(1, held_out), rows:index_select(1, kept)
  end
  cut("test", o.test)
  cut("valid", o.valid > 0 and o.valid * n / #rows or 0)
  out.train = alone and training.join(set, rows, alone) or rows
  return out
end

--- Cuts a data set into training, validation and test parts.
-- The fractions are of the whole set, but for made rows behind real ones (see data.concat, data.jitter), which train alone. The test
-- part is cut first: it does not depend on how much goes to validation.
-- stratify, group, time and by take one value a row: a tensor, a list, or the name of a column of the set.
-- @param set      a data set
-- @param o    { valid = 0, test = 0: fractions, seed = ,
--                 stratify = true (the set's labels) or values: the classes in the same proportions in each part,
--                 group = values: no group is in two parts; with stratify as far as the groups allow it,
--                 time = values: the latest rows are tested, those before them validate, rows of one time stay together,
--                 by = values that are train, valid or test, or { column = values, test = 2024, valid = {2022, 2023} } }
-- @return { train =, valid =, test = }; a part of fraction 0 is nil
-- @error parts that leave nothing to train on, options that don't go together, a row without a value
-- @usage local parts = ml.split.parts(fashion.train, { valid = 0.1, stratify = true })
function parts.parts(set, o)
  local out = {}
  o = parse(o)
  if type(set) ~= "table" or not set.part then blame.raise("split.parts: a data set is needed, got %s", blame.show(set)) end
  check(o)
  if not o.by and o.valid == 0 and o.test == 0 then return { train = set } end
  for name, rows in pairs(o.by and named_parts(set, o.by) or cut_parts(set, o)) do out[name] = set:part(rows, set.name .. "/" .. name) end
  if #out.train == #set then out.train = set end
  return out
end

return parts
