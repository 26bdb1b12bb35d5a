-- The rows of a pass over a data set, in the order of its batches: as they stand, shuffled, drawn by weights, drawn from each class
-- equally often, or rows of similar length together. Keyed by seed, set and pass alone, so that threads and earlier passes
-- change nothing.

local core = require "moonlab.core"
local blame = require "moonlab.blame"

local ops = core.ops

-- The batches of a bucket, in which rows are sorted by length: the more, the less padding, and the less chance.
local BUCKET = 50

-- One number a row: a tensor, a list, the name of a column.
local function numbers(set, what, given)
  if type(given) == "string" then given = set:column(given) end
  if type(given) == "table" and getmetatable(given) and given.to_list then given = given:to_list() end
  if type(given) == "table" and not getmetatable(given) then
    for row = 1, #given do
      if type(given[row]) ~= "number" then blame.raise("batches: %s of row %d must be a number, got %s", what, row, blame.show(given[row])) end
    end
    given = core.tensor(given, { dtype = "float64" })
  end
  if not core.is_tensor(given) then
    blame.raise("batches: %s must be a tensor, a list or the name of a column, got %s", what, blame.show(given))
  end
  if given:dim() ~= 1 or #given ~= #set then
    blame.raise("batches: %s must have one number for each of %d rows, got a tensor [%s]", what, #set, table.concat(given.shape, ", "))
  end
  return given:to "float64"
end

-- Weights ------------------------------------------------------------------------------------------------------------

local function refuse_weight(weights, wrong, meant)
  local rows = wrong:nonzero():reshape { -1 }
  if #rows == 0 then return end
  local row = rows[1]:item()
  blame.raise("batches: the weight of row %d is %s; weights are %s", row, weights[row]:item(), meant)
end

-- Rows are drawn with replacement: a uniform number falls into the stretch of a row, as long as its weight.
local function weighted(set, o, key)
  local weights = numbers(set, "weights", o.weights)
  refuse_weight(weights, weights:isfinite():logical_not(), "finite")
  refuse_weight(weights, weights:lt(0), "numbers from 0")
  local ends = weights:cumsum(1)
  local total = #ends > 0 and ends[#ends]:item() or 0
  if total == 0 then blame.raise("batches: all weights are 0, so that no row can be drawn") end
  local last = weights:gt(0):nonzero():max():item() -- rounding could reach behind it
  local drawn = core.rand(o.draws or #set, { dtype = "float64", key = key }) * total
  return ops.searchsorted(ends, drawn, { right = true }):clamp(1, last)
end

-- Balance ------------------------------------------------------------------------------------------------------------

-- So many of the rows, each as often as the others within one.
local function dealt(rows, count, key)
  local rounds = {}
  for i = 1, (count + #rows - 1) // #rows do rounds[i] = core.random_permutation(core.random_key(key, i), #rows) end
  return rows:index_select(1, ops.cat(rounds, 1):slice(1, 1, count))
end

-- Blocks of one row of each class, in a random order within the block: every stretch of the pass has the classes equally often.
local function balanced(set, o, key)
  set.known_labels = set.known_labels or set:labels()
  local labels, draws = set.known_labels, o.draws or #set
  local by_class = {}
  for _, class in ipairs(labels:unique():tolist()) do
    if class ~= 0 then by_class[#by_class + 1] = labels:eq(class):nonzero():reshape { -1 } end -- 0: has no class
  end
  if #by_class == 0 then blame.raise("batches: %s has no row with a class to balance", set.name) end
  local blocks = (draws + #by_class - 1) // #by_class
  for class, rows in ipairs(by_class) do by_class[class] = dealt(rows, blocks, core.random_key(key, "class", class)) end
  local columns = ops.stack(by_class, 2)
  local mixed = core.rand(blocks, #by_class, { dtype = "float64", key = core.random_key(key, "blocks") }):argsort(2)
  return columns:gather(2, mixed):reshape({ -1 }):slice(1, 1, draws)
end

-- Length -------------------------------------------------------------------------------------------------------------

local function lengths_of(set, by_length)
  if by_length == true then by_length = "lengths" end
  if type(by_length) ~= "function" then return numbers(set, "by_length", by_length) end
  local list = {}
  for row = 1, #set do list[row] = by_length(row) end
  return numbers(set, "by_length", list)
end

-- The rows, sorted by length within stretches of an order.
local function sorted_in_buckets(lengths, order, bucket)
  local out, n = {}, #order
  for from = 1, n, bucket do
    local rows = order:slice(1, from, math.min(from + bucket - 1, n))
    out[#out + 1] = rows:index_select(1, lengths:index_select(1, rows):argsort())
  end
  return #out > 0 and ops.cat(out, 1) or order
end

local function by_length(set, o, shuffle_key)
  local lengths, n = lengths_of(set, o.by_length), #set
  if not o.shuffle then return { rows = lengths:argsort(), count = n } end
  local rows = sorted_in_buckets(lengths, core.random_permutation(shuffle_key, n), o.size * BUCKET)
  local batches = (n + o.size - 1) // o.size
  return { rows = rows, count = n, visit = core.random_permutation(core.random_key(shuffle_key, "batches"), batches):tolist() }
end

-- The whole ----------------------------------------------------------------------------------------------------------

local function check(o)
  local given
  for _, name in ipairs { "weights", "balanced", "by_length" } do
    if o[name] then
      if given then blame.raise("batches: %s and %s can't be both given: each decides which rows come when", given, name) end
      given = name
    end
  end
  if o.draws and not o.weights and not o.balanced then
    blame.raise "batches: draws is the number of rows that are drawn by weights or balanced; without them each row comes once"
  end
end

--- The order of a pass.
-- @param set   the data set
-- @param o     the options of batches, with pass
-- @param root  the seed
-- @return { rows = int64 tensor or nil (as they stand), count = how many, visit = a list: the batches in another order, or nil }
return function(set, o, root)
  check(o)
  local function key(purpose) return core.random_key(root, purpose, set.name, o.pass) end
  local drawn = o.weights and weighted(set, o, key "weights") or o.balanced and balanced(set, o, key "balanced") or nil
  if drawn then return { rows = drawn, count = #drawn } end
  if o.by_length then return by_length(set, o, key "shuffle") end
  return { rows = o.shuffle and core.random_permutation(key "shuffle", #set) or nil, count = #set }
end
