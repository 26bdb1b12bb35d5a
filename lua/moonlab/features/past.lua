--- The past of rows in a recipe: features that look back (features.lags, features.rolling) see the whole clean table, before it is cut;
-- no row sees one that comes after it in its series. What serving needs of the past, the last rows of each series, is kept with the model.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local columns = require "moonlab.data.columns"
local operands = require "moonlab.table.operands"
local Column = require "moonlab.table.column"
local Table = require "moonlab.table.table"
local Feature = require "moonlab.features.feature"
local series = require "moonlab.features.series"

local ops = core.ops
local past = {}

--- The features of a list that look back, and the rest.
-- @error one that stands behind another feature: it would see what was fitted to rows of later times
function past.of(features)
  local looking, rest = {}, {}
  for _, spec in ipairs(features) do
    if not spec.kind.looks_back then rest[#rest + 1] = spec
    elseif #rest > 0 then
      blame.raise("features.%s looks at other rows: it must stand before features.%s", spec.kind.name, rest[1].kind.name)
    elseif not spec.off then looking[#looking + 1] = spec
    end
  end
  return looking, rest
end

-- The columns that the steps look at, as what is kept with a model: numbers, and the names of series.
local function narrowed(self, table_)
  local list = {}
  for i, one in ipairs(self.columns) do
    local column = table_:column(one.name)
    if one.series then list[i] = column:text():renamed(one.name)
    else list[i] = Column.new { type = "number", name = one.name, values = operands.as_number(column) } end
  end
  return Table.of_columns(list, #table_)
end

local function columns_of(steps)
  local seen, list = {}, {}
  local function add(name, is_series)
    if not name or seen[name] then return end
    seen[name] = true
    list[#list + 1] = { name = name, series = is_series or nil }
  end
  for _, step in ipairs(steps) do add(step.state.group, true) end
  for _, step in ipairs(steps) do
    for _, name in ipairs(step.columns) do add(name) end
    add(step.state.order)
  end
  return list
end

-- Tails ----------------------------------------------------------------------------------------------------------------

-- Which rows are among the last of their series.
local function among_the_last(step, table_, count)
  local arranged, n = series.arranged(table_, step.state), #table_
  local rank = arranged.rank
  -- a place is among the last `count` of its series where the place `count` further on is of another one
  local later = (core.arange(1, n) + count):clamp(1, n)
  local ahead = rank:index_select(1, later) - rank
  local last = ops.logical_or(ahead:ne(count), core.arange(1, n):gt(n - count))
  return last:index_select(1, arranged.back)
end

local function kept(self, rows)
  local mask
  for _, step in ipairs(self.steps) do
    local one = among_the_last(step, rows, self.rows)
    mask = mask and ops.logical_or(mask, one) or one
  end
  local out, tail = {}, rows:rows(mask)
  for i, one in ipairs(self.columns) do
    local column = tail:column(one.name)
    local missing = column:is_missing().values
    out[i] = one.series and { texts = column:to_list() }
      or { values = column.values:masked_fill(missing, 0):tolist(), missing = missing:nonzero():flatten():tolist() }
  end
  return out
end

local function tail_of(self)
  local list = {}
  for i, one in ipairs(self.columns) do
    local held = self.tail[i]
    if one.series then list[i] = Column.of_strings(held.texts, #held.texts, one.name)
    else
      local values = core.tensor(held.values, { dtype = "float64" })
      if #held.missing > 0 then values = values:index_fill(1, core.tensor(held.missing, { dtype = "int64" }), 0 / 0) end
      list[i] = Column.new { type = "number", name = one.name, values = values }
    end
  end
  return Table.of_columns(list)
end

-- The tail without what the given rows of its series say themselves: its rows that are not before them.
local function before(step, tail, rows)
  if not step.state.order then return tail end
  local first, names = {}, {}
  local function each(t, f)
    local times = t:column(step.state.order).values:tolist()
    local of = step.state.group and t:column(step.state.group):to_list()
    for i, time in ipairs(times) do f(of and of[i] or 1, time, i) end
  end
  each(rows, function(name, time) first[name] = math.min(first[name] or time, time) end)
  each(tail, function(name, time, i)
    if not first[name] or time < first[name] then names[#names + 1] = i end
  end)
  return tail:rows(names)
end

-- In a recipe ------------------------------------------------------------------------------------------------------------

--- Fits features that look back to the clean table of a recipe.
-- @param table_   all its rows, with derived columns
-- @param specs    what past.of gave
-- @param context  { group = name or nil, time = name or nil, target = name }
-- @return { steps =, columns = which they look at, rows = how far, made = names, tail = the last rows }: plain data; the new columns, a list
--         of { name, column }; specs of those whose missing values are filled, by name
function past.fit(table_, specs, context)
  local self, fills = { steps = {}, made = {}, drop = {}, rows = 0, target = context.target }, {}
  local whole = table_
  for i, spec in ipairs(specs) do
    self.steps[i], whole = spec:fit(whole, context)
    self.rows = math.max(self.rows, spec.kind.looks_back(spec.options))
    for _, name in ipairs(self.steps[i].state.made) do
      self.made[#self.made + 1] = name
      if spec.options.missing == "drop" then self.drop[#self.drop + 1] = name
      else fills[name] = columns.number { missing = spec.options.missing } end
    end
  end
  self.columns = columns_of(self.steps)
  self.tail = kept(self, narrowed(self, table_))
  local made = {}
  for i, name in ipairs(self.made) do made[i] = { name, whole:column(name) } end
  return self, made, fills
end

--- The columns for rows that follow those of the training table.
-- @param table_  with derived columns; without the target, nothing is known of it
-- @return a list of { name, column }
function past.columns(self, table_)
  if self.target and not table_:has(self.target) then
    local unknown = Column.new { type = "number", name = self.target, values = core.full({ #table_ }, 0 / 0, { dtype = "float64" }) }
    table_ = table_:with { { self.target, unknown } }
  end
  local rows, tail, out = narrowed(self, table_), tail_of(self), {}
  for _, step in ipairs(self.steps) do
    local whole = before(step, tail, rows):append(rows)
    local made = Feature.apply(step, whole)
    for _, name in ipairs(step.state.made) do
      local values = made:column(name).values:slice(1, #whole - #rows + 1, #whole):contiguous()
      out[#out + 1] = { name, Column.new { type = "number", name = name, values = values } }
    end
  end
  return out
end

--- The rows that have all that they need of the past: a mask.
-- @param made  a list of { name, column }
function past.enough(self, made)
  local drops, mask = {}, nil
  for _, name in ipairs(self.drop) do drops[name] = true end
  for _, one in ipairs(made) do
    local known = ops.logical_not(one[2].values:isnan())
    if drops[one[1]] then mask = mask and ops.logical_and(mask, known) or known end
  end
  return mask
end

--- How many rows look back at rows of a later part.
-- @param table_  all rows, with derived columns
-- @param parts   int64 [n]: the part of each row, 1 of training, 2 of validation, 3 of test, 0 of none
-- @return the number of rows, and the last of the parts that are looked at; 0 where there are none
function past.looking_ahead(self, table_, parts)
  local rows, wrong, worst = narrowed(self, table_), 0, 0
  for _, step in ipairs(self.steps) do
    local arranged = series.arranged(rows, step.state)
    local own, n = parts:index_select(1, arranged.order), #parts
    local reach = ops.minimum(arranged.rank, core.full({ n }, self.rows, { dtype = "int64" }))
    for part = 2, 3 do
      local up_to = ops.cat({ core.zeros(1, { dtype = "int64" }), own:eq(part):to "int64":cumsum(1) }, 1)
      local seen = up_to:index_select(1, core.arange(1, n)) - up_to:index_select(1, core.arange(1, n) - reach)
      local count = ops.logical_and(seen:gt(0), ops.logical_and(own:gt(0), own:lt(part))):sum():item()
      if count > 0 then wrong, worst = math.max(wrong, count), part end
    end
  end
  return wrong, worst
end

return past
