--- Operations on columns of text. A category counts as text by the names of its categories: what is done, is done once to each.
-- Characters are those of UTF-8.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local Column = require "moonlab.table.column"
local lists = require "moonlab.table.lists"
local dates = require "moonlab.table.dates"
local missing = require "moonlab.table.missing"
local operands = require "moonlab.table.operands"
local arithmetic = require "moonlab.table.operations.arithmetic"

local M = {}

-- Applies f to the text of a column; of a category to its names, whose results are then gathered.
local function on_text(op, x, f)
  operands.need_text(op, x)
  if x.type == "text" then return f(x):renamed(x.name) end
  local result = f(Column.of_strings(x.categories, #x.categories, x.name))
  return result:gather_or_missing(x.values):renamed(x.name)
end

-- A core function that makes text.
local function making(op, x, ...)
  local rest = table.pack(...)
  return on_text(op, x, function(text)
    local b, e, m = text:parts()
    return Column.new(core["text_" .. op](b, e, m, table.unpack(rest, 1, rest.n)))
  end)
end

local function need_string(op, what, value)
  if type(value) ~= "string" then blame.raise("%s: %s must be a string, got %s", op, what, operands.show(value)) end
end

local function need_filled(op, what, value)
  need_string(op, what, value)
  if value == "" then blame.raise("%s: %s must not be empty", op, what) end
end

local function need_position(op, what, value)
  if not math.tointeger(value) then blame.raise("%s: %s must be an integer, got %s", op, what, blame.show(value)) end
  return math.tointeger(value)
end

-- Changing ---------------------------------------------------------------------------------------------------------------

local function cased(op, x, upper)
  return on_text(op, x, function(text)
    return Column.new { type = "text", bytes = core.text_case(text.bytes, upper), ends = text.ends, missing = text.missing }
  end)
end

--- Small letters: of ASCII, Latin-1, Latin Extended-A, Greek, Cyrillic and Armenian; the few whose other case takes another number of
-- bytes stay.
-- @return a column of text
-- @usage data.table{ x = { "Bern", "BASEL" } }.x:lower():to_list()   --> bern basel
function M.lower(self) return cased("lower", self, false) end

--- Capital letters, of the alphabets of lower.
-- @return a column of text
-- @usage data.table{ x = { "Bern", "basel" } }.x:upper():to_list()   --> BERN BASEL
function M.upper(self) return cased("upper", self, true) end

--- Blanks at both ends left out.
-- @return a column of text
-- @usage data.table{ x = { " a ", "b" } }.x:trim():to_list()   --> a b
function M.trim(self) return making("trim", self) end

--- Puts one text in the place of another wherever it occurs.
-- @param find  a text as it stands, no pattern
-- @param with  a text
-- @return a column of text
-- @usage data.table{ x = { "1,5", "2,25" } }.x:replace(",", "."):to_list()   --> 1.5 2.25
function M.replace(self, find, with)
  need_filled("replace", "what is looked for", find)
  need_string("replace", "what comes in its place", with)
  return making("replace", self, find, with)
end

--- Of text, the characters from..to, as in string.sub: from 1, negative ones from the end.
-- @param from  a position
-- @param to    a position; -1 if not given
-- @return a column of text
-- @usage data.table{ x = { "Basel", "Bern" } }.x:sub(2, 3):to_list()   --> as er
function M.sub(self, from, to)
  local kind = operands.type_of(self)
  if kind ~= "text" and kind ~= "category" then return arithmetic.sub(self, from) end
  return making("sub", self, need_position("sub", "from", from), need_position("sub", "to", to == nil and -1 or to))
end

--- The n-th piece between separators; missing where there are fewer pieces.
-- @param separator  a text as it stands
-- @param n          from 1; negative ones from the end
-- @return a column of text
-- @usage data.table{ x = { "a/b/c", "d/e" } }.x:split("/", 2):to_list()   --> b e
function M.split(self, separator, n)
  need_filled("split", "the separator", separator)
  n = need_position("split", "n", n)
  if n == 0 then blame.raise("split: pieces count from 1, and from -1 at the end; there is no piece 0") end
  return making("split", self, separator, n)
end

--- One text behind the other. Also self .. other.
-- @param other  a column of text, or a text
-- @return a column of text
-- @usage (data.table{ x = { "a", "b" } }.x .. "!"):to_list()   --> a! b!
function M.concat(self, other)
  operands.rows("concat", self, other)
  operands.need_text("concat", self)
  operands.need_text("concat", other)
  local a, b = operands.as_text(self), operands.as_text(other)
  local b1, b2, b3 = b:parts()
  local a1, a2, a3 = a:parts()
  local result = Column.new(core.text_concat(a1, a2, a3, b1, b2, b3))
  return result:renamed(operands.name_of(self) or operands.name_of(other))
end

-- Asking -----------------------------------------------------------------------------------------------------------------

local function test(op, x, relation_with)
  need_string(op, "what is looked for", relation_with)
  local b1, b2, b3 = Column.of_strings({ relation_with }, 1):parts()
  return on_text(op, x, function(text)
    local a1, a2, a3 = text:parts()
    return Column.of_masked("boolean", core.text_compare(a1, a2, a3, b1, b2, b3, op), text.missing)
  end)
end

--- Whether a text occurs in it.
-- @param text  as it stands, no pattern
-- @return a column of booleans
-- @usage data.table{ x = { "abc", "xyz" } }.x:contains("b"):to_list()   --> true false
function M.contains(self, text) return test("contains", self, text) end

--- Whether it begins with a text.
-- @param text  as it stands, no pattern
-- @return a column of booleans
-- @usage data.table{ x = { "abc", "xyz" } }.x:starts_with("ab"):to_list()   --> true false
function M.starts_with(self, text) return test("starts_with", self, text) end

--- Whether it ends with a text.
-- @param text  as it stands, no pattern
-- @return a column of booleans
-- @usage data.table{ x = { "abc", "xyz" } }.x:ends_with("bc"):to_list()   --> true false
function M.ends_with(self, text) return test("ends_with", self, text) end

--- How many characters it has.
-- @return a column of integers
-- @usage data.table{ x = { "Bern", "Basel" } }.x:length():to_list()   --> 4 5
function M.length(self)
  return on_text("length", self, function(text) return Column.of_masked("integer", core.text_length(text:parts()), text.missing) end)
end

-- Of each different text once -----------------------------------------------------------------------------------------------

-- f(string) -> a value, or nil for a missing one; each different text is asked once. kind: the type of the results.
local function each(op, x, kind, f)
  return on_text(op, x, function(text)
    local codes, firsts = text:codes()
    local values, any = text:gather(firsts):to_list(), false
    for i, value in ipairs(values) do
      local result = f(value)
      any = any or result ~= nil
      if result == nil then values[i] = missing else values[i] = result end
    end
    if not any then return Column.all_missing(kind, #text) end
    local result = lists.column(values, op)
    result.type = kind
    return result:gather_or_missing(codes)
  end)
end

--- Whether a pattern of Lua occurs in it.
-- @param pattern  as for string.find
-- @return a column of booleans
-- @error a malformed pattern
-- @usage data.table{ x = { "a1", "b" } }.x:matches("%d"):to_list()   --> true false
function M.matches(self, pattern)
  need_string("matches", "the pattern", pattern)
  local ok, problem = pcall(string.find, "", pattern)
  if not ok then blame.raise("matches: '%s' is no pattern: %s", pattern, (tostring(problem):gsub("^.-:%d+: ", ""))) end
  return each("matches", self, "boolean", function(text) return text:find(pattern) ~= nil end)
end

-- Numbers or times of text. A category is read by its names, and by its rows where one of them is none: no row may have it.
local function read(op, x, times, wanted)
  local text = x.type == "category" and Column.of_strings(x.categories, #x.categories) or x
  local b, e, m = text:parts()
  local values, bad = core.text_read(b, e, m, times)
  if bad and text ~= x then return read(op, operands.as_text(x), times, wanted) end
  if bad then blame.raise("%s: row %d of %s is '%s', which is no %s", op, bad, operands.show(x), text:item(bad), wanted) end
  local result = Column.new { type = times and "time" or "number", values = values, name = x.name }
  return text == x and result or result:gather_or_missing(x.values)
end

--- The value as a number: text is read (a blank text is missing), a boolean is 0 or 1.
-- @return a column of numbers
-- @error a text that is no number, with its row
-- @usage data.table{ x = { "1.5", " 2 " } }.x:number():to_list()   --> 1.5 2
function M.number(self)
  if self.type == "text" or self.type == "category" then return read("number", self, false, "number") end
  operands.need_numbers("number", self)
  return Column.new { type = "number", values = operands.as_number(self), name = self.name }
end

--- The time that a text is, in UTC where it names no offset; a blank text is missing.
-- @param format  with fields %Y %y %m %b %d %H %M %S %z; ISO 8601 if not given: 2024-02-29, 2024-02-29T13:05:06+02:00
-- @return a column of times
-- @error a text that is no time, with its row
-- @usage data.table{ x = { "29.2.2024" } }.x:time("%d.%m.%Y"):year():to_list()   --> 2024
function M.time(self, format)
  if self.type == "time" then return self end
  operands.need_text("time", self)
  if format == nil then return read("time", self, true, "time such as 2024-02-29 13:05:06") end
  need_string("time", "the format", format)
  local text = operands.as_text(self)
  local iso = each("time", text, "text", dates.to_iso(format))
  local values, bad = core.text_read(iso.bytes, iso.ends, iso.missing, true)
  if bad then blame.raise("time: row %d of %s is '%s', which is no time of the format '%s'", bad, operands.show(self), text:item(bad), format) end
  return Column.new { type = "time", values = values, name = self.name }
end

--- The value as text: numbers in the shortest form that reads back the same, times as ISO 8601 (missing out of the years 0 to 9999).
-- @return a column of text
-- @usage data.table{ x = { 0.5, 2 } }.x:text():to_list()   --> 0.5 2.0
function M.text(self)
  if self.type == "text" then return self end
  if self.type == "category" then return operands.as_text(self) end
  local column = { name = "", type = self.type, values = self.values, missing = self.missing }
  return Column.new(core.text_of { rows = #self, column }):renamed(self.name)
end

return M
