--- Naive Bayes: each column speaks for itself, given the class. As scikit-learn's GaussianNB, MultinomialNB and BernoulliNB.

local core = require "moonlab.core"
local Model = require "moonlab.classical.model"
local blame = require "moonlab.blame"
local likelihood = require "moonlab.classical.likelihood"
local options = require "moonlab.options"

local ops = core.ops
local DOUBLE = { dtype = "float64" }

local read = options("ml.naive_bayes", {
  { "kind", { "gaussian", "multinomial", "bernoulli" }, "gaussian" }, { "alpha", "number", 1.0 }, { "var_smoothing", "number", 1e-9 },
  { "binarize", "number", 0.0 }, { "fit_prior", "boolean", true },
}, "ml.naive_bayes {kind = 'multinomial'}")
local NaiveBayes = Model:kind("ml.naive_bayes", { tasks = { "binary", "multiclass" }, wants = "classes", loss_name = "cross_entropy", takes_sparse = true }, read)

local TENSORS = { gaussian = { "mean", "variance", "prior" }, multinomial = { "weight", "bias" }, bernoulli = { "weight", "bias" } }

--- @param o  { kind = "gaussian": numbers; "multinomial": counts of words and the like; "bernoulli": whether numbers are above binarize = 0;
--           alpha = 1: added to each count; var_smoothing = 1e-9: this share of the largest variance is added to all; fit_prior = true: classes
--           are as frequent as in the training rows; false: all alike }
-- @return a model: model:fit(x, y), model:predict(x), model:predict_proba(x)
-- @usage ml.naive_bayes():fit(ml.tensor { { 1.0 }, { 2.0 }, { 8.0 }, { 9.0 } }, { 1, 1, 2, 2 }):predict(ml.tensor { { 0.0 }, { 7.0 } })   --> 1  2
function NaiveBayes:init(o)
  o = self:configure(o, TENSORS[o and o.kind or "gaussian"] or {})
  if not (o.alpha > 0 and o.alpha < math.huge) then blame.raise("ml.naive_bayes: alpha must be a number above 0, got %s", blame.show(o.alpha)) end
  if not (o.var_smoothing >= 0) then blame.raise("ml.naive_bayes: var_smoothing must be a number from 0 on, got %s", blame.show(o.var_smoothing)) end
end

-- The weighted sum over the rows of each class, [K, p] of [n, p].
local function by_class(p, values)
  if core.is_sparse(values) then return values:sum_groups(p.y, p.classes, p.weight) end
  if p.weight then values = values * p.weight:unsqueeze(2) end
  return core.zeros({ p.classes, values:size(2) }, DOUBLE):index_add_(1, p.y, values)
end

-- Of the whole, without weights, as scikit-learn's var_smoothing has it.
local function largest_variance(x) return (x - x:mean(1)):square():mean(1):max():item() end

local function fit_gaussian(self, p, x, mass)
  local empty = mass:eq(0):unsqueeze(2)
  local safe = mass:unsqueeze(2) + empty:to "float64"
  local mean = by_class(p, x) / safe
  local added = self.settings.var_smoothing * largest_variance(x)
  local variance = by_class(p, (x - mean:index_select(1, p.y)):square()) / safe + added + empty:to "float64"
  if variance:min():item() == 0 then
    local at = variance:min(1):argmin():item()
    blame.raise("ml.naive_bayes: column %d%s does not vary within a class\n  hint: leave it out, or var_smoothing above 0", at,
      p.names and (" (%s)"):format(p.names[at]) or "")
  end
  self:set("mean", mean)
  self:set("variance", variance)
end

local function refuse_negative(p, x)
  if core.is_sparse(x) then
    if x:entries() == 0 or x:values():min():item() >= 0 then return end
    x = x:dense()
  end
  if x:min():item() >= 0 then return end
  local at = x:flatten():argmin():item() - 1
  local column = at % p.columns + 1
  blame.raise("ml.naive_bayes: counts are from 0 on, but x is %g in row %d, column %d%s", x:min():item(), at // p.columns + 1, column,
    p.names and (" (%s)"):format(p.names[column]) or "")
end

local function fit_multinomial(self, p, x, _, prior)
  refuse_negative(p, x)
  local counts = by_class(p, x) + self.settings.alpha
  self:set("weight", counts:log() - counts:sum(2):unsqueeze(2):log())
  self:set("bias", prior)
end

local function above(self, x)
  if core.is_sparse(x) then return x:with_values(x:values():gt(self.settings.binarize):to "float64") end
  return x:gt(self.settings.binarize):to "float64"
end

-- x as the kind reads it: sparse where what is not there counts as 0.
local function readable(self, x)
  local o = self.settings
  if not core.is_sparse(x) then return x:to "float64" end
  return (o.kind == "gaussian" or o.kind == "bernoulli" and o.binarize < 0) and x:dense() or x
end

local function fit_bernoulli(self, p, x, mass, prior)
  local alpha = self.settings.alpha
  local all = mass:unsqueeze(2) + 2 * alpha
  local there = by_class(p, above(self, x)) + alpha
  local absent = (all - there):log() - all:log()
  self:set("weight", there:log() - all:log() - absent)
  self:set("bias", prior + absent:sum(2))
end

local FIT = { gaussian = fit_gaussian, multinomial = fit_multinomial, bernoulli = fit_bernoulli }

function NaiveBayes:solve(p)
  local x = readable(self, p.x)
  local mass = by_class(p, core.ones({ p.rows, 1 }, DOUBLE)):squeeze(2)
  local prior = likelihood.prior(self.settings.fit_prior and mass or mass:gt(0):to "float64")
  FIT[self.settings.kind](self, p, x, mass, prior)
  if self.settings.kind == "gaussian" then self:set("prior", prior) end
  return { iterations = 0, converged = true, notes = likelihood.note(p.counts) }
end

-- Densities of all columns together, class by class: [m, K].
local function gaussian(self, x)
  local scores = {}
  for k = 1, self.mean:size(1) do
    local variance = self.variance:select(1, k)
    local constant = (variance * (2 * math.pi)):log():sum()
    scores[k] = -((x - self.mean:select(1, k)):square() / variance):sum(2) / 2 - constant / 2
  end
  return ops.stack(scores, 2) + self.prior
end

function NaiveBayes:forward(x)
  x = readable(self, self:input(x))
  local kind, fitted = self.settings.kind, self.weight or self.mean
  if x:size(2) ~= fitted:size(2) then error(("ml.naive_bayes: fitted to %d columns, got %d"):format(fitted:size(2), x:size(2)), 0) end
  if kind == "bernoulli" then x = above(self, x) end
  if core.is_sparse(x) then return likelihood.normalised(x:product(self.weight:detach()) + self.bias:detach()) end
  return likelihood.normalised(kind == "gaussian" and gaussian(self, x) or ops.linear(x, self.weight, self.bias))
end

return NaiveBayes
