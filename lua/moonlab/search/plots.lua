--- What a search shows besides its table: what each setting explains, and the scores over the one that explains most.

local plot = require "moonlab.plot"
local domain = require "moonlab.search.domain"
local importance = require "moonlab.search.importance"
local space_text = require "moonlab.space"

local plots = {}

local LEAST_POINTS, HEIGHT = 6, 10
local SETTINGS = 6 -- that have a figure of their own

local function bars(shares, o)
  local list = {}
  for i, one in ipairs(shares) do list[i] = { one.name, one.share } end
  return tostring(plot.bar(list, { title = ("what the settings explain of the differences in %s"):format(o.select), width = o.width, utf8 = o.utf8 }))
end

-- The space of this key as the trials called it, its values (of a list as texts) and their scores.
local function points_of(trials, key)
  local space, values, scores = nil, {}, {}
  for _, trial in ipairs(trials) do
    for _, entry in ipairs(trial.entries) do
      if trial.first and domain.key(entry) == key then
        space, values[#values + 1], scores[#scores + 1] = entry, entry.values and space_text.shown(entry) or entry.value, trial.first
      end
    end
  end
  return space, values, scores
end

-- Points of a range; of a list the table says it better.
local function scatter(trials, best, o)
  local space, values, scores = points_of(trials, best.key)
  if space.values or #values < LEAST_POINTS then return nil end
  return tostring(plot.scatter(values, scores, { x_label = space.name, y_label = o.select, log = space.kind == "log_uniform" and "x" or nil,
    width = o.width, height = HEIGHT, utf8 = o.utf8 }))
end

--- The plots as text, or nil where there is nothing to show.
-- @param trials  what Trials.run gave
-- @param o       { select = the metric, width =, utf8 =, points = whether scores are shown as points }
function plots.text(trials, o)
  local shares = importance.of(trials)
  if #shares == 0 then return nil end
  return bars(shares, o) .. (o.points and "\n\n" .. (scatter(trials, shares[1], o) or "") or "")
end

-- Scores over the values of a setting: points of a range, boxes of a list.
local function over(trials, share, o)
  local space, values, scores = points_of(trials, share.key)
  if not space.values then
    return function() return plot.scatter(values, scores, { x_label = share.name, y_label = o.select, log = space.kind == "log_uniform" and "x" or nil }) end
  end
  return function() return plot.box(scores, { by = values, x_label = o.select }) end
end

--- The figures of the page: the scores in the order of the trials, what each setting explains, the scores over those that explain most.
-- @param trials  what Trials.run gave
-- @param o       { select = the metric }
-- @return a list of { title, function() -> a plot }
function plots.figures(trials, o)
  local shares, out, numbers, scores, bars = importance.of(trials), {}, {}, {}, {}
  for _, trial in ipairs(trials) do
    if trial.first then numbers[#numbers + 1], scores[#scores + 1] = trial.number, trial.first end
  end
  if #scores > 1 then out[1] = { "Trials in their order", function() return plot.scatter(numbers, scores, { x_label = "trial", y_label = o.select }) end } end
  for i, one in ipairs(shares) do bars[i] = { one.name, one.share } end
  if #shares > 0 then out[#out + 1] = { "What the settings explain", function() return plot.bar(bars, { x_label = "part of the differences" }) end } end
  for i = 1, math.min(SETTINGS, #shares) do out[#out + 1] = { shares[i].name, over(trials, shares[i], o) } end
  return out
end

return plots
