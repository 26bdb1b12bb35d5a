--- ml.plot.pairs: every column against every other.

local core = require "moonlab.core"
local Axis = require "moonlab.plot.axis"
local Plot = require "moonlab.plot.plot"
local blame = require "moonlab.blame"
local hist = require "moonlab.plot.hist"
local scatter = require "moonlab.plot.scatter"
local settings = require "moonlab.plot.settings"
local text = require "moonlab.plot.text"
local values = require "moonlab.plot.values"

local read = settings.reader("plot.pairs", { { "names", "table" }, { "by", "any" }, { "classes", "table" } }, "ml.plot.pairs(table, {by = labels})")

local MOST = 10 -- columns
local FEWEST_BINS = 12

local NUMERIC = { number = true, integer = true, time = true, boolean = true }

-- A table's columns of numbers.
local function of_table(t)
  local columns = {}
  for _, name in ipairs(t.names) do
    local column = t:column(name)
    if NUMERIC[column.type] then columns[#columns + 1] = { name = text.clean(name), values = (values.numbers(column, "plot.pairs")), time = column.type == "time" } end
  end
  return columns
end

local function of_tensor(x, names)
  if x:dim() ~= 2 then blame.raise("plot.pairs: a tensor [rows, columns] is needed, got [%s]", table.concat(x.shape, ", ")) end
  local count = x:size(2)
  names = names and settings.names(names, count, "plot.pairs", "names")
  local columns = {}
  for j = 1, count do columns[j] = { name = names and names[j] or tostring(j), values = (values.numbers(x:select(2, j), "plot.pairs")) } end
  return columns
end

local function columns_of(data, names)
  if core.is_tensor(data) then return of_tensor(data, names) end
  if type(data) == "table" and getmetatable(data) and type(data.column) == "function" then return of_table(data) end
  return (values.groups(data, "plot.pairs"))
end

local function check(columns)
  if #columns < 2 or #columns > MOST then blame.raise("plot.pairs: 2 to %d columns of numbers are needed, got %d", MOST, #columns) end
  for _, column in ipairs(columns) do
    if #column.values ~= #columns[1].values then
      blame.raise("plot.pairs: column '%s' has %d values, '%s' has %d", column.name, #column.values, columns[1].name, #columns[1].values)
    end
  end
end

-- The values of each group of rows.
local function split(list, of_row, names)
  local groups = {}
  for i, name in ipairs(names) do groups[i] = { name = name, values = {} } end
  for i, x in ipairs(list) do
    local into = groups[of_row and of_row[i] or 1].values
    into[#into + 1] = x
  end
  return groups
end

--- Draws every column against every other, with the columns' histograms on the diagonal.
-- @param data     a table (its columns of numbers), a tensor [rows, columns], or {{"age", values}, {"fare", values}}
-- @param options  { names = of a tensor's columns, by = labels of the rows, classes = names of the labels 1, 2, ..., title =; of the text:
--                 width = the terminal's, height = rows of a panel, utf8 = by the locale }
-- @return a plot: print it, or plot:save "name.svg"
-- @error fewer than 2 or more than 10 columns, columns of different lengths
-- @usage print(ml.plot.pairs { {"age", {22, 38, 26, 35}}, {"fare", {7, 71, 8, 53}} })
return function(data, options)
  local o = read(options)
  local columns = columns_of(data, o.names)
  check(columns)
  local of_row, groups = nil, { "" }
  if o.by then of_row, groups = values.group_of(o.by, #columns[1].values, o.classes, "plot.pairs") end
  local names, axes, missing, n = {}, {}, 0, #columns
  for j, column in ipairs(columns) do
    local low, high = values.range(column.values)
    names[j], axes[j] = column.name, Axis.numeric { low = low, high = high, time = column.time }
  end
  local panels, series = {}, {}
  for i, name in ipairs(groups) do series[i] = { name = name } end
  for i = 1, n do
    for j = 1, n do
      local panel, dropped
      if i == j then
        panel, dropped = hist.panel(split(columns[j].values, of_row, groups), { axis = axes[j], bins_at_least = FEWEST_BINS })
        missing = missing + dropped
      else
        panel = scatter.panel(columns[j].values, columns[i].values, { of_row = of_row, groups = #groups, x_axis = axes[j], y_axis = axes[i], panels = n * n })
      end
      panel.series, panels[#panels + 1] = series, panel
    end
  end
  return Plot.new({ title = o.title, notes = { values.note(missing) }, panels = panels, names = names, series = series }, o)
end
