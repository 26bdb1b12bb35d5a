-- Files of other programs: what NumPy wrote, and that what is written reads back.

local ml = require "moonlab"
local core = require "moonlab.core"
local lu = require "luaunit"
local support = require "support"
local fails, equal = support.fails, support.equal

-- A failure of the data (status 4) whose message ends so.
local function bad_data(ending, f, ...)
  local ok, failure = pcall(f, ...)
  lu.assertFalse(ok, "no error was raised")
  lu.assertIsTable(failure)
  lu.assertEquals(failure.status, 4)
  lu.assertEquals(failure.message:sub(-#ending), ending)
end

local function write(path, bytes)
  local file = assert(io.open(path, "wb"))
  file:write(bytes)
  file:close()
end

TestNumpyFiles = {}

function TestNumpyFiles:test_every_type_has_the_values_that_numpy_gave_it()
  local tensors, names = core.read_npz "tests/fixtures/arrays.npz"
  local fixture = dofile "tests/fixtures/npy.lua"
  lu.assertEquals(#names, #fixture)
  for i, entry in ipairs(fixture) do
    local name, dtype, shape, values = table.unpack(entry)
    local x = tensors[name]
    lu.assertEquals({ names[i], x.dtype, x.shape }, { name, dtype, shape })
    local expected = core.tensor(values, { dtype = dtype }):reshape(shape)
    lu.assertTrue(core.ops.eq(x, expected):all():item(), name .. ": " .. tostring(x))
  end
end

function TestNumpyFiles:test_a_stored_archive_gives_the_same_as_a_packed_one()
  local packed, stored = core.read_npz "tests/fixtures/arrays.npz", ml.load "tests/fixtures/arrays_stored.npz"
  for _, name in ipairs { "fortran", "bool", "be_f2" } do equal(stored[name], packed[name]) end
end

function TestNumpyFiles:test_load_and_save_follow_content_and_ending()
  support.with_folder(function(folder)
    local x, y = core.tensor { { 1.5, 2.0 }, { 3.0, 4.0 } }, core.tensor { 1, 2, 3 }
    ml.save(folder .. "/x.npy", x:transpose(1, 2))
    equal(ml.load(folder .. "/x.npy"), { { 1.5, 3.0 }, { 2.0, 4.0 } })
    lu.assertEquals(core.peek_npy(folder .. "/x.npy"), { shape = { 2, 2 }, dtype = "float32" })
    for _, ending in ipairs { "npz", "safetensors" } do
      local path = folder .. "/both." .. ending
      ml.save(path, { y = y, x = x })
      local tensors, names = ml.load(path)
      lu.assertEquals(names, { "x", "y" })
      equal(tensors.x, x)
      equal(tensors.y, y)
      ml.save(path, { { "y", y }, { "x", x } })
      lu.assertEquals(select(2, ml.load(path)), { "y", "x" })
    end
  end)
end

function TestNumpyFiles:test_errors_say_what_to_write()
  local x = core.tensor { 1 }
  fails("save: x.txt must end in .npy (one tensor), .npz or .safetensors (several with names)", function() ml.save("x.txt", x) end)
  fails("save: a .npy file holds one tensor, got a table; several with names go into a .npz or .safetensors file",
    function() ml.save("x.npy", { x = x }) end)
  fails("save: a .npz file holds tensors with names, as in ml.save(path, { x = x }); got a tensor", function() ml.save("x.npz", x) end)
  fails("save: 'y' must be a tensor, got 3", function() ml.save("x.npz", { y = 3 }) end)
  fails("save: names of tensors are strings, got 2", function() ml.save("x.npz", { [2] = x }) end)
  fails("save: path must be a string, got nil", function() ml.save(nil, x) end)
end

function TestNumpyFiles:test_a_damaged_file_is_a_failure_of_the_data()
  support.with_folder(function(folder)
    write(folder .. "/x.npz", "PK\3\4 and so on, long enough for a zip archive")
    bad_data("/x.npz: is no whole zip archive: it has no end record; fetch it again", ml.load, folder .. "/x.npz")
    bad_data("/no.npy: can't be opened: No such file or directory", ml.load, folder .. "/no.npy")
  end)
end

TestSounds = {}

function TestSounds:test_every_format_has_the_samples_that_scipy_reads()
  local count = 0
  for name, entry in pairs(dofile "tests/fixtures/wav.lua") do
    local x, rate = ml.data.read_sound("tests/fixtures/wav/" .. name)
    lu.assertEquals(rate, entry[1], name)
    lu.assertEquals(x.dtype, "float32")
    equal(x, entry[2])
    lu.assertEquals(core.peek_wav("tests/fixtures/wav/" .. name).frames, #entry[2][1])
    count = count + 1
  end
  lu.assertEquals(count, 7)
end

-- Every 100th of the 3,000 recordings.
function TestSounds:test_real_recordings_load_and_write_back()
  local root = os.getenv "MOONLAB_DATA"
  local listing = root and io.popen(("ls %s/fsdd/recordings/*.wav 2>/dev/null"):format(root))
  local paths = {}
  for path in listing and listing:lines() or function() end do paths[#paths + 1] = path end
  if listing then listing:close() end
  if #paths == 0 then lu.skip "MOONLAB_DATA has no fsdd/recordings" end
  support.with_folder(function(folder)
    for i = 1, #paths, 100 do
      local x, rate = ml.data.read_sound(paths[i])
      lu.assertEquals({ rate, x.shape[1] }, { 8000, 1 })
      lu.assertEquals(core.peek_wav(paths[i]).frames, x.shape[2])
      ml.data.write_sound(folder .. "/x.wav", x, rate)
      equal(ml.data.read_sound(folder .. "/x.wav"), x)
    end
  end)
end

function TestSounds:test_errors_name_the_argument()
  local x = core.zeros(1, 4)
  fails("write_sound: bits must be 8, 16, 24 or 32 (of floats 32), got 12", function() ml.data.write_sound("x.wav", x, 8000, { bits = 12 }) end)
  fails("data.write_sound: unknown option 'bit'; did you mean 'bits'?", function() ml.data.write_sound("x.wav", x, 8000, { bit = 12 }) end)
  lu.assertErrorMsgContains("data.read_sound: there is no file no.wav", ml.data.read_sound, "no.wav")
end
