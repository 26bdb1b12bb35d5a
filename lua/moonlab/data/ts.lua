--- Time series as the UCR and UEA archives write them (.ts): directives, then one case a line, its dimensions separated by ':',
-- the label at the end.

local core = require "moonlab.core"
local vm = require "moonlab.vm"
local failure = require "moonlab.failure"
local suggest = require "moonlab.suggest"
local locate = require "moonlab.data.locate"
local tensors = require "moonlab.data.tensors"

local NAN = 0 / 0

local function wrong(file, format, ...)
  failure.raise("data", "%s:%d: %s", file.path, file.line, format:format(...))
end

-- Directives ----------------------------------------------------------------------------------------------------------

local function truth(file, name, value)
  if value == "true" or value == "false" then return value == "true" end
  wrong(file, "@%s is true or false, found '%s'", name, value)
end

local function count(file, name, value)
  local n = math.tointeger(tonumber(value))
  if n and n >= 1 then return n end
  wrong(file, "@%s is a positive integer, found '%s'", name, value)
end

local function anything() return nil end

-- "true a b c" -> the labels; "false" -> false
local function labels(file, name, value)
  local words = {}
  for word in value:gmatch "%S+" do words[#words + 1] = word end
  local has = truth(file, name, words[1] or "")
  table.remove(words, 1)
  if not has then return false end
  local seen = {}
  for _, word in ipairs(words) do
    if seen[word] then wrong(file, "@%s names '%s' twice", name, word) end
    seen[word] = true
  end
  if #words == 0 then wrong(file, "@%s true is followed by the labels, and none is there", name) end
  return words
end

local DIRECTIVES = {
  problemname = { "problemName", anything }, timestamps = { "timeStamps", truth }, missing = { "missing", truth },
  univariate = { "univariate", truth }, dimension = { "dimensions", count }, dimensions = { "dimensions", count },
  equallength = { "equalLength", truth }, serieslength = { "seriesLength", count }, classlabel = { "classLabel", labels },
  targetlabel = { "targetLabel", truth },
}

local function directive(file, header, text)
  local word, value = text:match "^@(%S+)%s*(.-)%s*$"
  local known = word and DIRECTIVES[word:lower()]
  if not known then
    local names = {}
    for _, entry in pairs(DIRECTIVES) do names[#names + 1] = entry[1] end
    wrong(file, "%s", suggest.unknown("directive", word or "@", names))
  end
  header[known[1]] = known[2](file, known[1], value)
end

-- Everything up to @data; leaves file.line there.
local function read_header(file, lines)
  local header = {}
  for text in lines do
    file.line = file.line + 1
    text = text:match "^%s*(.-)%s*$"
    if text:lower() == "@data" then
      if header.timeStamps then wrong(file, "the series have time stamps, which are not read; save values at equal distances") end
      if header.classLabel and header.targetLabel then wrong(file, "both @classLabel and @targetLabel are true") end
      if header.univariate and (header.dimensions or 1) > 1 then wrong(file, "@univariate is true, but @dimensions is %d", header.dimensions) end
      return header
    end
    if text ~= "" and text:sub(1, 1) ~= "#" then
      if text:sub(1, 1) ~= "@" then wrong(file, "expected a directive as @classLabel or @data, found '%s'", text:sub(1, 40)) end
      directive(file, header, text)
    end
  end
  wrong(file, "the file ends before @data")
end

-- Cases ---------------------------------------------------------------------------------------------------------------

local function series(file, header, text, dimension)
  local list = {}
  for word in (text .. ","):gmatch "%s*(.-)%s*," do
    local value = word:find "^[%d.eE+-]+$" and tonumber(word)
    if word == "?" or word:lower() == "nan" then
      if header.missing == false then wrong(file, "value %d of dimension %d is missing, but @missing is false", #list + 1, dimension) end
      value = NAN
    end
    if not value then wrong(file, "value %d of dimension %d is '%s', expected a number or ?", #list + 1, dimension, word:sub(1, 40)) end
    list[#list + 1] = value
  end
  return list
end

local function label_of(file, header, text)
  text = text:match "^%s*(.-)%s*$"
  if header.targetLabel then return tonumber(text) or wrong(file, "the target is '%s', expected a number", text:sub(1, 40)) end
  for i, name in ipairs(header.classLabel) do
    if name == text then return i end
  end
  wrong(file, "the label is '%s', expected one of those of @classLabel: %s", text:sub(1, 40), table.concat(header.classLabel, " "))
end

-- { { series, ... }, label = }
local function case(file, header, text)
  local pieces, dimensions = {}, {}
  for piece in (text .. ":"):gmatch "([^:]*):" do pieces[#pieces + 1] = piece end
  local labelled = header.classLabel or header.targetLabel
  if labelled and #pieces < 2 then wrong(file, "a label is expected behind a ':' at the end of the line") end
  dimensions.label = labelled and label_of(file, header, table.remove(pieces))
  for i, piece in ipairs(pieces) do dimensions[i] = series(file, header, piece, i) end
  local wanted = header.univariate and 1 or header.dimensions
  if wanted and #dimensions ~= wanted then wrong(file, "%d dimensions, expected %d", #dimensions, wanted) end
  header.dimensions = header.dimensions or #dimensions
  return dimensions
end

-- The longest series of a case; where the header says how long all are, each must be that.
local function length_of(file, header, dimensions)
  local longest = 0
  for i, list in ipairs(dimensions) do
    if header.equalLength and header.seriesLength and #list ~= header.seriesLength then
      wrong(file, "dimension %d has %d values, expected %d as @seriesLength says", i, #list, header.seriesLength)
    end
    longest = math.max(longest, #list)
  end
  return longest
end

local function read_cases(file, header, lines)
  local cases, lengths = {}, {}
  for text in lines do
    file.line = file.line + 1
    if text:find "%S" and not text:find "^%s*#" then
      local dimensions = case(file, header, text)
      cases[#cases + 1], lengths[#cases + 1] = dimensions, length_of(file, header, dimensions)
      if header.equalLength and lengths[#cases] ~= lengths[1] then
        wrong(file, "%d values, expected %d as in the first case, since @equalLength is true", lengths[#cases], lengths[1])
      end
    end
  end
  if #cases == 0 then wrong(file, "there is no case behind @data") end
  return cases, lengths
end

-- Tensors -------------------------------------------------------------------------------------------------------------

local function to_tensor(cases, dimensions, length)
  local flat, at = {}, 0
  for _, one in ipairs(cases) do
    for d = 1, dimensions do
      for i = 1, length do
        at = at + 1
        flat[at] = one[d][i] or NAN
      end
    end
  end
  return core.tensor(flat, { dtype = "float32" }):reshape { #cases, dimensions, length }
end

local function labels_of(cases, dtype)
  local list = {}
  for i, one in ipairs(cases) do list[i] = one.label end
  return core.tensor(list, { dtype = dtype })
end

local ts = {}

--- A data set of time series from a .ts file, the format of the UCR and UEA archives. Missing values are NaN; where the series
-- have different lengths they are filled up with NaN, and each row has its length in `lengths`.
-- @param path  the file
-- @return a data set of rows x [dimensions, length] (float32) and y: classes 1..k, whose names are in .classes, or numbers where
-- the file has targets
-- @error a failure with status 4 that names the line: directives that are unknown or not kept to, values that are no numbers
-- @usage local train = data.ts "GunPoint_TRAIN.ts"   -- x [50, 1, 150], y 1..2
function ts.ts(path)
  local found = locate("data.ts", path)
  local text, problem = vm.read(found)
  if not text then failure.raise("data", "%s: %s", found, problem) end
  local file, lines = { path = found, line = 0 }, text:gmatch "([^\n]*)\n?"
  local header = read_header(file, lines)
  local cases, lengths = read_cases(file, header, lines)
  local longest, equal = 0, true
  for _, length in ipairs(lengths) do longest, equal = math.max(longest, length), equal and length == lengths[1] end
  local columns = { x = to_tensor(cases, header.dimensions, longest), name = path:match "[^/]*$", classes = header.classLabel or nil }
  if header.classLabel then columns.y = labels_of(cases, "int64") end
  if header.targetLabel then columns.y = labels_of(cases, "float32") end
  if not equal then columns.lengths = core.tensor(lengths, { dtype = "int64" }) end
  return tensors.tensors(columns)
end

return ts
