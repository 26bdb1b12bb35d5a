-- Features of texts: ids of words, counted words against scikit-learn, letters of DNA; the pipeline whose x is one tensor.

local lu = require "luaunit"
local ml = require "moonlab"
local core = require "moonlab.core"
local json = require "moonlab.json"
local support = require "support"
local synthetic = require "synthetic"
local Feature = require "moonlab.features.feature"
local pipeline = require "moonlab.features.pipeline"
local fixture = dofile "tests/fixtures/signal.lua"
local byte_pairs = dofile "tests/fixtures/bpe.lua"
local data, features = ml.data, ml.features

local function close(got, expected, tolerance)
  local worst = (got:double():flatten() - core.tensor(expected, { dtype = "float64" })):abs():max():item()
  lu.assertTrue(worst <= tolerance, ("differs by %g"):format(worst))
end

local function texts(list) return data.table { text = list } end

-- The tensor of a feature fitted to some texts, of others.
local function fitted(spec, list, others)
  local step = spec:fit(texts(list), {})
  return pipeline.x(Feature.apply(step, texts(others or list))), step.state[1]
end

TestWords = {}

local function split(list, rule, least)
  local column = texts(list).text
  local words, ends = core.text_words(column.bytes, column.ends, column.missing, rule, least or 1)
  return core.text_list(words.bytes, words.ends, words.missing), ends:tolist()
end

function TestWords:test_words_are_runs_of_letters_and_of_all_that_is_not_ascii()
  local words, ends = split({ " it's 2 o_k!", "", "été—x ÿ" }, "words")
  lu.assertEquals(words, { "it", "s", "2", "o_k", "été—x", "ÿ" })
  lu.assertEquals(ends, { 4, 4, 6 })
  lu.assertEquals((split({ "a bc été é" }, "words", 2)), { "bc", "été" })
end

function TestWords:test_blanks_and_characters_split_too()
  lu.assertEquals((split({ "\t wo n't  go\n", "x" }, "blanks")), { "wo", "n't", "go", "x" })
  local words, ends = split({ "aé—", "", "z" }, "characters")
  lu.assertEquals({ words, ends }, { { "a", "é", "—", "z" }, { 3, 3, 4 } })
end

function TestWords:test_pieces_joined_are_the_text()
  for _, text in ipairs { "a b", "  a  b \n\n c ", "", " ", "abc", "\t\ta", "a\xff\xc3 b" } do
    lu.assertEquals(table.concat((split({ text }, "pieces"))), text)
  end
  lu.assertEquals((split({ "ab  cd\n" }, "pieces")), { "ab", " ", " cd", "\n" })
end

function TestWords:test_a_missing_text_has_no_words()
  local column = data.table { text = { "a b", data.missing, "c" } }.text
  local words, ends = core.text_words(column.bytes, column.ends, column.missing, "blanks", 1)
  lu.assertEquals({ #words.ends, ends:tolist() }, { 3, { 2, 2, 3 } })
end

TestTokens = {}

function TestTokens:test_the_commonest_words_come_first_and_unknown_ones_are_1()
  local x, state = fitted(features.tokens { length = 4 }, { "b a b", "c b a", "" }, { "A b x c b", "", "c" })
  lu.assertEquals(state.words, { "b", "a", "c" })
  lu.assertEquals({ x.dtype, x:tolist() }, { "int64", { { 3, 2, 1, 4 }, { 0, 0, 0, 0 }, { 4, 0, 0, 0 } } })
end

function TestTokens:test_rare_words_and_those_beyond_max_words_are_unknown()
  lu.assertEquals(fitted(features.tokens { length = 3, min_count = 2 }, { "b a b" }):tolist(), { { 2, 1, 2 } })
  lu.assertEquals(fitted(features.tokens { length = 3, max_words = 1, lower = false }, { "b B B" }):tolist(), { { 1, 2, 2 } })
  lu.assertErrorMsgContains("no word of column 'text' is there 3 times", fitted, features.tokens { min_count = 3 }, { "b a b" })
end

TestBytePairs = {}

local function joined(a, b) return table.move(b, 1, #b, #a + 1, { table.unpack(a) }) end

for _, case in ipairs(byte_pairs.cases) do
  TestBytePairs["test_merges_and_ids_are_those_of_plain_counting_with_a_vocabulary_of_" .. case.vocabulary] = function()
    local x, state = fitted(features.bpe { vocabulary = case.vocabulary, min_count = case.min_count, length = 64 }, byte_pairs.texts,
      joined(byte_pairs.texts, byte_pairs.new))
    lu.assertEquals(state.merges, case.merges)
    for i, row in ipairs(x:tolist()) do
      for k = 1, 64 do lu.assertEquals(row[k], case.ids[i][k] or 0) end
    end
  end
end

function TestBytePairs:test_the_text_of_its_ids_is_the_text()
  local all = {}
  for byte = 0, 255 do all[byte + 1] = string.char(byte) end
  local pairs_ = features.byte_pairs(byte_pairs.texts, { vocabulary = 300 })
  for _, text in ipairs(joined(byte_pairs.new, { table.concat(all), "  a  b \n\n", "lowest banana" })) do
    lu.assertEquals(pairs_:decode(pairs_:encode(text)), text)
  end
end

function TestBytePairs:test_what_a_model_keeps_gives_the_same_ids()
  local step = features.bpe { vocabulary = 300, lower = true }:fit(texts(byte_pairs.texts), {})
  local again = features.byte_pairs(json.decode(json.encode(step.state[1])), { lower = true })
  local pairs_ = features.byte_pairs(byte_pairs.texts, { vocabulary = 300, lower = true })
  lu.assertEquals({ #again, again:encode("The LOWEST banana"):tolist() }, { #pairs_, pairs_:encode("the lowest banana"):tolist() })
end

function TestBytePairs:test_a_word_without_a_blank_costs_no_more_than_its_length()
  local word = ("abcab"):rep(20000)
  local pairs_ = features.byte_pairs({ word }, { vocabulary = 270 })
  lu.assertEquals(pairs_:decode(pairs_:encode(word)), word)
  lu.assertTrue(#pairs_:encode(word) < 20)
end

function TestBytePairs:test_the_bytes_must_fit_into_the_vocabulary()
  lu.assertErrorMsgContains("features.bpe: vocabulary 100 is too small: the bytes have 256 ids already", features.bpe, { vocabulary = 100 })
end

TestCountedWords = {}

for i, case in ipairs(fixture.words) do
  TestCountedWords[("test_%s_%d_is_that_of_scikit_learn"):format(case.kind, i)] = function()
    local all = table.move(fixture.new, 1, #fixture.new, #fixture.texts + 1, table.move(fixture.texts, 1, #fixture.texts, 1, {}))
    local step = features[case.kind](case.options):fit(texts(fixture.texts), {})
    lu.assertEquals(step.state[1].words, case.words)
    close(Feature.apply(step, texts(all)).text.values:dense(), case.x, 1e-14)
  end
end

function TestCountedWords:test_max_features_keeps_the_commonest()
  local _, state = fitted(features.ngrams { max_features = 2, least = 1 }, { "a b b c c c d", "b" })
  lu.assertEquals(state.words, { "b", "c" })
end

function TestCountedWords:test_the_fields_are_named_after_column_and_word()
  local step = features.ngrams { ngram = 2 }:fit(texts { "big red dog" }, {})
  lu.assertEquals(pipeline.fields(Feature.apply(step, texts { "x" })), { "text:big red", "text:red dog" })
end

function TestCountedWords:test_ngrams_in_the_wrong_order_are_refused()
  lu.assertErrorMsgContains("features.tfidf: ngram goes from 2 to 1; write the smaller number first", features.tfidf, { ngram = { 2, 1 } })
end

TestLetters = {}

function TestLetters:test_letters_that_stand_for_several_have_a_share_in_each()
  local x = fitted(features.letters {}, { "  ACN", "tR" })
  lu.assertEquals(x.shape, { 2, 4, 3 })
  lu.assertEquals(x:tolist(), { { { 1, 0, 0.25 }, { 0, 1, 0.25 }, { 0, 0, 0.25 }, { 0, 0, 0.25 } },
    { { 0, 0.5, 0 }, { 0, 0, 0 }, { 0, 0.5, 0 }, { 1, 0, 0 } } })
end

function TestLetters:test_ids_are_places_in_the_alphabet()
  lu.assertEquals(fitted(features.letters { as = "ids", length = 5 }, { "ACGTN", "t", "" }):tolist(),
    { { 1, 2, 3, 4, 5 }, { 4, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } })
end

function TestLetters:test_an_ambiguous_letter_must_stand_for_letters_of_the_alphabet()
  lu.assertErrorMsgContains("features.letters: ambiguous names letters and what they may be", features.letters, { ambiguous = { N = "ACX" } })
  lu.assertErrorMsgContains("the letter 'A' stands in the alphabet twice", features.letters, { alphabet = "ABA" })
end

TestTensorColumns = {}

local KINDS = { features.tokens { length = 6 }, features.ngrams { ngram = { 1, 2 } }, features.tfidf { sublinear = true }, features.letters { alphabet = "abc" },
  features.bpe { vocabulary = 280, length = 30 } }

function TestTensorColumns:test_what_is_fitted_survives_json_and_a_row_is_the_same_alone()
  for _, spec in ipairs(KINDS) do
    local step = spec:fit(texts(fixture.texts), {})
    local all = pipeline.x(Feature.apply(step, texts(fixture.texts)))
    local again = json.decode(json.encode(step))
    for i, text in ipairs(fixture.texts) do
      local alone = pipeline.x(Feature.apply(again, texts { text }))
      lu.assertTrue(alone:eq(all:slice(1, i, i)):all():item(), spec.kind.name .. ", row " .. i)
    end
  end
end

function TestTensorColumns:test_a_tensor_stands_alone()
  local t = data.table { { "text", { "a", "b" } }, { "x", { 1, 2 } } }
  local step = features.tokens { length = 2 }:fit(t, {})
  lu.assertErrorMsgContains("column 'text' is a tensor [2, 2], which is all of x, but there is 'x' beside it", function()
    pipeline.x(Feature.apply(step, t))
  end)
end

local RECIPE = [[
local ml = require "moonlab"
local nn, data, features = ml.nn, ml.data, ml.features
return ml.recipe {
  name = "good", task = "multiclass", seed = 1,
  data = { source = data.parts { train = data.csv "train.csv", valid = data.csv "test.csv", test = data.csv "test.csv" }, target = "label",
    columns = { text = data.string {} } },
  split = { by = "part" },
  features = { features.tokens { length = 4 } },
  model = nn.Sequential { nn.Embedding(10, 4), nn.Flatten(), nn.Linear(2) },
  train = { batch = 8, epochs = 30, optimizer = ml.optim.adam { lr = 0.05 } },
}
]]

function TestTensorColumns:test_a_recipe_of_texts_in_parts_trains_and_serves()
  support.with_folder(function(folder)
    local lines = { "text,label" }
    for i = 1, 40 do lines[#lines + 1] = i % 2 == 0 and "a good film,yes" or "this is bad,no" end
    synthetic.write_file(folder .. "/train.csv", table.concat(lines, "\n") .. "\n")
    synthetic.write_file(folder .. "/test.csv", "text,label\na good film,yes\nthis is bad,no\na good film,yes\n")
    synthetic.write_file(folder .. "/r.lua", RECIPE)
    local status, _, err = synthetic.run(folder, "run r.lua --out out")
    lu.assertEquals(status, 0, err)
    local config = json.decode(synthetic.read_file(folder .. "/out/config.json"))
    lu.assertEquals({ config.split.rows.train, config.split.rows.valid, config.split.rows.test, #config.data.files }, { 40, 3, 3, 3 })
    lu.assertEquals(json.decode(synthetic.read_file(folder .. "/out/metrics.json")).test.accuracy, 1.0)
    synthetic.write_file(folder .. "/new.csv", "text,label\na good film,\nunheard of,\n")
    local out
    status, out, err = synthetic.run(folder, "predict out new.csv --json")
    lu.assertEquals(status, 0, err)
    lu.assertEquals(json.decode(out:match "[^\n]+").class, "yes")
  end)
end
