-- Folds of nearly equal size: ml.kfold.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local options = require "moonlab.options"
local assign = require "moonlab.split.assign"
local positions = require "moonlab.split.positions"
local spec = require "moonlab.split.spec"

local kfold = {}

local parse = options("kfold", {
  { "stratify", "any", false }, { "group", "any", false }, { "shuffle", "boolean", true }, { "repeats", "count", 1 }, { "seed", "integer" },
}, "ml.kfold(5, {stratify = true})")

-- One round: k folds, each row tested once.
local function round(fields, rows, number, folds)
  local key = fields.shuffle and core.random_key(rows.root, "kfold", number) or nil
  local part_of = assign.deal(rows, { parts = fields.k, noun = "fold", where = "kfold", stratify = fields.stratify, group = fields.group }, key)
  for part = 1, fields.k do
    local train, test = positions.of_parts(part_of, function(parts) return parts:eq(part) end)
    folds[#folds + 1] = { train = train, test = test, round = number }
  end
end

local function make(fields, rows)
  local folds = {}
  for number = 1, fields.repeats do round(fields, rows, number, folds) end
  return folds
end

--- K-fold cross-validation: k parts of nearly equal size, each tested once by what was trained on the others. Rows are shuffled
-- (scikit-learn's KFold leaves them in order unless told), so that a file that is sorted by class is no trap.
-- @param k  how many folds, from 2
-- @param o  { stratify = false: true, or the name of a column: each class has in each fold its share, within one row,
--           group = false: true, or the name of a column: no group is in two folds, which are as equal as groups allow; with stratify too,
--           shuffle = true, seed = the program's, repeats = 1: so many rounds, each shuffled anew }
-- @return a spec: spec:folds(set), spec:describe()
-- @error fewer than 2 folds
-- @usage local folds = ml.kfold(5, { stratify = true }):folds(6 * 5, { labels = ml.arange(1, 30) % 3 + 1 })
function kfold.kfold(k, o)
  if math.type(k) ~= "integer" or k < 2 then blame.raise("kfold: the number of folds must be an integer from 2, got %s", blame.show(k)) end
  o = parse(o)
  assign.check_options("kfold", o)
  if o.repeats > 1 and not o.shuffle then blame.raise("kfold: %d repeats without shuffling would be the same folds again", o.repeats) end
  o.kind, o.k = "kfold", k
  return spec.new(o, make)
end

return kfold
