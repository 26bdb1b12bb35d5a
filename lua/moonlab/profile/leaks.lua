--- What a recipe's data give away: columns that tell the target alone, rows of one part that stand in another one too. A score that stands on
-- them says nothing of rows to come.

local core = require "moonlab.core"
local pipeline = require "moonlab.features.pipeline"
local row_codes = require "moonlab.table.row_codes"
local tabular = require "moonlab.recipe.tabular"
local target = require "moonlab.profile.target"

local leaks = {}

local SAMPLE = 2000     -- training rows by which columns are looked at
local MANY = 1e7        -- cells: rows are not compared with one another
local LIMIT = 0.99      -- of the score of a column alone
local SHARE = 0.01      -- of a part: fewer equal rows are chance, where columns have few values

-- How many of the rows at positions have a code that the rows of another part have too.
local function shared(codes, count, rows, others)
  local there = core.zeros(count, { dtype = "int64" }):index_fill(1, codes:index_select(1, others), 1)
  return there:index_select(1, codes:index_select(1, rows)):sum():item()
end

local PAIRS = { { "valid", "train" }, { "test", "train" }, { "test", "valid" } }

local function shared_of(places, codes, count, what, of)
  local out = {}
  for _, pair in ipairs(PAIRS) do
    local rows, others = places[pair[1]], places[pair[2]]
    local n = rows and others and shared(codes, count, rows, others) or 0
    if n > 0 then out[#out + 1] = { rows = n, what = what, part = pair[1], other = pair[2], of = of } end
  end
  return out
end

--- A number for each row, the same where all is the same but target, id, part and columns that are ignored, and how many there are. Where rows hold a tensor, a
-- sound say, it is that alone.
function leaks.rows(recipe, t)
  local wish, names = recipe.fields.data, {}
  if #t == 0 then return nil end
  for _, column in ipairs(t:columns()) do
    local name = column.name
    if column.type == "tensor" then
      local codes, firsts = core.distinct(core.hash_rows(column.values:contiguous()))
      return codes, #firsts
    end
    local spec = wish.columns[name]
    if name ~= wish.target and name ~= wish.id and name ~= recipe.fields.split.by and name ~= wish.source.source_column
      and not (spec and spec.type == "ignore") then names[#names + 1] = name end
  end
  if #names == 0 then return nil end
  local codes, firsts = row_codes(t, names)
  return codes, #firsts
end

--- Equal rows across parts, target and id aside, and rows of one group.
function leaks.parts(recipe, prepared)
  local wish, t, list = recipe.fields.data, prepared.table, {}
  for _, name in ipairs { "train", "valid", "test" } do
    if prepared.places[name] then list[#list + 1] = { name = name, rows = #prepared.places[name] } end
  end
  local out = {}
  local codes, different = leaks.rows(recipe, t)
  if codes then out = shared_of(prepared.places, codes, different, "row", ", all but the target the same") end
  if wish.group and #t > 0 then
    local codes, firsts = row_codes(t, { wish.group })
    table.move(shared_of(prepared.places, codes, #firsts, "row", " by their group"), 1, #PAIRS, #out + 1, out)
  end
  return { parts = list, shared = out }
end

-- Some of the training rows, evenly spread, as the features see them: with derived columns.
local function sample(prepared)
  local train = prepared.places.train
  local step = math.max(1, #train / SAMPLE)
  local places = (core.arange(0, math.min(#train, SAMPLE) - 1):double() * step):floor():to "int64" + 1
  return pipeline.derived(prepared.table:rows(train:index_select(1, places)), prepared.derive)
end

local function skipped(recipe, prepared)
  local skip = tabular.excluded(recipe)
  for name, spec in pairs(recipe.fields.data.columns) do skip[name] = skip[name] or spec.type == "ignore" or nil end
  for _, name in ipairs(prepared.past and prepared.past.made or {}) do skip[name] = true end -- what was is known
  return skip
end

local PARTS = { train = "training", valid = "validation", test = "test" }

--- What is suspicious in the data of a recipe, as sentences.
-- @param recipe    the recipe
-- @param prepared  { table = the clean rows, places = positions of the parts, derive = derived columns, past = what past.fit gave, or nil }
-- @return a list of { column = or nil, text = }
function leaks.of(recipe, prepared)
  local out, fields = {}, recipe.fields
  local task = fields.task == "regression" and "number" or "classes"
  for i, one in ipairs(target.suspects(sample(prepared), { target = fields.data.target, skip = skipped(recipe, prepared), task = task,
    seed = fields.seed, limit = LIMIT })) do
    out[i] = { column = one.name, text = ("column '%s' %s"):format(one.name, one.text) }
  end
  for _, one in ipairs(#prepared.table * #prepared.table.names <= MANY and leaks.parts(recipe, prepared).shared or {}) do
    local rows = #prepared.places[one.part]
    if one.rows > SHARE * rows then
      out[#out + 1] = { text = ("%d of %d rows of the %s part stand in the %s part too%s: clean.duplicates = 'drop', or data.group, keeps them apart"):format(
        one.rows, rows, PARTS[one.part], PARTS[one.other], one.of) }
    end
  end
  return out
end

return leaks
