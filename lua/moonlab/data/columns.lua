--- What a recipe says of the columns of a table: data.number{...}, data.category{...} and so on. Specs are plain and never change;
-- reading, cleaning and the features take from them what is theirs.

local blame = require "moonlab.blame"
local options = require "moonlab.options"
local outliers = require "moonlab.data.outliers"

local columns = {}

local Spec = { __name = "moonlab.ColumnSpec" }
Spec.__index = Spec

--- The spec as plain values, for config.json.
function Spec:describe()
  local out = { type = self.type }
  for name, value in pairs(self.options) do out[name] = value end
  return out
end

-- What `missing` may say, by type. A number, text or boolean in its place is a constant.
local IMPUTE = { "mean", "median", "mode", "indicator", "forward_fill", "drop", "invalid" }
local MAPS = { "log", "log1p", "sqrt", "square", "abs", "exp" }

local function one_of(words, value)
  for _, word in ipairs(words) do
    if word == value then return true end
  end
end

local function check_missing(where, type_name, wish)
  local list = type(wish) == "table" and wish or { wish }
  for _, one in ipairs(list) do
    local constant = type(one) == (({ number = "number", boolean = "boolean", category = "string", string = "string" })[type_name] or "")
    if not constant and not one_of(IMPUTE, one) then
      blame.raise("%s: missing: %s", where, type(one) == "string" and require "moonlab.suggest".unknown("word", one, IMPUTE)
        or ("must be one of '%s', or a constant, got %s"):format(table.concat(IMPUTE, "', '"), blame.show(one)))
    end
    if (one == "mean" or one == "median") and type_name ~= "number" and type_name ~= "time" then
      blame.raise("%s: missing = '%s' is for numbers; 'mode' is the commonest value", where, one)
    end
  end
  return list
end

local function spec(type_name, where, read, given)
  local o = read(given)
  if o.missing ~= nil then o.missing = check_missing(where, type_name, o.missing) end
  return setmetatable({ type = type_name, options = o }, Spec)
end

local read_number = options("data.number", {
  { "min", "number" }, { "max", "number" }, { "integer", "boolean" }, { "missing", "any" }, { "map", MAPS }, { "marks", "table" },
  { "outliers", "any" },
}, "data.number{min = 0, missing = 'median'}")

--- A column of numbers. A value that is no number, or outside of min and max, is invalid (see data.clean.invalid).
-- @param o  { min =, max =, integer = true: whole numbers alone, missing = "mean", "median", "mode", "indicator" (a column more that
--           says where values were missing), "forward_fill", "drop" (the row), "invalid", a number, or a list of these, map = "log",
--           "log1p", "sqrt", "square", "abs", "exp": applied before the features, marks = texts that mean missing in this column,
--           outliers = "iqr", "z_score" or { method =, factor = 1.5 of iqr, 3 of z_score, action = "quarantine", "drop" or "missing" }:
--           what becomes of rows beyond fences (see features.clip) }. These fences are taken from all rows that are valid otherwise, before the table
--           is cut, held-out rows included: features.clip is fitted to the training part alone. Rows that are served are not held against them
-- @return a spec for data.columns
-- @error an unknown option, min above max
-- @usage age = data.number { min = 18, max = 120, missing = "median" }
function columns.number(o)
  local made = spec("number", "data.number", read_number, o)
  local low, high = made.options.min, made.options.max
  if low and high and low > high then blame.raise("data.number: min %s is above max %s", low, high) end
  if made.options.outliers ~= nil then made.options.outliers = outliers.read(made.options.outliers, made.options.missing) end
  return made
end

local read_category = options("data.category", {
  { "missing", "any" }, { "other", "string" }, { "marks", "table" },
}, 'data.category{"basic", "plus", "pro"}')

--- A column of one of several words. With a list, any other word is invalid; without, the words of the training part are it.
-- @param o  { "first", "second", ..., missing = "mode", "indicator", "drop", "invalid" or a word, other = the word that stands for all
--           that is not in the list, marks = texts that mean missing in this column }
-- @return a spec for data.columns
-- @error a word that is there twice or is no text
-- @usage plan = data.category { "basic", "plus", "pro" }
function columns.category(o)
  local words, rest, seen = {}, {}, {}
  for key, value in pairs(o or {}) do
    if math.type(key) ~= "integer" then rest[key] = value end
  end
  for i, word in ipairs(o or {}) do
    if type(word) ~= "string" then blame.raise("data.category: word %d must be a text, got %s", i, blame.show(word)) end
    if seen[word] then blame.raise("data.category: '%s' stands in the list twice", word) end
    words[i], seen[word] = word, true
  end
  local made = spec("category", "data.category", read_category, rest)
  if #words > 0 then
    if made.options.other and not seen[made.options.other] then words[#words + 1] = made.options.other end
    made.options.words = words
  end
  return made
end

local read_string = options("data.string", {
  { "pattern", "string" }, { "min_length", "integer" }, { "max_length", "integer" }, { "missing", "any" }, { "marks", "table" },
}, "data.string{pattern = '%a+'}")

--- A column of free text, for the features that take text.
-- @param o  { pattern = a Lua pattern that the whole text must match, min_length =, max_length = in characters, missing = "drop",
--           "invalid", "mode" or a text, marks = texts that mean missing in this column }
-- @return a spec for data.columns
-- @usage review = data.string { min_length = 1 }
function columns.string(o) return spec("string", "data.string", read_string, o) end

local read_boolean = options("data.boolean", { { "missing", "any" }, { "marks", "table" } }, "data.boolean{missing = false}")

--- A column of true or false (yes and no, t and f, 1 and 0).
-- @param o  { missing = "mode", "indicator", "drop", "invalid", true or false, marks = texts that mean missing in this column }
-- @return a spec for data.columns
-- @usage member = data.boolean { missing = false }
function columns.boolean(o) return spec("boolean", "data.boolean", read_boolean, o) end

local read_time = options("data.time", { { "min", "string" }, { "max", "string" }, { "missing", "any" }, { "marks", "table" } },
  'data.time{max = "2030-01-01"}')

--- A column of dates or of dates with times, as ISO 8601 writes them.
-- @param o  { min =, max = as "2024-01-31", missing = "mean", "median", "mode", "indicator", "forward_fill", "drop", "invalid",
--           marks = texts that mean missing in this column }
-- @return a spec for data.columns
-- @usage signed_up = data.time { min = "2000-01-01" }
function columns.time(o) return spec("time", "data.time", read_time, o) end

--- A column that is not looked at: no feature, not checked.
-- @return a spec for data.columns
-- @usage comment = data.ignore()
function columns.ignore() return setmetatable({ type = "ignore", options = {} }, Spec) end

--- Whether a value is what these functions give.
function columns.is_spec(value) return getmetatable(value) == Spec end

-- The type that a reader is asked for; ranges, words and patterns are looked at afterwards.
local READ_AS = { number = "number", category = "text", string = "text", boolean = "boolean", time = "time" }

--- What the readers of tables are asked for.
-- @param specs  name -> spec
-- @param names  of the columns that the reader gives; a spec of another one, which is derived or comes from labels, is left out
-- @return { types = name -> the reader's type, missing_of = name -> marks }
function columns.for_reader(specs, names)
  local types, marks = {}, {}
  for _, name in ipairs(names) do
    local one = specs[name]
    if one then types[name], marks[name] = READ_AS[one.type], one.options.marks end
  end
  return { types = types, missing_of = next(marks) and marks or nil }
end

return columns
