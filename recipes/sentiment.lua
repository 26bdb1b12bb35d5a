-- moonlab run recipes/sentiment.lua
-- Does a sentence about a film praise it? Convolutions over words (Kim 2014), with naive Bayes over words and word pairs beside it.
-- The Stanford Sentiment Treebank in two classes (SST-2) may not be shipped: put its train.tsv, dev.tsv and test.tsv (sentence, tab,
-- 0 or 1; no header) into text/sst2/ in a folder that MOONLAB_DATA names. They come with github.com/clairett/pytorch-sentiment-classification.
local ml = require "moonlab"
local nn, data, features = ml.nn, ml.data, ml.features

local words = 12000

local function tsv(name)
  return data.csv("text/sst2/" .. name, { separator = "\t", header = false, quote = false, names = { "sentence", "label" }, missing = {} })
end
local source = data.parts { train = tsv "train.tsv", valid = tsv "dev.tsv", test = tsv "test.tsv" }

local function narrow(weight, key) nn.init.normal(weight, { std = 0.1, key = key }) end

-- Convolutions of three widths, and of each the largest answer anywhere in the sentence.
local WordConvolutions = nn.Module:extend "WordConvolutions"
function WordConvolutions:init()
  self.embedding, self.drop = nn.Embedding(words + 1, 64, { init = narrow }), nn.Dropout(0.5)
  self.three, self.four, self.five = nn.Conv1d(64, 3), nn.Conv1d(64, 4), nn.Conv1d(64, 5)
  self.out = nn.Linear(1)
end
function WordConvolutions:forward(x)
  local h, found = self.drop(self.embedding(x)):transpose(2, 3), {}
  for i, conv in ipairs { self.three, self.four, self.five } do found[i] = conv(h):relu():max(3) end
  return self.out(self.drop(ml.cat(found, 2)))
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
  seed    = 5,
  data = {
    source  = source,
    target  = "label", positive = "1",
    columns = { sentence = data.string { min_length = 1 } },
  },
  split    = { by = "part" },
  features = { features.tokens { length = 40, min_count = 1, max_words = words, split = "blanks" } },
  model    = WordConvolutions(),
  train    = {
    loss = "bce_with_logits", batch = 50, epochs = 8, select = "accuracy", optimizer = ml.optim.adamw { lr = 2e-3, weight_decay = 1e-2, schedule = ml.optim.cosine() },
    finish = function(run) run:say(("naive Bayes over words and word pairs: test accuracy %.4f"):format(naive_bayes(source:table()))) end,
  },
  assess = { metrics = { "accuracy", "auc" } },
}
