--- What a fitted model looks at, for the report of its run: the importance of the columns and the partial dependence of the first few, on a
-- sample of the judged rows that is small enough to be cheap.

local core = require "moonlab.core"
local importance = require "moonlab.assess.importance"
local metrics = require "moonlab.metrics"
local plans = require "moonlab.recipe.plan"
local sources = require "moonlab.data.tensors"

local looks_at = {}

local REPEATS, ASKED_REPEATS = 3, 5    -- of a permutation: of itself, and where the recipe asks
local ROWS, ASKED_ROWS, FEW = 1000, 5000, 100
local BUDGET = 0.1e9                   -- nanoseconds, as estimated below, that are spent unasked
local COLUMN, LETTER, FLOP = 120, 300, 0.5 -- nanoseconds of a row: of a column, of a letter of text, of an operation of the model
local CURVES, POINTS, CLASSES = 4, 12, 6

-- How many columns there are, and how many letters of text a row has.
local function columns_of(job)
  local fitted = job.parts.pipeline
  if not fitted then
    return #job.input == 1 and job.input[1] or nil, 0
  end
  local letters, t = 0, job.parts.table
  for name in pairs(fitted.texts) do
    local bytes = t:has(name) and t:column(name).bytes
    if bytes then letters = letters + #bytes / #t end
  end
  return #require "moonlab.features.pipeline".looked_at(fitted, t), letters
end

-- Operations of the model for a row: those of its layers, or one for each number that was fitted.
local function flops_of(job)
  if job.summary then return job.summary.flops / job.summary.batch end
  local sum = 0
  for _, x in pairs(job.model:state_dict()) do sum = sum + 2 * x:numel() end
  return sum
end

-- How many rows are looked at; nil where even few of them are dear.
local function rows_for(job, part, columns, letters, asked, repeats)
  local all = #job.parts[part]
  if asked then return math.min(all, ASKED_ROWS) end
  local a_row = (columns * COLUMN + letters * LETTER + flops_of(job) * FLOP) * (columns * repeats + CURVES * POINTS)
  local rows = math.min(all, ROWS, math.floor(BUDGET / a_row))
  return rows >= math.min(all, FEW) and rows or nil
end

-- Positions in the part, chosen by the seed.
local function sample(all, rows, seed)
  if rows >= all then return core.arange(1, all) end
  return (core.random_permutation(core.random_key(seed, "importance rows"), all):slice(1, 1, rows):sort(1))
end

-- The rows as a set of their own, and what importance takes besides.
local function given(job, part, at)
  local set, parts = job.parts[part], job.parts
  local options = { fields = parts.fields, batch = 1024 }
  if not parts.pipeline then return set:part(at, part .. "/importance"), options end
  options.fields, options.pipeline, options.table = nil, parts.pipeline, parts.table:rows(parts.places[part]:index_select(1, at))
  return sources.tensors { x = set.columns.x:index_select(1, at), y = set.columns.y:index_select(1, at), classes = set.classes, name = set.name }, options
end

-- The metric that columns are judged by: the recipe's first that needs no loss.
local function metric_of(plan)
  for _, name in ipairs(plan.metrics) do
    if metrics.is(name) and name ~= "loss" and name ~= "perplexity" then return name end
  end
end

-- Whether rows have values of a column in common: not texts, pictures or sounds, of which each row has its own.
local function has_values(job, name)
  local fitted = job.parts.pipeline
  if not fitted then return true end
  local kind = job.parts.table:column(name).type
  return not fitted.texts[name] and kind ~= "tensor" and kind ~= "matrix"
end

-- How the answer goes with the columns that matter most.
local function curves(job, set, options, list)
  local out, classes = {}, job.plan.classes and job.classes and #job.classes or 1
  if job.plan.labels or job.plan.values and set:column "y":numel() ~= #set then return out end
  for _, one in ipairs(list) do
    if #out == CURVES then break end
    if one.mean > 0 and has_values(job, one.name) then
      local wish = { column = one.name, points = POINTS, class = classes > 2 and "each" or nil }
      for key, value in pairs(options) do wish[key] = value end
      local made = importance.partial_dependence(job.model, set, wish)
      if #made.values > 1 then out[#out + 1] = made end
    end
  end
  return out
end

local function computed(job, part, wish)
  local metric = metric_of(job.plan)
  local asked = wish ~= nil
  if not metric then return nil, asked and "the recipe has no metric of rows" end
  local columns, letters = columns_of(job)
  if not columns then return nil, asked and "the columns of x can't be told apart: it is not [rows, columns]" end
  local repeats = math.type(wish) == "integer" and wish or asked and ASKED_REPEATS or REPEATS
  local rows = rows_for(job, part, columns, letters, asked, repeats)
  if not rows then return nil, "it is dear; assess.importance = true computes it" end
  local seed, all = job.recipe.fields.seed, #job.parts[part]
  local set, options = given(job, part, sample(all, rows, seed))
  local evaluation = plans.evaluation(job.plan, job.classes)
  function options.evaluate(model, changed)
    local said = metrics.evaluate(model, changed, evaluation)
    return job.decision and job.decision:apply(said) or said
  end
  local wished = { metric = metric, repeats = repeats, seed = seed }
  for key, value in pairs(options) do wished[key] = value end
  local list, base = importance.permutation_importance(job.model, set, wished)
  if not list then return nil, base end
  return { metric = metric, base = base, part = part, rows = rows, all = all, repeats = repeats, columns = list, curves = curves(job, set, options, list),
    classes = job.classes and #job.classes <= CLASSES and job.classes or nil, values = job.plan.values }
end

--- Computes it for the judged part of a job, where the recipe asks for it, or where it is cheap.
-- @param job   with a fitted model
-- @param part  "test" or "valid"
-- @return { metric =, base = its score, part =, rows = looked at, all = rows of the part, repeats =, columns = what ml.assess.permutation_importance gives,
--         curves = what ml.assess.partial_dependence gives for the first few, classes = names where they are few, values = of a regression }; nil, and
--         why not where that is worth a word
function looks_at.of(job, part)
  local wish = job.recipe.fields.assess.importance
  if wish == false then return nil end
  if job.recipe.several or not job.plan.loss or job.plan.pixels then return nil, wish and "the model does not answer rows of columns" end
  local ok, found, why = pcall(computed, job, part, wish or nil)
  if ok then return found, why end
  if require "moonlab.failure".is_interrupt(found) then error(found, 0) end
  return nil, require "moonlab.failure".message_of(found)
end

--- What the importance of a column is a number of: "fall of accuracy".
function looks_at.change(found) return (metrics.larger_is_better(found.metric) and "fall of " or "rise of ") .. found.metric end

--- What was looked at, in words.
function looks_at.text(found)
  local rows = found.rows == found.all and ("the %d rows"):format(found.rows) or ("%d of the %d rows"):format(found.rows, found.all)
  return ("how much %s %s when what a column says is dealt out to the rows anew (%d times, %s of the %s part)"):format(found.metric,
    metrics.larger_is_better(found.metric) and "falls" or "rises", found.repeats, rows, found.part)
end

return looks_at
