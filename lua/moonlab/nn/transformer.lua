--- The layers of transformers, and stacks of them. Vaswani et al. 2017; norm_first: Xiong et al. 2020.
-- Parameters are named as in PyTorch: self_attn, multihead_attn, linear1, linear2, norm1, norm2, norm3; layers of a stack count
-- from 1. Options of a layer: dim_feedforward (4 times the width), dropout = 0.1, activation = "relu" | "gelu" | function,
-- norm_first = false, causal = false (self-attention looks back only), layer_norm_eps = 1e-5, bias = true, rotary = false.
-- @shape  [B, T, C] -> the same
-- @export TransformerEncoderLayer(heads, {dim_feedforward =, dropout = 0.1, activation = "relu", norm_first = false})  Self-attention
--         and a feed-forward net, each with a norm and around it a sum with its input. Called with x and, in a table,
--         attn_mask, key_padding_mask, causal: see nn.MultiheadAttention.
-- @export TransformerDecoderLayer(heads, {dim_feedforward =, dropout = 0.1, activation = "relu", norm_first = false})  The same
--         with attention to a memory between the two. Called with x, memory and, in a table, attn_mask, key_padding_mask,
--         causal (for x), memory_mask, memory_key_padding_mask.
-- @export TransformerEncoder(layer, count, {norm = nil})  `count` copies of a layer, each with parameters of its own, and a
--         norm behind the last. Called as the layer is.
-- @export TransformerDecoder(layer, count, {norm = nil})  The same of a decoder layer.

local core = require "moonlab.core"
local Dropout = require "moonlab.nn.dropout"
local LayerNorm = require "moonlab.nn.layer_norm"
local Linear = require "moonlab.nn.linear"
local Module = require "moonlab.nn.module"
local MultiheadAttention = require "moonlab.nn.multihead_attention"
local Projection = require "moonlab.nn.projection"
local blame = require "moonlab.blame"
local options = require "moonlab.options"
local suggest = require "moonlab.suggest"
local tree = require "moonlab.nn.tree"

local LAYER_OPTIONS = {
  { "inputs", "count" }, { "dim_feedforward", "count" }, { "dropout", "number", 0.1 }, { "activation", "any", "relu" },
  { "norm_first", "boolean", false }, { "causal", "boolean", false }, { "layer_norm_eps", "number", 1e-5 },
  { "bias", "boolean", true }, { "rotary", "boolean", false },
}

local function activation_of(where, value)
  if type(value) == "function" then return value end
  if value == "relu" or value == "gelu" then return core.ops[value] end
  if type(value) == "string" then
    blame.raise("%s: %s", where, suggest.unknown("activation", value, { "relu", "gelu" }))
  end
  blame.raise("%s: activation must be 'relu', 'gelu' or a function, got %s", where, blame.show(value))
end

-- The options of a layer, its first argument checked with them.
local function read_layer(where, read, heads, o)
  if math.type(heads) ~= "integer" or heads < 1 then
    blame.raise("%s: the number of heads must be a positive integer, got %s", where, blame.show(heads))
  end
  if type(o) == "number" then
    blame.raise("%s takes the heads and infers the width: write %s(%s) or %s(%s, {inputs = %d})", where, where, o, where, o, heads)
  end
  o = read(o)
  if not (o.dropout >= 0 and o.dropout <= 1) then blame.raise("%s: dropout must be from 0 to 1, got %s", where, o.dropout) end
  return o
end

-- What both kinds of layers have.
local function set_up(self, where, heads, o)
  self.norm_first, self.width = o.norm_first, o.inputs
  self.activation = activation_of(where, o.activation)
  self.self_attn = MultiheadAttention(heads, { causal = o.causal, dropout = o.dropout, bias = o.bias, rotary = o.rotary })
  self.feedforward = o.dim_feedforward
  self.linear1, self.linear2 = Projection { bias = o.bias }, Projection { bias = o.bias }
  self.dropout = Dropout(o.dropout)
end

local function norm(o) return LayerNorm { eps = o.layer_norm_eps } end

local function prepare(self, x)
  local width = x:size(-1)
  if x:dim() ~= 3 or self.width and self.width ~= width then
    error(("%s: the input must be [batch, positions, %s], got [%s]"):format(self._name, self.width or "width",
      table.concat(x.shape, ", ")), 0)
  end
  self.linear1.outputs, self.linear2.outputs = self.feedforward or 4 * width, width
end

local function feed_forward(self, x) return self.linear2(self.dropout(self.activation(self.linear1(x)))) end

-- norm(x + f(x)), or x + f(norm(x)) where the norm stands first.
local function around(self, x, norm_layer, dropout, f, ...)
  if self.norm_first then return x + dropout(f(self, norm_layer(x), ...)) end
  return norm_layer(x + dropout(f(self, x, ...)))
end

local EncoderLayer = Module:extend "TransformerEncoderLayer"
local read_encoder = options("nn.TransformerEncoderLayer", LAYER_OPTIONS, "nn.TransformerEncoderLayer(8, {norm_first = true})")

function EncoderLayer:init(heads, o)
  o = read_layer("nn.TransformerEncoderLayer", read_encoder, heads, o)
  set_up(self, "nn.TransformerEncoderLayer", heads, o)
  self.norm1, self.norm2 = norm(o), norm(o)
  self.dropout1, self.dropout2 = Dropout(o.dropout), Dropout(o.dropout)
end

EncoderLayer.prepare = prepare

local read_encoder_call = options("TransformerEncoderLayer", {
  { "attn_mask", "tensor" }, { "key_padding_mask", "tensor" }, { "causal", "boolean" }, { "cache", "table" },
}, "layer(x, {key_padding_mask = ids:eq(0)})")

local function attend(self, x, given) return self.self_attn(x, given) end

function EncoderLayer:forward(x, given)
  if given ~= nil then given = read_encoder_call(given) end
  x = around(self, x, self.norm1, self.dropout1, attend, given)
  return around(self, x, self.norm2, self.dropout2, feed_forward)
end

local DecoderLayer = Module:extend "TransformerDecoderLayer"
local read_decoder = options("nn.TransformerDecoderLayer", LAYER_OPTIONS, "nn.TransformerDecoderLayer(8, {norm_first = true})")
local read_decoder_call = options("TransformerDecoderLayer", {
  { "attn_mask", "tensor" }, { "key_padding_mask", "tensor" }, { "causal", "boolean" }, { "memory_mask", "tensor" },
  { "memory_key_padding_mask", "tensor" },
}, "layer(x, memory, {memory_key_padding_mask = ids:eq(0)})")

function DecoderLayer:init(heads, o)
  o = read_layer("nn.TransformerDecoderLayer", read_decoder, heads, o)
  set_up(self, "nn.TransformerDecoderLayer", heads, o)
  self.multihead_attn = MultiheadAttention(heads, { dropout = o.dropout, bias = o.bias })
  self.norm1, self.norm2, self.norm3 = norm(o), norm(o), norm(o)
  self.dropout1, self.dropout2, self.dropout3 = Dropout(o.dropout), Dropout(o.dropout), Dropout(o.dropout)
end

DecoderLayer.prepare = prepare

local function attend_across(self, x, memory, given) return self.multihead_attn(x, memory, given) end

function DecoderLayer:forward(x, memory, given)
  if not core.is_tensor(memory) then
    blame.raise("TransformerDecoderLayer: the memory must be a tensor: layer(x, memory), got %s", blame.show(memory))
  end
  given = read_decoder_call(given)
  local back = { attn_mask = given.attn_mask, key_padding_mask = given.key_padding_mask, causal = given.causal }
  local across = { attn_mask = given.memory_mask, key_padding_mask = given.memory_key_padding_mask }
  x = around(self, x, self.norm1, self.dropout1, attend, back)
  x = around(self, x, self.norm2, self.dropout2, attend_across, memory, across)
  return around(self, x, self.norm3, self.dropout3, feed_forward)
end

local function stack(name, of)
  local class = Module:extend(name)
  local where = "nn." .. name
  local example = ("%s(nn.%s(8), 6)"):format(where, of)
  local read = options(where, { { "norm", "any" } }, example:sub(1, -2) .. ", {norm = nn.LayerNorm()})")
  function class:init(layer, count, o)
    if not tree.is_module(layer) or layer._name ~= of then
      blame.raise("%s takes a layer and how many of it: write %s", where, example)
    end
    if math.type(count) ~= "integer" or count < 1 then
      blame.raise("%s: the number of layers must be a positive integer, got %s", where, blame.show(count))
    end
    if layer:is_built() then
      blame.raise("%s: the layer is built already, so that all copies would begin alike: give a new one", where)
    end
    self.layers = {}
    for i = 1, count do self.layers[i] = layer:clone() end
    local last = read(o).norm
    if last ~= nil and not tree.is_module(last) then blame.raise("%s: norm must be a layer, got %s", where, blame.show(last)) end
    self.norm = last
  end
  function class:forward(x, ...)
    for _, layer in ipairs(self.layers) do x = layer(x, ...) end
    return self.norm and self.norm(x) or x
  end
  return { name = name, class = class }
end

return {
  { name = "TransformerEncoderLayer", class = EncoderLayer },
  { name = "TransformerDecoderLayer", class = DecoderLayer },
  stack("TransformerEncoder", "TransformerEncoderLayer"),
  stack("TransformerDecoder", "TransformerDecoderLayer"),
}
