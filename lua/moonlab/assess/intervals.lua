--- 95 % intervals for all scores of a part at once, cheap enough to stand beside each of them: the resamples of ml.assess.bootstrap, drawn once
-- for all metrics, and as many as their rows allow.

local bootstrap = require "moonlab.assess.bootstrap"
local metrics = require "moonlab.metrics"

local intervals = {}

local LEVEL, MOST = 0.95, 400        -- resamples
local ROWS = 4e6                     -- that are drawn in all
local FEW, FEWEST = 200, 50          -- fewer have no tails to be read off, but a deviation; with fewer still, neither
local NORMAL = 1.959963984540054

-- How many resamples of so many rows are drawn; nil where none are.
local function samples_for(rows)
  local n = math.min(MOST, ROWS // math.max(rows, 1))
  return n >= FEWEST and math.tointeger(n) or nil
end

local function is_of_rows(name) return metrics.is(name) and name ~= "loss" and name ~= "perplexity" end

-- The ends for one score; nil where they have no width: of rows that are all right, resamples tell nothing of the error of others.
local function ends_of(value, list, samples)
  if not value or #list * 2 < samples then return nil end
  local low, high
  if samples < FEW then
    local se = bootstrap.deviation(list)
    low, high = value - NORMAL * se, value + NORMAL * se
  else
    table.sort(list)
    low, high = bootstrap.percentile(list, LEVEL)
  end
  return low < high and { low = low, high = high } or nil
end

--- Intervals for the scores of a part: where they would lie with other rows of the same kind, for the same model.
-- @param names   of metrics; those that are no metric of rows are passed over
-- @param result  what metrics.evaluate gave
-- @param o       { seed =, group = one a row, or nil: whole groups are drawn }
-- @return { level =, samples =, by = name -> { low =, high = }, grouped = whether groups were drawn }; nil where outputs are not kept,
--         there are more rows than is cheap, or no interval has a width
function intervals.of(names, result, o)
  local samples = (result.y or result.labels) and result.rows > 1 and samples_for(result.rows)
  if not samples then return nil end
  local chosen, lists = {}, {}
  for _, name in ipairs(names) do
    if is_of_rows(name) and not lists[name] then chosen[#chosen + 1], lists[name] = { name = name, score = metrics.reader(name) }, {} end
  end
  bootstrap.each(result, { samples = samples, seed = o.seed, group = o.group }, function(resample)
    for _, one in ipairs(chosen) do
      local list = lists[one.name]
      list[#list + 1] = one.score(resample)
    end
  end)
  local out = { level = LEVEL, samples = samples, grouped = o.group ~= nil, by = {} }
  for _, one in ipairs(chosen) do out.by[one.name] = ends_of(one.score(result), lists[one.name], samples) end
  return next(out.by) and out
end

--- How they were made, in words.
function intervals.by(found) return ("by the bootstrap, %d resamples%s"):format(found.samples, found.grouped and " of whole groups" or "") end

--- What is said of them below the scores.
function intervals.text(found) return ("in parentheses: %g %% intervals %s"):format(found.level * 100, intervals.by(found)) end

return intervals
