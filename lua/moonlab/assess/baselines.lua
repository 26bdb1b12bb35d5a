--- What scores are worth something: those of answers that need no model. Always computed beside a model's, on the same rows.

local core = require "moonlab.core"
local labels = require "moonlab.assess.labels"
local metrics = require "moonlab.metrics"

local baselines = {}

local function scores_of(names, result)
  local scores = {}
  for _, name in ipairs(names) do scores[name] = metrics.of(name, result) end
  return scores
end

-- Always the mean of the training part's targets.
local function mean(names, parts, part)
  local value = parts.train.columns.y:double():mean()
  local targets = parts[part].columns.y:double():reshape { -1 }
  return { class = ("%.6g"):format(value:item()), scores = scores_of(names, { rows = #targets, output = value:expand(targets.shape):contiguous(), y = targets }) }
end

-- Always the mean of each number of the training rows, where a row has few.
local function mean_of_set(names, parts, result)
  local y = result.y
  if not y or y:dim() > 2 then return nil end
  local value = parts.train:column "y":double():reshape { #parts.train, -1 }:mean(1)
  return { class = #value == 1 and ("%.6g"):format(value:item()) or "the mean",
    scores = scores_of(names, { rows = #y, output = value:expand { #y, #value }:contiguous():reshape(y.shape), y = y }) }
end

local READ = 100 -- training rows that say which class is the commonest where each row has many: pictures are read for it

-- Always the class that most pixels, or steps, of some training rows have. 0 is no class.
local function commonest(names, parts, matrix, rows)
  local counts, answers = core.zeros({ #matrix }, { dtype = "int64" }), {}
  local some = parts.train:part(core.arange(1, math.min(READ, #parts.train)), parts.train.name)
  for batch in some:batches { size = 16, pass = 0 } do
    local y = batch.y:reshape { -1 }:to "int64"
    counts = counts + y:masked_select(y:gt(0)):bincount { minlength = #matrix }
  end
  local class = counts:argmax():item()
  for i, row in ipairs(matrix) do
    local sum = 0
    for _, n in ipairs(row) do sum = sum + n end
    answers[i] = {}
    for j in ipairs(row) do answers[i][j] = j == class and sum or 0 end
  end
  return { class = parts.classes and parts.classes[class] or tostring(class), scores = scores_of(names, { rows = rows, matrix = answers, classes = #matrix }) }
end

-- Always the class that most rows of the training part have.
local function majority(names, parts, part, matrix)
  local found = metrics.majority(parts.train:labels(), parts[part]:labels(), #matrix)
  return { class = parts.classes and parts.classes[found.class] or tostring(found.class), scores = scores_of(names, found) }
end

-- Always the labels that most rows of the training part have.
local function of_labels(names, parts, assessed)
  local answer, result = labels.baseline(parts.train:column "y", assessed, parts.classes)
  return { class = answer, scores = scores_of(names, result) }
end

-- A baseline that is a model, run over windows of a series.
local function of_windows(names, parts, part, options)
  local model = require "moonlab.classical.baseline"(options):fit(parts.train)
  return scores_of(names, metrics.evaluate(model, parts[part], { values = true }))
end

-- What the row says that was `back` rows before, of all rows in the order of time; nil where some rows of the part have none before them.
local function earlier(names, parts, part, back)
  local n = #parts.times
  local _, order = parts.times:sort(1)
  local rank = core.zeros({ n }, { dtype = "int64" }):scatter(1, order, core.arange(1, n)):index_select(1, parts.places[part])
  if rank:min():item() <= back then return nil end
  local y = parts.targets:double():reshape { -1 }
  return scores_of(names, { rows = #rank, output = y:index_select(1, order:index_select(1, rank - back)), y = y:index_select(1, parts.places[part]) })
end

local function is_windows(set) return set.what == "windows" end

-- Those of series: { name =, scores = }.
local function naive(names, parts, part, season)
  local out, windows = {}, is_windows(parts.train)
  local function add(name, strategy, back)
    local scores
    if windows then scores = of_windows(names, parts, part, { strategy = strategy, season = strategy == "seasonal" and back or nil })
    else scores = earlier(names, parts, part, back)
    end
    if scores then out[#out + 1] = { name = name, scores = scores } end
  end
  if windows or parts.times then
    add("last value", "last", 1)
    if season then add(("value %d before"):format(season), "seasonal", season) end
  end
  return out
end

--- The baselines of a held-out part.
-- @param names   of the metrics
-- @param parts   what prepare.data gave
-- @param part    "test" or "valid"
-- @param result  what metrics.evaluate gave of the model
-- @param plan    what plan.of gave
-- @return { class = what is always answered, scores = by name } or nil; a list of { name =, scores = } of series: the last value, the last season
function baselines.of(names, parts, part, result, plan)
  local matrix = result.matrix
  if not parts.train then return nil, {} end -- new rows alone: there is nothing to be fitted to
  if result.labels then return of_labels(names, parts, result.labels), {} end
  if matrix then return plan.pixels and commonest(names, parts, matrix, result.rows) or majority(names, parts, part, matrix), {} end
  if not plan.values then return nil, {} end
  if is_windows(parts.train) then
    return { class = "the mean", scores = of_windows(names, parts, part, { strategy = "mean" }) }, naive(names, parts, part, plan.season)
  end
  if not parts.pipeline then return mean_of_set(names, parts, result), {} end
  return mean(names, parts, part), naive(names, parts, part, plan.season)
end

return baselines
