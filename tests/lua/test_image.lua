-- Pictures from files and to them. tests/c/test_picture_read.c compares every kind of file with its pixels; here stands what Lua adds.

local ml = require "moonlab"
local lu = require "luaunit"
local core = require "moonlab.core"
local support = require "support"
local data = ml.data

local fixtures = core.load_safetensors "tests/fixtures/pictures.safetensors"

local function put(path, bytes)
  local f = assert(io.open(path, "wb"))
  f:write(bytes)
  f:close()
end

-- The bytes of a file among the fixtures.
local function bytes_of(name) return string.char(table.unpack(fixtures[name]:tolist())) end

-- f(path) with a fixture in a file, or other bytes.
local function with_file(name, f, bytes)
  support.with_folder(function(folder)
    local path = folder .. "/" .. name
    put(path, bytes or bytes_of(name))
    f(path, folder)
  end)
end

-- The message of a failure with status 4.
local function data_failure(f, ...)
  local ok, e = pcall(f, ...)
  lu.assertFalse(ok)
  lu.assertEquals(e.status, 4)
  return e.message
end

TestReadImage = {}

function TestReadImage:test_gives_channels_rows_and_columns()
  with_file("jpeg_420", function(path)
    local x = data.read_image(path)
    lu.assertEquals({ x.dtype, x.shape }, { "uint8", { 3, 27, 35 } })
    support.equal(x:permute(2, 3, 1), fixtures["jpeg_420=0"])
  end)
end

function TestReadImage:test_channels_are_those_that_were_asked_for()
  with_file("png_rgba_16_interlaced", function(path)
    lu.assertEquals(data.read_image(path).shape, { 4, 6, 11 })
    for _, channels in ipairs { 1, 3, 4 } do
      support.equal(data.read_image(path, { channels = channels }):permute(2, 3, 1), fixtures["png_rgba_16_interlaced=" .. channels])
    end
    support.fails("data.read_image: channels must be 1 (gray), 3 (colour) or 4 (colour and alpha), got 2",
      function() data.read_image(path, { channels = 2 }) end)
  end)
end

function TestReadImage:test_the_size_is_told_as_the_picture_is_seen()
  with_file("jpeg_orientation_6", function(path) lu.assertEquals({ data.image_size(path) }, { 18, 11, 3 }) end)
end

function TestReadImage:test_a_damaged_picture_is_an_error_that_names_the_file()
  local whole = bytes_of "jpeg_420"
  with_file("cut.jpg", function(path)
    lu.assertEquals(data_failure(data.read_image, path),
      path .. ": is cut short: its data ends in the middle, after 700 bytes; fetch it again")
  end, whole:sub(1, 700))
end

function TestReadImage:test_on_damage_warn_gives_what_there_is_and_what_is_wrong()
  local whole = bytes_of "jpeg_restarts"
  with_file("cut.jpg", function(path)
    local x, damage = data.read_image(path, { on_damage = "warn" })
    lu.assertEquals(damage, ("is cut short: its data ends in the middle, after %d bytes"):format(#whole - 60))
    support.equal(x:slice(2, 1, 8), fixtures["jpeg_restarts=0"]:permute(3, 1, 2):slice(2, 1, 8))
  end, whole:sub(1, -61))
  with_file("jpeg_420", function(path) lu.assertNil((select(2, data.read_image(path, { on_damage = "warn" })))) end)
end

function TestReadImage:test_what_is_no_picture_is_named()
  with_file("cat.gif", function(path)
    lu.assertEquals(data_failure(data.read_image, path), path .. ": is no picture that can be read: it begins with 47 49 46 38; "
      .. "PNG (89 50 4e 47) and JPEG (ff d8 ff) are read")
  end, "GIF89a........")
  support.with_folder(function(folder)
    lu.assertEquals(data_failure(data.read_image, folder .. "/x.png"), ("data.read_image: there is no file %s/x.png"):format(folder))
  end)
end

function TestReadImage:test_arguments_are_checked()
  support.fails("data.read_image: the path of a file is needed, got 3", function() data.read_image(3) end)
  support.fails("data.read_image: unknown option 'chanels'; did you mean 'channels'?", function() data.read_image("x", { chanels = 1 }) end)
  support.fails("data.image_size: the path of a file is needed, got nil", function() data.image_size() end)
end

function TestReadImage:test_size_resizes_and_whole_decodes_every_pixel_first()
  with_file("jpeg_444", function(path)
    local whole = data.read_image(path)
    support.equal(data.read_image(path, { size = { 8, 10 }, whole = true }), data.resize(whole, { 8, 10 }))
    support.equal(data.read_image(path, { size = { 14, 18 } }):permute(2, 3, 1), fixtures["jpeg_444=0/13x17"])
    lu.assertEquals(data.read_image(path, { size = 9 }).shape, { 3, 9, 9 })
  end)
end

TestReadImages = {}

-- f(paths, folder): three pictures of one size, and one of another.
local function with_files(f)
  support.with_folder(function(folder)
    local paths = {}
    for i, name in ipairs { "jpeg_420", "jpeg_gray", "jpeg_cmyk", "png_rgba_8" } do
      paths[i] = ("%s/%d"):format(folder, i)
      put(paths[i], bytes_of(name))
    end
    f(paths, folder)
  end)
end

function TestReadImages:test_gives_what_reading_one_by_one_gives()
  with_files(function(paths)
    local x = data.read_images(paths, { size = { 10, 12 } })
    lu.assertEquals(x.shape, { 4, 3, 10, 12 })
    for i, path in ipairs(paths) do support.equal(x[i], data.read_image(path, { channels = 3, size = { 10, 12 } })) end
    paths[4] = nil
    local gray = data.read_images(paths, { channels = 1 })
    for i, path in ipairs(paths) do support.equal(gray[i], data.read_image(path, { channels = 1 })) end
  end)
end

function TestReadImages:test_threads_change_nothing()
  with_files(function(paths)
    local many, before = {}, core.threads()
    for i = 1, 40 do many[i] = paths[(i - 1) % 4 + 1] end
    core.threads(1)
    local one = data.read_images(many, { size = { 9, 9 } })
    core.threads(3)
    local three = data.read_images(many, { size = { 9, 9 } })
    core.threads(before)
    support.equal(three, one)
  end)
end

function TestReadImages:test_the_first_file_in_order_that_fails_is_named()
  with_files(function(paths, folder)
    local many = {}
    for i = 1, 40 do many[i] = paths[i % 3 + 1] end
    put(folder .. "/bad", "\xff\xd8\xff\xd9")
    many[30], many[17] = folder .. "/bad", folder .. "/bad"
    many[18] = paths[4]
    lu.assertEquals(data_failure(data.read_images, many), folder .. "/bad: is damaged: it ends before its pixels begin; fetch it again")
    many[17] = paths[1]
    lu.assertEquals(data_failure(data.read_images, many), ("%s: is 6 x 11, but %s is 27 x 35: name a size that all are brought to, "
      .. "as in size = {27, 35}"):format(paths[4], many[1]))
  end)
end

function TestReadImages:test_arguments_are_checked()
  support.fails("data.read_images: a list of paths is needed, got 'x'", function() data.read_images "x" end)
  support.fails("data.read_images: the list of paths is empty", function() data.read_images {} end)
  support.fails("data.read_images: the path of a file is needed, got 3", function() data.read_images { 3 } end)
end

TestWriteImage = {}

function TestWriteImage:test_a_png_read_again_is_the_same()
  support.with_folder(function(folder)
    local path = folder .. "/x.png"
    for _, shape in ipairs { { 5, 7 }, { 1, 5, 7 }, { 3, 5, 7 }, { 4, 5, 7 } } do
      local x = ml.randint(0, 255, shape):to "uint8"
      data.write_image(path, x)
      support.equal(data.read_image(path), #shape == 2 and x:unsqueeze(1) or x)
    end
    local turned = ml.randint(0, 255, { 5, 7, 3 }):to "uint8":permute(3, 2, 1)
    data.write_image(path, turned)
    support.equal(data.read_image(path), turned)
  end)
end

function TestWriteImage:test_a_jpeg_read_again_is_close()
  support.with_folder(function(folder)
    local path, x = folder .. "/x.jpg", fixtures["jpeg_420=0"]:permute(3, 1, 2)
    data.write_image(path, x, { quality = 100 })
    local fine = (data.read_image(path):float() - x:float()):abs():mean():item()
    data.write_image(path, x, { quality = 20 })
    local coarse = (data.read_image(path):float() - x:float()):abs():mean():item()
    lu.assertTrue(fine < 2 and coarse > fine and coarse < 20, fine .. " " .. coarse)
    data.write_image(path, x[1])
    lu.assertEquals({ data.image_size(path) }, { 27, 35, 1 })
  end)
end

function TestWriteImage:test_floats_count_from_0_to_1()
  support.with_folder(function(folder)
    data.write_image(folder .. "/x.png", ml.tensor { { -1.0, 0.0, 0.5 }, { 0.999, 1.0, 7.0 } })
    support.equal(data.read_image(folder .. "/x.png"), { { { 0, 0, 128 }, { 255, 255, 255 } } })
  end)
end

function TestWriteImage:test_what_cannot_be_written_is_named()
  local x = ml.zeros(2, 2, { dtype = "uint8" })
  support.fails("data.write_image: a tensor is needed, got 3", function() data.write_image("x.png", 3) end)
  support.fails("data.write_image: pixels are uint8, or floats from 0 to 1; got int64", function() data.write_image("x.png", ml.tensor { { 1 } }) end)
  support.fails("data.write_image: the picture holds a NaN", function() data.write_image("x.png", ml.tensor { { 0 / 0 } }) end)
  support.fails("write_image: x.gif must end in .png, .jpg or .jpeg", function() data.write_image("x.gif", x) end)
  support.fails("write_image: quality is 1 to 100, got 101", function() data.write_image("x.jpg", x, { quality = 101 }) end)
  support.fails("write_image: a JPEG has no transparency: give x.jpg 3 channels, or write a .png",
    function() data.write_image("x.jpg", ml.zeros(4, 2, 2, { dtype = "uint8" })) end)
  support.fails("write_image: a picture is uint8 [H, W] or [C, H, W] with 1, 3 or 4 channels, got uint8 [2, 2, 2]",
    function() data.write_image("x.png", ml.zeros(2, 2, 2, { dtype = "uint8" })) end)
end

TestResize = {}

function TestResize:test_has_the_filters_of_pillow()
  for _, how in ipairs { "bilinear", "nearest", "area" } do
    local x = fixtures["resize:24x36x3"]:permute(3, 1, 2)
    support.equal(data.resize(x, { 8, 12 }, { filter = how }):permute(2, 3, 1), fixtures["resize:24x36x3:8x12:" .. how])
  end
end

function TestResize:test_arguments_are_checked()
  local x = ml.zeros(2, 2, { dtype = "uint8" })
  support.fails("data.resize: the size is {height, width}, got 3", function() data.resize(x, 3) end)
  support.fails("data.resize: filter: unknown word 'linear'; did you mean 'bilinear'?", function() data.resize(x, { 1, 1 }, { filter = "linear" }) end)
end
