--- How often the words of a vocabulary are there in each text: what features.ngrams and features.tfidf share.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local words = require "moonlab.features.words"
local ops = core.ops

local word_counts = {}

--- Their options.
word_counts.OPTIONS = { { "ngram", "pair", { 1, 1 } }, { "max_features", "count", 1000 }, { "min_count", "count", 1 },
  { "lower", "boolean", true }, { "split", words.RULES, "words" }, { "least", "count", 2 } }

--- Options in the form in which they are used.
function word_counts.check(o, where)
  if type(o.ngram) == "number" then o.ngram = { o.ngram, o.ngram } end
  if o.ngram[1] > o.ngram[2] then blame.raise("%s: ngram goes from %d to %d; write the smaller number first", where, o.ngram[1], o.ngram[2]) end
  if o.split == "characters" then o.least = 1 end
end

-- The words and word groups of each length: a list of columns and of their rows.
local function groups(column, o)
  local found, ends = words.split(column, o)
  local rows, out = words.rows(ends), {}
  for n = o.ngram[1], o.ngram[2] do
    local joined, of = words.joined(found, rows, n, o.split == "characters" and "" or " ")
    out[#out + 1] = { words = joined, rows = of }
  end
  return out
end

-- In how many rows each code is there.
local function rows_with(codes, rows, n)
  local _, firsts = core.distinct(rows * n + codes, nil)
  return words.counts(codes:index_select(1, firsts), n)
end

--- The vocabulary of a training part: the groups that are there most often, in the order of their bytes.
-- @return a list of strings
function word_counts.fit(column, o)
  local known, total = {}, {}
  for _, group in ipairs(groups(column, o)) do
    local codes, firsts = group.words:codes()
    local n = #firsts
    local often, distinct = words.counts(codes, n), group.words:gather(firsts)
    local rare = n > 0 and rows_with(codes, group.rows, n):lt(o.min_count)
    local list, counts = words.commonest(distinct, n > 0 and often:masked_fill(rare, 0) or often, 1, o.max_features)
    for i, one in ipairs(list) do known[#known + 1], total[one] = one, counts[i] end
  end
  if #known == 0 then blame.raise("column '%s' has no word that is in %d texts of the training part", column.name, o.min_count) end
  table.sort(known, function(a, b)
    if total[a] ~= total[b] then return total[a] > total[b] end
    return a < b
  end)
  for i = #known, o.max_features + 1, -1 do known[i] = nil end
  table.sort(known)
  return known
end

--- Counts of the words of a vocabulary.
-- @param column  of texts
-- @param known   the vocabulary
-- @return a sparse matrix [n, #known]
function word_counts.of(column, known, o)
  local rows, codes = {}, {}
  for i, group in ipairs(groups(column, o)) do
    local code = group.words:category(known).values
    local there = code:gt(0)
    rows[i], codes[i] = group.rows:masked_select(there), code:masked_select(there)
  end
  return core.sparse(ops.cat(rows, 1), ops.cat(codes, 1), nil, #column, #known)
end

--- The names of the fields.
function word_counts.fields(name, known)
  local fields = {}
  for i, one in ipairs(known) do fields[i] = name .. ":" .. one end
  return fields
end

return word_counts
