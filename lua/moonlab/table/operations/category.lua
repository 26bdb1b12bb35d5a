--- Categories: a few names, and for each row the position of its own.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local suggest = require "moonlab.suggest"
local Column = require "moonlab.table.column"
local text = require "moonlab.table.operations.text"
local operands = require "moonlab.table.operands"
local unify = require "moonlab.table.unify"

local M = {}

-- The names of the different values of a column in order: of their first appearance, or sorted (numbers by value).
local function names_of(distinct, order)
  if order == "sorted" then distinct = distinct:gather(distinct:order()) end
  return text.text(distinct):to_list()
end

local function check_names(names)
  local code_of = {}
  for i, name in ipairs(names) do
    if type(name) ~= "string" then blame.raise("category: names are strings, number %d is %s", i, blame.show(name)) end
    if code_of[name] then blame.raise("category: '%s' is named twice", name) end
    code_of[name] = i
  end
  return code_of
end

local ORDERS = { "sorted", "appearance" }

--- The column as a category: with the names that are given, in their order, or with those that are found.
-- @param names  a list of names, which may hold order = "sorted" (the default where none are named) or "appearance"; a value that
--               is not named becomes missing
-- @return a column with the list c.categories
-- @usage data.table{ plan = { "pro", "basic" } }.plan:category{ "basic", "pro" }.values:tolist()   --> 2 1
function M.category(self, names)
  names = names or {}
  if type(names) ~= "table" then blame.raise("category: a list of names is needed, as in c.plan:category{\"basic\", \"pro\"}; got %s", blame.show(names)) end
  local order = names.order or "sorted"
  if order ~= "sorted" and order ~= "appearance" then blame.raise("category: order: %s", suggest.unknown("word", tostring(order), ORDERS)) end
  if self.type == "number" and #names == 0 then
    blame.raise("category: %s has too fine values to be names; write its steps, as in c.x:floor():text():category()", operands.show(self))
  end
  if self.type == "category" and #names == 0 then return self end
  local values
  if self.type == "category" then
    values = unify.recode(self, check_names(names))
  else
    local codes, firsts = self:codes()
    local distinct, of_distinct = self:gather(firsts), { 0 }
    if #names == 0 then names = names_of(distinct, order) end
    local code_of = check_names(names)
    for i, value in ipairs(text.text(distinct):to_list()) do of_distinct[i + 1] = code_of[value] or 0 end
    values = core.tensor(of_distinct, { dtype = "int64" }):index_select(1, codes + 1)
  end
  return Column.new { type = "category", values = values, categories = table.move(names, 1, #names, 1, {}), name = self.name }
end

return M
