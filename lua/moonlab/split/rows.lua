-- What folds are made of: the rows that a spec is applied to, with their classes, groups and times.

local blame = require "moonlab.blame"
local options = require "moonlab.options"
local seeds = require "moonlab.seed"
local values = require "moonlab.split.values"

local Rows = {}
Rows.__index = Rows

local parse = options("folds", { { "labels", "any" }, { "groups", "any" }, { "times", "any" }, { "seed", "integer" }, { "columns", "any" } },
  "cv:folds(set, {groups = ids})")

-- The values of an option of folds, or those that the spec's field asks for: a column's name, or (true) the set's labels. A recipe gives the
-- classes and groups that it has itself, and `columns`, function(name) -> the column that the spec names instead.
local function list_of(self, option, field)
  local given = self.given[option]
  if type(field) == "string" and self.given.columns then given = self.given.columns(field) end
  if given == nil and type(field) == "string" then given = field end
  if given == nil and option == "labels" and values.is_data_set(self.set) then given = self.set:labels() end
  if given == nil then blame.raise("%s: %s are needed, one a row: cv:folds(%s, {%s = ...})", self.where, option, self.set and "set" or self.n,
      option) end
  return values.list(self.where, option, given, self.n, self.set)
end

--- The class of each row, as values.ids gives it, with show(id): how the class stands in messages.
-- @param field  what the spec says: true, or the name of a column
function Rows:labels(field)
  local ids = values.ids(list_of(self, "labels", field))
  local names = field == true and not self.given.labels and self.set.classes or {}
  function ids.show(id)
    local name = names[ids.names[id]]
    return values.show(ids.names[id]) .. (name and (" (%s)"):format(name) or "")
  end
  return ids
end

--- The group of each row.
function Rows:groups(field) return values.ids(list_of(self, "groups", field)) end

--- What the data set keeps together whether one asks for it or not: copies of a row; the name of a column, or nil.
function Rows:together() return values.is_data_set(self.set) and self.set.keep_together end

--- Refuses copies where the way of cutting can't keep them together.
function Rows:refuse_copies(advice)
  local column = self:together()
  if column then blame.raise("%s: %s has copies of rows, which would train and test at once; %s", self.where, self.set.name, advice:format(column)) end
end

--- The time of each row, a list; nil where nobody gave one: then the rows stand in the order of time.
function Rows:times(field) return (self.given.times or field) and list_of(self, "times", field) or nil end

--- Reads what folds was called with.
-- @param where  the spec's name, for messages
-- @param data   a data set, or a number of rows
-- @param given  the options of folds
-- @param seed   the spec's own, or nil
return function(where, data, given, seed)
  local n, set = data, nil
  if type(data) == "table" and data.count then n, set = #data, data end
  if math.type(n) ~= "integer" or n < 0 then
    blame.raise("%s: a data set or the number of its rows is needed, got %s", where, blame.show(data))
  end
  given = parse(given)
  return setmetatable({ where = where, n = n, set = set, given = given, root = seed or given.seed or seeds.value }, Rows)
end
