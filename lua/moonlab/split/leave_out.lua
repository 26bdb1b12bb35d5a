-- Folds that test one row, or one group: ml.split.leave_one_out and ml.split.leave_one_group_out.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local options = require "moonlab.options"
local positions = require "moonlab.split.positions"
local spec = require "moonlab.split.spec"

local leave_out = {}

-- A list whose entries are made as they are read: n folds of n - 1 rows would not fit into memory.
local function made_as_read(n, entry)
  return setmetatable({}, {
    __len = function() return n end,
    __index = function(_, i) return math.type(i) == "integer" and i >= 1 and i <= n and entry(i) or nil end,
  })
end

local function without_row(n, i)
  if i == 1 then return core.arange(2, n) end
  if i == n then return core.arange(1, n - 1) end
  return core.ops.cat({ core.arange(1, i - 1), core.arange(i + 1, n) }, 1)
end

local function each_row(fields, rows)
  rows:refuse_copies "ml.split.leave_one_group_out{group = '%s'} leaves them out together"
  if rows.n < 2 then blame.raise("%s: at least 2 rows are needed, and there %s %d", fields.kind, rows.n == 1 and "is" or "are", rows.n) end
  return made_as_read(rows.n, function(i) return { train = without_row(rows.n, i), test = core.arange(i, i) } end)
end

--- Leave one out: as many folds as rows, each tests one row. Its folds are made as they are read, by position, # and ipairs.
-- @return a spec: spec:folds(set), spec:describe()
-- @usage #ml.split.leave_one_out():folds(4)   --> 4
function leave_out.leave_one_out(...)
  if select("#", ...) > 0 then blame.raise("leave_one_out takes nothing, got %s", blame.show((...))) end
  return spec.new({ kind = "leave_one_out" }, each_row)
end

local function each_group(fields, rows)
  local groups = rows:groups(fields.group)
  if #groups.names < 2 then
    blame.raise("%s: at least 2 groups are needed, and there %s %d", fields.kind, #groups.names == 1 and "is" or "are", #groups.names)
  end
  local group_of, folds = core.tensor(groups.of), {}
  for g, name in ipairs(groups.names) do
    local train, test = positions.of_parts(group_of, function(parts) return parts:eq(g) end)
    folds[g] = { train = train, test = test, group = name }
  end
  return folds
end

local parse = options("leave_one_group_out", { { "group", "string" } }, 'ml.split.leave_one_group_out{group = "household"}')

--- Leave one group out: as many folds as groups, in the order of their values; fold.group is the one that is tested.
-- @param o  { group = the name of a column; without it the groups are given to folds }
-- @return a spec: spec:folds(set, { groups = ids }), spec:describe()
-- @usage #ml.split.leave_one_group_out():folds(4, { groups = { "a", "b", "a", "c" } })   --> 3
function leave_out.leave_one_group_out(o)
  o = parse(o)
  o.kind = "leave_one_group_out"
  return spec.new(o, each_group)
end

return leave_out
