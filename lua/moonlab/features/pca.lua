--- features.pca: principal components.

local blame = require "moonlab.blame"
local core = require "moonlab.core"
local decomposition = require "moonlab.features.decomposition"
local Feature = require "moonlab.features.feature"
local numeric = require "moonlab.features.numeric"

local TINY = 10 * 2.0 ^ -52 -- a component without variance is not scaled up

local function is_share(n) return n and n > 0 and n < 1 end

local function check(o, where)
  if o.n and not is_share(o.n) and not (math.tointeger(o.n) and o.n >= 1) then
    blame.raise("%s: n must be a number of components from 1 or a share of the variance between 0 and 1, got %s", where, blame.show(o.n))
  end
  if is_share(o.n) and o.solver == "randomized" then
    blame.raise("%s: a share of the variance needs solver = 'full'; 'randomized' does not find all of it", where)
  end
end

-- The number of components whose variances together exceed a share of all.
local function count_for(variances, share)
  local total, sum = 0.0, 0.0
  for _, v in ipairs(variances) do total = total + v end
  if total == 0 then return 1 end
  for i, v in ipairs(variances) do
    sum = sum + v / total
    if sum > share then return i end
  end
  return #variances
end

local function fit(table_, names, o, context)
  local values, fields = numeric.block(table_, names, "pca")
  local rows, most = #values, math.min(#values, #fields)
  local n = not is_share(o.n) and (o.n and math.tointeger(o.n) or most) or nil
  if n and n > most then
    blame.raise("features.pca: %d components of %d rows and %d fields; there are at most %d", n, rows, #fields, most)
  end
  local mean = values:mean(1)
  local solver = decomposition.solver(o, rows, #fields, n)
  local s, vh = decomposition.of(values - mean, solver, n or most, core.random_key(context.seed or 0, "pca"))
  local variances = (s:square() / math.max(rows - 1, 1)):tolist()
  n = n or count_for(variances, o.n)
  local state = { name = Feature.free_name(table_, "pca"), mean = mean:tolist(), components = vh:slice(1, 1, n):tolist(),
    variances = table.move(variances, 1, n, 1, {}) }
  if o.whiten then
    state.scale = {}
    for i, v in ipairs(state.variances) do
      local scale = math.sqrt(v)
      state.scale[i] = scale > TINY and scale or 1.0
    end
  end
  return state
end

--- The directions in which numbers vary most: pca1, pca2, ... in the place of the columns. scikit-learn's PCA, with its rule for signs;
-- columns of different units want features.standardize before. solver = "full" is the SVD in float64; "randomized" (Halko et al. 2011,
-- drawn from the recipe's seed) is for few components of many columns; "auto" takes it where rows and columns are more than 500 both.
-- @param o  { n = all: a number of components, or a share of the variance below 1 that they exceed, whiten = false: true gives each
--           deviation 1, solver = "auto", "full" or "randomized", columns = names; all numbers if not given }
-- @return a spec for a recipe's features; features.pca(8) is features.pca { n = 8 }
-- @error more components than rows or columns
-- @usage features = { features.standardize(), features.pca(0.95) }
return Feature.kind { name = "pca", options = { { "n", "number" }, { "whiten", "boolean", false }, { "solver", { "auto", "full", "randomized" }, "auto" } },
  first = { "n", "number" }, check = check, takes = numeric.TYPES, wants = "numbers", fit = fit, apply = decomposition.apply }
