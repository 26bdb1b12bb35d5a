-- Fewer points that look the same: curves keep the first, lowest, highest and last value of each column, clouds become bins that
-- know how many points lie in them. What comes out is bounded and depends on the values alone.

local thin = {}

local COLUMNS = 1024 -- of a curve; no picture is drawn with more
local CURVE = 4 * COLUMNS
local BINS_ACROSS, BINS_DOWN = 120, 75

--- Points up to this many are drawn one by one.
thin.CLOUD = 4000

local function every(x, y, limit)
  local out_x, out_y, step = {}, {}, math.ceil(#x / limit)
  for i = 1, #x, step do out_x[#out_x + 1], out_y[#out_y + 1] = x[i], y[i] end
  return out_x, out_y
end

--- Thins a curve.
-- @param x, y    places from 0 to 1; a NaN in y is a gap
-- @param curves  that share the plot
-- @return x, y   the same lists where they are short
function thin.curve(x, y, curves)
  local limit = math.max(64, CURVE // curves)
  if #x <= limit then return x, y end
  local columns, out_x, out_y = limit // 4, {}, {}
  local n, last, current = 0, 0, nil -- last: of the four already written
  local function keep(i)
    if i > last then n, last, out_x[n + 1], out_y[n + 1] = n + 1, i, x[i], y[i] end
  end
  local first, lowest, highest, latest
  local function flush()
    if not first then return end
    keep(first)
    keep(math.min(lowest, highest))
    keep(math.max(lowest, highest))
    keep(latest)
  end
  for i = 1, #x do
    local column = x[i] // (1 / columns)
    if column ~= current then
      flush()
      current, first, lowest, highest, latest = column, i, i, i, i
    else
      local value = y[i]
      if y[lowest] ~= y[lowest] or value < y[lowest] then lowest = i end
      if y[highest] ~= y[highest] or value > y[highest] then highest = i end
      if value == value then latest = i end
    end
  end
  flush()
  if n > 2 * limit then return every(x, y, limit) end -- x goes back and forth
  return out_x, out_y
end

-- 1 for a single point to 4 for the fullest bins.
local function level_of(count, most)
  if most <= 1 then return 1 end
  return math.min(4, 1 + math.floor(math.log(count) / math.log(most) * 3.999))
end

-- How many points of a cloud lie in each bin.
local function counts_of(cloud, across, down)
  local counts = {}
  for i = 1, #cloud.x do
    local bin = math.min(down - 1, cloud.y[i] * down // 1 | 0) * across + math.min(across - 1, cloud.x[i] * across // 1 | 0)
    counts[bin] = (counts[bin] or 0) + 1
  end
  return counts
end

--- Counts clouds of points in bins; a bin belongs to the cloud with the most points in it.
-- @param clouds  a list of { x =, y = places from 0 to 1 }
-- @param panels  that share the picture
-- @return a list of { x =, y =, level = } of the bins that belong to each
function thin.clouds(clouds, panels)
  local across = math.max(14, BINS_ACROSS // panels ^ 0.5 | 0)
  local down = math.max(11, BINS_DOWN // panels ^ 0.5 | 0)
  local counts, out, most = {}, {}, 0
  for k, cloud in ipairs(clouds) do
    counts[k], out[k] = counts_of(cloud, across, down), { x = {}, y = {}, level = {} }
    for _, count in pairs(counts[k]) do most = math.max(most, count) end
  end
  for bin = 0, across * down - 1 do
    local best, best_count
    for k = 1, #clouds do
      local count = counts[k][bin]
      if count and (not best or count > best_count) then best, best_count = out[k], count end
    end
    if best then
      local n = #best.x + 1
      best.x[n], best.y[n], best.level[n] = (bin % across + 0.5) / across, (bin // across + 0.5) / down, level_of(best_count, most)
    end
  end
  return out
end

return thin
