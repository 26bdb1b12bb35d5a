-- moonlab run recipes/vae.lua
-- A variational autoencoder that paints garments (Kingma and Welling 2013): the picture is squeezed into 16 numbers that
-- follow a normal distribution, so that numbers drawn from one can be turned into pictures.
local ml = require "moonlab"
local nn, data = ml.nn, ml.data

local latent = 16

local VAE = nn.Module:extend "VAE"
function VAE:init()
  self.encoder = nn.Sequential { nn.Conv2d(32, 3, { stride = 2, padding = 1 }), nn.ReLU(), nn.Conv2d(64, 3, { stride = 2, padding = 1 }),
                                 nn.ReLU(), nn.Flatten(), nn.Linear(128), nn.ReLU() }
  self.mean, self.log_var = nn.Linear(latent), nn.Linear(latent)
  self.decoder = nn.Sequential { nn.Linear(256), nn.ReLU(), nn.Linear(512), nn.ReLU(), nn.Linear(28 * 28) }
end
function VAE:forward(x)
  local h = self.encoder(x)
  local mean, log_var = self.mean(h), self.log_var(h)
  local noise = self.training and ml.randn(mean.shape) or ml.zeros(mean.shape)
  return self.decoder(mean + (log_var * 0.5):exp() * noise), mean, log_var, x -- the picture itself is what is compared with
end

-- The evidence lower bound, negative: the picture's cross-entropy, and the divergence of the code from a standard normal.
local function loss(output)
  local logits, mean, log_var, x = table.unpack(output)
  local ink = (x:flatten(2) * 0.3530 + 0.2860):clamp(0, 1) -- as bright as in the file, from 0 to 1
  local picture = nn.bce_with_logits(logits, ink, { reduction = "sum" })
  local divergence = (1 + log_var - mean:square() - log_var:exp()):sum() * -0.5
  return (picture + divergence) / #x
end

return ml.recipe {
  name = "vae", task = "generation", seed = 11,
  problem = { ask = "What could a garment look like?", accept = { loss = 245 } },
  data  = { source = data.fashion_mnist() },
  split = { valid = 0.1 },
  model = VAE(),
  train = {
    batch = 128, epochs = 15, loss = loss,
    optimizer = ml.optim.adam { lr = 2e-3, schedule = ml.optim.cosine { warmup = 0.2 } },
    finish = function(run)
      ml.manual_seed(1)
      local pictures = run.model.decoder(ml.randn(64, latent)):sigmoid():reshape(64, 28, 28)
      run:write("garments.png", ml.plot.image_grid(pictures, { columns = 8 }):png())
    end,
  },
}
