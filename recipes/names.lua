-- moonlab run recipes/names.lua
-- A small transformer that invents first names, letter by letter (after A. Karpathy's makemore, 2022).
local ml = require "moonlab"
local nn, data = ml.nn, ml.data

local names = data.lines "data/names.txt"

return ml.recipe {
  name = "names", task = "generation", seed = 1,
  problem = { ask = "Which names could there be?", accept = { loss = 2.0 } },
  data  = { source = names },
  split = { valid = 0.1 },
  model = nn.Sequential {
    nn.Embedding(names:symbols(), 64), nn.LearnedPosition(32),
    nn.TransformerEncoderLayer(4, { causal = true, norm_first = true, activation = "gelu", dropout = 0 }),
    nn.TransformerEncoderLayer(4, { causal = true, norm_first = true, activation = "gelu", dropout = 0 }),
    nn.TransformerEncoderLayer(4, { causal = true, norm_first = true, activation = "gelu", dropout = 0 }),
    nn.TransformerEncoderLayer(4, { causal = true, norm_first = true, activation = "gelu", dropout = 0 }),
    nn.LayerNorm(), nn.Linear(names:symbols()),
  },
  train = {
    batch = 64, steps = 5000, eval_every = 500,
    optimizer = ml.optim.adamw { lr = 2e-3, weight_decay = 0.1, schedule = ml.optim.cosine { warmup = 0.2 } },
    finish = function(run)
      local list = {}
      for i = 1, 20 do -- id 1 is the mark that begins and ends a name
        list[i] = names:decode(run.model:generate { prompt = { 1 }, tokens = 20, stop = 1, seed = i }):gsub("\n", "")
      end
      run:write("names.txt", table.concat(list, "\n") .. "\n")
      run:say(table.concat(list, "  "))
    end,
  },
}
