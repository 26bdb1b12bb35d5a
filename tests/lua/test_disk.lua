-- Arrays on disk: rows are read as they are needed, and are those of the whole array.

local lu = require "luaunit"
local ml = require "moonlab"
local core = require "moonlab.core"
local support = require "support"
local synthetic = require "synthetic"

local data = ml.data

TestArraysOnDisk = {}

function TestArraysOnDisk:test_rows_are_those_of_the_whole_array()
  support.with_folder(function(folder)
    for _, dtype in ipairs { "float32", "float64", "int64", "int32", "uint8", "bool" } do
      local x = ml.randint(0, 1, { 50, 3, 2 }, { key = 7 }):to(dtype)
      ml.save(folder .. "/x.npy", x)
      local file <close> = core.open_npy(folder .. "/x.npy")
      lu.assertEquals(file:peek().shape, { 50, 3, 2 })
      local rows = ml.tensor { 7, 1, 50, 50, 2, 3, 4, 49 }
      support.equal(file:rows(rows), x:index_select(1, rows))
    end
  end)
end

function TestArraysOnDisk:test_narrow_and_big_endian_numbers_are_widened()
  support.with_folder(function(folder)
    local head = "\x93NUMPY\1\0" .. string.pack("<s2", "{'descr': '>i2', 'fortran_order': False, 'shape': (3, 2), }\n")
    synthetic.write_file(folder .. "/x.npy", head .. string.pack(">i2i2i2i2i2i2", 1, -2, 3, -4, 500, -600))
    local file <close> = core.open_npy(folder .. "/x.npy")
    lu.assertEquals(file:rows(ml.tensor { 3, 1 }):tolist(), { { 500, -600 }, { 1, -2 } })
  end)
end

function TestArraysOnDisk:test_no_rows_give_no_rows()
  support.with_folder(function(folder)
    ml.save(folder .. "/x.npy", ml.ones(4, 3))
    local file <close> = core.open_npy(folder .. "/x.npy")
    lu.assertEquals(file:rows(core.zeros(0, { dtype = "int64" })).shape, { 0, 3 })
  end)
end

function TestArraysOnDisk:test_positions_out_of_the_array_and_other_files_are_errors()
  support.with_folder(function(folder)
    local path = folder .. "/x.npy"
    ml.save(path, ml.ones(4, 3))
    local file <close> = core.open_npy(path)
    for _, position in ipairs { 0, 5, -1 } do
      support.fails(("rows: position %d of %s is not in 1..4"):format(position, path), function() file:rows(ml.tensor { position }) end)
    end
    support.fails("rows: positions must be int64 [B], got float32 [1]", function() file:rows(ml.tensor { 1.0 }) end)
    local ok, problem = pcall(core.open_npy, folder .. "/none.npy")
    lu.assertFalse(ok)
    lu.assertStrContains(tostring(problem), "none.npy: can't be opened")
    local head = "\x93NUMPY\1\0" .. string.pack("<s2", "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 2), }\n")
    synthetic.write_file(folder .. "/f.npy", head .. "abcd")
    lu.assertStrContains(tostring(select(2, pcall(core.open_npy, folder .. "/f.npy"))), "f.npy: is in Fortran order")
    assert(os.execute("gzip -k " .. path))
    lu.assertStrContains(tostring(select(2, pcall(core.open_npy, path .. ".gz"))), "x.npy.gz: is compressed")
  end)
end

function TestArraysOnDisk:test_a_file_that_becomes_shorter_is_an_error()
  support.with_folder(function(folder)
    local path = folder .. "/x.npy"
    ml.save(path, ml.ones(4, 3))
    local file <close> = core.open_npy(path)
    assert(os.execute("truncate -s 140 " .. path))
    lu.assertStrContains(tostring(select(2, pcall(file.rows, file, ml.tensor { 4 }))), "became shorter while it was being read")
  end)
end

function TestArraysOnDisk:test_batches_from_disk_are_those_from_memory()
  support.with_folder(function(folder)
    local x, y = ml.randn(40, 5), ml.randint(1, 3, { 40 })
    ml.save(folder .. "/x.npy", x)
    ml.save(folder .. "/y.npy", y)
    local memory = data.tensors { x = x, y = y, classes = { "a", "b", "c" } }
    local disk = data.tensors { x = folder .. "/x.npy", y = folder .. "/y.npy", classes = { "a", "b", "c" } }
    lu.assertEquals(#disk, 40)
    support.equal(disk:labels(), memory:labels())
    local a = memory:batches { size = 7, shuffle = true, pass = 3, seed = 1 }
    for batch in disk:batches { size = 7, shuffle = true, pass = 3, seed = 1 } do
      local other = a()
      support.equal(batch.x, other.x)
      support.equal(batch.y, other.y)
    end
  end)
end

function TestArraysOnDisk:test_a_recipe_trains_on_them_with_the_same_bits()
  support.with_folder(function(folder)
    local x = ml.randn(60, 4)
    ml.save(folder .. "/x.npy", x)
    ml.save(folder .. "/y.npy", x:sum(2):gt(0):to "int64" + 1)
    for i, pair in ipairs { { '"x.npy"', '"y.npy"' }, { 'ml.load "x.npy"', 'ml.load "y.npy"' } } do
      synthetic.write_file(folder .. "/r.lua", ([[
local ml = require "moonlab"
return ml.recipe { name = "disk", task = "binary", seed = 2, model = ml.nn.Linear(2),
  data = { source = ml.data.tensors { x = %s, y = %s, classes = { "a", "b" } } }, split = { valid = 0.2, stratify = true },
  train = { epochs = 2, optimizer = ml.optim.adam { lr = 0.1 } } }
]]):format(table.unpack(pair)))
      local status, _, err = synthetic.run(folder, "run r.lua --out out" .. i)
      lu.assertEquals(status, 0, err)
    end
    lu.assertEquals(core.sha256(folder .. "/out1/model.safetensors"), core.sha256(folder .. "/out2/model.safetensors"))
    lu.assertStrContains(synthetic.read_file(folder .. "/out1/config.json"), "x.npy")
  end)
end
