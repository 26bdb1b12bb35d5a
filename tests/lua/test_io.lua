-- The bindings of files and pictures: what they give, and how they name a wrong argument.

local core = require "moonlab.core"
local support = require "support"
local lu = require "luaunit"
local fails, equal = support.fails, support.equal

local function write(path, bytes)
  local file = assert(io.open(path, "wb"))
  file:write(bytes)
  file:close()
end

-- Two pictures of 2 x 3 bytes.
local IDX = "\0\0\8\3" .. (">I4I4I4"):pack(2, 2, 3) .. "\1\2\3\4\5\6\7\8\9\10\11\12"

-- Raises a table of this status (as the program's exit status) with a message that ends so.
local function fails_with_table(status, ending, f)
  local ok, failure = pcall(f)
  lu.assertFalse(ok)
  lu.assertIsTable(failure)
  lu.assertEquals(failure.status, status)
  lu.assertEquals(failure.message:sub(-#ending), ending)
  lu.assertEquals(tostring(failure), failure.message)
end

TestIdx = {}

function TestIdx:test_reads_and_peeks()
  support.with_folder(function(folder)
    write(folder .. "/x.idx", IDX)
    local x = core.read_idx(folder .. "/x.idx")
    lu.assertEquals(x.dtype, "uint8")
    lu.assertEquals(x:tolist(), { { { 1, 2, 3 }, { 4, 5, 6 } }, { { 7, 8, 9 }, { 10, 11, 12 } } })
    lu.assertEquals(core.peek_idx(folder .. "/x.idx"), { shape = { 2, 2, 3 }, dtype = "uint8" })
  end)
end
function TestIdx:test_a_damaged_file_is_a_failure_of_the_data()
  support.with_folder(function(folder)
    write(folder .. "/x.idx", IDX:sub(1, -2))
    fails_with_table(4, "/x.idx: is cut short: its header announces [2, 2, 3], 28 bytes, but it has 27; fetch it again",
      function() core.read_idx(folder .. "/x.idx") end)
  end)
end
function TestIdx:test_a_path_is_a_string()
  fails("read_idx: path must be a string, got number", function() core.read_idx(3) end)
  fails("peek_idx: path must not hold a zero byte", function() core.peek_idx "a\0b" end)
end

TestSafetensors = {}

function TestSafetensors:test_what_is_saved_loads_in_its_order()
  support.with_folder(function(folder)
    local path = folder .. "/x.safetensors"
    local a, b = core.tensor { { 1.5, 2.0 }, { 3.0, 4.0 } }, core.arange(1, 3)
    core.save_safetensors(path, { { "z.weight", a:transpose(1, 2) }, { "a", b } }, { note = "x", about = "y" })
    local tensors, names, metadata = core.load_safetensors(path)
    lu.assertEquals(names, { "z.weight", "a" })
    lu.assertEquals(metadata, { note = "x", about = "y" })
    equal(tensors["z.weight"], { { 1.5, 3.0 }, { 2.0, 4.0 } })
    lu.assertEquals(tensors.a:tolist(), { 1, 2, 3 })
    lu.assertEquals(tensors.a.dtype, "int64")
    lu.assertFalse(tensors["z.weight"].requires_grad)
  end)
end
function TestSafetensors:test_the_same_tensors_give_the_same_bytes()
  support.with_folder(function(folder)
    local function bytes(path)
      local metadata = {}
      for i = 1, 20 do metadata["key" .. i] = "v" end
      core.save_safetensors(path, { { "a", core.ones(2) } }, metadata)
      local file <close> = assert(io.open(path, "rb"))
      return file:read "a"
    end
    lu.assertEquals(bytes(folder .. "/1"), bytes(folder .. "/2"))
  end)
end
function TestSafetensors:test_wrong_arguments_are_named()
  local x = core.ones(2)
  fails("save_safetensors: tensors must be a list of {name, tensor}, got nil", function() core.save_safetensors("p", nil) end)
  fails("save_safetensors: entry 1 must be {name, tensor}, got number", function() core.save_safetensors("p", { 1 }) end)
  fails("save_safetensors: the name in entry 2 must be a string, got nil", function() core.save_safetensors("p", { { "a", x }, {} }) end)
  fails("save_safetensors: 'a' must be a tensor, got number", function() core.save_safetensors("p", { { "a", 1 } }) end)
  fails("save_safetensors: metadata 'n' must be a string, got number", function() core.save_safetensors("p", { { "a", x } }, { n = 1 }) end)
  fails("save: two tensors are called 'a'", function() core.save_safetensors("p", { { "a", x }, { "a", x } }) end)
  fails("save: 'a' has no values yet; build the model before it is saved", function() core.save_safetensors("p", { { "a", core.slot() } }) end)
end
function TestSafetensors:test_a_place_that_can_not_be_written_is_a_failure_of_the_data()
  support.with_folder(function(folder)
    fails_with_table(4, "/none/x: can't be written: its folder does not exist",
      function() core.save_safetensors(folder .. "/none/x", { { "a", core.ones(2) } }) end)
  end)
end

TestPictureBatch = {}

local function pictures() return core.tensor({ { { 0, 51 }, { 102, 255 } }, { { 5, 10 }, { 15, 20 } } }, { dtype = "uint8" }) end

function TestPictureBatch:test_rows_are_gathered_and_normalised()
  local batch = core.picture_batch(pictures(), core.tensor { 1, 2, 1 }, { mean = 0.5, std = 0.25 })
  lu.assertEquals(batch.shape, { 3, 1, 2, 2 })
  support.close(batch[1], { { { -2.0, -1.2 }, { -0.4, 2.0 } } }, 1e-6)
  equal(batch[3], batch[1])
end
function TestPictureBatch:test_changes_depend_on_key_epoch_and_row()
  local x = core.randint(0, 255, { 50, 8, 8 }):to "uint8"
  local function batch(rows, epoch) return core.picture_batch(x, rows, { flip = true, shift = 2, key = 3, epoch = epoch }) end
  local all = batch(core.arange(1, 50), 1)
  equal(batch(core.tensor { 50, 7 }, 1), all:index_select(1, core.tensor { 50, 7 }))
  lu.assertFalse(batch(core.arange(1, 50), 2):equal(all))
end
function TestPictureBatch:test_wrong_arguments_are_named()
  local x, rows = pictures(), core.tensor { 1 }
  fails("picture_batch: unknown option 'mena'; did you mean 'mean'?", function() core.picture_batch(x, rows, { mena = 1 }) end)
  fails("picture_batch: rows must be a tensor, got table", function() core.picture_batch(x, { 1 }) end)
  fails("picture_batch: row 3 (number 1 of the batch) is outside 1..2", function() core.picture_batch(x, core.tensor { 3 }) end)
  fails("picture_batch: mean[2] must be a number, got string", function() core.picture_batch(x, rows, { mean = { 1, "2" } }) end)
  fails("picture_batch: std must be above 0, got 0", function() core.picture_batch(x, rows, { std = 0 }) end)
  fails("picture_batch: shift must be 0..1 for pictures of 2 x 2, got 2", function() core.picture_batch(x, rows, { shift = 2, key = 1 }) end)
  fails("picture_batch: flip and shift need key = (core.random_key makes one): it decides what is drawn",
    function() core.picture_batch(x, rows, { flip = true }) end)
  fails("picture_batch: flip must be true or false, got string", function() core.picture_batch(x, rows, { flip = "yes" }) end)
end
