--- Probabilities that mean what they say: a map from a model's scores to probabilities, fitted to rows that did not train the model and will not
-- judge it (the validation part, or rows held out of folds).

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local options = require "moonlab.options"
local Result = require "moonlab.metrics.result"

local calibration = {}

local ops = core.ops

local Calibrator = { __name = "Calibrator" }
Calibrator.__index = Calibrator

-- What is mapped for a class: of two the difference of their scores, of more the logarithm of the class's probability.
local function column(result, class)
  if Result.classes(result) == 2 then return Result.scores(result, 2) end
  return Result.log_probabilities(result):select(2, class):contiguous()
end

local function mapped_classes(result) return Result.classes(result) == 2 and { 2 } or nil end

-- f(result, class) -> what is fitted, for each class that is mapped.
local function each_class(result, f)
  local list = {}
  if mapped_classes(result) then return { f(result, 2) } end
  for class = 1, Result.classes(result) do list[class] = f(result, class) end
  return list
end

-- Platt ------------------------------------------------------------------------------------------------------------------------------

-- Targets that a sure model would have to reach, 1 and 0 drawn in by what the counts allow.
local function targets(hits, weight)
  local positives = (hits * weight):sum():item()
  local negatives = weight:sum():item() - positives
  local high, low = (positives + 1) / (positives + 2), 1 / (negatives + 2)
  return hits * (high - low) + low
end

-- sum w (softplus(z) - t z) at z = a f + b
local function sigmoid_loss(f, t, weight, a, b)
  local z = f * a + b
  return (weight * (z:softplus() - t * z)):sum():item()
end

-- The step of Newton's method from a, b, as a multiple of which the loss falls.
local function newton_step(f, t, weight, a, b)
  local p = (f * a + b):sigmoid()
  local r, v = weight * (p - t), weight * p * (1 - p)
  local ga, gb = (r * f):sum():item(), r:sum():item()
  local aa, ab, bb = (v * f * f):sum():item() + 1e-12, (v * f):sum():item(), v:sum():item() + 1e-12
  local det = aa * bb - ab * ab
  if det <= 0 then return ga, gb, ga, gb end
  return (bb * ga - ab * gb) / det, (aa * gb - ab * ga) / det, ga, gb
end

local function fit_sigmoid(result, class)
  local f, hits = column(result, class), result.y:eq(class):double()
  local weight = result.weight or core.ones({ #hits }, { dtype = "float64" })
  local t = targets(hits, weight)
  local a, b = 0, math.log((hits * weight):sum():item() + 1) - math.log(((1 - hits) * weight):sum():item() + 1)
  local loss = sigmoid_loss(f, t, weight, a, b)
  for _ = 1, 100 do
    local da, db, ga, gb = newton_step(f, t, weight, a, b)
    if ga * da + gb * db <= 1e-10 * loss then -- so near that the whole step ends within rounding
      a, b = a - da, b - db
      break
    end
    local step, fell = 1, false
    while not fell and step > 1e-10 do
      local next_loss = sigmoid_loss(f, t, weight, a - step * da, b - step * db)
      fell = next_loss < loss + 1e-4 * -step * (ga * da + gb * db)
      if fell then a, b, loss = a - step * da, b - step * db, next_loss end
      step = step / 2
    end
    if not fell then break end
  end
  return { a = a, b = b }
end

-- Isotonic ---------------------------------------------------------------------------------------------------------------------------

-- The corners of a rising line: points whose neighbours have both the same height tell nothing.
local function corners(x, y)
  local xs, ys, out = x:tolist(), y:tolist(), { x = {}, y = {} }
  for i = 1, #xs do
    if i == 1 or i == #xs or ys[i] ~= ys[i - 1] or ys[i] ~= ys[i + 1] then
      out.x[#out.x + 1], out.y[#out.y + 1] = xs[i], ys[i]
    end
  end
  return out
end

-- Of each step of a sum, what it adds.
local function added(sums) return ops.cat({ sums:slice(1, 1, 1), sums:slice(1, 2, -1) - sums:slice(1, 1, -2) }, 1) end

local function fit_isotonic(result, class)
  local mapped = { rows = result.rows, y = result.y, weight = result.weight, scores = column(result, class), cache = {} }
  local x, positives, negatives = Result.steps(mapped, class)
  if #x > 1 then positives, negatives = added(positives), added(negatives) end
  local weight = positives + negatives
  local there = weight:gt(0)
  x, positives, weight = x:masked_select(there):flip(1), positives:masked_select(there):flip(1), weight:masked_select(there):flip(1)
  return corners(x, core.isotonic((positives / weight):contiguous(), weight:contiguous()))
end

-- The height of a line of corners at each of v; beyond its ends that of the end.
local function interpolate(line, v)
  local x, y = core.tensor(line.x, { dtype = "float64" }), core.tensor(line.y, { dtype = "float64" })
  local m = #line.x
  if m == 1 then return v * 0 + line.y[1] end
  v = v:clamp(line.x[1], line.x[m])
  local after = x:searchsorted(v):clamp(2, m)
  local x1, x2 = x:index_select(1, after - 1), x:index_select(1, after)
  local y1, y2 = y:index_select(1, after - 1), y:index_select(1, after)
  return y1 + (y2 - y1) * ((v - x1) / (x2 - x1))
end

-- Temperature ------------------------------------------------------------------------------------------------------------------------

-- The derivative of the mean loss by the inverse temperature, and its own derivative.
local function slopes(result, z, mine, inverse)
  local p = ops.softmax(z * inverse, 2)
  local mean = (p * z):sum(2)
  return Result.mean(result, mean - mine), Result.mean(result, (p * z * z):sum(2) - mean:square())
end

local COLDEST, HOTTEST = 1e4, 1e-4 -- inverse temperatures

-- Newton's method for the root of a rising function, within bounds that close in on it.
local function fit_temperature(result)
  local z = Result.log_probabilities(result)
  local mine = z:gather(2, result.y:reshape { -1, 1 }):reshape { -1 }
  if (slopes(result, z, mine, HOTTEST)) >= 0 then return nil, "the scores tell nothing of the classes: no temperature is best" end
  if (slopes(result, z, mine, COLDEST)) <= 0 then return nil, "every row is answered right: no temperature is best" end
  local low, high, inverse = HOTTEST, COLDEST, 1
  for _ = 1, 200 do
    local slope, curve = slopes(result, z, mine, inverse)
    if slope < 0 then low = inverse else high = inverse end
    local wanted = inverse - slope / curve
    if not (wanted > low and wanted < high) then wanted = math.sqrt(low * high) end
    if math.abs(wanted - inverse) <= 1e-14 * inverse then break end
    inverse = wanted
  end
  return { temperature = 1 / inverse }
end

-- All --------------------------------------------------------------------------------------------------------------------------------

local parse = options("assess.calibrate", { { "method", { "sigmoid", "isotonic", "temperature" } } }, 'ml.assess.calibrate(result, {method = "isotonic"})')

--- Fits the map from scores to probabilities. sigmoid: 1 / (1 + exp(-(a f + b))) of the score f (Platt 1999, with his targets and the solver of Lin
-- et al. 2007); isotonic: the rising line nearest to what came (Zadrozny and Elkan 2002), for some hundred rows and more; temperature: scores by one
-- number (Guo et al. 2017), which changes no answer. sigmoid and isotonic of more than two classes map each against the rest, and bring the sum to 1.
-- @param result  what metrics.evaluate gave for rows that neither trained the model nor will judge it
-- @param o       { method = "sigmoid" of two classes, "temperature" of more }
-- @return a calibrator: plain data with a method apply; nil and why where nothing can be fitted
-- @usage local calibrated = ml.assess.calibrate(ml.metrics.evaluate(model, valid)):apply(ml.metrics.evaluate(model, test))
function calibration.calibrate(result, o)
  local method = parse(o).method
  local lacks = Result.lacks(result, "probabilities")
  if lacks then return nil, lacks end
  local classes = Result.classes(result)
  method = method or classes == 2 and "sigmoid" or "temperature"
  for class = 1, classes do
    if method ~= "temperature" and not result.y:eq(class):any():item() then return nil, ("no row is of class %d"):format(class) end
  end
  local fitted, why
  if method == "temperature" then fitted, why = fit_temperature(result)
  else fitted = { maps = each_class(result, method == "sigmoid" and fit_sigmoid or fit_isotonic) }
  end
  if not fitted then return nil, why end
  fitted.method, fitted.classes, fitted.rows = method, classes, result.rows
  fitted = setmetatable(fitted, Calibrator)
  calibration.fitted_on[fitted] = result.y
  return fitted
end

-- The rows that calibrators were fitted to, while both are there.
calibration.fitted_on = setmetatable({}, { __mode = "k" })

--- A calibrator of the plain data that one is: what was written as JSON, for one.
-- @param data  a table with method, classes and what was fitted
function calibration.calibrator(data)
  local copy = {}
  for key, value in pairs(data) do copy[key] = value end
  return setmetatable(copy, Calibrator)
end

local function map_one(self, map, f)
  if self.method == "sigmoid" then return (f * map.a + map.b):sigmoid() end
  return interpolate(map, f)
end

-- Of each class [n, C]; where all are 0 each gets its part.
local function mapped(self, result)
  if self.classes == 2 then
    local p = map_one(self, self.maps[1], column(result, 2))
    return ops.stack({ 1 - p, p }, 2)
  end
  local list = {}
  for class, map in ipairs(self.maps) do list[class] = map_one(self, map, column(result, class)) end
  local p = ops.stack(list, 2)
  local sum = p:sum({ 2 }, { keepdim = true })
  return ops.where(sum:gt(0), p / sum, 1 / self.classes)
end

--- The result with calibrated probabilities, whatever rows it is of.
-- @param result  outputs; y may be missing where classes says how many there are
function Calibrator:map(result)
  if Result.classes(result) ~= self.classes then blame.raise("calibrator: it is for %d classes, not %d", self.classes, Result.classes(result)) end
  local out = { rows = result.rows, y = result.y, weight = result.weight, classes = self.classes, calibrated = self.method }
  if self.method ~= "temperature" then out.probabilities = mapped(self, result)
  else out.output = Result.log_probabilities(result) / self.temperature
  end
  return out
end

--- The result with calibrated probabilities: what metrics.of, ml.assess.bootstrap and the rest take.
-- @param result  what metrics.evaluate gave for other rows
-- @return a result
-- @error the rows that the calibrator was fitted to; another number of classes
function Calibrator:apply(result)
  local lacks = Result.lacks(result, "probabilities")
  if lacks then blame.raise("calibrator: %s", lacks) end
  if calibration.fitted_on[self] == result.y then
    blame.raise "calibrator: it was fitted to these rows, so that they can't judge it; apply it to rows of another part"
  end
  return self:map(result)
end

return calibration
