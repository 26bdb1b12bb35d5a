-- Recurrent layers ---------------------------------------------------------------------------------------------------
-- One layer in one direction over all steps. The weights are those of PyTorch, gate by gate in its order.

local function weights(gates)
  return { "x", "tensor", shape = "B T I" }, { "weight_ih", "tensor", shape = gates .. "H I" }, { "weight_hh", "tensor", shape = gates .. "H H" },
    { "bias_ih", "tensor", shape = gates .. "H", optional = true }, { "bias_hh", "tensor", shape = gates .. "H", optional = true },
    { "h0", "tensor", shape = "B H", optional = true }
end
local function args(gates, ...)
  local x, weight_ih, weight_hh, bias_ih, bias_hh, h0 = weights(gates)
  return { x, weight_ih, weight_hh, bias_ih, bias_hh, h0, ... }
end
local lengths, reverse = { "lengths", "index", optional = true }, { "reverse", "boolean", false }

-- The cases of the sweep: all that may be given, little, and a batch of two blocks whose sequences end at different steps.
local function cases(gates, more)
  local list = {
    { x = { 2, 3, 4 }, weight_ih = { 5 * gates, 4 }, weight_hh = { 5 * gates, 5 }, bias_ih = { 5 * gates }, bias_hh = { 5 * gates }, h0 = { 2, 5 } },
    { x = { 2, 3, 2 }, weight_ih = { 3 * gates, 2 }, weight_hh = { 3 * gates, 3 }, reverse = true },
    { x = { 3, 4, 2 }, weight_ih = { 3 * gates, 2 }, weight_hh = { 3 * gates, 3 }, bias_hh = { 3 * gates }, h0 = { 3, 3 }, lengths = { 3, below = 4 } },
    { x = { 3, 4, 2 }, weight_ih = { 3 * gates, 2 }, weight_hh = { 3 * gates, 3 }, bias_ih = { 3 * gates }, lengths = { 3, below = 4 }, reverse = true },
    { x = { 34, 2, 1 }, weight_ih = { gates, 1 }, weight_hh = { gates, 1 }, lengths = { 34, below = 2 } },
  }
  for _, case in ipairs(list) do more(case) end
  return list
end

local lengths_doc = " lengths: the steps of each sequence that count; outputs behind them are 0. reverse: from each sequence's last step to its first."

op "lstm" {
  family = "function", source = "nn/recurrent_ops.c", accepts = "float", grad = "function", saves = { "weight_ih", "weight_hh", "c0", "lengths", "rows", "gates" },
  args = args("4", { "c0", "tensor", shape = "B H", optional = true }), options = { lengths, reverse },
  results = { { "outputs" }, { "last_h" }, { "last_c" } }, keeps = { { "rows" }, { "gates" } }, method = false,
  domain = { x = { -1, 1 }, weight_ih = { -1, 1 }, weight_hh = { -1, 1 }, bias_ih = { -1, 1 }, bias_hh = { -1, 1 } },
  cases = cases(4, function(case) if case.h0 then case.c0 = case.h0 end end),
  doc = "Long short-term memory over the steps of x (batch, steps, inputs); gates in the order input, forget, cell, output. Hochreiter and Schmidhuber 1997." ..
    " Gives the outputs of all steps, the last hidden states and the last cell states; nn.LSTM is the layer." .. lengths_doc,
  formula = "[i f g o] = W_ih x + b_ih + W_hh h + b_hh;  c' = sigmoid(f) c + sigmoid(i) tanh(g);  h' = sigmoid(o) tanh(c')",
  example = "ml.nn.lstm(ml.ones(1, 2, 3), ml.ones(16, 3), ml.ones(16, 4))   -- [1, 2, 4], [1, 4], [1, 4]",
}

op "gru" {
  family = "function", source = "nn/recurrent_ops.c", accepts = "float", grad = "function", saves = { "weight_ih", "weight_hh", "lengths", "rows", "gates" },
  args = args("3"), options = { lengths, reverse },
  results = { { "outputs" }, { "last_h" } }, keeps = { { "rows" }, { "gates" } }, method = false,
  domain = { x = { -1, 1 }, weight_ih = { -1, 1 }, weight_hh = { -1, 1 }, bias_ih = { -1, 1 }, bias_hh = { -1, 1 } },
  cases = cases(3, function() end),
  doc = "Gated recurrent unit over the steps of x (batch, steps, inputs); gates in the order reset, update, new. Cho et al. 2014, with the reset gate behind the product, as in PyTorch." ..
    " Gives the outputs of all steps and the last hidden states; nn.GRU is the layer." .. lengths_doc,
  formula = "r, z = sigmoid(W_ih x + b_ih + W_hh h + b_hh);  n = tanh(W_in x + b_in + r (W_hn h + b_hn));  h' = (1 - z) n + z h",
  example = "ml.nn.gru(ml.ones(1, 2, 3), ml.ones(12, 3), ml.ones(12, 4))   -- [1, 2, 4], [1, 4]",
}

op "rnn" {
  family = "function", source = "nn/recurrent_ops.c", accepts = "float", grad = "function", saves = { "weight_ih", "weight_hh", "lengths", "rows", "gates" },
  args = args(""), options = { { "nonlinearity", { "tanh", "relu" }, "tanh" }, lengths, reverse },
  results = { { "outputs" }, { "last_h" } }, keeps = { { "rows" }, { "gates" } }, method = false,
  domain = { x = { -1, 1 }, weight_ih = { -1, 1 }, weight_hh = { -1, 1 }, bias_ih = { -1, 1 }, bias_hh = { -1, 1 } },
  cases = cases(1, function(case) if case.reverse and not case.lengths then case.nonlinearity = "relu" end end),
  doc = "Plain recurrence over the steps of x (batch, steps, inputs). Elman 1990. Gives the outputs of all steps and the last hidden states; nn.RNN is the layer." .. lengths_doc,
  formula = "h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu",
  example = "ml.nn.rnn(ml.ones(1, 2, 3), ml.ones(4, 3), ml.ones(4, 4))   -- [1, 2, 4], [1, 4]",
}
