-- Attention beside PyTorch, and what it promises by itself.

local luaunit = require "luaunit"
local support = require "support"
local ml = require "moonlab"
local core = require "moonlab.core"
local nn = ml.nn
local fails, equal = support.fails, support.equal
local pattern, check_close = support.pattern, support.agrees

local oracle = dofile "tests/fixtures/attention.lua"
local attention = nn.scaled_dot_product_attention

local TOLERANCE = { float64 = 1e-8, float32 = 1e-5 }

TestAttention = {}

for i, case in ipairs(oracle.ops) do
  TestAttention[("test_is_that_of_the_oracle_%d"):format(i)] = function()
    for dtype, tolerance in pairs(TOLERANCE) do
      local inputs, options = {}, {}
      for key, value in pairs(case.options) do options[key] = value end
      for n, shape in ipairs(case.inputs) do
        inputs[n] = pattern(shape, n, dtype)
        inputs[n].requires_grad = true
      end
      if case.mask then
        options.mask = pattern(case.mask, 4, dtype)
        if not case.additive then
          options.mask = options.mask:gt(0)
          options.mask:select(-1, 1):fill_(1)
        end
      end
      local y = attention(inputs[1], inputs[2], inputs[3], options)
      check_close(y, case.y, case.shape, tolerance, "result")
      y:backward(pattern(case.shape, 9, dtype))
      for n, list in ipairs(case.grads) do
        check_close(inputs[n].grad, list, inputs[n].shape, tolerance, "gradient of input " .. n)
      end
    end
  end
end

-- What the definition gives, by way of the T x T matrix.
local function by_definition(q, k, v, causal, offset)
  local scores = q:matmul(k:transpose(-2, -1)) / math.sqrt(q:size(-1))
  if causal then
    local rows = ml.arange(1, q:size(-2)):reshape(q:size(-2), 1) + offset
    scores = scores:masked_fill(ml.arange(1, k:size(-2)):reshape(1, k:size(-2)):gt(rows), -math.huge)
  end
  return scores:softmax(-1):matmul(v)
end

local function inputs_of(B, H, T, S, D, dtype)
  local list = {}
  for i, n in ipairs { T, S, S } do
    list[i] = core.randn(B, n, H, D, { key = i, dtype = dtype }):transpose(2, 3):detach() -- as views of a product are
    list[i].requires_grad = true
  end
  return list
end

local function results(inputs, g, f)
  for _, x in ipairs(inputs) do x.grad = nil end
  local y = f(table.unpack(inputs))
  y:backward(g)
  return { y:detach(), inputs[1].grad, inputs[2].grad, inputs[3].grad }
end

local function assert_all_close(a, b, tolerance)
  for i, x in ipairs(a) do
    luaunit.assertTrue(x:allclose(b[i], { rtol = tolerance, atol = tolerance }), "tensor " .. i .. " differs")
  end
end

function TestAttention:test_blocks_of_rows_and_keys_give_what_the_whole_matrix_gives()
  for _, size in ipairs { { 2, 2, 65, 130 }, { 1, 1, 600, 200 }, { 1, 2, 300, 300 }, { 1, 2, 1, 140 } } do
    for _, causal in ipairs { false, true } do
      local B, H, T, S = table.unpack(size)
      local inputs, offset = inputs_of(B, H, T, S, 8, "float64"), math.max(S - T, 0)
      local g = core.randn(B, H, T, 8, { key = 9, dtype = "float64" })
      local ours = results(inputs, g, function(q, k, v) return attention(q, k, v, { causal = causal, offset = offset }) end)
      local theirs = results(inputs, g, function(q, k, v) return by_definition(q, k, v, causal, offset) end)
      assert_all_close(ours, theirs, 1e-12)
    end
  end
end

function TestAttention:test_a_row_that_may_look_at_nothing_gives_zeros_and_no_gradient()
  local inputs = inputs_of(1, 2, 3, 4, 5)
  local mask = ml.tensor { { true, false, true, true }, { false, false, false, false }, { true, true, true, true } }
  local list = results(inputs, ml.ones(1, 2, 3, 5), function(q, k, v) return attention(q, k, v, { mask = mask }) end)
  equal(list[1]:select(3, 2), ml.zeros(1, 2, 5))
  equal(list[2]:select(3, 2), ml.zeros(1, 2, 5))
  for i, x in ipairs(list) do luaunit.assertTrue(x:isfinite():all():item(), "tensor " .. i) end
end

function TestAttention:test_minus_infinity_in_an_additive_mask_is_false_in_a_bool_mask()
  local inputs = inputs_of(2, 2, 5, 6, 4)
  local mask = core.rand(5, 6, { key = 7 }):lt(0.6)
  local added = ml.zeros(5, 6):masked_fill(~mask, -math.huge)
  local g = ml.ones(2, 2, 5, 4)
  local a = results(inputs, g, function(q, k, v) return attention(q, k, v, { mask = mask }) end)
  local b = results(inputs, g, function(q, k, v) return attention(q, k, v, { mask = added }) end)
  for i, x in ipairs(a) do equal(x, b[i]) end
end

function TestAttention:test_a_later_key_never_changes_an_earlier_row()
  local q, k, v = table.unpack(inputs_of(1, 2, 70, 70, 8))
  ml.no_grad(function()
    local before = attention(q, k, v, { causal = true })
    k, v = k:clone(), v:clone()
    k:slice(3, 41, 70):fill_(100)
    v:slice(3, 41, 70):fill_(-100)
    equal(attention(q, k, v, { causal = true }):slice(3, 1, 40), before:slice(3, 1, 40))
  end)
end

function TestAttention:test_the_number_of_threads_changes_no_bit()
  local before, lists = core.threads(), {}
  for _, threads in ipairs { 1, 2, 7 } do
    core.threads(threads)
    local inputs = inputs_of(2, 3, 150, 150, 16)
    lists[#lists + 1] = results(inputs, core.randn(2, 3, 150, 16, { key = 9 }),
      function(q, k, v) return attention(q, k, v, { causal = true, dropout = 0.2, key = 5 }) end)
  end
  core.threads(before)
  for _, list in ipairs(lists) do
    for i, x in ipairs(list) do equal(x, lists[1][i]) end
  end
end

function TestAttention:test_dropout_keeps_the_mean_and_follows_its_key()
  local q, k, v = ml.zeros(1, 1, 8, 4), ml.zeros(1, 1, 4000, 4), ml.ones(1, 1, 4000, 4)
  local y = attention(q, k, v, { dropout = 0.25, key = 3 })
  luaunit.assertAlmostEquals(y:mean():item(), 1, 0.02)
  luaunit.assertFalse(y:equal(ml.ones(1, 1, 8, 4)))
  equal(attention(q, k, v, { dropout = 0.25, key = 3 }), y)
  luaunit.assertFalse(attention(q, k, v, { dropout = 0.25, key = 4 }):equal(y))
end

function TestAttention:test_heads_are_joined_without_a_copy()
  local y = attention(ml.randn(2, 3, 4, 5), ml.randn(2, 3, 4, 5), ml.randn(2, 3, 4, 5))
  luaunit.assertTrue(y:transpose(2, 3):is_contiguous())
end

function TestAttention:test_the_matrix_of_weights_is_never_stored()
  local T, D = 4096, 8
  local function peak_of(f)
    collectgarbage()
    local before = core.memory().live
    core.reset_peak()
    f()
    return core.memory().peak - before
  end
  local q, k, v = core.randn(1, T, D, { key = 1 }), core.randn(1, T, D, { key = 2 }), core.randn(1, T, D, { key = 3 })
  local mask = ml.randn(1, T):gt(-1)
  for _, x in ipairs { q, k, v } do x.requires_grad = true end
  local layer = nn.MultiheadAttention(1, { causal = true, dropout = 0.1 }):build { T, D }
  for name, f in pairs {
    plain = function() attention(q, k, v):sum():backward() end,
    masked = function() attention(q, k, v, { causal = true, mask = mask, dropout = 0.1, key = 1 }):sum():backward() end,
    layer = function() layer(q, { key_padding_mask = ~mask }):sum():backward() end,
  } do
    local bytes = peak_of(f)
    luaunit.assertTrue(bytes < T * T * 4 / 16, ("%s: %d bytes; the matrix would have %d"):format(name, bytes, T * T * 4))
  end
end

function TestAttention:test_nan_comes_through()
  local q = ml.ones(1, 1, 2, 3)
  q[{ 1, 1, 2, 1 }] = 0 / 0
  local y = attention(q, ml.ones(1, 1, 4, 3), ml.ones(1, 1, 4, 3))
  luaunit.assertEquals(y[{ 1, 1, {}, 1 }]:isfinite():tolist(), { true, false })
end

function TestAttention:test_refuses_shapes_that_do_not_fit()
  fails("scaled_dot_product_attention: the last dimensions of q and k must be equal, got 5 and 4\n"
    .. "  q       [2, 3, 5]\n  k       [2, 3, 4]\n  v       [2, 3, 4]",
    function() attention(ml.ones(2, 3, 5), ml.ones(2, 3, 4), ml.ones(2, 3, 4)) end)
end

function TestAttention:test_refuses_a_mask_that_does_not_broadcast()
  fails("scaled_dot_product_attention: the mask [3, 4] does not broadcast to the scores [2, 3, 5]",
    function() attention(ml.ones(2, 3, 4), ml.ones(2, 5, 4), ml.ones(2, 5, 4), { mask = ml.ones(3, 4) }) end)
end

function TestAttention:test_refuses_a_mask_that_wants_a_gradient()
  fails("scaled_dot_product_attention: the mask gets no gradient\n  hint: pass mask:detach(), or write the attention out "
    .. "with matmul and softmax",
    function() attention(ml.ones(2, 4), ml.ones(2, 4), ml.ones(2, 4), { mask = ml.zeros(2, 2, { requires_grad = true }) }) end)
end
