-- moonlab eval of data of every kind: the rows that a run held out, or was trained on, given again as files score as they did there. For rows of
-- tables see test_runs_record.lua as well.

local lu = require "luaunit"
local ml = require "moonlab"
local json = require "moonlab.json"
local support = require "support"
local synthetic = require "synthetic"

local write = synthetic.write_file

-- A recipe whose held-out part the test writes into files again.
local function recipe(fields, before)
  local all = { name = '"r"', seed = "1", task = '"multiclass"', split = "{ valid = 0 }", train = "{ epochs = 2, batch = 10, optimizer = ml.optim.adam { lr = 0.05 } }" }
  for name, value in pairs(fields) do all[name] = value end
  return (synthetic.recipe(all):gsub("return ml", function() return (before or "") .. "\nreturn ml" end, 1))
end

-- f(run, folder) in a folder with r.lua, which was run into out.
local function with_run(make, f)
  support.with_folder(function(folder)
    write(folder .. "/r.lua", make(folder))
    local function run(arguments)
      local status, out, err = synthetic.run(folder, arguments)
      return { status = status, out = out, err = err }
    end
    local r = run "run r.lua --out out --quiet"
    lu.assertEquals(r.status, 0, r.err)
    f(run, folder)
  end)
end

local function scores(run, what)
  local r = run("eval out " .. what .. " --json")
  lu.assertEquals(r.status, 0, r.err)
  return json.decode(r.out)
end

local function says(run, what, message)
  local r = run("eval out " .. what)
  lu.assertTrue(r.status == 4 or r.status == 2, what .. r.out)
  lu.assertStrContains(r.err, message)
end

TestEvalKinds = {}

-- Pictures ---------------------------------------------------------------------------------------------------------------

-- Bright or dark pictures of 6 x 6, each in the folder of its class.
local function write_pictures(folder, name, count, swapped)
  for _, class in ipairs { "bright", "dark" } do
    os.execute(("mkdir -p %s/%s/%s"):format(folder, name, class))
    local level = (class == "bright") ~= (swapped or false) and 0.8 or 0.1
    for i = 1, count do ml.data.write_image(("%s/%s/%s/%d.png"):format(folder, name, class, i), ml.full({ 3, 6, 6 }, level + i / 200)) end
  end
end

local PICTURES = { model = "nn.Sequential { nn.Flatten(), nn.Linear(2) }", train = "{ epochs = 8, batch = 8, optimizer = ml.optim.adam { lr = 0.05 } }" }

function TestEvalKinds:test_a_folder_of_pictures_is_judged_by_the_classes_of_its_folders()
  with_run(function(folder)
    write_pictures(folder, "pictures", 12)
    write_pictures(folder, "new", 3)
    write_pictures(folder, "swapped", 3, true)
    return recipe(setmetatable({ data = '{ source = ml.data.folder("pictures", { size = { 6, 6 } }) }', split = "{ valid = 0.25, stratify = true }" }, { __index = PICTURES, __pairs = function(t)
      local both = {}
      for name, value in next, PICTURES do both[name] = value end
      for name, value in next, t do both[name] = value end
      return next, both, nil
    end }))
  end, function(run, folder)
    local new, swapped = scores(run, "new"), scores(run, "swapped")
    lu.assertEquals({ new.rows, new.scores.accuracy, swapped.scores.accuracy, new.data }, { 6, 1.0, 0.0, "new" })
    lu.assertEquals({ new.look, scores(run, "new").look }, { 1, 2 }) -- the ledger counts it
    os.execute(("mkdir %s/new/grey && cp %s/new/dark/1.png %s/new/grey/"):format(folder, folder, folder))
    says(run, "new", "new/grey/1.png: 'grey' is no class of the model: bright, dark")
    says(run, "r.lua", "r.lua: there is no folder of pictures, with a folder for each class: bright, dark")
    says(run, "nowhere", "there is no file or folder nowhere")
    local r = run "predict out swapped"
    lu.assertEquals(r.status, 0, r.err)
    lu.assertStrMatches(r.out, "swapped/bright/1%.png  dark  [%d.]+\n.*swapped/dark/3%.png  bright  [%d.]+\n")
  end)
end

function TestEvalKinds:test_a_list_of_pictures_is_judged_by_its_labels()
  with_run(function(folder)
    write_pictures(folder, "pictures", 8)
    local lines = { "file,kind" }
    for _, class in ipairs { "bright", "dark" } do
      for i = 1, 8 do lines[#lines + 1] = ("pictures/%s/%d.png,%s"):format(class, i, class) end
    end
    write(folder .. "/list.csv", table.concat(lines, "\n") .. "\n")
    write(folder .. "/new.csv", "file,kind\npictures/dark/1.png,dark\npictures/dark/2.png,bright\n")
    write(folder .. "/other.csv", "file,kin\npictures/dark/1.png,dark\n")
    return recipe { data = '{ source = ml.data.csv_pictures("list.csv", { label = "kind" }) }', model = PICTURES.model, train = PICTURES.train }
  end, function(run)
    lu.assertEquals(scores(run, "new.csv").scores.accuracy, 0.5)
    says(run, "other.csv", "other.csv: has no column 'kind'")
    says(run, "pictures", "pictures: there is no list of pictures, with the columns 'file' and 'kind'")
  end)
end

function TestEvalKinds:test_files_of_idx_are_judged_by_the_labels_beside_them()
  with_run(function(folder)
    synthetic.write(folder)
    synthetic.write(folder, { name = "other", test = 30, plain = true })
    return synthetic.recipe()
  end, function(run, folder)
    local held = json.decode(synthetic.read_file(folder .. "/out/metrics.json")).test
    lu.assertEquals(scores(run, "fashion-mnist").scores, held)
    lu.assertEquals(scores(run, "fashion-mnist/t10k-images-idx3-ubyte.gz").scores, held)
    lu.assertEquals(scores(run, "other").rows, 30)
    os.remove(folder .. "/other/t10k-labels-idx1-ubyte")
    says(run, "other/t10k-images-idx3-ubyte", "there is no file of its labels: looked for other/t10k-labels-idx1-ubyte")
    local r = run "predict out other/t10k-images-idx3-ubyte"
    lu.assertEquals(r.status, 0, r.err)
    lu.assertEquals(select(2, r.out:gsub("\n", "")), 30)
  end)
end

-- Masks and boxes --------------------------------------------------------------------------------------------------------

local function write_masks(folder, name, count)
  os.execute(("mkdir -p %s/%s/image %s/%s/label"):format(folder, name, folder, name))
  for i = 1, count do
    local mask = ml.arange(1, 36):remainder(i + 1):eq(0):to("float32"):reshape { 1, 6, 6 }
    ml.data.write_image(("%s/%s/image/%d.png"):format(folder, name, i), mask * 0.8 + 0.1)
    ml.data.write_image(("%s/%s/label/%d.png"):format(folder, name, i), mask)
  end
end

function TestEvalKinds:test_pictures_with_masks_are_judged_pixel_by_pixel()
  with_run(function(folder)
    write_masks(folder, "train", 8)
    write_masks(folder, "new", 2)
    return recipe { task = '"segmentation"', data = '{ source = ml.data.masks { images = "train/image", masks = "train/label", classes = { "out", "in" }, channels = 1 } }',
      model = "nn.Conv2d(2, 1)", split = "{ valid = 0, test = 0.25 }", train = "{ epochs = 30, batch = 8, optimizer = ml.optim.adam { lr = 0.2 } }" }
  end, function(run, folder)
    local new = scores(run, "new")
    lu.assertEquals({ new.rows, new.scores.accuracy, new.scores.mean_iou }, { 2, 1.0, 1.0 })
    lu.assertEquals(ml.data.csv(folder .. "/out/predictions.csv"):table().names, { "row", "file", "pixels", "accuracy", "iou of out", "iou of in" })
    os.execute(("rm -r %s/new/label"):format(folder))
    says(run, "new", "new: there is no folder label: looked for pictures in new/image and for their masks in new/label")
    local r = run "predict out new/image/1.png"
    lu.assertStrContains(r.out, "new/image/1.png  out 0.5  in 0.5")
  end)
end

local BOX = "<annotation><filename>%d.png</filename><size><width>6</width><height>6</height></size><object><name>%s</name><bndbox><xmin>1</xmin><ymin>1</ymin>"
  .. "<xmax>%d</xmax><ymax>4</ymax></bndbox></object></annotation>"

local function write_boxes(folder, name, count, class)
  os.execute(("mkdir -p %s/%s/Annotations %s/%s/JPEGImages"):format(folder, name, folder, name))
  for i = 1, count do
    write(("%s/%s/Annotations/%d.xml"):format(folder, name, i), BOX:format(i, class, i % 3 + 2))
    ml.data.write_image(("%s/%s/JPEGImages/%d.png"):format(folder, name, i), ml.full({ 3, 6, 6 }, 0.5))
  end
end

function TestEvalKinds:test_pictures_with_boxes_are_judged_by_the_score_of_the_recipe()
  with_run(function(folder)
    write_boxes(folder, "cells", 6, "cell")
    write_boxes(folder, "new", 3, "cell")
    write_boxes(folder, "other", 1, "bird")
    return recipe { task = '"detection"', data = '{ source = ml.data.voc("cells", { size = { 6, 6 }, classes = { "cell" } }) }', model = "nn.Sequential { nn.Flatten(), nn.Linear(4) }",
      split = "{ valid = 0, test = 0.5 }", train = "{ epochs = 1, loss = function(output, batch) return (output - batch.boxes:select(2, 1)):square():mean() end, optimizer = ml.optim.adam {} }",
      assess = "{ score = function(_, set) local n = 0 for batch in set:batches { size = 2, pass = 0 } do n = n + batch.box_counts:sum():item() end return { boxes = n } end }" }
  end, function(run)
    lu.assertEquals(scores(run, "new").scores.boxes, 3)
    says(run, "other", "class 'bird' is not one of classes = {cell}")
    says(run, "r.lua", "r.lua: looked for a folder with Annotations and JPEGImages")
    lu.assertStrContains(run "predict out new/JPEGImages/1.png".err, "predict: how the outputs of r become boxes is its recipe's own")
  end)
end

-- A file in COCO's form, with its pictures beside it.
local function write_coco(folder, name, count, category)
  local images, annotations = {}, {}
  os.execute(("mkdir -p %s/%s"):format(folder, name))
  for i = 1, count do
    images[i] = ('{"id": %d, "file_name": "%d.png", "width": 6, "height": 6}'):format(i, i)
    annotations[i] = ('{"id": %d, "image_id": %d, "category_id": 4, "bbox": [0, 0, %d, 4]}'):format(i, i, i % 3 + 2)
    ml.data.write_image(("%s/%s/%d.png"):format(folder, name, i), ml.full({ 3, 6, 6 }, 0.5))
  end
  write(("%s/%s/all.json"):format(folder, name), ('{"images": [%s], "annotations": [%s], "categories": [{"id": 4, "name": "%s"}]}'):format(table.concat(images, ", "),
    table.concat(annotations, ", "), category))
end

function TestEvalKinds:test_a_file_of_boxes_or_its_folder_is_judged_with_the_classes_of_the_model()
  with_run(function(folder)
    write_coco(folder, "cells", 6, "cell")
    write_coco(folder, "new", 3, "cell")
    write_coco(folder, "other", 1, "bird")
    return recipe { task = '"detection"', data = '{ source = ml.data.coco("cells/all.json", { size = { 6, 6 } }) }', model = "nn.Sequential { nn.Flatten(), nn.Linear(4) }",
      split = "{ valid = 0, test = 0.5 }", train = "{ epochs = 1, loss = function(output, batch) return (output - batch.boxes:select(2, 1)):square():mean() end, optimizer = ml.optim.adam {} }" }
  end, function(run)
    local new = scores(run, "new/all.json")
    lu.assertEquals({ new.rows, new.scores.loss, scores(run, "new").look }, { 3, scores(run, "new").scores.loss, 2 }) -- the same rows, seen again
    says(run, "other", "class 'bird' is not one of classes = {cell}")
    says(run, "r.lua", "r.lua: json: a value expected at line 1")
  end)
end

-- Arrays and sequences ---------------------------------------------------------------------------------------------------

local ARRAYS = "local x = ml.arange(1, 80):to('float32'):reshape { 20, 4 } / 40 - 1\nlocal y = x:select(2, 1):gt(0):to 'int64' + 1"

function TestEvalKinds:test_arrays_are_judged_by_their_y_and_by_group()
  with_run(function(folder)
    local x = ml.arange(1, 80):to("float32"):reshape { 20, 4 } / 40 - 1
    local y = x:select(2, 1):gt(0):to "int64" + 1
    ml.save(folder .. "/all.npz", { x = x:double(), y = y, home = ml.arange(1, 20):remainder(2) })
    ml.save(folder .. "/from_zero.npz", { x = x, y = y - 1, home = y })
    ml.save(folder .. "/no_y.npz", { x = x })
    ml.save(folder .. "/narrow.npz", { x = x:slice(2, 1, 3), y = y })
    return recipe({ task = '"binary"', data = '{ source = ml.data.tensors { x = x, y = y, classes = { "no", "yes" }, home = ml.arange(1, 20):remainder(10) }, group = "home" }',
      model = "nn.Linear(1)", split = "{ valid = 0.2 }", train = "{ epochs = 20, batch = 10, optimizer = ml.optim.adam { lr = 0.3 } }" }, ARRAYS)
  end, function(run)
    local all = scores(run, "all.npz")
    lu.assertEquals({ all.rows, #all.by_group, all.by_group[1].rows }, { 20, 2, 10 })
    lu.assertAlmostEquals(all.scores.accuracy, (all.by_group[1].scores.accuracy + all.by_group[2].scores.accuracy) / 2, 1e-12)
    says(run, "from_zero.npz", "from_zero.npz: y of row 1 is 0, but classes are whole numbers from 1 to 2 (add 1 to those that count from 0)")
    says(run, "no_y.npz", "no_y.npz: there is no array 'y', what is asked for; there are: x")
    says(run, "narrow.npz", "narrow.npz: the rows of x are [3], but the model takes [4]")
    says(run, "r.lua", "r.lua: the model was trained on tensors; rows for it stand in a .npz file with the arrays x and y")
    local r = run "predict out no_y.npz"
    lu.assertEquals(r.status, 0, r.err)
    lu.assertStrMatches(r.out, "no_y%.npz:1  no  .*no_y%.npz:20  yes  [%d.]+\n")
  end)
end

function TestEvalKinds:test_series_in_a_ts_file_are_judged_by_the_names_of_their_classes()
  local text = "@univariate true\n@equalLength true\n@classLabel true %s\n@data\n"
  with_run(function(folder)
    local rows = {}
    for i = 1, 20 do rows[i] = ("%d,%d,%d:%s"):format(i % 2, 2 * (i % 2), 3 * (i % 2), i % 2 == 1 and "up" or "flat") end
    write(folder .. "/a.ts", text:format "flat up" .. table.concat(rows, "\n") .. "\n")
    write(folder .. "/b.ts", text:format "up flat" .. "1,2,3:up\n0,0,0:flat\n0,0,0:flat\n") -- counts its classes the other way
    write(folder .. "/c.ts", text:format "up down" .. "1,2,3:up\n")
    write(folder .. "/d.ts", text:format "flat up" .. "1,2:up\n")
    return recipe { data = '{ source = ml.data.ts("a.ts") }', model = PICTURES.model, train = "{ epochs = 20, batch = 10, optimizer = ml.optim.adam { lr = 0.1 } }" }
  end, function(run)
    lu.assertEquals(scores(run, "b.ts").scores.accuracy, 1.0)
    says(run, "c.ts", "c.ts: 'down' is no class of the model: flat, up")
    says(run, "d.ts", "d.ts: its series are [1, 2], but the model takes [1, 3]")
    lu.assertStrMatches(run "predict out b.ts".out, "b%.ts:1  up  .*")
  end)
end

function TestEvalKinds:test_sequences_of_symbols_are_judged_from_lines_and_from_arrays()
  with_run(function(folder)
    write(folder .. "/a.jsonl", '{"x": [1, 1, 1], "y": 1}\n{"x": [2, 2], "y": 2}\n{"x": [2], "y": 1}\n')
    write(folder .. "/b.jsonl", '{"x": [1, 1, 1]}\n')
    write(folder .. "/c.jsonl", '{"x": [1, 1, 1], "y": 3}\n')
    ml.save(folder .. "/a.npz", { x = ml.tensor { { 1, 1, 1 }, { 2, 2, 0 }, { 2, 0, 0 } }, lengths = ml.tensor { 3, 2, 1 }, y = ml.tensor { 1, 2, 1 } })
    return recipe({ data = '{ source = ml.data.sequences { x = x, y = y, classes = { "ones", "twos" } } }', model = "Mean()",
      train = "{ epochs = 30, batch = 10, optimizer = ml.optim.adam { lr = 0.1 } }" },
      [[
local x, y = {}, {}
for i = 1, 20 do
  x[i], y[i] = {}, i % 2 + 1
  for t = 1, i % 4 + 1 do x[i][t] = y[i] end
end
local Mean = nn.Module:extend "Mean"
function Mean:init() self.table, self.out = nn.Embedding(2, 3), nn.Linear(2) end
function Mean:forward(x) return self.out(self.table(x:clamp(1)):mean(2)) end]])
  end, function(run, folder)
    local lines = scores(run, "a.jsonl")
    lu.assertAlmostEquals(lines.scores.accuracy, 2 / 3, 1e-12)
    lu.assertEquals(scores(run, "a.npz").scores, lines.scores)
    says(run, "b.jsonl", "b.jsonl: there is no array 'y', what is asked for; there are: x")
    says(run, "c.jsonl", "c.jsonl: y of row 1 is 3, but classes are whole numbers from 1 to 2")
    lu.assertStrMatches(run "predict out b.jsonl".out, "b%.jsonl:1  ones  [%d.]+\n")
    write(folder .. "/d.jsonl", '{"x": [7], "y": 1}')
    says(run, "d.jsonl", "d.jsonl: ") -- what the model does not take is wrong with the data
  end)
end

local WRONG_LINES = {
  [ [[{"x": "abc", "y": 1}]] ] = "x[1] must be a tensor or a list", [ [[{"x": [], "y": 1}]] ] = "x[1] has no steps", [""] = "has no rows",
  [ '{"x": [1], "y": 1}\n{"x": [1]}' ] = 'd.jsonl:2: there is no "y"', ["[1]"] = "d.jsonl:1: expected an object", ["{"] = "d.jsonl:1: expected an object",
  [ [[{"x": [1], "y": "one"}]] ] = "numbers or booleans", [ '{"x": [[1, 2]], "y": 1}\n{"x": [1], "y": 1}' ] = "the steps of x[1] are",
}

function TestEvalKinds:test_wrong_lines_of_sequences_are_told()
  local set = ml.data.sequences { x = { { 1 } }, y = { 1 }, classes = { "a", "b" } }
  support.with_folder(function(folder)
    for text, message in pairs(WRONG_LINES) do
      write(folder .. "/d.jsonl", text)
      local ok, problem = pcall(set.elsewhere, set, folder .. "/d.jsonl", { classes = set.classes, labelled = true })
      lu.assertFalse(ok, text)
      lu.assertStrContains(tostring(require "moonlab.failure".message_of(problem)), message)
    end
  end)
end

function TestEvalKinds:test_each_step_of_a_sequence_is_judged_and_answered()
  with_run(function(folder)
    write(folder .. "/a.jsonl", '{"x": [1, 2, 1], "y": [1, 2, 1]}\n{"x": [2], "y": [1]}\n')
    return recipe({ task = '"sequence"', data = '{ source = ml.data.sequences { x = x, y = x, classes = { "one", "two" } } }', model = "Same()",
      train = "{ epochs = 20, batch = 10, optimizer = ml.optim.adam { lr = 0.2 } }", split = "{ valid = 0, test = 0.2 }" },
      [[
local x = {}
for i = 1, 20 do
  x[i] = {}
  for t = 1, i % 4 + 1 do x[i][t] = (i + t * t) % 3 % 2 + 1 end
end
local Same = nn.Module:extend "Same"
function Same:init() self.table = nn.Embedding(2, 2) end
function Same:forward(x) return self.table(x:clamp(1)):transpose(2, 3) end]])
  end, function(run, folder)
    lu.assertEquals(scores(run, "a.jsonl").scores.accuracy, 0.75) -- of four steps; what is filled up does not count
    lu.assertEquals(run "predict out a.jsonl".out, 'a.jsonl:1  ["one", "two", "one"]\na.jsonl:2  ["two"]\n')
    lu.assertEquals(ml.data.csv(folder .. "/out/predictions.csv"):table().names, { "row", "steps", "accuracy", "iou of one", "iou of two" })
  end)
end

function TestEvalKinds:test_a_text_is_judged_with_the_symbols_of_the_model()
  local text = ("abab"):rep(20)
  with_run(function(folder)
    write(folder .. "/a.txt", text)
    write(folder .. "/new.txt", "ababababa")
    write(folder .. "/other.txt", "ababcbabab")
    return recipe { task = '"generation"', data = '{ source = ml.data.text("a.txt", { context = 4 }) }', model = "nn.Sequential { nn.Embedding(2, 4), nn.Linear(2) }",
      split = "{ valid = 0, test = 0.2 }", train = "{ epochs = 20, batch = 10, optimizer = ml.optim.adam { lr = 0.1 } }" }
  end, function(run)
    local new = scores(run, "new.txt")
    lu.assertTrue(new.rows == 2 and new.scores.perplexity > 1 and new.scores.perplexity < 1.3)
    says(run, "other.txt", "other.txt: has the symbol 'c', which is none of the 2 that the model knows")
  end)
end

function TestEvalKinds:test_lines_are_judged_with_the_symbols_of_the_model()
  with_run(function(folder)
    write(folder .. "/a.txt", ("ab\naab\nabb\naabb\nb\nbb\n"))
    write(folder .. "/new.txt", "aaab\nba\n")
    return recipe { task = '"generation"', data = '{ source = ml.data.lines("a.txt") }', model = "nn.Sequential { nn.Embedding(3, 4), nn.Linear(3) }", split = "{ valid = 0.3 }" }
  end, function(run, folder)
    lu.assertEquals(scores(run, "new.txt").rows, 2)
    write(folder .. "/other.txt", "abc\n")
    says(run, "other.txt", "other.txt: has the symbol 'c', which is none of the 3 that the model knows")
  end)
end

function TestEvalKinds:test_arrays_stand_for_rows_of_sets_behind_one_another()
  with_run(function(folder)
    ml.save(folder .. "/new.npz", { x = ml.randn(8, 4), y = ml.tensor { 1, 2, 1, 2, 1, 2, 1, 2 } })
    return recipe({ data = "{ source = ml.data.concat { ml.data.tensors { x = x, y = y, classes = { 'no', 'yes' }, name = 'a' }, ml.data.tensors { x = x, y = y, classes = { 'no', 'yes' }, name = 'b' } } }",
      model = "nn.Linear(2)" }, ARRAYS)
  end, function(run)
    lu.assertEquals({ scores(run, "new.npz").rows, scores(run, "new.npz").by_source }, { 8, nil })
  end)
end

-- Series, sounds, tables ---------------------------------------------------------------------------------------------------

function TestEvalKinds:test_a_series_is_judged_window_by_window_on_the_scale_of_the_trained_one()
  with_run(function(folder)
    local lines = { "t,load" }
    for i = 1, 60 do lines[i + 1] = ("%d,%g"):format(i, i % 5) end
    write(folder .. "/a.csv", table.concat(lines, "\n") .. "\n")
    local held = { lines[1] } -- the rows that the last windows are made of
    for i = 60 - 12 - 5 + 1, 60 do held[#held + 1] = lines[i + 1] end
    write(folder .. "/held.csv", table.concat(held, "\n") .. "\n")
    write(folder .. "/other.csv", "t,wind\n1,2\n")
    write(folder .. "/short.csv", table.concat(held, "\n", 1, 4) .. "\n")
    return recipe { task = '"regression"', data = '{ source = ml.data.windows(ml.data.csv "a.csv", { input = 5, output = 2, time = "t", columns = { "load" } }) }', model = "nn.Conv1d(2, 1)",
      split = "{ valid = 0.2, test = 0.2 }", assess = '{ metrics = { "mae", "rmse" } }' }
  end, function(run, folder)
    local held = json.decode(synthetic.read_file(folder .. "/out/metrics.json"))
    local again = scores(run, "held.csv")
    lu.assertEquals(again.rows, held.rows)
    lu.assertAlmostEquals(again.scores.mae, held.test.mae, 1e-6)
    says(run, "other.csv", "other.csv: the column 'load' is missing")
    says(run, "short.csv", "short.csv: 3 rows are too few for a window of 5 and the 2 after it")
    says(run, "r.lua", "r.lua: the rows of a series end in .csv, .tsv, .jsonl or .parquet")
  end)
end

local function write_sounds(folder, name, count, swapped)
  os.execute(("mkdir -p %s/%s"):format(folder, name))
  for i = 1, count do
    local loud = (i % 2 == 1) ~= (swapped or false)
    ml.data.write_sound(("%s/%s/%s_%d.wav"):format(folder, name, i % 2 == 1 and "loud" or "soft", i), ml.full({ 1, 16 }, loud and 0.9 or 0.1), 100)
  end
end

function TestEvalKinds:test_a_folder_of_sounds_is_judged_by_the_names_of_its_files()
  with_run(function(folder)
    write_sounds(folder, "sounds", 20)
    write_sounds(folder, "new", 4)
    write_sounds(folder, "swapped", 4, true)
    os.execute(("mkdir %s/empty"):format(folder))
    return recipe { task = '"binary"', data = '{ source = ml.data.sounds("sounds", { rate = 100, length = 16, pattern = "^(%a+)_" }), target = "label", columns = { file = ml.data.ignore(), part = ml.data.ignore() } }',
      model = "nn.Linear(1)", train = "{ epochs = 40, batch = 10, optimizer = ml.optim.adam { lr = 0.3 } }" }
  end, function(run)
    lu.assertEquals({ scores(run, "new").scores.accuracy, scores(run, "swapped").scores.accuracy }, { 1.0, 0.0 })
    says(run, "empty", "empty: no file name ends in .wav and fits the pattern '^(%a+)_'")
    says(run, "r.lua", "eval: r.lua: looked for a folder of .wav files")
    lu.assertStrMatches(run "predict out swapped".out, "swapped/loud_1%.wav  soft  [%d.]+\n.*")
  end)
end

local ROWS = { task = '"binary"', data = '{ source = ml.data.csv "rows.csv", target = "left" }', model = "ml.logistic()", split = "{ valid = 0 }", train = false }

local function write_rows(folder)
  local lines = { "plan,city,left" }
  for i = 1, 40 do lines[i + 1] = ("%s,%s,%s"):format(i % 4 < 2 and "pro" or "basic", i % 3 == 0 and "Bern" or "Rome", i % 4 < 2 and "yes" or "no") end
  write(folder .. "/rows.csv", table.concat(lines, "\n") .. "\n")
end

-- A header is told by the names that the model knows: here each line looks like a row, as a cell is equal to its column's name.
function TestEvalKinds:test_a_header_is_known_by_the_columns_of_the_model()
  with_run(function(folder)
    write_rows(folder)
    write(folder .. "/new.csv", "plan,city\npro,city\nbasic,Rome\n")
    write(folder .. "/labelled.csv", "plan,city,left\npro,city,yes\nbasic,Rome,no\n")
    local text = recipe { task = ROWS.task, data = '{ source = ml.data.csv "rows.csv", target = "left", columns = { city = ml.data.category { "Bern", "Rome", other = "Bern" } } }', model = ROWS.model, split = ROWS.split }
    return (text:gsub("  train = [^\n]*\n", ""))
  end, function(run)
    local r = run "predict out new.csv"
    lu.assertEquals(r.status, 0, r.err)
    lu.assertStrMatches(r.out, "new%.csv:1  yes  [%d.]+\nnew%.csv:2  no  [%d.]+\n")
    lu.assertEquals(scores(run, "labelled.csv").scores.accuracy, 1.0)
  end)
end

function TestEvalKinds:test_rows_without_a_header_have_none_when_they_are_served()
  with_run(function(folder)
    write_rows(folder)
    local text = synthetic.read_file(folder .. "/rows.csv"):gsub("^[^\n]*\n", "")
    write(folder .. "/bare.csv", text)
    write(folder .. "/new.csv", "plan,city\nbasic,Rome\n") -- two rows of words, the first of them no names
    local columns = '{ city = ml.data.category { "Bern", "Rome", other = "Bern" }, plan = ml.data.category { "basic", "pro", other = "basic" } }'
    return (recipe { task = ROWS.task, data = '{ source = ml.data.parts { train = ml.data.csv("bare.csv", { header = false, names = { "plan", "city", "left" } }) }, target = "left", columns = ' .. columns .. " }",
      model = ROWS.model, split = '{ by = "part" }' }:gsub("  train = [^\n]*\n", ""))
  end, function(run, folder)
    write(folder .. "/labelled.csv", "plan,city,yes\nbasic,Rome,no\n")
    lu.assertEquals(scores(run, "labelled.csv").rows, 2)
  end)
end

local DATABASE = [[
import sqlite3, sys
for name, table in (("a.db", "customers"), ("b.db", "customers"), ("c.db", "people")):
    db = sqlite3.connect(name)
    db.execute("create table %s (age integer, plan text)" % table)
    db.executemany("insert into %s values (?, ?)" % table, [(i % 50, "pro" if i % 50 > 25 else "basic") for i in range(60)])
    db.commit()
]]

function TestEvalKinds:test_another_database_is_read_as_that_of_the_recipe()
  with_run(function(folder)
    write(folder .. "/make.py", DATABASE)
    if not os.execute(("cd %s && python3 make.py 2>/dev/null"):format(folder)) then lu.skip "python3 has no sqlite3" end
    write(folder .. "/rows.csv", "age,plan\n3,basic\n49,pro\n")
    return (recipe { task = ROWS.task, data = '{ source = ml.data.sqlite("a.db", { table = "customers" }), target = "plan" }', model = ROWS.model, split = ROWS.split }
      :gsub("  train = [^\n]*\n", ""))
  end, function(run)
    lu.assertEquals(scores(run, "b.db").rows, 60)
    lu.assertEquals(scores(run, "rows.csv").scores.accuracy, 1.0)
    says(run, "c.db", "customers")
    lu.assertStrMatches(run "predict out b.db".out, "b%.db:1  basic  [%d.]+\n.*")
  end)
end

function TestEvalKinds:test_other_names_for_a_header_are_so_when_rows_are_served()
  with_run(function(folder)
    write_rows(folder)
    local text = recipe { task = ROWS.task, data = '{ source = ml.data.csv("rows.csv", { names = { "a", "b", "gone" } }), target = "gone" }', model = ROWS.model, split = ROWS.split }
    return (text:gsub("  train = [^\n]*\n", ""))
  end, function(run, folder)
    write(folder .. "/labelled.csv", "plan,city,left\npro,Bern,yes\nbasic,Rome,no\n")
    lu.assertEquals(scores(run, "labelled.csv").rows, 2)
  end)
end

function TestEvalKinds:test_rows_of_a_table_are_scored_by_group_where_the_file_has_groups()
  with_run(function(folder)
    local lines = { "home,x,left" }
    for i = 1, 40 do lines[i + 1] = ("h%d,%d,%s"):format(i % 8, i % 10, i % 10 > 4 and "yes" or "no") end
    write(folder .. "/rows.csv", table.concat(lines, "\n") .. "\n")
    write(folder .. "/new.csv", "x,left\n9,yes\n1,no\n")
    return (recipe { task = ROWS.task, data = '{ source = ml.data.csv "rows.csv", target = "left", group = "home" }', model = ROWS.model, split = "{ valid = 0 }" }:gsub("  train = [^\n]*\n", ""))
  end, function(run)
    lu.assertEquals(#scores(run, "rows.csv").by_group, 8)
    lu.assertNil(scores(run, "new.csv").by_group)
  end)
end

-- Groups and sources ---------------------------------------------------------------------------------------------------------

TestGroupsOfSets = {}

local CONCAT = [[
ml.manual_seed(4)
local function set(n, name)
  local x = ml.randn(n, 3)
  return ml.data.tensors { x = x, y = x:select(2, 1):gt(0):to 'int64' + 1, classes = { 'no', 'yes' }, name = name, home = ml.arange(1, n):remainder(8) }
end]]

function TestGroupsOfSets:test_sets_behind_one_another_are_scored_by_source_in_a_run_and_in_folds()
  with_run(function()
    return recipe({ task = '"binary"', data = "{ source = ml.data.concat { set(60, 'here'), set(40, 'there') } }", model = "nn.Linear(1)", split = "{ valid = 0.2, test = 0.3 }" }, CONCAT)
  end, function(run, folder)
    local function names(path)
      local list = json.decode(synthetic.read_file(folder .. path)).by_source
      return { list[1].source, list[2].source, list[1].rows + list[2].rows }
    end
    lu.assertEquals(names "/out/metrics.json", { "here", "there", 30 })
    lu.assertStrContains(synthetic.read_file(folder .. "/out/report.html"), "Scores by source")
    lu.assertEquals(run("cv r.lua --quiet --out folds").status, 0)
    lu.assertStrContains(synthetic.read_file(folder .. "/folds/report.html"), "Scores by source")
  end)
end

function TestGroupsOfSets:test_rows_of_a_group_of_a_set_are_never_cut_apart()
  with_run(function()
    return recipe({ task = '"binary"', data = "{ source = ml.data.concat { set(60, 'here'), set(40, 'there') }, group = 'home' }", model = "nn.Linear(1)", split = "{ valid = 0.2, test = 0.3 }" }, CONCAT)
  end, function(run, folder)
    local list, rows = json.decode(synthetic.read_file(folder .. "/out/metrics.json")).by_group, {}
    for _, one in ipairs(list) do
      rows[#rows + 1] = one.rows
      lu.assertTrue(one.rows == 12 or one.rows == 13) -- all of it: 100 rows of 8 homes
    end
    lu.assertTrue(#rows >= 2)
    write(folder .. "/wrong.lua", (synthetic.read_file(folder .. "/r.lua"):gsub("group = 'home'", "group = 'hom'")))
    lu.assertStrMatches(run "run wrong.lua".err, "moonlab: wrong%.lua:%d+: .*unknown column 'hom'; did you mean 'home'%?.*")
  end)
end

function TestEvalKinds:test_the_own_held_out_part_is_that_of_the_same_data_alone()
  with_run(function(folder)
    write_rows(folder)
    return (recipe { task = ROWS.task, data = ROWS.data, model = ROWS.model, split = "{ test = 0.25 }", train = false }:gsub("  train = [^\n]*\n", ""))
  end, function(run, folder)
    local r = run "eval out"
    lu.assertEquals(r.status, 0, r.err)
    local beside = assert(io.popen(("cd %s && MOONLAB_DATA= XDG_STATE_HOME=%s/state %s eval out 2>&1"):format(folder, folder, synthetic.program())))
    lu.assertEquals(beside:read "a":match "test accuracy +%S+", r.out:match "test accuracy +%S+") -- the data lie beside the recipe, as when it was run
    beside:close()
    local data = synthetic.read_file(folder .. "/rows.csv")
    write(folder .. "/rows.csv", data .. data:match "\n([^\n]*\n)")
    says(run, "", "rows.csv is not what the run read, so that its held-out part can't be told; to judge it as other data: moonlab eval out ")
    os.remove(folder .. "/rows.csv")
    says(run, "", "there is no file rows.csv that a recipe may open")
  end)
end
