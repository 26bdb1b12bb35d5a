--- features.select_mutual_information: the fields that tell most of the target.

local core = require "moonlab.core"
local mutual = require "moonlab.features.mutual_information"
local Feature = require "moonlab.features.feature"
local numeric = require "moonlab.features.numeric"
local selection = require "moonlab.features.selection"
local targets = require "moonlab.features.targets"

-- Deviation 1, and a little noise that tells equal values apart, as scikit-learn has it.
local function spread(x, key)
  local std = (x - x:mean()):square():mean():sqrt()
  if std:item() > 0 then x = x / std end
  local size = math.max(1, x:abs():mean():item())
  return (x + core.randn(#x, { key = key, dtype = "float64" }) * (1e-10 * size)):tolist()
end

-- A field of 0 and 1 alone is one of classes.
local function is_discrete(x) return core.ops.logical_or(x:eq(0), x:eq(1)):all():item() end

local function score(x, target, is_class, k, key)
  if is_discrete(x) then
    local classes = x:tolist()
    if is_class then return mutual.of_classes(classes, target) end
    return mutual.of_number_and_class(target, classes, k)
  end
  local numbers = spread(x, key)
  if is_class then return mutual.of_number_and_class(numbers, target, k) end
  return mutual.of_numbers(numbers, target, k)
end

-- The k highest scores; of equal ones the first.
local function best(scores, k)
  local order, chosen = {}, {}
  for i = 1, #scores do order[i], chosen[i] = i, false end
  table.sort(order, function(a, b)
    if scores[a] ~= scores[b] then return scores[a] > scores[b] end
    return a < b
  end)
  for i = 1, math.min(k, #order) do chosen[order[i]] = true end
  return chosen
end

local function choose(values, fields, o, context)
  local target, classes = targets.of(context, "select_mutual_information")
  local key = core.random_key(context.seed or 0, "select_mutual_information")
  if classes == 0 then target = spread(core.tensor(target, { dtype = "float64" }), key) end
  local scores = {}
  for i in ipairs(fields) do
    scores[i] = score(values:select(2, i):contiguous(), target, classes > 0, o.n_neighbors, core.random_key(key, i))
  end
  return best(scores, o.k), scores
end

local fit, apply = selection.both("select_mutual_information", choose)

--- Keeps the k fields with the most mutual information with the target, each looked at by itself; scikit-learn's SelectKBest with
-- mutual_info_classif or mutual_info_regression. Estimated from the distances to nearest neighbours (Kraskov et al. 2004 of two
-- numbers, Ross 2014 of a number and a class), from counts for a field of 0 and 1. Equal values are told apart by noise of size 1e-10
-- from the recipe's seed, so that tables with many of them differ from scikit-learn's by what that noise does.
-- @param o  { k = 10: fields that stay, n_neighbors = 3, columns = names; all numbers if not given }
-- @return a spec for a recipe's features
-- @usage features = { features.standardize(), features.one_hot(), features.select_mutual_information(12) }
return Feature.kind { name = "select_mutual_information", options = { { "k", "count", 10 }, { "n_neighbors", "count", 3 } }, first = { "k", "number" },
  takes = numeric.TYPES, wants = "numbers", fit = fit, apply = apply }
