-- The recipes that are shipped, for a few steps: they check, run to their end and leave what they promise. Pictures are small
-- made ones of the right size; texts are the shipped ones.

local lu = require "luaunit"
local core = require "moonlab.core"
local ml = require "moonlab"
local json = require "moonlab.json"
local support = require "support"
local synthetic = require "synthetic"

local function here()
  local pipe = assert(io.popen "pwd")
  local path = pipe:read "l"
  pipe:close()
  return path
end

TestRecipes = {}

-- A few sentences in place of the treebank.
local function write_sentences(folder)
  assert(os.execute("mkdir -p " .. folder .. "/text/sst2"))
  local lines = {}
  for i = 1, 40 do lines[i] = ("a %s film with \"%d quotes\t%d"):format(i % 2 == 0 and "good" or "bad", i, (i + 1) % 2) end
  for _, name in ipairs { "train", "dev", "test" } do synthetic.write_file(("%s/text/sst2/%s.tsv"):format(folder, name), table.concat(lines, "\n") .. "\n") end
end

-- A picture with a bright square somewhere.
local function picture(path, side, i)
  local x = core.zeros({ side, side }, { dtype = "uint8" })
  local top, left = 1 + i % 10, 1 + i // 10
  x[{ { top, top + side // 4 }, { left, left + side // 4 } }] = 255
  synthetic.write_file(path, core.png(x))
end

local function write_flowers(folder)
  for k, kind in ipairs { "daisy", "dandelion", "rose", "sunflower", "tulip" } do
    assert(os.execute(("mkdir -p %s/flowers5/%s"):format(folder, kind)))
    for i = 1, 6 do picture(("%s/flowers5/%s/%d.png"):format(folder, kind, i), 20, 7 * k + i) end
  end
end

local function write_membranes(folder)
  assert(os.execute(("mkdir -p %s/isbi_em/image %s/isbi_em/label"):format(folder, folder)))
  for i = 0, 4 do
    for _, name in ipairs { "image", "label" } do picture(("%s/isbi_em/%s/%d.png"):format(folder, name, i), 256, i) end
  end
end

local function write_cells(folder)
  assert(os.execute(("mkdir -p %s/bccd/Annotations %s/bccd/JPEGImages %s/bccd/ImageSets/Main"):format(folder, folder, folder)))
  for part, stems in pairs { train = { 1, 2, 3 }, val = { 4 }, test = { 5 } } do
    synthetic.write_file(("%s/bccd/ImageSets/Main/%s.txt"):format(folder, part), table.concat(stems, "\n") .. "\n")
    for _, i in ipairs(stems) do
      picture(("%s/bccd/JPEGImages/%d.png"):format(folder, i), 40, i)
      synthetic.write_file(("%s/bccd/Annotations/%d.xml"):format(folder, i), ("<annotation><size><width>40</width><height>40</height></size>"
        .. "<object><name>RBC</name><bndbox><xmin>%d</xmin><ymin>1</ymin><xmax>%d</xmax><ymax>11</ymax></bndbox></object></annotation>"):format(
        1 + i, 11 + i))
    end
  end
end

-- Tones in place of spoken digits.
local function write_digits(folder)
  assert(os.execute("mkdir -p " .. folder .. "/fsdd/recordings"))
  for digit = 0, 9 do
    local x = (ml.arange(1, 900) * (0.2 + 0.1 * digit)):sin() * 0.5
    for _, rest in ipairs { "george_1", "george_7", "lucas_2", "lucas_8", "lucas_30" } do
      ml.data.write_sound(("%s/fsdd/recordings/%d_%s.wav"):format(folder, digit, rest), x, 8000)
    end
  end
end

-- Waves in place of a transformer's load: as many hours as the recipe's parts have.
local function write_load(folder)
  assert(os.execute("mkdir -p " .. folder .. "/timeseries"))
  local lines = { "date,HUFL,OT" }
  for i = 0, 20 * 30 * 24 - 1 do
    lines[#lines + 1] = ("%s,%.3f,%.3f"):format(os.date("!%Y-%m-%d %H:%M:%S", 1467331200 + 3600 * i), math.sin(i / 4), math.cos(i / 40))
  end
  synthetic.write_file(folder .. "/timeseries/ETTh1.csv", table.concat(lines, "\n") .. "\n")
end

-- files: what the run folder holds besides the usual. write: makes the data.
local function runs(name, settings, files, write)
  TestRecipes["test_" .. name .. "_runs"] = function()
    support.with_folder(function(folder);
      (write or synthetic.write)(folder, { side = 28, train = 120, test = 40 })
      local path = ("%s/recipes/%s.lua"):format(here(), name)
      local status, out, err = synthetic.run(folder, "check " .. path)
      lu.assertEquals(status, 0, err)
      lu.assertStrContains(out, "FLOP forward")
      status, out, err = synthetic.run(folder, ("run %s --out out %s"):format(path, settings))
      lu.assertTrue(status == 0 or status == 3, err) -- 3: the score of so few steps
      local metrics = json.decode(synthetic.read_file(folder .. "/out/metrics.json"))
      lu.assertEquals(metrics.steps, 4)
      for _, file in ipairs(files or {}) do lu.assertTrue(#synthetic.read_file(folder .. "/out/" .. file) > 0, file) end
    end)
  end
end

local few = "train.steps=4 train.eval_every=2 train.batch=8"
runs("fashion_cnn", few)
runs("fashion_quick", few)
runs("fashion_resnet20", few)
runs("fashion_lstm", few)
runs("fashion_vit", few)
runs("shakespeare", few .. " split.valid=0.01", { "sample.txt" })
runs("names", few, { "names.txt" })
runs("vae", few, { "garments.png" })
runs("gan", few, { "garments.png" })
runs("spirals", few)
runs("wine", few)
runs("breast_cancer", few)
runs("flowers", few, nil, write_flowers)
runs("membranes", "train.steps=4 train.eval_every=4 train.batch=1", nil, write_membranes)
runs("cells", "train.steps=4 train.eval_every=4 train.batch=1", nil, write_cells)

function TestRecipes:test_data_that_are_not_there_are_asked_for()
  for name, words in pairs { flowers = "put them into flowers5/daisy", membranes = "into isbi_em/image and isbi_em/label",
    cells = "into bccd/" } do
    support.with_folder(function(folder)
      local status, _, err = synthetic.run(folder, ("check %s/recipes/%s.lua"):format(here(), name))
      lu.assertEquals(status, 4)
      lu.assertStrContains(err, words)
    end)
  end
end
runs("splice", few, { "cleaning.json" })
runs("sentiment", few, nil, write_sentences)
runs("digits", few, nil, write_digits)
runs("digits_new_voice", few, nil, write_digits)
runs("etth1", few, nil, write_load)

function TestRecipes:test_a_run_folder_holds_the_network_that_two_recipes_share()
  support.with_folder(function(folder)
    write_digits(folder)
    local status, _, err = synthetic.run(folder, ("run %s/recipes/digits.lua --out out %s"):format(here(), few))
    lu.assertTrue(status == 0 or status == 3, err)
    assert(os.execute(("mv %s/out %s/copy"):format(folder, folder)))
    local out
    status, out, err = synthetic.run(folder, "predict copy fsdd/recordings/3_george_1.wav")
    lu.assertEquals(status, 0, err)
    lu.assertStrContains(out, "3_george_1.wav")
  end)
end

-- The recipe of a table, as it stands: cleaned, solved, cross-validated, searched.
function TestRecipes:test_churn_goes_the_whole_road()
  support.with_folder(function(folder)
    local path = here() .. "/recipes/churn.lua"
    for line, told in pairs { ["check %s"] = "ml.logistic, solved", ["run %s --out out"] = "accept >= 0.8: met",
      ["cv %s --out cv"] = "mean                 0.7156     0.9492", ["search %s --jobs 2 --out search"] = "chosen: trial 1, pca false, C 1" } do
      local status, out, err = synthetic.run(folder, line:format(path))
      lu.assertEquals(status, 0, err)
      lu.assertStrContains(out, told)
    end
    for _, name in ipairs { "out/cleaning.json", "out/quarantine.csv", "out/report.html", "search/trials.csv", "search/final/model.safetensors" } do
      lu.assertTrue(#synthetic.read_file(folder .. "/" .. name) > 0, name)
    end
  end)
end

function TestRecipes:test_another_speaker_is_held_out_by_name()
  support.with_folder(function(folder)
    write_digits(folder)
    local path = here() .. "/recipes/digits_new_voice.lua"
    for speaker, rows in pairs { george = 20, lucas = 30 } do
      local _, _, err = synthetic.run(folder, ("run %s --out %s speaker=%s %s"):format(path, speaker, speaker, few))
      lu.assertEquals(json.decode(synthetic.read_file(("%s/%s/metrics.json"):format(folder, speaker))).rows, rows, err)
    end
  end)
end

-- What `moonlab data` tells of them.
function TestRecipes:test_the_data_of_each_kind_are_profiled()
  support.with_folder(function(folder)
    for name, write in pairs { flowers = write_flowers, membranes = write_membranes, cells = write_cells, digits = write_digits, sentiment = write_sentences,
      churn = function() end } do
      write(folder)
      local status, out, err = synthetic.run(folder, ("data %s/recipes/%s.lua --out %s.html"):format(here(), name, name))
      lu.assertEquals(status, 0, err)
      lu.assertStrContains(out, "Parts")
      lu.assertStrContains(synthetic.read_file(("%s/%s.html"):format(folder, name)), "</html>")
    end
  end)
end

function TestRecipes:test_a_text_gives_the_same_bits_twice()
  support.with_folder(function(folder)
    local path, digests = here() .. "/recipes/names.lua", {}
    for i = 1, 2 do
      local status, _, err = synthetic.run(folder, ("run %s --out out%d train.steps=3 --threads %d"):format(path, i, i))
      lu.assertTrue(status == 0 or status == 3, err)
      digests[i] = require "moonlab.core".sha256(("%s/out%d/model.safetensors"):format(folder, i))
    end
    lu.assertEquals(digests[1], digests[2])
  end)
end

function TestRecipes:test_two_models_are_saved_under_their_names()
  support.with_folder(function(folder)
    synthetic.write(folder, { side = 28, train = 120, test = 40 })
    local _, _, err = synthetic.run(folder, ("run %s/recipes/gan.lua --out out %s"):format(here(), few))
    local tensors = require "moonlab".load(folder .. "/out/model.safetensors")
    lu.assertNotNil(tensors["G.1.weight"], err)
    lu.assertNotNil(tensors["D.2.weight"])
  end)
end

function TestRecipes:test_a_recipe_writes_nothing_outside_of_its_run_folder()
  for _, name in ipairs { "../x", "/tmp/x", "a/../../x", "", "metrics.json", "model.safetensors" } do
    support.with_folder(function(folder)
      synthetic.write(folder)
      synthetic.write_file(folder .. "/r.lua", synthetic.recipe {
        train = ("{ epochs = 1, optimizer = ml.optim.sgd { lr = 0.01 }, finish = function(run) run:write(%q, 'x') end }"):format(name) })
      local status, _, err = synthetic.run(folder, "run r.lua --out out")
      lu.assertEquals(status, 1, name)
      lu.assertStrContains(err, "run:write takes the name of a new file in the run folder")
    end)
  end
end
