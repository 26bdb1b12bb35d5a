-- Ways of making folds as values: what ml.kfold and its kin give. A spec says how, and is applied to as many data sets as one
-- likes; it never changes.

local blame = require "moonlab.blame"
local positions = require "moonlab.split.positions"
local read_rows = require "moonlab.split.rows"
local training = require "moonlab.split.training"
local values = require "moonlab.split.values"

local Spec = { __name = "moonlab.Folds", methods = {} }
local held = setmetatable({}, { __mode = "k" }) -- spec -> { fields =, make = }, out of reach of an assignment

function Spec.__index(self, key) return Spec.methods[key] or held[self].fields[key] end

function Spec.__newindex(self, key)
  blame.raise("%s: a spec does not change (%s was assigned to); make another one", held[self].fields.kind, tostring(key))
end

function Spec.__pairs(self) return pairs(self:describe()) end

local function sorted_keys(fields)
  local keys = {}
  for key in pairs(fields) do
    if key ~= "kind" then keys[#keys + 1] = key end
  end
  table.sort(keys)
  return keys
end

function Spec.__tostring(self)
  local fields, words = held[self].fields, {}
  for i, key in ipairs(sorted_keys(fields)) do words[i] = key .. " = " .. tostring(fields[key]) end
  return ("%s {%s}"):format(fields.kind, table.concat(words, ", "))
end

local methods = Spec.methods

-- What folds was called with, for some of the rows.
local function picked(where, o, data, rows)
  local out = {}
  for key, given in pairs(o or {}) do
    local listed = key ~= "seed" and type(given) ~= "string" and type(given) ~= "function"
    if type(given) == "function" then out[key] = function(name) return positions.pick(values.list(where, name, given(name), #data, data), rows) end
    else out[key] = listed and positions.pick(values.list(where, key, given, #data, data), rows) or given end
  end
  return out
end

--- The folds of a data set. Positions are ascending int64 tensors, which set:part takes. Made rows behind real ones (data.concat, data.jitter)
-- are in no fold's test rows.
-- @param data  a data set, or the number of its rows
-- @param o     { labels = , groups = , times = : one value a row, a tensor, a list or a column's name, where the spec asks for
--              them and the data set does not have them, seed = of the recipe, for a spec without its own }
-- @return a list of { train = rows, test = rows }; of leave_one_out it is made as it is read, so that n folds take no n x n rows
-- @error more folds than rows, than rows of a class or than groups; values that are missing
-- @usage for _, fold in ipairs(ml.kfold(5):folds(100)) do print(#fold.train, #fold.test) end
function methods:folds(data, o)
  local fields = held[self].fields
  local real, alone = training.of(data)
  if alone then return training.folds(data, self:folds(data:part(real, data.name), picked(fields.kind, o, data, real)), real, alone) end
  return held[self].make(fields, read_rows(fields.kind, data, o, fields.seed))
end

--- What the spec says, as a plain table that can be written down.
-- @usage ml.kfold(5):describe().k   --> 5
function methods:describe()
  local out = {}
  for key, value in pairs(held[self].fields) do out[key] = value end
  return out
end

local spec = {}

--- Makes a spec.
-- @param fields  { kind = its name, and its options }
-- @param make    function(fields, rows) -> the folds
function spec.new(fields, make)
  local self = {}
  held[self] = { fields = fields, make = make }
  return setmetatable(self, Spec)
end

--- Whether a value is a spec of folds.
function spec.is(value) return type(value) == "table" and held[value] ~= nil end

return spec
