-- Layers of transformers beside PyTorch's, with PyTorch's names; positions, caches, and model:generate.

local luaunit = require "luaunit"
local support = require "support"
local ml = require "moonlab"
local core = require "moonlab.core"
local nn = ml.nn
local fails, equal, close = support.fails, support.equal, support.close
local pattern, check_close = support.pattern, support.agrees

local oracle = dofile "tests/fixtures/attention.lua"

local padding = ml.tensor { { false, false, true }, { false, true, true } }

local function evaluate(text) return assert(load("local ml, nn, padding = ...; return " .. text))(ml, nn, padding) end

TestTransformerOracle = {}

for i, case in ipairs(oracle.modules) do
  TestTransformerOracle[("test_%02d_%s"):format(i, case.module)] = function()
    for dtype, tolerance in pairs { float64 = 1e-8, float32 = 2e-5 } do
      local module, weights, inputs = evaluate(case.module):eval():to(dtype), {}, {}
      for n, entry in ipairs(case.parameters) do
        local value = pattern(entry[2], 19 + n, dtype) * 0.5
        weights[entry[1]] = entry[3] and value + 1 or value
      end
      for n, shape in ipairs(case.inputs) do
        inputs[n] = pattern(shape, n, dtype)
        inputs[n].requires_grad = true
      end
      local arguments = { table.unpack(inputs) }
      arguments[#arguments + 1] = evaluate(case.given)
      ml.no_grad(function() module(table.unpack(arguments)) end) -- builds it
      module:load_state_dict(weights)
      local y = module(table.unpack(arguments))
      check_close(y, case.y, case.shape, tolerance, "result")
      y:backward(pattern(case.shape, 9, dtype))
      local named = {}
      for name, p in module:named_parameters() do named[name] = p end
      for n, list in ipairs(case.grads) do
        local entry = case.parameters[n - #inputs]
        local x = entry and named[entry[1]] or inputs[n]
        check_close(x.grad, list, x.shape, tolerance * 10, "gradient of " .. (entry and entry[1] or "input " .. n))
      end
    end
  end
end

TestMultiheadAttention = {}

function TestMultiheadAttention:test_infers_the_width_and_names_its_parameters_as_pytorch_does()
  local names = {}
  for name, p in nn.MultiheadAttention(2):build { 3, 8 }:named_parameters() do
    names[#names + 1] = name .. " " .. table.concat(p.shape, "x")
  end
  luaunit.assertEquals(names, { "in_proj_weight 24x8", "in_proj_bias 24", "out_proj.weight 8x8", "out_proj.bias 8" })
end

function TestMultiheadAttention:test_a_later_position_never_changes_an_earlier_output()
  local layer, x = nn.MultiheadAttention(2, { causal = true }), ml.randn(1, 10, 8)
  local before = layer(x):detach()
  local changed = x:clone()
  changed:slice(2, 6, 10):fill_(3)
  local after = layer(changed):detach()
  equal(after:slice(2, 1, 5), before:slice(2, 1, 5))
  luaunit.assertFalse(after:equal(before))
end

function TestMultiheadAttention:test_padded_positions_count_for_nothing()
  local layer, x = nn.MultiheadAttention(2), ml.randn(2, 3, 8)
  local whole = layer(x, { key_padding_mask = padding }):detach()
  local short = layer(x:slice(1, 1, 1):slice(2, 1, 2)):detach()
  close(whole:slice(1, 1, 1):slice(2, 1, 2), short, 1e-6)
end

function TestMultiheadAttention:test_a_cache_gives_what_the_whole_gives()
  for _, rotary in ipairs { false, true } do
    local layer, x = nn.MultiheadAttention(2, { causal = true, rotary = rotary }):eval(), ml.randn(2, 40, 8)
    ml.no_grad(function()
      local whole, cache, from = layer(x), {}, 1
      for _, to in ipairs { 5, 6, 7, 30, 40 } do
        close(layer(x:slice(2, from, to), { cache = cache }), whole:slice(2, from, to), 1e-6)
        from = to + 1
      end
    end)
  end
end

function TestMultiheadAttention:test_a_cache_is_for_inference()
  fails("a cache of keys and values is for inference: call the model inside ml.no_grad\n  at TEST:LINE, MultiheadAttention",
    function() nn.MultiheadAttention(2)(ml.randn(1, 2, 4), { cache = {} }) end)
end

function TestMultiheadAttention:test_dropout_is_the_same_for_the_same_step()
  local layer, x = nn.MultiheadAttention(2, { dropout = 0.5 }), ml.randn(1, 6, 8)
  local first, second = layer(x):detach(), layer(x):detach()
  luaunit.assertFalse(first:equal(second))
  layer:set_step(0)
  equal(layer(x):detach(), first)
  layer:eval()
  equal(layer(x):detach(), layer(x):detach())
end

function TestMultiheadAttention:test_refuses_heads_that_do_not_divide_the_width()
  fails("MultiheadAttention: 3 heads don't divide the width 8 of the input [1, 2, 8]\n  at TEST:LINE, MultiheadAttention",
    function() nn.MultiheadAttention(3)(ml.ones(1, 2, 8)) end)
end

function TestMultiheadAttention:test_takes_the_heads_alone()
  fails("nn.MultiheadAttention takes the heads and infers the width: write nn.MultiheadAttention(8) or "
    .. "nn.MultiheadAttention(8, {inputs = 512})", function() nn.MultiheadAttention(512, 8) end)
end

function TestMultiheadAttention:test_refuses_a_padding_mask_of_another_shape()
  fails("MultiheadAttention: key_padding_mask must be bool [2, 3], true at padding, got bool [2, 4]\n  at TEST:LINE, MultiheadAttention",
    function() nn.MultiheadAttention(2)(ml.ones(2, 3, 4), { key_padding_mask = ml.zeros(2, 4):gt(0) }) end)
end

function TestMultiheadAttention:test_refuses_a_mask_of_another_shape()
  fails("MultiheadAttention: attn_mask must be [3, 3] or [2, 2, 3, 3] (batch, heads, ...), got [4, 4]\n  at TEST:LINE, MultiheadAttention",
    function() nn.MultiheadAttention(2)(ml.ones(2, 3, 4), { attn_mask = ml.zeros(4, 4) }) end)
end

function TestMultiheadAttention:test_refuses_a_memory_of_another_batch()
  fails("MultiheadAttention: the memory must be [2, positions, 4], got [3, 5, 4]\n  at TEST:LINE, MultiheadAttention",
    function() nn.MultiheadAttention(2)(ml.ones(2, 3, 4), ml.ones(3, 5, 4)) end)
  fails("MultiheadAttention: the value must be [2, 5, 4], got [2, 6, 4]\n  at TEST:LINE, MultiheadAttention",
    function() nn.MultiheadAttention(2)(ml.ones(2, 3, 4), ml.ones(2, 5, 4), ml.ones(2, 6, 4)) end)
end

function TestMultiheadAttention:test_masks_count_the_keys_of_the_cache()
  local attention, x = nn.MultiheadAttention(2), core.randn(2, 5, 4, { key = 1 })
  local padding = ml.tensor { { true, false, false, false, false }, { false, false, false, false, false } }
  attention(x)
  ml.no_grad(function()
    local whole, cache = attention(x, { causal = true, key_padding_mask = padding }), {}
    attention(x:slice(2, 1, 3), { causal = true, cache = cache, key_padding_mask = padding:slice(2, 1, 3) })
    local rest = attention(x:slice(2, 4, 5), { causal = true, cache = cache, key_padding_mask = padding })
    close(rest, whole:slice(2, 4, 5), 1e-6)
  end)
end

TestTransformerLayers = {}

function TestTransformerLayers:test_each_copy_in_a_stack_has_parameters_of_its_own()
  local model = nn.TransformerEncoder(nn.TransformerEncoderLayer(2), 3):build { 5, 8 }
  luaunit.assertEquals(#model:parameters(), 3 * 12)
  luaunit.assertFalse(model.layers[1].linear1.weight:equal(model.layers[2].linear1.weight))
end

function TestTransformerLayers:test_the_feed_forward_net_is_four_times_as_wide_unless_told()
  luaunit.assertEquals(nn.TransformerEncoderLayer(2):build({ 5, 8 }).linear1.weight.shape, { 32, 8 })
  luaunit.assertEquals(nn.TransformerEncoderLayer(2, { dim_feedforward = 7 }):build({ 5, 8 }).linear2.weight.shape, { 8, 7 })
end

function TestTransformerLayers:test_summary_knows_them()
  local summary = nn.TransformerEncoderLayer(2, { causal = true }):summary { 5, 8 }
  luaunit.assertEquals(summary.parameters, 3 * 8 * 8 + 24 + 64 + 8 + 2 * 8 * 32 + 32 + 8 + 4 * 8)
  local attention = 2 * 15 * (4 * 4 + 5)
  luaunit.assertEquals(summary.layers[2].flops, 5 * (2 * 8 * 24 + 24) + attention + 5 * (2 * 8 * 8 + 8))
end

function TestTransformerLayers:test_refuses_an_activation_that_is_not_there()
  fails("nn.TransformerEncoderLayer: unknown activation 'gleu'; did you mean 'gelu'?",
    function() nn.TransformerEncoderLayer(2, { activation = "gleu" }) end)
end

function TestTransformerLayers:test_a_decoder_wants_a_memory()
  fails("TransformerDecoderLayer: the memory must be a tensor: layer(x, memory), got nil\n  at TEST:LINE, TransformerDecoderLayer",
    function() nn.TransformerDecoderLayer(2)(ml.ones(1, 2, 4)) end)
end

function TestTransformerLayers:test_a_stack_takes_a_layer()
  fails("nn.TransformerEncoder takes a layer and how many of it: write nn.TransformerEncoder(nn.TransformerEncoderLayer(8), 6)",
    function() nn.TransformerEncoder(6, 8) end)
end

function TestTransformerLayers:test_take_the_heads_alone()
  fails("nn.TransformerEncoderLayer takes the heads and infers the width: write nn.TransformerEncoderLayer(8) or "
    .. "nn.TransformerEncoderLayer(8, {inputs = 512})", function() nn.TransformerEncoderLayer(512, 8) end)
  fails("nn.TransformerDecoderLayer: dropout must be from 0 to 1, got 1.5", function() nn.TransformerDecoderLayer(8, { dropout = 1.5 }) end)
end

function TestTransformerLayers:test_masks_stand_in_a_table()
  fails("TransformerEncoderLayer: options stand in a table, got a tensor: write layer(x, {key_padding_mask = ids:eq(0)})\n"
    .. "  at TEST:LINE, TransformerEncoderLayer", function() nn.TransformerEncoderLayer(2)(ml.ones(2, 3, 4), ml.zeros(3, 3)) end)
end

-- Whole models, with every kind of position and norm.
for name, o in pairs { plain = {}, before = { norm_first = true }, rotary = { rotary = true, norm_first = true } } do
  TestTransformerLayers["test_a_later_id_never_changes_an_earlier_output_" .. name] = function()
    local layer = nn.TransformerEncoderLayer(2, { causal = true, rotary = o.rotary, norm_first = o.norm_first })
    local model = nn.Sequential { nn.Embedding(9, 8), nn.LearnedPosition(12), nn.SinusoidalPosition(),
      nn.TransformerEncoder(layer, 2, { norm = nn.RMSNorm() }), nn.LSTM(6), nn.Linear(9) }:eval()
    local list = { 3, 1, 4, 1, 5, 9, 2, 6 }
    local whole = model(ml.tensor { list })
    for t = 1, #list - 1 do
      local other = table.move(list, 1, #list, 1, {})
      for later = t + 1, #list do other[later] = other[later] % 9 + 1 end
      equal(model(ml.tensor { other }):slice(2, 1, t), whole:slice(2, 1, t))
    end
  end
end

TestPositions = {}

function TestPositions:test_learned_rows_are_added()
  local layer = nn.LearnedPosition(4)
  local y = layer(ml.zeros(2, 3, 5)):detach()
  equal(y[1], layer.weight:slice(1, 1, 3):detach())
  luaunit.assertEquals(layer.weight.shape, { 4, 5 })
end

function TestPositions:test_there_are_no_more_than_were_learned()
  fails("LearnedPosition: position 5, but there are 4: nn.LearnedPosition(4)\n  at TEST:LINE, LearnedPosition",
    function() nn.LearnedPosition(4)(ml.zeros(1, 5, 2)) end)
end

function TestPositions:test_sines_and_cosines_are_those_of_the_paper()
  local y = nn.SinusoidalPosition()(ml.zeros(1, 3, 4))
  local expected = {}
  for t = 0, 2 do expected[t + 1] = { math.sin(t), math.cos(t), math.sin(t / 100), math.cos(t / 100) } end
  close(y[1], expected, 1e-6)
end

function TestPositions:test_a_base_is_above_0()
  fails("nn.SinusoidalPosition: base must be above 0, got -1", function() nn.SinusoidalPosition { base = -1 } end)
  fails("nn.RotaryPosition: base must be above 0, got 0", function() nn.RotaryPosition { base = 0 } end)
end

function TestPositions:test_turned_products_depend_on_the_distance_alone()
  local layer, q, k = nn.RotaryPosition(), ml.randn(1, 6), ml.randn(1, 6)
  local function product(i, j) return (layer(q, i) * layer(k, j)):sum():item() end
  luaunit.assertAlmostEquals(product(3, 1), product(12, 10), 1e-5)
  luaunit.assertNotAlmostEquals(product(3, 1), product(3, 2), 1e-4)
end

local Text = nn.Module:extend "Text"

function Text:init(o)
  self.embed = nn.Embedding(11, 16)
  self.position = o.position
  self.body = nn.TransformerEncoder(nn.TransformerEncoderLayer(2, { causal = true, norm_first = true, rotary = o.rotary }), 2)
  self.head = nn.Linear(11)
end

function Text:forward(ids)
  local x = self.embed(ids)
  if self.position then x = self.position(x) end
  return self.head(self.body(x))
end

local function texts()
  return { learned = Text { position = nn.LearnedPosition(20) }, sinusoidal = Text { position = nn.SinusoidalPosition() },
    rotary = Text { rotary = true } }
end

TestGenerate = {}

function TestGenerate:test_a_cache_gives_the_ids_of_no_cache()
  for name, model in pairs(texts()) do
    for _, temperature in ipairs { 0, 1 } do
      local function ids(cache)
        return model:generate { prompt = ml.tensor { { 1, 2, 3 }, { 4, 5, 6 } }, tokens = 30, seed = 3, cache = cache, temperature = temperature }
      end
      local with = ids(true)
      luaunit.assertEquals(with.shape, { 2, 33 })
      equal(with, ids(false), name)
      equal(with, ids(nil), name)
    end
  end
end

function TestGenerate:test_temperature_0_takes_the_likeliest()
  local model = texts().rotary
  local ids = model:generate { prompt = { 1, 2 }, tokens = 5, temperature = 0 }
  local row = { 1, 2 }
  ml.no_grad(function()
    model:eval()
    for _ = 1, 5 do row[#row + 1] = model(ml.tensor { row })[{ 1, -1 }]:argmax():item() end
  end)
  luaunit.assertEquals(ids:tolist(), row)
end

function TestGenerate:test_the_same_seed_gives_the_same_ids()
  local model = texts().learned
  local function ids(seed) return model:generate { prompt = { 1 }, tokens = 12, seed = seed } end
  equal(ids(5), ids(5))
  luaunit.assertFalse(ids(5):equal(ids(6)))
end

function TestGenerate:test_without_a_seed_it_follows_manual_seed()
  local model = texts().learned
  local function ids() return model:generate { prompt = { 1 }, tokens = 12 } end
  ml.manual_seed(4)
  local first, second = ids(), ids()
  luaunit.assertFalse(first:equal(second))
  ml.manual_seed(4)
  equal(ids(), first)
end

-- Always the same logits: ids 1..4 with probabilities .1, .2, .3, .4.
local Fixed = nn.Module:extend "Fixed"
function Fixed:init() self.logits = nn.Parameter(ml.tensor { 0.1, 0.2, 0.3, 0.4 }:log()) end
function Fixed:forward(ids) return self.logits:reshape(1, 1, 4):expand(ids:size(1), ids:size(2), 4) end

local function counts(o)
  o.prompt, o.tokens, o.seed = { 1 }, 2000, 1
  local list = { 0, 0, 0, 0 }
  for _, id in ipairs(Fixed():generate(o):slice(1, 2, -1):tolist()) do list[id] = list[id] + 1 / 2000 end
  return list
end

function TestGenerate:test_draws_by_probability()
  for id, share in ipairs(counts {}) do luaunit.assertAlmostEquals(share, id / 10, 0.04) end
end

function TestGenerate:test_a_temperature_sharpens()
  for id, share in ipairs(counts { temperature = 0.5 }) do luaunit.assertAlmostEquals(share, id ^ 2 / 30, 0.04) end
end

function TestGenerate:test_top_k_keeps_the_likeliest()
  local list = counts { top_k = 2 }
  luaunit.assertEquals({ list[1], list[2] }, { 0, 0 })
  luaunit.assertAlmostEquals(list[4], 4 / 7, 0.04)
end

function TestGenerate:test_top_p_keeps_what_makes_up_the_probability()
  local list = counts { top_p = 0.65 }
  luaunit.assertEquals({ list[1], list[2] }, { 0, 0 })
  luaunit.assertAlmostEquals(list[3], 3 / 7, 0.04)
end

function TestGenerate:test_stops_at_an_id_and_fills_rows_up_with_0()
  local ids = Fixed():generate { prompt = ml.tensor { { 1 }, { 1 }, { 1 } }, tokens = 200, stop = { 4 }, seed = 2 }
  local ended = 0
  for _, row in ipairs(ids:tolist()) do
    for t, id in ipairs(row) do
      luaunit.assertEquals(id == 0, t > 1 and (row[t - 1] == 4 or row[t - 1] == 0))
      if id == 4 then ended = math.max(ended, t) end
    end
  end
  luaunit.assertEquals(ids:size(2), ended)
end

function TestGenerate:test_any_module_from_ids_to_logits_will_do()
  local model = nn.Sequential { nn.Embedding(6, 8), nn.Linear(6) }
  luaunit.assertEquals(model:generate({ prompt = { 2, 3 }, tokens = 4 }).shape, { 6 })
end

-- Positions that do not know of a cache, as one may write them.
local Plain = nn.Module:extend "Plain"
function Plain:init()
  self.embed, self.position = nn.Embedding(11, 16), nn.Parameter(ml.randn(30, 16))
  self.block = nn.TransformerEncoderLayer(2, { causal = true })
  self.head = nn.Linear(11)
end
function Plain:forward(ids) return self.head(self.block(self.embed(ids) + self.position:slice(1, 1, ids:size(2)))) end

function TestGenerate:test_a_cache_that_would_go_wrong_is_not_used()
  local model = Plain()
  local function ids(cache) return model:generate { prompt = { 1, 2, 3 }, tokens = 20, seed = 1, cache = cache } end
  equal(ids(nil), ids(false))
  fails("generate: the cache can't be used with this model: with it the logits are others; some layer depends on positions "
    .. "that it does not see", function() ids(true) end)
end

function TestGenerate:test_the_model_is_left_as_it_was()
  local model = texts().learned
  model.head:eval()
  model:generate { prompt = { 1 }, tokens = 2 }
  luaunit.assertTrue(model.training)
  luaunit.assertFalse(model.head.training)
  luaunit.assertTrue(model(ml.tensor { { 1 } }).requires_grad)
end

function TestGenerate:test_refuses_what_is_no_language_model()
  fails("generate: the model must map ids [batch, T] to logits [batch, T, ids], but of [1, 2] it made [1, 2]",
    function() nn.Sequential { function(ids) return ids:float() end }:generate { prompt = { 1, 2 }, tokens = 1 } end)
end

function TestGenerate:test_refuses_an_empty_prompt()
  fails("generate: the prompt must be a list of ids or a tensor of them, got a table",
    function() Fixed():generate { prompt = {}, tokens = 1 } end)
end
