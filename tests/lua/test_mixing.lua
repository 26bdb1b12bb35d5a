-- data.mixup and data.cutmix: the arithmetic of torchvision, shares from a beta distribution that depend on seed, epoch and row alone, and
-- a loss that takes what there is of each class.

local ml = require "moonlab"
local core = require "moonlab.core"
local support = require "support"
local synthetic = require "synthetic"
local lu = require "luaunit"
local data, nn, ops = ml.data, ml.nn, core.ops

-- Pictures of n rows, each with a class of its own unless classes are fewer.
local function set_of(n, classes, height, width)
  local names, y = {}, {}
  for i = 1, classes do names[i] = "class " .. i end
  for i = 1, n do y[i] = (i - 1) % classes + 1 end
  local x = core.rand(n, 2, height, width, { key = 3 }) + 1
  return data.tensors { x = x, y = core.tensor(y), classes = names }, x
end

local function previous(i, n) return i == 1 and n or i - 1 end

TestMixing = {}

function TestMixing:test_mixup_is_a_share_of_the_row_and_the_rest_of_the_one_before()
  local set, x = set_of(6, 6, 3, 4)
  local batch = set:batches { size = 6, augment = { data.mixup(1) }, seed = 1, pass = 1 }()
  for i = 1, 6 do
    local j, y = previous(i, 6), batch.y[i]
    local share = y[i]:item()
    lu.assertTrue(share > 0 and share < 1)
    lu.assertAlmostEquals(y[j]:item(), 1 - share, 1e-6)
    support.close(batch.x[i], x[i] * share + x[j] * (1 - share), 1e-6)
  end
  support.close(batch.y:sum(2), { 1, 1, 1, 1, 1, 1 }, 1e-6)
end

-- torchvision's: a rectangle around a random place, half its sides int(sqrt(1 - share) / 2 * side), cut at the border.
function TestMixing:test_cutmix_puts_in_a_rectangle_and_counts_its_pixels()
  local set, x = set_of(40, 40, 12, 10)
  local batch = set:batches { size = 40, augment = { data.cutmix(1) }, seed = 1, pass = 1 }()
  local changed = 0
  for i = 1, 40 do
    local other = x[previous(i, 40)]
    local own = batch.x[i]:eq(x[i])
    support.equal(batch.x[i], ops.where(own, x[i], other))
    support.equal(own[1], own[2])
    local inside = own[1]:logical_not()
    local rows, columns = inside:any(2):sum():item(), inside:any(1):sum():item()
    lu.assertEquals(inside:sum():item(), rows * columns) -- what is not of the row is a rectangle
    lu.assertAlmostEquals(batch.y[i][i]:item(), 1 - rows * columns / 120, 1e-6)
    changed = changed + (rows > 0 and 1 or 0)
  end
  lu.assertTrue(changed > 25)
end

local function shares(set, size, alpha, pass, seed)
  local out = {}
  for batch in set:batches { size = size, augment = { data.mixup(alpha) }, seed = seed or 1, pass = pass } do
    for i = 1, batch.count do out[#out + 1] = batch.y[i][batch.rows[i]:item()]:item() end
  end
  return out
end

function TestMixing:test_a_share_depends_on_seed_epoch_and_row_alone()
  local set = set_of(12, 12, 1, 1)
  local whole = shares(set, 12, 0.4, 1)
  lu.assertEquals(shares(set, 4, 0.4, 1), whole)
  lu.assertEquals(shares(set, 12, 0.4, 1), whole)
  lu.assertNotEquals(shares(set, 12, 0.4, 2), whole)
  lu.assertNotEquals(shares(set, 12, 0.4, 1, 2), whole)
end

-- The mean of Beta(a, a) is 1/2, its variance 1 / (4 (2 a + 1)), its fourth central moment 3 / (16 (2 a + 1) (2 a + 3)).
function TestMixing:test_shares_are_of_a_beta_distribution()
  local n = 4000
  local set = data.tensors { x = core.zeros { n, 1, 1, 1 }, y = core.arange(1, n):remainder(2) + 1, classes = { "a", "b" } }
  for _, alpha in ipairs { 0.2, 1, 5 } do
    local batch = set:batches { size = n, augment = { data.mixup(alpha) }, seed = 1, pass = 1 }()
    local own = batch.y:gather(2, (core.arange(1, n):remainder(2) + 1):unsqueeze(2)):double()
    local off = own - 0.5
    lu.assertAlmostEquals(own:mean():item(), 0.5, 0.02)
    lu.assertAlmostEquals(off:square():mean():item(), 1 / (4 * (2 * alpha + 1)), 0.006)
    lu.assertAlmostEquals((off ^ 4):mean():item(), 3 / (16 * (2 * alpha + 1) * (2 * alpha + 3)), 0.003)
  end
end

function TestMixing:test_a_batch_of_one_row_is_itself()
  local set, x = set_of(1, 3, 4, 4)
  for _, change in ipairs { data.mixup(1), data.cutmix(1) } do
    local batch = set:batches { augment = { change } }()
    support.close(batch.x, x, 1e-6)
    support.close(batch.y, { { 1, 0, 0 } }, 1e-6)
  end
end

function TestMixing:test_what_cannot_be_mixed_is_refused()
  local set = set_of(4, 2, 4, 4)
  support.fails("data.mixup must be the last change of the list: it mixes what the others give",
    function() set:batches { augment = { data.mixup(1), data.flip() } } end)
  support.fails("data.mixup: alpha must be above 0, got 0", function() data.mixup(0) end)
  support.fails("data.cutmix: alpha must be above 0, got 'x'", function() data.cutmix "x" end)
  support.fails("data.mixup: the rows of tensors have no class each, which could be mixed",
    function() data.tensors { x = core.zeros { 2, 1, 4, 4 }, y = core.zeros(2) }:batches { augment = { data.mixup(1) } }() end)
  support.fails("data.cutmix: x must be pictures, float32 [B, C, H, W], got float32 [2, 4]",
    function() data.tensors { x = core.zeros { 2, 4 }, y = core.tensor { 1, 2 }, classes = { "a", "b" } }:batches { augment = { data.cutmix(1) } }() end)
end

function TestMixing:test_a_recipe_trains_with_mixed_rows_and_is_assessed_by_classes()
  for _, train in ipairs { "{ batch = 20, epochs = 2, optimizer = ml.optim.adamw { lr = 0.01 } }",
    "{ batch = 20, epochs = 1, accumulate = 3, loss_options = { weight = 'balanced', label_smoothing = 0.1 }, optimizer = ml.optim.adamw { lr = 0.01 } }" } do
    support.with_folder(function(folder)
      synthetic.write(folder)
      synthetic.write_file(folder .. "/r.lua", synthetic.recipe { train = train, augment = "{ ml.data.flip(), ml.data.mixup(0.2) }" })
      local status, _, err = synthetic.run(folder, "run r.lua --out out")
      lu.assertEquals(status, 0, err)
      lu.assertStrContains(synthetic.read_file(folder .. "/out/metrics.json"), '"accuracy"')
    end)
  end
end

-- torch.nn.functional.cross_entropy(x, y, ...) of PyTorch 2.
TestSoftCrossEntropy = {}

local X = { { 0.5, -1.0, 2.0 }, { 1.0, 0.0, -0.5 } }
local Y = { { 0.7, 0.3, 0.0 }, { 0.0, 0.25, 0.75 } }
local function double(list) return core.tensor(list, { dtype = "float64" }) end

function TestSoftCrossEntropy:test_probabilities_give_what_pytorch_gives()
  local w = double { 1, 2, 0.5 }
  local function loss(o) return nn.cross_entropy(double(X), double(Y), o) end
  lu.assertAlmostEquals(loss():item(), 2.0153400403825508, 1e-12)
  lu.assertAlmostEquals(loss({ label_smoothing = 0.1 }):item(), 1.9657567070492177, 1e-12)
  lu.assertAlmostEquals(loss({ weight = w }):item(), 2.316263685874378, 1e-12)
  lu.assertAlmostEquals(loss({ weight = w, label_smoothing = 0.2, reduction = "sum" }):item(), 4.554013916244195, 1e-12)
  support.close(loss { reduction = "none" }, { 2.191311296657157, 1.839368784107945 }, 1e-12)
end

function TestSoftCrossEntropy:test_its_gradient_is_that_of_pytorch()
  local x = core.tensor(X, { dtype = "float64", requires_grad = true })
  nn.cross_entropy(x, double(Y)):backward()
  support.close(x.grad, { { -0.2623548039299816, -0.13044371336465627, 0.39279851729463794 },
    { 0.3142658596058812, -0.00938805118892548, -0.3048778084169558 } }, 1e-12)
end

function TestSoftCrossEntropy:test_one_hot_rows_are_classes()
  local x = core.randn(5, 4, { key = 1 })
  local y = core.tensor { 1, 4, 2, 2, 3 }
  support.close(nn.cross_entropy(x, ops.one_hot(y, 4)), nn.cross_entropy(x, y), 1e-6)
end
