--- features.ngrams: how often words and groups of words are there in a text.

local Feature = require "moonlab.features.feature"
local numeric = require "moonlab.features.numeric"
local word_counts = require "moonlab.features.word_counts"
local words = require "moonlab.features.words"

local function fit(column, o) return { words = word_counts.fit(column, o) } end

local function apply(column, state, o)
  local counts = word_counts.of(column, state.words, o)
  if o.binary then counts = counts:with_values(counts:values():ne(0):to "float64") end
  return numeric.matrix(column.name, counts, word_counts.fields(column.name, state.words))
end

local fit_column, apply_column = Feature.each_column(fit, apply)

local OPTIONS = { { "binary", "boolean", false } }
table.move(word_counts.OPTIONS, 1, #word_counts.OPTIONS, 2, OPTIONS)

--- How often the words of the training part, or groups of them, are there in a text: scikit-learn's CountVectorizer. Kept as
-- what is there (12 bytes a word and row) for ml.logistic, ml.naive_bayes and ml.poisson; other models take 8 bytes a field and row.
-- @param o  { ngram = {1, 2}: words and pairs of words; {1, 1} if not given, max_features = 1000: the commonest, min_count = 1: in so many texts of the
--           training part at least, binary = false (true: 1 where a word is there), lower = true, split = "words", "blanks" or
--           "characters" as of features.tokens, least = 2: characters of a word, columns = names; all texts if not given }
-- @return a spec for a recipe's features
-- @error no word that is common enough
-- @usage features = { features.ngrams { ngram = { 1, 2 }, max_features = 500 } }
return Feature.kind { name = "ngrams", options = OPTIONS, takes = words.TYPES, wants = "text", fit = fit_column,
  apply = apply_column, check = word_counts.check }
