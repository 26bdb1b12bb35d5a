-- Which rows come when: weights, balance, length; and sequences, padded.

local ml = require "moonlab"
local lu = require "luaunit"
local core = require "moonlab.core"
local support = require "support"
local synthetic = require "synthetic"
local data, nn = ml.data, ml.nn

local function numbered(n, more)
  local columns = { x = ml.arange(1, n):reshape { n, 1 } }
  for name, value in pairs(more or {}) do columns[name] = value end
  return data.tensors(columns)
end

-- The rows of a pass, batch by batch.
local function batches_of(set, o)
  local list = {}
  for batch in set:batches(o) do
    lu.assertEquals(batch.count, #batch.rows)
    lu.assertEquals(batch.x:reshape({ -1 }):tolist(), batch.rows:tolist())
    list[#list + 1] = batch.rows:tolist()
  end
  return list
end

local function flat(list)
  local all = {}
  for _, one in ipairs(list) do table.move(one, 1, #one, #all + 1, all) end
  return all
end

local function rows_of(set, o) return flat(batches_of(set, o)) end

local function counts(list, n)
  local out = {}
  for i = 1, n do out[i] = 0 end
  for _, v in ipairs(list) do out[v] = out[v] + 1 end
  return out
end

-- Each of these is a function of seed and pass, whatever the batch size, the threads or the passes before.
local function assert_keyed(set, o)
  local function with(more)
    local all = {}
    for _, from in ipairs { o, more } do for key, value in pairs(from) do all[key] = value end end
    return rows_of(set, all)
  end
  local first = with { seed = 5, pass = 2 }
  lu.assertEquals(with { seed = 5, pass = 2 }, first)
  lu.assertNotEquals(with { seed = 5, pass = 3 }, first)
  lu.assertNotEquals(with { seed = 6, pass = 2 }, first)
  local before = core.threads()
  for _, threads in ipairs { 1, 7 } do
    core.threads(threads)
    lu.assertEquals(with { seed = 5, pass = 2 }, first)
  end
  core.threads(before)
  return with
end

TestWeights = {}

function TestWeights:test_are_a_function_of_seed_and_pass_not_of_the_batch_size()
  local with = assert_keyed(numbered(50), { weights = ml.rand(50, { key = 1 }), size = 8 })
  lu.assertEquals(with { seed = 5, pass = 2, size = 50 }, with { seed = 5, pass = 2 })
end

function TestWeights:test_draw_each_row_in_proportion()
  local set = numbered(4)
  local drawn = counts(rows_of(set, { weights = { 1, 0, 3, 4 }, draws = 8000, pass = 1, seed = 1 }), 4)
  lu.assertEquals(drawn[2], 0)
  for row, share in ipairs { 1 / 8, 0, 3 / 8, 4 / 8 } do -- within 4 deviations of a binomial
    lu.assertAlmostEquals(drawn[row], 8000 * share, 4 * math.sqrt(8000 * share * (1 - share)))
  end
end

function TestWeights:test_never_draw_a_row_of_weight_0_at_the_ends()
  local drawn = counts(rows_of(numbered(5), { weights = ml.tensor { 0, 0, 1e-30, 1e-30, 0 }, draws = 2000, pass = 1 }), 5)
  lu.assertEquals({ drawn[1], drawn[2], drawn[5] }, { 0, 0, 0 })
  lu.assertTrue(drawn[3] > 900 and drawn[4] > 900)
end

function TestWeights:test_may_be_a_column()
  local set = numbered(4, { w = ml.tensor { 0, 0, 0, 1 } })
  lu.assertEquals(rows_of(set, { weights = "w" }), { 4, 4, 4, 4 })
end

function TestWeights:test_that_can_not_be_drawn_by_are_errors()
  local set = numbered(3)
  local function refused(message, weights) support.fails(message, function() set:batches { weights = weights } end) end
  refused("batches: the weight of row 2 is -1.0; weights are numbers from 0", { 1, -1, 2 })
  refused("batches: the weight of row 3 is inf; weights are finite", { 1, 1, math.huge })
  refused("batches: all weights are 0, so that no row can be drawn", { 0, 0, 0 })
  refused("batches: weights must have one number for each of 3 rows, got a tensor [2]", { 1, 2 })
  refused("batches: weights of row 2 must be a number, got 'b'", { 1, "b", 2 })
  refused("batches: weights must be a tensor, a list or the name of a column, got 3", 3)
end

TestBalanced = {}

local LABELS = {}
for i = 1, 60 do LABELS[i] = i <= 45 and 1 or i <= 55 and 3 or 2 end

function TestBalanced:test_is_a_function_of_seed_and_pass_not_of_the_batch_size()
  local with = assert_keyed(numbered(60, { y = ml.tensor(LABELS) }), { balanced = true, size = 8 })
  lu.assertEquals(with { seed = 5, pass = 2, size = 60 }, with { seed = 5, pass = 2 })
end

function TestBalanced:test_each_stretch_has_each_class_once()
  local rows = rows_of(numbered(60, { y = ml.tensor(LABELS) }), { balanced = true, size = 7 })
  lu.assertEquals(#rows, 60)
  for from = 1, 58, 3 do
    local classes = { LABELS[rows[from]], LABELS[rows[from + 1]], LABELS[rows[from + 2]] }
    table.sort(classes)
    lu.assertEquals(classes, { 1, 2, 3 })
  end
end

function TestBalanced:test_classes_take_turns_within_the_stretches()
  local first = {}
  local rows = rows_of(numbered(60, { y = ml.tensor(LABELS) }), { balanced = true, draws = 300, seed = 1, pass = 1 })
  for from = 1, 300, 3 do first[#first + 1] = LABELS[rows[from]] end
  for _, count in ipairs(counts(first, 3)) do lu.assertTrue(count > 15) end
end

function TestBalanced:test_rows_of_a_class_come_equally_often_within_one()
  local drawn = counts(rows_of(numbered(60, { y = ml.tensor(LABELS) }), { balanced = true, draws = 300 }), 60)
  local range = { { 100, 0 }, { 100, 0 }, { 100, 0 } }
  for row, count in ipairs(drawn) do
    local r = range[LABELS[row]]
    r[1], r[2] = math.min(r[1], count), math.max(r[2], count)
  end
  lu.assertEquals(range, { { 2, 3 }, { 20, 20 }, { 10, 10 } })
end

function TestBalanced:test_a_small_class_is_shuffled_anew_each_time_round()
  local small = {}
  for _, row in ipairs(rows_of(numbered(60, { y = ml.tensor(LABELS) }), { balanced = true, pass = 1 })) do
    if LABELS[row] == 2 then small[#small + 1] = row end -- 5 rows, 20 times
  end
  local orders, different = {}, 0
  for from = 1, 20, 5 do
    local order = table.concat(small, " ", from, from + 4)
    if not orders[order] then orders[order], different = true, different + 1 end
  end
  lu.assertEquals({ #small, different }, { 20, 4 })
end

function TestBalanced:test_rows_without_a_class_are_left_out()
  local drawn = counts(rows_of(numbered(4, { y = ml.tensor { 0, 1, 0, 2 } }), { balanced = true }), 4)
  lu.assertEquals(drawn, { 0, 2, 0, 2 })
  support.fails("batches: tensors has no row with a class to balance",
    function() numbered(2, { y = ml.tensor { 0, 0 } }):batches { balanced = true } end)
end

TestByLength = {}

local function lengths_of(n, key) return ml.randint(1, 100, { n }, { key = key }):tolist() end

local function spread(batch, lengths)
  local low, high = math.huge, 0
  for _, row in ipairs(batch) do low, high = math.min(low, lengths[row]), math.max(high, lengths[row]) end
  return high - low
end

function TestByLength:test_has_each_row_once_and_similar_lengths_in_a_batch()
  local lengths = lengths_of(1000, 1)
  local set = numbered(1000)
  local batches = batches_of(set, { by_length = lengths, shuffle = true, size = 10 })
  local rows, total = flat(batches), 0
  for _, batch in ipairs(batches) do total = total + spread(batch, lengths) end
  table.sort(rows)
  lu.assertEquals(rows, ml.arange(1, 1000):tolist())
  lu.assertTrue(total / #batches < 6, "mean spread " .. total / #batches) -- 80 by chance
end

function TestByLength:test_batches_come_in_a_random_order()
  local lengths = lengths_of(1000, 1)
  local batches, climbs = batches_of(numbered(1000), { by_length = lengths, shuffle = true, size = 10 }), 0
  for i = 2, #batches do
    if lengths[batches[i][1]] >= lengths[batches[i - 1][1]] then climbs = climbs + 1 end
  end
  lu.assertTrue(climbs > 30 and climbs < 70)
end

function TestByLength:test_is_a_function_of_seed_and_pass()
  assert_keyed(numbered(200), { by_length = lengths_of(200, 2), shuffle = true, size = 8 })
end

function TestByLength:test_without_shuffling_goes_from_short_to_long()
  lu.assertEquals(rows_of(numbered(5), { by_length = { 3, 1, 2, 1, 5 }, size = 2 }), { 2, 4, 3, 1, 5 })
  lu.assertEquals(rows_of(numbered(3), { by_length = function(row) return -row end, size = 2 }), { 3, 2, 1 })
end

function TestByLength:test_drop_last_leaves_the_smaller_batch_out_wherever_it_comes()
  for pass = 1, 5 do
    for _, batch in ipairs(batches_of(numbered(95), { by_length = lengths_of(95, 3), shuffle = true, size = 10, drop_last = true, pass = pass })) do
      lu.assertEquals(#batch, 10)
    end
  end
end

function TestByLength:test_options_that_exclude_each_other_are_errors()
  local set = numbered(3)
  support.fails("batches: weights and balanced can't be both given: each decides which rows come when",
    function() set:batches { weights = { 1, 1, 1 }, balanced = true } end)
  support.fails("batches: draws is the number of rows that are drawn by weights or balanced; without them each row comes once",
    function() set:batches { draws = 3 } end)
  support.fails("tensors: unknown column 'lengths'; there are: x", function() set:batches { by_length = true } end)
end

TestSequences = {}

local function three() return data.sequences { x = { { 4, 5 }, { 6 }, { 7, 8, 9, 1 } }, y = { 2, 1, 2 }, classes = { "a", "b" } } end

function TestSequences:test_are_padded_to_the_longest_of_the_batch()
  local batch = three():batches { size = 2 }()
  support.equal(batch.x, ml.tensor { { 4, 5 }, { 6, 0 } })
  lu.assertEquals({ batch.lengths:tolist(), batch.y:tolist(), batch.x.dtype }, { { 2, 1 }, { 2, 1 }, "int64" })
end

function TestSequences:test_of_vectors_keep_their_features()
  local a, b = ml.randn(3, 2, { key = 1 }), ml.randn(1, 2, { key = 2 })
  local batch = data.sequences({ x = { a, b } }):batches()()
  lu.assertEquals(batch.x.shape, { 2, 3, 2 })
  support.equal(batch.x:select(1, 1), a)
  support.equal(batch.x:select(1, 2), ml.cat({ b, ml.zeros(2, 2) }, 1))
end

function TestSequences:test_may_have_sequences_as_targets()
  local batch = data.sequences({ x = { { 1, 2 }, { 3 } }, y = { { 5 }, { 6, 7, 8 } } }):batches()()
  lu.assertEquals({ batch.y:tolist(), batch.y_lengths:tolist() }, { { { 5, 0, 0 }, { 6, 7, 8 } }, { 1, 3 } })
end

function TestSequences:test_by_length_pads_less()
  local list = {}
  for i, length in ipairs(lengths_of(300, 4)) do list[i] = ml.ones(length) end
  local function padding(o)
    local sum = 0
    for batch in data.sequences({ x = list }):batches(o) do sum = sum + batch.x:numel() - batch.lengths:sum():item() end
    return sum
  end
  lu.assertTrue(padding { size = 8, shuffle = true, by_length = true, pass = 1 } < 0.1 * padding { size = 8, shuffle = true, pass = 1 })
end

function TestSequences:test_have_parts_with_lengths()
  local part = three():part(ml.tensor { 3, 2 }, "part")
  lu.assertEquals(part:column("lengths"):tolist(), { 4, 1 })
  lu.assertEquals(part:batches({ by_length = true, size = 1 })().x:tolist(), { { 6 } })
end

function TestSequences:test_give_an_LSTM_the_states_of_each_alone()
  local list = { ml.randn(5, 3, { key = 1 }), ml.randn(2, 3, { key = 2 }), ml.randn(4, 3, { key = 3 }) }
  local lstm = nn.LSTM(6)
  local batch = data.sequences({ x = list }):batches()()
  local _, last = lstm(batch.x, { lengths = batch.lengths })
  for i, x in ipairs(list) do
    local _, alone = lstm(x:unsqueeze(1))
    support.close(last:select(2, i):detach(), alone:select(2, 1):detach(), 1e-6)
  end
end

function TestSequences:test_tell_their_shapes()
  local peek = three():peek()
  lu.assertEquals({ peek.count, peek.x, peek.classes }, { 3, { 4, dtype = "int64" }, 2 })
end

function TestSequences:test_that_do_not_fit_are_errors()
  support.fails("data.sequences: x[2] has no steps", function() data.sequences { x = { { 1 }, {} } } end)
  support.fails("data.sequences: the steps of x[1] are float32 [2], those of x[2] are float32 [3]",
    function() data.sequences { x = { ml.zeros(1, 2), ml.zeros(1, 3) } } end)
  support.fails("data.sequences: x has 2 sequences, but y has 3 rows", function() data.sequences { x = { { 1 }, { 2 } }, y = { 1, 2, 3 } } end)
  support.fails("data.sequences: x is missing: a list of sequences, as {{3, 1, 2}, {5}}", function() data.sequences { y = { 1 } } end)
  support.fails("data.sequences: x[2] must be a tensor or a list, got 'abc'", function() data.sequences { x = { { 1 }, "abc" } } end)
end

TestSamplersOfRecipes = {}

local RECIPE = [[
local ml = require "moonlab"
local y, w = {}, {}
for i = 1, 80 do y[i], w[i] = i %% 8 == 0 and 2 or 1, i <= 8 and 1 or 0 end
local seen = ml.zeros(3, { dtype = "int64" })
return ml.recipe { name = "rare", task = "%s", seed = 1, split = { valid = 0 }, model = ml.nn.Linear(2),
  data = { source = ml.data.tensors { x = ml.arange(1, 80):float():reshape { 80, 1 }, y = ml.tensor(y), w = ml.tensor(w), classes = { "a", "b" } } },
  train = { batch = 8, epochs = 1, %s, optimizer = ml.optim.adam {},
    on_batch = function(run, batch) seen = seen + batch.y:bincount { minlength = 3 }:slice(1, 1, 3) + ml.tensor { 0, 0, batch.rows:gt(8):sum():item() } end,
    finish = function(run) run:say(("%%d %%d %%d"):format(table.unpack(seen:tolist()))) end } }
]]

-- What a recipe with some words in its train field says: rows of both classes in a pass, and how many of them are not among the first 8.
local function trained(words, task)
  local result
  support.with_folder(function(folder)
    synthetic.write_file(folder .. "/r.lua", RECIPE:format(task or "binary", words))
    local status, out, err = synthetic.run(folder, "run r.lua --out out")
    result = { status = status, said = out .. err }
  end)
  return result
end

function TestSamplersOfRecipes:test_draw_each_class_equally_often()
  lu.assertStrMatches(trained("balanced = true").said, ".*40 40 %d+.*")
  lu.assertStrMatches(trained("balanced = false").said, ".*70 10 72.*")
end

function TestSamplersOfRecipes:test_draw_rows_by_the_weights_of_a_column()
  lu.assertStrMatches(trained('weights = "w"').said, ".*%d+ %d+ 0\n.*")
end

function TestSamplersOfRecipes:test_want_classes()
  local result = trained("balanced = true", "regression")
  lu.assertEquals(result.status, 1)
  lu.assertStrContains(result.said, "r.lua:7: balanced draws each class equally often, and rows of the task 'regression' have none")
end
