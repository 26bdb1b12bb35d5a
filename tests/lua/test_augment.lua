-- Changes of training pictures: known answers, masks that move along, and nothing that depends on batches.

local ml = require "moonlab"
local core = require "moonlab.core"
local support = require "support"
local synthetic = require "synthetic"
local lu = require "luaunit"
local data = ml.data

local function pictures(n, c, h, w)
  return (core.arange(1, n * c * h * w) * 7):remainder(251):to "uint8":reshape { n, c, h, w }
end

-- The pictures after the specs, 0..255.
local function changed(x, list, epoch, key)
  local steps = {}
  for i, one in ipairs(list) do steps[i] = one.step end
  return core.picture_augment(x, core.arange(1, #x), { steps = steps, key = key or 5, epoch = epoch or 1 }) * 255
end

local ALL = { data.flip(), data.flip_vertical(), data.shift(2), data.crop { size = { 8, 8 }, padding = 2 }, data.crop { area = { 0.4, 0.9 } },
  data.rotate(20), data.scale { 0.7, 1.4 }, data.colour { brightness = 0.3, contrast = 0.3, saturation = 0.5, hue = 0.1 },
  data.erase { chance = 0.8 } }

TestAugment = {}

function TestAugment:test_no_step_gives_the_pictures() support.close(changed(pictures(3, 3, 8, 9), {}), pictures(3, 3, 8, 9):to "float32", 2e-5) end

function TestAugment:test_flips_give_the_picture_or_its_mirror()
  local x = pictures(40, 2, 5, 6)
  for dim, spec in pairs { [4] = data.flip(), [3] = data.flip_vertical() } do
    local y, mirrored = changed(x, { spec }), 0
    for i = 1, 40 do
      local turned = x[i]:flip(dim - 1):to "float32"
      if y[i]:allclose(turned, { atol = 1e-3 }) then mirrored = mirrored + 1 else support.close(y[i], x[i]:to "float32", 1e-4) end
    end
    lu.assertTrue(mirrored > 8 and mirrored < 32, mirrored)
  end
end

function TestAugment:test_a_crop_is_a_window_of_the_picture()
  local x, seen = pictures(60, 1, 5, 5), {}
  local y = changed(x, { data.crop { size = { 3, 4 } } })
  lu.assertEquals(y.shape, { 60, 1, 3, 4 })
  for i = 1, 60 do
    local found
    for top = 1, 3 do
      for left = 1, 2 do
        local window = x[i]:slice(2, top, top + 2):slice(3, left, left + 3):to "float32"
        if y[i]:allclose(window, { atol = 1e-3 }) then found = top .. " " .. left end
      end
    end
    lu.assertNotNil(found)
    seen[found] = true
  end
  local count = 0
  for _ in pairs(seen) do count = count + 1 end
  lu.assertEquals(count, 6)
end

function TestAugment:test_a_bordered_crop_and_a_shift_bring_black_in()
  local x = core.full({ 30, 1, 6, 6 }, 200, { dtype = "int64" }):to "uint8"
  for _, spec in ipairs { data.crop { size = { 6, 6 }, padding = 3 }, data.shift(3) } do
    local y = changed(x, { spec })
    lu.assertTrue((y:lt(1e-3) | (y - 200):abs():lt(1e-3)):all():item())
    lu.assertTrue(y:lt(1):any():item())
  end
end

function TestAugment:test_movements_after_each_other_are_one()
  local x = pictures(10, 1, 9, 9) -- a turn and its opposite would blur twice
  local once = changed(x, { data.rotate(1e-9), data.scale { 1, 1 + 1e-12 } })
  support.close(once, x:to "float32", 1e-3)
end

function TestAugment:test_rotating_keeps_the_middle_and_scaling_a_flat_picture()
  local x = core.zeros({ 20, 1, 9, 9 }, { dtype = "uint8" })
  x[{ {}, 1, 5, 5 }] = 255
  local y = changed(x, { data.rotate(45) })
  lu.assertTrue((y:select(3, 5):select(3, 5) - 255):abs():max():item() < 1e-3)
  local flat = changed(core.full({ 20, 1, 9, 9 }, 90, { dtype = "int64" }):to "uint8", { data.scale { 1, 2 } })
  lu.assertTrue((flat:slice(3, 2, 8):slice(4, 2, 8) - 90):abs():max():item() < 1e-3)
end

function TestAugment:test_brightness_is_a_factor_and_contrast_keeps_the_mean()
  local x = core.full({ 30, 3, 4, 4 }, 100, { dtype = "int64" }):to "uint8"
  local y = changed(x, { data.colour { brightness = 0.2 } })
  lu.assertTrue(y:min():item() >= 80 - 1e-3 and y:max():item() <= 120 + 1e-3 and y:max():item() > 110 and y:min():item() < 90)
  support.close(changed(x, { data.colour { contrast = 0.5 } }), x:to "float32", 1e-3)
end

function TestAugment:test_hue_and_saturation_keep_the_gray_of_each_pixel()
  local x = (pictures(10, 3, 6, 6):to "int64" // 4 + 96):to "uint8" -- far from black and white, so that nothing is clipped
  local function gray(t) return t:select(2, 1) * 0.299 + t:select(2, 2) * 0.587 + t:select(2, 3) * 0.114 end
  local y = changed(x, { data.colour { saturation = 0.5, hue = 0.2 } })
  support.close(gray(y), gray(x:to "float32"), 0.3)
  lu.assertTrue((y - x:to "float32"):abs():max():item() > 5)
end

function TestAugment:test_erasing_covers_one_rectangle_of_the_given_area()
  local x = core.full({ 50, 2, 20, 20 }, 200, { dtype = "int64" }):to "uint8"
  local y = core.picture_augment(x, core.arange(1, 50), { steps = { data.erase { chance = 1, area = { 0.1, 0.2 } }.step }, key = 1, epoch = 1,
    mean = { 0.25, 0.5 }, std = { 1, 1 } })
  for i = 1, 50 do
    local covered = y[i][1]:abs():lt(1e-6)
    lu.assertEquals(covered:tolist(), y[i][2]:abs():lt(1e-6):tolist())
    local part = covered:sum():item() / 400
    lu.assertTrue(part > 0.07 and part < 0.25, part)
    local rows, columns = covered:any(2):sum():item(), covered:any(1):sum():item()
    lu.assertEquals(rows * columns, covered:sum():item())
  end
end

function TestAugment:test_a_picture_depends_on_key_epoch_row_and_place_alone()
  local x = pictures(12, 3, 10, 10)
  local whole = changed(x, ALL)
  for _, rows in ipairs { { 3 }, { 12, 1, 7 } } do
    local steps, list = {}, core.tensor(rows, { dtype = "int64" })
    for i, one in ipairs(ALL) do steps[i] = one.step end
    local y = core.picture_augment(x, list, { steps = steps, key = 5, epoch = 1 }) * 255
    support.equal(y, whole:index_select(1, list))
    local by_id = core.picture_augment(x:index_select(1, list), core.arange(1, #rows), { steps = steps, key = 5, epoch = 1, ids = list }) * 255
    support.equal(by_id, y)
  end
  lu.assertFalse(changed(x, ALL, 2):equal(whole))
  lu.assertFalse(changed(x, ALL, 1, 6):equal(whole))
  local threads = core.threads()
  core.threads(1)
  support.equal(changed(x, ALL), whole)
  core.threads(threads)
end

function TestAugment:test_a_further_step_leaves_the_draws_of_those_before()
  local x = pictures(20, 1, 6, 6)
  support.close(changed(x, { data.flip(), data.scale { 1, 1 + 1e-12 } }), changed(x, { data.flip() }), 1e-3)
end

function TestAugment:test_known_answer()
  local y = changed(core.arange(0, 15):to "uint8":reshape { 1, 1, 4, 4 } * 10, { data.crop { area = { 0.3, 0.9 } }, data.flip(), data.rotate(30) })
  support.close(y:reshape { 16 }, { 33.374, 42.234, 44.142, 46.051, 58.571, 64.672, 66.581, 68.490, 85.202, 87.111, 89.020, 90.928, 107.641, 109.549,
    111.458, 113.367 }, 2e-3)
end

-- Masks --------------------------------------------------------------------------------------------------------------

TestAugmentMasks = {}

function TestAugmentMasks:test_masks_move_with_their_pictures()
  local classes = (core.arange(0, 20 * 12 * 12 - 1) // 5):remainder(3):to "uint8":reshape { 20, 12, 12 } + 1
  local steps = {}
  for i, one in ipairs { data.flip(), data.flip_vertical(), data.shift(3), data.crop { size = { 8, 10 }, padding = 2 } } do steps[i] = one.step end
  local how = { steps = steps, key = 3, epoch = 4 }
  local x = core.picture_augment((classes * 50):reshape { 20, 1, 12, 12 }, core.arange(1, 20), how)
  local y = core.mask_augment(classes, core.arange(1, 20), how)
  lu.assertEquals({ y.dtype, y.shape }, { "int64", { 20, 8, 10 } })
  support.close(x:select(2, 1) * 255, y:to "float32" * 50, 1e-3) -- black is class 0
end

function TestAugmentMasks:test_a_turned_mask_has_classes_alone_and_0_outside()
  local y = core.mask_augment(core.full({ 9, 15, 15 }, 2, { dtype = "int64" }):to "uint8", core.arange(1, 9),
    { steps = { data.rotate(40).step }, key = 1, epoch = 1 })
  lu.assertTrue((y:eq(0) | y:eq(2)):all():item())
  lu.assertTrue(y:eq(0):any():item())
end

function TestAugmentMasks:test_a_set_of_masks_is_normalised_and_augmented()
  support.with_folder(function(folder)
    assert(os.execute(("mkdir %s/x %s/y"):format(folder, folder)))
    for i = 1, 3 do
      local mask = (core.arange(1, 64):remainder(i + 1):eq(0):to "int64" * 255):to "uint8":reshape { 8, 8 }
      synthetic.write_file(("%s/x/%d.png"):format(folder, i), core.png(mask))
      synthetic.write_file(("%s/y/%d.png"):format(folder, i), core.png(mask))
    end
    local set = data.masks { images = folder .. "/x", masks = folder .. "/y", channels = 1 }
    local batch = set:normalised({ mean = { 0.5 }, std = { 0.5 } }):batches { size = 3, augment = { data.flip(), data.crop { size = { 6, 6 } } } }()
    support.close(batch.x:select(2, 1), batch.y:to "float32" * 2 - 3, 1e-5)
  end)
end

-- Boxes --------------------------------------------------------------------------------------------------------------

TestAugmentBoxes = {}

function TestAugmentBoxes:test_boxes_move_with_their_pictures()
  local movement = require "moonlab.data.box_movement"
  local steps = {}
  for i, one in ipairs { data.flip(), data.flip_vertical(), data.shift(2), data.crop { size = { 22, 18 }, padding = 1 } } do steps[i] = one.step end
  local x, items = core.zeros({ 30, 1, 20, 20 }, { dtype = "uint8" }), {}
  for n = 1, 30 do
    x[{ n, 1, { 8, 12 }, { 7, 10 } }] = 255
    items[n] = { boxes = ml.tensor { { 7, 8, 10, 12 } }, labels = ml.tensor { 2 }, difficult = ml.tensor { false } }
  end
  local how = { steps = steps, key = 4, epoch = 1 }
  local y = core.picture_augment(x, core.arange(1, 30), how)
  movement.move(items, core.arange(1, 30), { 20, 20 }, how)
  for n = 1, 30 do
    local bright = y[n][1]:gt(0.5):nonzero()
    local low, high = bright:min(1):tolist(), bright:max(1):tolist()
    lu.assertEquals(items[n].boxes:tolist(), { { low[2] + 0.0, low[1] + 0.0, high[2] + 0.0, high[1] + 0.0 } })
  end
end

function TestAugmentBoxes:test_a_box_that_leaves_its_picture_is_gone()
  local movement = require "moonlab.data.box_movement"
  local items = {}
  for n = 1, 20 do items[n] = { boxes = ml.tensor { { 1, 1, 2, 2 } }, labels = ml.tensor { 1 }, difficult = ml.tensor { false } } end
  movement.move(items, core.arange(1, 20), { 20, 20 }, { steps = { data.crop({ size = 4 }).step }, key = 1, epoch = 1 })
  local kept = 0
  for n = 1, 20 do kept = kept + #items[n].labels end
  lu.assertTrue(kept < 8, kept)
end

-- Specs --------------------------------------------------------------------------------------------------------------

TestAugmentSpecs = {}

function TestAugmentSpecs:test_wrong_arguments_are_named()
  local fails = support.fails
  fails("data.rotate: the largest angle must be above 0 degrees, got -1", function() data.rotate(-1) end)
  fails("data.scale: the range is {least, largest}, above 0, got {2, 1}", function() data.scale { 2, 1 } end)
  fails("data.crop: area is {least, largest}, above 0 and at most 1, got {0.5, 2}", function() data.crop { area = { 0.5, 2 } } end)
  fails("data.crop: size = {height, width} or area = {least, largest} is needed", function() data.crop {} end)
  fails("data.colour: hue must be from 0 to 0.5, got 0.7", function() data.colour { hue = 0.7 } end)
  fails("data.erase: chance must be above 0 and at most 1, got 2", function() data.erase { chance = 2 } end)
  fails("data.crop: a window of 9 x 9 with a border of 0 does not fit pictures of 8 x 8",
    function() changed(pictures(1, 1, 8, 8), { data.crop { size = 9 } }) end)
end

function TestAugmentSpecs:test_a_spec_says_what_it_is()
  lu.assertEquals(data.crop({ size = 8 }):describe(), { augment = "crop", size = { 8, 8 }, padding = 0 })
end
