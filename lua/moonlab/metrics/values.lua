--- Metrics of numbers that are asked for. Several columns of targets count as one long column.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local metric = require "moonlab.metrics.metric"
local Result = require "moonlab.metrics.result"

local values = {}

-- Of each row, the mean over its columns.
local function by_row(x) return x:dim() > 1 and x:flatten(2):mean(2) or x end

-- Declares the mean of one number a row, f(predicted, actual, options); after(mean) is what is given.
local function define(m)
  m.of = function(result, o)
    local problem = m.problem and m.problem(result)
    if problem then return nil, problem end
    local rows = Result.kept(result, metric.name_of(m, o), function() return by_row(m.rows(result.output, result.y, o)) end)
    local mean = Result.mean(result, rows)
    return m.after and m.after(mean) or mean
  end
  m.needs = "values"
  return metric.define(m)
end

local function square(predicted, actual) return (predicted - actual):square() end
local function distance(predicted, actual) return (predicted - actual):abs() end

--- The mean squared error.
-- @param predicted, actual  numbers [N], or a model and a data set
-- @param o                  { weight = one a row }
-- @usage ml.metrics.mse({2.5, 0, 2, 8}, {3, -0.5, 2, 7})   --> 0.375
values.mse = define { name = "mse", smaller = true, rows = square }

--- The root of the mean squared error.
-- @param predicted, actual  numbers [N], or a model and a data set
-- @param o                  { weight = one a row }
-- @usage ml.metrics.rmse({2.5, 0, 2, 8}, {3, -0.5, 2, 7})   --> 0.61237
values.rmse = define { name = "rmse", smaller = true, rows = square, after = math.sqrt }

--- The mean absolute error.
-- @param predicted, actual  numbers [N], or a model and a data set
-- @param o                  { weight = one a row }
-- @usage ml.metrics.mae({2.5, 0, 2, 8}, {3, -0.5, 2, 7})   --> 0.5
values.mae = define { name = "mae", smaller = true, rows = distance }

--- The mean absolute error in parts of the target; 0.1 is ten percent.
-- @param predicted, actual  numbers [N], or a model and a data set
-- @param o                  { weight = one a row }
-- @return a number; nil and why where a target is 0
-- @usage ml.metrics.mape({2.5, 1, 2, 8}, {3, 0.5, 2, 7})   --> 0.32738
values.mape = define {
  name = "mape", smaller = true,
  problem = function(result)
    local row = Result.kept(result, "zero", function() return Result.first(result.y:eq(0)) or false end)
    return row and ("the target of row %d is 0"):format(row) or nil
  end,
  rows = function(predicted, actual) return distance(predicted, actual) / actual:abs() end,
}

--- The pinball loss of a quantile (Koenker and Bassett 1978): errors of targets above the prediction count `quantile`, of those below it
-- 1 - quantile.
-- @param predicted, actual  numbers [N], or a model and a data set
-- @param o                  { quantile = 0.5, weight = one a row }
-- @usage ml.metrics.quantile_loss({2.5, 0, 2, 8}, {3, -0.5, 2, 7}, { quantile = 0.9 })   --> 0.15
values.quantile_loss = define {
  name = "quantile_loss", smaller = true, options = { { "quantile", "number", 0.5 } },
  ready = function(o)
    if not (o.quantile > 0 and o.quantile < 1) then blame.raise("quantile_loss: quantile must be between 0 and 1, got %s", o.quantile) end
  end,
  rows = function(predicted, actual, o)
    local above = actual - predicted
    return core.ops.maximum(above * o.quantile, above * (o.quantile - 1))
  end,
}

local function flat_weight(result)
  local weight, y = result.weight, result.y
  if y:dim() == 1 then return weight end
  return weight:reshape { #y, 1 }:expand { #y, y:numel() // #y }:reshape { -1 }
end

-- The value at and after which half of the weight lies; the mean of two values where exactly half lies up to one.
local function weighted_median(x, weight)
  local sorted, rows = x:sort(1)
  local sums = weight:index_select(1, rows):cumsum(1)
  local half = sums:select(1, #sums):item() / 2
  local at = sums:lt(half):sum():item() + 1
  local value = sorted:select(1, at):item()
  if sums:select(1, at):item() > half then return value end
  local after = sums:le(half):sum():item() + 1
  return (value + sorted:select(1, math.min(after, #sorted)):item()) / 2
end

--- The median absolute error: half of the rows are no farther off.
-- @param predicted, actual  numbers [N], or a model and a data set
-- @param o                  { weight = one a row }
-- @usage ml.metrics.median_ae({2.5, 0, 2, 8}, {3, -0.5, 2, 7})   --> 0.5
values.median_ae = metric.define {
  name = "median_ae", smaller = true, needs = "values",
  of = function(result)
    local off = Result.kept(result, "distances", function() return distance(result.output, result.y):reshape { -1 } end)
    if result.weight then return weighted_median(off, flat_weight(result)) end
    return require "moonlab.quantiles".quantile(off, 0.5):item()
  end,
}

-- Whether the rows that count have one value: their mean may be beside it by rounding.
local function all_equal(y, weight)
  if weight then y = y:masked_select(weight:gt(0)) end
  return #y == 0 or y:min():item() == y:max():item()
end

--- The part of the targets' variance that is explained: 1 - the squared errors by those of the mean of the rows that are assessed.
-- @param predicted, actual  numbers [N], or a model and a data set
-- @param o                  { weight = one a row }
-- @return a number up to 1; nil and why where all targets are equal
-- @usage ml.metrics.r2({2.5, 0, 2, 8}, {3, -0.5, 2, 7})   --> 0.94861
values.r2 = metric.define {
  name = "r2", needs = "values",
  of = function(result)
    local y, off = result.y:reshape { -1 }, Result.kept(result, "squares", function() return square(result.output, result.y):reshape { -1 } end)
    local around, errors
    if result.weight then
      local weight = flat_weight(result)
      around = ((y - (y * weight):sum():item() / weight:sum():item()):square() * weight):sum():item()
      errors = (off * weight):sum():item()
    else
      around, errors = (y - y:mean()):square():sum():item(), off:sum():item()
    end
    if around == 0 or all_equal(y, result.weight and flat_weight(result)) then return nil, "all targets are equal" end
    return 1 - errors / around
  end,
}

return values
