--- features.tfidf: words of a text, weighed by how rare they are.

local core = require "moonlab.core"
local Feature = require "moonlab.features.feature"
local numeric = require "moonlab.features.numeric"
local sparse = require "moonlab.sparse"
local word_counts = require "moonlab.features.word_counts"
local words = require "moonlab.features.words"

-- idf = log((1 + n) / (1 + texts with the word)) + 1, as if one text more had every word.
local function fit(column, o)
  local known = word_counts.fit(column, o)
  local counts = word_counts.of(column, known, o)
  local with = counts:with_values(counts:values():ne(0):to "float64"):sum_groups(nil, 1):squeeze(1)
  return { words = known, idf = (((with + 1):pow(-1) * (#column + 1)):log() + 1):tolist() }
end

local function apply(column, state, o)
  local weights = word_counts.of(column, state.words, o)
  if o.sublinear then weights = weights:with_values(weights:values():log() + 1) end
  weights = weights:scaled(nil, core.tensor(state.idf, { dtype = "float64" }))
  if o.norm == "l2" then
    local length = sparse.squares(weights):sqrt()
    weights = weights:scaled(1 / length:masked_fill(length:eq(0), 1))
  end
  return numeric.matrix(column.name, weights, word_counts.fields(column.name, state.words))
end

local fit_column, apply_column = Feature.each_column(fit, apply)

local OPTIONS = { { "sublinear", "boolean", false }, { "norm", { "l2", "none" }, "l2" } }
table.move(word_counts.OPTIONS, 1, #word_counts.OPTIONS, 3, OPTIONS)

--- Words of a text, or groups of them, each weighed by how few texts of the training part have it: scikit-learn's TfidfVectorizer with
-- smooth_idf. Other than there, all letters that are not ASCII count as letters. Kept as features.ngrams keeps its counts.
-- @param o  { ngram = {1, 2}: words and pairs of words; {1, 1} if not given, max_features = 1000: the commonest, min_count = 1: in so many texts of the
--           training part at least, sublinear = false (true: 1 + log(count)), norm = "l2" (rows of length 1) or "none", lower = true,
--           split = "words", "blanks" or "characters" as of features.tokens, least = 2: characters of a word, columns = names }
-- @return a spec for a recipe's features
-- @error no word that is common enough
-- @usage features = { features.tfidf { ngram = { 1, 2 }, max_features = 500, sublinear = true } }
return Feature.kind { name = "tfidf", options = OPTIONS, takes = words.TYPES, wants = "text", fit = fit_column,
  apply = apply_column, check = word_counts.check }
