-- Gradients of gradients beyond the sweep: where there are zeros and ties, through networks, and the errors of ops that have none.

local luaunit = require "luaunit"
local core = require "moonlab.core"
local ml = require "moonlab"
local nn = ml.nn

local function double(list) return core.tensor(list, { dtype = "float64" }) end

-- sum over inputs of |gradient of f|^2, as a function of the inputs.
local function penalty(f)
  return function(...)
    local recording = core.set_grad_enabled(true)
    local inputs = { ... }
    if not recording then -- differences are being taken
      for i, x in ipairs(inputs) do
        inputs[i] = x:clone():detach()
        inputs[i].requires_grad = true
      end
    end
    local before = {}
    for i, x in ipairs(inputs) do before[i], x.grad = x.grad, nil end
    f(table.unpack(inputs)):backward { create_graph = true }
    local total = (inputs[1] * 0):sum()
    for i, x in ipairs(inputs) do
      if x.grad then total = total + x.grad:square():sum() end
      x.grad = before[i]
    end
    core.set_grad_enabled(recording)
    return total
  end
end

local function check(f, ...)
  local inputs = { ... }
  for _, x in ipairs(inputs) do x.requires_grad = true end
  luaunit.assertTrue(core.gradcheck(penalty(f), inputs, { atol = 1e-4 }))
end

TestSecondGradients = {}

function TestSecondGradients:test_products_with_zeros()
  for _, x in ipairs { double { { 2, 0, 3 }, { 0, 4, 0 } }, double { { 2, 0, 3, 1 }, { 0, 4, 0, 0 } } } do
    check(function(t) return (t:prod(2) * double { 1, 2 }):sum() end, x)
    check(function(t) return t:prod() end, x)
    check(function(t) return t:cumprod(2):square():sum() end, x)
    check(function(t) return t:cumprod(1):square():sum() end, x)
  end
end

function TestSecondGradients:test_a_running_logarithm_that_begins_with_nothing()
  local x = double { 0.5, 1, -2 }
  check(function(t) return core.ops.cat({ double { -math.huge }, t }, 1):logcumsumexp(1):slice(1, 2, 4):square():sum() end, x)
end

function TestSecondGradients:test_ties_of_logaddexp()
  check(function(x, y) return (x:logaddexp(y) * double { 1, 2 }):sum() end, double { 0.5, -1 }, double { 0.5, 2 })
end

function TestSecondGradients:test_an_activation_far_below_zero_has_a_second_gradient_of_zero()
  for _, name in ipairs { "softplus", "sigmoid", "silu", "gelu", "mish", "elu", "celu" } do
    local x = core.tensor { -200.0 }
    x.requires_grad = true
    x[name](x):sum():backward { create_graph = true }
    local g = x.grad
    x.grad = nil
    g:sum():backward()
    luaunit.assertEquals(x.grad:item(), 0, name)
  end
end

-- A discriminator on pictures, as in a gradient penalty (Gulrajani et al. 2017).
function TestSecondGradients:test_a_gradient_penalty_through_convolutions_norms_and_pools()
  local w1, w2, w3 = core.randn({ 4, 2, 3, 3 }, { dtype = "float64" }), core.randn({ 3, 4, 2, 2 }, { dtype = "float64" }), core.randn({ 1, 12 }, { dtype = "float64" })
  local gain, shift = double { 1.1, 0.9, 0.7, 1.3 }, double { 0.1, -0.2, 0.3, 0 }
  check(function(x, a, b, c, scale, offset)
    local y = nn.conv2d(x, a, nil, { padding = 1 }):softplus()
    y = nn.batch_norm(y, scale, offset)
    y = nn.conv2d(nn.avg_pool2d(y, 2), b, nil, { padding = 1, stride = 2 }):tanh()
    y = nn.max_pool2d(y, 2, { stride = 1 })
    return nn.linear(y:flatten(2), c):square():sum()
  end, core.randn({ 2, 2, 8, 8 }, { dtype = "float64" }) * 0.5, w1 * 0.3, w2 * 0.3, w3 * 0.3, gain, shift)
end

function TestSecondGradients:test_a_third_gradient_of_a_convolution()
  local x, w = core.randn({ 1, 2, 5, 5 }, { dtype = "float64" }), core.randn({ 3, 2, 3, 3 }, { dtype = "float64" })
  x.requires_grad = true
  local once = penalty(function(t) return nn.conv2d(t, w):tanh():sum() end)
  luaunit.assertTrue(core.gradcheck(penalty(once), { x }, { atol = 1e-4 }))
end

function TestSecondGradients:test_ops_that_have_none_name_themselves()
  local Double = ml.Function { forward = function(_, x) return x * 2 end, backward = function(_, g) return g * 2 end }
  local cases = {
    scaled_dot_product_attention = function(x) return nn.scaled_dot_product_attention(x, x, x) end,
    self_attention = function(x) return nn.self_attention(x, 1) end,
    lstm = function(x) return nn.lstm(x, core.ones(8, 6), core.ones(8, 2)) end,
    ctc_loss = function(x) return nn.ctc_loss(x:log_softmax(3), core.tensor { { 2 }, { 3 } }) end,
    ["Function"] = Double,
  }
  for name, f in pairs(cases) do
    local x = core.randn { 2, 2, 6 }
    x.requires_grad = true
    luaunit.assertErrorMsgContains("backward: " .. name .. " has no gradient of its gradient", function()
      f(x):sum():backward { create_graph = true }
    end)
  end
end
