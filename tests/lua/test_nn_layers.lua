-- Each layer: what it infers, what it computes beside its op, what it refuses.

local ml = require "moonlab"
local support = require "support"
local lu = require "luaunit"
local nn = ml.nn
local fails, equal, close = support.fails, support.equal, support.close

TestLinear = {}

function TestLinear:test_is_the_op_with_its_weights()
  local layer, x = nn.Linear(4), ml.randn(2, 3)
  equal(layer(x), nn.linear(x, layer.weight, layer.bias))
end

function TestLinear:test_works_on_the_last_of_many_dimensions()
  lu.assertEquals(nn.Linear(4)(ml.ones(2, 5, 3)).shape, { 2, 5, 4 })
end
function TestLinear:test_without_a_bias() lu.assertNil(nn.Linear(4, { bias = false }).bias) end

function TestLinear:test_takes_the_outputs_alone()
  fails("nn.Linear takes the outputs and infers the inputs: write nn.Linear(10) or nn.Linear(10, {inputs = 784})",
    function()
    nn.Linear(784, 10)
  end)
end

function TestLinear:test_asserts_the_inputs()
  fails("Linear: the last dimension must be 4, got 3\n  input   [2, 3]\n              ^\n  weight  [5, 4]\n  at TEST:LINE, Linear",
    function() nn.Linear(5, { inputs = 4 })(ml.ones(2, 3)) end)
end

function TestLinear:test_refuses_an_unknown_option()
  fails("nn.Linear: unknown option 'baïs'; there are: inputs, bias, weight, init, bias_init",
    function() nn.Linear(5, { ["baïs"] = 1 }) end)
end

function TestLinear:test_suggests_the_nearest_option()
  fails("nn.Linear: unknown option 'biass'; did you mean 'bias'?", function() nn.Linear(5, { biass = false }) end)
end

function TestLinear:test_refuses_an_option_of_the_wrong_type()
  fails("nn.Linear: bias must be true or false, got 0", function() nn.Linear(5, { bias = 0 }) end)
end

function TestLinear:test_refuses_a_fraction_of_outputs()
  fails("nn.Linear: the outputs must be a positive integer, got 1.5", function() nn.Linear(1.5) end)
end

function TestLinear:test_refuses_text_for_outputs()
  fails("nn.Linear: the outputs must be a positive integer, got '3'", function() nn.Linear "3" end)
end

TestConv2d = {}

function TestConv2d:test_infers_the_channels()
  local layer = nn.Conv2d(8, 3):build { 3, 10, 10 }
  lu.assertEquals(layer.weight.shape, { 8, 3, 3, 3 })
end

function TestConv2d:test_same_padding_keeps_the_picture()
  lu.assertEquals(nn.Conv2d(8, 3, { padding = "same" })(ml.ones(2, 3, 10, 9)).shape, { 2, 8, 10, 9 })
end

function TestConv2d:test_hands_its_options_on()
  local layer, x = nn.Conv2d(4, { 3, 2 }, { stride = 2, padding = 1, groups = 2 }), ml.randn(2, 2, 7, 6)
  local y = layer(x)
  equal(y, nn.conv2d(x, layer.weight, layer.bias, { stride = 2, padding = 1, groups = 2 }))
end

function TestConv2d:test_refuses_other_channels_later()
  local layer = nn.Conv2d(8, 3):build { 3, 10, 10 }
  fails("Conv2d: the channels (dimension 2) must be 3, got 1\n  input   [2, 1, 10, 10]\n  at TEST:LINE, Conv2d",
    function()
    layer(ml.ones(2, 1, 10, 10))
  end)
end

function TestConv2d:test_takes_the_channels_that_come_out()
  fails("nn.Conv2d takes the channels that come out and the window, and infers those that go in: write nn.Conv2d(32, 3) or "
    .. "nn.Conv2d(32, 3, {inputs = 1})", function() nn.Conv2d(1, 32, 3) end)
end

function TestConv2d:test_refuses_groups_that_do_not_divide()
  fails("nn.Conv2d: 3 channels can't be cut into 2 groups", function() nn.Conv2d(3, 3, { groups = 2 }) end)
end

function TestConv2d:test_refuses_a_word_for_padding()
  fails("nn.Conv2d: padding must be an integer, two of them, or 'same', got 'sane'",
    function() nn.Conv2d(3, 3, { padding = "sane" }) end)
end

function TestConv2d:test_refuses_a_missing_window()
  fails("nn.Conv2d: the size of the window must be a positive integer or two of them, got nil",
    function() nn.Conv2d(3) end)
end

TestBatchNorm = {}

function TestBatchNorm:test_works_for_every_rank()
  for _, shape in ipairs { { 4, 3 }, { 4, 3, 5 }, { 4, 3, 5, 5 } } do
    lu.assertEquals(nn.BatchNorm()(ml.randn(shape)).shape, shape)
  end
end

function TestBatchNorm:test_training_normalises_the_batch()
  close(nn.BatchNorm()(ml.tensor { { 1.0 }, { 3.0 } }):detach(), { { -1.0 }, { 1.0 } }, 1e-5)
end

function TestBatchNorm:test_running_statistics_follow_the_batch()
  local layer = nn.BatchNorm { momentum = 0.5 }
  layer(ml.tensor { { 1.0 }, { 3.0 } })
  lu.assertEquals({ layer.running_mean:item(), layer.running_var:item() }, { 1, 1.5 })
end

function TestBatchNorm:test_evaluation_uses_the_running_statistics()
  local layer = nn.BatchNorm():build { 1 }:eval()
  close(layer(ml.tensor { { 1.0 }, { 3.0 } }):detach(), { { 1.0 }, { 3.0 } }, 1e-4)
end

function TestBatchNorm:test_evaluation_leaves_the_running_statistics()
  local layer = nn.BatchNorm():build { 1 }:eval()
  layer(ml.tensor { { 1.0 }, { 3.0 } })
  lu.assertEquals(layer.running_mean:item(), 0)
end

function TestBatchNorm:test_building_leaves_the_running_statistics()
  lu.assertEquals(nn.BatchNorm():build({ 1 }).running_var:item(), 1)
end

function TestBatchNorm:test_without_learned_numbers()
  lu.assertEquals(#nn.BatchNorm { affine = false }:parameters(), 0)
end

function TestBatchNorm:test_infers_the_channels()
  fails("nn.BatchNorm infers the channels: write nn.BatchNorm() or nn.BatchNorm{inputs = 32}",
    function() nn.BatchNorm(32) end)
end

function TestBatchNorm:test_refuses_other_channels()
  fails("BatchNorm: the input must be [batch, 3, ...], got [2, 4]\n  at TEST:LINE, BatchNorm", function()
    nn.BatchNorm { inputs = 3 }(ml.ones(2, 4))
  end)
end

TestLayerNorm = {}

function TestLayerNorm:test_normalises_rows()
  close(nn.LayerNorm()(ml.tensor { { 1.0, 3.0 } }):detach(), { { -1.0, 1.0 } }, 1e-5)
end

function TestLayerNorm:test_over_two_dimensions()
  local layer = nn.LayerNorm { dims = 2 }:build { 4, 3 }
  lu.assertEquals(layer.weight.shape, { 4, 3 })
end

function TestLayerNorm:test_infers_the_size()
  fails("nn.LayerNorm infers the size: write nn.LayerNorm() or nn.LayerNorm{inputs = 8}",
    function() nn.LayerNorm(8) end)
end

TestDropout = {}

function TestDropout:setUp() ml.manual_seed(3) end

function TestDropout:test_evaluation_passes_on()
  local x = ml.ones(100)
  equal(nn.Dropout(0.5):eval()(x), x)
end

function TestDropout:test_each_training_call_drops_others()
  local layer, x = nn.Dropout(0.5), ml.ones(100)
  lu.assertFalse(layer(x):equal(layer(x)))
end

function TestDropout:test_a_step_that_is_repeated_drops_the_same()
  local layer, x = nn.Dropout(0.5), ml.ones(100)
  local first = layer(x)
  layer:set_step(0)
  equal(layer(x), first)
end

function TestDropout:test_two_layers_drop_different_elements()
  local model = nn.Sequential { nn.Dropout(0.5), nn.Dropout(0.5) }
  local dropped = (model(ml.ones(10000)):eq(0)):sum():item()
  lu.assertTrue(dropped > 7300 and dropped < 7700) -- 3/4, not the 1/2 of twice the same choice
end

function TestDropout:test_one_layer_called_twice_drops_different_elements()
  local Twice = nn.Module:extend "Twice"
  function Twice:init() self.drop = nn.Dropout(0.5) end
  function Twice:forward(x) return self.drop(self.drop(x)) end
  local dropped = (Twice()(ml.ones(10000)):eq(0)):sum():item()
  lu.assertTrue(dropped > 7300 and dropped < 7700)
end

function TestDropout:test_the_seed_decides()
  local x = ml.ones(100)
  local first = nn.Dropout(0.5)(x)
  ml.manual_seed(3)
  equal(nn.Dropout(0.5)(x), first)
end

function TestDropout:test_the_place_can_be_stored()
  local layer, x = nn.Dropout(0.5), ml.ones(100)
  layer(x)
  local saved, second = layer:rng_state(), layer(x)
  ml.manual_seed(99)
  local other = nn.Dropout(0.5)
  other:set_rng_state(saved)
  equal(other(x), second)
end

function TestDropout:test_evaluation_takes_no_step()
  local layer = nn.Dropout(0.5)
  layer(ml.ones(1))
  layer:eval()
  layer(ml.ones(1))
  lu.assertEquals(layer:rng_state().step, 1)
end

function TestDropout:test_refuses_a_percentage()
  fails("nn.Dropout: the probability must be a number from 0 to 1, got 50", function() nn.Dropout(50) end)
end

TestActivations = {}

local ACTIVATIONS = {
  ReLU = "relu", LeakyReLU = "leaky_relu", ELU = "elu", GELU = "gelu", SiLU = "silu", Tanh = "tanh",
    Sigmoid = "sigmoid",
  Softplus = "softplus", Softmax = "softmax", LogSoftmax = "log_softmax",
}
for class, op in pairs(ACTIVATIONS) do
  TestActivations["test_" .. class .. "_is_its_op"] = function()
    local x = ml.linspace(-2, 2, 5)
    equal(nn[class]()(x), ml[op](x))
  end
end

function TestActivations:test_a_slope_is_handed_on() close(nn.LeakyReLU(0.2)(ml.tensor { -1.0 }), { -0.2 }, 1e-7) end

function TestActivations:test_a_dimension_is_handed_on() equal(nn.Softmax(1)(ml.zeros(2, 1)), { { 0.5 }, { 0.5 } }) end

function TestActivations:test_refuse_what_they_do_not_take()
  fails("nn.ReLU takes no arguments, got true", function() nn.ReLU(true) end)
end

function TestActivations:test_refuse_a_wrong_argument()
  fails("nn.Softmax: dim must be an integer, got 1.5", function() nn.Softmax(1.5) end)
end

TestPools = {}

local picture = ml.arange(1, 16):float():reshape(1, 1, 4, 4)

function TestPools:test_max() equal(nn.MaxPool2d(2)(picture), picture:max_pool2d(2)) end
function TestPools:test_average_with_options()
  equal(nn.AvgPool2d(3, { stride = 1, padding = 1 })(picture), picture:avg_pool2d(3, { stride = 1, padding = 1 }))
end
function TestPools:test_adaptive_average() equal(nn.AdaptiveAvgPool2d(1)(picture), { { { { 8.5 } } } }) end
function TestPools:test_adaptive_maximum() equal(nn.AdaptiveMaxPool2d(1)(picture), { { { { 16.0 } } } }) end

function TestPools:test_refuse_a_number_for_options()
  fails("nn.MaxPool2d: options stand in a table, got 2: write nn.MaxPool2d(2, {stride = 2})",
    function() nn.MaxPool2d(2, 2) end)
end

function TestPools:test_refuse_an_input_that_is_no_picture()
  fails("MaxPool2d: the input must be [batch, channels, rows, columns], got [3, 4]\n  at TEST:LINE, MaxPool2d",
    function()
    nn.MaxPool2d(2)(ml.ones(3, 4))
  end)
end

function TestPools:test_refuse_a_missing_size()
  fails("nn.AvgPool2d: the size of the window must be a positive integer or two of them, got nil",
    function() nn.AvgPool2d() end)
end

function TestPools:test_in_one_dimension()
  local x = ml.tensor { { { 1.0, 5.0, 2.0, 4.0 } } }
  equal(nn.MaxPool1d(2)(x), { { { 5.0, 4.0 } } })
  equal(nn.AvgPool1d(2, { stride = 1 })(x), { { { 3.0, 3.5, 3.0 } } })
  equal(nn.AdaptiveAvgPool1d(1)(x), { { { 3.0 } } })
  equal(nn.AdaptiveMaxPool1d(2)(x), { { { 5.0, 4.0 } } })
end

function TestPools:test_in_one_dimension_take_one_size()
  fails("nn.MaxPool1d: the size of the window must be a positive integer, got a table", function() nn.MaxPool1d { 2, 2 } end)
end

function TestPools:test_refuse_pictures_for_sequences()
  fails("AvgPool1d: the input must be [batch, channels, steps], got [1, 1, 4, 4]\n  at TEST:LINE, AvgPool1d",
    function() nn.AvgPool1d(2)(picture) end)
end

TestConvolutions = {}

function TestConvolutions:test_conv1d_infers_the_channels_and_is_its_op()
  local layer, x = nn.Conv1d(6, 3, { stride = 2, padding = 1, groups = 2 }), ml.randn(2, 4, 9)
  equal(layer(x), nn.conv1d(x, layer.weight, layer.bias, { stride = 2, padding = 1, groups = 2 }))
  lu.assertEquals(layer.weight.shape, { 6, 2, 3 })
end

function TestConvolutions:test_conv1d_is_conv2d_with_one_row()
  local x, w = ml.randn(2, 9, 11), ml.randn(8, 9, 3)
  equal(nn.conv1d(x, w, nil, { padding = 1 }), nn.conv2d(x:unsqueeze(3), w:unsqueeze(3), nil, { padding = { 0, 1 } }):squeeze(3))
end

function TestConvolutions:test_a_transposed_layer_enlarges()
  local layer = nn.ConvTranspose2d(5, 4, { stride = 2, padding = 1 })
  lu.assertEquals(layer(ml.randn(2, 3, 7, 6)).shape, { 2, 5, 14, 12 })
  lu.assertEquals(layer.weight.shape, { 3, 5, 4, 4 })
  lu.assertEquals(nn.ConvTranspose1d(4, 3, { stride = 3, output_padding = 1, groups = 2 })(ml.randn(2, 6, 5)).shape, { 2, 4, 16 })
end

function TestConvolutions:test_a_transposed_convolution_is_the_gradient_of_a_convolution()
  local x, w = ml.randn(2, 3, 9, 8, { requires_grad = true }), ml.randn(4, 3, 3, 3)
  local y = nn.conv2d(x, w, nil, { stride = 2, padding = 1 })
  local g = ml.randn(y.shape)
  y:backward(g)
  close(x.grad, nn.conv_transpose2d(g, w, nil, { stride = 2, padding = 1, output_padding = { 0, 1 } }), 1e-6)
end

function TestConvolutions:test_refuse_too_much_output_padding()
  fails("conv_transpose1d: output_padding must be from 0 to less than the stride or the dilation, got 2",
    function() nn.conv_transpose1d(ml.ones(1, 1, 4), ml.ones(1, 1, 3), nil, { stride = 2, output_padding = 2 }) end)
end

function TestConvolutions:test_refuse_other_channels()
  fails("conv_transpose2d: x must have 3 channels, got 4\n  x       [1, 4, 5, 5]\n              ^\n  weight  [3, 2, 3, 3]",
    function() nn.conv_transpose2d(ml.ones(1, 4, 5, 5), ml.ones(3, 2, 3, 3)) end)
end

function TestConvolutions:test_refuse_a_window_longer_than_the_sequence()
  fails("conv1d: the window (5) is larger than the padded sequence (4)\n  x       [1, 1, 4]\n  weight  [1, 1, 5]",
    function() nn.conv1d(ml.ones(1, 1, 4), ml.ones(1, 1, 5)) end)
end

TestFlattenAndEmbedding = {}

function TestFlattenAndEmbedding:test_flatten_keeps_the_batch()
  lu.assertEquals(nn.Flatten()(ml.ones(2, 3, 4)).shape, { 2, 12 })
end
function TestFlattenAndEmbedding:test_flatten_a_range()
  lu.assertEquals(nn.Flatten(1, 2)(ml.ones(2, 3, 4)).shape, { 6, 4 })
end

function TestFlattenAndEmbedding:test_embedding_gives_rows_from_1()
  local layer = nn.Embedding(5, 3)
  equal(layer(ml.tensor { 2 })[1], layer.weight[2])
end

function TestFlattenAndEmbedding:test_embedding_gives_zeros_for_0()
  equal(nn.Embedding(5, 3)(ml.tensor { 0 }), { { 0.0, 0.0, 0.0 } })
end

function TestFlattenAndEmbedding:test_embedding_refuses_a_missing_size()
  fails("nn.Embedding: the size of a row must be a positive integer, got nil", function() nn.Embedding(5) end)
end

TestNames = {}

function TestNames:test_ops_stand_in_nn() lu.assertEquals(nn.cross_entropy, ml.cross_entropy) end

function TestNames:test_what_pytorch_calls_otherwise_is_named()
  fails("nn.LSTM: unknown option 'num_layers'; here it is 'layers'", function() nn.LSTM(4, { num_layers = 2 }) end)
  fails("nn.GRU: unknown option 'batch_first'; x is always [batch, steps, inputs]", function() nn.GRU(4, { batch_first = true }) end)
  fails("nn.Embedding: unknown option 'padding_idx'; id 0 is padding: it gives zeros and learns nothing",
    function() nn.Embedding(10, 3, { padding_idx = 0 }) end)
  fails("ml.nn: unknown field 'CrossEntropyLoss'; here it is 'cross_entropy'", function() return nn.CrossEntropyLoss end)
  fails("ml.nn: unknown field 'Identity'; write function(x) return x end, or leave it out", function() return nn.Identity end)
end

function TestNames:test_a_layer_says_that_it_takes_a_tensor()
  for name, layer in pairs { Linear = nn.Linear(3), LSTM = nn.LSTM(3), Conv2d = nn.Conv2d(3, 3), ReLU = nn.ReLU() } do
    fails(("%s: the input must be a tensor, got nil\n  at TEST:LINE, %s"):format(name, name), function() layer() end)
  end
end

function TestNames:test_a_class_made_of_a_layer_may_take_something_else()
  local Sum = nn.Linear:extend "Sum"
  function Sum:prepare(list) nn.Linear.prepare(self, list[1]) end
  function Sum:forward(list) return nn.Linear.forward(self, list[1] + list[2]) end
  lu.assertEquals(Sum(2) { ml.ones(1, 3), ml.ones(1, 3) }.shape, { 1, 2 })
end

function TestNames:test_an_unknown_layer_has_a_nearest()
  fails("ml.nn: unknown field 'Conv2D'; did you mean 'Conv2d'?", function() return nn.Conv2D end)
end
