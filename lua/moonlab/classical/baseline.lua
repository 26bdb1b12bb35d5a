--- Baselines: models that look at no column, or only at the last values of a series. What is not better than they are has learnt nothing.

local core = require "moonlab.core"
local Either = require "moonlab.classical.kind_of_target"
local blame = require "moonlab.blame"
local likelihood = require "moonlab.classical.likelihood"
local options = require "moonlab.options"

local DOUBLE = { dtype = "float64" }

local read = options("ml.baseline", { { "strategy", { "majority", "mean", "median", "last", "seasonal" } }, { "season", "count" } },
  "ml.baseline {strategy = 'seasonal', season = 24}")
local Baseline = Either:kind("ml.baseline", { tasks = { "regression", "binary", "multiclass" }, loss_name = false }, read)

local OF_SERIES = { last = true, seasonal = true }

--- @param o  { strategy = "majority": the most frequent class, with the shares of the classes as probabilities (the default for classes);
--           "mean" (the default for numbers) or "median"; of windows of a series (data.windows) "last": the last value goes on, or "seasonal": the
--           last `season` values come again; season = how many rows }
-- @return a model: model:fit(x, y) or model:fit(set), model:predict(x)
-- @usage ml.baseline():fit(ml.zeros(3, 1), { 1.0, 2.0, 6.0 }):predict(ml.zeros(1, 1))   --> 3.0
function Baseline:init(o)
  o = self.read(o)
  self:configure(o, OF_SERIES[o.strategy] and { "rows", "columns" } or { "answer", "classes" }, "buffer")
  if (o.strategy == "seasonal") ~= (o.season ~= nil) then
    blame.raise("ml.baseline: 'seasonal' and season belong together: ml.baseline {strategy = 'seasonal', season = 24}")
  end
end

-- Which rows of a window [input, k] are said again: the last one, or in turn those of the last season.
local function rows_again(input, output, season)
  if season > input then blame.raise("ml.baseline: season is %d, but a window has %d rows", season, input) end
  local rows = {}
  for i = 1, output do rows[i] = input - season + (i - 1) % season + 1 end
  return core.tensor(rows, { dtype = "int64" })
end

local function ready(self)
  self.fitted = { iterations = 0, converged = true, notes = {}, seconds = 0 }
  self._info.ready, self._info.built = true, true
  return self
end

local function is_windows(x) return type(x) == "table" and x.what == "windows" end

-- Windows x [n, input, k], y [n, output, targets] have nothing to be fitted but their sizes.
local function fit_series(self, x, y)
  local columns
  if is_windows(x) then
    local row = x:fetch(core.tensor { 1 })
    columns, x, y = x.targets, row.x, row.y
  end
  if not core.is_tensor(x) or not core.is_tensor(y) or x:dim() ~= 3 or y:dim() ~= 3 then
    blame.raise("ml.baseline: '%s' needs windows of a series, as data.windows gives", self.settings.strategy)
  end
  if not columns and x:size(3) ~= y:size(3) then blame.raise("ml.baseline: x has %d columns, but y has %d", x:size(3), y:size(3)) end
  self:set("rows", rows_again(x:size(2), y:size(2), self.settings.season or 1))
  self:set("columns", columns or core.arange(1, y:size(3)))
  return ready(self)
end

-- The mean of each step and column of what comes after a window, [output, targets].
local function fit_mean_of_windows(self, set)
  local sum, rows = nil, 0
  for batch in set:batches { size = 1024, pass = 0 } do
    local here = batch.y:double():sum(1)
    sum, rows = sum and sum + here or here, rows + batch.count
  end
  self:set("answer", sum / rows)
  self:set("classes", core.tensor { 0 })
  return ready(self)
end

function Baseline:fit(x, y, how)
  if OF_SERIES[self.settings.strategy] then return fit_series(self, x, y) end
  if self.settings.strategy == "mean" and is_windows(x) then return fit_mean_of_windows(self, x) end
  return Either.fit(self, x, y, how)
end

-- The value with half of the weight below it; between two, their mean.
local function median(p)
  local values, order = p.y:sort(1)
  local weight = p.weight and p.weight:index_select(1, order) or core.ones(p.rows, DOUBLE)
  local sum = weight:cumsum(1)
  local half = sum:select(1, p.rows):item() / 2
  local function at(mask) return values:select(1, mask:to("int64"):argmax():item()):item() end
  return (at(sum:ge(half)) + at(sum:gt(half))) / 2
end

function Baseline:solve(p)
  local strategy = self.settings.strategy or (p.classes and "majority" or "mean")
  if (strategy == "majority") ~= (p.classes ~= nil) then
    blame.raise("ml.baseline: '%s' is for %s", strategy, p.classes and "numbers" or "classes, integers from 1 (int64)")
  end
  local weight = p.weight or core.ones(p.rows, DOUBLE)
  if p.classes then self:set("answer", likelihood.prior(core.zeros({ p.classes }, DOUBLE):index_add(1, p.y, weight)))
  else
    local value = strategy == "median" and median(p) or (p.y * weight):sum():item() / weight:sum():item()
    self:set("answer", core.tensor({ value }, DOUBLE))
  end
  self:set_classes(p)
  return { iterations = 0, converged = true, notes = p.counts and likelihood.note(p.counts) }
end

function Baseline:forward(x)
  if OF_SERIES[self.settings.strategy] then
    if not self:is_built() then error("ml.baseline: the model is not fitted yet: model:fit(x, y)", 0) end
    return x:index_select(2, self.rows):index_select(3, self.columns)
  end
  x = self:input(x)
  self:class_count()
  return self.answer:unsqueeze(1):expand(#x, table.unpack(self.answer.shape)):contiguous()
end

return Baseline
