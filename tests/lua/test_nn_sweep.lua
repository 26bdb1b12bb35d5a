-- What every layer of ml.nn promises, for each of them: shapes found without data are those of a run, the strides of an input
-- change nothing, rows of a batch do not touch each other, weights load into another instance, float64 and empty batches work.

local lu = require "luaunit"
local ml = require "moonlab"
local core = require "moonlab.core"
local support = require "support"
local synthetic = require "synthetic"
local nn = ml.nn

local function ids(sizes) return core.ops.clamp(core.randn(sizes, { key = 5 }):abs() * 3, 1, 7):to "int64" end

-- name = { constructor, the shape of a row, batch_statistics = rows touch each other, ids = whole numbers go in }
local LAYERS = {
  Linear = { function() return nn.Linear(3) end, { 4 } },
  Conv1d = { function() return nn.Conv1d(4, 3, { stride = 2, padding = 1, groups = 2 }) end, { 2, 7 } },
  Conv2d = { function() return nn.Conv2d(4, 3, { padding = "same", dilation = 2 }) end, { 2, 6, 5 } },
  ConvTranspose1d = { function() return nn.ConvTranspose1d(4, 3, { stride = 2, output_padding = 1 }) end, { 2, 5 } },
  ConvTranspose2d = { function() return nn.ConvTranspose2d(4, 3, { stride = { 2, 1 }, padding = 1 }) end, { 2, 4, 5 } },
  BatchNorm = { function() return nn.BatchNorm() end, { 3, 4, 2 }, batch_statistics = true },
  LayerNorm = { function() return nn.LayerNorm { dims = 2 } end, { 2, 3, 4 } },
  GroupNorm = { function() return nn.GroupNorm(2) end, { 4, 3, 5 } },
  RMSNorm = { function() return nn.RMSNorm() end, { 3, 4 } },
  Dropout = { function() return nn.Dropout(0.5):eval() end, { 4 } },
  Embedding = { function() return nn.Embedding(7, 3) end, { 5 }, ids = true },
  RNN = { function() return nn.RNN(3, { nonlinearity = "relu" }) end, { 4, 2 } },
  LSTM = { function() return nn.LSTM(3, { layers = 2, bidirectional = true }) end, { 4, 2 } },
  GRU = { function() return nn.GRU(3, { layers = 2, bias = false }) end, { 4, 2 } },
  Flatten = { function() return nn.Flatten() end, { 2, 3 } },
  MultiheadAttention = { function() return nn.MultiheadAttention(2, { causal = true, rotary = true }) end, { 3, 8 } },
  RotaryPosition = { function() return nn.RotaryPosition() end, { 3, 4 } },
  LearnedPosition = { function() return nn.LearnedPosition(5) end, { 3, 4 } },
  SinusoidalPosition = { function() return nn.SinusoidalPosition() end, { 3, 5 } },
  TransformerEncoderLayer = { function() return nn.TransformerEncoderLayer(2, { norm_first = true, activation = "gelu" }):eval() end, { 3, 4 } },
  TransformerEncoder = { function()
    return nn.TransformerEncoder(nn.TransformerEncoderLayer(2, { causal = true }), 2, { norm = nn.LayerNorm() }):eval()
  end, { 3, 4 } },
  TransformerDecoderLayer = { function()
    local layer = nn.TransformerDecoderLayer(2):eval()
    return nn.Sequential { function(x) return x, x * 0.5 end, layer }
  end, { 3, 4 } },
  TransformerDecoder = { function()
    local stack = nn.TransformerDecoder(nn.TransformerDecoderLayer(2, { norm_first = true }), 2):eval()
    return nn.Sequential { function(x) return x, x * 0.5 end, stack }
  end, { 3, 4 } },
  Sequential = { function() return nn.Sequential { nn.Linear(3), nn.Tanh(), nn.Linear(2) } end, { 4 } },
  Residual = { function() return nn.Residual { nn.Linear(4), nn.GELU() } end, { 4 } },
  Parallel = { function() return nn.Sequential { nn.Parallel { nn.Linear(2), nn.Linear(3) }, function(l) return ml.cat(l, 2) end } end, { 4 } },
  Concat = { function() return nn.Concat { nn.Conv2d(2, 1), nn.Conv2d(3, 3, { padding = 1 }) } end, { 2, 4, 4 } },
  Function = { function() return nn.Function(function(x) return x * 2 end) end, { 4 } },
  Upsample = { function() return nn.Upsample { scale_factor = 1.5, mode = "bilinear" } end, { 2, 4, 3 } },
  Unfold = { function() return nn.Unfold({ 2, 3 }, { padding = 1 }) end, { 2, 4, 5 } },
  Fold = { function() return nn.Fold(4, 2, { stride = 2 }) end, { 8, 4 } },
  Pad = { function() return nn.Pad({ 1, 2, 1, 0 }, { mode = "reflect" }) end, { 2, 4, 5 } },
  MaxPool2d = { function() return nn.MaxPool2d(2) end, { 2, 5, 4 } },
  AvgPool2d = { function() return nn.AvgPool2d(3, { stride = 2, padding = 1 }) end, { 2, 5, 4 } },
  AdaptiveAvgPool2d = { function() return nn.AdaptiveAvgPool2d { 2, 3 } end, { 2, 5, 4 } },
  AdaptiveMaxPool2d = { function() return nn.AdaptiveMaxPool2d(2) end, { 2, 5, 4 } },
  MaxPool1d = { function() return nn.MaxPool1d(2) end, { 2, 5 } },
  AvgPool1d = { function() return nn.AvgPool1d(3, { stride = 1, padding = 1 }) end, { 2, 5 } },
  AdaptiveAvgPool1d = { function() return nn.AdaptiveAvgPool1d(2) end, { 2, 5 } },
  AdaptiveMaxPool1d = { function() return nn.AdaptiveMaxPool1d(2) end, { 2, 5 } },
}
for _, name in ipairs { "ReLU", "LeakyReLU", "ELU", "GELU", "SiLU", "Tanh", "Sigmoid", "Softplus", "Softmax", "LogSoftmax" } do
  LAYERS[name] = { function() return nn[name]() end, { 3, 4 } }
end

local function input(case, rows, dtype)
  local sizes = { rows, table.unpack(case[2]) }
  if case.ids then return ids(sizes) end
  return core.randn(sizes, { key = 3, dtype = dtype })
end

local function build(case, dtype)
  ml.manual_seed(4)
  local row = table.move(case[2], 1, #case[2], 1, { dtype = case.ids and "int64" or dtype })
  local layer = case[1]():to(dtype or "float32")
  local training = layer.training
  layer:build(row)
  layer.training = training
  return layer
end

-- The same elements, every second one of a larger tensor, with dimensions in another order in memory.
local function strided(x)
  local order = {}
  for d = x:dim(), 1, -1 do order[#order + 1] = d end
  local turned = x:permute(order):contiguous()
  return ml.stack({ turned, turned * 0 }, x:dim() + 1):select(-1, 1):permute(order)
end

local function run(layer, x)
  if x.dtype:find "float" then
    x = x:detach()
    x.requires_grad = true
  end
  for _, p in ipairs(layer:parameters()) do p.grad = nil end
  local y = layer(x)
  local grads = { y:detach() }
  if y.requires_grad then
    (y * core.randn(y.shape, { key = 8 }):to(y.dtype)):sum():backward()
    grads[#grads + 1] = x.requires_grad and x.grad or nil
    for _, p in ipairs(layer:parameters()) do grads[#grads + 1] = p.grad end
  end
  return grads
end

local function all_close(a, b, tolerance)
  lu.assertEquals(#a, #b)
  for i, x in ipairs(a) do support.close(x, b[i], tolerance) end
end

TestLayersSweep = {}

for name, case in pairs(LAYERS) do
  TestLayersSweep["test_shapes_of_a_summary_are_those_of_a_run_" .. name] = function()
    local row = table.move(case[2], 1, #case[2], 1, { batch = 2, dtype = case.ids and "int64" or nil })
    local summary = case[1]():summary(row)
    lu.assertEquals(summary.layers[1].output[1], ((build(case)(input(case, 2)))).shape)
    local parameters = 0
    for _, p in ipairs(build(case):parameters()) do parameters = parameters + p:numel() end
    lu.assertEquals(summary.parameters, parameters)
  end

  TestLayersSweep["test_strides_of_an_input_change_nothing_" .. name] = function()
    local x = input(case, 3)
    local layer = build(case)
    lu.assertFalse(strided(x):is_contiguous())
    all_close(run(layer, strided(x)), run(layer, x), 1e-5)
  end

  if not case.batch_statistics then
    TestLayersSweep["test_rows_do_not_touch_each_other_" .. name] = function()
      local x, layer = input(case, 3), build(case)
      local whole = (layer(x))
      for i = 1, 3 do support.close(((layer(x:slice(1, i, i))))[1], whole[i], 1e-5) end
    end
  end

  TestLayersSweep["test_weights_load_into_another_instance_" .. name] = function()
    local layer, x = build(case), input(case, 2)
    local again = case[1]()
    again:load_state_dict(layer:state_dict())
    again.training = layer.training
    support.equal((again(x)), (layer(x)))
  end

  TestLayersSweep["test_float64_gives_what_float32_gives_" .. name] = function()
    local narrow, wide = build(case), build(case, "float64")
    wide:load_state_dict(narrow:state_dict())
    local a, b = run(narrow, input(case, 2)), run(wide, case.ids and input(case, 2) or input(case, 2):double())
    lu.assertEquals(b[1].dtype, "float64")
    lu.assertEquals(#a, #b)
    for i, x in ipairs(a) do support.close(x:double(), b[i], 1e-4) end
  end

  TestLayersSweep["test_an_empty_batch_stays_empty_" .. name] = function()
    local layer = build(case)
    local some, none = run(layer, input(case, 2)), run(layer, input(case, 0))
    local shape = some[1].shape
    shape[1] = 0
    lu.assertEquals(none[1].shape, shape)
    lu.assertEquals(#none, #some)
    for i = 3, #none do lu.assertTrue(none[i]:eq(0):all():item(), "gradient of a parameter") end
  end
end

function TestLayersSweep:test_each_layer_is_there()
  for name, class in pairs(nn) do
    if type(class) == "table" and rawget(class, "is_module_class") and name ~= "Module" then
      lu.assertNotNil(LAYERS[name], name .. " is not in the sweep")
    end
  end
end

TestLayersInRecipes = {}

local function check(model, f)
  support.with_folder(function(folder)
    synthetic.write(folder)
    synthetic.write_file(folder .. "/r.lua", synthetic.recipe { model = model })
    f(synthetic.run(folder, "check r.lua"))
  end)
end

local PICTURES = [[nn.Sequential { nn.Pad({ 1, 1, 1, 1 }, { mode = "reflect" }), nn.Conv2d(8, 3), nn.GroupNorm(2), nn.SiLU(),
  nn.Upsample { scale_factor = 2, mode = "bilinear" }, nn.ConvTranspose2d(4, 2, { stride = 2 }),
  nn.Concat { nn.Conv2d(3, 1), nn.Conv2d(5, 3, { padding = 1 }) }, nn.Unfold(2, { stride = 2 }), nn.Fold(48, 2, { stride = 2 }),
  nn.MaxPool2d(2), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.RMSNorm(),
  nn.Parallel { nn.Linear(4), nn.Linear(4) }, function(list) return ml.cat(list, 2) end, nn.Linear(10) }]]

local ROWS = [[nn.Sequential { nn.Flatten(2, 3), nn.Conv1d(8, 3, { padding = 1 }), nn.ConvTranspose1d(8, 2, { stride = 2 }),
  nn.MaxPool1d(2), function(x) return x:transpose(2, 3) end, nn.LSTM(6, { layers = 2, bidirectional = true, dropout = 0.1 }),
  nn.GRU(8), nn.RNN(8), nn.LearnedPosition(20), nn.SinusoidalPosition(),
  nn.TransformerEncoder(nn.TransformerEncoderLayer(2, { rotary = true, causal = true }), 2, { norm = nn.LayerNorm() }),
  nn.MultiheadAttention(4), nn.RotaryPosition(), function(x) return x, x end, nn.TransformerDecoderLayer(2),
  function(x) return x:transpose(2, 3) end, nn.AdaptiveMaxPool1d(1), nn.Flatten(), nn.Linear(10) }]]

function TestLayersInRecipes:test_check_knows_those_of_pictures()
  check(PICTURES, function(status, out, err)
    lu.assertEquals(status, 0, err)
    for _, line in ipairs { "1 Pad  +%[20, 1, 14, 14%] +0 ", "3 GroupNorm  +%[20, 8, 12, 12%] +16 ", "5 Upsample  +%[20, 8, 24, 24%]",
      "6 ConvTranspose2d  +%[20, 4, 48, 48%] +132 ", "7 Concat  +%[20, 8, 48, 48%]", "8 Unfold  +%[20, 32, 576%]",
      "9 Fold  +%[20, 8, 48, 48%]", "13 RMSNorm  +%[20, 32%] +32 ", "14 Parallel  +%[20, 4%] %[20, 4%]" } do
      lu.assertStrMatches((out:gsub("%[B,", "[20,")), ".*" .. line .. ".*")
    end
  end)
end

function TestLayersInRecipes:test_check_knows_those_of_sequences()
  check(ROWS, function(status, out, err)
    lu.assertEquals(status, 0, err)
    for _, line in ipairs { "2 Conv1d  +%[20, 8, 12%]", "3 ConvTranspose1d  +%[20, 8, 24%]", "6 LSTM  +%[20, 12, 12%] %[4, 20, 6%] %[4, 20, 6%]",
      "9 LearnedPosition  +%[20, 12, 8%] +160 ", "11 TransformerEncoder  +%[20, 12, 8%]", "15 TransformerDecoderLayer  +%[20, 12, 8%]",
      "17 AdaptiveMaxPool1d  +%[20, 8, 1%]" } do
      lu.assertStrMatches((out:gsub("%[B,", "[20,"):gsub(", B,", ", 20,")), ".*" .. line .. ".*")
    end
  end)
end

function TestLayersInRecipes:test_check_names_the_layer_that_does_not_fit()
  check([[nn.Sequential { nn.Conv2d(6, 3), nn.GroupNorm(4), nn.Flatten(), nn.Linear(10) }]], function(status, _, err)
    lu.assertEquals(status, 3)
    lu.assertStrContains(err, "GroupNorm: the channels of [20, 6, 10, 10] do not fall into 4 groups\n  at r.lua:")
    lu.assertStrContains(err, ", layer 2 (GroupNorm)")
  end)
end
