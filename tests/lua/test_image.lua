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
