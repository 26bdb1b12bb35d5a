--- Layers, losses and initialisers: ml.nn. The ops of nn/ops/ stand here too: nn.cross_entropy(logits, target).

local core = require "moonlab.core"
local parameter = require "moonlab.nn.parameter"

local nn = {
  Module = require "moonlab.nn.module",
  Function = require "moonlab.nn.function",
  Sequential = require "moonlab.nn.sequential",
  Residual = require "moonlab.nn.residual",
  Linear = require "moonlab.nn.linear",
  Conv2d = require "moonlab.nn.conv2d",
  BatchNorm = require "moonlab.nn.batch_norm",
  LayerNorm = require "moonlab.nn.layer_norm",
  Dropout = require "moonlab.nn.dropout",
  Embedding = require "moonlab.nn.embedding",
  Flatten = require "moonlab.nn.flatten",
  Parameter = parameter.Parameter,
  Buffer = parameter.Buffer,
  init = require "moonlab.nn.initialise",
}

for _, family in ipairs { require "moonlab.nn.activations", require "moonlab.nn.pools" } do
  for _, entry in ipairs(family) do nn[entry.name] = entry.class end
end

for _, name in ipairs(core.nn_names) do nn[name] = core.ops[name] end

return require "moonlab.namespace"("ml.nn", nn)
