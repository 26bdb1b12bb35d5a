-- Lengths of sequences on their way from a data set to the layers that take them.

local ml = require "moonlab"
local core = require "moonlab.core"
local metrics = require "moonlab.metrics"
local support = require "support"
local synthetic = require "synthetic"
local lu = require "luaunit"
local nn, data = ml.nn, ml.data

local function sequences()
  return data.sequences { x = { { 3, 1, 2, 4 }, { 5 }, { 4, 4 }, { 1, 5, 5 } }, y = { 1, 2, 2, 1 }, classes = { "a", "b" } }
end

-- The class from the LSTM's last state, that of each sequence's own end.
local Net = nn.Module:extend "Net"
Net.takes_lengths = true
function Net:init() self.embed, self.lstm, self.head = nn.Embedding(5, 4), nn.LSTM(6), nn.Linear(2) end
function Net:forward(x, o)
  local _, h = self.lstm(self.embed(x), o)
  return self.head(h:select(1, 1))
end

TestLengths = {}

function TestLengths:test_a_sequential_hands_them_to_the_layers_that_take_them()
  ml.manual_seed(1)
  local embed, gru, head = nn.Embedding(5, 4), nn.GRU(3, { bidirectional = true }), nn.Linear(2)
  local model = nn.Sequential { embed, gru, head }
  local x = core.tensor { { 3, 1, 2 }, { 5, 0, 0 } }
  local o = { lengths = core.tensor { 3, 1 } }
  support.equal(model(x, o), head((gru(embed(x), o))))
  lu.assertFalse(model(x, o):equal(model(x)))
  lu.assertTrue(nn.Sequential { nn.Sequential { gru } }.takes_lengths)
  lu.assertNil(nn.Sequential { embed, head }.takes_lengths)
end

function TestLengths:test_padding_changes_no_score()
  ml.manual_seed(1)
  local model, set = Net(), sequences()
  model:build { 4, dtype = "int64" }
  local function loss(output, batch) return nn.cross_entropy(output, batch.y) end
  local whole = metrics.evaluate(model, set, { loss = loss, batch = 4 }).loss
  lu.assertAlmostEquals(metrics.evaluate(model, set, { loss = loss, batch = 1 }).loss, whole, 1e-6)
  Net.takes_lengths = nil
  lu.assertNotAlmostEquals(metrics.evaluate(model, set, { loss = loss, batch = 4 }).loss, whole, 1e-4)
  Net.takes_lengths = true
end

local RECIPE = [[local ml = require "moonlab"
local nn, data = ml.nn, ml.data
local Net = nn.Module:extend "Net"
Net.takes_lengths = true
function Net:init() self.embed, self.lstm, self.head = nn.Embedding(5, 4), nn.LSTM(6), nn.Linear(2) end
function Net:forward(x, o)
  if self.seen then assert(#o.lengths == #x) end
  self.seen = o ~= nil
  local _, h = self.lstm(self.embed(x), o)
  return self.head(h:select(1, 1))
end
local x, y = {}, {}
for i = 1, 40 do
  x[i], y[i] = {}, i %% 2 + 1
  for t = 1, i %% 7 + 1 do x[i][t] = i %% 2 + 1 + t %% 2 end
end
return ml.recipe { name = "lengths", task = "multiclass", seed = 1, problem = { accept = { accuracy = 0.9 } },
  data = { source = data.sequences { x = x, y = y, classes = { "a", "b" } } }, split = { valid = 0.1, test = 0.2 }, model = Net(),
  train = { batch = 4, epochs = 12, by_length = true, accumulate = %d, optimizer = ml.optim.adamw { lr = 0.03 } } }
]]

function TestLengths:test_a_recipe_trains_a_model_that_takes_them()
  for pieces = 1, 2 do
    support.with_folder(function(folder)
      synthetic.write_file(folder .. "/r.lua", RECIPE:format(pieces))
      local status, _, err = synthetic.run(folder, "run r.lua --out out")
      lu.assertEquals(status, 0, err)
    end)
  end
end
