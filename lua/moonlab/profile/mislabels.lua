--- Rows whose label a simple model would not give: a linear softmax of the standardized columns, fitted to four fifths of the sample, is
-- asked about the last fifth. A row is suspected where it finds its label improbable and another one nearly sure.

local core = require "moonlab.core"

local ops = core.ops

local mislabels = {}

local FOLDS, STEPS = 5, 100
local RATE, DECAY = 0.1, 1e-3     -- of Adam; of the weights, which are not the bias
local WORDS, FIELDS, CLASSES = 20, 200, 30
local MOST = 20                   -- rows that are listed
local IMPROBABLE, SURE = 0.1, 0.8 -- of the label; of the other one

-- Numbers as they are, with the mean where missing; categories as a field each.
local function fields_of(t, skip)
  local list = {}
  for _, column in ipairs(t:columns()) do
    if skip[column.name] then goto continue end
    if column.type == "text" or column.type == "boolean" then
      local codes, firsts = column:codes(WORDS)
      for k = 1, codes and #firsts > 1 and #firsts or 0 do list[#list + 1] = codes:eq(k):to "float64" end
    else
      local x = column.values:to "float64"
      local here = x:isfinite()
      if column.missing then here = ops.logical_and(here, ops.logical_not(column.missing)) end
      local n = here:sum():item()
      if n > 0 then
        local mean = ops.where(here, x, 0.0):sum() / n
        list[#list + 1] = ops.where(here, x, mean)
      end
    end
    ::continue::
  end
  if #list == 0 or #list > FIELDS then return nil end
  return ops.stack(list, 2)
end

local function standardized(x)
  x = x - x:mean(1)
  local spread = x:square():mean(1):sqrt()
  return ops.where(spread:gt(1e-12), x / spread:clamp(1e-12, math.huge), 0.0):clamp(-8, 8)
end

-- Weights [fields + 1, classes] by full gradients of the mean cross-entropy, with Adam's steps.
local function fit(x, y)
  local w = core.zeros(x:size(2), y:size(2), { dtype = "float64" })
  local m, v, across = w:clone(), w:clone(), x:transpose(1, 2):contiguous() / #x
  local decay = core.full({ x:size(2), 1 }, DECAY, { dtype = "float64" })
  decay[x:size(2)] = 0.0 -- the last field is 1: the bias
  for step = 1, STEPS do
    local g = across:matmul(ops.softmax(x:matmul(w), 2) - y) + w * decay
    m, v = m * 0.9 + g * 0.1, v * 0.99 + g:square() * 0.01
    local rate = RATE * (1 - step / (STEPS + 1))
    w = w - m * (rate / (1 - 0.9 ^ step)) / ((v / (1 - 0.99 ^ step)):sqrt() + 1e-8)
  end
  return w
end

-- Each row's probabilities from the model that has not seen it.
local function held_out(x, y, classes, seed)
  local folds = core.row_keys(core.random_key(seed, "profile", "mislabels"), 1, #y):remainder(FOLDS) + 1
  local hot = ops.eq(y:unsqueeze(2), core.arange(1, classes):unsqueeze(1)):to "float64"
  local p = core.zeros(#y, classes, { dtype = "float64" })
  for f = 1, FOLDS do
    local rest, out = folds:ne(f):nonzero():reshape { -1 }, folds:eq(f):nonzero():reshape { -1 }
    if #rest > 0 and #out > 0 then
      local w = fit(x:index_select(1, rest), hot:index_select(1, rest))
      p = p:index_add(1, out, ops.softmax(x:index_select(1, out):matmul(w), 2))
    end
  end
  return p
end

--- Ranks the rows of a sample by how improbable their label is.
-- @param t        rows of the sample with a target
-- @param y        their classes from 1
-- @param o        { names = of the classes, skip = by name columns that are no features, positions = of the rows in the file, seed = }
-- @return { suspected = rows, accuracy = of the model on rows left out, rows = list of { row =, label =, probability =, other =,
--         other_probability = } }, the least probable first; nil where there is nothing to fit
function mislabels.of(t, y, o)
  local classes = #o.names
  if classes < 2 or classes > CLASSES or #y < 10 * classes then return nil end
  local x = fields_of(t, o.skip)
  if not x then return nil end
  x = ops.cat({ standardized(x), core.ones(#y, 1, { dtype = "float64" }) }, 2)
  local p = held_out(x, y, classes, o.seed)
  local own = p:gather(2, y:unsqueeze(2)):squeeze(2)
  local best, other = p:max(2), p:argmax(2)
  local suspected = ops.logical_and(own:lt(IMPROBABLE), best:gt(SURE))
  local out = { suspected = suspected:sum():item(), accuracy = other:eq(y):double():mean():item(), rows = {} }
  local order = own:argsort():slice(1, 1, math.min(MOST, #y)):tolist()
  for _, i in ipairs(order) do
    if suspected:at(i) then
      out.rows[#out.rows + 1] = { row = o.positions:at(i), label = o.names[y:at(i)], probability = own:at(i), other = o.names[other:at(i)],
        other_probability = best:at(i) }
    end
  end
  return out
end

return mislabels
