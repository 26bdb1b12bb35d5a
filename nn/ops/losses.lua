-- Losses -------------------------------------------------------------------------------------------------------------
-- They refuse shapes that would broadcast.

local reduction = { "reduction", { "mean", "sum", "none" }, "mean" }

op "cross_entropy" {
  family = "function", source = "nn/loss_cross_entropy.c", accepts = "float", grad = "function", second = true, saves = { "logits", "target", "weight", "top", "log_sum" },
  args = { { "logits", "tensor", shape = "B C ..." }, { "target", "index", shape = "B ..." } },
  options = { { "weight", "tensor", shape = "C", optional = true }, { "label_smoothing", "number", 0, range = { 0, 1 } }, { "ignore_index", "integer", 0 }, reduction },
  keeps = { { "top" }, { "log_sum" } }, method = false,
  cases = { { logits = { 4, 3 }, target = { 4, below = 3 } }, { logits = { 4, 3 }, target = { 4, below = 3 }, weight = { 3 }, label_smoothing = 0.1 },
    { logits = { 2, 3, 4 }, target = { 2, 4, below = 3 }, reduction = "sum" }, { logits = { 4, 3 }, target = { 4, below = 3 }, reduction = "none" } },
  domain = { weight = { 0.5, 2 } }, constant = { "weight" },
  doc = "Mean negative log likelihood of the target classes (from 1) under softmax(logits). A target equal to ignore_index (0) does not count. " ..
    "weight: of each class; the mean is then weighted. nn.cross_entropy also takes probabilities, floats of the logits' shape, " ..
    "in place of classes: the mean over rows of -sum_j w[j] y[b, j] log p[b, j].",
  formula = "L = -sum_b w[t_b] log p[b, t_b] / sum_b w[t_b]   (label_smoothing = 0)",
  example = "ml.nn.cross_entropy(ml.tensor{{0.0, 0.0}}, ml.tensor{1})   --> 0.6931",
}
op "nll_loss" {
  family = "function", source = "nn/loss_cross_entropy.c", accepts = "float", grad = "function", second = true, saves = { "target", "weight" },
  args = { { "log_probability", "tensor", shape = "B C ..." }, { "target", "index", shape = "B ..." } },
  options = { { "weight", "tensor", shape = "C", optional = true }, { "ignore_index", "integer", 0 }, reduction }, method = false,
  cases = { { log_probability = { 4, 3 }, target = { 4, below = 3 } }, { log_probability = { 2, 3, 4 }, target = { 2, 4, below = 3 }, weight = { 3 } } },
  domain = { weight = { 0.5, 2 } }, constant = { "weight" },
  doc = "Mean of -log_probability at the target classes (from 1), as log_softmax gives them.",
  example = "ml.nn.nll_loss(ml.tensor{{-0.5, -1.5}}, ml.tensor{2})   --> 1.5",
}
op "mse_loss" {
  family = "function", source = "nn/loss_regression.c", accepts = "float", grad = "function", saves = { "x", "target" }, second = true,
  args = { { "x", "tensor" }, { "target", "tensor" } }, options = { reduction }, method = false,
  cases = { { x = { 4, 3 }, target = { 4, 3 } }, { x = { 4 }, target = { 4 }, reduction = "none" }, { x = { 4 }, target = { 4 }, reduction = "sum" } },
  doc = "Mean of (x - target)^2.",
  example = "ml.nn.mse_loss(ml.tensor{1.0, 3.0}, ml.tensor{0.0, 0.0})   --> 5",
}
op "l1_loss" {
  family = "function", source = "nn/loss_regression.c", accepts = "float", grad = "function", saves = { "x", "target" }, second = true,
  args = { { "x", "tensor" }, { "target", "tensor" } }, options = { reduction }, method = false,
  cases = { { x = { 4, 3 }, target = { 4, 3 } }, { x = { 4 }, target = { 4 }, reduction = "none" } },
  domain = { x = { 1, 2 }, target = { -2, 0.5 } },
  doc = "Mean of |x - target|.",
  example = "ml.nn.l1_loss(ml.tensor{1.0, 3.0}, ml.tensor{0.0, 0.0})   --> 2",
}
op "huber_loss" {
  family = "function", source = "nn/loss_regression.c", accepts = "float", grad = "function", saves = { "x", "target" }, second = true,
  args = { { "x", "tensor" }, { "target", "tensor" } }, options = { { "delta", "number", 1 }, reduction }, method = false,
  cases = { { x = { 4, 3 }, target = { 4, 3 } }, { x = { 4 }, target = { 4 }, delta = 0.4, reduction = "sum" } },
  doc = "Mean of e^2 / 2 where |e| < delta, delta (|e| - delta / 2) beyond; e = x - target. Huber 1964.",
  example = "ml.nn.huber_loss(ml.tensor{0.5, 3.0}, ml.tensor{0.0, 0.0})   --> 1.3125",
}
op "smooth_l1_loss" {
  family = "function", source = "nn/loss_regression.c", accepts = "float", grad = "function", saves = { "x", "target" }, second = true,
  args = { { "x", "tensor" }, { "target", "tensor" } }, options = { { "beta", "number", 1 }, reduction }, method = false,
  cases = { { x = { 4, 3 }, target = { 4, 3 } }, { x = { 4 }, target = { 4 }, beta = 0.4, reduction = "sum" }, { x = { 4 }, target = { 4 }, beta = 0, reduction = "none" } },
  doc = "Mean of e^2 / (2 beta) where |e| < beta, |e| - beta / 2 beyond; e = x - target: huber_loss divided by its delta. Girshick 2015.",
  example = "ml.nn.smooth_l1_loss(ml.tensor{0.5, 3.0}, ml.tensor{0.0, 0.0})   --> 1.3125",
}
op "kl_div" {
  family = "function", source = "nn/loss_regression.c", accepts = "float", grad = "function", saves = { "x", "target" }, second = true,
  args = { { "x", "tensor" }, { "target", "tensor" } },
  options = { { "log_target", "boolean", false }, { "reduction", { "mean", "sum", "none", "batchmean" }, "mean" } }, method = false,
  cases = { { x = { 4, 3 }, target = { 4, 3 }, reduction = "batchmean" }, { x = { 4, 3 }, target = { 4, 3 } },
    { x = { 4, 3 }, target = { 4, 3 }, log_target = true, reduction = "sum" }, { x = { 4 }, target = { 4 }, reduction = "none" } },
  domain = { target = { 0.1, 1 } },
  doc = "Kullback-Leibler divergence of log-probabilities x from the probabilities target (log_target: their logarithms). \"batchmean\" divides the sum by the rows, " ..
    "which is the divergence; \"mean\" divides it by the elements.",
  formula = "l = target (log(target) - x), 0 where target is 0",
  example = "ml.nn.kl_div(ml.tensor{{0.5, 0.5}}:log(), ml.tensor{{1.0, 0.0}}, {reduction = \"batchmean\"})   --> 0.6931",
}
op "bce_with_logits" {
  family = "function", source = "nn/loss_regression.c", accepts = "float", grad = "function", saves = { "logits", "target", "pos_weight" }, second = true,
  args = { { "logits", "tensor" }, { "target", "tensor" } },
  options = { { "pos_weight", "tensor", optional = true }, reduction }, method = false,
  cases = { { logits = { 4, 3 }, target = { 4, 3 } }, { logits = { 4, 3 }, target = { 4, 3 }, pos_weight = { 3 } } },
  domain = { target = { 0, 1 }, pos_weight = { 0.5, 2 } }, constant = { "target", "pos_weight" },
  doc = "Mean binary cross-entropy of target (0..1) under sigmoid(logits), without overflow. pos_weight multiplies the positive term; it has the last dimension's size or is a scalar.",
  formula = "l = (1 - t) x + (1 + (pos_weight - 1) t) log(1 + exp(-x))",
  example = "ml.nn.bce_with_logits(ml.tensor{0.0}, ml.tensor{1.0})   --> 0.6931",
}
op "ctc_loss" {
  family = "function", source = "nn/loss_ctc.c", accepts = "float", grad = "function",
  saves = { "log_probability", "target", "input_lengths", "target_lengths", "alpha", "loss" },
  args = { { "log_probability", "tensor", shape = "T B C" }, { "target", "index", shape = "B S" }, { "input_lengths", "index", shape = "B", optional = true },
    { "target_lengths", "index", shape = "B", optional = true } },
  options = { { "blank", "integer", 1 }, { "zero_infinity", "boolean", false }, { "batch_first", "boolean", false }, reduction },
  keeps = { { "alpha" }, { "loss" } }, method = false,
  cases = { { log_probability = { 5, 2, 4 }, target = { 2, 2, below = 3 }, blank = 4, reduction = "none" },
    { log_probability = { 2, 6, 5 }, target = { 2, 3, below = 4 }, batch_first = true, blank = 5 },
    { log_probability = { 5, 3, 4 }, target = { 3, 2, below = 3 }, input_lengths = { 3, below = 5 }, target_lengths = { 3, below = 2 }, blank = 4, zero_infinity = true } },
  doc = "Connectionist temporal classification: -log of the probability that the rows of log_probability, after repeats are joined and blanks dropped, " ..
    "read target. Classes are from 1, blank is one of them; 0 in target is padding at its end. Lengths that are not given are all of T, and what is not padding. " ..
    "zero_infinity: a target that does not fit into its rows counts 0 instead of infinity. \"mean\" divides each loss by its target's length first. Graves et al. 2006.",
  example = "ml.nn.ctc_loss(ml.zeros(2, 1, 2) - 0.6931, ml.tensor{{2}})   --> 0.2876",
}
