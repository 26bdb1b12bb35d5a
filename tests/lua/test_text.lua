-- data.text and data.lines.

local ml = require "moonlab"
local lu = require "luaunit"
local support = require "support"
local synthetic = require "synthetic"
local data = ml.data

local function with_file(text, f)
  support.with_folder(function(folder)
    local path = folder .. "/t.txt"
    synthetic.write_file(path, text)
    f(path, folder)
  end)
end

TestText = {}

function TestText:test_windows_and_the_symbols_after_them()
  with_file("abcab", function(path)
    local text = data.text(path, { context = 2 })
    lu.assertEquals({ text:symbols(), text:count() }, { 3, 3 })
    for batch in text:batches { size = 3 } do
      support.equal(batch.x, { { 1, 2 }, { 2, 3 }, { 3, 1 } })
      support.equal(batch.y, { { 2, 3 }, { 3, 1 }, { 1, 2 } })
    end
    lu.assertEquals(text:decode(text:encode "cab"), "cab")
    support.equal(text:encode "axb", { 1, 0, 2 })
  end)
end

function TestText:test_parts_are_cut_by_position_and_share_no_symbol()
  with_file(("abcdefghij"):rep(10), function(path)
    local parts = data.text(path, { context = 4 }):cut { valid = 0.2, test = 0.1 }
    lu.assertEquals({ parts.train.from, parts.train.to, parts.valid.from, parts.valid.to, parts.test.from, parts.test.to },
      { 1, 70, 71, 90, 91, 100 })
    lu.assertEquals({ #parts.train, #parts.valid, #parts.test }, { 66, 4, 2 })
    for batch in parts.valid:batches { size = 4 } do support.equal(batch.x:select(2, 1), { 1, 5, 9, 3 }) end
  end)
end

function TestText:test_symbols_of_utf8_are_characters_and_of_other_texts_bytes()
  with_file("aäßa", function(path)
    local text = data.text(path, { context = 1 })
    lu.assertEquals({ text:symbols(), text:decode { 3, 2 } }, { 3, "äß" })
  end)
  with_file("a\xffa", function(path) lu.assertEquals(data.text(path, { context = 1 }):symbols(), 2) end)
end

function TestText:test_refuses_a_text_that_is_too_short()
  with_file("abc", function(path)
    local ok, problem = pcall(function() return data.text(path, { context = 3 }):count() end)
    lu.assertFalse(ok)
    lu.assertStrContains(tostring(problem), "3 symbols are too few for windows of 3 and the symbol after them")
  end)
end

function TestText:test_says_where_it_looked()
  local ok, problem = pcall(data.text, "nowhere.txt")
  lu.assertFalse(ok)
  lu.assertStrContains(tostring(problem), "data.text: there is no file nowhere.txt")
end

function TestText:test_a_recipe_opens_no_file_outside_of_its_folder()
  with_file("abcdef", function(_, folder)
    os.execute("mkdir " .. folder .. "/inner " .. folder .. "/roots")
    synthetic.write_file(folder .. "/inner/r.lua", 'require "moonlab".data.text("../t.txt", { context = 2 })')
    local status, _, err = synthetic.run(folder .. "/inner", "check r.lua")
    lu.assertEquals(status, 4)
    lu.assertStrContains(err, "data.text: there is no file ../t.txt that a recipe may open")
  end)
end

TestLines = {}

function TestLines:test_lines_begin_and_end_with_a_mark_and_are_filled_up()
  with_file("ba\n\nb\r\nba\n", function(path)
    local lines = data.lines(path)
    lu.assertEquals({ lines:symbols(), lines:count() }, { 3, 2 })
    for batch in lines:batches { size = 2 } do
      support.equal(batch.x, { { 1, 3, 2 }, { 1, 3, 0 } })
      support.equal(batch.y, { { 3, 2, 1 }, { 3, 1, 0 } })
      lu.assertEquals(batch.over, 5)
    end
    lu.assertEquals(#data.lines(path, { unique = false }), 3)
  end)
end

function TestLines:test_refuses_a_file_without_lines()
  with_file("\n\n", function(path)
    local ok, problem = pcall(function() return data.lines(path):count() end)
    lu.assertFalse(ok)
    lu.assertStrContains(tostring(problem), "t.txt has no lines")
  end)
end

TestSteps = {}

function TestSteps:test_steps_go_on_over_the_passes_and_end_where_they_should()
  local trainer = require "moonlab.train.trainer"
  local model = ml.nn.Linear(1):build { 2 }
  local rows = {}
  local set = data.tensors { x = ml.randn(10, 2), y = ml.randn(10, 1) }
  local run = trainer.fit {
    model = model, optimizer = ml.optim.sgd(model, { lr = 0.01 }), train = set, batch = 4, steps_in_all = 7, steps_each = 3,
    loss = function(output, batch) return ml.nn.mse_loss(output, batch.y) end, augment = {}, metrics = {}, select = "loss", seed = 1,
    progress = { step = function() end, clear = function() end },
    on_batch = function(_, batch) rows[#rows + 1] = batch.count end,
  }
  lu.assertEquals(rows, { 4, 4, 2, 4, 4, 2, 4 })
  lu.assertEquals({ run.steps, #run.records, run.records[3].step, run.stopped }, { 7, 3, 7, "epochs" })
end

TestImageGrid = {}

function TestImageGrid:test_pictures_lie_in_rows_in_a_png()
  local png = ml.plot.image_grid(ml.ones(3, 2, 2), { columns = 2, border = 1 }):png()
  lu.assertEquals(png:sub(1, 8), "\137PNG\r\n\26\n")
  lu.assertEquals({ string.unpack(">I4I4", png, 17) }, { 8, 8, 25 }) -- width, height
end

function TestImageGrid:test_refuses_other_shapes()
  support.fails("plot.image_grid: pictures are [N, H, W], [N, 1, H, W] or [N, 3, H, W], got [2, 2]", function() local _ = ml.plot.image_grid(ml.ones(2, 2)) end)
end
