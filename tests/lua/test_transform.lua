-- What every picture of a recipe gets: data.center_crop, data.pad and data.normalise as torchvision computes them, in training, when it is
-- judged and when it is served.

local ml = require "moonlab"
local core = require "moonlab.core"
local normalise = require "moonlab.data.normalise"
local support = require "support"
local synthetic = require "synthetic"
local json = require "moonlab.json"
local lu = require "luaunit"
local data = ml.data

-- Pixels of 5 x 7 that tell their place, 10 i + j, in a folder of one class.
local function with_pictures(f)
  support.with_folder(function(folder)
    assert(os.execute("mkdir -p " .. folder .. "/flowers/a"))
    local x = (core.arange(1, 5):reshape { 5, 1 } * 10 + core.arange(1, 7)):to "uint8"
    synthetic.write_file(folder .. "/flowers/a/1.png", core.png(x))
    synthetic.write_file(folder .. "/flowers/a/2.png", core.png(x + 100))
    f(data.folder(folder .. "/flowers", { channels = 1 }), folder)
  end)
end

-- The first picture of a set as bytes.
local function first(set, steps)
  return (set:normalised({ mean = { 0 }, std = { 1 } }, steps):batches({ size = 1 })().x[1][1] * 255 + 0.5):to "int64"
end

TestTransform = {}

-- torchvision: top = round((height - h) / 2), halves to even; a border's smaller half is above.
function TestTransform:test_center_crop_takes_the_middle()
  with_pictures(function(set)
    support.equal(first(set, { data.center_crop { 2, 3 } }), { { 33, 34, 35 }, { 43, 44, 45 } })
    support.equal(first(set, { data.center_crop { 4, 2 } }), { { 13, 14 }, { 23, 24 }, { 33, 34 }, { 43, 44 } })
    support.equal(first(set, { data.center_crop(1) }), { { 34 } })
  end)
end

function TestTransform:test_around_a_smaller_picture_comes_black()
  with_pictures(function(set)
    local x = first(set, { data.center_crop { 8, 8 } })
    support.equal(x:slice(1, 2, 6):slice(2, 1, 7), first(set))
    lu.assertEquals(x:sum():item(), first(set):sum():item())
  end)
end

function TestTransform:test_pad_puts_a_border_around()
  with_pictures(function(set)
    local x = first(set, { data.pad { 1, 2 } })
    lu.assertEquals(x.shape, { 7, 11 })
    support.equal(x:slice(1, 2, 6):slice(2, 3, 9), first(set))
    lu.assertEquals(x:sum():item(), first(set):sum():item())
    lu.assertEquals(first(set, { data.pad(3), data.center_crop { 5, 7 } }):tolist(), first(set):tolist())
  end)
end

function TestTransform:test_a_random_window_takes_the_place_of_the_middle_in_training()
  with_pictures(function(set)
    local fixed = set:normalised(nil, { data.center_crop(3) })
    lu.assertEquals(fixed:batches({ size = 2 })().x.shape, { 2, 1, 3, 3 })
    local seen = {}
    for pass = 1, 20 do
      local x = fixed:batches({ size = 2, augment = { data.crop { size = { 3, 3 } } }, seed = 1, pass = pass })().x
      lu.assertEquals(x.shape, { 2, 1, 3, 3 })
      seen[math.floor(x[1][1][1][1]:item() * 255 + 0.5)] = true
    end
    lu.assertTrue(seen[11] or seen[35] or seen[31] or seen[15]) -- a corner that is not the middle's
  end)
end

function TestTransform:test_what_is_fitted_is_fitted_to_what_the_model_sees()
  with_pictures(function(set)
    local middle = normalise.fit(set, { data.center_crop { 1, 1 } })
    lu.assertAlmostEquals(middle.mean[1], (34 + 134) / 2 / 255, 1e-12)
    lu.assertAlmostEquals(middle.std[1], 50 / 255, 1e-12)
    local bordered = normalise.fit(set, { data.pad { 0, 7 } })
    lu.assertAlmostEquals(bordered.mean[1], normalise.fit(set).mean[1] / 3, 1e-12)
  end)
end

function TestTransform:test_masks_move_with_their_pictures()
  support.with_folder(function(folder)
    assert(os.execute(("mkdir %s/x %s/y"):format(folder, folder)))
    local mask = (core.arange(1, 64):remainder(3):eq(0):to "int64" * 255):to "uint8":reshape { 8, 8 }
    for _, name in ipairs { "x", "y" } do synthetic.write_file(("%s/%s/1.png"):format(folder, name), core.png(mask)) end
    local set = data.masks { images = folder .. "/x", masks = folder .. "/y", channels = 1 }
    local batch = set:normalised({ mean = { 0.5 }, std = { 0.5 } }, { data.center_crop { 4, 6 } }):batches {}()
    lu.assertEquals(batch.y.shape, { 1, 4, 6 })
    support.close(batch.x:select(2, 1), batch.y:to "float32" * 2 - 3, 1e-5)
  end)
end

function TestTransform:test_arguments_are_checked()
  support.fails("data.center_crop: the size is a whole number from 1 or a pair of them, got 0", function() data.center_crop(0) end)
  support.fails("data.pad: the border is a whole number from 0 or a pair of them, got 1.5", function() data.pad(1.5) end)
  support.fails("data.normalise: mean and std are given together, or neither: then both are fitted", function() data.normalise { mean = 0.5 } end)
  support.fails("data.normalise: std must be numbers above 0, one a channel, got 0 at place 1", function() data.normalise { mean = 0.5, std = 0 } end)
  support.fails("augment: entry 1, data.normalise, is for all pictures: put it into features", function()
    with_pictures(function(set) set:batches({ augment = { data.normalise() } })() end)
  end)
end

-- Recipes ------------------------------------------------------------------------------------------------------------

TestTransformRecipe = {}

local RECIPE = [[local ml = require "moonlab"
local data, nn = ml.data, ml.nn
return ml.recipe { name = "small", task = "multiclass", seed = 1,
  data = { source = data.folder("flowers", { size = { 10, 10 }, resize = "crop" }) }, split = { valid = 0, test = 0.25 },
  features = { %s }, augment = { data.crop { size = { 6, 6 } } },
  model = nn.Sequential { nn.Flatten(), nn.Linear(2) },
  train = { batch = 4, epochs = 1, optimizer = ml.optim.sgd { lr = 0.1 } } }
]]

local function with_run(features, f)
  support.with_folder(function(folder)
    for i = 1, 8 do
      local class = i % 2 == 0 and "a" or "b"
      assert(os.execute(("mkdir -p %s/flowers/%s"):format(folder, class)))
      local x = (core.rand(9, 14, 3, { key = i }) * 255):to "uint8"
      synthetic.write_file(("%s/flowers/%s/%d.png"):format(folder, class, i), core.png(x))
    end
    synthetic.write_file(folder .. "/r.lua", RECIPE:format(features))
    local status, _, err = synthetic.run(folder, "run r.lua --out out")
    f(folder, status, err)
  end)
end

function TestTransformRecipe:test_a_picture_is_served_as_it_was_judged()
  with_run("data.center_crop(6), data.normalise { mean = { 0.5, 0.4, 0.3 }, std = { 0.2, 0.3, 0.4 } }", function(folder, status, err)
    lu.assertEquals(status, 0, err)
    local model = ml.nn.Sequential { ml.nn.Flatten(), ml.nn.Linear(2) }
    model:load(folder .. "/out/model.safetensors")
    local set = data.folder(folder .. "/flowers", { size = { 10, 10 }, resize = "crop" })
    local x = (set:pixels(core.arange(1, 1)):to "float32" / 255):slice(3, 3, 8):slice(4, 3, 8)
    local mean, std = ml.tensor { 0.5, 0.4, 0.3 }:reshape { 1, 3, 1, 1 }, ml.tensor { 0.2, 0.3, 0.4 }:reshape { 1, 3, 1, 1 }
    local p = model((x - mean) / std):double():softmax(2)
    local _, out = synthetic.run(folder, "predict out --json flowers/a/2.png")
    local answer = json.decode(out)
    lu.assertEquals(answer.class, ({ "a", "b" })[p:argmax(2):item()])
    lu.assertAlmostEquals(answer.probability, p:max():item(), 1e-6)
  end)
end

function TestTransformRecipe:test_columns_are_no_pictures()
  with_run("ml.features.standardize()", function(_, status, err)
    lu.assertEquals(status, 1)
    lu.assertStrContains(err, "r.lua:5: features: entry 1 is for columns; this source is no table")
  end)
end
