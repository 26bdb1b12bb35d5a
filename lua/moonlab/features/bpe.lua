--- features.bpe and features.byte_pairs: texts as rows of ids of pieces of words.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local byte_pairs = require "moonlab.features.byte_pairs"
local options = require "moonlab.options"
local Column = require "moonlab.table.column"
local Feature = require "moonlab.features.feature"
local words = require "moonlab.features.words"
local ops = core.ops

local BYTES = 256

local function check(o, where)
  if o.vocabulary < BYTES then blame.raise("%s: vocabulary %d is too small: the bytes have %d ids already", where, o.vocabulary, BYTES) end
end

-- A word with the blank before it; joined they are the text.
local function pieces(column, o) return words.split(column, { split = "pieces", lower = o.lower }) end

-- Each word is looked at once, however often it is there.
local function learn(column, o)
  local found = pieces(column, o)
  local codes, firsts = found:codes()
  return byte_pairs.learn(found:gather(firsts):to_list(), words.counts(codes, #firsts):tolist(), o)
end

local function before(ends) return ops.cat({ core.zeros(1, { dtype = "int64" }), ends }, 1) end

-- The ids of all words behind one another, int64, and where each row ends in them.
local function ids_of(column, merges, o)
  local found, ends = pieces(column, o)
  if #found == 0 then return core.zeros(0, { dtype = "int64" }), ends end
  local codes, firsts = found:codes()
  local encode, ids, word_ends = byte_pairs.encoder(merges), {}, {}
  for i, word in ipairs(found:gather(firsts):to_list()) do
    local list = encode(word)
    table.move(list, 1, #list, #ids + 1, ids)
    word_ends[i] = #ids
  end
  word_ends = before(core.tensor(word_ends, { dtype = "int64" }))
  local from = word_ends:index_select(1, codes)
  local all_ends = (word_ends:index_select(1, codes + 1) - from):cumsum(1)
  local word = words.rows(all_ends)
  local starts = before(all_ends)
  local at = core.arange(1, #word) - starts:index_select(1, word) + from:index_select(1, word)
  return core.tensor(ids, { dtype = "int64" }):index_select(1, at), starts:index_select(1, ends + 1)
end

local function fit(column, o) return { merges = learn(column, o) } end

local function apply(column, state, o)
  local ids, ends = ids_of(column, state.merges, o)
  return words.tensor(words.padded(ids, ends, o.length), column.name)
end

local fit_column, apply_column = Feature.each_column(fit, apply)

local OPTIONS = { { "vocabulary", "count", 4096 }, { "min_count", "count", 2 }, { "lower", "boolean", false } }

-- By hand --------------------------------------------------------------------------------------------------------------

local BytePairs = { __name = "moonlab.BytePairs" }
BytePairs.__index = BytePairs

function BytePairs.__len(self) return BYTES + #self.merges // 2 end
function BytePairs.__tostring(self) return ("byte pairs: %d ids"):format(#self) end

--- Ids of a text as an int64 tensor.
function BytePairs:encode(text) return (ids_of(Column.of_strings({ text }, 1, "text"), self.merges, self)) end

--- The text of ids: a tensor or list. 0 gives nothing.
function BytePairs:decode(ids)
  if core.is_tensor(ids) then ids = ids:reshape { -1 }:tolist() end
  local out = {}
  for i, id in ipairs(ids) do out[i] = self.texts[id] or "" end
  return table.concat(out)
end

local read = options("features.byte_pairs", OPTIONS, "features.byte_pairs(texts, {vocabulary = 1000})")

local bpe = {}

--- What features.bpe does, by hand: byte pairs of a list of texts, with ids for any text and the text of ids.
-- @param texts  a list of strings, or a column of texts; or { merges = what features.bpe keeps with a model }
-- @param o      { vocabulary = 4096, min_count = 2, lower = false as of features.bpe }
-- @return byte pairs: :encode(text) -> int64 tensor, :decode(ids) -> text, #pairs ids in all, .merges, .texts = what each id stands for
-- @usage local pairs = features.byte_pairs({ "low lower lowest" }, { vocabulary = 260 }); print(pairs:encode "slow", pairs:decode(pairs:encode "slow"))
function bpe.byte_pairs(texts, o)
  o = read(o)
  check(o, "features.byte_pairs")
  if type(texts) ~= "table" then blame.raise("features.byte_pairs: a list of texts is needed, got %s", blame.show(texts)) end
  local merges = not Column.is(texts) and texts.merges
  if not merges then
    merges = learn(Column.is(texts) and texts or Column.of_strings(texts, #texts, "text"), o)
  end
  return setmetatable({ merges = merges, texts = byte_pairs.texts(merges), lower = o.lower }, BytePairs)
end

--- Texts as ids of pieces of words (byte-pair encoding): x is int64 [n, length], cut or filled up with 0. Pairs of neighbours that are common
-- in the training part became one id, so that common words have one and rare ones are spelled; what was never seen has the ids of its
-- bytes, and no text is lost. Words keep the blank before them; pairs do not reach over words. Such a tensor is all of x:
-- nn.Embedding(vocabulary) takes it.
-- @param o  { vocabulary = 4096: ids in all, 256 of them of the bytes, length = 64: ids of a row, min_count = 2: a rarer pair stays two,
--           lower = false (true: capital letters become small), columns = names; all texts if not given }
-- @return a spec for a recipe's features
-- @error a vocabulary below 256
-- @usage features = { features.bpe { vocabulary = 8000, length = 60 } }
bpe.bpe = Feature.kind {
  name = "bpe", takes = words.TYPES, wants = "text", fit = fit_column, apply = apply_column, check = check,
  options = { { "length", "count", 64 }, table.unpack(OPTIONS) },
}

return bpe
