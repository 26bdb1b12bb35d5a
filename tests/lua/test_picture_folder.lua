-- Pictures in folders and in lists: what is found, what is left out, what is never cut apart, and that memory changes no bit.

local ml = require "moonlab"
local core = require "moonlab.core"
local vm = require "moonlab.vm"
local normalise = require "moonlab.data.normalise"
local support = require "support"
local synthetic = require "synthetic"
local lu = require "luaunit"
local data, write = ml.data, synthetic.write_file
local DATA = os.getenv "MOONLAB_DATA"

-- A small colour picture that differs by its number.
local function png(number, height, width)
  local x = (core.arange(0, 3 * height * width - 1) * (number * 2 + 1) + number):remainder(251)
  return core.png(x:to "uint8":reshape { height, width, 3 })
end

local function put(root, name, bytes)
  assert(os.execute("mkdir -p " .. (root .. "/" .. name):match "^(.*)/"))
  write(root .. "/" .. name, bytes)
end

-- f(folder): two classes, one picture nested, one copy under another class, and what is no picture.
local function with_flowers(f)
  support.with_folder(function(folder)
    local root = folder .. "/flowers"
    for i = 1, 4 do put(root, ("rose/%d.png"):format(i), png(i, 6, 8)) end
    put(root, "rose/old/5.png", png(5, 6, 8))
    for i = 6, 9 do put(root, ("tulip/%d.PNG"):format(i), png(i, 6, 8)) end
    put(root, "tulip/copy.png", png(2, 6, 8))
    put(root, "tulip/.hidden.png", png(1, 6, 8))
    put(root, "tulip/notes.txt", "none")
    put(root, "loose.png", png(1, 6, 8))
    f(root)
  end)
end

local function data_failure(f, ...)
  local ok, e = pcall(f, ...)
  lu.assertFalse(ok)
  lu.assertEquals(e.status, 4, tostring(e))
  return e.message
end

TestPictureFolder = {}

function TestPictureFolder:test_folders_are_classes_in_the_order_of_their_names()
  with_flowers(function(root)
    local set = data.folder(root)
    lu.assertEquals({ #set, set.classes, set:peek().x }, { 10, { "rose", "tulip" }, { 3, 6, 8, dtype = "uint8" } })
    lu.assertEquals(set:labels():tolist(), { 1, 1, 1, 1, 1, 2, 2, 2, 2, 2 })
    lu.assertEquals(set:item(5), { image = root .. "/rose/old/5.png", class = 1, label = "rose" })
    local batch = set:batches { size = 10 }()
    support.equal(batch.x[5], data.read_image(root .. "/rose/old/5.png"):to "float32" / 255)
  end)
end

function TestPictureFolder:test_what_is_no_picture_is_left_out_and_listed()
  with_flowers(function(root)
    local out = {}
    for i, one in ipairs(data.folder(root):left_out()) do out[i] = { one.what, one.path:sub(#root + 2) } end
    lu.assertEquals(out, { { "foreign", "loose.png" }, { "hidden", "tulip/.hidden.png" }, { "foreign", "tulip/notes.txt" } })
  end)
end

function TestPictureFolder:test_equal_pictures_are_reported_and_never_cut_apart()
  with_flowers(function(root)
    local set = data.folder(root)
    lu.assertStrContains(set:report(), "1 pictures are copies of others, 1 of them under another class")
    lu.assertStrContains(set:report(), "tulip/copy.png is equal to " .. root .. "/rose/2.png, but one is tulip, the other rose")
    lu.assertEquals(set:column("group"):tolist(), { 1, 2, 3, 4, 5, 6, 7, 8, 9, 2 })
    for seed = 1, 20 do
      local parts, place = ml.split.parts(set, { test = 0.3, seed = seed }), {}
      for name, part in pairs(parts) do
        for _, group in ipairs(part:column("group"):tolist()) do
          lu.assertEquals(place[group] or name, name)
          place[group] = name
        end
      end
    end
  end)
end

function TestPictureFolder:test_copies_can_be_dropped()
  with_flowers(function(root)
    local set = data.folder(root, { duplicates = "drop" })
    lu.assertEquals({ #set, set.keep_together }, { 9, nil })
    lu.assertEquals(set:left_out()[4].what, "copy")
  end)
end

function TestPictureFolder:test_without_copies_any_cut_is_allowed()
  with_flowers(function(root)
    assert(os.remove(root .. "/tulip/copy.png"))
    lu.assertNil(data.folder(root).keep_together)
    lu.assertEquals(#ml.kfold(3):folds(data.folder(root)), 3)
  end)
end

function TestPictureFolder:test_pictures_that_do_not_fit_into_memory_give_the_same_bits()
  with_flowers(function(root)
    for _, list in ipairs { {}, { data.flip(), data.shift(2) }, { data.crop { area = { 0.5, 1 } }, data.colour { contrast = 0.3 } } } do
      local function all(memory)
        local set, out = data.folder(root, { size = { 5, 7 }, memory = memory }), {}
        for batch in set:batches { size = 3, shuffle = true, augment = list, seed = 1, pass = 2 } do out[#out + 1] = batch.x end
        return core.ops.cat(out, 1), normalise.fit(set)
      end
      local kept, statistics = all(1 << 20)
      local streamed, same = all(100)
      support.equal(streamed, kept)
      lu.assertEquals(same, statistics)
    end
  end)
end

local function threads_alive() return #vm.listdir "/proc/self/task" end

-- A thread that was joined may stand in /proc for a moment longer.
local function only_these_are_left(before)
  for _ = 1, 100000 do
    if threads_alive() == before then return end
  end
  lu.assertEquals(threads_alive(), before)
end

-- f(a set that is never kept in memory, its folder)
local function with_streamed(f)
  with_flowers(function(root) f(data.folder(root, { size = { 5, 7 }, memory = 100 }), root) end)
end

function TestPictureFolder:test_workers_change_no_bit_in_parts_and_passes()
  with_streamed(function(set)
    local part = set:part(core.tensor { 9, 2, 7, 4, 5, 1, 10 }):normalised { mean = { 0.5 }, std = { 0.25 } }
    local function all(workers)
      local out, rows = {}, {}
      for pass = 1, 2 do
        for batch in part:batches { size = 2, shuffle = true, augment = { data.flip() }, seed = 3, pass = pass, workers = workers } do
          out[#out + 1] = batch.x
          table.move(batch.rows:tolist(), 1, batch.count, #rows + 1, rows)
        end
      end
      return core.ops.cat(out, 1), rows
    end
    local expected, order = all(0)
    for _, workers in ipairs { 1, 3 } do
      local x, rows = all(workers)
      support.equal(x, expected)
      lu.assertEquals(rows, order)
    end
  end)
end

function TestPictureFolder:test_sets_behind_one_another_read_ahead_together()
  with_streamed(function(set, root)
    local kept = data.folder(root, { size = { 5, 7 } })
    local function all(a, b, workers)
      local out = {}
      for batch in data.concat({ a, b }):normalised({ mean = { 0.5 }, std = { 0.5 } }):batches { size = 3, shuffle = true, seed = 1, pass = 1, workers = workers } do
        out[#out + 1] = batch.x
      end
      return core.ops.cat(out, 1)
    end
    local expected = all(kept, kept, 0)
    support.equal(all(set, set:part(core.arange(1, 10)), 2), expected)
    support.equal(all(kept, set, 1), expected)
    local both = data.concat { kept, set }
    assert(os.remove(root .. "/rose/1.png"))
    for _, workers in ipairs { 0, 1 } do
      local next_batch = both:batches { size = 5, workers = workers }
      lu.assertTrue(pcall(next_batch) and pcall(next_batch))
      lu.assertStrContains(data_failure(next_batch), root .. "/rose/1.png")
      support.equal(next_batch().x, kept:batches({ size = 10 })().x:slice(1, 6, 10))
    end
  end)
end

function TestPictureFolder:test_no_thread_outlives_its_loop()
  with_streamed(function(set)
    for _ in set:batches { size = 10, workers = 0 } do end -- the pool has started
    local before = threads_alive()
    for _ in set:batches { size = 2, workers = 2 } do lu.assertEquals(threads_alive(), before + 2) end
    only_these_are_left(before)
    for _ in set:batches { size = 2, workers = 2 } do break end
    only_these_are_left(before)
    lu.assertFalse((pcall(function()
      for _ in set:batches { size = 2, workers = 2 } do error "stop" end
    end)))
    only_these_are_left(before)
    set:batches { size = 2, workers = 2 }()
    collectgarbage()
    collectgarbage()
    only_these_are_left(before)
  end)
end

function TestPictureFolder:test_a_file_that_goes_missing_ends_the_pass_at_its_batch()
  with_streamed(function(set, root)
    lu.assertEquals(#set, 10)
    assert(os.remove(root .. "/rose/old/5.png"))
    for _, workers in ipairs { 0, 2 } do
      local seen = 0
      local message = data_failure(function()
        for batch in set:batches { size = 2, workers = workers } do seen = seen + batch.count end
      end)
      lu.assertEquals({ seen, message }, { 4, root .. "/rose/old/5.png: can't be opened: No such file or directory" })
    end
  end)
end

function TestPictureFolder:test_workers_are_from_0_to_16()
  with_streamed(function(set)
    support.fails("batches: workers must be from 0 to 16, got 17", function() set:batches { workers = 17 } end)
  end)
end

function TestPictureFolder:test_crop_takes_the_middle_and_pad_puts_black_around()
  support.with_folder(function(folder)
    put(folder, "a/x.png", core.png((core.zeros({ 4, 8 }, { dtype = "int64" }) + core.arange(1, 8)):to "uint8"))
    local function read(resize) return data.folder(folder, { size = { 4, 4 }, channels = 1, resize = resize }):pixels(core.arange(1, 1))[1][1] end
    lu.assertEquals(read "crop"[2]:tolist(), { 3, 4, 5, 6 })
    local padded = read "pad"
    lu.assertEquals({ padded[1]:tolist(), padded[4]:tolist() }, { { 0, 0, 0, 0 }, { 0, 0, 0, 0 } })
    lu.assertTrue(padded[2]:gt(0):all():item())
    lu.assertTrue(read "squash":gt(0):all():item())
  end)
end

function TestPictureFolder:test_pictures_of_several_sizes_need_a_size()
  with_flowers(function(root)
    put(root, "tulip/large.png", png(3, 9, 9))
    lu.assertEquals(data_failure(function() data.folder(root):peek() end), ("flowers: %s/rose/1.png is 6 x 8, but %s/tulip/large.png is "
      .. "9 x 9; give size = {height, width} that all are brought to"):format(root, root))
    lu.assertEquals(data.folder(root, { size = 4 }):peek().x, { 3, 4, 4, dtype = "uint8" })
  end)
end

function TestPictureFolder:test_a_damaged_picture_is_an_error_or_left_out()
  with_flowers(function(root)
    put(root, "rose/3.png", png(3, 6, 8):sub(1, -20))
    lu.assertStrContains(data_failure(function() data.folder(root):batches { size = 10 }() end), root .. "/rose/3.png: is cut short")
    local set = data.folder(root, { on_damage = "drop" })
    lu.assertEquals(#set, 9)
    lu.assertStrContains(set:report(), "left out: " .. root .. "/rose/3.png")
  end)
end

function TestPictureFolder:test_the_hash_changes_with_a_file_and_with_a_name()
  with_flowers(function(root)
    local function hash() return data.folder(root):files()[1].sha256 end
    local before = hash()
    lu.assertEquals(hash(), before)
    assert(os.rename(root .. "/rose/1.png", root .. "/rose/one.png"))
    local renamed = hash()
    lu.assertNotEquals(renamed, before)
    put(root, "rose/one.png", png(77, 6, 8))
    lu.assertNotEquals(hash(), renamed)
  end)
end

function TestPictureFolder:test_a_folder_that_is_not_there_says_where_such_data_come_from()
  lu.assertEquals(data_failure(function() data.folder("no/such", { about = "  ask the gardener" }):peek() end),
    "data.folder: there is no folder no/such\n  ask the gardener")
end

function TestPictureFolder:test_arguments_are_checked()
  support.fails("data.folder: a path is needed, got 3", function() data.folder(3) end)
  support.fails("data.folder: channels must be 1 (gray), 3 (colour) or 4 (colour and alpha), got 2", function() data.folder("x", { channels = 2 }) end)
  support.fails("data.folder: resize = 'crop' needs size = {height, width}", function() data.folder("x", { resize = "crop" }) end)
end

function TestPictureFolder:test_the_flowers_have_six_pairs_four_under_two_labels()
  if not (DATA and vm.exists(DATA .. "/flowers5") == "directory") then print "skip flowers5: not in MOONLAB_DATA" return end
  local set = data.folder(DATA .. "/flowers5")
  lu.assertEquals(#set, 4317)
  lu.assertStrContains(set:report(), "6 pictures are copies of others, 4 of them under another class")
end

-- Lists --------------------------------------------------------------------------------------------------------------

TestCsvPictures = {}

function TestCsvPictures:test_a_list_names_files_and_their_labels()
  with_flowers(function(root)
    write(root .. "/list.csv", "name,kind\nrose/1.png,red\ntulip/6.PNG,blue\nrose/2.png,red\n")
    local set = data.csv_pictures(root .. "/list.csv", { file = "name", label = "kind" })
    lu.assertEquals({ set.classes, set:labels():tolist() }, { { "blue", "red" }, { 2, 1, 2 } })
    lu.assertEquals(set:item(2).image, root .. "/tulip/6.PNG")
  end)
end

function TestCsvPictures:test_a_row_without_file_or_label_is_named()
  with_flowers(function(root)
    local function fails_with(rows)
      write(root .. "/list.csv", "file,label\n" .. rows)
      return data_failure(function() data.csv_pictures(root .. "/list.csv"):peek() end)
    end
    lu.assertEquals(fails_with "rose/1.png,a\nrose/none.png,b\n",
      ("%s/list.csv: row 2 names %s/rose/none.png, which is not there"):format(root, root))
    lu.assertEquals(fails_with "rose/1.png,\n", root .. "/list.csv: row 1 has no label")
  end)
end
