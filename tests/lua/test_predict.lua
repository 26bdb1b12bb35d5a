-- moonlab predict for pictures; for rows see test_tabular.lua.

local lu = require "luaunit"
local ml = require "moonlab"
local json = require "moonlab.json"
local support = require "support"
local synthetic = require "synthetic"

local function run(folder, arguments)
  local status, out, err = synthetic.run(folder, arguments)
  return { status = status, out = out, err = err }
end

-- A trained run of small pictures of 12 x 12, and the first pictures of its test part as files.
local function with_run(f)
  support.with_folder(function(folder)
    synthetic.write(folder)
    synthetic.write_file(folder .. "/r.lua", synthetic.recipe())
    lu.assertEquals(run(folder, "run r.lua --out out").status, 0)
    local set = require "moonlab.data.pictures".new("test", folder .. "/fashion-mnist/t10k-images-idx3-ubyte.gz",
      folder .. "/fashion-mnist/t10k-labels-idx1-ubyte.gz", ml.data.fashion_mnist().classes)
    f(folder, set)
  end)
end

TestPredict = {}

function TestPredict:test_a_picture_file_gets_the_class_that_its_pixels_get()
  with_run(function(folder, set)
    local model = ml.nn.Sequential { ml.nn.Flatten(), ml.nn.Linear(16), ml.nn.ReLU(), ml.nn.Linear(10) }
    model:load(folder .. "/out/model.safetensors")
    local _, _, metadata = ml.load(folder .. "/out/model.safetensors")
    local batch = set:normalised(json.decode(metadata.normalise)):fetch(ml.tensor { 1, 2, 3 }, {})
    local p = model(batch.x):double():softmax(2)
    local names = {}
    for i = 1, 3 do
      ml.data.write_image(("%s/p%d.png"):format(folder, i), set:bytes()[i])
      names[i] = ("p%d.png"):format(i)
    end
    local lines = {}
    for line in run(folder, "predict out --json " .. table.concat(names, " ")).out:gmatch "[^\n]+" do lines[#lines + 1] = json.decode(line) end
    lu.assertEquals(#lines, 3)
    for i, line in ipairs(lines) do
      lu.assertEquals({ line.input, line.class }, { names[i], set.classes[p:argmax(2):tolist()[i]] })
      lu.assertAlmostEquals(line.probability, p:max(2):tolist()[i], 1e-12)
    end
  end)
end

function TestPredict:test_a_picture_of_another_size_is_brought_to_that_of_training()
  with_run(function(folder)
    ml.data.write_image(folder .. "/large.png", ml.rand(3, 40, 50))
    local r = run(folder, "predict out large.png")
    lu.assertEquals(r.status, 0, r.err)
    lu.assertStrMatches(r.out, "large%.png  [%w/ -]+  [01]%.%d%d%d%d\n")
  end)
end

function TestPredict:test_what_does_not_fit_is_named()
  with_run(function(folder)
    synthetic.write_file(folder .. "/rows.csv", "a,b\n1,2\n")
    synthetic.write_file(folder .. "/broken.png", "\137PNG\r\n\26\n and no more")
    synthetic.write_file(folder .. "/a.xyz", "?")
    lu.assertStrContains(run(folder, "predict out rows.csv").err, "predict: small was not trained on a table; it takes pictures")
    lu.assertEquals(run(folder, "predict out broken.png").status, 4)
    lu.assertStrContains(run(folder, "predict out broken.png").err, "broken.png: ")
    lu.assertStrContains(run(folder, "predict out a.xyz").err, "predict: a.xyz: rows end in .csv, .tsv, .jsonl or .parquet, pictures in .png or .jpg")
    lu.assertStrContains(run(folder, "predict out none.png").err, "predict: there is no file none.png")
  end)
end

TestPredictRows = {}

-- The files on which a model of nameless columns was trained have no header; those that it is given may have one, and need no target.
function TestPredictRows:test_columns_that_the_recipe_names_are_found_with_and_without_a_header_and_target()
  support.with_folder(function(folder)
    local lines = {}
    for i = 1, 60 do lines[i] = ("%d,%d,%s"):format(i % 7, i % 5, (i % 7 > 3) and "high" or "low") end
    synthetic.write_file(folder .. "/rows.csv", table.concat(lines, "\n") .. "\n")
    synthetic.write_file(folder .. "/r.lua", [[local ml = require "moonlab"
return ml.recipe { name = "r", task = "binary", data = { source = ml.data.csv("rows.csv", { header = false, names = { "a", "b", "kind" } }), target = "kind" },
  split = { test = 0.2 }, model = ml.logistic() }]])
    lu.assertEquals(run(folder, "run r.lua --out out --quiet").status, 0)
    local function said(text)
      synthetic.write_file(folder .. "/new.csv", text)
      local r = run(folder, "predict out new.csv")
      return r.status == 0 and r.out or r.err
    end
    local whole = said "6,1,high\n0,1,low\n"
    lu.assertStrMatches(whole, "new.csv:1  high  [%d.]+\nnew.csv:2  low  [%d.]+\n")
    for _, text in ipairs { "6,1\n0,1\n", "a,b\n6,1\n0,1\n", "b,a,kind\n1,6,high\n1,0,low\n" } do lu.assertEquals(said(text), whole) end
    lu.assertStrContains(said "6\n0\n", "has 1 columns, but names gives 3")
  end)
end
