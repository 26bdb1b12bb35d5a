-- RNN, LSTM and GRU: PyTorch's numbers, what lengths mean, what can't depend on what, and what is refused.

local core = require "moonlab.core"
local luaunit = require "luaunit"
local ml = require "moonlab"
local support = require "support"
local nn = ml.nn
local fails, equal, close = support.fails, support.equal, support.close

local CLASSES = { "RNN", "LSTM", "GRU" }

local function each_class(f)
  for _, name in ipairs(CLASSES) do f(nn[name], name) end
end

-- The same numbers as in tests/fixtures/make_recurrent_fixtures.py.
local function pattern(number, sizes)
  local n, list = 1, {}
  for _, size in ipairs(sizes) do n = n * size end
  for i = 1, n do list[i] = 0.8 * math.sin(0.7 * (i - 1) + 1.3 * number) end
  return core.tensor(list, { dtype = "float64" }):reshape(sizes)
end

local function leaf(number, sizes)
  local x = pattern(number, sizes)
  x.requires_grad = true
  return x
end

TestRecurrentOracle = {}

local function check_against(case)
  local layer = nn[case.class](2, case.options):to "float64"
  layer:build { 4, 2, dtype = "float64" }
  for i, p in ipairs(layer:parameters()) do p:detach():copy_(pattern(9 + i, p.shape)) end
  local x, parts = leaf(0, { 3, 4, 2 }), (case.options.layers or 1) * (case.options.bidirectional and 2 or 1)
  local first = {}
  for i = 1, case.states and #case.last or 0 do first[i] = leaf(i, { parts, 3, 2 }) end
  local results = { layer(x, first[1], first[2], { lengths = case.lengths }) }
  if not case.states then results = { layer(x, { lengths = case.lengths }) } end
  local loss
  for i, result in ipairs(results) do
    close(result:detach():flatten(), i == 1 and case.y or case.last[i - 1], 1e-9)
    local term = (result * pattern(4 + i, result.shape)):sum()
    loss = loss and loss + term or term
  end
  loss:backward()
  close(x.grad:flatten(), case.dx, 1e-9)
  for i, state in ipairs(first) do close(state.grad:flatten(), case.dfirst[i], 1e-9) end
  local i = 0
  for name, p in layer:named_parameters() do
    i = i + 1
    luaunit.assertEquals(name, case.gradients[i][1])
    close(p.grad:flatten(), case.gradients[i][2], 1e-9)
  end
  luaunit.assertEquals(i, #case.gradients)
end

for i, case in ipairs(dofile "tests/fixtures/recurrent.lua") do
  TestRecurrentOracle[("test_%s_%d_is_that_of_PyTorch"):format(case.class, i)] = function() check_against(case) end
end

TestRecurrent = {}

function TestRecurrent:setUp()
  self.threads = core.threads()
  ml.manual_seed(5)
end
function TestRecurrent:tearDown() core.threads(self.threads) end

function TestRecurrent:test_a_later_step_changes_no_earlier_output()
  each_class(function(class)
    local layer, x = class(8, { layers = 2 }), ml.randn(3, 6, 4)
    local other = x:clone()
    other:slice(2, 5, 6):fill_(9)
    equal(layer(other):slice(2, 1, 4), layer(x):slice(2, 1, 4))
  end)
end

function TestRecurrent:test_padded_sequences_are_each_sequence_alone()
  each_class(function(class, name)
    local layer, lengths = class(8, { layers = 2, bidirectional = true }), { 3, 6, 1, 0, 6 }
    local x = ml.randn(5, 6, 4)
    local y, h, c = layer(x, { lengths = lengths })
    for b, length in ipairs(lengths) do
      equal(y:slice(1, b, b):slice(2, length + 1, 6), ml.zeros(1, 6 - length, 16))
      local y_alone, h_alone, c_alone = layer(x:slice(1, b, b):slice(2, 1, length))
      equal(y:slice(1, b, b):slice(2, 1, length), y_alone)
      equal(h:slice(2, b, b), h_alone)
      if name == "LSTM" then equal(c:slice(2, b, b), c_alone) end
    end
  end)
end

function TestRecurrent:test_what_stands_behind_the_end_changes_nothing()
  each_class(function(class)
    local layer, x, lengths = class(8, { bidirectional = true }), ml.randn(3, 6, 4), ml.tensor { 2, 5, 6 }
    local filled = x:clone()
    filled[{ 1, { 3, 6 } }], filled[{ 2, 6 }] = 0 / 0, 0 / 0
    local results, others = { layer(x, { lengths = lengths }) }, { layer(filled, { lengths = lengths }) }
    for i, result in ipairs(results) do equal(others[i], result) end
    filled.requires_grad = true
    layer(filled, { lengths = lengths }):sum():backward()
    equal(filled.grad[{ 1, { 3, 6 } }], ml.zeros(4, 4))
    for _, p in ipairs(layer:parameters()) do luaunit.assertTrue(p.grad:isfinite():all():item()) end
  end)
end

function TestRecurrent:test_whole_lengths_are_no_lengths()
  each_class(function(class)
    local layer, x = class(8), ml.randn(3, 4, 2)
    equal(layer(x, { lengths = { 4, 4, 4 } }), layer(x))
  end)
end

function TestRecurrent:test_states_carry_on_from_call_to_call()
  each_class(function(class)
    local layer, x = class(8, { layers = 2 }), ml.randn(3, 6, 4)
    local whole, _, states = layer(x), nil, { layer(x:slice(2, 1, 2)) }
    local rest = layer(x:slice(2, 3, 6), table.unpack(states, 2))
    equal(rest, whole:slice(2, 3, 6))
  end)
end

function TestRecurrent:test_last_states_are_the_last_outputs()
  each_class(function(class)
    local y, h = class(8, { bidirectional = true })(ml.randn(3, 6, 4))
    equal(h[1], y:select(2, 6):slice(2, 1, 8))
    equal(h[2], y:select(2, 1):slice(2, 9, 16))
  end)
end

-- A batch of several blocks, wide enough for several panels, with sequences of all lengths.
local function bits(class, threads)
  core.threads(threads)
  ml.manual_seed(3)
  local layer = class(40, { layers = 2, bidirectional = true })
  local x, lengths = ml.randn(75, 9, 17, { key = 4 }), core.randint(0, 9, { 75 }, { key = 6 })
  x.requires_grad = true
  local y, h = layer(x, { lengths = lengths })
  ;(y:square():sum() + h:square():sum()):backward()
  local list = { y:detach(), h:detach(), x.grad }
  for _, p in ipairs(layer:parameters()) do list[#list + 1] = p.grad end
  return list
end

function TestRecurrent:test_threads_change_no_bit()
  each_class(function(class, name)
    local one = bits(class, 1)
    for _, threads in ipairs { 2, 7 } do
      for i, x in ipairs(bits(class, threads)) do
        luaunit.assertTrue(x:equal(one[i]), ("%s: result %d with %d threads"):format(name, i, threads))
      end
    end
  end)
end

function TestRecurrent:test_evaluation_without_gradients_gives_the_same_bits()
  each_class(function(class)
    local layer, x = class(20, { layers = 2, bidirectional = true }), ml.randn(40, 5, 3)
    local y, h = layer(x)
    ml.no_grad(function()
      local y_again, h_again = layer(x)
      equal(y_again, y:detach())
      equal(h_again, h:detach())
    end)
  end)
end

function TestRecurrent:test_steps_that_are_strided_give_what_a_copy_gives()
  each_class(function(class)
    local layer, x = class(8), ml.randn(4, 5, 3)
    equal(layer(x:transpose(1, 2)), layer(x:transpose(1, 2):contiguous()))
  end)
end

function TestRecurrent:test_no_steps_keep_the_first_state()
  each_class(function(class)
    local layer, h = class(4):build { 3, 2 }, ml.randn(1, 2, 4)
    local y, last = layer(ml.ones(2, 0, 2), h)
    luaunit.assertEquals(y.shape, { 2, 0, 4 })
    equal(last, h)
  end)
end

function TestRecurrent:test_no_sequences_give_no_outputs()
  each_class(function(class)
    local layer = class(4)
    local y = layer(ml.ones(0, 3, 2))
    luaunit.assertEquals(y.shape, { 0, 3, 4 })
    y:sum():backward()
    equal(layer.weight_hh_l0.grad, ml.zeros(layer.weight_hh_l0.shape))
  end)
end

function TestRecurrent:test_first_weights_are_uniform_within_the_root_of_the_hidden_size()
  local layer = nn.LSTM(64):build { 5, 30 }
  for _, p in ipairs(layer:parameters()) do
    local most = p:abs():max():item()
    luaunit.assertTrue(most <= 0.125 and most > 0.12, tostring(most))
  end
end

function TestRecurrent:test_dropout_stands_between_layers_and_in_training_alone()
  local layer, x = nn.GRU(64, { layers = 2, dropout = 0.5 }), ml.randn(2, 3, 4)
  luaunit.assertFalse(layer(x):equal(layer(x)))
  local first = layer(x)
  layer:set_step(layer:rng_state().step - 1)
  equal(layer(x), first)
  layer:eval()
  equal(layer(x), layer(x))
end

function TestRecurrent:test_a_sequential_hands_on_the_outputs()
  local model = nn.Sequential { nn.LSTM(6), nn.LSTM(5), nn.GRU(4) }
  local list = { model(ml.ones(2, 3, 7)) }
  luaunit.assertEquals({ #list, list[1].shape }, { 1, { 2, 3, 4 } })
end

function TestRecurrent:test_a_summary_counts_weights_and_work()
  local sum = nn.LSTM(128):summary { 28, 28 }
  luaunit.assertEquals({ sum.parameters, sum.flops }, { 4 * 128 * (28 + 128 + 2), 28 * 512 * (2 * 156 + 1) })
end

function TestRecurrent:test_weights_load_under_the_names_of_PyTorch()
  local layer, other = nn.LSTM(3, { bidirectional = true }):build { 2, 4 }, nn.LSTM(3, { bidirectional = true })
  other:load_state_dict(layer:state_dict())
  luaunit.assertNotNil(layer:state_dict()["weight_hh_l0_reverse"])
  local x = ml.randn(2, 5, 4)
  equal(other(x), layer(x))
end

function TestRecurrent:test_gradients_of_gradients_are_refused_by_name()
  each_class(function(class, name)
    local loss = class(3)(ml.ones(2, 3, 2)):sum()
    local ok, message = pcall(loss.backward, loss, { create_graph = true })
    luaunit.assertFalse(ok)
    luaunit.assertStrContains(message, "backward: " .. name:lower() .. " has no gradient of its gradient")
  end)
end

TestRecurrentRefuses = {}

function TestRecurrentRefuses:test_a_picture()
  fails("LSTM: the input must be [batch, steps, inputs], got [2, 1, 28, 28]\n  at TEST:LINE, LSTM\n"
    .. "  hint: x:squeeze(2) makes steps of the rows of pictures with one channel", function() nn.LSTM(3)(ml.ones(2, 1, 28, 28)) end)
end

function TestRecurrentRefuses:test_one_sequence_without_a_batch()
  fails("GRU: the input must be [batch, steps, inputs], got [5, 4]\n  at TEST:LINE, GRU\n"
    .. "  hint: x:unsqueeze(1) for one sequence, x:unsqueeze(3) for one number a step", function() nn.GRU(3)(ml.ones(5, 4)) end)
end

function TestRecurrentRefuses:test_other_inputs_later()
  local layer = nn.LSTM(3):build { 2, 4 }
  fails("LSTM: the input must be [batch, steps, 4], got [1, 2, 5]\n  at TEST:LINE, LSTM", function() layer(ml.ones(1, 2, 5)) end)
end

function TestRecurrentRefuses:test_the_inputs_before_the_hidden_size()
  fails("nn.LSTM takes the hidden size and infers the inputs: write nn.LSTM(128) or nn.LSTM(128, {inputs = 28})",
    function() nn.LSTM(28, 128) end)
end

function TestRecurrentRefuses:test_a_missing_hidden_size()
  fails("nn.RNN: the hidden size must be a positive integer, got nil", function() nn.RNN() end)
end

function TestRecurrentRefuses:test_dropout_with_one_layer()
  fails("nn.LSTM: dropout stands between layers, and there is one\n  hint: nn.Dropout(0.5) behind it",
    function() nn.LSTM(8, { dropout = 0.5 }) end)
end

function TestRecurrentRefuses:test_an_unknown_option_of_the_call()
  fails("LSTM: unknown option 'length'; did you mean 'lengths'?\n  at TEST:LINE, LSTM",
    function() nn.LSTM(3)(ml.ones(1, 2, 2), { length = { 1 } }) end)
end

function TestRecurrentRefuses:test_a_state_too_many()
  fails("GRU takes x, h and {lengths = ...}, got 3 arguments\n  at TEST:LINE, GRU", function()
    nn.GRU(3)(ml.ones(1, 2, 2), ml.zeros(1, 1, 3), ml.zeros(1, 1, 3))
  end)
end

function TestRecurrentRefuses:test_a_state_of_another_shape()
  fails("LSTM: the first state c must be [1, 2, 3] (layers and directions, batch, hidden), got [2, 3]\n  at TEST:LINE, LSTM",
    function() nn.LSTM(3)(ml.ones(2, 5, 4), ml.zeros(1, 2, 3), ml.zeros(2, 3)) end)
end

function TestRecurrentRefuses:test_a_length_beyond_the_steps()
  fails("lstm: sequence 2 has the length 4, but x has 3 steps (0..3)\n  at TEST:LINE, LSTM",
    function() nn.LSTM(3)(ml.ones(2, 3, 4), { lengths = { 1, 4 } }) end)
end

function TestRecurrentRefuses:test_lengths_of_another_batch()
  fails("gru: lengths must be [2], one number a sequence of x, got [3]\n  x       [2, 3, 4]\n  at TEST:LINE, GRU",
    function() nn.GRU(3)(ml.ones(2, 3, 4), { lengths = { 1, 2, 3 } }) end)
end

function TestRecurrentRefuses:test_weights_that_do_not_fit()
  fails("lstm: weight_ih must be [16, 3] (rows as weight_hh, inputs of x), got [16, 4]\n  x       [1, 2, 3]",
    function() nn.lstm(ml.ones(1, 2, 3), ml.ones(16, 4), ml.ones(16, 4)) end)
  fails("gru: weight_hh must be [12, H] for H hidden units, 3 rows each, got [16, 4]",
    function() nn.gru(ml.ones(1, 2, 3), ml.ones(16, 3), ml.ones(16, 4)) end)
end
