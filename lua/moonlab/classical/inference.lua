-- What a fitted linear model tells of its coefficients: standard errors, tests, intervals, as statsmodels has them; a table that prints itself.

local blame = require "moonlab.blame"
local distributions = require "moonlab.distributions"

local Inference = { __name = "moonlab.Inference" }
Inference.__index = Inference

local LEVEL = 0.05 -- outside of the intervals

local function names_of(model)
  local names = {}
  for j = 1, model.fitted_columns do names[j] = model.fitted.names and model.fitted.names[j] or "x" .. j end
  if model.settings.fit_intercept then names[#names + 1] = "intercept" end
  return names
end

local function values_of(model)
  local values = model.weight:reshape { -1 }:tolist()
  if model.settings.fit_intercept then values[#values + 1] = model.bias:item() end
  return values
end

-- p of both sides and how many errors the interval is wide on each, by Student's t, or where there is no df the normal distribution.
local function judge(df)
  if df then return function(t) return distributions.t_outside(t, df) end, distributions.t_bound(LEVEL, df) end
  return function(z) return 2 * distributions.normal_cdf(-math.abs(z)) end, distributions.normal_quantile(1 - LEVEL / 2)
end

--- @param model    a fitted linear model
-- @param title     what it is called above the table
-- @param errors    standard errors: of the weights, then of the intercept if there is one
-- @param df        of Student's t; nil for the normal distribution
-- @param figures   a list of { key, label, value }
-- @return { coefficients = list of { name =, value =, error =, statistic =, p =, low =, high = }, [key] = value of each figure }
function Inference.new(model, title, errors, df, figures)
  local p_of, width = judge(df)
  local self = setmetatable({ title = title, coefficients = {}, figures = figures, test = df and "t" or "z" }, Inference)
  local values = values_of(model)
  for j, name in ipairs(names_of(model)) do
    local value, e = values[j], errors[j]
    local statistic = value / e
    self.coefficients[j] = { name = name, value = value, error = e, statistic = statistic, p = p_of(statistic), low = value - width * e,
      high = value + width * e }
  end
  for _, figure in ipairs(figures) do self[figure[1]] = figure[3] end
  return self
end

--- Refuses a model that is not fitted, or whose kind of fit has no standard errors.
function Inference.require_fitted(model, has, why)
  if not model.fitted then blame.raise("%s: summary needs the fit itself: model:fit(x, y); a model that was loaded has lost it", model._name) end
  if not has then blame.raise("%s: there are no standard errors: %s", model._name, why) end
end

local function p_text(p) return p < 1e-4 and ("%.1e"):format(p) or ("%.4f"):format(p) end

function Inference:__tostring()
  local widest = 9
  for _, c in ipairs(self.coefficients) do widest = math.max(widest, #c.name) end
  local lines = { self.title, "" }
  local row = "%-" .. widest .. "s %12s %12s %9s %9s %12s %12s"
  lines[#lines + 1] = row:format("", "value", "error", self.test, "p", "2.5 %", "97.5 %")
  for _, c in ipairs(self.coefficients) do
    lines[#lines + 1] = row:format(c.name, ("%.6g"):format(c.value), ("%.4g"):format(c.error), ("%.3f"):format(c.statistic), p_text(c.p),
      ("%.5g"):format(c.low), ("%.5g"):format(c.high))
  end
  lines[#lines + 1] = ""
  for _, figure in ipairs(self.figures) do lines[#lines + 1] = ("%-24s %s"):format(figure[2], figure[3] and ("%.6g"):format(figure[3]) or "-") end
  return table.concat(lines, "\n")
end

return Inference
