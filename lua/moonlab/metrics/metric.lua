--- How a metric is declared, named and called. Each is declared once, in the file of its family, and can then be asked for by name
-- ("f1_macro", "f_beta(beta=2)") of what evaluate gave, or called with predictions or with a model.

local blame = require "moonlab.blame"
local options = require "moonlab.options"
local suggest = require "moonlab.suggest"
local Result = require "moonlab.metrics.result"

local metric = { names = {} }

local by_name = {}

-- Names ------------------------------------------------------------------------------------------------------------------

local function value_of(text)
  if text == "true" then return true end
  if text == "false" then return false end
  return math.tointeger(tonumber(text)) or tonumber(text) or text
end

-- "f_beta(beta=2)" -> "f_beta", { beta = 2 }
local function parse(text)
  local name, inside = text:match "^%s*([%w_]+)%s*%((.*)%)%s*$"
  if not name then return text, {} end
  local o = {}
  for entry in inside:gmatch "[^,]+" do
    local key, value = entry:match "^%s*([%w_]+)%s*=%s*(.-)%s*$"
    if not key then blame.raise("metric '%s': options stand in it as in f_beta(beta=2)", text) end
    o[key] = value_of(value)
  end
  return name, o
end

local function find(name)
  local m = by_name[name]
  if not m then blame.raise("%s", suggest.unknown("metric", name, metric.names)) end
  return m
end

-- A metric and its options, of a name or of { name = "f_beta", beta = 2 }.
local function read(given)
  local name, o
  if type(given) == "table" then
    o = {}
    for key, value in pairs(given) do o[key] = value end
    name, o.name = o.name, nil
  else
    name, o = given, nil
  end
  if type(name) ~= "string" then blame.raise("a metric is a name, or a table as { name = \"f_beta\", beta = 2 }; got %s", blame.show(given)) end
  if not o then name, o = parse(name) end
  local m = find(name)
  return m, m.parse(o)
end

-- The same of a metric and its options.
function metric.name_of(m, o)
  local parts = {}
  for _, declared in ipairs(m.options) do
    local value = o[declared[1]]
    if value ~= nil and value ~= declared[3] then parts[#parts + 1] = ("%s=%s"):format(declared[1], value) end
  end
  return #parts > 0 and ("%s(%s)"):format(m.name, table.concat(parts, ", ")) or m.name
end

--- The name of a metric with its options in it, by which it is asked for and reported.
-- @param given  a name, or a table { name =, and options of the metric }
-- @return a string: "f_beta(beta=2)"
-- @error an unknown metric, an unknown option
-- @usage ml.metrics.name { name = "f_beta", beta = 2 }   --> f_beta(beta=2)
function metric.name(given)
  return metric.name_of(read(given))
end

--- Whether a name is that of a metric.
function metric.is(name) return (pcall(read, name)) end

--- What a metric looks at: "classes", "probabilities" and "scores" of classes, "label_scores" of any number of labels, "values" of numbers, "loss".
function metric.looks_at(name) return by_name[parse(name)].needs end

--- Whether a larger value of a metric is the better one.
function metric.larger_is_better(name)
  local m = by_name[parse(name)]
  return not (m and m.smaller)
end

-- What a metric says of a result: a number (or what it is made to give), or nil and why it is undefined.
local function answer(m, result, o)
  local lacks = Result.lacks(result, result.labels and m.of_labels or m.needs)
  if lacks then return nil, lacks end
  local value, why = m.of(result, o)
  if value ~= value then return nil, "it is no number: an output or a target is infinite, or too large" end
  return value, why
end

--- The function(result) of a metric, for many results.
-- @param name  a name, or { name =, options }
function metric.reader(name)
  local m, o = read(name)
  return function(result) return answer(m, result, o) end
end

--- A metric by name of what evaluate gave.
-- @param name    a name, or { name =, options }
-- @param result  what evaluate gave
-- @return a number, or nil and why it is undefined
function metric.of(name, result) return metric.reader(name)(result) end

-- Declarations -------------------------------------------------------------------------------------------------------------

local COMMON = { { "weight", "any" }, { "classes", "count" }, { "batch", "count" }, { "pixels", "boolean" } } -- of the direct form

local function with_common(own)
  return table.move(COMMON, 1, #COMMON, #own + 1, table.move(own, 1, #own, 1, {}))
end

local function is_model(value) return type(value) == "table" and type(value.forward) == "function" end

--- Makes the direct form: f(predicted, actual, options) or f(model, set, options).
-- @param m  { name =, needs = what of a result it is made of, of_labels = the same where rows have labels, any number of them each (nil: it is
--           not for these), options = own options, of = function(result, o) -> value, why, ready = function(o) that raises for what is missing }
function metric.direct(m)
  local read_options = options("metrics." .. m.name, with_common(m.options or {}))
  return function(predicted, actual, o)
    o = read_options(o)
    if m.ready then m.ready(o) end
    local result
    if is_model(predicted) then
      result = require "moonlab.metrics.evaluate".evaluate(predicted, actual,
        { classes = m.needs ~= "values" and o.classes, values = m.needs == "values", labels = m.of_labels ~= nil, pixels = o.pixels, batch = o.batch })
    else
      result = Result.given(m, predicted, actual, o)
    end
    return answer(m, result, o)
  end
end

--- Declares a metric that is a number.
-- @param m  as for direct, and smaller = true where smaller is better
-- @return its direct form
function metric.define(m)
  m.options = m.options or {}
  local read_options = options(("metric '%s'"):format(m.name), m.options)
  m.parse = function(o)
    local parsed = read_options(o)
    if m.ready then m.ready(parsed) end
    return parsed
  end
  by_name[m.name] = m
  metric.names[#metric.names + 1] = m.name
  return metric.direct(m)
end

return metric
