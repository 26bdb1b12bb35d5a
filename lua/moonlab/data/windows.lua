--- data.windows: a series as windows of what was and of what comes after it.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local failure = require "moonlab.failure"
local options = require "moonlab.options"
local Dataset = require "moonlab.data.dataset"
local Table = require "moonlab.table.table"
local TableSource = require "moonlab.data.table_source".TableSource

local sources = {}

local Windows = Dataset.kind "moonlab.SeriesWindows"

local NUMBERS = { number = true, integer = true }

-- The columns of a table (all numbers, if no names are given) as float64 [n, k], none of their values missing.
local function values_of(t, names)
  if not names then
    names = {}
    for _, column in ipairs(t:columns()) do
      if NUMBERS[column.type] then names[#names + 1] = column.name end
    end
  end
  for _, name in ipairs(names) do
    local column = t:column(name)
    if not NUMBERS[column.type] then failure.raise("data", "data.windows: column '%s' is %s; a series is of numbers", name, column.type) end
    local missing = #column - column:count()
    if missing > 0 then
      failure.raise("data", "data.windows: column '%s' has %d missing values\n  hint: t:with{ %s = function(c) return c.%s:fill(0) end } gives a table without", name,
        missing, name, name)
    end
  end
  return t:tensor(names, { dtype = "float64" }), names
end

local function check_order(t, name)
  if not name then return end
  local values = t:column(name).values
  local n = #values
  if n < 2 then return end
  local wrong = values:slice(1, 2, n):le(values:slice(1, 1, n - 1))
  if wrong:any():item() then
    failure.raise("data", "data.windows: row %d is not after the row before it by '%s'\n  hint: t:sort(\"%s\") gives the rows in order", wrong:nonzero():flatten():at(1) + 1,
      name, name)
  end
end

-- Which columns are asked for, as positions.
local function target_positions(self, names)
  local at, list = {}, {}
  for i, name in ipairs(names) do at[name] = i end
  for i, name in ipairs(self.options.target or names) do
    list[i] = at[name] or blame.raise("data.windows: %s", require "moonlab.suggest".unknown("column", tostring(name), names))
  end
  return core.tensor(list, { dtype = "int64" })
end

function Windows:load()
  if self.values then return self end
  local given, names = self.given, nil
  if TableSource.is(given) then given = given:table() end
  if Table.is(given) then
    check_order(given, self.options.time)
    given, names = values_of(given, self.options.columns)
  else
    names = {}
    for i = 1, given:size(2) do names[i] = i end
  end
  self.values, self.names, self.targets = given:to "float64", names, target_positions(self, names)
  local n = #self.values
  if n < self.options.input + self.options.output then
    failure.raise("data", "data.windows: %d rows are too few for windows of %d and the %d after them", n, self.options.input, self.options.output)
  end
  self:place(1, n)
  return self
end

-- The windows whose targets lie in rows from..to; what comes before them may lie before `from`.
function Windows:place(from, to)
  local o = self.options
  self.from, self.to = math.max(from, o.input + 1), to
  self.size = math.max(0, (to - o.output + 1 - self.from) // o.step + 1)
end

function Windows:count() return self:load().size end

-- Brought to mean 0 and deviation 1 of the training rows, where cut has found them.
local function scaled(values, statistics)
  if statistics then values = (values - statistics.mean) / statistics.std end
  return values:to "float32"
end

-- The series as it is fetched.
local function series(self)
  self.shown = self.shown or scaled(self.values, self.statistics)
  return self.shown
end

function Windows:fetch(rows)
  local o, x = self:load().options, series(self)
  local first = ((rows - 1) * o.step + self.from):unsqueeze(2) -- of the targets
  local function rows_at(from, length)
    return x:index_select(1, (first + core.arange(from, from + length - 1):unsqueeze(1)):reshape { -1 }):reshape { #rows, length, x:size(2) }
  end
  return { x = rows_at(-o.input, o.input), y = rows_at(0, o.output):index_select(3, self.targets) }
end

-- A column that never changes stays as it is.
local function statistics_of(values)
  local mean = values:mean(1)
  local std = (values - mean):square():mean(1):sqrt()
  return { mean = mean, std = std:masked_fill(std:eq(0), 1) }
end

-- How many rows train, validate and test.
local function lengths(self, wish)
  local n, given = #self.values, self.options.parts
  if not given then
    local valid, test = math.floor(n * (wish.valid or 0)), math.floor(n * (wish.test or 0))
    return n - valid - test, valid, test
  end
  local train, valid, test = given[1], given[2] or 0, given[3] or 0
  if train + valid + test > n then
    failure.raise("data", "data.windows: parts of %d, %d and %d rows are %d, but the series has %d", train, valid, test, train + valid + test, n)
  end
  return train, valid, test
end

--- Cuts by position: the first rows train, those after them validate, those after these are tested. A window of a later part may look
-- back into the part before it; its targets lie in its own. Mean and deviation are those of the training rows.
function Windows:cut(wish)
  local train, valid, test = lengths(self:load(), wish)
  local statistics = self.options.standardize and statistics_of(self.values:slice(1, 1, train)) or nil
  local function part(name, from, count)
    if count == 0 then return nil end
    local out = setmetatable({}, Windows)
    for key, value in pairs(self) do out[key] = value end
    out.name, out.statistics, out.shown = self.name .. "/" .. name, statistics, nil
    out:place(from, from + count - 1)
    if out.size < 1 then blame.raise("split: the %s part of %s has %d rows, too few for a window", name, self.name, count) end
    return out
  end
  return { train = part("train", 1, train), valid = part("valid", train + 1, valid), test = part("test", train + valid + 1, test) }
end

--- The row of the series at which the targets of each window begin.
function Windows:first_steps()
  self:load()
  return core.arange(0, self.size - 1) * self.options.step + self.from
end

function Windows:peek()
  local o, k = self:load().options, self.values:size(2)
  return { count = self.size, x = { o.input, k }, y = { o.output, #self.targets, dtype = "float32" }, bytes = 4 * self.values:numel() }
end
function Windows:parts() return { train = self:load() } end
function Windows:files() return TableSource.is(self.given) and self.given:files() or {} end
function Windows:describe()
  local o = self.options
  return { kind = "windows", of = TableSource.is(self.given) and self.given:describe() or nil, input = o.input, output = o.output, step = o.step,
    parts = o.parts, standardize = o.standardize, columns = self:load().names, target = o.target }
end

-- Serving -------------------------------------------------------------------------------------------------------------

--- What a model of these windows needs when it serves, as plain data.
function Windows:serving()
  local o = self:load().options
  local out = { input = o.input, output = o.output, columns = self.names, target = {}, time = o.time, at = self.targets:tolist() }
  for i, at in ipairs(out.at) do out.target[i] = self.names[at] end
  if self.statistics then out.mean, out.std = self.statistics.mean:tolist(), self.statistics.std:tolist() end
  return out
end

local function row(list) return core.tensor(list, { dtype = "float64" }) end

-- The columns of a table; a series that was a tensor has no names, but a number of them.
local function values_to_serve(state, t, where)
  if type(state.columns[1]) == "string" then
    for _, name in ipairs(state.columns) do
      if not t:has(name) then failure.raise("data", "%s: the column '%s' is missing; the model was trained with %d columns", where, name, #state.columns) end
    end
    return (values_of(t, state.columns))
  end
  local values = values_of(t)
  if values:size(2) ~= #state.columns then
    failure.raise("data", "%s: there are %d columns of numbers; the model was trained with %d", where, values:size(2), #state.columns)
  end
  return values
end

--- What comes after the rows of a table, in the columns' own units.
-- @param state   what Windows:serving gave
-- @param t       a Table of the rows before, in the order of time; the last ones make the window
-- @param where   what the table is called in a message
-- @param model   function(x [1, input, k]) -> y [1, output, targets]
-- @return float64 [output, targets]
-- @error a failure with status 4: a column that is missing, too few rows
function sources.forecast(state, t, where, model)
  if state.time and t:has(state.time) then check_order(t, state.time) end
  local values = values_to_serve(state, t, where)
  local n, statistics = #values, state.mean and { mean = row(state.mean), std = row(state.std) }
  if n < state.input then failure.raise("data", "%s: %d rows are too few: the model looks at the last %d", where, n, state.input) end
  local y = model(scaled(values:slice(1, n - state.input + 1, n), statistics):unsqueeze(1)):double():reshape { state.output, #state.at }
  if not statistics then return y end
  local at = core.tensor(state.at, { dtype = "int64" })
  return y * statistics.std:index_select(1, at) + statistics.mean:index_select(1, at)
end

--- The windows of another series, on the scale of the trained one.
-- @param state   what Windows:serving gave
-- @param t       a Table, in the order of time
-- @param where   what it is called
-- @param step    rows between the beginnings of two windows
-- @return a data set
-- @error a failure with status 4: a column that is missing, too few rows
function sources.again(state, t, where, step)
  if state.time and t:has(state.time) then check_order(t, state.time) end
  local values = values_to_serve(state, t, where)
  local self = setmetatable({ what = "windows", name = where, values = values, names = state.columns, targets = core.tensor(state.at, { dtype = "int64" }),
    options = { input = state.input, output = state.output, step = step }, given = t, statistics = state.mean and { mean = row(state.mean), std = row(state.std) } }, Windows)
  self:place(1, #values)
  if self.size < 1 then failure.raise("data", "%s: %d rows are too few for a window of %d and the %d after it", where, #values, state.input, state.output) end
  return self
end

local read_options = options("data.windows", {
  { "input", "count" }, { "output", "count", 1 }, { "columns", "table" }, { "target", "table" }, { "step", "count", 1 }, { "parts", "table" },
  { "time", "string" }, { "standardize", "boolean", true },
}, "data.windows(series, {input = 336, output = 96})")

--- A series as windows: x [input, k] are rows one after the other, y [output, targets] the rows after them. Windows of a part begin `step`
-- rows apart. A recipe's `split`, or parts, cuts the rows by position; then numbers are brought to mean 0 and deviation 1 of the training
-- rows, and scores are on that scale; `moonlab predict RUN rows.csv` says what comes after the rows of a file, in their own units.
-- @param series  a source of a table (data.csv ...), a table, or a tensor [n, k], in the order of time
-- @param o       { input = rows of x, output = 1: rows of y, columns = names (all numbers if not given), target = names of those that are asked
--                for (all if not given), step = 1, parts = {train, valid, test}: rows of each instead of the split's shares, time = a column that
--                must ascend, standardize = true }
-- @return a data set
-- @error missing values, rows that are not in order, a series that is too short
-- @usage local set = data.windows(ml.randn(100, 2), { input = 24, output = 6 })
function sources.windows(series_, o)
  o = read_options(o)
  if not o.input then blame.raise("data.windows: input is missing; write data.windows(series, {input = 336, output = 96})") end
  if core.is_tensor(series_) then
    if series_:dim() == 1 then series_ = series_:unsqueeze(2) end
    if series_:dim() ~= 2 then blame.raise("data.windows: a series is a tensor [n, k], got [%s]", table.concat(series_.shape, ", ")) end
  elseif not (TableSource.is(series_) or Table.is(series_)) then
    blame.raise("data.windows: a source of a table, a table or a tensor is needed, got %s", blame.show(series_))
  end
  return setmetatable({ what = "windows", name = TableSource.is(series_) and series_.name or "series", given = series_, options = o }, Windows)
end

return sources
