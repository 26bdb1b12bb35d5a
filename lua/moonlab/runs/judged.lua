--- Rows that a model was judged on, of a run or of all folds of a cross-validation: what it said of them, where they stand in what was
-- read, and what they have in common.

local core = require "moonlab.core"
local intervals = require "moonlab.assess.intervals"
local identity = require "moonlab.runs.identity"
local groups = require "moonlab.recipe.groups"
local labels = require "moonlab.assess.labels"
local metrics = require "moonlab.metrics"
local pooled = require "moonlab.assess.pooled"
local Result = require "moonlab.metrics.result"
local tables = require "moonlab.recipe.tables"

local judged = {}

-- The set that a part is a part of, as it was read.
local function root(set)
  while set and set.parent do set = set.parent end
  return set
end

-- Where the rows of a part stand in what was read; of windows of a series that is where what is asked for begins.
local function positions(job, part)
  local set = job.parts[part]
  return identity.positions(job, part) or set.first_steps and set:first_steps() or nil
end

--- Those of a run.
-- @param job     what was prepared
-- @param result  what job:judge gave, or nil
-- @return { recipe =, classes = names or nil, result = outputs, matrix =, metrics = names, rows = positions in what was read (nil: as they stand),
--         places = positions in table, table = the clean rows, set = that they are of, where there is no table, in_set = positions in it (nil: as they
--         stand), by_label =, by_source =, by_group =,
--         fold = of each row, of folds alone }; nil where nothing was judged
function judged.of_run(job, result)
  if not result then return nil end
  local parts = job.parts
  return { recipe = job.recipe, classes = job.classes, result = result.result, matrix = result.matrix, metrics = result.metrics,
    rows = positions(job, result.part), places = parts.places and parts.places[result.part], table = parts.table,
    set = not parts.table and root(parts[result.part]) or nil,
    in_set = (identity.positions(job, result.part)), by_label = result.by_label, by_source = result.by_source, by_group = result.by_group }
end

--- The outputs of a fold, with where its rows stand: what its process hands on.
-- @param job     of the fold
-- @param result  what job:judge gave
-- @return tensors by name
function judged.of_fold(job, result)
  local out = pooled.outputs(result.result)
  if not (out.y or out.labels or result.result.pictures) then return {} end
  out.rows, out.places = positions(job, result.part), job.parts.places and job.parts.places[result.part]
  return out
end

local function fold_numbers(folds)
  local list = {}
  for k, fold in ipairs(folds) do list[k] = core.full({ fold.rows }, k, { dtype = "int64" }) end
  return core.ops.cat(list, 1)
end

-- The scores of the rows that have a name in common, from their outputs.
local function scores_of_some(list, result, names)
  local out = {}
  for _, one in ipairs(list or {}) do
    if #one.rows > 0 then
      local some = { name = one.name, rows = #one.rows, scores = {}, why = {} }
      local part = Result.part(result, one.rows)
      for _, name in ipairs(names) do some.scores[name], some.why[name] = metrics.of(name, part) end
      out[#out + 1] = some
    end
  end
  return #out > 1 and out or nil
end

--- Those of all folds.
-- @param recipe  the recipe
-- @param read    what prepare.read gave
-- @param plan    of the recipe
-- @param folds   what folds.run gave for each
-- @param list    what of_fold gave for each
-- @return as of_run
function judged.of_folds(recipe, read, plan, folds, list)
  local out = { recipe = recipe, metrics = plan.metrics, result = pooled.result(folds, list) }
  local result, tabular = out.result, tables(recipe)
  out.classes = tabular and read.target.classes or recipe.fields.data.source.classes
  out.rows, out.places = pooled.joined(list, "rows"), pooled.joined(list, "places")
  out.fold = (result.y or result.labels or result.pictures) and fold_numbers(folds)
  out.by_label = result.labels and labels.by_label(result, out.classes)
  out.matrix = result.matrix or result.y and result.y.dtype == "int64" and result.y:dim() == 1 and Result.matrix(result) or nil
  if not tabular then
    out.set, out.in_set = root(read.given.train), out.rows
    local by_source, by_group = groups.of(recipe, out.rows and out.set:part(out.rows) or out.set)
    out.by_source, out.by_group = scores_of_some(by_source, result, out.metrics), scores_of_some(by_group, result, out.metrics)
  elseif out.places then
    out.table = read.cleaned.table
    local by_source, by_group = tabular.kinds(recipe, out.table, { all = out.places })
    out.by_source = scores_of_some(by_source and by_source.all, result, out.metrics)
    out.by_group = scores_of_some(by_group and by_group.all, result, out.metrics)
  end
  return out
end

-- Which rows belong together: those of a group, or the answers to one row in several rounds of folds. nil where each stands for itself.
local function units(self)
  local group = self.recipe.fields.data.group
  if group and self.table then return self.table:rows(self.places):column(group):text():category().values end
  return self.fold and judged.times(self) > 1 and self.rows:tolist() or nil
end

--- Intervals for its scores: see assess/intervals.lua.
-- @param self   what of_run or of_folds gave
-- @param names  of metrics
function judged.intervals(self, names)
  return self.result and intervals.of(names, self.result, { seed = self.recipe.fields.seed, group = units(self) })
end

--- How often each row was judged: 1, or how many rounds of folds there were.
-- @param self  what of_folds gave
function judged.times(self)
  if not self.rows then return 1 end
  local sorted = self.rows:sort(1)
  local different = 1 + (#sorted > 1 and sorted:slice(1, 2, -1):ne(sorted:slice(1, 1, -2)):sum():item() or 0)
  return #sorted / different
end

return judged
