-- Boxes of VOC and COCO files, and masks: what is listed, what is kept out and why, and what a batch gives.

local ml = require "moonlab"
local core = require "moonlab.core"
local vm = require "moonlab.vm"
local support = require "support"
local synthetic = require "synthetic"
local lu = require "luaunit"
local data, write = ml.data, synthetic.write_file
local DATA = os.getenv "MOONLAB_DATA"

local function there(name) return DATA and vm.exists(DATA .. "/" .. name) == "directory" end

local function bad_data(message, f)
  local ok, failure = pcall(f)
  lu.assertFalse(ok)
  lu.assertIsTable(failure)
  lu.assertEquals({ failure.status, failure.message }, { 4, message })
end

-- A gray picture of one value.
local function picture(path, height, width, value)
  write(path, core.png((core.zeros({ height, width }, { dtype = "int64" }) + (value or 0)):to "uint8"))
end

local function folders(root, ...)
  for _, name in ipairs { ... } do assert(os.execute("mkdir -p " .. root .. "/" .. name)) end
end

-- VOC ----------------------------------------------------------------------------------------------------------------

local function object(class, x1, y1, x2, y2, more)
  return ("<object><name>%s</name>%s<bndbox><xmin>%s</xmin><ymin>%s</ymin><xmax>%s</xmax><ymax>%s</ymax></bndbox></object>"):format(
    class, more or "", x1, y1, x2, y2)
end

local function annotation(objects, size)
  return ("<annotation><filename>x/%s.png</filename>%s%s</annotation>"):format("a",
    size or "<size><width>20</width><height>10</height></size>", objects)
end

-- A folder with pictures a, b and c of 20 x 10 pixels.
local function with_voc(f)
  support.with_folder(function(root)
    folders(root, "Annotations", "JPEGImages", "ImageSets/Main")
    for _, name in ipairs { "a", "b", "c" } do picture(("%s/JPEGImages/%s.png"):format(root, name), 10, 20) end
    write(root .. "/Annotations/a.xml", annotation(object("dog", 1, 2, 20, 10) .. object("cat", 5, 5, 5, 9)
      .. object("cat", 18, 0, 25, 4, "<difficult>1</difficult>") .. object("dog", 30, 30, 40, 40)))
    write(root .. "/Annotations/b.xml", (annotation(object("ant", 3, 3, 4, 4), ""):gsub("x/a", "b")))
    write(root .. "/Annotations/c.xml", (annotation "":gsub("x/a", "gone")))
    f(root)
  end)
end

TestVoc = {}

function TestVoc:test_boxes_labels_and_sizes()
  with_voc(function(root)
    local set = data.voc(root)
    lu.assertEquals({ #set.train, set.valid, set.classes }, { 3, nil, { "ant", "cat", "dog" } })
    local item = set.train:item(1)
    lu.assertEquals({ item.image, item.width, item.height }, { root .. "/JPEGImages/a.png", 20, 10 })
    lu.assertEquals({ item.boxes:tolist(), item.boxes.dtype }, { { { 1, 2, 20, 10 }, { 18, 1, 20, 4 } }, "float32" })
    lu.assertEquals({ item.labels:tolist(), item.difficult:tolist() }, { { 3, 2 }, { false, true } })
    lu.assertEquals({ set.train:item(-2).width, set.train:item(2).labels:tolist() }, { 20, { 1 } })
    lu.assertEquals({ set.train:item(3).boxes.shape, set.train:item(3).image }, { { 0, 4 }, root .. "/JPEGImages/c.png" })
  end)
end

function TestVoc:test_what_is_kept_out_is_named_and_the_counts_add_up()
  with_voc(function(root)
    local set = data.voc(root)
    local c, file = set.counts, root .. "/Annotations/a.xml"
    lu.assertEquals(c, { annotated = 5, kept = 3, degenerate = 1, outside = 1, clipped = 1 })
    lu.assertEquals(c.annotated, c.kept + c.degenerate + c.outside)
    lu.assertEquals(set:report(), "5 boxes: 3 kept, 1 degenerate, 1 outside (1 clipped)\n"
      .. file .. ": box 2 (cat: 5, 5, 5, 9) is degenerate\n" .. file .. ": box 3 (cat: 18, 0, 25, 4) is clipped\n"
      .. file .. ": box 4 (dog: 30, 30, 40, 40) is outside")
  end)
end

function TestVoc:test_a_batch_is_filled_up_with_boxes_of_no_class()
  with_voc(function(root)
    local batch = data.voc(root, { channels = 1 }).train:batches { size = 3 }()
    lu.assertEquals({ batch.x.shape, batch.x.dtype }, { { 3, 1, 10, 20 }, "uint8" })
    lu.assertEquals(batch.labels:tolist(), { { 3, 2 }, { 1, 0 }, { 0, 0 } })
    lu.assertEquals(batch.boxes:tolist()[2], { { 3, 3, 4, 4 }, { 0, 0, 0, 0 } })
    lu.assertEquals(batch.box_counts:tolist(), { 2, 1, 0 })
  end)
end

function TestVoc:test_official_parts_are_kept()
  with_voc(function(root)
    write(root .. "/ImageSets/Main/train.txt", "b\n\na\n")
    write(root .. "/ImageSets/Main/test.txt", "c\r\n")
    local set = data.voc(root)
    lu.assertEquals({ #set.train, set.valid, #set.test, set.train:item(1).width }, { 2, nil, 1, 20 })
    lu.assertEquals(set.train:item(2).image, root .. "/JPEGImages/a.png")
    lu.assertEquals({ set:peek().count, set:peek().test_count, set:peek().x }, { 2, 1, { 3, 10, 20, dtype = "uint8" } })
    lu.assertEquals(#set:files(), 3)
  end)
end

function TestVoc:test_a_picture_in_two_parts_is_an_error()
  with_voc(function(root)
    write(root .. "/ImageSets/Main/train.txt", "a\nb\n")
    write(root .. "/ImageSets/Main/test.txt", "c\nb\n")
    bad_data(root .. "/ImageSets/Main/test.txt: line 2 names 'b', which is in train.txt already", function() return data.voc(root).train end)
    write(root .. "/ImageSets/Main/test.txt", "d\n")
    bad_data(root .. "/ImageSets/Main/test.txt: line 1 names 'd', which has no annotation", function() return data.voc(root).train end)
  end)
end

function TestVoc:test_wrong_annotations_are_named_with_their_file()
  with_voc(function(root)
    local file = root .. "/Annotations/a.xml"
    local function with(text, message)
      write(file, text)
      bad_data(file .. ": " .. message, function() return data.voc(root).train end)
    end
    with("<annotation>", "xml: '</annotation>' is missing at line 1, column 13")
    with("<note/>", "is no VOC annotation: its root is <note>")
    with(annotation "<object><name>x</name></object>", "object 1 has no <bndbox>")
    with(annotation(object("", 1, 1, 2, 2)), "object 1 has no <name>")
    with(annotation(object("x", 1, 1, "", 2)), "object 1 has no number <xmax>, but ''")
    with(annotation(object("x", 1, 1, "0x9", 2)), "object 1 has no number <xmax>, but '0x9'")
    with(annotation(object("x", 5, 1, 2, 2)), "object 1 ends before it begins: 5, 1, 2, 2; expected xmin <= xmax and ymin <= ymax")
    write(file, annotation(object("x", 1, 1, 2, 2)))
    bad_data(file .. ": class 'x' is not one of classes = {ant}", function() return data.voc(root, { classes = { "ant" } }).train end)
    os.remove(root .. "/JPEGImages/a.png")
    bad_data(file .. ": there is no picture 'a.png' in " .. root .. "/JPEGImages", function() return data.voc(root).train end)
  end)
end

function TestVoc:test_the_blood_cells_have_two_boxes_without_area()
  if not there "bccd" then lu.skip "MOONLAB_DATA has no bccd" end
  local set = data.voc(DATA .. "/bccd")
  lu.assertEquals({ #set.train, #set.valid, #set.test }, { 205, 87, 72 })
  lu.assertEquals(set.classes, { "Platelets", "RBC", "WBC" })
  lu.assertEquals(set.counts, { annotated = 4888, kept = 4886, degenerate = 2, outside = 0, clipped = 0 })
  lu.assertEquals({ set.problems[1].file, set.problems[2].file },
    { DATA .. "/bccd/Annotations/BloodImage_00338.xml", DATA .. "/bccd/Annotations/BloodImage_00343.xml" })
  lu.assertEquals(set.test:batches { size = 2 }().x.shape, { 2, 3, 480, 640 })
end

-- COCO ---------------------------------------------------------------------------------------------------------------

local COCO = [[{ "images": [{ "id": 7, "file_name": "a.png", "width": 20, "height": 10 }, { "id": 3, "file_name": "b.png", "width": 20, "height": 10 }],
  "categories": [{ "id": 9, "name": "dog" }, { "id": 2, "name": "cat" }],
  "annotations": [{ "image_id": 3, "category_id": 9, "bbox": [0, 0, 20, 10] }, { "image_id": 3, "category_id": 2, "bbox": [4.5, 1, 2, 0.5], "iscrowd": 1 },
    { "image_id": 3, "category_id": 2, "bbox": [4, 1, 0, 5] }] }]]

local function with_coco(text, f)
  support.with_folder(function(root)
    folders(root, "images")
    picture(root .. "/images/a.png", 10, 20)
    picture(root .. "/images/b.png", 10, 20)
    write(root .. "/x.json", text)
    f(root)
  end)
end

TestCoco = {}

function TestCoco:test_boxes_are_pixels_from_1_and_classes_in_the_order_of_ids()
  with_coco(COCO, function(root)
    local set = data.coco(root .. "/x.json")
    lu.assertEquals({ set.classes, #set.train, set.train:item(1).boxes.shape }, { { "cat", "dog" }, 2, { 0, 4 } })
    local item = set.train:item(2)
    lu.assertEquals(item.boxes:tolist(), { { 1, 1, 20, 10 }, { 5.5, 2, 6.5, 1.5 } })
    lu.assertEquals({ item.labels:tolist(), item.difficult:tolist() }, { { 2, 1 }, { false, true } })
    lu.assertEquals(set.counts, { annotated = 3, kept = 2, degenerate = 1, outside = 0, clipped = 0 })
    lu.assertEquals(set:report(), "3 boxes: 2 kept, 1 degenerate, 0 outside (0 clipped)\n" .. root
      .. "/x.json: box 3 (cat: 5, 2, 4, 6) is degenerate")
  end)
end

function TestCoco:test_a_folder_with_parts()
  support.with_folder(function(root)
    folders(root, "annotations", "train2017", "val2017")
    for _, part in ipairs { "train2017", "val2017" } do
      picture(("%s/%s/a.png"):format(root, part), 10, 20)
      picture(("%s/%s/b.png"):format(root, part), 10, 20)
      write(("%s/annotations/instances_%s.json"):format(root, part), COCO)
    end
    local set = data.coco(root)
    lu.assertEquals({ #set.train, #set.valid, set.test, set.counts.annotated }, { 2, 2, nil, 6 })
    lu.assertStrContains(set.valid:item(1).image, "/val2017/a.png")
  end)
end

function TestCoco:test_wrong_entries_are_named()
  local function with(from, to, message)
    with_coco((COCO:gsub(from, to, 1)), function(root)
      bad_data(root .. "/x.json: " .. message:gsub("ROOT", root), function() return data.coco(root .. "/x.json").train end)
    end)
  end
  with('"annotations"', '"notes"', "is no COCO file: it has no list 'annotations'")
  with('"image_id": 3', '"image_id": 4', "annotations[1]: there is no image with id 4")
  with('"category_id": 9', '"category_id": 4', "annotations[1]: there is no category with id 4")
  with('"id": 3', '"id": 7', "images[2]: a second one with id 7")
  with('"id": 2', '"id": "2"', "categories[2] has no number 'id', but '2'")
  with("%[0, 0, 20, 10%]", "[0, 0, 20]", "annotations[1]: bbox must be {x, y, width, height}")
  with("%[0, 0, 20, 10%]", "[0, 0, -2, 4]", "annotations[1]: bbox has the size -2 x 4")
  with("a%.png", "../a.png", "images[1]: '../a.png' leads out of the folder")
  with("}%] }$", "", "json: ',' or '}' expected at line 4, column 61")
end

function TestCoco:test_a_picture_that_is_not_there_is_named_with_where_it_was_looked_for()
  with_coco(COCO, function(root)
    os.remove(root .. "/images/b.png")
    bad_data(root .. "/x.json: images[2]: there is no picture 'b.png' in\n  " .. root .. "/images",
      function() return data.coco(root .. "/x.json", { images = root .. "/images" }).train end)
  end)
end

-- Masks --------------------------------------------------------------------------------------------------------------

TestMasks = {}

local function with_masks(f)
  support.with_folder(function(root)
    folders(root, "p", "m")
    for i, name in ipairs { "a", "b" } do
      picture(("%s/p/%s.png"):format(root, name), 4, 6, i)
      picture(("%s/m/%s.png"):format(root, name), 4, 6, i == 2 and 255 or 0)
    end
    f(root, { images = root .. "/p", masks = root .. "/m", channels = 1 })
  end)
end

function TestMasks:test_values_become_classes()
  with_masks(function(_, given)
    local set = data.masks(given)
    local batch = set:batches { size = 2 }()
    lu.assertEquals({ #set, set.classes, batch.x.shape, batch.y.shape }, { 2, { "0", "255" }, { 2, 1, 4, 6 }, { 2, 4, 6 } })
    lu.assertEquals({ batch.x:select(1, 2):max():item(), batch.y:select(1, 1):max():item(), batch.y:select(1, 2):min():item() }, { 2, 1, 2 })
    given.ignore, given.values, given.classes = 255, { 0 }, { "cell" }
    batch = data.masks(given):batches { size = 2 }()
    lu.assertEquals({ batch.y:select(1, 1):min():item(), batch.y:select(1, 2):max():item() }, { 1, 0 })
  end)
end

function TestMasks:test_what_does_not_belong_together_is_named()
  with_masks(function(root, given)
    picture(root .. "/m/b.png", 4, 6, 9)
    bad_data(root .. "/m/b.png: holds the value 9, which is not one of values = {0, 255}",
      function() data.masks(given):batches { size = 2 }() end)
    picture(root .. "/m/b.png", 4, 5, 0)
    bad_data(root .. "/p/b.png is 4 x 6, but its mask " .. root .. "/m/b.png is 4 x 5",
      function() data.masks(given):batches { size = 2 }() end)
    picture(root .. "/m/c.png", 4, 6, 0)
    bad_data("data.masks: " .. root .. "/m/c.png has no picture in " .. root .. "/p", function() data.masks(given) end)
    os.remove(root .. "/m/b.png")
    bad_data("data.masks: " .. root .. "/p/b.png has no mask 'b' in " .. root .. "/m", function() data.masks(given) end)
  end)
end

-- x and y of all batches, and what is said of those that fail.
local function passes(set, size, workers)
  local out, next_batch = {}, set:batches { size = size, workers = workers, pass = 1 }
  for i = 1, 3 do
    local ok, batch = pcall(next_batch)
    out[i] = not ok and batch.message or batch and { batch.x:tolist(), batch.y and batch.y:tolist() or batch.boxes:tolist() } or "end"
  end
  return out
end

function TestMasks:test_workers_and_memory_change_no_bit()
  with_masks(function(root, given)
    for size = 1, 2 do
      given.memory = nil
      local expected = passes(data.masks(given), size, 0)
      lu.assertEquals(passes(data.masks(given), size, 2), expected)
      for _, memory in ipairs { 1, 50 } do -- nothing is kept, one pair is
        given.memory = memory
        for workers = 0, 2 do
          local set = data.masks(given)
          lu.assertEquals({ passes(set, size, workers), passes(set, size, workers) }, { expected, expected })
        end
      end
    end
    picture(root .. "/m/a.png", 4, 5, 0)
    given.memory = 1
    local expected = passes(data.masks(given), 1, 0)
    lu.assertStrContains(expected[1], "but its mask " .. root .. "/m/a.png is 4 x 5")
    lu.assertEquals(passes(data.masks(given), 1, 2), expected)
    os.remove(root .. "/p/a.png")
    os.execute("cp " .. root .. "/m/b.png " .. root .. "/p/a.jpg")
    os.remove(root .. "/m/a.png")
    os.execute("cp " .. root .. "/m/b.png " .. root .. "/m/a.png")
    local set = data.masks(given)
    os.remove(root .. "/p/a.jpg")
    expected = passes(set, 1, 0)
    lu.assertStrContains(expected[1], root .. "/p/a.jpg")
    lu.assertEquals(passes(set, 1, 2), expected)
  end)
end

function TestMasks:test_the_membranes_have_the_share_that_is_published()
  if not there "isbi_em" then lu.skip "MOONLAB_DATA has no isbi_em" end
  local set = data.masks { images = DATA .. "/isbi_em/image", masks = DATA .. "/isbi_em/label", channels = 1, classes = { "membrane", "inside" } }
  local inside, pixels = 0, 0
  for batch in set:batches { size = 5 } do
    inside, pixels = inside + batch.y:eq(2):sum():item(), pixels + batch.y:numel()
  end
  lu.assertEquals(#set, 30)
  lu.assertAlmostEquals(inside / pixels, 0.780, 0.0005) -- the constant answer
end
