-- Profiles of what is no plain table and no pictures of classes: boxes, masks, series, texts, sounds.

local ml = require "moonlab"
local core = require "moonlab.core"
local json = require "moonlab.json"
local lu = require "luaunit"
local support = require "support"
local synthetic = require "synthetic"
local data, write = ml.data, synthetic.write_file

-- A table of a profile by its title.
local function table_of(profile, title)
  for _, one in ipairs(profile.tables) do
    if one.title:sub(1, #title) == title then return one.rows end
  end
end

-- All forms of a profile can be told.
local function tells(profile, words)
  local text = profile:text { width = 90, utf8 = true }
  for _, word in ipairs(words) do lu.assertStrContains(text, word) end
  lu.assertStrContains(profile:html(), "</html>")
  lu.assertEquals(json.decode(profile:json()).tables[1].title, profile.tables[1].title)
end

local function folders(root, ...)
  for _, name in ipairs { ... } do assert(os.execute("mkdir -p " .. root .. "/" .. name)) end
end

local function picture(path, x) write(path, core.png(x:to "uint8")) end

local function profile_of_recipe(root, fields)
  write(root .. "/r.lua", ([[local ml = require "moonlab"
    local data = ml.data
    return ml.recipe { name = "r", model = ml.nn.Linear(2), train = { optimizer = ml.optim.sgd { lr = 0.1 } }, %s }]]):format(fields))
  return require "moonlab.profile.recipe"(root .. "/r.lua", {})
end

TestProfileKinds = {}

function TestProfileKinds:test_boxes_are_counted_by_class_and_those_without_area_are_found()
  support.with_folder(function(root)
    folders(root, "b/Annotations", "b/JPEGImages", "b/ImageSets/Main")
    local function object(class, x1, y1, x2, y2)
      return ("<object><name>%s</name><bndbox><xmin>%d</xmin><ymin>%d</ymin><xmax>%d</xmax><ymax>%d</ymax></bndbox></object>"):format(class, x1, y1, x2, y2)
    end
    local objects = { object("cat", 1, 1, 4, 3) .. object("cat", 2, 2, 9, 9) .. object("dog", 5, 5, 5, 9), object("dog", 3, 3, 12, 12) }
    for i, text in ipairs(objects) do
      picture(("%s/b/JPEGImages/%d.png"):format(root, i), core.full({ 20, 20 }, 9.0 * i))
      write(("%s/b/Annotations/%d.xml"):format(root, i), "<annotation><size><width>20</width><height>20</height></size>" .. text .. "</annotation>")
    end
    write(root .. "/b/ImageSets/Main/train.txt", "1\n2\n")
    local p = profile_of_recipe(root, [[task = "detection", data = { source = data.voc("b", { size = { 20, 20 } }) }, split = { valid = 0 }]])
    lu.assertEquals(table_of(p, "Boxes"), { { "cat", 2, 1, "4 / 4 / 8", "3 / 3 / 8" }, { "dog", 1, 1, "10 / 10 / 10", "10 / 10 / 10" } })
    lu.assertEquals(p.findings, { { kind = "boxes", rows = 1, text = "1 box of 4 without area, kept out" } })
    tells(p, { "cat", "least / median / largest" })
    lu.assertStrContains(p:html(), "with their boxes: cat orange, dog blue")
  end)
end

function TestProfileKinds:test_boxes_are_drawn_where_they_lie()
  local Boxes = require "moonlab.profile.boxes"
  local boxes = Boxes.new { "cell" }
  boxes:add { count = 1, x = core.zeros({ 1, 1, 8, 8 }, { dtype = "uint8" }), boxes = core.tensor { { { 2.0, 3.0, 5.0, 6.0 } } },
    labels = core.ones({ 1, 1 }, { dtype = "int64" }), box_counts = core.ones({ 1 }, { dtype = "int64" }) }
  local red = boxes:result().pictures[1].pictures:select(2, 1):select(1, 1)
  lu.assertEquals(red:sum():item(), 12.0) -- the edges of 4 x 4 pixels
  lu.assertEquals({ red:at(3, 2), red:at(6, 5), red:at(4, 3), red:at(2, 2) }, { 1.0, 1.0, 0.0, 0.0 })
end

function TestProfileKinds:test_masks_tell_how_much_each_class_covers()
  support.with_folder(function(root)
    folders(root, "p", "m")
    for i = 1, 2 do
      local mask = core.zeros(4, 8)
      if i == 2 then mask[{ { 1, 2 }, {} }] = 255 end
      picture(("%s/p/%d.png"):format(root, i), core.full({ 4, 8 }, 10.0 * i))
      picture(("%s/m/%d.png"):format(root, i), mask)
    end
    local set = data.masks { images = root .. "/p", masks = root .. "/m", classes = { "wall", "room" } }
    local p = set:profile()
    lu.assertEquals(table_of(p, "Masks"), { { "wall", "75.0 %", 2 }, { "room", "25.0 %", 1 } })
    lu.assertEquals(p.pictures[1].pictures.shape, { 4, 3, 4, 8 })
    tells(p, { "wall", "of the pixels" })
    p = data.masks { images = root .. "/p", masks = root .. "/m", values = { 0 }, ignore = 255 }:profile()
    lu.assertEquals(table_of(p, "Masks"), { { "0", "75.0 %", 2 }, { "(does not count)", "25.0 %", "" } })
  end)
end

function TestProfileKinds:test_a_series_is_a_table_with_its_course_and_windows()
  local p = data.windows(ml.randn(60, 2), { input = 12, output = 3, step = 2 }):profile()
  lu.assertEquals({ p.kind, p.rows, #p.columns, #p.series }, { "series", 60, 2, 2 })
  lu.assertEquals(table_of(p, "Windows"), { { 12, 3, 2, 2 } })
  lu.assertEquals(p.parts.parts, { { name = "all", rows = 23 } })
  tells(p, { "Windows", "column 2" })
  lu.assertStrContains(p:html(), "<h2>Course</h2>")
end

function TestProfileKinds:test_a_recipe_s_series_is_cut_into_its_parts()
  support.with_folder(function(root)
    local lines = { "x,y" }
    for i = 1, 50 do lines[#lines + 1] = ("%d,%d"):format(i, i * i % 7) end
    write(root .. "/s.csv", table.concat(lines, "\n") .. "\n")
    local p = profile_of_recipe(root, [[task = "regression", data = { source = data.windows(data.csv "s.csv", { input = 4, parts = { 30, 10, 10 } }) }]])
    lu.assertEquals(p.parts.parts, { { name = "train", rows = 26 }, { name = "valid", rows = 10 }, { name = "test", rows = 10 } })
    lu.assertEquals({ p.rows, p.columns[1].name, p.columns[2].max }, { 50, "x", 4 })
  end)
end

function TestProfileKinds:test_lines_and_their_symbols()
  support.with_folder(function(root)
    write(root .. "/n.txt", "ada\nbob\nada\nal\n")
    local p = data.lines(root .. "/n.txt", { unique = false }):profile()
    lu.assertEquals({ p.rows, p.duplicates.rows }, { 4, 1 })
    lu.assertEquals(table_of(p, "Lines"), { { 4, 2, "2.75", 3 } })
    lu.assertEquals(table_of(p, "Symbols")[1], { "a", "5", "33.3 %" })
    lu.assertEquals(table_of(p, "The beginning")[2], { "bob" })
    tells(p, { "end of line" })
  end)
end

function TestProfileKinds:test_a_long_text_and_its_windows()
  support.with_folder(function(root)
    write(root .. "/t.txt", "to be or\nnot to be" .. ("x"):rep(30))
    local p = data.text(root .. "/t.txt", { context = 8 }):profile()
    lu.assertEquals(table_of(p, "Text"), { { 48, 8, 40 } })
    lu.assertEquals(table_of(p, "The beginning")[1], { "to be or" })
    tells(p, { "blank", "Symbols: 9 different ones" })
  end)
end

function TestProfileKinds:test_sounds_are_told_with_pictures_of_their_features()
  support.with_folder(function(root)
    folders(root, "s")
    for label, height in pairs { low = 300, high = 1500 } do
      for i = 1, 4 do
        local wave = (core.arange(1, 600):to "float32" * (2 * math.pi * (height + (i == 4 and 3 or i)) / 8000)):sin()
        data.write_sound(("%s/s/%s_%d.wav"):format(root, label, i), wave * 0.5, 8000)
      end
    end
    local p = profile_of_recipe(root, [[task = "multiclass", split = { by = "part" }, features = { ml.features.mel { rate = 8000, bands = 8, n_fft = 128, hop = 64 } },
      data = { target = "label", id = "file", source = data.sounds("s", { rate = 8000, length = 600, pattern = "^(%a+)_(%d)",
        valid = function(name) return name[2] == "4" end }) }]])
    lu.assertEquals({ p.rows, p.duplicates.rows }, { 8, 2 }) -- 3 and 4 are the same
    lu.assertEquals(table_of(p, "Tensors")[1][2], "600")
    lu.assertEquals({ #p.pictures, p.pictures[1].name, p.pictures[1].pictures:size(1) }, { 2, "high", 3 })
    local found = {}
    for _, one in ipairs(p.findings) do found[one.kind] = one.text end
    lu.assertEquals(found.shared, "2 rows of valid are also in train, all but the target the same")
    lu.assertNil(found.conflicts)
    tells(p, { "root of mean square" })
  end)
end

function TestProfileKinds:test_parts_in_files_are_one_table()
  support.with_folder(function(root)
    write(root .. "/train.csv", "x,y\n1,a\n2,b\n3,a\n")
    write(root .. "/test.csv", "x,y\n4,b\n")
    local p = data.parts({ train = data.csv(root .. "/train.csv"), test = data.csv(root .. "/test.csv") }):profile { target = "y" }
    lu.assertEquals({ p.rows, p.target.classes }, { 4, { { name = "a", count = 2 }, { name = "b", count = 2 } } })
  end)
end
