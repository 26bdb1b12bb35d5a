--- What differs between two runs: the text of the recipe, each field of the resolved settings, data, split, scores.

local json = require "moonlab.json"
local paired = require "moonlab.assess.paired"
local runs = require "moonlab.runs.open"

local compare = {}

local MOST = 2000 -- lines of a recipe that are compared one by one

local function object(value) return type(value) == "table" and value or {} end

-- Text ----------------------------------------------------------------------------------------------------------------

local function lines_of(text)
  local out = {}
  for line in (text:sub(-1) == "\n" and text or text .. "\n"):gmatch "(.-)\n" do out[#out + 1] = line end
  return out
end

-- How many lines two texts have in common from each pair of lines on.
local function common(a, b)
  local counts = {}
  for i = #a + 1, 1, -1 do
    counts[i] = {}
    for j = #b + 1, 1, -1 do
      if i > #a or j > #b then counts[i][j] = 0
      elseif a[i] == b[j] then counts[i][j] = counts[i + 1][j + 1] + 1
      else counts[i][j] = math.max(counts[i + 1][j], counts[i][j + 1]) end
    end
  end
  return counts
end

--- The lines that differ, as "- of the first" and "+ of the second", with their numbers.
-- @return a list of { sign =, number =, text = }
function compare.text(first, second)
  local a, b, out = lines_of(first), lines_of(second), {}
  if first == second then return out end
  if #a > MOST or #b > MOST then return { { sign = "~", number = 1, text = "too long to be compared line by line" } } end
  local counts, i, j = common(a, b), 1, 1
  while i <= #a or j <= #b do
    if i <= #a and j <= #b and a[i] == b[j] then i, j = i + 1, j + 1
    elseif i <= #a and (j > #b or counts[i + 1][j] >= counts[i][j + 1]) then
      out[#out + 1], i = { sign = "-", number = i, text = a[i] }, i + 1
    else
      out[#out + 1], j = { sign = "+", number = j, text = b[j] }, j + 1
    end
  end
  return out
end

-- Settings --------------------------------------------------------------------------------------------------------------

-- Everything below a value by its path: "train.epochs", "assess.metrics.1".
local function flatten(value, path, out)
  if type(value) ~= "table" then
    out[path] = value
    return out
  end
  for key, item in pairs(value) do flatten(item, path == "" and tostring(key) or path .. "." .. tostring(key), out) end
  return out
end

--- Everything in nested tables by its path: "train.epochs", "assess.metrics.1".
function compare.flat(value) return flatten(value, "", {}) end

--- The settings that differ, in the order of their names.
-- @return a list of { field =, a =, b = }: nil where a run does not have the field
function compare.settings(first, second)
  local a, b, names, out = flatten(first, "", {}), flatten(second, "", {}), {}, {}
  for name in pairs(a) do names[#names + 1] = name end
  for name in pairs(b) do
    if a[name] == nil then names[#names + 1] = name end
  end
  table.sort(names)
  for _, name in ipairs(names) do
    if a[name] ~= b[name] and not name:find "^data%.files%." and not name:find "^overrides%." then out[#out + 1] = { field = name, a = a[name], b = b[name] } end
  end
  return out
end

-- Data and split ----------------------------------------------------------------------------------------------------------

local function files_of(run)
  local out = {}
  for i, file in ipairs(object(object(run.config.data).files)) do out[i] = { name = tostring(object(file).path):match "[^/]+$", sha256 = object(file).sha256 } end
  return out
end

local function data(a, b)
  local first, second, out = files_of(a), files_of(b), {}
  for i = 1, math.max(#first, #second) do
    local x, y = object(first[i]), object(second[i])
    if x.sha256 ~= y.sha256 then out[#out + 1] = { field = x.name or y.name, a = x.sha256, b = y.sha256 } end
  end
  return out
end

local function split(a, b)
  local out, first, second = {}, object(a.record.parts), object(b.record.parts)
  for _, name in ipairs { "train", "valid", "test" } do
    local x, y = object(first[name]), object(second[name])
    if x.rows ~= y.rows or x.sha256 ~= y.sha256 then out[#out + 1] = { field = name, a = x.rows, b = y.rows, others = x.rows == y.rows } end
  end
  return out
end

local function scores(a, b)
  local first, part, names = runs.scores(a)
  local second, other, more = runs.scores(b)
  local seen, out = {}, {}
  for _, list in ipairs { names, more } do
    for _, name in ipairs(list) do
      if not seen[name] then seen[name], out[#out + 1] = true, { field = name, a = first[name], b = second[name] } end
    end
  end
  return out, part, other
end

-- Whether two cross-validations judged the same rows in the same folds.
local function same_folds(a, b)
  local first, second = a.folds or {}, b.folds or {}
  if #first < 2 or #first ~= #second or #data(a, b) > 0 or #compare.settings(object(a.config.split), object(b.config.split)) > 0 then return false end
  if a.config.seed ~= b.config.seed then return false end -- what is held out
  for k, fold in ipairs(first) do
    local other = object(second[k])
    if not object(fold).positions or fold.positions ~= other.positions or fold.fold ~= other.fold then return false end
  end
  return true
end

local function by_fold(run, metric)
  local list = {}
  for k, fold in ipairs(run.folds) do list[k] = object(fold.scores)[metric] end
  return list
end

-- The p of the differences between two models in the same folds, of each score that all folds have.
local function test_folds(a, b, list)
  local rows, all = 0, object(object(a.config.split).rows).train
  for _, fold in ipairs(a.folds) do rows = rows + fold.rows / #a.folds end
  if type(all) ~= "number" or all <= rows then return end
  for _, one in ipairs(list) do
    local x, y = by_fold(a, one.field), by_fold(b, one.field)
    local test = one.a and one.b and #x == #a.folds and #y == #x and paired.corrected_t(x, y, { train = math.floor(all - rows + 0.5), test = math.floor(rows + 0.5) })
    one.p = test and test.p or nil
  end
end

--- Compares two runs.
-- @param a, b  what runs.read gave
-- @return { recipe = lines that differ, settings =, data =, split =, scores = lists of { field =, a =, b = } (scores: all of them; of the same
--         folds p = of the corrected resampled t test), parts = that the scores are of, paired = whether they are of the same folds }
function compare.runs(a, b)
  local out = { recipe = compare.text(a.recipe, b.recipe), settings = compare.settings(a.config, b.config), data = data(a, b), split = split(a, b) }
  local part, other
  out.scores, part, other = scores(a, b)
  out.parts, out.paired = { part, other }, same_folds(a, b)
  if out.paired then test_folds(a, b, out.scores) end
  return out
end

--- A comparison as entries for JSON.
function compare.entries(found)
  local function list(some)
    local out = json.list()
    for i, one in ipairs(some) do out[i] = one end
    return out
  end
  return { { "recipe", list(found.recipe) }, { "settings", list(found.settings) }, { "data", list(found.data) }, { "split", list(found.split) },
    { "scores", list(found.scores) } }
end

return compare
