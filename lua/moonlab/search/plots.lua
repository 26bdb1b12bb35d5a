--- What a search shows besides its table: what each setting explains, and the scores over the one that explains most.

local plot = require "moonlab.plot"
local domain = require "moonlab.search.domain"
local importance = require "moonlab.search.importance"

local plots = {}

local LEAST_POINTS, HEIGHT = 6, 10

local function bars(shares, o)
  local list = {}
  for i, one in ipairs(shares) do list[i] = { one.name, one.share } end
  return tostring(plot.bar(list, { title = ("what the settings explain of the differences in %s"):format(o.select), width = o.width, utf8 = o.utf8 }))
end

-- The space of this key as the trials called it, its values and their scores.
local function points_of(trials, key)
  local space, values, scores = nil, {}, {}
  for _, trial in ipairs(trials) do
    for _, entry in ipairs(trial.entries) do
      if trial.first and domain.key(entry) == key then
        space, values[#values + 1], scores[#scores + 1] = entry, entry.value, trial.first
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

return plots
