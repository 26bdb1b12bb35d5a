--- features.kmeans: distances to the centers of clusters.

local blame = require "moonlab.blame"
local core = require "moonlab.core"
local Feature = require "moonlab.features.feature"
local numeric = require "moonlab.features.numeric"

local function fit(table_, names, o, context)
  local values = numeric.block(table_, names, "kmeans")
  if o.n > #values then blame.raise("features.kmeans: %d clusters of %d rows", o.n, #values) end
  local model = require "moonlab.classical.kmeans" { n_clusters = o.n, n_init = o.n_init, seed = context.seed or 0 }:fit(values)
  return { name = Feature.free_name(table_, "kmeans"), centers = model.centers:tolist() }
end

local function apply(table_, names, state)
  local values, distances, fields = numeric.block(table_, names, state.name), {}, {}
  for i, center in ipairs(state.centers) do
    distances[i], fields[i] = (values - numeric.row(center)):square():sum(2):sqrt(), state.name .. i
  end
  return Feature.placed(table_, names, { numeric.matrix(state.name, core.ops.stack(distances, 2), fields) })
end

--- How far a row is from the centers of clusters, kmeans1, kmeans2, ... in the place of the columns: what ml.kmeans finds in the training part,
-- drawn from the recipe's seed. Columns of different units want features.standardize before.
-- @param o  { n = 8: clusters, n_init = 1: the best of so many beginnings, columns = names; all numbers if not given }
-- @return a spec for a recipe's features; features.kmeans(5) is features.kmeans { n = 5 }
-- @error more clusters than rows
-- @usage features = { features.standardize(), features.kmeans(12) }
return Feature.kind { name = "kmeans", options = { { "n", "count", 8 }, { "n_init", "count", 1 } }, first = { "n", "number" }, takes = numeric.TYPES,
  wants = "numbers", fit = fit, apply = apply }
