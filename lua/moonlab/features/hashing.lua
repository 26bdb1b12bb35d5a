--- features.hashing: categories and text into a fixed number of fields.

local core = require "moonlab.core"
local Feature = require "moonlab.features.feature"
local numeric = require "moonlab.features.numeric"

-- FNV-1a of the bytes, 32 bits, then the mixing of MurmurHash3: the same on every machine and in every version.
local function hash(text)
  local h = 0x811c9dc5
  for i = 1, #text do h = ((h ~ text:byte(i)) * 0x01000193) & 0xffffffff end
  h = ((h ~ (h >> 16)) * 0x85ebca6b) & 0xffffffff
  h = ((h ~ (h >> 13)) * 0xc2b2ae35) & 0xffffffff
  return h ~ (h >> 16)
end

local function words(text)
  local list = {}
  for word in text:lower():gmatch "[^%s%p]+" do list[#list + 1] = word end
  return list
end

-- The fields of one text: +1 or -1 for each of its tokens, so that what falls together by chance cancels out on the average.
local function row_of(text, o)
  local row = {}
  for i = 1, o.n do row[i] = 0.0 end
  for _, token in ipairs(o.tokens == "words" and words(text) or { text }) do
    local h = hash(token)
    local field = (h & 0x7fffffff) % o.n + 1
    row[field] = row[field] + (o.alternate_sign and h >> 31 == 1 and -1 or 1)
  end
  return row
end

local function fit() return {} end

-- Each different text is hashed once; a missing one is 0 in all fields.
local function apply(column, _, o)
  local fields, rows = {}, { {} }
  for i = 1, o.n do fields[i], rows[1][i] = ("%s#%d"):format(column.name, i), 0.0 end
  local codes, firsts = column:text():codes()
  for _, text in ipairs(column:text():gather(firsts):to_list()) do rows[#rows + 1] = row_of(text, o) end
  return numeric.matrix(column.name, core.tensor(rows, { dtype = "float64" }):index_select(1, codes + 1), fields)
end

local fit_column, apply_column = Feature.each_column(fit, apply)

--- A fixed number of fields for any number of categories or words: a hash says which field, and whether 1 is added or taken off.
-- Nothing is fitted, and no category is unknown. As scikit-learn's FeatureHasher, with a hash of its own (FNV-1a, mixed).
-- @param o  { n = 16: fields a column (scikit-learn's n_features), tokens = "value" (the whole) or "words" (in lower case, without
--           punctuation), alternate_sign = true, columns = names; all categories and texts if not given }
-- @return a spec for a recipe's features
-- @usage features = { features.hashing { columns = { "review" }, tokens = "words", n = 256 } }
return Feature.kind { name = "hashing", options = { { "n", "count", 16 }, { "tokens", { "value", "words" }, "value" }, { "alternate_sign", "boolean", true } },
  first = { "n", "number" }, takes = { category = true, text = true }, wants = "categories or text", fit = fit_column, apply = apply_column }
