-- moonlab run recipes/gan.lua
-- A small generative adversarial network (Goodfellow et al. 2014): G paints garments out of noise, D tells them from real ones,
-- and each learns from the other. Two models, a step of its own.
local ml = require "moonlab"
local nn, data = ml.nn, ml.data

local latent = 64

local generator = nn.Sequential { nn.Linear(256), nn.LeakyReLU(0.2), nn.Linear(512), nn.LeakyReLU(0.2), nn.Linear(28 * 28), nn.Tanh() }
local discriminator = nn.Sequential { nn.Flatten(), nn.Linear(512), nn.LeakyReLU(0.2), nn.Dropout(0.3), nn.Linear(256), nn.LeakyReLU(0.2),
                                      nn.Dropout(0.3), nn.Linear(1) }

-- How wrong the scores are about pictures that are all real, or all painted.
local function wrong(scores, real) return nn.bce_with_logits(scores, ml.full(scores.shape, real and 0.9 or 0)) end

local function step(run, batch)
  local G, D, optimizer = run.model.G, run.model.D, run.optimizer
  local real = ((batch.x:flatten(2) * 0.3530 + 0.2860) * 2 - 1):clamp(-1, 1) -- as G's tanh paints: from -1 to 1
  local painted = G(ml.randn(batch.count, latent))

  optimizer.D:zero_grad()
  local loss_D = wrong(D(real), true) + wrong(D(painted:detach()), false)
  loss_D:backward()
  optimizer.D:step()

  optimizer.G:zero_grad()
  local loss_G = wrong(D(painted), true)
  loss_G:backward()
  optimizer.G:step()

  run.state.D, run.state.G = loss_D:item(), loss_G:item()
  return loss_D
end

local function adam() return ml.optim.adam { lr = 2e-4, beta1 = 0.5 } end

return ml.recipe {
  name = "gan", task = "generation", seed = 13,
  problem = { ask = "What could a garment look like?" },
  data   = { source = data.fashion_mnist() },
  split  = { valid = 0 },
  model  = { G = generator, D = discriminator }, inputs = { G = { latent } },
  train  = {
    batch = 128, epochs = 25, optimizer = { G = adam(), D = adam() }, step = step,
    on_epoch = function(run) run:say(("  D %.3f  G %.3f"):format(run.state.D, run.state.G)) end,
    finish = function(run)
      ml.manual_seed(1)
      local pictures = ((run.model.G(ml.randn(64, latent)) + 1) / 2):reshape(64, 28, 28)
      run:write("garments.png", ml.plot.image_grid(pictures, { columns = 8 }):png())
    end,
  },
}
