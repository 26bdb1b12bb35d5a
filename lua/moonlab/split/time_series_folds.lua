-- Folds in which nothing later trains what is earlier: ml.split.time_series_folds.
--
-- The tested stretches follow one another at the end; each is tested by what came before it: all of that (an expanding window), or
-- the last rows of it (a sliding one). Without ties these are scikit-learn's TimeSeriesSplit.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local options = require "moonlab.options"
local spec = require "moonlab.split.spec"
local values = require "moonlab.split.values"

local time_series_folds = {}

local parse = options("time_series_folds", {
  { "test", "count" }, { "window", "count" }, { "gap", "integer", 0 }, { "time", "string" },
}, "ml.split.time_series_folds(5, {gap = 1})")

-- The rows in the order of time, and for each place in it where its time begins. Without times the rows stand in order.
local function in_order(fields, rows)
  local list, order, begin = rows:times(fields.time), {}, {}
  if not list then
    rows:refuse_copies "give the times"
    for i = 1, rows.n do order[i], begin[i] = i, i end
    return order, begin, rows.n
  end
  local starts
  order, starts = values.by_time(fields.kind, list)
  for i, start in ipairs(starts) do
    for place = start, (starts[i + 1] or rows.n + 1) - 1 do begin[place] = start end
  end
  return order, begin, #starts
end

local function stretch(order, from, to)
  local list = table.move(order, from, to, 1, {})
  table.sort(list)
  return core.tensor(list, { dtype = "int64" })
end

local function check_room(fields, rows, test)
  local first = rows.n - fields.k * test + 1
  if test < 1 or first - fields.gap < 2 then
    blame.raise("time_series_folds: %s are too few for %s of %s%s and one to train on", values.count(rows.n, "row"),
      values.count(fields.k, "fold"), values.count(math.max(test, 1), "row"), fields.gap > 0 and (", a gap of %d"):format(fields.gap) or "")
  end
  return first
end

-- A stretch begins where the time of its first row begins, so that rows of one time stay together.
local function make(fields, rows)
  local order, begin, times = in_order(fields, rows)
  local test, folds = fields.test or rows.n // (fields.k + 1), {}
  local first = check_room(fields, rows, test)
  for i = 1, fields.k do
    local place = first + (i - 1) * test
    local from, next_from = begin[place], i < fields.k and begin[place + test] or rows.n + 1
    local to = from - 1 - fields.gap
    if next_from <= from or to < 1 then
      blame.raise("time_series_folds: fold %d has no row to %s: %s have %s; fewer folds or larger ones are needed", i,
        to < 1 and "train on" or "test", values.count(rows.n, "row"), values.count(times, "different time"))
    end
    folds[i] = { train = stretch(order, fields.window and math.max(1, to - fields.window + 1) or 1, to), test = stretch(order, from, next_from - 1) }
  end
  return folds
end

--- Cross-validation in time: each fold tests a stretch by what came before it. Rows of one time stay together.
-- @param k  how many folds
-- @param o  { test = rows that a fold tests (n // (k + 1)), window = rows that train, the last ones before the gap (all of them),
--           gap = 0: rows between the two that are left out, time = the name of a column; without it, and without folds(set, {times = }),
--           the rows stand in the order of time }
-- @return a spec: spec:folds(set), spec:describe()
-- @error more folds than the rows or their times allow
-- @usage #ml.split.time_series_folds(3, { gap = 1 }):folds(20)[1].train   --> 4
function time_series_folds.time_series_folds(k, o)
  if math.type(k) ~= "integer" or k < 1 then
    blame.raise("time_series_folds: the number of folds must be a positive integer, got %s", blame.show(k))
  end
  o = parse(o)
  if o.gap < 0 then blame.raise("time_series_folds: the gap must be an integer from 0, got %d", o.gap) end
  o.kind, o.k = "time_series_folds", k
  return spec.new(o, make)
end

return time_series_folds
