--- features.pca: principal components.

local blame = require "moonlab.blame"
local core = require "moonlab.core"
local decomposition = require "moonlab.features.decomposition"
local eigenvectors = require "moonlab.features.eigenvectors"
local Feature = require "moonlab.features.feature"
local numeric = require "moonlab.features.numeric"

local TINY = 10 * 2.0 ^ -52 -- a component without variance is not scaled up
local TALL, NARROW, LARGE = 10, 1000, 1e6 -- rows for each field, fields and numbers of a block for which solver = "auto" takes the covariance

local function is_share(n) return n and n > 0 and n < 1 end

local function check(o, where)
  if o.n and not is_share(o.n) and not (math.tointeger(o.n) and o.n >= 1) then
    blame.raise("%s: n must be a number of components from 1 or a share of the variance between 0 and 1, got %s", where, blame.show(o.n))
  end
  if is_share(o.n) and o.solver == "randomized" then
    blame.raise("%s: a share of the variance needs solver = 'full' or 'covariance'; 'randomized' does not find all of it", where)
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

-- The solver that "auto" is.
local function solver_of(o, rows, fields, n)
  local covariance = rows >= TALL * fields and fields <= NARROW and rows * fields >= LARGE
  return o.solver == "auto" and covariance and "covariance" or decomposition.solver(o, rows, fields, n)
end

-- Each way gives the mean, variances (as many as it finds), vectors and the variance of all fields together ---------------------------------

local function by_covariance(table_, names, n, key)
  local c, mean = core.covariance(numeric.unchecked(table_, names))
  if not mean:isfinite():all():item() then numeric.block(table_, names, "pca") end -- says where
  local variances, vh = eigenvectors.largest(c, n, key)
  return mean, variances:clamp(0), decomposition.flipped(vh), c:diagonal():sum():item()
end

local function by_vectors(table_, names, solver, n, key)
  local values = numeric.block(table_, names, "pca")
  local mean = values:mean(1)
  local centred, over = values - mean, math.max(#values - 1, 1)
  local s, vh = decomposition.of(centred, solver, n, key)
  return mean, s:square() / over, vh, centred:square():sum():item() / over
end

local function fit(table_, names, o, context)
  if #names == 0 then blame.raise "features.pca: there is no column of numbers" end
  local rows, fields = #table_, #numeric.fields_of(table_, names)
  local most = math.min(rows, fields)
  local n = not is_share(o.n) and (o.n and math.tointeger(o.n) or most) or nil
  if n and n > most then
    blame.raise("features.pca: %d components of %d rows and %d fields; there are at most %d", n, rows, fields, most)
  end
  local solver, key = solver_of(o, rows, fields, n), core.random_key(context.seed or 0, "pca")
  local mean, variances, vh, total
  if solver == "covariance" then mean, variances, vh, total = by_covariance(table_, names, n or most, key)
  else mean, variances, vh, total = by_vectors(table_, names, solver, n or most, key) end
  variances = variances:tolist()
  n = n or count_for(variances, o.n)
  local state = { name = Feature.free_name(table_, "pca"), mean = mean:tolist(), components = vh:slice(1, 1, n):tolist(),
    variances = table.move(variances, 1, n, 1, {}), explained = {} }
  for i, v in ipairs(state.variances) do state.explained[i] = total > 0 and v / total or 0.0 end
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
-- columns of different units want features.standardize before. solver = "full" is the SVD in float64; "covariance", for many rows, has the
-- eigenvectors of the columns' covariance, whose products are float32 where the columns are, so that components with less than about 1e-6 (of
-- float64: 1e-14) of the largest variance are noise; "randomized" (Halko et al. 2011, drawn from the recipe's seed) is for few components of
-- many columns; "auto" takes "covariance" for a million numbers and more of up to 1000 columns with ten times as many rows, "randomized"
-- where rows and columns are more than 500 both, else "full".
-- @param o  { n = all: a number of components, or a share of the variance below 1 that they exceed, whiten = false: true gives each
--           deviation 1, solver = "auto", "full", "covariance" or "randomized", columns = names; all numbers if not given }
-- @return a spec for a recipe's features; features.pca(8) is features.pca { n = 8 }
-- @error more components than rows or columns
-- @usage features = { features.standardize(), features.pca(0.95) }
return Feature.kind { name = "pca", options = { { "n", "number" }, { "whiten", "boolean", false }, { "solver", { "auto", "full", "covariance", "randomized" }, "auto" } },
  first = { "n", "number" }, check = check, takes = numeric.TYPES, wants = "numbers", fit = fit, apply = decomposition.apply }
