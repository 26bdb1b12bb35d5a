-- Data sets, splits and normalisation, over small picture files.

local ml = require "moonlab"
local lu = require "luaunit"
local core = require "moonlab.core"
local support = require "support"
local synthetic = require "synthetic"
local Pictures = require "moonlab.data.pictures"
local normalise = require "moonlab.data.normalise"
local data, split = ml.data, ml.split

local CLASSES = { "a", "b", "c", "d", "e", "f", "g", "h", "i", "j" }

local function with_pictures(f, options)
  support.with_folder(function(folder)
    local into = synthetic.write(folder, options)
    local ending = options and options.plain and "" or ".gz"
    local set = Pictures.new("small/train", into .. "/train-images-idx3-ubyte" .. ending,
      into .. "/train-labels-idx1-ubyte" .. ending, CLASSES)
    f(set, folder, into)
  end)
end

local function all_rows(set, options)
  local rows = {}
  for batch in set:batches(options) do table.move(batch.rows:tolist(), 1, batch.count, #rows + 1, rows) end
  return rows
end

TestPictures = {}

function TestPictures:test_peek_gives_shapes_without_reading_the_pictures()
  with_pictures(function(set)
    lu.assertEquals(set:peek(), { count = 200, x = { 1, 12, 12 }, classes = 10 })
    lu.assertEquals(#set, 200)
    lu.assertNil(set.x)
  end)
end

function TestPictures:test_batches_are_floats_and_classes_from_1()
  with_pictures(function(set)
    local batch = set:batches { size = 3 }()
    lu.assertEquals({ batch.x.shape, batch.x.dtype, batch.y.dtype }, { { 3, 1, 12, 12 }, "float32", "int64" })
    lu.assertEquals(batch.y:tolist(), { 8, 5, 2 }) -- classes 7, 4, 1 in the file
    support.close(batch.x:select(1, 1), set:bytes():select(1, 1):to "float32" / 255, 1e-7)
  end)
end

function TestPictures:test_plain_files_are_read_as_well()
  with_pictures(function(set) lu.assertEquals(#set:labels(), 200) end, { plain = true })
end

function TestPictures:test_a_pass_has_each_row_once_and_the_last_batch_is_smaller()
  with_pictures(function(set)
    local rows = all_rows(set, { size = 64, shuffle = true })
    lu.assertEquals(#rows, 200)
    table.sort(rows)
    for i, row in ipairs(rows) do lu.assertEquals(row, i) end
  end)
end

function TestPictures:test_drop_last_leaves_the_smaller_batch_out()
  with_pictures(function(set) lu.assertEquals(#all_rows(set, { size = 64, drop_last = true }), 192) end)
end

function TestPictures:test_shuffling_is_a_function_of_seed_and_pass()
  with_pictures(function(set)
    local a = all_rows(set, { shuffle = true, seed = 5, pass = 1 })
    lu.assertEquals(all_rows(set, { shuffle = true, seed = 5, pass = 1, size = 7 }), a)
    lu.assertNotEquals(all_rows(set, { shuffle = true, seed = 5, pass = 2 }), a)
    lu.assertNotEquals(all_rows(set, { shuffle = true, seed = 6, pass = 1 }), a)
  end)
end

function TestPictures:test_augmenting_a_row_does_not_depend_on_its_batch()
  with_pictures(function(set)
    local how = { augment = { data.flip(), data.shift(2) }, seed = 1, pass = 3 }
    how.size = 200
    local whole = set:batches(how)().x
    how.size = 7
    local from = 1
    for batch in set:batches(how) do
      support.equal(batch.x, whole:slice(1, from, from + batch.count - 1))
      from = from + batch.count
    end
    lu.assertFalse(whole:equal(set:batches { size = 200 }().x))
  end)
end

function TestPictures:test_unknown_option_of_batches_gets_the_nearest()
  with_pictures(function(set)
    support.fails("batches: unknown option 'sise'; did you mean 'size'?", function() set:batches { sise = 3 } end)
  end)
end

function TestPictures:test_a_label_beyond_the_classes_is_bad_data()
  with_pictures(function(set)
    set.classes = { "a", "b" }
    local ok, e = pcall(set.load, set)
    lu.assertFalse(ok)
    lu.assertEquals(e.status, 4)
    lu.assertStrContains(e.message, "train-labels-idx1-ubyte.gz: label 9, but there are 2 classes (0 to 1)")
  end)
end

function TestPictures:test_a_truncated_file_is_bad_data_that_names_the_file()
  with_pictures(function(set, _, into)
    os.execute(("truncate -s 2000 %s/train-images-idx3-ubyte.gz"):format(into))
    local ok, e = pcall(set.load, set)
    lu.assertFalse(ok)
    lu.assertEquals(e.status, 4)
    lu.assertStrContains(e.message, into .. "/train-images-idx3-ubyte.gz")
  end)
end

function TestPictures:test_files_that_do_not_belong_together_are_bad_data()
  with_pictures(function(set, folder)
    local other = synthetic.write(folder, { train = 30, name = "other" })
    set.labels_path = other .. "/train-labels-idx1-ubyte.gz"
    local ok, e = pcall(set.peek, set)
    lu.assertFalse(ok)
    lu.assertStrContains(e.message, "has 200 pictures, but " .. set.labels_path .. " has 30 labels")
  end)
end

TestSource = {}

function TestSource:test_is_found_below_a_root_of_MOONLAB_DATA()
  support.with_folder(function(folder)
    synthetic.write(folder)
    synthetic.write_file(folder .. "/s.lua",
      'local f = require "moonlab".data.fashion_mnist(); print(#f.train, #f.test, f.classes[10], f:peek().x[2])')
    local status, out, err = synthetic.run(folder, "s.lua")
    lu.assertEquals({ status, out, err }, { 0, "200\t100\tAnkle boot\t12\n", "" })
  end)
end

function TestSource:test_that_is_nowhere_says_where_it_was_looked_for_and_how_to_get_it()
  support.with_folder(function(folder)
    synthetic.write_file(folder .. "/s.lua", 'print(#require "moonlab".data.mnist().train)')
    local status, _, err = synthetic.run(folder, "s.lua")
    lu.assertEquals(status, 4)
    lu.assertStrContains(err, "MNIST is not on this machine. Looked in\n  " .. folder .. "/mnist\n")
  end)
end

function TestSource:test_a_missing_file_of_four_is_named_with_the_package()
  support.with_folder(function(folder)
    local into = synthetic.write(folder)
    os.remove(into .. "/t10k-labels-idx1-ubyte.gz")
    synthetic.write_file(folder .. "/s.lua", 'print(#require "moonlab".data.fashion_mnist().train)')
    local status, _, err = synthetic.run(folder, "s.lua")
    lu.assertEquals(status, 4)
    lu.assertStrContains(err, "t10k-labels-idx1-ubyte.gz is missing in " .. into)
    lu.assertStrContains(err, "sudo apt install dataset-fashion-mnist")
  end)
end

function TestSource:test_making_one_opens_nothing() lu.assertNotNil(data.mnist()) end

TestOwnData = {}

function TestOwnData:test_tensors_are_batched_together()
  local set = data.tensors { x = ml.arange(1, 6):reshape { 3, 2 }, y = ml.tensor { 1, 2, 1 } }
  local batches = {}
  for batch in set:batches { size = 2 } do batches[#batches + 1] = { batch.x:tolist(), batch.y:tolist() } end
  lu.assertEquals(batches, { { { { 1, 2 }, { 3, 4 } }, { 1, 2 } }, { { { 5, 6 } }, { 1 } } })
end

function TestOwnData:test_tensors_must_have_the_same_number_of_rows()
  support.fails("data.tensors: x has 3 rows, but y has 2", function()
    data.tensors { x = ml.zeros(3, 2), y = ml.zeros(2) }
  end)
end

function TestOwnData:test_a_function_is_asked_row_by_row()
  local set = data.dataset { size = 5, get = function(i) return { x = { i, 2 * i }, y = i } end }
  local batch = set:batches { size = 5 }()
  lu.assertEquals({ batch.x:tolist(), batch.y:tolist() }, { { { 1, 2 }, { 2, 4 }, { 3, 6 }, { 4, 8 }, { 5, 10 } },
    { 1, 2, 3, 4, 5 } })
  lu.assertEquals(set:peek().x, { 2, dtype = "int64" })
end

function TestOwnData:test_pictures_alone_can_be_augmented()
  local set = data.tensors { x = ml.zeros(3, 2), y = ml.zeros(3) }
  support.fails("tensors: augment changes pictures kept as bytes, as data.fashion_mnist() has them",
    function() set:batches { augment = { data.flip() } }() end)
  support.fails("data.shift: the largest shift must be a positive integer, got 1.5", function() data.shift(1.5) end)
end

TestSplit = {}

local function sorted_union(a, b)
  local all = a:tolist()
  table.move(b:tolist(), 1, #b, #all + 1, all)
  table.sort(all)
  return all
end

function TestSplit:test_parts_share_no_row_and_miss_none()
  local kept, cut = split.random(100, 0.23, 7)
  lu.assertEquals({ #kept, #cut }, { 77, 23 })
  lu.assertEquals(sorted_union(kept, cut), ml.arange(1, 100):tolist())
end

function TestSplit:test_depends_on_the_key_alone()
  local _, a = split.random(100, 0.2, 7)
  local _, b = split.random(100, 0.2, 7)
  local _, c = split.random(100, 0.2, 8)
  lu.assertEquals({ a:equal(b), a:equal(c) }, { true, false })
end

function TestSplit:test_stratified_keeps_the_proportions()
  local labels = {}
  for i = 1, 100 do labels[i] = i <= 70 and 1 or i <= 95 and 2 or 3 end
  labels = ml.tensor(labels)
  local kept, cut = split.stratified(labels, 0.2, 1)
  local counts = { 0, 0, 0 }
  for _, class in ipairs(labels:index_select(1, cut):tolist()) do counts[class] = counts[class] + 1 end
  lu.assertEquals(counts, { 14, 5, 1 })
  lu.assertEquals(sorted_union(kept, cut), ml.arange(1, 100):tolist())
end

function TestSplit:test_parts_of_a_set_are_sets()
  local set = data.tensors { x = ml.arange(1, 40):reshape { 40, 1 }, y = (ml.arange(1, 40) - 1) % 2 + 1 }
  local parts = split.parts(set, { valid = 0.25, test = 0.25, stratify = true, seed = 3 })
  lu.assertEquals({ #parts.train, #parts.valid, #parts.test }, { 20, 10, 10 })
  local seen = {}
  for _, part in pairs(parts) do
    lu.assertEquals(part:labels():sum():item(), 1.5 * #part)
    for batch in part:batches() do
      for _, row in ipairs(batch.x:reshape { -1 }:tolist()) do seen[#seen + 1] = row end
    end
  end
  table.sort(seen)
  lu.assertEquals(seen, ml.arange(1, 40):tolist())
end

function TestSplit:test_the_test_part_does_not_depend_on_the_size_of_the_validation_part()
  local set = data.tensors { x = ml.arange(1, 40):reshape { 40, 1 } }
  local a = split.parts(set, { valid = 0.1, test = 0.2, seed = 3 }).test
  local b = split.parts(set, { valid = 0.4, test = 0.2, seed = 3 }).test
  lu.assertTrue(a.chosen:equal(b.chosen))
end

function TestSplit:test_refuses_parts_that_leave_nothing()
  local set = data.tensors { x = ml.zeros(4, 1) }
  support.fails("split: valid (0.5) and test (0.5) leave nothing to train on",
    function() split.parts(set, { valid = 0.5, test = 0.5 }) end)
end

TestNormalise = {}

function TestNormalise:test_brings_the_training_part_to_mean_0_and_deviation_1()
  with_pictures(function(set)
    local parts = split.parts(set, { valid = 0.3, seed = 1 })
    local statistics = normalise.fit(parts.train)
    local x = parts.train:normalised(statistics):batches { size = 140 }().x
    lu.assertAlmostEquals(x:mean():item(), 0, 1e-5)
    lu.assertAlmostEquals(x:std({ correction = 0 }):item(), 1, 1e-5)
  end)
end

function TestNormalise:test_sees_the_training_part_alone()
  with_pictures(function(set)
    local part = set:part(ml.tensor { 3, 5 }, "two")
    local both = set:bytes():index_select(1, ml.tensor { 3, 5 }):to "float64" / 255
    local statistics = normalise.fit(part)
    lu.assertAlmostEquals(statistics.mean[1], both:mean():item(), 1e-15)
    lu.assertAlmostEquals(statistics.std[1], both:std({ correction = 0 }):item(), 1e-12)
  end)
end

function TestNormalise:test_data_without_pictures_stays_as_it_is()
  lu.assertNil(normalise.fit(data.tensors { x = ml.zeros(3, 2) }))
end

TestHash = {}

-- FIPS 180-4's examples, and lengths around the ends of a block, where the padding changes.
function TestHash:test_matches_sha256sum()
  support.with_folder(function(folder)
    for _, length in ipairs { 0, 3, 55, 56, 63, 64, 65, 119, 120, 20000 } do
      local path = folder .. "/file"
      synthetic.write_file(path, length == 3 and "abc" or ("x"):rep(length))
      local pipe = assert(io.popen("sha256sum " .. path))
      lu.assertEquals(core.sha256(path), pipe:read "l":sub(1, 64))
      pipe:close()
    end
    synthetic.write_file(folder .. "/abc", "abc")
    lu.assertEquals(core.sha256(folder .. "/abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  end)
end

-- A processor may have instructions for it; what is done without them is the same.
function TestHash:test_is_the_same_without_the_instructions_for_it()
  support.with_folder(function(folder)
    local bytes = {}
    for i = 1, 70001 do bytes[i] = string.char(i * i % 251) end
    synthetic.write_file(folder .. "/file", table.concat(bytes))
    local pipe = assert(io.popen(("cd %s && MOONLAB_ISA=baseline %s -e 'print(require \"moonlab.core\".sha256 \"file\")'"):format(folder, synthetic.program())))
    lu.assertEquals(pipe:read "l", core.sha256(folder .. "/file"))
    pipe:close()
  end)
end

function TestHash:test_of_a_missing_file_is_a_data_error()
  local ok, e = pcall(core.sha256, "/nowhere/x")
  lu.assertFalse(ok)
  lu.assertEquals({ e.status, e.message }, { 4, "sha256: can't open /nowhere/x: No such file or directory" })
end
