--- A small net with one layer of each kind, and a training of it on made-up pictures: what the tests of determinism and
-- the sanitized run go through.

local ml = require "moonlab"
local nn = ml.nn

local small = {}

--- An unbuilt net for pictures [B, 1, 12, 12] and 5 classes.
function small.model()
  return nn.Sequential {
    nn.Conv2d(8, 3, { padding = "same" }), nn.BatchNorm(), nn.ReLU(), nn.MaxPool2d(2),
    nn.Residual { nn.Conv2d(8, 3, { padding = "same" }), nn.BatchNorm(), nn.ReLU() },
    nn.Flatten(), nn.Linear(32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(5),
  }
end

--- Pictures in which the class is a bright row, among noise: { x = [n, 1, 12, 12], y = [n] }.
function small.pictures(n, key)
  local core = require "moonlab.core"
  local y = core.randint(1, 5, { n }, { key = key })
  local x = core.randn(n, 1, 12, 12, { key = key + 1 }) * 0.3
  local rows = core.ops.one_hot(y, 12):reshape(n, 1, 12, 1)
  return { x = x + rows, y = y }
end

--- Trains for some steps; the loss of the last one and the model. on_step(step, loss) after each.
function small.train(steps, batch, on_step)
  ml.manual_seed(3)
  local model, data = small.model(), small.pictures(256, 11)
  local optimizer = ml.optim.adamw(model, { lr = 0.01 })
  local last
  for step = 1, steps do
    local from = (step - 1) * batch % (256 - batch + 1) + 1
    local x, y = data.x:slice(1, from, from + batch - 1), data.y:slice(1, from, from + batch - 1)
    local loss = nn.cross_entropy(model(x), y, { label_smoothing = 0.1 })
    optimizer:zero_grad()
    loss:backward()
    optimizer:step()
    last = loss:item()
    if on_step then on_step(step, last) end
  end
  return last, model
end

return small
