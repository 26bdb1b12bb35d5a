-- A time series that is put together from known pieces: data.make_series.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local options = require "moonlab.options"
local made = require "moonlab.data.synthetic.made"

local series = {}

local parse = options("make_series", {
  { "n", "count", 365 }, { "level", "number", 0.0 }, { "trend", "number", 0.0 }, { "seasons", "table", {} }, { "noise", "number", 0.0 },
  { "missing", "number", 0.0 }, { "seed", "integer" },
}, "data.make_series{n = 365, trend = 0.01, seasons = {{period = 7, amplitude = 2}}, noise = 0.5}")

local parse_season = options("make_series: a season", { { "period", "number" }, { "amplitude", "number", 1.0 }, { "phase", "number", 0.0 } },
  "{period = 7, amplitude = 2, phase = 0}")

local function seasons(o, steps)
  local sum = core.zeros(o.n, { dtype = "float64" })
  for i, given in ipairs(o.seasons) do
    local season = parse_season(given)
    if not season.period or season.period <= 0 then
      blame.raise("make_series: season %d needs a period above 0, in steps; got %s", i, blame.show(season.period))
    end
    sum = sum + ((steps + season.phase) * (2 * math.pi / season.period)):sin() * season.amplitude
  end
  return sum
end

-- NaN in a share of the rows, drawn by chance.
local function with_gaps(o, values, key)
  local count = math.floor(o.n * o.missing + 0.5)
  if count == 0 then return values end
  local rows = core.random_permutation(core.random_key(key, "missing"), o.n):slice(1, 1, count)
  return values:index_fill(1, rows, 0 / 0)
end

--- A time series: level + trend * t + a sine for each season + noise, with some values missing (NaN). t is 0, 1, ...
-- @param o  { n = 365: steps, level = 0, trend = 0 (a step), seasons = { { period = 7, amplitude = 1, phase = 0 }, ... } (in steps), noise = 0
--           (deviation), missing = 0 (share), seed = }
-- @return a data set in the order of time { x [1] (t), y, time (1, 2, ...), trend, season, noise: what y is the sum of }, tagged synthetic
-- @usage local set = data.make_series { n = 100, trend = 0.1, seasons = { { period = 7, amplitude = 2 } }, noise = 0.3, missing = 0.05 }
function series.make_series(o)
  o = parse(o)
  made.check_range("make_series", o, "noise", 0)
  made.check_range("make_series", o, "missing", 0, 1)
  local key = made.root("make_series", o.seed)
  local steps = core.arange(1, o.n, { dtype = "float64" }) - 1
  local trend, season = steps * o.trend + o.level, seasons(o, steps)
  local noise = made.noisy(core.zeros(o.n, { dtype = "float64" }), o.noise, core.random_key(key, "noise"))
  return made.set("make_series", o, {
    x = steps:to("float32"):unsqueeze(2), y = with_gaps(o, (trend + season + noise):to "float32", key), time = core.arange(1, o.n),
    trend = trend:to "float32", season = season:to "float32", noise = noise:to "float32",
  })
end

return series
