--- What can be done with columns, once for columns at hand and for those that are only recorded. An operation with a recorded
-- operand is recorded, all others are done at once.

local blame = require "moonlab.blame"
local Column = require "moonlab.table.column"
local Expression = require "moonlab.table.expression"

local M = { operations = {} }

for _, module in ipairs { "arithmetic", "logic", "choice", "text", "time", "category" } do -- text's sub knows of arithmetic's
  for name, f in pairs(require("moonlab.table.operations." .. module)) do M.operations[name] = f end
end

local METAMETHODS = { __add = "add", __sub = "sub", __mul = "mul", __div = "div", __idiv = "floor_divide", __mod = "remainder",
  __pow = "pow", __unm = "neg", __band = "logical_and", __bor = "logical_or", __bxor = "logical_xor", __bnot = "logical_not",
  __concat = "concat" }
local UNARY = { __unm = true, __bnot = true }

--- Does an operation, or records it.
-- @param name  of the operation
-- @param ...   columns, recorded columns, constants
function M.call(name, ...)
  for i = 1, select("#", ...) do
    if Expression.is((select(i, ...))) then return Expression.of_call(name, ...) end
  end
  return M.operations[name](...)
end

local function comparison(sign, method)
  return function(a, b)
    local other = rawequal(a, b) and b or (Column.is(a) or Expression.is(a)) and b or a
    local shown = type(other) == "table" and "c.x" or blame.show(other):gsub("'", '"')
    blame.raise("%s gives one answer in Lua, not one a row; write c.x:%s(%s)", sign, method, shown)
  end
end

for _, meta in ipairs { Column.metatable(), Expression.metatable() } do
  for event, name in pairs(METAMETHODS) do
    if UNARY[event] then meta[event] = function(a) return M.call(name, a) end
    else meta[event] = function(a, b) return M.call(name, a, b) end end
  end
  meta.__where = function(...) return M.call("where", ...) end -- ml.where asks for it
  meta.__lt = comparison("<", "lt")
  meta.__le = comparison("<=", "le")
end

for name in pairs(M.operations) do
  local function method(...) return M.call(name, ...) end
  Column[name] = method
  Expression.methods[name] = method
end

function Expression.methods.category(self, names)
  if type(names) ~= "table" or #names == 0 then
    blame.raise("category: a recorded column needs the names, as in c.plan:category{\"basic\", \"pro\"}: finding them takes all rows")
  end
  return M.call("category", self, names)
end

function Expression.apply(name, ...) return M.operations[name](...) end
function Expression.knows(name) return M.operations[name] ~= nil end

return M
