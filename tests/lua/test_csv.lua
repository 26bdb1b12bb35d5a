-- Files of separated values: what is read, what is found out, what is refused.

local lu = require "luaunit"
local core = require "moonlab.core"
local support = require "support"

local DATA = os.getenv "MOONLAB_DATA"

--- Calls f with the path of a file that holds this text.
local function with_file(text, f)
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  local ok, failure = pcall(f, path)
  os.remove(path)
  if not ok then error(failure, 0) end
end

--- The values of a column as a list: false where one is missing.
local function list(column)
  local values = {}
  local missing = column.missing and column.missing:tolist() or {}
  if column.type == "text" then
    local bytes, from = column.bytes:tolist(), 1
    for row, to in ipairs(column.ends:tolist()) do
      values[row] = utf8.len(string.char(table.unpack(bytes, from, to))) and string.char(table.unpack(bytes, from, to))
      from = to + 1
    end
  else
    values = column.values:tolist()
  end
  for row, value in ipairs(values) do
    if missing[row] or value ~= value then values[row] = false end
  end
  return values
end

--- { name = "type: a b c" } of a text read with these options; a missing value is a dot.
local function read(text, options)
  local result = {}
  with_file(text, function(path)
    local table_ = core.csv_open(path, options):read()
    for _, column in ipairs(table_) do
      local values = list(column)
      for row, value in ipairs(values) do values[row] = value == false and not (column.type == "boolean" and not (column.missing and column.missing:tolist()[row])) and "." or tostring(value) end
      result[column.name] = column.type .. ": " .. table.concat(values, " ")
    end
  end)
  return result
end

TestCsv = {}

function TestCsv:test_each_column_has_the_narrowest_type_that_holds_all_its_rows()
  lu.assertEquals(read "i,n,b,t,s\n1,1,true,1970-01-01,a\n2,2.5,false,1970-01-02 00:00:01,1\n", {
    i = "integer: 1 2", n = "number: 1.0 2.5", b = "boolean: true false", t = "time: 0.0 86401.0", s = "text: a 1" })
end

return TestCsv
