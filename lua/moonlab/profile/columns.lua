--- What a profile says of each column, from its sketch.

local core = require "moonlab.core"
local Column = require "moonlab.table.column"

local columns = {}

local BINS = 30
local TOP = 10       -- values that are shown
local FEW = 30       -- different integers that get a bar each

local SHARES = { 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99 }

-- Edges of a histogram from low to high, and how many values fall between them. Values beyond are left out and counted.
local function histogram(sketch, i, low, high, bins)
  local edges = {}
  for k = 0, bins do edges[k + 1] = low + (high - low) * k / bins end
  edges[bins + 1] = high
  local _, below = sketch:ranked(i, {}, edges)
  local counts = {}
  for k = 1, bins do counts[k] = below[k + 1] - below[k] end
  return { edges = edges, counts = counts, below = below }
end

-- Where the histogram begins and ends: at the extremes, or nearer where single values lie far out.
local function range(one, quantiles)
  local low, high, inner = one.min, one.max, quantiles[7] - quantiles[1]
  if inner > 0 and high - low > 20 * inner then
    low, high = math.max(low, quantiles[1] - inner / 2), math.min(high, quantiles[7] + inner / 2)
  end
  return low, high
end

-- Whole numbers that are few get a bin each, with the number in its middle.
local function bins_of(one, low, high)
  if one.type == "number" or one.type == "time" then return low, high, low == high and 1 or BINS end
  if high - low < BINS then return math.floor(low) - 0.5, math.ceil(high) + 0.5, math.ceil(high) - math.floor(low) + 1 end
  return low, high, BINS
end

local function fill_numbers(one, sketch, i)
  local quantiles = sketch:ranked(i, SHARES, {})
  one.q01, one.q05, one.q25, one.median, one.q75, one.q95, one.q99 = table.unpack(quantiles)
  local low, high = range(one, quantiles)
  local from, to, bins = bins_of(one, low, high)
  local h = histogram(sketch, i, from, to, bins)
  h.counts[1] = h.counts[1] + (from == one.min and h.below[1] or 0) -- the smallest value itself
  h.outside = one.count - one.infinite
  for _, count in ipairs(h.counts) do h.outside = h.outside - count end
  h.below = nil
  one.histogram = h
end

-- What lies beyond Tukey's fences and beyond three standard deviations.
local function outliers(one, sketch, i)
  local reach = 1.5 * (one.q75 - one.q25)
  local low, high = one.q25 - reach, one.q75 + reach
  local z_low, z_high = one.mean - 3 * (one.std or 0), one.mean + 3 * (one.std or 0)
  local function just_below(x) return x - math.abs(x) * 1e-15 - 1e-300 end
  local _, below = sketch:ranked(i, {}, { just_below(low), high, just_below(z_low), z_high })
  local n = one.count - one.infinite
  return { fences = { low, high }, iqr = below[1] + n - below[2], z = below[3] + n - below[4] }
end

-- Whole letters alone of a text that was cut somewhere.
local function whole(text)
  while #text > 0 and not utf8.len(text) and #text > 44 do text = text:sub(1, -2) end
  return text
end

-- The most frequent values; of single ones nothing is told.
local function top_of(one, given)
  local list, sum = {}, 0
  table.sort(given, function(a, b)
    if a.count ~= b.count then return a.count > b.count end
    if type(a.value) == "boolean" or type(b.value) == "boolean" then return tostring(a.value) < tostring(b.value) end
    return a.value < b.value
  end)
  local most = one.type == "integer" and one.distinct <= FEW and FEW or TOP
  for _, entry in ipairs(given) do
    if #list == most then break end
    if entry.count > 1 or one.distinct <= most then
      local value = entry.value
      if type(value) == "string" then value = entry.bytes > #value and whole(value) .. "…" or value end
      list[#list + 1], sum = { value = value, count = entry.count }, sum + entry.count
    end
  end
  return list, one.count - sum
end

--- The columns of a look.
-- @param look  what gather.look gave
-- @return a list of { name =, type =, rows =, count =, missing =, infinite =, distinct =, exact = is it, top = { { value =, count = }, ... },
--         others = values that are not among them, top_lost = what a count may lack, min =, ..., histogram =, outliers = }; of a text the
--         numbers are those of its length
function columns.of(look)
  local list = {}
  for i, name in ipairs(look.names) do
    local one = look.sketch:column(i)
    one.name, one.type, one.rows = name, look.types[i], look.rows
    one.distinct = math.min(one.distinct, one.count)
    one.top_lost, one.lost = one.lost, nil
    one.top, one.others = top_of(one, one.top)
    if one.min then
      fill_numbers(one, look.sketch, i)
      if one.type == "number" or one.type == "integer" then one.outliers = outliers(one, look.sketch, i) end
    end
    list[i] = one
  end
  return list
end

--- A value of a column as it is shown.
function columns.show(value, kind)
  if value == nil then return "" end
  if kind == "time" then return Column.new { type = "time", values = core.tensor({ value }, { dtype = "float64" }) }:text():item(1) or tostring(value) end
  if type(value) == "number" then
    if value == math.floor(value) and math.abs(value) < 1e15 then return ("%d"):format(value) end
    return ("%.6g"):format(value)
  end
  return tostring(value)
end

return columns
