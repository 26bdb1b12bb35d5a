--- Layers, losses and initialisers: ml.nn. The ops of nn/ops/ stand here too: nn.cross_entropy(logits, target).

local core = require "moonlab.core"
local losses = require "moonlab.nn.losses"
local parameter = require "moonlab.nn.parameter"
local pictures = require "moonlab.nn.pictures"
local tree = require "moonlab.nn.tree"

local nn = {
  Module = require "moonlab.nn.module",
  Function = require "moonlab.nn.function",
  Sequential = require "moonlab.nn.sequential",
  Residual = require "moonlab.nn.residual",
  Linear = require "moonlab.nn.linear",
  Conv1d = require "moonlab.nn.conv1d",
  Conv2d = require "moonlab.nn.conv2d",
  ConvTranspose1d = require "moonlab.nn.conv_transpose1d",
  ConvTranspose2d = require "moonlab.nn.conv_transpose2d",
  BatchNorm = require "moonlab.nn.batch_norm",
  LayerNorm = require "moonlab.nn.layer_norm",
  Dropout = require "moonlab.nn.dropout",
  Embedding = require "moonlab.nn.embedding",
  RNN = require "moonlab.nn.rnn",
  LSTM = require "moonlab.nn.lstm",
  GRU = require "moonlab.nn.gru",
  Flatten = require "moonlab.nn.flatten",
  MultiheadAttention = require "moonlab.nn.multihead_attention",
  RotaryPosition = require "moonlab.nn.rotary_position",
  Parameter = parameter.Parameter,
  Buffer = parameter.Buffer,
  init = require "moonlab.nn.initialise",
  dice_loss = losses.dice_loss,
  focal_loss = losses.focal_loss,
  triplet_margin_loss = losses.triplet_margin_loss,
  cosine_similarity = losses.cosine_similarity,
  cosine_embedding_loss = losses.cosine_embedding_loss,
  margin_ranking_loss = losses.margin_ranking_loss,
  hinge_loss = losses.hinge_loss,
  poisson_nll_loss = losses.poisson_nll_loss,
  gaussian_nll_loss = losses.gaussian_nll_loss,
  unfold = pictures.unfold,
  fold = pictures.fold,
  interpolate = pictures.interpolate,
  pixel_shuffle = pictures.pixel_shuffle,
  pixel_unshuffle = pictures.pixel_unshuffle,
  pad = pictures.pad,
}

for _, family in ipairs { require "moonlab.nn.activations", require "moonlab.nn.pools", require "moonlab.nn.positions",
  require "moonlab.nn.transformer", require "moonlab.nn.branches", require "moonlab.nn.picture_layers",
  require "moonlab.nn.norm_layers" } do
  for _, entry in ipairs(family) do nn[entry.name] = entry.class end
end

-- All layers but those that hand on what they get.
local HAND_ON = { Module = true, Function = true, Sequential = true, Residual = true, Parallel = true, Concat = true }
for name, class in pairs(nn) do
  if tree.is_class(class) and not HAND_ON[name] then class.takes_tensor = true end
end

for name, space in pairs(core.spaces) do
  if space == "nn" then nn[name] = core.ops[name] end
end
nn.cross_entropy = losses.cross_entropy

return require "moonlab.namespace"("ml.nn", nn)
