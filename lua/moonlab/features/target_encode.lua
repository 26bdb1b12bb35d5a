--- features.target_encode: categories as what the target is there, on the average.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local Feature = require "moonlab.features.feature"
local numeric = require "moonlab.features.numeric"
local targets = require "moonlab.features.targets"

local function check(o, where)
  if o.cv < 2 then blame.raise("%s: cv must be an integer from 2, got %s", where, blame.show(o.cv)) end
  if o.smooth ~= "auto" and not (type(o.smooth) == "number" and o.smooth >= 0) then
    blame.raise("%s: smooth must be 'auto' or a number from 0, got %s", where, blame.show(o.smooth))
  end
end

-- Mean and variance (divided by n) of the target in the rows that count, and counts and sums by category.
local function totals(codes, y, count, counts_in)
  local n, sum, counts, sums = 0, 0.0, {}, {}
  for code = 1, count do counts[code], sums[code] = 0, 0.0 end
  for i, code in ipairs(codes) do
    if counts_in(i) then
      n, sum = n + 1, sum + y[i]
      if code > 0 then counts[code], sums[code] = counts[code] + 1, sums[code] + y[i] end
    end
  end
  local mean, squares, of_category = sum / math.max(n, 1), 0.0, {}
  for code = 1, count do of_category[code] = 0.0 end
  for i, code in ipairs(codes) do
    if counts_in(i) then
      squares = squares + (y[i] - mean) ^ 2
      if code > 0 then of_category[code] = of_category[code] + (y[i] - sums[code] / counts[code]) ^ 2 end
    end
  end
  return { mean = mean, variance = squares / math.max(n, 1), counts = counts, sums = sums, squares = of_category }
end

-- The share that the category's own mean has in its encoding: empirical Bayes (Micci-Barreca 2001), as scikit-learn has it.
local function weight(t, code, smooth)
  local n = t.counts[code]
  if smooth ~= "auto" then return n / (n + smooth) end
  return t.variance * n / (t.variance * n + t.squares[code] / n)
end

-- { mean = of all, values = one a category }: of the rows for which counts_in holds.
local function encoding(codes, y, count, smooth, counts_in)
  local t, values = totals(codes, y, count, counts_in), {}
  for code = 1, count do
    values[code] = t.mean
    if t.counts[code] > 0 then
      local share = weight(t, code, smooth)
      if share == share then values[code] = share * (t.sums[code] / t.counts[code]) + (1 - share) * t.mean end
    end
  end
  return { mean = t.mean, values = values }
end

local function every_row() return true end

-- The fold of each row, 1..cv: by chance from the seed, each class dealt evenly.
local function folds_of(y, cv, key, by_class)
  local order, rank, fold = core.random_permutation(key, #y):tolist(), {}, {}
  for place, row in ipairs(order) do rank[row] = place end
  if by_class then
    table.sort(order, function(a, b)
      if y[a] ~= y[b] then return y[a] < y[b] end
      return rank[a] < rank[b]
    end)
  end
  for place, row in ipairs(order) do fold[row] = (place - 1) % cv + 1 end
  return fold
end

-- The values of rows by an encoding.
local function looked_up(codes, one)
  local out = {}
  for i, code in ipairs(codes) do out[i] = one.values[code] or one.mean end
  return out
end

-- The values of the training part: of each row by the rows of the other folds.
local function out_of_fold(codes, y, count, o, fold)
  local out = {}
  for number = 1, o.cv do
    local one = encoding(codes, y, count, o.smooth, function(i) return fold[i] ~= number end)
    for i, code in ipairs(codes) do
      if fold[i] == number then out[i] = one.values[code] or one.mean end
    end
  end
  return out
end

local function column_of(name, encodings, lists)
  local parts, fields = {}, {}
  for i, list in ipairs(lists) do
    parts[i] = core.tensor(list, { dtype = "float64" })
    fields[i] = name .. "_target" .. (encodings[i].class and "=" .. encodings[i].class or "")
  end
  return numeric.matrix(name, #parts[1] == 0 and core.zeros(0, #parts, { dtype = "float64" }) or core.ops.stack(parts, 2), fields)
end

local function fit(table_, names, o, context)
  local wanted, states, changed = targets.columns(context, "target_encode"), {}, {}
  local class_of, classes = targets.of(context, "target_encode")
  local fold = folds_of(class_of, o.cv, core.random_key(context.seed or 0, "target_encode"), classes > 0)
  for place, name in ipairs(names) do
    local column, encodings, lists = table_:column(name), {}, {}
    local codes = column.values:tolist()
    for i, one in ipairs(wanted) do
      encodings[i] = encoding(codes, one.values, #column.categories, o.smooth, every_row)
      encodings[i].class = one.class
      lists[i] = out_of_fold(codes, one.values, #column.categories, o, fold)
    end
    states[place] = { categories = column.categories, encodings = encodings }
    changed[name] = column_of(name, encodings, lists)
  end
  return states, Feature.replaced(table_, changed)
end

local function apply(table_, names, states)
  local changed = {}
  for place, name in ipairs(names) do
    local state, lists = states[place], {}
    local codes = table_:column(name):text():category(state.categories).values:tolist()
    for i, one in ipairs(state.encodings) do lists[i] = looked_up(codes, one) end
    changed[name] = column_of(name, state.encodings, lists)
  end
  return Feature.replaced(table_, changed)
end

--- The mean of the target in each category, drawn towards the mean of all where rows are few; scikit-learn's TargetEncoder. A field
-- (plan_target) for a regression or a binary task, one a class for more (plan_target=gold). The model learns from values that the rows
-- of other folds gave, so that no row sees its own target; other rows get the encoding of the whole training part. A category that
-- it did not have, or a missing one, gets the mean of all. The folds are drawn from the recipe's seed and deal each class evenly.
-- @param o  { smooth = "auto" (by the variances within the category and of all) or a number of rows that the mean of all counts as,
--           cv = 5: folds, columns = names; all categories if not given }
-- @return a spec for a recipe's features
-- @usage features = { features.target_encode { columns = { "city" } } }
return Feature.kind { name = "target_encode", options = { { "smooth", "any", "auto" }, { "cv", "integer", 5 } }, check = check,
  takes = { category = true }, wants = "categories", fit = fit, apply = apply }
