-- moonlab run recipes/shakespeare.lua
-- A character transformer that writes in the manner of Shakespeare: nanoGPT's small setting for a CPU (A. Karpathy 2022).
local ml = require "moonlab"
local nn, data = ml.nn, ml.data

local context, width, heads, layers = 64, 128, 4, 4
local text = data.text("data/tinyshakespeare.txt", { context = context })

local model = { nn.Embedding(text:symbols(), width, { init = "normal" }), nn.LearnedPosition(context) }
for _ = 1, layers do
  model[#model + 1] = nn.TransformerEncoderLayer(heads, { causal = true, norm_first = true, activation = "gelu", dropout = 0 })
end
model[#model + 1] = nn.LayerNorm()
model[#model + 1] = nn.Linear(text:symbols())

return ml.recipe {
  name = "shakespeare", task = "generation", seed = 1,
  problem = { ask = "What would Shakespeare write next?", accept = { loss = 1.90 } },
  data  = { source = text },
  split = { valid = 0.1 },
  model = nn.Sequential(model),
  train = {
    batch = 12, steps = 2000, eval_every = 250, clip = 1,
    optimizer = ml.optim.adamw { lr = 2e-3, weight_decay = 0.1, beta2 = 0.99, schedule = ml.optim.cosine { warmup = 0.4 } },
    finish = function(run)
      local ids = run.model:generate { prompt = text:encode "\n", tokens = 500, temperature = 0.8, seed = 1 }
      run:write("sample.txt", text:decode(ids))
      run:say(text:decode(ids))
    end,
  },
}
