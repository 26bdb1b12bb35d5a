-- moonlab run recipes/sentiment.lua
-- Does a sentence about a film praise it? A vector for each word and for each pair of neighbours, their sum, and one linear layer (Joulin et
-- al. 2016), learned from the 6,920 sentences alone, chosen before convolutions over words (Kim 2014) by the validation part. Beside it, as a
-- score of its own, naive Bayes over words and word pairs, which stays ahead on the held-out part: so few sentences don't teach a network
-- more than counting does, and vectors that were learned elsewhere are not used.
-- The Stanford Sentiment Treebank in two classes (SST-2) may not be shipped: put its train.tsv, dev.tsv and test.tsv (sentence, tab,
-- 0 or 1; no header) into text/sst2/ in a folder that MOONLAB_DATA names. They come with github.com/clairett/pytorch-sentiment-classification.
local ml = require "moonlab"
local nn, data, features = ml.nn, ml.data, ml.features

local words, places = 12000, 40000 -- word pairs share places

local function tsv(name)
  return data.csv("text/sst2/" .. name, { separator = "\t", header = false, quote = false, names = { "sentence", "label" }, missing = {} })
end
local source = data.parts { train = tsv "train.tsv", valid = tsv "dev.tsv", test = tsv "test.tsv" }

local function narrow(weight, key) nn.init.normal(weight, { std = 0.1, key = key }) end

local WordPairs = nn.Module:extend "WordPairs"
function WordPairs:init()
  self.word, self.pair = nn.Embedding(words + 2, 32, { init = narrow }), nn.Embedding(places, 32, { init = narrow })
  self.drop, self.out = nn.Dropout(0.5), nn.Linear(1)
end
function WordPairs:forward(x) -- ids; 0 behind the end, which has no vector
  local first, second = x:slice(2, 1, -2), x:slice(2, 2, -1)
  local pair = ((first * 7919 + second * 104729):remainder(places) + 1) * second:gt(0):to "int64"
  local sum = self.drop(self.word(x)):sum(2) + self.drop(self.pair(pair)):sum(2)
  local count = x:gt(0):to "float32":sum(2):clamp(1):unsqueeze(2)
  return self.out(self.drop(sum / count:sqrt()))
end

-- Words and word pairs, each once a sentence, with one added to each count. Gives the share of right answers.
local function naive_bayes(t)
  local counts, sum, known, right, asked = { {}, {} }, { 0, 0 }, 0, 0, 0
  local function terms(sentence)
    local seen, last = {}, nil
    for word in sentence:gmatch "%S+" do
      seen[word] = true
      if last then seen[last .. " " .. word] = true end
      last = word
    end
    return seen
  end
  local sentences, labels, parts = t.sentence:to_list(), t.label:text():to_list(), t.part:to_list()
  for i, sentence in ipairs(sentences) do
    local class = labels[i] == "1" and 2 or 1
    if parts[i] == "train" then
      for term in pairs(terms(sentence)) do
        if not counts[1][term] and not counts[2][term] then known = known + 1 end
        counts[class][term] = (counts[class][term] or 0) + 1
        sum[class] = sum[class] + 1
      end
    elseif parts[i] == "test" then
      local odds = 0
      for term in pairs(terms(sentence)) do
        local a, b = counts[1][term], counts[2][term]
        if a or b then odds = odds + math.log(((b or 0) + 1) / (sum[2] + known)) - math.log(((a or 0) + 1) / (sum[1] + known)) end
      end
      asked = asked + 1
      if (odds > 0) == (class == 2) then right = right + 1 end
    end
  end
  return right / asked
end

return ml.recipe {
  name    = "sentiment",
  problem = { ask = "Does this sentence praise the film?", accept = { accuracy = 0.80 } },
  task    = "binary",
  seed    = 1,
  data = {
    source  = source,
    target  = "label", positive = "1",
    columns = { sentence = data.string { min_length = 1 } },
  },
  split    = { by = "part" },
  features = { features.tokens { length = 40, min_count = 1, max_words = words, split = "blanks" } },
  model    = WordPairs(),
  train    = { loss = "bce_with_logits", batch = 50, epochs = 10, select = "accuracy", ema = 0.99,
               optimizer = ml.optim.adamw { lr = 2e-3, weight_decay = 0.1, schedule = ml.optim.cosine() } },
  assess   = { metrics = { "accuracy", "auc" }, score = function() return { naive_bayes_accuracy = naive_bayes(source:table()) } end },
}
