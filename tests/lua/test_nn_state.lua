-- state_dict, files, copies, initialisers, summaries.

local ml = require "moonlab"
local support = require "support"
local lu = require "luaunit"
local nn = ml.nn
local fails, equal = support.fails, support.equal

local function small() return nn.Sequential { nn.Linear(4), nn.BatchNorm(), nn.ReLU(), nn.Linear(2) } end

local function keys(t)
  local list = {}
  for key in pairs(t) do list[#list + 1] = key end
  table.sort(list)
  return list
end

TestState = {}

function TestState:test_names_parameters_and_buffers()
  local model = nn.Sequential { nn.Linear(2), nn.BatchNorm() }:build { 3 }
  lu.assertEquals(keys(model:state_dict()), { "1.bias", "1.weight", "2.bias", "2.running_mean", "2.running_var",
    "2.weight" })
end

function TestState:test_a_shared_parameter_is_there_once()
  local embed = nn.Embedding(10, 4)
  local model = nn.Sequential { embed, nn.Linear(10, { weight = embed.weight, bias = false }) }:build { 5,
    dtype = "int64" }
  lu.assertEquals(keys(model:state_dict()), { "1.weight" })
end

function TestState:test_its_tensors_are_those_of_the_model()
  local model = nn.Linear(2):build { 3 }
  model:state_dict().weight:fill_(7)
  lu.assertEquals(model.weight:at(1, 1), 7)
end

function TestState:test_an_unbuilt_model_has_none()
  fails("state_dict: weight of Linear has no shape yet: call the model once, or model:build{...} with the shape of an input", function()
    nn.Linear(2):state_dict()
  end)
end

function TestState:test_loading_gives_the_same_outputs()
  local a, b, x = small():build({ 3 }):eval(), small():build({ 3 }):eval(), ml.randn(5, 3)
  b:load_state_dict(a:state_dict())
  equal(b(x), a(x))
end

function TestState:test_loading_copies()
  local a, b = nn.Linear(2):build { 3 }, nn.Linear(2):build { 3 }
  b:load_state_dict(a:state_dict())
  ml.no_grad(function() a.weight:zero_() end)
  lu.assertNotEquals(b.weight:at(1, 1), 0)
end

function TestState:test_loading_builds_an_unbuilt_model()
  local model = nn.Linear(2):load_state_dict { weight = ml.ones(2, 3), bias = ml.zeros(2) }
  equal(model(ml.ones(1, 3)), { { 3.0, 3.0 } })
end

function TestState:test_all_missing_and_unexpected_names_are_listed()
  local model = small():build { 3 }
  local state = model:state_dict()
  state["1.bias"], state["4.weight"], state.head, state["4.wieght"] = nil, nil, ml.ones(1), ml.ones(1)
  fails("load_state_dict: the names do not fit the model\n  missing     1.bias, 4.weight\n  unexpected  4.wieght, head",
    function()
    model:load_state_dict(state)
  end)
end

function TestState:test_shapes_are_compared()
  fails("load_state_dict: weight is [2, 3] in the model and [2, 4] in what is loaded", function()
    nn.Linear(2):build({ 3 }):load_state_dict { weight = ml.ones(2, 4), bias = ml.ones(2) }
  end)
end

function TestState:test_a_wrong_shape_changes_nothing()
  local model = nn.Sequential { nn.Linear(2), nn.Linear(2) }:build { 2 }
  local before, state = model[1].weight:clone(), small():build({ 3 }):state_dict()
  state = { ["1.weight"] = ml.ones(2, 2), ["1.bias"] = ml.ones(2), ["2.weight"] = ml.ones(9), ["2.bias"] = ml.ones(2) }
  pcall(model.load_state_dict, model, state)
  equal(model[1].weight, before)
end

function TestState:test_what_is_no_tensor_is_refused()
  fails("load_state_dict: bias must be a tensor, got 1",
    function() nn.Linear(2):load_state_dict { weight = ml.ones(2, 4), bias = 1 } end)
end

TestFiles = {}

function TestFiles:test_save_and_load_give_the_same_bits()
  support.with_folder(function(folder)
    local model = small():build { 3 }
    model(ml.randn(8, 3))
    model:eval():save(folder .. "/m.safetensors")
    local x = ml.randn(5, 3)
    equal(small():load(folder .. "/m.safetensors"):eval()(x), model(x))
  end)
end

function TestFiles:test_names_keep_the_order_of_the_model()
  support.with_folder(function(folder)
    small():build({ 3 }):save(folder .. "/m.safetensors")
    local _, names = ml.load(folder .. "/m.safetensors")
    lu.assertEquals({ names[1], names[2], names[3] }, { "1.weight", "1.bias", "2.weight" })
  end)
end

function TestFiles:test_metadata_is_kept()
  support.with_folder(function(folder)
    nn.Linear(1):build({ 1 }):save(folder .. "/m.safetensors", { classes = "cat,dog" })
    local _, _, metadata = ml.load(folder .. "/m.safetensors")
    lu.assertEquals(metadata.classes, "cat,dog")
  end)
end

function TestFiles:test_an_unbuilt_model_is_not_saved()
  fails("save: weight of Linear has no shape yet: call the model once, or model:build{...} with the shape of an input",
    function()
    nn.Linear(2):save "/nowhere"
  end)
end

TestClone = {}

function TestClone:test_of_a_spec_has_fresh_slots()
  local spec = small()
  spec:clone():build { 3 }
  lu.assertTrue(spec[1].weight:is_slot())
end

function TestClone:test_of_a_built_model_has_the_same_values()
  local model = small():build { 3 }
  equal(model:clone()[1].weight, model[1].weight)
end

function TestClone:test_does_not_share_storage()
  local model = nn.Linear(2):build { 3 }
  local copy = model:clone()
  ml.no_grad(function() copy.weight:zero_() end)
  lu.assertNotEquals(model.weight:at(1, 1), 0)
end

function TestClone:test_keeps_what_is_shared_inside_shared()
  local a = nn.Linear(3, { bias = false })
  local copy = nn.Sequential { a, nn.Linear(3, { weight = a.weight, bias = false }) }:clone()
  lu.assertEquals(#copy:parameters(), 1)
end

function TestClone:test_keeps_the_order()
  local Net = nn.Module:extend "Net"
  function Net:init() self.b, self.a = nn.Linear(1), nn.Parameter(ml.ones(1)) end
  local list = {}
  for name in Net():clone():named_parameters() do list[#list + 1] = name end
  lu.assertEquals(list, { "b.weight", "b.bias", "a" })
end

function TestClone:test_keeps_frozen_parameters_frozen()
  lu.assertFalse(nn.Linear(1):freeze():clone().weight.requires_grad)
end

function TestClone:test_copies_lists_and_tables()
  local Net = nn.Module:extend "Net"
  function Net:init() self.settings = { depth = 2 } end
  local net = Net()
  net:clone().settings.depth = 5
  lu.assertEquals(net.settings.depth, 2)
end

TestInitialisers = {}

local fixture = dofile "tests/fixtures/init.lua"

for i, case in ipairs(fixture) do
  TestInitialisers[("test_%02d_%s_is_distributed_like_the_oracle"):format(i, case.name)] = function()
    ml.manual_seed(i)
    local x = nn.init[case.name](ml.empty(fixture.shape), case.options)
    lu.assertAlmostEquals(x:std():item() / case.std, 1, 0.01)
    lu.assertAlmostEquals(x:mean():item(), 0, 0.01 * case.std)
  end
end

function TestInitialisers:test_uniform_ones_end_where_the_oracles_do()
  local x = nn.init.kaiming_uniform(ml.empty(fixture.shape))
  lu.assertAlmostEquals(x:abs():max():item() / fixture[1].max, 1, 0.001)
end

for name, make in pairs { Conv2d = function() return nn.Conv2d(256, 3):build { 128, 3, 3 } end,
  Linear = function() return nn.Linear(512):build { 512 } end } do
  TestInitialisers["test_" .. name .. "_starts_as_the_oracle_does"] = function()
    ml.manual_seed(1)
    local layer = make()
    lu.assertAlmostEquals(layer.weight:std():item() / fixture[name].weight_std, 1, 0.01)
    lu.assertAlmostEquals(layer.bias:abs():max():item() / fixture[name].bias_max, 1, 0.02)
  end
end

function TestInitialisers:test_Embedding_starts_as_the_oracle_does()
  local layer = nn.Embedding(512, 512):build { 1, dtype = "int64" }
  lu.assertAlmostEquals(layer.weight:std():item() / fixture.Embedding.weight_std, 1, 0.01)
end

function TestInitialisers:test_layers_take_them_by_name()
  equal(nn.Linear(2, { init = "zeros", bias_init = "ones" })(ml.ones(1, 3)), { { 1.0, 1.0 } })
end

function TestInitialisers:test_layers_take_a_function()
  local layer = nn.Linear(1, { bias = false, init = function(weight) weight:fill_(0.5) end })
  equal(layer(ml.ones(1, 2)), { { 1.0 } })
end

function TestInitialisers:test_an_unknown_name_has_a_nearest()
  fails("nn.Linear: unknown initialiser 'xavier_unifrom'; did you mean 'xavier_uniform'?", function()
    nn.Linear(1, { init = "xavier_unifrom" })
  end)
end

function TestInitialisers:test_a_vector_has_no_fan()
  fails("nn.init: fan-in and fan-out need 2 dimensions or more, got 1",
    function() nn.init.kaiming_uniform(ml.empty(3)) end)
end

function TestInitialisers:test_the_key_decides()
  equal(nn.init.normal(ml.empty(5), { key = 4 }), nn.init.normal(ml.empty(5), { key = 4 }))
end

TestSummary = {}

function TestSummary:test_sums_parameters_and_work()
  local summary = nn.Sequential { nn.Flatten(), nn.Linear(10) }:summary { 1, 28, 28 }
  lu.assertEquals({ summary.parameters, summary.flops >= 2 * 7840, summary.bytes }, { 7850, true, 31400 })
end

function TestSummary:test_leaves_a_spec_unbuilt()
  local model = nn.Linear(1)
  model:summary { 3 }
  lu.assertTrue(model.weight:is_slot())
end

function TestSummary:test_a_first_call_tells_summary_the_shape_too()
  local model = nn.Sequential { nn.Flatten(), nn.Linear(4) }
  model(ml.ones(5, 2, 3))
  lu.assertEquals(model:summary().layers[1].output, { { 1, 4 } })
end

function TestSummary:test_remembers_the_shape_of_build()
  lu.assertEquals(nn.Linear(2):build({ 3 }):summary().layers[1].output, { { 1, 2 } })
end

function TestSummary:test_counts_a_shared_parameter_once()
  local a = nn.Linear(3, { bias = false })
  lu.assertEquals(nn.Sequential { a, nn.Linear(3, { weight = a.weight, bias = false }) }:summary({ 3 }).parameters, 9)
end

function TestSummary:test_says_what_is_frozen_and_what_is_not_called()
  local Net = nn.Module:extend "Net"
  function Net:init() self.used, self.idle = nn.Linear(1), nn.ReLU() end
  function Net:forward(x) return self.used(x) end
  local net = Net()
  net.used:freeze()
  lu.assertEquals(tostring(net:summary { 2 }), [[
layer          output  parameters  FLOPs
Net            [B, 1]           0      5
  used Linear  [B, 1]           3      5
3 parameters (12 B), of which 3 are frozen, 5 FLOPs and 4 B of activations for a batch of 1
not called by forward: idle]])
end

function TestSummary:test_wants_a_shape()
  fails("summary: give the shape of an input without the batch: model:summary{1, 28, 28}",
    function() nn.Linear(1):summary() end)
end

TestText = {}

function TestText:test_of_a_spec_shows_what_is_not_known()
  lu.assertEquals(tostring(nn.Sequential { nn.Linear(2), nn.ReLU() }),
    "Sequential, not built yet\n  1 Linear  weight ?  bias ?\n  2 ReLU")
end

function TestText:test_of_a_model_shows_sizes_and_sharing()
  local a = nn.Linear(2, { bias = false })
  local model = nn.Sequential { nn.Residual { a }, a }:build { 2 }
  lu.assertEquals(tostring(model), "Sequential, 4 parameters\n  1 Residual\n    body Sequential\n      1 Linear  weight [2, 2]\n  2 Linear (again)")
end
