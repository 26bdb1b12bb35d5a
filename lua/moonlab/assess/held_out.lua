--- The scores of a trained model on the held-out part, beside the thresholds and the majority's.

local baselines = require "moonlab.assess.baselines"
local decision_of = require "moonlab.assess.decision"
local core = require "moonlab.core"
local failure = require "moonlab.failure"
local labels = require "moonlab.assess.labels"
local metrics = require "moonlab.metrics"
local plans = require "moonlab.recipe.plan"
local Result = require "moonlab.metrics.result"

local assess = {}

local function scores_of(names, result)
  local scores, why = {}, {}
  for _, name in ipairs(names) do scores[name], why[name] = metrics.of(name, result) end
  return scores, why
end

--- The metrics that are computed: those of the recipe, and those that thresholds stand on.
function assess.names(plan)
  local names, seen = {}, {}
  local function add(name)
    if not seen[name] then names[#names + 1], seen[name] = name, true end
  end
  for _, name in ipairs(plan.metrics) do add(name) end
  for _, one in ipairs(plan.accept) do
    if metrics.is(one.metric) then add(one.metric) end
  end
  return names
end

-- The recipe's own scores, behind those of the metrics.
local function add_own_scores(out, model, set, plan)
  local names = {}
  if not plan.score then return end
  local graph = core.set_grad_enabled(false)
  model:eval()
  local ok, scores = pcall(plan.score, model, set)
  core.set_grad_enabled(graph)
  if not ok then error(scores, 0) end
  if type(scores) ~= "table" then failure.raise("error", "assess.score must return a table of numbers by name, it returned a %s", type(scores)) end
  for name, value in pairs(scores) do
    out.scores[name], names[#names + 1] = value, name
  end
  table.sort(names)
  out.metrics = table.move(names, 1, #names, #plan.metrics + 1, table.move(plan.metrics, 1, #plan.metrics, 1, {}))
end

-- The scores of the rows of each source, or of each group, alone.
-- @param list      of { name =, rows = positions in the part }, or nil
-- @param answered  function(set) -> result
local function scores_of_some(list, set, names, answered)
  local out = {}
  for i, one in ipairs(list or {}) do
    local rows = #one.rows
    out[i] = { name = one.name, rows = rows, scores = {}, why = {} }
    if rows > 0 then out[i].scores, out[i].why = scores_of(names, answered(set:part(one.rows, one.name))) end
  end
  return #out > 1 and out or nil
end

--- Assesses a model on the test part, or on the validation part where there is no test part.
-- @param model  the trained module
-- @param parts  what prepare.data gave
-- @param plan   what plan.of gave
-- @param decision  what Job:fit or recipe/trained.lua gave: how scores become answers, or nil
-- @return nil without either, or { part = its name, rows =, metrics = names, scores = by name, why = (it is undefined,
--         by name), matrix =, classes =, accept = {{metric, threshold, score, met}}, missed = whether one was,
--         baseline = { class, scores }, naive = those of a series: list of { name =, scores = },
--         decision =, cost = of a row, where costs are counted, by_label = of labels a list of { name =, rows =, scores = },
--         by_source, by_group = lists of { name =, rows =, scores =, why = } where there are several,
--         result = what metrics.evaluate gave }
function assess.model(model, parts, plan, decision)
  local part = parts.test and "test" or parts.valid and "valid"
  if not part or not plan.loss then return nil end
  local options = plans.evaluation(plan, parts.classes)
  local function answered(set)
    local given = metrics.evaluate(model, set, options)
    return decision and decision:apply(given) or given
  end
  local result = answered(parts[part])
  if decision then Result.matrix(result) end
  local names = assess.names(plan)
  local out = { part = part, rows = result.rows, matrix = result.matrix, metrics = plan.metrics,
    classes = parts.classes, accept = {}, result = result, decision = decision }
  out.scores, out.why = scores_of(names, result)
  add_own_scores(out, model, parts[part], plan)
  for i, one in ipairs(plan.accept) do
    local score = out.scores[one.metric]
    local met = false
    if score and metrics.larger_is_better(one.metric) then met = score >= one.threshold end
    if score and not metrics.larger_is_better(one.metric) then met = score <= one.threshold end
    out.accept[i] = { metric = one.metric, threshold = one.threshold, score = score, met = met }
    out.missed = out.missed or not met
  end
  if decision and decision.cost then out.cost = decision_of.cost_of(result, decision.costs) end
  out.baseline, out.naive = baselines.of(names, parts, part, result, plan)
  out.by_label = result.labels and labels.by_label(result, parts.classes)
  out.by_source = scores_of_some(parts.by_source and parts.by_source[part], parts[part], names, answered)
  out.by_group = scores_of_some(parts.by_group and parts.by_group[part], parts[part], names, answered)
  return out
end

return assess
