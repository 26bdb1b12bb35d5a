--- Rows that train alone: made ones behind real ones (sets of data.make_moons and its kin, samples of a generator, copies with noise). Cuts and
-- folds are made of the others; then these join the rows that train, but for copies of rows that do not.

local core = require "moonlab.core"
local values = require "moonlab.split.values"

local training = {}

--- The rows that may be held out, and those that may not; nil where all may.
function training.of(set)
  local mask = values.is_data_set(set) and set:training_rows()
  if not mask then return nil end
  return mask:logical_not():nonzero():flatten(), mask:nonzero():flatten()
end

--- The rows that train with those that train alone, ascending. Of rows that are kept together (a row and its copies) none joins whose
-- group does not train.
function training.join(set, train, alone)
  if set.keep_together then
    local ids = values.ids(values.list("split", "group", set.keep_together, #set, set))
    local of = core.tensor(ids.of, { dtype = "int64" })
    local trains = core.zeros(#ids.names, { dtype = "int64" }):index_fill(1, of:index_select(1, train), 1)
    alone = alone:masked_select(trains:index_select(1, of:index_select(1, alone)):ne(0))
  end
  return core.ops.cat({ train, alone }, 1):sort(1)
end

--- Folds of the rows that may be held out as folds of the whole set; a list that is made as it is read stays one.
function training.folds(set, folds, real, alone)
  local function whole(fold)
    local out = {}
    for key, value in pairs(fold) do out[key] = value end
    out.test = real:index_select(1, fold.test)
    out.train = training.join(set, real:index_select(1, fold.train), alone)
    return out
  end
  if getmetatable(folds) then
    return setmetatable({}, { __len = function() return #folds end, __index = function(_, i) return folds[i] and whole(folds[i]) end })
  end
  for i, fold in ipairs(folds) do folds[i] = whole(fold) end
  return folds
end

return training
