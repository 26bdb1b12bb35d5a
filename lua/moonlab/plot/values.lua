-- What plots are made of: numbers from lists, tensors and columns of tables, in one or several named groups.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local text = require "moonlab.plot.text"

local values = {}

local LARGEST = 1e300 -- what is beyond counts as infinite: the length of an axis must be a number too
local MOST_LABELS, MOST_GROUPS = 20, 100

--- Whether a value has a place on an axis.
function values.finite(x) return x > -LARGEST and x < LARGEST end

--- Whether a value is a column of a table. (A text has bytes, all others values.)
local function is_column(v) return type(v) == "table" and (core.is_tensor(rawget(v, "values")) or core.is_tensor(rawget(v, "bytes"))) end
values.is_column = is_column

local function of_tensor(x)
  x = x:detach():reshape(-1)
  if x.dtype == "bool" then x = x:to "uint8" end
  return x:tolist()
end

local function of_column(column, where)
  if column.type == "text" then blame.raise("%s: column '%s' is text, numbers are needed", where, column.name or "?") end
  local list, missing = of_tensor(column.values), column.missing and column.missing:reshape(-1):tolist()
  for i = 1, missing and #missing or 0 do
    if missing[i] == true or missing[i] == 1 then list[i] = 0 / 0 end
  end
  return list
end

--- Whether something is one row of numbers, and not several named ones.
function values.is_plain(v)
  return type(v) == "userdata" or is_column(v) or type(v) == "table" and type(v[1]) ~= "table" and type(v[1]) ~= "userdata"
end

--- A list of numbers.
-- @param v      a list, a tensor of any shape or a column
-- @param where  the call, for messages
-- @return list, { name = of the column, time = whether it holds dates }
function values.numbers(v, where)
  if core.is_tensor(v) then return of_tensor(v), {} end
  if is_column(v) then return of_column(v, where), { name = v.name and text.clean(v.name), time = v.type == "time" } end
  if type(v) ~= "table" then blame.raise("%s: a list of numbers, a tensor or a column is needed, got %s", where, blame.show(v)) end
  for i, x in ipairs(v) do
    if type(x) ~= "number" then blame.raise("%s: value %d must be a number, got %s", where, i, blame.show(x)) end
  end
  return v, {}
end

--- Numbers, or {{name, numbers}, ...}, as a list of groups { name =, values = }.
-- @return list, { name =, time = } of the first
function values.groups(data, where)
  if values.is_plain(data) then
    local list, about = values.numbers(data, where)
    return { { name = "", values = list } }, about
  end
  local groups, about = {}, nil
  if type(data) ~= "table" then blame.raise("%s: a list of numbers, a tensor or a column is needed, got %s", where, blame.show(data)) end
  if #data > MOST_GROUPS then blame.raise("%s: %d groups, at most %d can be drawn", where, #data, MOST_GROUPS) end
  for i, pair in ipairs(data) do
    if type(pair) ~= "table" or pair[2] == nil or #pair ~= 2 then
      blame.raise("%s: group %d must be {name, values}, as in {{\"train\", y}, {\"valid\", y}}", where, i)
    end
    local list, of_it = values.numbers(pair[2], where)
    groups[i], about = { name = text.clean(pair[1]), values = list }, about or { time = of_it.time }
  end
  return groups, about
end

-- Labels of rows as a list of what a Lua table may hold.
local function labels_of(v, where)
  if core.is_tensor(v) then return of_tensor(v) end
  if is_column(v) and v.type == "category" then
    local codes, names = of_tensor(v.values), {}
    for i, code in ipairs(codes) do names[i] = v.categories[code] or "missing" end
    return names
  end
  if is_column(v) then return v.type == "text" and v:to_list() or of_column(v, where) end
  if type(v) ~= "table" then blame.raise("%s: by must be a list of labels, a tensor or a column, got %s", where, blame.show(v)) end
  return v
end

local function sorted(names)
  for _, name in ipairs(names) do
    if type(name) ~= "number" then return end -- words stay in the order in which they first occur
  end
  table.sort(names)
end

local function label_text(label, classes)
  if math.type(label) == "integer" and classes and classes[label] then return text.clean(classes[label]) end
  if type(label) == "number" then return require("moonlab.plot.number").short(label) end
  return type(label) == "table" and "missing" or text.clean(label)
end

--- Which group each row is in.
-- @param by       labels of the rows: a list, a tensor or a column
-- @param rows     how many there must be
-- @param classes  names of the labels 1, 2, ..., or nil
-- @return the number of the group of each row, a list of the groups' names
function values.group_of(by, rows, classes, where)
  local labels, seen, order = labels_of(by, where), {}, {}
  if #labels ~= rows then blame.raise("%s: by has %d labels for %d rows", where, #labels, rows) end
  for _, label in ipairs(labels) do
    if label ~= label then label = "missing" end
    if not seen[label] then seen[label], order[#order + 1] = true, label end
  end
  if #order > MOST_LABELS then blame.raise("%s: by has %d different labels, at most %d can be told apart", where, #order, MOST_LABELS) end
  sorted(order)
  local names, of_row = {}, {}
  for i, label in ipairs(order) do names[i], seen[label] = label_text(label, classes), i end
  for i, label in ipairs(labels) do of_row[i] = seen[label == label and label or "missing"] end
  return of_row, names
end

--- Groups from numbers and options: as the data names them, or by = labels.
function values.grouped(data, o, where)
  if not o.by then return values.groups(data, where) end
  local list, about = values.numbers(data, where)
  local of_row, names = values.group_of(o.by, #list, o.classes, where)
  local groups = {}
  for i, name in ipairs(names) do groups[i] = { name = name, values = {} } end
  for i, x in ipairs(list) do
    local into = groups[of_row[i]].values
    into[#into + 1] = x
  end
  return groups, about
end

--- The smallest and the largest number of a list that have a place on the axis; math.huge and -math.huge where none has.
function values.range(list, is_log, low, high)
  low, high = low or math.huge, high or -math.huge
  local least = is_log and 0 or -LARGEST
  for i = 1, #list do
    local x = list[i]
    if x > least and x < LARGEST then
      if x < low then low = x end
      if x > high then high = x end
    end
  end
  return low, high
end

--- What a note says about rows that have no place; nil where there are none.
function values.note(dropped, is_log)
  if dropped == 0 then return nil end
  local what = is_log and "not finite or not positive" or "not finite"
  if dropped == 1 then return "1 value that is " .. what .. " is left out" end
  return ("%d values that are %s are left out"):format(dropped, what)
end

return values
