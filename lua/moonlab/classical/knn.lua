--- Nearest neighbours: what the most similar training rows say. As scikit-learn's KNeighborsClassifier and KNeighborsRegressor; all rows are
-- looked at, and of rows that are equally far the earlier one counts as nearer.

local core = require "moonlab.core"
local Either = require "moonlab.classical.kind_of_target"
local blame = require "moonlab.blame"
local likelihood = require "moonlab.classical.likelihood"
local options = require "moonlab.options"

local ops = core.ops

local read = options("ml.knn", { { "n_neighbors", "count", 5 }, { "weights", { "uniform", "distance" }, "uniform" }, { "p", "integer", 2 } },
  "ml.knn {n_neighbors = 3}")
local Knn = Either:kind("ml.knn", { tasks = { "regression", "binary", "multiclass" }, loss_name = false }, read)

--- Classes (int64) are voted for, numbers are averaged: which of them y is, decides. Columns want one scale: features.standardize() before.
-- @param o  { n_neighbors = 5, weights = "uniform", or "distance": a neighbour counts by 1 / its distance; p = 2: Euclid's distance, 1: the sum
--           of differences }
-- @return a model: model:fit(x, y), model:predict(x), model:predict_proba(x), model:neighbours(x, k)
-- @usage ml.knn { n_neighbors = 1 }:fit(ml.tensor { { 1.0 }, { 2.0 }, { 9.0 } }, { 1, 1, 2 }):predict(ml.tensor { { 0.0 }, { 7.0 } })   --> 1  2
function Knn:init(o)
  o = self:configure(o, { "x", "y", "classes" }, "buffer")
  if o.p ~= 1 and o.p ~= 2 then blame.raise("ml.knn: p must be 1 or 2, got %s", blame.show(o.p)) end
end

function Knn:solve(p)
  if p.weight then blame.raise "ml.knn: rows have no weights: each is a neighbour or none" end
  if self.settings.n_neighbors > p.rows then
    blame.raise("ml.knn: n_neighbors is %d, but there are %d rows", self.settings.n_neighbors, p.rows)
  end
  self:set("x", p.x.dtype == "float64" and p.x:clone() or p.x:to "float64")
  self:set("y", p.y:clone())
  self:set_classes(p)
  return { iterations = 0, converged = true, notes = p.counts and likelihood.note(p.counts) }
end

-- The nearest rows [m, k] of rows x, and how far they are.
local function nearest(self, x, k)
  x = self:input(x):contiguous()
  if x:size(2) ~= self.x:size(2) then error(("ml.knn: fitted to %d columns, got %d"):format(self.x:size(2), x:size(2)), 0) end
  local row, column = core.first_not_bounded(x)
  if row then error(("ml.knn: x is not a finite number, or too large, in row %d, column %d"):format(row, column), 0) end
  local rows, distance = core.zeros({ #x, k }, { dtype = "int64" }), core.zeros({ #x, k }, { dtype = "float64" })
  core.nearest(self.x:contiguous(), x, self.settings.p == 1, rows, distance)
  return rows, distance
end

--- The nearest training rows.
-- @param x  a tensor [m, columns]
-- @param k  how many; n_neighbors if not given
-- @return their numbers [m, k] (int64), the nearest first, and how far they are [m, k] (float64)
-- @usage ml.knn():fit(ml.arange(1, 9):unsqueeze(2):float(), ml.arange(1, 9)):neighbours(ml.tensor { { 3.2 } }, 2)   --> 3  4
function Knn:neighbours(x, k)
  k = k or self.settings.n_neighbors
  if not self:is_built() then blame.raise "ml.knn: the model is not fitted yet: model:fit(x, y)" end
  if math.type(k) ~= "integer" or k < 1 or k > #self.x then blame.raise("ml.knn: k must be from 1 to %d, got %s", #self.x, blame.show(k)) end
  return nearest(self, x, k)
end

-- How much each neighbour counts, [m, k]; where some are at the very place, they alone do.
local function votes(self, distance)
  if self.settings.weights == "uniform" then return core.ones(distance.shape, { dtype = "float64" }) end
  local there = distance:eq(0)
  local some = there:any(2):unsqueeze(2)
  return ops.where(some, there:to "float64", 1 / distance:masked_fill(there, 1))
end

function Knn:forward(x)
  local rows, distance = nearest(self, x, self.settings.n_neighbors)
  local said, vote, classes = self.y:index_select(1, rows:flatten()):reshape(rows.shape), votes(self, distance), self:class_count()
  local sum = vote:sum(2):unsqueeze(2)
  if not classes then return (said * vote):sum(2):unsqueeze(2) / sum end
  local counts = core.zeros({ #rows, classes }, { dtype = "float64" }):scatter_add(2, said, vote)
  return likelihood.log(counts / sum)
end

return Knn
