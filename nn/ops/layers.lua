-- Layers -------------------------------------------------------------------------------------------------------------

op "linear" {
  family = "function", source = "nn/linear.c", accepts = "float", grad = "function", saves = { "x", "weight" }, second = true,
  args = { { "x", "tensor", shape = "... I" }, { "weight", "tensor", shape = "O I" }, { "bias", "tensor", shape = "O", optional = true } },
  cases = { { x = { 4, 3 }, weight = { 5, 3 }, bias = { 5 } }, { x = { 2, 4, 3 }, weight = { 5, 3 } }, { x = { 3 }, weight = { 5, 3 }, bias = { 5 } } },
  doc = "x times the transpose of weight, plus bias, over the last dimension of x.",
  formula = "y[..., o] = sum_i x[..., i] weight[o, i] + bias[o]",
  example = "ml.nn.linear(ml.ones(2, 3), ml.ones(4, 3))   -- [2, 4], all 3",
}

op "softmax" {
  family = "function", source = "nn/softmax.c", accepts = "float", grad = "function", saves = { "result" }, second = true,
  args = { { "x", "tensor" }, { "dim", "dim", -1 } }, cases = { { x = { 3, 4 }, dim = 2 }, { x = { 2, 3, 4 }, dim = 1 } },
  doc = "exp(x) divided by its sum over a dimension (the last, if none is named). Shifted by the maximum: never overflows.",
  formula = "y = exp(x - max) / sum(exp(x - max))",
  example = "ml.tensor{0.0, 0.0}:softmax(1)   --> 0.5  0.5",
}
op "log_softmax" {
  family = "function", source = "nn/softmax.c", accepts = "float", grad = "function", saves = { "result" }, second = true,
  args = { { "x", "tensor" }, { "dim", "dim", -1 } }, cases = { { x = { 3, 4 }, dim = 2 }, { x = { 2, 3, 4 }, dim = 1 } },
  doc = "The logarithm of softmax, computed as x - logsumexp(x).",
  example = "ml.tensor{0.0, 0.0}:log_softmax(1)   --> -0.6931  -0.6931",
}

op "conv1d" {
  family = "function", source = "nn/conv.c", accepts = "float", grad = "function", second = true, saves = { "x", "weight" },
  args = { { "x", "tensor", shape = "B C T", layout = "channels_last" }, { "weight", "tensor", shape = "O C/groups t" }, { "bias", "tensor", shape = "O", optional = true } },
  options = { { "stride", "integer", 1 }, { "padding", "padding", 0 }, { "dilation", "integer", 1 }, { "groups", "integer", 1 } },
  cases = {
    { x = { 2, 3, 7 }, weight = { 4, 3, 3 }, bias = { 4 }, padding = 1 },
    { x = { 2, 4, 9 }, weight = { 6, 2, 3 }, bias = { 6 }, stride = 2, groups = 2 },
    { x = { 1, 2, 9 }, weight = { 3, 2, 4 }, dilation = 2, padding = "same" },
    { x = { 2, 3, 6 }, weight = { 3, 1, 2 }, groups = 3 },
  },
  doc = "Cross-correlation of sequences (batch, channels, steps) with weight. padding = \"same\" keeps the steps at stride 1.",
  formula = "y[b, o, i] = bias[o] + sum_{c, u} weight[o, c, u] x[b, c, i*stride + u*dilation - padding]",
  example = "ml.nn.conv1d(ml.ones(1, 1, 4), ml.ones(1, 1, 3))",
}
op "conv2d" {
  family = "function", source = "nn/conv.c", accepts = "float", grad = "function", second = true, saves = { "x", "weight" },
  args = { { "x", "tensor", shape = "B C H W", layout = "channels_last" }, { "weight", "tensor", shape = "O C/groups h w" }, { "bias", "tensor", shape = "O", optional = true } },
  options = { { "stride", "pair", 1 }, { "padding", "padding", 0 }, { "dilation", "pair", 1 }, { "groups", "integer", 1 } },
  cases = {
    { x = { 2, 3, 5, 6 }, weight = { 4, 3, 3, 3 }, bias = { 4 } },
    { x = { 2, 4, 7, 6 }, weight = { 6, 2, 3, 2 }, bias = { 6 }, stride = 2, padding = 1, groups = 2 },
    { x = { 1, 2, 7, 7 }, weight = { 3, 2, 3, 3 }, dilation = 2, padding = "same" },
    { x = { 2, 3, 4, 4 }, weight = { 3, 1, 3, 3 }, groups = 3, padding = { 1, 2 }, stride = { 1, 2 } },
    { x = { 2, 3, 4, 4 }, weight = { 5, 3, 1, 1 }, bias = { 5 } },
    { x = { 2, 8, 5, 6 }, weight = { 9, 8, 3, 3 }, bias = { 9 }, padding = 1 },
  },
  doc = "Cross-correlation of pictures (batch, channels, rows, columns) with weight. padding = \"same\" keeps rows and columns at stride 1.",
  formula = "y[b, o, i, j] = bias[o] + sum_{c, u, v} weight[o, c, u, v] x[b, c, i*stride + u*dilation - padding, j*stride + v*dilation - padding]",
  example = "ml.nn.conv2d(ml.ones(1, 1, 3, 3), ml.ones(1, 1, 3, 3), nil, {padding = 1})",
}

op "conv2d_relu" {
  family = "function", source = "nn/conv.c", accepts = "float", grad = "function", second = true, saves = { "x", "weight", "result" },
  args = { { "x", "tensor", shape = "B C H W", layout = "channels_last" }, { "weight", "tensor", shape = "O C/groups h w" }, { "bias", "tensor", shape = "O", optional = true } },
  options = { { "stride", "pair", 1 }, { "padding", "padding", 0 }, { "dilation", "pair", 1 }, { "groups", "integer", 1 } },
  cases = {
    { x = { 2, 3, 5, 6 }, weight = { 4, 3, 3, 3 }, bias = { 4 } },
    { x = { 2, 8, 5, 6 }, weight = { 9, 8, 3, 3 }, bias = { 9 }, padding = 1 },
    { x = { 2, 3, 4, 4 }, weight = { 3, 1, 3, 3 }, groups = 3, padding = 1 },
  },
  doc = "relu(conv2d(...)) with two passes over memory less: what a Sequential runs where nn.ReLU follows nn.Conv2d. The same bits.",
  example = "ml.nn.conv2d_relu(ml.ones(1, 1, 3, 3), -ml.ones(1, 1, 3, 3))   --> 0",
}
op "conv2d_weight" {
  family = "function", source = "nn/conv_grad.c", accepts = "float", grad = "function", saves = { "x", "grad" }, second = true,
  args = { { "x", "tensor", shape = "B C H W", layout = "channels_last" }, { "grad", "tensor", shape = "B O H' W'", layout = "channels_last" }, { "size", "pair" } },
  options = { { "stride", "pair", 1 }, { "padding", "padding", 0 }, { "dilation", "pair", 1 }, { "groups", "integer", 1 } }, method = false,
  cases = {
    { x = { 2, 3, 5, 6 }, grad = { 2, 4, 3, 4 }, size = 3 },
    { x = { 2, 4, 7, 6 }, grad = { 2, 6, 4, 4 }, size = { 3, 2 }, stride = 2, padding = 1, groups = 2 },
    { x = { 1, 2, 7, 7 }, grad = { 1, 3, 7, 7 }, size = { 3, 2 }, dilation = { 2, 1 }, padding = "same" },
  },
  doc = "What the weight of conv2d, of size rows x columns, gets as gradient when the result gets grad. PyTorch's torch.nn.grad.conv2d_weight.",
  formula = "y[o, c, u, v] = sum_{b, i, j} grad[b, o, i, j] x[b, c, i*stride + u*dilation - padding, j*stride + v*dilation - padding]",
  example = "ml.nn.conv2d_weight(ml.ones(1, 1, 3, 3), ml.ones(1, 1, 2, 2), 2)   -- [1, 1, 2, 2], all 4",
}
op "conv_transpose1d" {
  family = "function", source = "nn/conv.c", accepts = "float", grad = "function", second = true, saves = { "x", "weight" },
  args = { { "x", "tensor", shape = "B C T", layout = "channels_last" }, { "weight", "tensor", shape = "C O/groups t" }, { "bias", "tensor", shape = "O", optional = true } },
  options = { { "stride", "integer", 1 }, { "padding", "integer", 0 }, { "output_padding", "integer", 0 }, { "dilation", "integer", 1 }, { "groups", "integer", 1 } },
  cases = {
    { x = { 2, 3, 4 }, weight = { 3, 4, 3 }, bias = { 4 } },
    { x = { 2, 4, 5 }, weight = { 4, 3, 4 }, bias = { 6 }, stride = 3, padding = 1, output_padding = 2, groups = 2 },
    { x = { 1, 2, 5 }, weight = { 2, 3, 2 }, dilation = 2, stride = 2 },
  },
  doc = "Transposed convolution of sequences: what conv1d of the same weight and options gives its input as gradient. output_padding adds steps at the end.",
  formula = "y[b, o, i*stride + u*dilation - padding] += weight[c, o, u] x[b, c, i];  y += bias[o]",
  example = "ml.nn.conv_transpose1d(ml.ones(1, 1, 2), ml.ones(1, 1, 2), nil, {stride = 2})   -- [1, 1, 4], all 1",
}
op "conv_transpose2d" {
  family = "function", source = "nn/conv.c", accepts = "float", grad = "function", second = true, saves = { "x", "weight" },
  args = { { "x", "tensor", shape = "B C H W", layout = "channels_last" }, { "weight", "tensor", shape = "C O/groups h w" }, { "bias", "tensor", shape = "O", optional = true } },
  options = { { "stride", "pair", 1 }, { "padding", "pair", 0 }, { "output_padding", "pair", 0 }, { "dilation", "pair", 1 }, { "groups", "integer", 1 } },
  cases = {
    { x = { 2, 3, 4, 3 }, weight = { 3, 4, 3, 2 }, bias = { 4 } },
    { x = { 2, 4, 3, 4 }, weight = { 4, 3, 4, 3 }, bias = { 6 }, stride = { 2, 3 }, padding = 1, output_padding = { 1, 2 }, groups = 2 },
    { x = { 1, 2, 3, 3 }, weight = { 2, 3, 2, 2 }, dilation = 2, stride = 3 },
    { x = { 2, 3, 3, 4 }, weight = { 3, 1, 1, 1 }, bias = { 3 }, stride = 2, groups = 3 },
    { x = { 2, 8, 6, 5 }, weight = { 8, 9, 3, 3 }, bias = { 9 }, padding = 1 },
  },
  doc = "Transposed convolution of pictures: what conv2d of the same weight and options gives its input as gradient. output_padding adds rows and columns at the end.",
  formula = "y[b, o, i*stride + u*dilation - padding, ...] += weight[c, o, u, v] x[b, c, i, j];  y += bias[o]",
  example = "ml.nn.conv_transpose2d(ml.ones(1, 1, 2, 2), ml.ones(1, 1, 2, 2), nil, {stride = 2})   -- [1, 1, 4, 4], all 1",
}

local pool_options = { { "stride", "pair", optional = true }, { "padding", "pair", 0 } }
op "max_pool2d" {
  family = "function", source = "nn/pool.c", accepts = "float", grad = "function", second = true, saves = { "position" },
  args = { { "x", "tensor", shape = "B C H W", layout = "channels_last" }, { "size", "pair" } }, options = pool_options,
  keeps = { { "position", dtype = "int32" } },
  domain = { x = { -2, 2 }, apart = 0.001 },
  cases = { { x = { 2, 3, 4, 6 }, size = 2 }, { x = { 1, 2, 5, 5 }, size = 3, stride = 2, padding = 1 }, { x = { 1, 2, 5, 6 }, size = { 2, 3 }, stride = { 1, 2 } } },
  doc = "Largest element of each window of size rows x columns; NaN wins. stride is the window's size if not given. Padding never wins.",
  example = "ml.tensor{{{{1.0, 2.0}, {3.0, 4.0}}}}:max_pool2d(2)   --> 4",
}
op "avg_pool2d" {
  family = "function", source = "nn/pool.c", accepts = "float", grad = "function", second = true,
  args = { { "x", "tensor", shape = "B C H W", layout = "channels_last" }, { "size", "pair" } }, options = pool_options,
  cases = { { x = { 2, 3, 4, 6 }, size = 2 }, { x = { 1, 2, 5, 5 }, size = 3, stride = 2, padding = 1 } },
  doc = "Mean of each window of size rows x columns; padding counts as zeros, as in PyTorch.",
  example = "ml.tensor{{{{1.0, 2.0}, {3.0, 4.0}}}}:avg_pool2d(2)   --> 2.5",
}
op "adaptive_avg_pool2d" {
  family = "function", source = "nn/pool.c", accepts = "float", grad = "function", second = true,
  args = { { "x", "tensor", shape = "B C H W", layout = "channels_last" }, { "size", "pair" } },
  cases = { { x = { 2, 3, 4, 6 }, size = 1 }, { x = { 1, 2, 5, 7 }, size = { 2, 3 } } },
  doc = "Mean over size rows x columns of windows that cover the picture: window i of n goes from floor(i H / n) to ceil((i+1) H / n).",
  example = "ml.tensor{{{{1.0, 2.0}, {3.0, 4.0}}}}:adaptive_avg_pool2d(1)   --> 2.5",
}
op "adaptive_max_pool2d" {
  family = "function", source = "nn/pool.c", accepts = "float", grad = "function", second = true, saves = { "position" },
  args = { { "x", "tensor", shape = "B C H W", layout = "channels_last" }, { "size", "pair" } },
  keeps = { { "position", dtype = "int32" } },
  domain = { x = { -2, 2 }, apart = 0.001 },
  cases = { { x = { 2, 3, 4, 6 }, size = 1 }, { x = { 1, 2, 5, 7 }, size = { 2, 3 } } },
  doc = "Largest element of each of the windows of adaptive_avg_pool2d.",
  example = "ml.tensor{{{{1.0, 2.0}, {3.0, 4.0}}}}:adaptive_max_pool2d(1)   --> 4",
}

local pool1d_options = { { "stride", "integer", optional = true }, { "padding", "integer", 0 } }
op "max_pool1d" {
  family = "function", source = "nn/pool.c", accepts = "float", grad = "function", second = true, saves = { "position" },
  args = { { "x", "tensor", shape = "B C T", layout = "channels_last" }, { "size", "integer" } }, options = pool1d_options,
  keeps = { { "position", dtype = "int32" } },
  domain = { x = { -2, 2 }, apart = 0.001 },
  cases = { { x = { 2, 3, 6 }, size = 2 }, { x = { 1, 2, 7 }, size = 3, stride = 2, padding = 1 } },
  doc = "Largest element of each window of `size` steps; NaN wins. stride is the window's size if not given. Padding never wins.",
  example = "ml.tensor{{{1.0, 2.0, 4.0, 3.0}}}:max_pool1d(2)   --> 2  4",
}
op "avg_pool1d" {
  family = "function", source = "nn/pool.c", accepts = "float", grad = "function", second = true,
  args = { { "x", "tensor", shape = "B C T", layout = "channels_last" }, { "size", "integer" } }, options = pool1d_options,
  cases = { { x = { 2, 3, 6 }, size = 2 }, { x = { 1, 2, 7 }, size = 3, stride = 2, padding = 1 } },
  doc = "Mean of each window of `size` steps; padding counts as zeros, as in PyTorch.",
  example = "ml.tensor{{{1.0, 2.0, 4.0, 3.0}}}:avg_pool1d(2)   --> 1.5  3.5",
}
op "adaptive_avg_pool1d" {
  family = "function", source = "nn/pool.c", accepts = "float", grad = "function", second = true,
  args = { { "x", "tensor", shape = "B C T", layout = "channels_last" }, { "size", "integer" } },
  cases = { { x = { 2, 3, 6 }, size = 1 }, { x = { 1, 2, 7 }, size = 3 } },
  doc = "Mean over `size` windows that cover the steps: window i of n goes from floor(i T / n) to ceil((i+1) T / n).",
  example = "ml.tensor{{{1.0, 2.0, 4.0, 5.0}}}:adaptive_avg_pool1d(1)   --> 3",
}
op "adaptive_max_pool1d" {
  family = "function", source = "nn/pool.c", accepts = "float", grad = "function", second = true, saves = { "position" },
  args = { { "x", "tensor", shape = "B C T", layout = "channels_last" }, { "size", "integer" } },
  keeps = { { "position", dtype = "int32" } },
  domain = { x = { -2, 2 }, apart = 0.001 },
  cases = { { x = { 2, 3, 6 }, size = 1 }, { x = { 1, 2, 7 }, size = 3 } },
  doc = "Largest element of each of the windows of adaptive_avg_pool1d.",
  example = "ml.tensor{{{1.0, 2.0, 4.0, 3.0}}}:adaptive_max_pool1d(1)   --> 4",
}

op "embedding" {
  family = "function", source = "nn/embedding.c", accepts = "float", grad = "function", saves = { "ids" }, second = true,
  args = { { "ids", "index" }, { "weight", "tensor", shape = "V D" } }, method = false,
  cases = { { ids = { 4, below = 5 }, weight = { 5, 3 } }, { ids = { 2, 3, below = 5 }, weight = { 5, 3 } } },
  doc = "The row of weight for each id, from 1; id 0 (padding) gives zeros and gets no gradient.",
  example = "ml.nn.embedding(ml.tensor{2, 1}, ml.eye(3))",
}

op "batch_norm" {
  family = "function", source = "nn/batch_norm.c", accepts = "float", grad = "function", second = true, saves = { "x", "weight", "bias", "mean", "rstd" },
  args = { { "x", "tensor", shape = "B C ...", layout = "channels_last" }, { "weight", "tensor", shape = "C", optional = true }, { "bias", "tensor", shape = "C", optional = true },
    { "running_mean", "state", shape = "C", optional = true }, { "running_var", "state", shape = "C", optional = true } },
  options = { { "training", "boolean", true }, { "momentum", "number", 0.1 }, { "eps", "number", 1e-5 }, { "activation", { "none", "relu" }, "none" } },
  keeps = { { "mean" }, { "rstd" } },
  cases = { { x = { 4, 3 }, weight = { 3 }, bias = { 3 } }, { x = { 4, 3, 2, 2 }, weight = { 3 }, bias = { 3 } }, { x = { 4, 3, 2, 2 } },
    { x = { 4, 3, 2, 2 }, weight = { 3 }, bias = { 3 }, running_mean = { 3 }, running_var = { 3 } },
    { x = { 4, 3, 2, 2 }, weight = { 3 }, bias = { 3 }, running_mean = { 3 }, running_var = { 3 }, training = false },
    { x = { 4, 3, 2, 3 }, weight = { 3 }, bias = { 3 }, activation = "relu" } },
  domain = { running_var = { 0.5, 2 } },
  doc = "Each channel shifted and scaled to mean 0 and variance 1 over the batch (training) or by the running statistics, then by weight and bias. " ..
    "In training the running statistics move by momentum, the variance divided by n - 1. activation = \"relu\" is applied to the result. Ioffe and Szegedy 2015.",
  formula = "y = (x - mean) / sqrt(var + eps) * weight + bias",
  example = "ml.nn.batch_norm(ml.tensor{{1.0}, {3.0}})   --> -1  1",
}
op "layer_norm" {
  family = "function", source = "nn/layer_norm.c", accepts = "float", grad = "function", second = true, saves = { "x", "weight", "mean", "rstd" },
  args = { { "x", "tensor" }, { "weight", "tensor", optional = true }, { "bias", "tensor", optional = true } },
  options = { { "dims", "integer", 1 }, { "eps", "number", 1e-5 } },
  keeps = { { "mean" }, { "rstd" } },
  cases = { { x = { 4, 3 }, weight = { 3 }, bias = { 3 } }, { x = { 2, 4, 3 }, weight = { 4, 3 }, bias = { 4, 3 }, dims = 2 }, { x = { 4, 3 } } },
  doc = "Each row (the last `dims` dimensions) shifted and scaled to mean 0 and variance 1, then by weight and bias. Ba et al. 2016.",
  formula = "y = (x - mean) / sqrt(var + eps) * weight + bias",
  example = "ml.nn.layer_norm(ml.tensor{{1.0, 3.0}})   --> -1  1",
}
op "rms_norm" {
  family = "function", source = "nn/layer_norm.c", accepts = "float", grad = "function", second = true, saves = { "x", "weight", "rstd" },
  args = { { "x", "tensor", shape = "... N" }, { "weight", "tensor", shape = "N", optional = true } }, options = { { "eps", "number", 1e-6 } },
  keeps = { { "rstd" } },
  cases = { { x = { 4, 3 }, weight = { 3 } }, { x = { 2, 3, 40 }, weight = { 40 } }, { x = { 5 } } },
  doc = "Each row (the last dimension) divided by the root of its mean square, then scaled by weight. Zhang and Sennrich 2019.",
  formula = "y = x / sqrt(mean(x^2) + eps) * weight",
  example = "ml.nn.rms_norm(ml.tensor{{3.0, 4.0}})   --> 0.8485  1.1314",
}
op "group_norm" {
  family = "function", source = "nn/group_norm.c", accepts = "float", grad = "function", second = true, saves = { "x", "weight", "mean", "rstd" },
  args = { { "x", "tensor", shape = "B C ...", layout = "either" }, { "groups", "integer" },
    { "weight", "tensor", shape = "C", optional = true }, { "bias", "tensor", shape = "C", optional = true } },
  options = { { "eps", "number", 1e-5 } },
  keeps = { { "mean" }, { "rstd" } },
  cases = { { x = { 2, 4, 3, 3 }, groups = 2, weight = { 4 }, bias = { 4 } }, { x = { 3, 6 }, groups = 2, weight = { 6 } },
    { x = { 2, 3, 5 }, groups = 1, bias = { 3 } }, { x = { 1, 4, 3, 7 }, groups = 4 } },
  doc = "Each group of channels of each sample shifted and scaled to mean 0 and variance 1, then each channel by weight and bias. Wu and He 2018.",
  formula = "y = (x - mean) / sqrt(var + eps) * weight + bias",
  example = "ml.nn.group_norm(ml.tensor{{1.0, 3.0, 5.0, 9.0}}, 2)   --> -1  1  -1  1",
}

op "dropout" {
  family = "function", source = "nn/dropout.c", accepts = "float", grad = "function", second = true, prepare = true,
  args = { { "x", "tensor" } },
  options = { { "p", "number", 0.5, range = { 0, 1 } }, { "key", "integer", optional = true } },
  cases = { { x = { 6, 4 }, p = 0.3, key = 7 } },
  doc = "Each element set to 0 with probability p, the others divided by 1 - p. The choice is a function of key; without one the next of the stream. Srivastava et al. 2014.",
  example = "ml.nn.dropout(ml.ones(4), {p = 0.0})   --> 1  1  1  1",
}

op "scaled_dot_product_attention" {
  family = "function", source = "nn/attention.c", accepts = "float", grad = "function", strided = true, prepare = true,
  saves = { "q", "k", "v", "mask", "result", "log_sum" },
  args = { { "q", "tensor", shape = "... T D" }, { "k", "tensor", shape = "... S D" }, { "v", "tensor", shape = "... S E" } },
  options = { { "mask", "any", optional = true, shape = "... T S" }, { "causal", "boolean", false }, { "offset", "integer", 0 }, { "scale", "number", 0 },
    { "dropout", "number", 0, range = { 0, 1 } }, { "key", "integer", optional = true } },
  keeps = { { "log_sum" } }, method = false,
  cases = {
    { q = { 2, 3, 5, 4 }, k = { 2, 3, 5, 4 }, v = { 2, 3, 5, 4 }, causal = true },
    { q = { 2, 3, 4 }, k = { 2, 5, 4 }, v = { 2, 5, 6 }, mask = { 3, 5 }, scale = 0.7 },
    { q = { 2, 2, 3, 4 }, k = { 2, 2, 7, 4 }, v = { 2, 2, 7, 4 }, causal = true, offset = 4, dropout = 0.3, key = 7 },
    { q = { 33, 3 }, k = { 150, 3 }, v = { 150, 2 }, causal = true, offset = 100 },
  },
  doc = "Attention: the rows of v, weighted by how well each row of q agrees with the rows of k. The matrix of weights is never stored. " ..
    "mask broadcasts to [..., T, S]: bool (true: may be looked at) or numbers that are added to the scores; it gets no gradient. " ..
    "causal: row i looks at the keys 1 .. i + offset; with a cache of S keys, offset = S - T puts the queries at its end. A row that may look at nothing gives zeros. " ..
    "scale is 1 / sqrt(D) unless given. dropout: of the weights, a function of key. Vaswani et al. 2017, Dao et al. 2022.",
  formula = "y = softmax(q k^T scale + mask) v",
  example = "ml.nn.scaled_dot_product_attention(ml.ones(2, 4), ml.ones(3, 4), ml.ones(3, 4))   -- [2, 4], all 1",
}
op "self_attention" {
  family = "function", source = "nn/attention.c", accepts = "float", grad = "function", strided = true, prepare = true,
  saves = { "qkv", "mask", "result", "log_sum" },
  args = { { "qkv", "tensor", shape = "B T 3*C" }, { "heads", "integer" } },
  options = { { "mask", "any", optional = true, shape = "... T T" }, { "causal", "boolean", false },
    { "dropout", "number", 0, range = { 0, 1 } }, { "key", "integer", optional = true } },
  keeps = { { "log_sum" } }, method = false,
  cases = { { qkv = { 2, 5, 12 }, heads = 2, causal = true }, { qkv = { 2, 3, 6 }, heads = 1, mask = { 3, 3 }, dropout = 0.3, key = 7 } },
  doc = "scaled_dot_product_attention of one product that holds q, k and v beside each other, in heads of C / heads numbers: [B, T, 3 C] -> [B, T, C].",
  formula = "y = softmax(q k^T / sqrt(C / heads) + mask) v   in each head",
  example = "ml.nn.self_attention(ml.ones(1, 2, 6), 1)   -- [1, 2, 2], all 1",
}
