-- Weights that PyTorch wrote, loaded into models made here (tests/fixtures/make_torch_models.py): the same outputs. And
-- the way back, where PyTorch is installed.

local ml = require "moonlab"
local core = require "moonlab.core"
local support = require "support"
local lu = require "luaunit"
local nn = ml.nn

local FIXTURES = "tests/fixtures/torch_"
local examples = ml.load(FIXTURES .. "examples.safetensors")

local function recurrent(layer, o)
  local Net = nn.Module:extend "Net"
  function Net:init() self.rnn, self.head = layer(4, o), nn.Linear(2) end
  function Net:forward(x) return self.head((self.rnn(x)):select(2, -1)) end
  return Net()
end

local Transformer = nn.Module:extend "Transformer"
function Transformer:init()
  local layer = nn.TransformerEncoderLayer(2, { dim_feedforward = 16, dropout = 0 })
  self.embed = nn.Embedding(7, 8)
  self.encoder = nn.TransformerEncoder(layer, 2, { norm = nn.LayerNorm() })
  self.head = nn.Linear(3)
end
function Transformer:forward(ids) return self.head(self.encoder(self.embed(ids))) end

local Steps = nn.Module:extend "Steps"
function Steps:init()
  self.down = nn.Sequential { nn.Conv1d(4, 3, { stride = 2, padding = 1 }), nn.BatchNorm(), nn.ELU(), nn.AvgPool1d(2) }
  self.up = nn.ConvTranspose1d(3, 2, { stride = 2 })
  self.rnn, self.norm, self.head = nn.RNN(4, { bidirectional = true }), nn.RMSNorm(), nn.Linear(2)
end
function Steps:forward(x) return self.head(self.norm((self.rnn(self.up(self.down(x)):transpose(2, 3))))) end

local Decoder = nn.Module:extend "Decoder"
function Decoder:init()
  self.embed, self.position = nn.Embedding(7, 8), nn.Parameter(ml.zeros(5, 8))
  self.encoder = nn.TransformerEncoderLayer(4, { dim_feedforward = 12, dropout = 0, activation = "gelu", norm_first = true })
  self.decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(2, { dim_feedforward = 16, dropout = 0, norm_first = true, causal = true }),
    2, { norm = nn.LayerNorm() })
  self.attention = nn.MultiheadAttention(2)
  self.head = nn.Linear(7, { weight = self.embed.weight, bias = false })
end
function Decoder:forward(ids)
  local x = self.embed(ids) + self.position
  local memory = self.encoder(x)
  return self.head(self.attention(self.decoder(x, memory), memory))
end

local MODELS = {
  pictures = function()
    return nn.Sequential { nn.Conv2d(4, 3, { stride = 2, padding = 1 }), nn.GroupNorm(2), nn.SiLU(),
      nn.Conv2d(4, 3, { padding = 2, dilation = 2, groups = 2 }), nn.LeakyReLU(0.1),
      nn.ConvTranspose2d(3, 3, { stride = 2, padding = 1, output_padding = 1 }), nn.Upsample { scale_factor = 2, mode = "bilinear" },
      nn.LayerNorm { dims = 3 }, nn.AdaptiveAvgPool2d(3) }
  end,
  steps = Steps, decoder = Decoder,
  mlp = function() return nn.Sequential { nn.Linear(5), nn.ReLU(), nn.Linear(2) } end,
  cnn = function()
    return nn.Sequential { nn.Conv2d(3, 3, { padding = 1 }), nn.BatchNorm(), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
      nn.Linear(2) }
  end,
  lstm = function() return recurrent(nn.LSTM, { layers = 2, bidirectional = true }) end,
  gru = function() return recurrent(nn.GRU) end,
  transformer = Transformer,
}
local NAMES = { "mlp", "cnn", "pictures", "steps", "lstm", "gru", "transformer", "decoder" }

local function loaded(name) return MODELS[name]():load(FIXTURES .. name .. ".safetensors", { map = "pytorch" }) end

local function output(model, x) return ml.no_grad(model, x) end

TestTorchWeights = {}

for _, name in ipairs(NAMES) do
  TestTorchWeights[("test_a_%s_gives_what_it_gave_there"):format(name)] = function()
    support.close(output(loaded(name):eval(), examples[name .. ".x"]), examples[name .. ".y"], 1e-5)
  end

  TestTorchWeights[("test_a_%s_is_written_under_the_names_that_it_had_there"):format(name)] = function()
    support.with_folder(function(folder)
      loaded(name):save(folder .. "/m.safetensors", nil, { map = "pytorch" })
      local expected, actual = ml.load(FIXTURES .. name .. ".safetensors"), ml.load(folder .. "/m.safetensors")
      for key, tensor in pairs(expected) do
        if not key:find "num_batches_tracked" then support.equal(actual[key], tensor) end
        actual[key] = nil
      end
      lu.assertEquals(next(actual), nil)
    end)
  end
end

-- Models trained a little here, and what they give: PyTorch loads them and compares.
local python = os.getenv "MOONLAB_PYTHON" or "python3"
local find = "from importlib.util import find_spec as f; exit(not (f('torch') and f('safetensors')))"
if os.execute(('%s -c "%s" 2>/dev/null'):format(python, find)) then
  function TestTorchWeights:test_pytorch_gives_the_same_with_weights_from_here()
    support.with_folder(function(folder)
      local outputs = {}
      for _, name in ipairs(NAMES) do
        local model, x = MODELS[name](), examples[name .. ".x"]
        model(x)
        local opt = ml.optim.adam(model, { lr = 0.01 })
        for _ = 1, 3 do
          opt:zero_grad()
          model(x):square():mean():backward()
          opt:step()
        end
        model:eval():save(("%s/%s.safetensors"):format(folder, name), nil, { map = "pytorch" })
        outputs[#outputs + 1] = { name .. ".x", x }
        outputs[#outputs + 1] = { name .. ".y", output(model, x) }
      end
      core.save_safetensors(folder .. "/examples.safetensors", outputs, {})
      local pipe = assert(io.popen(("%s tests/fixtures/make_torch_models.py %s 2>&1"):format(python, folder)))
      lu.assertEquals(pipe:read "a", "ok\n")
      pipe:close()
    end)
  end
else
  print(("skip test_torch_weights.lua: %s has no torch and safetensors; MOONLAB_PYTHON names another"):format(python))
end

TestNamesOfWeights = {}

local function two() return nn.Sequential { nn.Linear(2), nn.Linear(1) }:build { 3 } end

local function values(names)
  local shapes = { weight = { { 2, 3 }, { 1, 2 } }, bias = { { 2 }, { 1 } } }
  local result = {}
  for i, prefix in ipairs(names) do
    for kind, list in pairs(shapes) do result[prefix .. "." .. kind] = ml.full(list[i], i) end
  end
  return result
end

function TestNamesOfWeights:test_a_table_names_one_by_one()
  local v = values { "a", "b" }
  v["last"], v["b.bias"] = v["b.bias"], nil
  local model = two():load_state_dict(v,
    { map = { ["a.weight"] = "1.weight", ["a.bias"] = "1.bias", ["b.*"] = "2.*", last = "2.bias" } })
  support.equal(model[2].bias:detach(), { 2.0 })
end

function TestNamesOfWeights:test_a_function_names_them()
  local model = two():load_state_dict(values { "layers.0", "layers.1" }, { map = function(name)
    return (name:gsub("^layers%.(%d)", function(n) return tostring(tonumber(n) + 1) end))
  end })
  support.equal(model[1].bias:detach(), { 1.0, 1.0 })
end

function TestNamesOfWeights:test_maps_are_taken_in_turn()
  local model = two():load_state_dict(values { "layers.0", "layers.1" },
    { map = { "pytorch", ["layers.*"] = "*" } })
  support.equal(model[1].bias:detach(), { 1.0, 1.0 })
end

function TestNamesOfWeights:test_false_leaves_a_tensor_out()
  local v = values { "1", "2" }
  v["old.mask"] = ml.ones(1)
  two():load_state_dict(v, { map = { ["old.*"] = false } })
end

function TestNamesOfWeights:test_what_differs_is_listed_with_a_hint()
  support.fails([[load_state_dict: the names do not fit the model
  missing     2.weight, 2.bias
  unexpected  0.bias, 0.weight
  hint: PyTorch counts layers from 0: {map = "pytorch"}]], function() two():load_state_dict(values { "0", "1" }
    ) end)
end

function TestNamesOfWeights:test_without_strictness_what_fits_is_loaded_and_the_rest_told()
  local model, v = two(), values { "1", "3" }
  local before = model[2].bias:detach():clone()
  local same, told = model:load_state_dict(v, { strict = false })
  lu.assertTrue(rawequal(same, model))
  lu.assertEquals(told, { missing = { "2.weight", "2.bias" }, unexpected = { "3.bias", "3.weight" } })
  support.equal(model[1].bias:detach(), { 1.0, 1.0 })
  support.equal(model[2].bias:detach(), before)
end

function TestNamesOfWeights:test_a_rule_without_tensors_is_an_error()
  support.fails("load_state_dict: map: unknown tensor 'a.wieght'; did you mean 'a.weight'?", function()
    two():load_state_dict(values { "a", "b" }, { map = { ["a.wieght"] = "1.weight" } })
  end)
end

function TestNamesOfWeights:test_two_rules_for_one_tensor_are_an_error()
  support.fails("load_state_dict: map: '*.bias' and 'a.*' both speak of a.bias", function()
    two():load_state_dict(values { "a", "b" }, { map = { ["a.*"] = "1.*", ["*.bias"] = "2.bias" } })
  end)
end

function TestNamesOfWeights:test_two_tensors_of_one_name_are_an_error()
  support.fails("load_state_dict: map: a.bias and b.bias both become c", function()
    two():load_state_dict(values { "a", "b" }, { map = { ["*.bias"] = "c" } })
  end)
end

function TestNamesOfWeights:test_refuses_an_unknown_option_and_an_unknown_word()
  support.fails("load: unknown option 'stict'; did you mean 'strict'?",
    function() two():load_state_dict({}, { stict = false }) end)
  support.fails("load_state_dict: map: unknown kind of names 'torch'; did you mean 'pytorch'?",
    function() two():load_state_dict(values { "a" }, { map = "torch" }) end)
end
