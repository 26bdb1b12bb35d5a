-- Times single operations, those of the peer's torch_ops.py with its names, shapes and threads: the best of 7 rounds, a JSON
-- line each. `fb` rows are forward and backward.
--   moonlab tests/bench/ops.lua [--threads T] [--only NAME]

local ml = require "moonlab"
local core = require "moonlab.core"
local nn = ml.nn

local threads, only = 2, ""
for i = 1, #arg, 2 do
  if arg[i] == "--threads" then threads = math.tointeger(tonumber(arg[i + 1])) elseif arg[i] == "--only" then only = arg[i + 1] end
end
core.threads(threads)
ml.manual_seed(0)

-- make() gives the function that is timed; nothing is made for rows that are not asked for.
local function timed(name, make)
  if not name:find(only, 1, true) then return end
  local f = make()
  f()
  local began = ml.clock()
  f()
  local rounds, best = math.max(1, math.floor(0.05 / math.max(ml.clock() - began, 1e-7))), math.huge
  for _ = 1, 7 do
    began = ml.clock()
    for _ = 1, rounds do f() end
    best = math.min(best, (ml.clock() - began) / rounds)
  end
  collectgarbage()
  print(('{"peer": "moonlab", "threads": %d, "op": "%s", "us": %.3f}'):format(threads, name, best * 1e6))
end

-- Forward, then backward from a gradient of ones, to all of xs.
local function both(f, ...)
  local xs, ones = { ... }, nil
  for _, x in ipairs(xs) do x.requires_grad = true end
  return function()
    for _, x in ipairs(xs) do x.grad = nil end
    local y = f(table.unpack(xs))
    ones = ones or ml.ones(y.shape)
    y:backward(ones)
  end
end

-- Dispatch: what an operation costs when there is nothing to do.
local randn = ml.randn
timed("add_1", function() local x, y = randn(1), randn(1) return function() return x + y end end)
timed("add_8x8", function() local x, y = randn(8, 8), randn(8, 8) return function() return x + y end end)
timed("mm_8x8", function() local x, y = randn(8, 8), randn(8, 8) return function() return x:mm(y) end end)
timed("mlp_tiny_fb", function()
  local x, w = randn(8, 8), randn(8, 8, { requires_grad = true })
  return function() x:matmul(w):relu():sum():backward() end
end)

-- Memory. A result is let go at once, as the peer's is (counted references, or out = o), so that its memory serves again.
for _, size in ipairs { { 1 << 24, "16M" }, { 1 << 16, "64k" } } do
  local n, s = size[1], size[2]
  timed("add_" .. s, function() local u, v = randn(n), randn(n) return function() local _ <close> = u + v end end)
  for _, f in ipairs { "exp", "tanh", "gelu", "sum" } do
    timed(f .. "_" .. s, function() local u = randn(n) return function() local _ <close> = u[f](u) end end)
  end
  timed("randn_" .. s, function() local o = ml.empty(n) return function() return o:normal_() end end)
  timed("sort_" .. s, function() local u = randn(n) return function() return u:sort() end end)
end
timed("transpose_copy_4096", function() local t = randn(4096, 4096) return function() return t:transpose(1, 2):contiguous() end end)
timed("sum_rows_4096", function() local t = randn(4096, 4096) return function() return t:sum(2) end end)
timed("sum_cols_4096", function() local t = randn(4096, 4096) return function() return t:sum(1) end end)
timed("broadcast_add_4096", function() local t = randn(4096, 4096) return function() return t + t[1] end end)

-- Products.
for _, n in ipairs { 32, 64, 128, 256, 512, 1024, 2048 } do
  timed("mm_" .. n, function() local p, q = randn(n, n), randn(n, n) return function() return p:mm(q) end end)
end
timed("mm_64x784x256", function() local p, q = randn(64, 784), randn(784, 256) return function() return p:mm(q) end end)
timed("bmm_48x64x32x64", function() local p, q = randn(48, 64, 32), randn(48, 32, 64) return function() return p:bmm(q) end end)

-- Layers.
for _, c in ipairs { { "conv_1_32_28", 1, 28, 32, 3, 1, 1 }, { "conv_32_32_28", 32, 28, 32, 3, 1, 1 }, { "conv_64_64_14", 64, 14, 64, 3, 1, 1 },
  { "conv_16_16_28", 16, 28, 16, 3, 1, 1 }, { "conv_64_128_s2_14", 64, 14, 128, 3, 2, 1 }, { "conv1x1_64_256_14", 64, 14, 256, 1, 1, 0 } } do
  local name, inputs, side, channels, kernel, stride, padding = table.unpack(c)
  timed(name .. "_fb", function()
    return both(function(x, w) return nn.conv2d(x, w, nil, { stride = stride, padding = padding }) end,
      randn(64, inputs, side, side), randn(channels, inputs, kernel, kernel))
  end)
end
timed("depthwise_64_28_fb", function()
  return both(function(x, w) return nn.conv2d(x, w, nil, { padding = 1, groups = 64 }) end, randn(64, 64, 28, 28), randn(64, 1, 3, 3))
end)
timed("maxpool_32_28_fb", function() return both(function(x) return x:max_pool2d(2) end, randn(64, 32, 28, 28)) end)
timed("batchnorm_32_28_fb", function() return both(nn.BatchNorm(), randn(64, 32, 28, 28)) end)
timed("layernorm_4096x512_fb", function() return both(nn.LayerNorm(), randn(4096, 512)) end)
timed("softmax_4096x512_fb", function() return both(function(x) return x:softmax(2) end, randn(4096, 512)) end)
timed("cross_entropy_4096x1000_fb", function()
  local labels = ml.randint(1, 1000, { 4096 })
  return both(function(x) return nn.cross_entropy(x, labels) end, randn(4096, 1000))
end)
timed("embedding_10k_128_fb", function()
  local ids = ml.randint(1, 10000, { 4096 })
  return both(function(w) return nn.embedding(ids, w) end, randn(10000, 128))
end)
for _, layer in ipairs { "LSTM", "GRU" } do
  timed(layer:lower() .. "_64x28x128_fb", function()
    local recurrent = nn[layer](128)
    return both(function(x) return (recurrent(x)) end, randn(64, 28, 28))
  end)
end
for _, s in ipairs { { "attention_12x4x64x32_fb", 12, 4, 64, 32 }, { "attention_4x8x512x64_fb", 4, 8, 512, 64 } } do
  local name, b, h, t, d = table.unpack(s)
  timed(name, function()
    return both(function(q, k, v) return nn.scaled_dot_product_attention(q, k, v, { causal = true }) end,
      randn(b, h, t, d), randn(b, h, t, d), randn(b, h, t, d))
  end)
end
timed("adam_5M", function()
  local parameters = {}
  for i = 1, 20 do
    parameters[i] = randn(256, 1000, { requires_grad = true })
    parameters[i].grad = randn(256, 1000)
  end
  local optimizer = ml.optim.adam(parameters, { lr = 1e-3 })
  return function() optimizer:step() end
end)

-- Linear algebra.
timed("svd_512", function() local m = randn(512, 512) return function() return ml.linalg.svd(m) end end)
timed("qr_512", function() local m = randn(512, 512) return function() return ml.linalg.qr(m) end end)
timed("solve_1024", function() local m, b = randn(1024, 1024), randn(1024, 8) return function() return ml.linalg.solve(m, b) end end)
timed("rfft_1024x4096", function() local z = randn(1024, 4096) return function() local _ <close> = ml.fft.rfft(z) end end)
