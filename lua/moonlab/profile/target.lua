--- The target of a table against its other columns, on the sample: class balance, what the target is for each stretch of a feature, and
-- how well each column alone tells it.
--
-- That score is cross-validated in five folds: a feature is cut into stretches (or its categories), each answers with the mean or the
-- class rates of the other folds' rows in it, and the answers are compared with the rows left out: R² of a number, the area under the
-- ROC curve of classes (of several: the mean over classes, each against the rest). Of two numbers the square of their ranks' correlation counts
-- where it is larger: stretches are too coarse to show that one is the other in another unit. What scores nearly 1 is suspected to be a leak.

local core = require "moonlab.core"
local relations = require "moonlab.profile.relations"

local ops = core.ops

local target = {}

local FOLDS = 5
local STRETCHES = 10 -- of a number in plots
local FINE = 30      -- of a number in scores
local WORDS = 100    -- of a category
local CLASSES = 20   -- different integers that are classes

-- Features in stretches --------------------------------------------------------------------------------------------------

local function numbers_of(column)
  local x = column.values:to "float64"
  if column.missing then x = x:masked_fill(column.missing, 0 / 0) end
  return x
end

-- Edges between stretches with as many values each; none that is there twice.
local function edges_of(x, count)
  local here = x:masked_select(x:isfinite())
  local edges = {}
  if #here == 0 then return edges end
  local sorted = here:sort(1):tolist()
  for k = 1, count - 1 do
    local edge = sorted[math.max(1, math.floor(#sorted * k / count))]
    if edge < sorted[#sorted] and edge ~= edges[#edges] then edges[#edges + 1] = edge end
  end
  return edges
end

-- Codes from 1 of stretches; missing ones have a code of their own, the last. Stretch k reaches up to edge k, that included.
local function cut(x, count)
  local edges, codes = edges_of(x, count), core.ones(#x, { dtype = "int64" })
  for _, edge in ipairs(edges) do codes = codes + x:gt(edge):to "int64" end
  return codes:masked_fill(x:isnan(), #edges + 2), #edges + 2, edges
end

-- Codes from 1 of a column, how many there are, and their names; nil for one that has too many words.
local function codes_of(column, count)
  if column.type == "category" then column = column:text() end
  if column.type == "text" or column.type == "boolean" then
    local codes, firsts = column:codes(WORDS)
    if not codes then return nil end
    local names = {}
    for i, value in ipairs(column:gather(firsts):to_list()) do names[i] = tostring(value) end
    return codes:masked_fill(codes:eq(0), #firsts + 1), #firsts + 1, names
  end
  return cut(numbers_of(column), count)
end

-- Scores ---------------------------------------------------------------------------------------------------------------------

-- Sums of a number by fold and code: lists [fold][code].
local function by_fold(folds, codes, count, weights)
  local at = (folds - 1) * count + codes
  local sums = weights and core.zeros(FOLDS * count, { dtype = "float64" }):index_add(1, at, weights)
    or at:bincount({ minlength = FOLDS * count }):to "float64"
  return sums:reshape({ FOLDS, count }):tolist()
end

-- The area under the ROC curve of a list of { score, how many positives have it, how many negatives }; nil where one kind is missing.
local function area_of(answers)
  local n, scores, classes, counts = #answers, {}, {}, {}
  for i, answer in ipairs(answers) do
    for class = 1, 2 do
      local at = i + (class - 1) * n
      scores[at], classes[at], counts[at] = answer[1], class, answer[4 - class]
    end
  end
  local sorted, rows = core.tensor(scores, { dtype = "float64" }):sort(1)
  local area, _, positives, negatives = core.ranking(sorted, rows, core.tensor(classes, { dtype = "int64" }),
    core.tensor(counts, { dtype = "float64" }), 2)
  return positives > 0 and negatives > 0 and area or nil
end

-- One class against the rest: the mean of the folds' areas.
local function class_score(here, all, count)
  local sum, folds = 0, 0
  for f = 1, FOLDS do
    local answers, rows, hits = {}, 0, 0
    for g = 1, FOLDS do
      for k = 1, g ~= f and count or 0 do rows, hits = rows + all[g][k], hits + here[g][k] end
    end
    for k = 1, count do
      local n, p = 0, 0
      for g = 1, FOLDS do
        if g ~= f then n, p = n + all[g][k], p + here[g][k] end
      end
      local rate = (p + hits / math.max(1, rows)) / (n + 1) -- a row's worth of what is known without the feature
      if all[f][k] > 0 then answers[#answers + 1] = { rate, here[f][k], all[f][k] - here[f][k] } end
    end
    local one = area_of(answers)
    if one then sum, folds = sum + one, folds + 1 end
  end
  return folds > 0 and sum / folds or nil
end

local function classification_score(folds, codes, count, y, classes)
  local all, sum, n = by_fold(folds, codes, count), 0, 0
  for class = classes == 2 and 2 or 1, classes do
    local score = class_score(by_fold(folds, codes, count, y:eq(class):to "float64"), all, count)
    if score then sum, n = sum + score, n + 1 end
  end
  return n > 0 and sum / n or nil
end

local function regression_score(folds, codes, count, y)
  local n, sums, missed, mean = by_fold(folds, codes, count), by_fold(folds, codes, count, y), 0, y:mean():item()
  for f = 1, FOLDS do
    for k = 1, count do
      local others, sum = 1, mean
      for g = 1, FOLDS do
        if g ~= f then others, sum = others + n[g][k], sum + sums[g][k] end
      end
      local answer = sum / others
      missed = missed + n[f][k] * answer ^ 2 - 2 * answer * sums[f][k]
    end
  end
  local squares = y:square():sum():item()
  local spread = squares - #y * mean ^ 2
  return spread > 0 and 1 - (squares + missed) / spread or nil
end

-- What the target is for each stretch --------------------------------------------------------------------------------------------

local function bins_of(codes, count, names, edges, y, classes)
  local n = codes:bincount({ minlength = count }):tolist()
  local rows = {}
  for class = 1, classes or 1 do
    local weights = classes and y:eq(class):to "float64" or y
    local sums = core.zeros(count, { dtype = "float64" }):index_add(1, codes, weights):tolist()
    rows[class] = sums
  end
  local out = {}
  for k = 1, count do
    if n[k] > 0 then
      local values = {}
      for class = 1, classes or 1 do values[class] = rows[class][k] / n[k] end
      out[#out + 1] = { name = k == count and "missing" or names and names[k], from = edges and edges[k - 1], to = edges and edges[k], rows = n[k],
        values = values }
    end
  end
  return out
end

-- The square of Spearman's correlation; 0 where there is none, or where the half is missing.
local function of_ranks(column, y)
  local x = column.values and column.type ~= "boolean" and column.type ~= "category" and numbers_of(column)
  if not x or x:isfinite():double():mean():item() < 0.5 then return 0 end
  local r = relations.spearman(ops.stack({ x, y:double() }, 2)):select(1, 1):select(1, 2):item()
  return r == r and r * r or 0
end

-- How well a column alone tells the target; nil where that is not known.
local function score_of(column, folds, y, classes)
  local codes, count = codes_of(column, FINE)
  if not codes then return nil end
  if classes then return classification_score(folds, codes, count, y, classes) end
  local score = regression_score(folds, codes, count, y)
  return score and math.max(score, of_ranks(column, y))
end

local function feature(column, folds, y, classes)
  local one = { name = column.name, type = column.type, score = score_of(column, folds, y, classes) }
  if not codes_of(column, FINE) then return one end
  local wide, number, names = codes_of(column, STRETCHES)
  local is_text = column.type == "text" or column.type == "boolean"
  if number <= 25 then one.bins = bins_of(wide, number, is_text and names or nil, not is_text and names or nil, y, classes) end
  return one
end

-- Rows of the sample that have a target; y in classes or numbers.
local function labels(column, task)
  if column.type == "category" then column = column:text() end
  local as_classes = task == "classes"
  if not task then
    local _, firsts = column:codes(CLASSES)
    as_classes = column.type == "text" or column.type == "boolean" or column.type == "integer" and firsts ~= nil
  end
  if not as_classes and column.type ~= "number" and column.type ~= "integer" then as_classes = true end
  if not as_classes then return numbers_of(column) end
  local codes, firsts = column:codes(CLASSES * 5)
  if not codes then return nil end
  return codes, column:gather(firsts):to_list()
end

-- Each row's fold.
local function folds_of(seed, rows) return core.row_keys(core.random_key(seed, "profile", "folds"), 1, rows):remainder(FOLDS) + 1 end

local LEAK = 0.98

--- What is to be said of a column that tells the target alone; nil of others.
-- @param one      { name =, score = }
-- @param name     of the target
-- @param measure  "AUC" or "R²"
-- @param limit    of the score: 0.98 if not given
function target.suspicion(one, name, measure, limit)
  if not one.score or one.score <= (limit or LEAK) then return nil end
  return ("tells '%s' alone (%s %.4f on rows held out): is it known when the target is asked for?"):format(name, measure, one.score)
end

local SCORED = { number = true, integer = true, boolean = true, text = true, category = true, time = true }

local WIDE = 200   -- columns: of more than these, numbers are looked at closely only where they go with the target
local GOES = 0.25  -- the square of Pearson's correlation from which on they do

-- y as numbers: itself, or a column for each class.
local function marks(y, classes)
  if not classes then return y:double():unsqueeze(2) end
  return y:unsqueeze(2):eq(core.arange(1, classes):unsqueeze(1)):double()
end

local function standard(x)
  local z = x - x:mean(1)
  return z / z:square():mean(1):sqrt():clamp(1e-300, math.huge)
end

-- The columns that may tell the target: all but numbers that hardly go with it, where there are many.
local function worth_a_look(columns, y, classes)
  local numeric, values = {}, {}
  for i, column in ipairs(columns) do
    if column.type == "number" or column.type == "integer" then
      local x = numbers_of(column)
      local here = x:isfinite()
      numeric[#numeric + 1], values[#values + 1] = i, ops.where(here, x, ops.where(here, x, 0.0):sum():item() / math.max(1, here:sum():item()))
    end
  end
  if #numeric <= WIDE then return columns end
  local x = ops.stack(values, 2)
  local goes = (standard(x / x:abs():max(1):clamp(1e-300, math.huge)):transpose(1, 2):matmul(standard(marks(y, classes))) / #y):square():max(2):ge(GOES):tolist()
  local left_out, out = {}, {}
  for k, i in ipairs(numeric) do left_out[i] = not goes[k] end
  for i, column in ipairs(columns) do
    if not left_out[i] then out[#out + 1] = column end
  end
  return out
end

--- Columns that tell the target alone.
-- @param t  a table
-- @param o  as target.of takes it, and limit = of the score
-- @return a list of { name =, text = }, in the order of the columns
function target.suspects(t, o)
  local y, classes = labels(t:column(o.target), o.task)
  local rows = y and (classes and y:gt(0) or y:isfinite()):nonzero():reshape { -1 }
  local out = {}
  if not y or #rows < 2 * FOLDS or classes and #classes < 2 then return out end
  y, t = y:index_select(1, rows), t:rows(rows)
  local folds, asked = folds_of(o.seed, #rows), {}
  for _, column in ipairs(t:columns()) do
    if column.name ~= o.target and not o.skip[column.name] and SCORED[column.type] then asked[#asked + 1] = column end
  end
  for _, column in ipairs(worth_a_look(asked, y, classes and #classes)) do
    local text = target.suspicion({ name = column.name, score = score_of(column, folds, y, classes and #classes) }, o.target, classes and "AUC" or "R²",
      o.limit)
    if text then out[#out + 1] = { name = column.name, text = text } end
  end
  return out
end

--- The target against the other columns.
-- @param t     the sample
-- @param one   the target's column of the profile, for its counts over all rows
-- @param o     { target = name, skip = names that are no features, task = "classes", "number" or nil, seed = }
-- @return { name =, measure = "AUC" or "R²", missing = rows without, classes = { { name =, count = }, ... } or nil, features = list of { name =,
--         type =, score =, bins = { { name = or from =, to =, rows =, values = mean or class rates }, ... } } }, the best score first; the rows with a
--         target and their y
function target.of(t, one, o)
  local y, classes = labels(t:column(o.target), o.task)
  local out = { name = o.target, measure = classes and "AUC" or "R²", missing = one.missing, features = {} }
  if not y then
    out.problem = "it has too many different values for classes"
    return out
  end
  local here = classes and y:gt(0) or y:isfinite()
  local rows = here:nonzero():reshape { -1 }
  y = y:index_select(1, rows)
  if classes then
    out.classes, out.class_names = {}, classes
    local counts = y:bincount({ minlength = #classes }):tolist()
    for k, name in ipairs(classes) do out.classes[k] = { name = name, count = math.tointeger(counts[k]) } end
    if #one.top > 0 and one.others == 0 and one.top_lost == 0 then -- of all rows
      for k, class in ipairs(one.top) do out.classes[k] = { name = class.value, count = class.count } end
    end
    table.sort(out.classes, function(a, b)
      if a.count ~= b.count then return a.count > b.count end
      return tostring(a.name) < tostring(b.name)
    end)
  end
  if #rows < 2 * FOLDS or (classes and #classes < 2) then return out, rows, y end
  local folds = folds_of(o.seed, #rows)
  local part = t:rows(rows)
  for _, column in ipairs(part:columns()) do
    if column.name ~= o.target and not o.skip[column.name] then
      out.features[#out.features + 1] = feature(column, folds, y, classes and #classes)
    end
  end
  for i, f in ipairs(out.features) do f.at = i end
  table.sort(out.features, function(a, b)
    if (a.score or -1) ~= (b.score or -1) then return (a.score or -1) > (b.score or -1) end
    return a.at < b.at
  end)
  for _, f in ipairs(out.features) do f.at = nil end
  return out, rows, y
end

return target
