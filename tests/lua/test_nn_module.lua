-- Modules: what is registered, how a model is built by its first call, what errors say.

local ml = require "moonlab"
local core = require "moonlab.core"
local support = require "support"
local lu = require "luaunit"
local nn = ml.nn
local fails = support.fails

local function names(model)
  local list = {}
  for name in model:named_parameters() do list[#list + 1] = name end
  return list
end

local Net = nn.Module:extend "Net"
function Net:init(width) self.fc, self.scale = nn.Linear(width), nn.Parameter(ml.ones(1)) end
function Net:forward(x) return self.fc(x):relu() * self.scale end

TestModule = {}

function TestModule:setUp() ml.manual_seed(0) end

function TestModule:test_the_class_of_the_language_page_works()
  lu.assertEquals(Net(5)(ml.ones(2, 3)).shape, { 2, 5 })
end

function TestModule:test_fields_go_in_the_order_in_which_they_were_made()
  lu.assertEquals(names(Net(5)), { "fc.weight", "fc.bias", "scale" })
end

function TestModule:test_layers_of_a_sequential_go_by_position()
  local late, early = nn.Linear(1), nn.Linear(1)
  lu.assertEquals(names(nn.Sequential { early, late }), { "1.weight", "1.bias", "2.weight", "2.bias" })
end

function TestModule:test_plain_lists_of_modules_are_registered()
  local Stack = nn.Module:extend "Stack"
  function Stack:init() self.layers = { nn.Linear(2, { bias = false }), { nn.Linear(3, { bias = false }) } } end
  lu.assertEquals(names(Stack()), { "layers.1.weight", "layers.2.1.weight" })
end

function TestModule:test_a_list_that_is_filled_later_is_registered()
  local Stack = nn.Module:extend "Stack"
  function Stack:init()
    self.layers = {}
    for i = 1, 2 do self.layers[i] = nn.Linear(i, { bias = false }) end
  end
  lu.assertEquals(names(Stack()), { "layers.1.weight", "layers.2.weight" })
end

function TestModule:test_buffers_are_no_parameters()
  local M = nn.Module:extend "M"
  function M:init() self.seen = nn.Buffer(ml.zeros(3)) end
  local m = M()
  lu.assertEquals({ #m:parameters(), #m:buffers() }, { 0, 1 })
end

function TestModule:test_plain_tensors_are_not_registered()
  local M = nn.Module:extend "M"
  function M:init() self.mask = ml.ones(3) end
  lu.assertEquals(#M():parameters() + #M():buffers(), 0)
end

function TestModule:test_a_parameter_requires_gradients() lu.assertTrue(nn.Parameter(ml.ones(1)).requires_grad) end

function TestModule:test_a_class_can_be_extended()
  local Wide = Net:extend "Wide"
  function Wide:init() Net.init(self, 7) end
  lu.assertEquals(Wide()(ml.ones(1, 3)).shape, { 1, 7 })
end

function TestModule:test_several_inputs_and_results_are_plain_arguments()
  local Two = nn.Module:extend "Two"
  function Two:forward(x, y) return x + y, x - y end
  local sum, difference = Two()(ml.tensor { 3 }, ml.tensor { 1 })
  lu.assertEquals({ sum:item(), difference:item() }, { 4, 2 })
end

function TestModule:test_a_sequential_hands_on_several_values()
  local model = nn.Sequential { function(x, y) return y, x end, function(x, y) return x - y end }
  lu.assertEquals(model(ml.tensor { 1 }, ml.tensor { 5 }):item(), 4)
end

function TestModule:test_functions_are_layers()
  support.equal(nn.Sequential { function(x) return x * 2 end }(ml.tensor { 1.0 }), { 2.0 })
end

function TestModule:test_a_sequential_counts_its_layers()
  lu.assertEquals(#nn.Sequential { nn.ReLU(), nn.ReLU() }, 2)
end

function TestModule:test_eval_reaches_every_module()
  local model = nn.Sequential { nn.Residual { nn.Dropout() } }
  model:eval()
  lu.assertFalse(model[1].body[1].training)
end

function TestModule:test_train_turns_it_back()
  local model = nn.Sequential { nn.Dropout() }
  model:eval():train()
  lu.assertTrue(model[1].training)
end

function TestModule:test_freeze_and_unfreeze()
  local model = nn.Linear(2)
  model:freeze()
  local frozen = model.weight.requires_grad
  model:unfreeze()
  lu.assertEquals({ frozen, model.weight.requires_grad }, { false, true })
end

function TestModule:test_apply_visits_parents_first()
  local seen = {}
  nn.Sequential { nn.Residual { nn.ReLU() } }:apply(function(_, path) seen[#seen + 1] = path end)
  lu.assertEquals(seen, { "", "1", "1.body", "1.body.1" })
end

function TestModule:test_zero_grad_clears()
  local model = nn.Linear(1)
  model(ml.ones(1, 1)):sum():backward()
  model:zero_grad()
  lu.assertNil(model.weight.grad)
end

function TestModule:test_no_forward_says_so()
  local Empty = nn.Module:extend "Empty"
  fails("Empty has no forward: write function Empty:forward(x) ... end\n  at TEST:LINE, Empty",
    function() Empty()(ml.ones(1)) end)
end

function TestModule:test_the_class_module_is_not_called()
  fails("nn.Module is made by a class of your own: nn.Module:extend 'Net'", function() nn.Module() end)
end

TestBuilding = {}

function TestBuilding:setUp() ml.manual_seed(0) end

function TestBuilding:test_the_first_call_gives_shapes()
  local layer = nn.Linear(4)
  layer(ml.ones(2, 3))
  lu.assertEquals(layer.weight.shape, { 4, 3 })
end

function TestBuilding:test_build_gives_shapes_without_data()
  local model = nn.Sequential { nn.Flatten(), nn.Linear(4) }:build { 1, 28, 28 }
  lu.assertEquals(model[2].weight.shape, { 4, 784 })
end

function TestBuilding:test_build_gives_the_weights_of_the_first_call()
  local called, built = Net(4), Net(4)
  called(ml.ones(2, 3))
  ml.manual_seed(0)
  built:build { 3 }
  support.equal(built.fc.weight, called.fc.weight)
end

function TestBuilding:test_two_models_start_from_different_weights()
  local a, b = nn.Linear(4):build { 3 }, nn.Linear(4):build { 3 }
  lu.assertFalse(a.weight:equal(b.weight))
end

function TestBuilding:test_a_weight_depends_on_its_path_not_on_its_neighbours()
  local a = nn.Sequential { nn.Linear(3), nn.Linear(2) }:build { 3 }
  ml.manual_seed(0)
  local b = nn.Sequential { nn.ReLU(), nn.Linear(2) }:build { 3 }
  support.equal(a[2].weight, b[2].weight)
end

function TestBuilding:test_ids_are_built_with_their_type()
  local model = nn.Embedding(10, 4):build { 5, dtype = "int64" }
  lu.assertEquals(model.weight.shape, { 10, 4 })
end

function TestBuilding:test_without_data_slots_have_shapes_alone()
  local model = nn.Linear(4):build { 3, data = false }
  lu.assertEquals({ model.weight.shape, model.weight:has_storage() }, { { 4, 3 }, false })
end

function TestBuilding:test_a_failed_first_call_leaves_the_model_unbuilt()
  local model = nn.Sequential { nn.Linear(3), nn.Linear(3, { inputs = 4 }) }
  pcall(model, ml.ones(2, 2))
  lu.assertTrue(model[1].weight:is_slot())
end

function TestBuilding:test_after_a_failed_first_call_another_input_builds()
  local model = nn.Sequential { nn.Linear(3, { inputs = 4 }), nn.Linear(3) }
  pcall(model, ml.ones(2, 2))
  lu.assertEquals(model(ml.ones(2, 4)).shape, { 2, 3 })
end

function TestBuilding:test_to_float64_before_building()
  lu.assertEquals(nn.Linear(2):to("float64"):build({ 3 }).weight.dtype, "float64")
end

function TestBuilding:test_to_float64_after_building()
  local model = nn.Sequential { nn.Linear(2), nn.BatchNorm() }:build { 3 }
  model:to "float64"
  lu.assertEquals({ model[1].weight.dtype, model[2].running_var.dtype }, { "float64", "float64" })
end

function TestBuilding:test_a_hidden_module_is_an_error()
  local hidden = nn.Linear(3)
  local model = nn.Sequential { function(x) return hidden(x) end }
  fails("Linear: called by Sequential, but it stands in none of its fields, so it would not be trained or saved (made at TEST:LINE)\n"
    .. "  at TEST:LINE, Linear\n"
    .. "  hint: put it into a field: self.layer = nn.Linear(...), or into the list of a Sequential",
      function() model(ml.ones(1, 2)) end)
end

function TestBuilding:test_a_hidden_module_without_parameters_is_an_error_too()
  local hidden = nn.Dropout(0.5)
  lu.assertErrorMsgContains("stands in none of its fields", nn.Sequential { function(x) return hidden(x) end },
    ml.ones(1, 2))
end

function TestBuilding:test_build_wants_a_shape()
  fails("build: give the shape of an input without the batch: model:build{1, 28, 28}",
    function() nn.Linear(1):build() end)
end

function TestBuilding:test_build_wants_a_list()
  fails("build: the shape of an input is a list such as {1, 28, 28}, got 28", function() nn.Linear(1):build(28) end)
end

function TestBuilding:test_build_refuses_an_unknown_option()
  fails("build: unknown option 'dtyp'; did you mean 'dtype'?", function() nn.Linear(1):build { 3, dtyp = "int64" } end)
end

TestPlaces = {}

function TestPlaces:test_a_wrong_shape_names_shapes_place_and_hint()
  local model = nn.Sequential { nn.Linear(256, { inputs = 784 }) }
  fails("Linear: the last dimension must be 784, got 28\n"
    .. "  input   [64, 1, 28, 28]\n"
    .. "                      ^^\n"
    .. "  weight  [256, 784]\n"
    .. "  at TEST:LINE, layer 1 (Linear)\n"
    .. "  hint: 1*28*28 = 784; put nn.Flatten() before it", function() model(ml.zeros(64, 1, 28, 28)) end)
end

function TestPlaces:test_a_wrong_shape_after_building()
  local layer = nn.Linear(2):build { 3 }
  fails("Linear: the last dimension must be 3, got 4\n  input   [1, 4]\n              ^\n  weight  [2, 3]\n  at TEST:LINE, Linear",
    function() layer(ml.ones(1, 4)) end)
end

function TestPlaces:test_build_tells_the_place_as_well()
  local model = nn.Sequential { nn.Flatten(), nn.Conv2d(8, 3) }
  fails("Conv2d: the input must be [batch, channels, rows, columns], got [1, 784]\n  at TEST:LINE, layer 2 (Conv2d)",
    function()
    model:build { 1, 28, 28 }
  end)
end

function TestPlaces:test_an_op_of_a_nested_layer()
  local model = nn.Sequential { nn.Residual { function(x) return x:reshape(5, 5) end } }
  lu.assertErrorMsgContains("layer 1.body.1 (Function)", model, ml.ones(2, 3))
end

function TestPlaces:test_a_mistake_in_ones_own_forward()
  local Bad = nn.Module:extend "Bad"
  function Bad:forward(x) return self.missing(x) end
  fails("attempt to call a nil value (field 'missing')\n  at TEST:LINE, Bad", function() Bad()(ml.ones(1)) end)
end

function TestPlaces:test_a_residual_that_changes_the_shape()
  fails("Residual: the layers must keep the shape of their input\n  input   [2, 3]\n  output  [2, 4]\n  at TEST:LINE, Residual", function()
    nn.Residual { nn.Linear(4) }(ml.ones(2, 3))
  end)
end

function TestPlaces:test_a_call_after_an_error_starts_afresh()
  local model = nn.Linear(2):build { 3 }
  pcall(model, ml.ones(1, 4))
  lu.assertEquals(model(ml.ones(1, 3)).shape, { 1, 2 })
end

local function in_anomaly_mode(f)
  return function()
    local before = core.set_anomaly(true)
    local ok, failure = pcall(f)
    core.set_anomaly(before)
    if not ok then error(failure, 0) end
  end
end

local function fill_with(value)
  return function(weight) weight:fill_(value) end
end

function TestPlaces:test_the_layer_that_makes_an_infinity()
  local model = nn.Sequential { nn.Residual { nn.Linear(3, { init = fill_with(3e38) }) } }
  fails("linear: gave infinity from finite inputs\n  at TEST:LINE, layer 1.body.1 (Linear)", in_anomaly_mode(function()
    model(ml.ones(1, 3))
  end))
end

function TestPlaces:test_the_layer_whose_gradient_is_not_finite()
  local model = nn.Sequential { nn.Linear(1, { init = fill_with(1e-30) }), function(x) return x * 1e30 end }
  fails("backward: the gradient of linear for its input 2 is not finite\n  at TEST:LINE, layer 1 (Linear)",
    in_anomaly_mode(function()
    model(ml.full({ 1, 3 }, 1e10)):sum():backward()
  end))
end

TestSharing = {}

local function tied()
  local embed = nn.Embedding(10, 4)
  return nn.Sequential { embed, nn.Linear(10, { weight = embed.weight, bias = false }) }
end

function TestSharing:test_a_shared_parameter_is_listed_once() lu.assertEquals(names(tied()), { "1.weight" }) end

function TestSharing:test_a_shared_parameter_is_one_after_building()
  local model = tied():build { 5, dtype = "int64" }
  support.equal(model[1].weight, model[2].weight)
end

function TestSharing:test_a_shared_parameter_gets_both_gradients()
  local a = nn.Linear(2, { bias = false })
  local model = nn.Sequential { a, nn.Linear(2, { bias = false, weight = a.weight }) }:build { 2 }
  ml.no_grad(function() a.weight:copy_(ml.eye(2)) end)
  model(ml.ones(1, 2)):sum():backward()
  support.equal(a.weight.grad, { { 2.0, 2.0 }, { 2.0, 2.0 } })
end

function TestSharing:test_a_shared_parameter_must_fit()
  local a = nn.Linear(2)
  local model = nn.Sequential { a, nn.Linear(3, { weight = a.weight }) }
  fails("Linear: weight is [2, 4], but this input needs [3, 2]\n  at TEST:LINE, layer 2 (Linear)",
    function() model:build { 4 } end)
end

function TestSharing:test_only_a_parameter_can_be_shared()
  fails("nn.Linear: weight must be a parameter, such as that of another layer, or made by nn.Parameter", function()
    nn.Linear(3, { weight = ml.ones(3, 3) })
  end)
end

TestSequential = {}

function TestSequential:test_refuses_layers_as_arguments()
  fails("nn.Sequential takes one list of layers: write nn.Sequential{nn.Linear(128), nn.ReLU()}", function()
    nn.Sequential(nn.Linear(1), nn.ReLU())
  end)
end

function TestSequential:test_refuses_a_class()
  fails("nn.Sequential: layer 1 is the class ReLU: write nn.ReLU()", function() nn.Sequential { nn.ReLU } end)
end

function TestSequential:test_refuses_what_is_no_layer()
  fails("nn.Sequential: layer 2 is 3; layers are modules or functions", function() nn.Sequential { nn.ReLU(), 3 } end)
end

function TestSequential:test_refuses_named_fields()
  fails("nn.Sequential: the list of layers has a field 'first', or a nil before it; layers stand at 1, 2, ...",
    function()
    nn.Sequential { first = nn.ReLU() }
  end)
end
