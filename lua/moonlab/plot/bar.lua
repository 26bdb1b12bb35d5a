--- ml.plot.bar and ml.plot.hist: lengths beside numbers.

local text = require "moonlab.plot.text"
local blame = require "moonlab.blame"

local bar = {}

local EIGHTHS = { "▏", "▎", "▍", "▌", "▋", "▊", "▉" }

-- A bar of `eighths` eighths of a letter.
local function stroke(eighths, is_utf8)
  if not is_utf8 then return ("#"):rep((eighths + 4) // 8) end
  return ("█"):rep(eighths // 8) .. (EIGHTHS[eighths % 8] or "")
end

-- names and values of the same length; no value is negative.
local function draw(names, values, o, where)
  local width, _, is_utf8 = text.settings(o, 2)
  local longest, most, widest = 0, 0, 0
  for i, value in ipairs(values) do
    if value < 0 then blame.raise("%s: value %d is negative (%s)", where, i, value) end
    longest, most = math.max(longest, text.width(names[i])), math.max(most, value)
    widest = math.max(widest, text.width(text.number(value)))
  end
  local room = math.max(4, width - longest - widest - 3)
  local lines = {}
  if o.title then lines[1] = o.title end
  for i, value in ipairs(values) do
    local length = most > 0 and math.floor(value / most * room * 8 + 0.5) or 0
    local line = text.left(names[i], longest) .. " " .. text.right(text.number(value), widest) .. " "
      .. stroke(length, is_utf8)
    lines[#lines + 1] = (line:gsub(" +$", ""))
  end
  return table.concat(lines, "\n")
end

--- Draws a bar for each value.
-- @param data     {{name, value}, ...} in the order of the plot
-- @param options  { title =, width = the terminal's, utf8 = by the locale }
-- @return the plot as a string
-- @usage print(ml.plot.bar { {"cat", 8}, {"dog", 3} })
function bar.bar(data, options)
  if type(data) ~= "table" then
    blame.raise("plot.bar: a list as {{\"cat\", 8}, {\"dog\", 3}} is needed, got %s", blame.show(data))
  end
  local o = options or {}
  require("moonlab.suggest").check(o, { "title", "width", "utf8" }, "plot.bar")
  local names, values = {}, {}
  for i, pair in ipairs(data) do
    if type(pair) ~= "table" or type(pair[2]) ~= "number" then
      blame.raise("plot.bar: entry %d must be {name, number}", i)
    end
    names[i], values[i] = tostring(pair[1]), pair[2]
  end
  return draw(names, values, o, "plot.bar")
end

--- Draws how often values fall into ranges of the same width.
-- @param data     a list of numbers or a tensor; what is not finite is left out
-- @param options  { bins = 10, title =, width = the terminal's, utf8 = by the locale }
-- @return the plot as a string
-- @usage print(ml.plot.hist(ml.randn(1000)))
function bar.hist(data, options)
  local o = options or {}
  require("moonlab.suggest").check(o, { "bins", "title", "width", "utf8" }, "plot.hist")
  local bins, low, high, n = o.bins or 10, math.huge, -math.huge, 0
  if math.type(bins) ~= "integer" or bins < 1 then
    blame.raise("plot.hist: bins must be a positive integer, got %s", blame.show(bins))
  end
  data = text.numbers(data, "plot.hist")
  for _, x in ipairs(data) do
    if x - x == 0 then low, high, n = math.min(low, x), math.max(high, x), n + 1 end
  end
  if n == 0 then blame.raise "plot.hist: there are no values" end
  if low == high then low, high = low - 0.5, high + 0.5 end
  local counts, names = {}, {}
  for i = 1, bins do
    counts[i] = 0
    names[i] = text.number(low + (high - low) * (i - 1) / bins) .. " to " .. text.number(low + (high - low) * i / bins)
  end
  for _, x in ipairs(data) do
    if x - x == 0 then
      local i = math.min(bins, math.floor((x - low) / (high - low) * bins) + 1)
      counts[i] = counts[i] + 1
    end
  end
  return draw(names, counts, o, "plot.hist")
end

return bar
