-- Pictures that lie channels-last: who keeps them so, and that nobody else can tell.

local core = require "moonlab.core"
local ml = require "moonlab"
local support = require "support"
local lu = require "luaunit"
local nn = ml.nn
local equal, close = support.equal, support.close

TestLayout = {}

-- The same elements, row-major and channels-last.
local function both(...)
  local x = ml.randn(...)
  local last = x:permute(1, 3, 4, 2):contiguous():permute(1, 4, 2, 3)
  return x, last
end

local function is_channels_last(x) return not x:is_contiguous() and x:permute(1, 3, 4, 2):is_contiguous() end

function TestLayout:test_layers_of_pictures_keep_it()
  local x = nn.conv2d(ml.randn(2, 3, 8, 8), ml.randn(16, 3, 3, 3), nil, { padding = 1 })
  local weight = ml.ones(16)
  for name, y in pairs { conv = x, relu = x:relu(), add = x + x, scaled = x * 2, per_channel = x * ml.randn(16, 1, 1),
    pool = x:max_pool2d(2), norm = nn.batch_norm(x, weight, weight), group_norm = nn.group_norm(x, 4), mask = x:gt(0) } do
    lu.assertTrue(is_channels_last(y), name)
  end
end

function TestLayout:test_results_do_not_depend_on_it()
  local x, last = both(2, 9, 7, 6)
  local w = ml.randn(8, 9, 3, 3)
  equal(nn.conv2d(last, w), nn.conv2d(x, w))
  equal(last:max_pool2d(3, { stride = 2, padding = 1 }), x:max_pool2d(3, { stride = 2, padding = 1 }))
  equal(nn.batch_norm(last), nn.batch_norm(x))
  equal(last:exp() + x, x:exp() + x)
  equal(last + ml.ones(6), x + ml.ones(6))
  close(last:sum(2), x:sum(2), 1e-5)
  close(nn.group_norm(last, 3), nn.group_norm(x, 3), 1e-5)
  equal(ml.cat({ last, x }, 2), ml.cat({ x, x }, 2))
end

function TestLayout:test_gradients_do_not_depend_on_it()
  local x, last = both(2, 9, 7, 6)
  local w = ml.randn(8, 9, 3, 3)
  local function gradient(leaf)
    leaf = leaf:detach()
    leaf.requires_grad = true
    nn.batch_norm(nn.conv2d(leaf * 1, w, nil, { padding = 1 }):relu()):avg_pool2d(2):square():sum():backward()
    return leaf.grad
  end
  equal(gradient(last), gradient(x))
end

function TestLayout:test_the_gradient_of_a_leaf_is_row_major()
  local x = ml.randn(2, 9, 7, 6, { requires_grad = true })
  nn.conv2d(x, ml.randn(8, 9, 3, 3)):sum():backward()
  lu.assertTrue(x.grad:is_contiguous())
end

function TestLayout:test_views_and_text_show_the_shape_alone()
  local x, last = both(2, 3, 4, 5)
  equal(last:flatten(2), x:flatten(2))
  equal(last:reshape(6, 20), x:reshape(6, 20))
  equal(last[2][3], x[2][3])
  equal(last:transpose(2, 4), x:transpose(2, 4))
  lu.assertEquals(tostring(last), tostring(x))
  lu.assertTrue(last:equal(x))
end

function TestLayout:test_copies_between_orders_of_any_size()
  for _, shape in ipairs { { 1, 1, 1, 1 }, { 3, 1, 5, 5 }, { 2, 33, 1, 7 }, { 1, 70, 31, 45 }, { 5, 3, 2, 1 }, { 0, 3, 4, 4 } } do
    local x, last = both(shape)
    equal(last, x)
    equal(last:contiguous(), x)
    local back = x:clone()
    back:copy_(last)
    equal(back, x)
  end
end

function TestLayout:test_a_saved_tensor_is_row_major()
  local x, last = both(2, 3, 4, 5)
  local path = os.tmpname()
  core.save_safetensors(path, { { "x", last } })
  local again = core.load_safetensors(path).x
  os.remove(path)
  equal(again, x)
end
