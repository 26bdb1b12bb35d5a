--- ml.plot.learning_curve: training and validation by epoch.

local blame = require "moonlab.blame"
local line = require "moonlab.plot.line"
local metrics = require "moonlab.metrics"
local number = require "moonlab.plot.number"
local scene = require "moonlab.plot.scene"
local settings = require "moonlab.plot.settings"
local values = require "moonlab.plot.values"

local read = settings.reader("plot.learning_curve", { { "metric", "string", "loss" } }, "ml.plot.learning_curve(run.records)")

-- The records that have a field, as a curve; nil where none has.
local function curve_of(name, records, field, x)
  local group = { name = name, values = {}, x = {}, record = {} }
  for i, record in ipairs(records) do
    if type(record[field]) == "number" then
      local n = #group.values + 1
      group.values[n], group.x[n], group.record[n] = record[field], x[i], i
    end
  end
  return #group.values > 0 and group or nil
end

-- The record that was kept: the last one that says so, or else the best of the validation.
local function best_of(records, group, larger_is_better)
  for i = #records, 1, -1 do
    if records[i].best then return i end
  end
  local best, at
  for n, value in ipairs(group.values) do
    if values.finite(value) and (not best or larger_is_better and value > best or not larger_is_better and value < best) then
      best, at = value, group.record[n]
    end
  end
  return at
end

local function mark_best(panel, group, number_of_series, record)
  for n, i in ipairs(group.record) do
    if i == record and values.finite(group.values[n]) then
      local x, y = panel.x:place(group.x[n]), panel.y:place(group.values[n])
      table.insert(panel.marks, 1, scene.guide(x, 0, x, 1))
      table.insert(panel.marks, { type = "points", series = number_of_series, x = { x }, y = { y }, size = 1.6 })
      return group.x[n], group.values[n]
    end
  end
end

--- Draws how training and validation went by epoch, the best epoch marked.
-- @param records  a list of { epoch =, loss =, valid_loss =, best = }, as a run logs them; what is missing is left out
-- @param options  { metric = "loss": which one of those in the records, title =, x_label =, y_label =; of the text: width = the terminal's,
--                 height = 12, utf8 = by the locale }
-- @return a plot: print it, or plot:save "name.svg"
-- @error no record has the metric
-- @usage print(ml.plot.learning_curve { {epoch = 1, loss = 0.9, valid_loss = 0.8}, {epoch = 2, loss = 0.5, valid_loss = 0.6} })
return function(records, options)
  local o = read(options)
  if type(records) ~= "table" then blame.raise("plot.learning_curve: a list of records is needed, got %s", blame.show(records)) end
  local x, by = {}, records[1] and records[1].epoch and "epoch" or records[1] and records[1].step and "step" or "record"
  for i, record in ipairs(records) do x[i] = type(record) == "table" and record[by] or i end
  local groups = {}
  groups[1] = curve_of("train", records, o.metric, x)
  groups[#groups + 1] = curve_of("valid", records, "valid_" .. o.metric, x)
  if #groups == 0 then blame.raise("plot.learning_curve: no record has %s or valid_%s", o.metric, o.metric) end
  local panel, dropped = line.panel(groups, x, { x_label = o.x_label or by, y_label = o.y_label or o.metric, whole = true })
  local assessed = groups[#groups]
  local best = best_of(records, assessed, metrics.larger_is_better(o.metric))
  local at, value
  if best and #records > 1 then at, value = mark_best(panel, assessed, #groups, best) end
  return scene.of_panel(panel, o, at and ("best %s %s: %s %s %s"):format(by, number.short(at), assessed.name, o.metric,
    number.short(value)), values.note(dropped))
end
