-- Samples of a trained generator: tagged, the same for the same seed, and held out by no split.

local lu = require "luaunit"
local ml = require "moonlab"
local support = require "support"
local synthetic = require "synthetic"
local data, nn = ml.data, ml.nn

local function doubled(count, more)
  local o = { model = function(z) return z * 2 + 1 end, latent = { 3 }, count = count, seed = 4 }
  for name, value in pairs(more or {}) do o[name] = value end
  return data.generated(o)
end

TestGenerated = {}

function TestGenerated:test_samples_are_what_the_model_makes_of_noise_of_the_seed()
  local x = doubled(600):column "x"
  lu.assertEquals(x.shape, { 600, 3 })
  lu.assertTrue(math.abs(x:mean():item() - 1) < 0.2 and math.abs(x:std():item() - 2) < 0.2)
  lu.assertTrue(x:eq(doubled(600):column "x"):all():item())
  lu.assertFalse(x:eq(doubled(600, { seed = 5 }):column "x"):all():item())
  lu.assertTrue(doubled(600, { map = function(y) return (y - 1) / 2 end }):column("x"):allclose((x - 1) / 2))
end

function TestGenerated:test_a_module_is_as_it_was_when_it_is_done()
  local model = nn.Sequential { nn.Linear(4), nn.Dropout(0.5) }:build { 3 }
  local set = data.generated { model = model, latent = { 3 }, count = 5 }
  lu.assertEquals(#set:column "x":eq(0):nonzero(), 0) -- no dropout
  lu.assertTrue(model.training)
  lu.assertFalse(set:column "x".requires_grad)
end

local function both(more)
  local real = data.tensors { x = ml.randn(40, 3), y = ml.ones(40, { dtype = "int64" }), classes = { "a", "b" } }
  local o = { class = 2, classes = { "a", "b" } }
  for name, value in pairs(more or {}) do o[name] = value end
  return data.concat { real, doubled(20, o) }
end

local function sources(part) return part:column("source"):bincount({ minlength = 2 }):tolist() end

function TestGenerated:test_no_split_holds_samples_out_and_the_fractions_are_of_the_real_rows()
  local parts = ml.split.parts(both(), { valid = 0.25, test = 0.25 })
  lu.assertEquals({ sources(parts.train), sources(parts.valid), sources(parts.test) }, { { 20, 20 }, { 10, 0 }, { 10, 0 } })
  local again = ml.split.parts(parts.train, { valid = 0.5 })
  lu.assertEquals({ sources(again.train), sources(again.valid) }, { { 10, 20 }, { 10, 0 } })
  parts = ml.split.parts(both(), { valid = 0.25, stratify = true })
  lu.assertEquals(sources(parts.valid), { 10, 0 })
end

function TestGenerated:test_samples_are_held_out_where_that_is_asked_for_or_there_is_nothing_else()
  lu.assertTrue(sources(ml.split.parts(both { hold_out = true }, { valid = 0.5 }).valid)[2] > 0)
  lu.assertEquals(#ml.split.parts(doubled(20), { valid = 0.25 }).valid, 5)
end

function TestGenerated:test_reading_a_run_leaves_the_random_numbers_where_they_were()
  local seeds = require "moonlab.seed"
  ml.manual_seed(9)
  ml.randn(1)
  local expected = ml.randn(3)
  ml.manual_seed(9)
  ml.randn(1)
  lu.assertFalse(pcall(seeds.held, function()
    ml.manual_seed(1)
    error "done"
  end))
  lu.assertTrue(ml.randn(3):eq(expected):all():item())
end

function TestGenerated:test_the_tag_says_where_samples_come_from()
  local set = doubled(20)
  lu.assertEquals({ set.synthetic, set:describe().maker, set:describe().seed }, { true, "generated", 4 })
  lu.assertTrue(both().synthetic)
  lu.assertEquals(both():sources()[2], { name = "synthetic/generated", rows = 20, synthetic = true })
end

function TestGenerated:test_wrong_options_are_named()
  lu.assertErrorMsgContains("either run, a folder, or model, a module, is needed", data.generated, { count = 1 })
  lu.assertErrorMsgContains("latent, the sizes of a row of noise, is needed", data.generated, { model = print, count = 1 })
  lu.assertErrorMsgContains("count, the number of samples, is needed", data.generated, { model = print, latent = { 1 } })
end

local GAN = [[
local ml = require "moonlab"
local nn, data = ml.nn, ml.data
local function step(run, batch)
  local loss = (run.model.G(ml.randn(batch.count, 2)):mean() - run.model.D(batch.x):mean()):square()
  run.optimizer.G:zero_grad() loss:backward() run.optimizer.G:step()
  return loss
end
return ml.recipe {
  name = "gan", task = "generation", seed = 1, data = { source = data.make_moons { n = 40 } }, split = { valid = 0 },
  model = { G = nn.Linear(2), D = nn.Linear(1) }, inputs = { G = { 2 } },
  train = { batch = 20, epochs = 2, step = step, optimizer = { G = ml.optim.adam {}, D = ml.optim.adam {} } },
}
]]

local RECIPE = [[
local ml = require "moonlab"
local nn, data = ml.nn, ml.data
return ml.recipe {
  name = "with_fakes", task = "multiclass", seed = 1, split = { valid = 0.2, test = 0.2 },
  data = { source = data.concat { data.make_moons { n = 40 }, data.generated { run = "gan", name = "%s", count = 30, class = 1, classes = { "upper", "lower" } } } },
  model = nn.Linear(2), train = { batch = 10, epochs = 1, optimizer = ml.optim.adam {} },
}
]]

function TestGenerated:test_a_recipe_trains_on_samples_of_a_run_and_holds_out_none()
  support.with_folder(function(folder)
    local function run(arguments) return synthetic.run(folder, arguments) end
    synthetic.write_file(folder .. "/g.lua", GAN)
    synthetic.write_file(folder .. "/r.lua", RECIPE:format "G")
    local status, _, err = run "run g.lua --out gan"
    lu.assertEquals(status, 0, err)
    status, _, err = run "run r.lua --out out"
    lu.assertEquals(status, 0, err)
    local config = require "moonlab.json".decode(synthetic.read_file(folder .. "/out/config.json"))
    lu.assertEquals({ config.split.rows.train, config.split.rows.valid, config.split.rows.test }, { 54, 8, 8 })
    lu.assertStrContains(config.data.files[1].path, "gan/model.safetensors")
    synthetic.write_file(folder .. "/w.lua", RECIPE:format "g")
    status, _, err = run "run w.lua --out wrong"
    lu.assertStrContains(err, "data.generated: unknown model 'g'; did you mean 'G'?")
    lu.assertEquals(status, 1)
  end)
end
