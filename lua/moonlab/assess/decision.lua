--- How scores become answers: calibrated probabilities, and the class that costs least. Fitted to rows that neither trained the model nor will
-- judge it, kept with the model, applied to all that it says.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local calibration = require "moonlab.assess.calibration"
local suggest = require "moonlab.suggest"
local thresholds = require "moonlab.assess.threshold"
local Result = require "moonlab.metrics.result"

local decision = {}

local Decision = {}
Decision.__index = Decision

local NEVER = 2 -- a probability from which on class 2 is answered that none reaches; infinity is no JSON

-- Costs ------------------------------------------------------------------------------------------------------------------

local WORDS = { "false_positive", "false_negative" }

local function is_cost(value) return type(value) == "number" and value == value and value >= 0 and value < math.huge end

local function of_words(given)
  for name, value in pairs(given) do
    if name ~= WORDS[1] and name ~= WORDS[2] then blame.raise("cost: %s", suggest.unknown("error", tostring(name), WORDS)) end
    if not is_cost(value) then blame.raise("cost: %s must be a number from 0, got %s", name, blame.show(value)) end
  end
  local wrong, missed = given.false_positive or 1, given.false_negative or 1
  if wrong == 0 or missed == 0 then blame.raise "cost: an error that costs nothing would always be made: both must be above 0" end
  return { { 0, wrong }, { missed, 0 } }
end

--- The costs of a recipe as a matrix, cost[actual][predicted].
-- @param given  { false_positive = 1, false_negative = 5 } of two classes, or the matrix
-- @return rows of numbers
-- @error what is neither
function decision.costs(given)
  if next(given) == nil or type(next(given)) == "string" then return of_words(given) end
  for i = 1, #given do
    local row = given[i]
    if type(row) ~= "table" or #row ~= #given then blame.raise("cost: row %d must be a list of %d numbers, cost[actual][predicted]", i, #given) end
    for j = 1, #given do
      if not is_cost(row[j]) then blame.raise("cost: cost[%d][%d] must be a number from 0, got %s", i, j, blame.show(row[j])) end
    end
  end
  return given
end

-- Fitting ----------------------------------------------------------------------------------------------------------------

--- What the answers to rows cost, by the row.
-- @param result  what metrics.evaluate gave, or Decision:apply
-- @param costs   cost[actual][predicted]
function decision.cost_of(result, costs)
  local sum, rows = 0, 0
  for i, row in ipairs(Result.matrix(result)) do
    for j, n in ipairs(row) do sum, rows = sum + n * costs[i][j], rows + n end
  end
  return sum / rows
end

-- The classes of least expected cost (Elkan 2001).
local function least_cost(result, costs)
  local expected = Result.probabilities(result):matmul(core.tensor(costs, { dtype = "float64" }))
  return (-expected):argmax(2)
end

-- A result of the same rows, in which something of it is put anew.
local function changed(result, field, value)
  local out = Result.weighted(result, result.weight)
  out.cache, out.predicted, out.loss, out.classes = {}, nil, result.loss, result.classes
  out[field] = value
  return out
end

--- Fits it.
-- @param wish    { calibrate = a method of ml.assess.calibrate, or nil, costs = cost[actual][predicted], or nil }
-- @param result  the outputs for rows that neither trained the model nor will judge it
-- @param on      what rows these are, in words
-- @return a decision: :apply(result), :describe(), :text(classes); .problem = why something could not be fitted, or nil
function decision.fit(wish, result, on)
  local self = setmetatable({ on = on, rows = result.rows, costs = wish.costs, wish = wish.calibrate }, Decision)
  local before = result
  if wish.calibrate then
    self.calibrator, self.problem = calibration.calibrate(result, { method = wish.calibrate })
    if self.calibrator then result = self.calibrator:map(result) end
  end
  if not wish.costs then return self end
  local lacks = Result.lacks(result, "probabilities")
  if lacks then
    self.costs, self.problem = nil, self.problem or lacks
    return self
  end
  if #wish.costs == 2 then
    local found = thresholds.threshold(result, { cost = wish.costs })
    self.threshold = math.min(found.threshold, NEVER)
  end
  self.cost, self.cost_before = decision.cost_of(self:decided(result), wish.costs), decision.cost_of(changed(before, "matrix", nil), wish.costs)
  return self
end

-- Applying ---------------------------------------------------------------------------------------------------------------

--- The classes by costs, of probabilities that are calibrated already.
function Decision:decided(result)
  if self.threshold then return changed(result, "threshold", self.threshold) end
  if self.costs then return changed(result, "predicted", least_cost(result, self.costs)) end
  return result
end

--- The result of a model as it is answered.
-- @param result  what metrics.evaluate gave; y may be missing
-- @return a result
function Decision:apply(result)
  if not (result.output or result.probabilities) then return result end
  local loss = result.loss
  if self.calibrator then
    result = self.calibrator:map(result)
    result.loss = loss
  end
  return self:decided(result)
end

-- Keeping ----------------------------------------------------------------------------------------------------------------

--- Plain data that decision.of makes it of again.
function Decision:describe()
  local out = {}
  for key, value in pairs(self) do out[key] = value end
  return out
end

--- A decision of the plain data that one is; nil of nil.
function decision.of(data)
  if not data then return nil end
  local self = setmetatable({}, Decision)
  for key, value in pairs(data) do self[key] = value end
  self.calibrator = data.calibrator and calibration.calibrator(data.calibrator)
  return self
end

local function class_name(classes, class) return classes and classes[class] or "class " .. class end

--- In words, one line each.
-- @param classes  names, or nil
-- @return a list
function Decision:lines(classes)
  local out, on = {}, ("%s (%d rows)"):format(self.on, self.rows)
  if self.calibrator then out[1] = ("probabilities calibrated (%s) on %s"):format(self.calibrator.method, on) end
  if self.problem then out[#out + 1] = ("%s: %s"):format(self.wish and not self.calibrator and "NOT calibrated" or "NO threshold chosen", self.problem) end
  if not self.cost then return out end
  local before = ("a row costs %.4g there, %.4g without"):format(self.cost, self.cost_before)
  if not self.threshold then out[#out + 1] = ("the class of least expected cost is answered; on %s: %s"):format(on, before)
  elseif self.threshold > 1 then out[#out + 1] = ("%s is never answered: chosen by cost on %s: %s"):format(class_name(classes, 2), on, before)
  else out[#out + 1] = ("%s from a probability of %.4f on, chosen by cost on %s: %s"):format(class_name(classes, 2), self.threshold, on, before)
  end
  return out
end

return decision
