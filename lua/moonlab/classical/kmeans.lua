--- k-means: rows in as many clusters as one likes, each around the mean of its rows. As scikit-learn's KMeans (Lloyd's iterations).

local core = require "moonlab.core"
local Model = require "moonlab.classical.model"
local blame = require "moonlab.blame"
local options = require "moonlab.options"
local problem = require "moonlab.classical.problem"
local seed = require "moonlab.seed"

local ops = core.ops
local DOUBLE = { dtype = "float64" }

local read = options("ml.kmeans", {
  { "n_clusters", "count", 8 }, { "init", "any", "k-means++" }, { "n_init", "count", 1 }, { "max_iter", "count", 300 }, { "tol", "number", 1e-4 },
  { "seed", "integer" },
}, "ml.kmeans {n_clusters = 3}")
local KMeans = Model:kind("ml.kmeans", { tasks = {}, wants = "nothing", loss_name = false }, read)

--- @param o  { n_clusters = 8, init = "k-means++", or a tensor [clusters, columns] of centres to begin with; n_init = 1: the best of so many
--           beginnings; max_iter = 300, tol = 1e-4: of the way of the centres, against the variance; seed = that of ml.manual_seed }
-- @return a model: model:fit(x) gives model.centers [clusters, columns], model.fitted.labels, model.fitted.inertia; model(x) the distances to the
--         centers [rows, clusters]; model:predict(x) the clusters of rows, from 1
-- @usage ml.kmeans { n_clusters = 2 }:fit(ml.tensor { { 1.0 }, { 2.0 }, { 8.0 }, { 9.0 } }).fitted.inertia   --> 1.0
function KMeans:init(o)
  o = self:configure(o, { "centers" })
  if o.init ~= "k-means++" and not core.is_tensor(o.init) then
    blame.raise("ml.kmeans: init must be 'k-means++' or a tensor of centers, got %s", blame.show(o.init))
  end
end

--- Fits the model: from the beginning, whatever it was fitted to before.
-- @param x    a tensor [rows, columns] of floating point, or a data set, whose y are not looked at
-- @param how  { weight = one number from 0 on for each row }
-- @return the model, built, with model.fitted = { labels =, inertia =, iterations =, converged =, seconds =, notes = }
-- @error NaN (its row and column are named), more clusters than rows
-- @usage ml.kmeans { n_clusters = 2 }:fit(ml.tensor { { 1.0 }, { 2.0 }, { 8.0 }, { 9.0 } }).centers:mean()   --> 5
function KMeans:fit(x, how) return Model.fit(self, x, nil, how) end

-- Centers to begin with, less the mean; nil where they are drawn.
local function given_centers(self, p, mean)
  local init, k = self.settings.init, self.settings.n_clusters
  if init == "k-means++" then return nil end
  if init:dim() ~= 2 or init:size(1) ~= k or init:size(2) ~= p.columns then
    blame.raise("ml.kmeans: init must be [%d, %d], got [%s]", k, p.columns, table.concat(init.shape, ", "))
  end
  return problem.matrix("ml.kmeans", init):to "float64" - mean
end

-- One beginning: { centers =, labels =, inertia =, iterations =, converged = }.
local function run(self, p, mean, given, number)
  local o = self.settings
  local one = { centers = given and given:clone() or core.zeros({ o.n_clusters, p.columns }, DOUBLE), labels = core.zeros({ p.rows }, { dtype = "int64" }) }
  one.inertia, one.iterations, one.converged = core.kmeans(p.x, p.weight, mean, one.centers, one.labels,
    { key = not given and core.random_key(o.seed or seed.value, "kmeans", number) or nil, tolerance = o.tol, most = o.max_iter })
  return one
end

function KMeans:solve(p)
  local o = self.settings
  if o.n_clusters > p.rows then blame.raise("ml.kmeans: n_clusters is %d, but there are %d rows", o.n_clusters, p.rows) end
  local mean = core.means(p.x)
  local given = given_centers(self, p, mean)
  local best
  for i = 1, given and 1 or o.n_init do
    local one = run(self, p, mean, given, i)
    if not best or one.inertia < best.inertia then best = one end
  end
  self:set("centers", best.centers + mean)
  local filled = ops.bincount(best.labels, { minlength = o.n_clusters }):gt(0):sum():item()
  local notes = {}
  if filled < o.n_clusters then notes[1] = ("%d clusters are empty: there are only %d different rows"):format(o.n_clusters - filled, filled) end
  if not best.converged then notes[#notes + 1] = ("the centers still moved after %d iterations"):format(best.iterations) end
  return { labels = best.labels, inertia = best.inertia, iterations = best.iterations, converged = best.converged, notes = notes }
end

function KMeans:forward(x)
  x = self:input(x)
  if x:size(2) ~= self.centers:size(2) then error(("ml.kmeans: fitted to %d columns, got %d"):format(self.centers:size(2), x:size(2)), 0) end
  local distances = {}
  for k = 1, self.centers:size(1) do distances[k] = (x - self.centers:select(1, k)):square():sum(2):sqrt() end
  return ops.stack(distances, 2)
end

--- The cluster of each row.
-- @param x  a tensor [rows, columns]
-- @return int64 [rows], from 1
function KMeans:predict(x) return self(x):argmin(2) end

return KMeans
