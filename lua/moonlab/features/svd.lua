--- features.svd: truncated singular value decomposition.

local blame = require "moonlab.blame"
local core = require "moonlab.core"
local decomposition = require "moonlab.features.decomposition"
local Feature = require "moonlab.features.feature"
local numeric = require "moonlab.features.numeric"

local function fit(table_, names, o, context)
  local values, fields = numeric.block(table_, names, "svd")
  local most = math.min(#values, #fields)
  if o.n > most then blame.raise("features.svd: %d components of %d rows and %d fields; there are at most %d", o.n, #values, #fields, most) end
  local _, vh = decomposition.of(values, decomposition.solver(o, #values, #fields, o.n), o.n, core.random_key(context.seed or 0, "svd"))
  return { name = Feature.free_name(table_, "svd"), components = vh:slice(1, 1, o.n):tolist() }
end

--- As features.pca, but without taking off the mean, so that what is mostly 0 (features.hashing, features.one_hot) stays so:
-- scikit-learn's TruncatedSVD. Its fields are svd1, svd2, ...
-- @param o  { n = 2: components, solver = "auto", "full" or "randomized", columns = names; all numbers if not given }
-- @return a spec for a recipe's features; features.svd(8) is features.svd { n = 8 }
-- @error more components than rows or columns
-- @usage features = { features.hashing { n = 64 }, features.svd(8) }
return Feature.kind { name = "svd", options = { { "n", "count", 2 }, { "solver", { "auto", "full", "randomized" }, "auto" } }, first = { "n", "number" },
  takes = numeric.TYPES, wants = "numbers", fit = fit, apply = decomposition.apply }
