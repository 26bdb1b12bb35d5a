--- What the features of texts share: the words of a column, the words that are known, and rows of numbers of different lengths.

local core = require "moonlab.core"
local Column = require "moonlab.table.column"
local ops = core.ops

local words = {}

--- The types of columns that hold texts.
words.TYPES = { text = true, category = true }

--- What makes a word: "words", runs of letters, digits and "_" (and of all that is not ASCII), "blanks", what stands between blanks,
-- "characters", each by itself.
words.RULES = { "words", "blanks", "characters" }

--- The words of a column, one behind the other.
-- @param column  of text or of a category
-- @param o       { split = a rule, lower = true, least = characters of a word }
-- @return a column of words, and int64 [n]: how many words there are to the end of each row
function words.split(column, o)
  if column.type == "category" then column = column:text() end
  if o.lower then column = column:lower() end
  local found, ends = core.text_words(column.bytes, column.ends, column.missing, o.split, o.least or 1)
  return Column.new(found), ends
end

-- How many words there are before each row.
local function before(ends) return ops.cat({ core.zeros(1, { dtype = "int64" }), ends:slice(1, 1, #ends - 1) }, 1) end

--- The row of each word, int64, from 1: how many rows have begun.
-- @param ends  as split gives it
function words.rows(ends)
  local total = #ends > 0 and ends:at(#ends) or 0
  if total == 0 then return core.zeros(0, { dtype = "int64" }) end
  return (before(ends) + 1):bincount({ minlength = total + 1 }):slice(1, 1, total):cumsum(1)
end

--- Words behind each other as one: the word pairs of two.
-- @param found   a column of words
-- @param rows    the row of each
-- @param n       how many words make one
-- @param between  what stands between them
-- @return a column, and the row of each
function words.joined(found, rows, n, between)
  local joined, count = found, #found - n + 1
  if n == 1 then return found, rows end
  if count < 1 then return found:gather(core.zeros(0, { dtype = "int64" })), core.zeros(0, { dtype = "int64" }) end
  local starts = core.arange(1, count)
  local whole = starts:masked_select(rows:index_select(1, starts):eq(rows:index_select(1, starts + (n - 1))))
  joined = found:gather(whole)
  for i = 1, n - 1 do joined = joined:concat(between):concat(found:gather(whole + i)) end
  return joined, rows:index_select(1, whole)
end

--- The commonest values of a column; of as many, those that come first by their bytes.
-- @param counts     int64, one for each of the distinct values
-- @param distinct   a column of them
-- @param min_count  values that are rarer are left out
-- @param most       how many at most, or nil
-- @return a list of strings, without those that are no UTF-8 (what is kept with a model is text), and the count of each
function words.commonest(distinct, counts, min_count, most)
  local order = distinct:order()
  counts = counts:index_select(1, order)
  local kept = counts:ge(min_count):nonzero():flatten()
  order, counts = order:index_select(1, kept), counts:index_select(1, kept)
  if #order == 0 then return {}, {} end
  local by_count = counts:argsort(1, { descending = true })
  if most and #by_count > most then by_count = by_count:slice(1, 1, most) end
  local list, kept_counts, all = {}, {}, counts:index_select(1, by_count):tolist()
  for i, word in ipairs(distinct:gather(order:index_select(1, by_count)):to_list()) do
    if utf8.len(word) then list[#list + 1], kept_counts[#list + 1] = word, all[i] end
  end
  return list, kept_counts
end

--- How often each of the codes 1..n is there.
function words.counts(codes, n)
  if #codes == 0 then return core.zeros(n, { dtype = "int64" }) end
  return codes:bincount { minlength = n }
end

--- Rows of different lengths as a tensor, each cut or filled up with 0.
-- @param values  a vector, row behind row
-- @param ends    int64 [n]: where each row ends in it
-- @param length  of a row of the result
-- @return tensor [n, length]
function words.padded(values, ends, length)
  local n = #ends
  if #values == 0 or n == 0 then return core.zeros(n, length, { dtype = values.dtype }) end
  local at = before(ends):unsqueeze(2) + core.arange(1, length):unsqueeze(1)
  local beyond = at:gt(ends:unsqueeze(2))
  local found = values:index_select(1, at:clamp(1, #values):reshape { -1 }):reshape { n, length }
  return found:masked_fill(beyond, 0)
end

--- A column of a tensor, which is all of x.
-- @param values  tensor [n, ...]
-- @param name    of the column
function words.tensor(values, name) return Column.new { type = "tensor", name = name, values = values } end

return words
