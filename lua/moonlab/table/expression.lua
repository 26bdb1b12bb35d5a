--- Expressions: what is done with columns, recorded once with names in the place of columns, so that it can be done with any table,
-- kept with a model as a nested list, and done again when it serves. Made by moonlab.table.expression.record; never changes.

local blame = require "moonlab.blame"
local suggest = require "moonlab.suggest"

local methods = {}
local Expression = { methods = methods }
local meta = { __name = "Expression" }

function Expression.metatable() return meta end

--- Whether a value is a recorded column.
function Expression.is(value) return getmetatable(value) == meta end

-- The parts of an expression, which has no fields that could be mistaken for methods: { column = name } or { op =, n =, ... }.
local parts_of = setmetatable({}, { __mode = "k" })

local function make(parts)
  local expression = setmetatable({}, meta)
  parts_of[expression] = parts
  return expression
end

local OF_ALL_ROWS = {}
for name in ("min max mean sum std median quantile count unique codes item to_list"):gmatch "%S+" do OF_ALL_ROWS[name] = true end

function meta.__index(_, key)
  local method = Expression.methods[key]
  if method then return method end
  if OF_ALL_ROWS[key] then
    blame.raise("'%s' looks at all rows at once; a recorded column is computed row by row, so that no row learns from another", key)
  end
  local names = {}
  for name in pairs(Expression.methods) do names[#names + 1] = name end
  table.sort(names)
  blame.raise("a column has no '%s'; %s", tostring(key), suggest.unknown("method", tostring(key), names))
end

function meta.__newindex() blame.raise("a recorded column never changes") end
function meta.__len() blame.raise("a recorded column has no rows yet") end

-- Recording ------------------------------------------------------------------------------------------------------------------

local function copied(value)
  if type(value) ~= "table" or Expression.is(value) then return value end
  local copy = {}
  for key, item in pairs(value) do copy[key] = item end
  return copy
end

--- An operation with operands of which at least one is recorded.
function Expression.of_call(name, ...)
  local parts = { op = name, ... }
  parts.n = select("#", ...)
  for i = 1, parts.n do
    local value, kind = parts[i], type(parts[i])
    if kind == "boolean" and (name:find "^logical" or (name == "where" and i == 1)) then
      blame.raise("%s: a column is needed, got the boolean %s; write c.plan:eq \"pro\", since c.plan == \"pro\" is always false in Lua", name,
        tostring(value))
    end
    if kind == "table" and not Expression.is(value) and getmetatable(value) then
      blame.raise("%s: %s cannot be recorded; write c.name, with the name of a column", name, blame.show(value))
    end
    if kind == "userdata" or kind == "function" then
      blame.raise("%s: %s cannot be recorded; columns and constants can", name, blame.show(value))
    end
    parts[i] = copied(value)
  end
  return make(parts)
end

local function reference(names)
  local known, made = {}, {}
  for _, name in ipairs(names) do known[name] = true end
  return function(_, name)
    if not known[name] then blame.raise("%s", suggest.unknown("column", tostring(name), names)) end
    made[name] = made[name] or make { column = name }
    return made[name]
  end
end

local M = {}

--- Runs a function once, with recorded columns in the fields of its argument.
-- @param f      function(c) that gives what it makes of c.age, c["last name"], ...
-- @param names  a list of the names that there are
-- @param what   how the result is named in messages: "the derived value 'x'"
-- @return an expression
-- @error a name that is not there, a result that is no column
-- @usage require "moonlab.table.expression".record(function(c) return c.a + 1 end, { "a" }):inputs()   --> a
function M.record(f, names, what)
  local fields = setmetatable({}, { __index = reference(names), __newindex = function() blame.raise("the columns of a table never change") end })
  local result = f(fields)
  if Expression.is(result) then return result end
  what = what or "the result"
  if type(result) == "boolean" then
    blame.raise("%s is the boolean %s, not a column; write c.plan:eq \"pro\" (c.plan == \"pro\" is always false in Lua)", what, tostring(result))
  end
  blame.raise("%s is %s, not a column", what, type(result) == "table" and "a table" or blame.show(result))
end

-- Evaluating -----------------------------------------------------------------------------------------------------------------

local function evaluate(x, column_of, done)
  local parts = parts_of[x]
  if not parts then return x end
  if done[x] then return done[x] end
  local result
  if parts.column then result = column_of(parts.column)
  else
    local values = {}
    for i = 1, parts.n do values[i] = evaluate(parts[i], column_of, done) end
    result = Expression.apply(parts.op, table.unpack(values, 1, parts.n))
  end
  done[x] = result
  return result
end

--- Computes the column that it stands for.
-- @param table  with the columns that it names
-- @return a column
function methods.on(self, table)
  return evaluate(self, function(name) return table:column(name) end, {})
end

--- The names of the columns that it is computed from, in the order in which they first occur.
-- @return a list of names
function methods.inputs(self)
  local names, seen = {}, {}
  local function visit(x)
    local parts = parts_of[x]
    if not parts or seen[x] then return end
    seen[x] = true
    if parts.column and not seen[parts.column] then names[#names + 1], seen[parts.column] = parts.column, true end
    for i = 1, parts.n or 0 do visit(parts[i]) end
  end
  visit(self)
  return names
end

-- Lists ----------------------------------------------------------------------------------------------------------------------
-- ["column", "age"]   [op, argument, ...]   numbers, strings and booleans as they are; what JSON has no word for:
-- ["nil"]   ["inf"]   ["-inf"]   ["nan"]   ["list", value, ...]   ["table", [key, value], ...]

local encode

local function encode_number(x)
  if x ~= x then return { "nan" } end
  if x == math.huge then return { "inf" } elseif x == -math.huge then return { "-inf" } end
  return x
end

local function by_type_and_value(a, b)
  if type(a) ~= type(b) then return type(a) < type(b) end
  if type(a) == "boolean" then return not a and b end
  return a < b
end

-- A list, or a table by its keys in a fixed order.
local function encode_table(value)
  local keys = {}
  for key in pairs(value) do keys[#keys + 1] = key end
  if #keys == #value and #keys > 0 then
    local list = { "list" }
    for i, item in ipairs(value) do list[i + 1] = encode(item) end
    return list
  end
  table.sort(keys, by_type_and_value)
  local list = { "table" }
  for i, key in ipairs(keys) do list[i + 1] = { encode(key), encode(value[key]) } end
  return list
end

function encode(x)
  local parts = parts_of[x]
  if not parts then
    if x == nil then return { "nil" } end
    if type(x) == "number" then return encode_number(x) end
    return type(x) == "table" and encode_table(x) or x
  end
  if parts.column then return { "column", parts.column } end
  local list = { parts.op }
  for i = 1, parts.n do list[i + 1] = encode(parts[i]) end
  return list
end

--- The expression as a nested list of strings, numbers and booleans, which JSON can hold.
-- @return a list
function methods.encode(self) return encode(self) end

local CONSTANTS = { ["nil"] = true, inf = math.huge, ["-inf"] = -math.huge, nan = 0 / 0 }

local decode

local function fail(text) require "moonlab.failure".raise("data", "an expression of a model is damaged: %s", text) end

local function decode_call(list)
  local op = list[1]
  if not Expression.knows(op) then fail(("there is no operation '%s'"):format(tostring(op))) end
  local parts = { op = op, n = #list - 1 }
  for i = 2, #list do parts[i - 1] = decode(list[i]) end
  return make(parts)
end

function decode(x)
  if type(x) ~= "table" then return x end
  local kind = x[1]
  if kind == "nil" then return nil end
  if CONSTANTS[kind] then return CONSTANTS[kind] end
  if kind == "column" then
    if type(x[2]) ~= "string" then fail "a column has no name" end
    return make { column = x[2] }
  end
  local result = {}
  if kind == "list" then
    for i = 2, #x do result[i - 1] = decode(x[i]) end
    return result
  elseif kind == "table" then
    for i = 2, #x do
      if type(x[i]) ~= "table" then fail "a pair of a table is none" end
      local key = decode(x[i][1])
      if key == nil or key ~= key then fail "a table has no key" end
      result[key] = decode(x[i][2])
    end
    return result
  end
  return decode_call(x)
end

--- The expression that a nested list of expression:encode() stands for.
-- @param list  as encode has made it, also after JSON
-- @return an expression
-- @error a list that is none, with the exit status of damaged data
function M.decode(list)
  local result = decode(list)
  if not Expression.is(result) then fail "it is no expression" end
  return result
end

for name, f in pairs(M) do Expression[name] = f end

return Expression
