--- What a run says at its end: scores beside thresholds and baseline, the confusion matrix, the curves.

local intervals = require "moonlab.assess.intervals"
local plot = require "moonlab.plot"
local labels = require "moonlab.assess.labels"
local metrics = require "moonlab.metrics"
local letters = require "moonlab.plot.text"
local looks_at = require "moonlab.assess.looks_at"
local looks = require "moonlab.runs.looks"
local Progress = require "moonlab.train.progress"

local report = {}

--- A score with the digits that it is worth.
function report.score(value) return value and (("%.4f"):format(value):gsub("^%-(0%.0000)$", "%1")) or "undefined" end

--- The line of an epoch on stderr.
-- @param record  of the log
-- @param wish    the recipe's train: epochs or steps in all
-- @param names   of the metrics
function report.epoch(record, wish, names)
  local place = wish.steps and ("step %d/%d"):format(record.step, wish.steps) or ("epoch %d/%d"):format(record.epoch, wish.epochs)
  local parts = { ("%s  loss %.4f"):format(place, record.loss) }
  if record.valid_loss then parts[#parts + 1] = ("valid loss %.4f"):format(record.valid_loss) end
  for _, name in ipairs(names) do
    local value = record["valid_" .. name]
    if value and name ~= "loss" then parts[#parts + 1] = ("%s %.4f"):format(name, value) end
  end
  parts[#parts + 1] = ("%.0f/s"):format(record.rows_per_second)
  parts[#parts + 1] = record.seconds < 60 and ("%.1fs"):format(record.seconds) or Progress.duration(record.seconds)
  if record.best then parts[#parts + 1] = "best" end
  return table.concat(parts, "  ")
end

--- What is said of a model that was solved.
-- @param run  what job:fit gave
function report.solved(run)
  local fitted, parts = run.fitted, { ("solved in %.3f s"):format(run.seconds) }
  if fitted.iterations then parts[#parts + 1] = ("%d iterations"):format(fitted.iterations) end
  if fitted.converged == false then parts[#parts + 1] = "NOT converged" end
  for _, note in ipairs(fitted.notes or {}) do parts[#parts + 1] = note end
  return table.concat(parts, ", ")
end

-- "accept >= 0.92: met" for a threshold of this metric.
local function threshold(result, name)
  for _, one in ipairs(result.accept) do
    if one.metric == name then
      local sign = metrics.larger_is_better(name) and ">=" or "<="
      return ("accept %s %s: %s"):format(sign, one.threshold, one.met and "met" or "MISSED")
    end
  end
end

local function scores(result, lines)
  local names, seen = {}, {}
  for _, name in ipairs(result.metrics) do names[#names + 1], seen[name] = name, true end
  for _, one in ipairs(result.accept) do
    if not seen[one.metric] then names[#names + 1] = one.metric end
  end
  local width = 16
  for _, name in ipairs(names) do width = math.max(width, #name) end
  for _, name in ipairs(names) do
    local line = ("%s %-" .. width .. "s %s"):format(result.part, name, report.score(result.scores[name]))
    local ends = result.intervals and result.intervals.by[name]
    if ends then line = line .. (" (%s to %s)"):format(report.score(ends.low), report.score(ends.high)) end
    if result.why[name] then line = line .. "  (" .. result.why[name] .. ")" end
    local accept = threshold(result, name)
    if accept then line = line .. "   " .. accept end
    if result.baseline and result.baseline.scores[name] then
      line = line .. ("   baseline %s (always %s)"):format(report.score(result.baseline.scores[name]),
        result.baseline.class)
    end
    for _, one in ipairs(result.naive or {}) do
      if one.scores[name] then line = line .. (", %s (%s)"):format(report.score(one.scores[name]), one.name) end
    end
    lines[#lines + 1] = line
  end
end

-- A name in a column of its own, whatever letters it has.
local function named(name) return letters.left(letters.cut(letters.clean(name), 22, "…"), 22) end

-- A line for each source, group or label, with its scores by these names.
local function by_part(some, names, lines)
  for _, one in ipairs(some or {}) do
    local parts = { ("  %s %6d rows"):format(named(one.name), one.rows) }
    for _, name in ipairs(names) do parts[#parts + 1] = ("%s %s"):format(name, report.score(one.scores[name])) end
    lines[#lines + 1] = table.concat(parts, "  ")
  end
end

local function curves(records, terminal, lines)
  if #records < 2 then return end
  local width = math.min(terminal.columns or 80, 100)
  lines[#lines + 1] = ""
  lines[#lines + 1] = tostring(plot.learning_curve(records, { title = "loss by epoch", width = width, height = 10, utf8 = terminal.utf8 }))
end

local COLUMNS = 8 -- that are named

-- What the model looks at.
local function importance(result, lines)
  local found = result.looks_at
  if not found then return end
  lines[#lines + 1] = ""
  lines[#lines + 1] = looks_at.text(found)
  for i = 1, math.min(COLUMNS, #found.columns) do
    local one = found.columns[i]
    lines[#lines + 1] = ("  %s %9s +- %s"):format(named(one.name), report.score(one.mean), report.score(one.std))
  end
  local more = #found.columns - COLUMNS
  if more > 0 then lines[#lines + 1] = ("  %d more %s"):format(more, more == 1 and "column" or "columns") end
end

--- The report on stdout.
-- @param result    what assess gave
-- @param run       what the trainer gave
-- @param terminal  { stdout_tty, columns, utf8 }: a pipe gets no curves
-- @return a string
function report.text(result, run, terminal)
  local lines = {}
  scores(result, lines)
  for _, line in ipairs(result.decision and result.decision:lines(result.classes) or {}) do lines[#lines + 1] = line end
  if result.cost then lines[#lines + 1] = ("%s cost of a row    %.4g"):format(result.part, result.cost) end
  if result.intervals then lines[#lines + 1] = intervals.text(result.intervals) end
  by_part(result.by_label, labels.NAMES, lines)
  by_part(result.by_source, result.metrics, lines)
  by_part(result.by_group, result.metrics, lines)
  if result.look then lines[#lines + 1] = looks.text(result.look) end
  if result.matrix then
    lines[#lines + 1] = ""
    lines[#lines + 1] = tostring(plot.confusion(result.matrix, {
      classes = result.classes, width = terminal.stdout_tty and terminal.columns or 80, utf8 = terminal.utf8,
    }))
  end
  importance(result, lines)
  if terminal.stdout_tty then curves(run.records, terminal, lines) end
  lines[#lines + 1] = ""
  return table.concat(lines, "\n")
end

return report
