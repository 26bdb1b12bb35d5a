--- features.tokens: texts as rows of numbers of words.

local blame = require "moonlab.blame"
local Feature = require "moonlab.features.feature"
local words = require "moonlab.features.words"

local UNKNOWN = 1 -- 0 fills up; the known words follow

local function fit(column, o)
  local found = words.split(column, o)
  local codes, firsts = found:codes()
  local known = words.commonest(found:gather(firsts), words.counts(codes, #firsts), o.min_count, o.max_words)
  if #known == 0 then
    blame.raise("features.tokens: no word of column '%s' is there %d times in the training part", column.name, o.min_count)
  end
  return { words = known }
end

local function apply(column, state, o)
  local found, ends = words.split(column, o)
  local ids = found:category(state.words).values
  ids = ids + UNKNOWN -- a word that is not known has the code 0
  return words.tensor(words.padded(ids, ends, o.length), column.name)
end

local fit_column, apply_column = Feature.each_column(fit, apply)

--- Texts as the numbers of their words: x is int64 [n, length], cut or filled up with 0. 1 stands for a word that is not known; the
-- known ones, from 2 on, are those of the training part, the commonest first. Such a tensor is all of x: nn.Embedding takes it.
-- @param o  { length = 64: words of a row, min_count = 1: a rarer word is not known, max_words = at most so many are known,
--           lower = true: capital letters become small, split = "words": runs of letters, digits and "_" (and of all that is not
--           ASCII), "blanks": what stands between blanks, or "characters", columns = names; all texts if not given }
-- @return a spec for a recipe's features
-- @usage features = { features.tokens { length = 40, min_count = 2 } }
return Feature.kind {
  name = "tokens", takes = words.TYPES, wants = "text", fit = fit_column, apply = apply_column,
  options = { { "length", "count", 64 }, { "min_count", "count", 1 }, { "max_words", "count" }, { "lower", "boolean", true },
    { "split", words.RULES, "words" } },
}
