--- Attention in several heads, each over its share of the width. Vaswani et al. 2017, section 3.2.
-- Parameters are named as in PyTorch (in_proj_weight, in_proj_bias, out_proj), and so are the masks, in which true means
-- "not to be looked at". A row that may look at nothing gives zeros.
-- @shape  [B, T, C] -> [B, T, C]; across: [B, T, C], [B, S, C] -> [B, T, C]

local core = require "moonlab.core"
local Module = require "moonlab.nn.module"
local Projection = require "moonlab.nn.projection"
local RotaryPosition = require "moonlab.nn.rotary_position"
local blame = require "moonlab.blame"
local caching = require "moonlab.nn.caching"
local calls = require "moonlab.nn.calls"
local initialise = require "moonlab.nn.initialise"
local options = require "moonlab.options"
local parameter = require "moonlab.nn.parameter"

local ops = core.ops
local linear, attention, self_attention = ops.linear, ops.scaled_dot_product_attention, ops.self_attention
local MultiheadAttention = Module:extend "MultiheadAttention"

local read = options("nn.MultiheadAttention", {
  { "inputs", "count" }, { "causal", "boolean", false }, { "dropout", "number", 0 }, { "bias", "boolean", true },
  { "rotary", "boolean", false },
}, "nn.MultiheadAttention(8, {causal = true})")
local read_call = options("MultiheadAttention", {
  { "attn_mask", "tensor" }, { "key_padding_mask", "tensor" }, { "causal", "boolean" }, { "cache", "table" },
}, "attention(x, {key_padding_mask = ids:eq(0)})")

--- Called with x (self-attention), with x and memory (across), or with query, key and value, and a table of options last:
-- attn_mask ([T, S] or [B, heads, T, S]: bool, true where nothing is to be looked at, or numbers that are added),
-- key_padding_mask ([B, S] bool, true at padding; S counts the keys of a cache too), causal, cache (a table, empty at first, that keeps keys and values for the
-- next call, inside ml.no_grad).
-- @param heads  how many; they divide the width, which the first call tells
-- @param o      { inputs = asserts the width, causal = false (a position looks at itself and those before it), dropout = 0 (of the
--               weights, in training), bias = true, rotary = false (nn.RotaryPosition on queries and keys) }
-- @usage nn.MultiheadAttention(8, {causal = true})   attention(x, memory, {key_padding_mask = ids:eq(0)})
function MultiheadAttention:init(heads, o)
  if math.type(heads) ~= "integer" or heads < 1 then
    blame.raise("nn.MultiheadAttention: the number of heads must be a positive integer, got %s", blame.show(heads))
  end
  if type(o) == "number" then
    blame.raise("nn.MultiheadAttention takes the heads and infers the width: write nn.MultiheadAttention(%d) or "
      .. "nn.MultiheadAttention(%d, {inputs = %d})", o, o, heads)
  end
  o = read(o)
  if not (o.dropout >= 0 and o.dropout <= 1) then
    blame.raise("nn.MultiheadAttention: dropout must be from 0 to 1, got %s", o.dropout)
  end
  self.heads, self.inputs, self.causal, self.dropout = heads, o.inputs, o.causal, o.dropout
  self.in_proj_weight = parameter.slot()
  if o.bias then self.in_proj_bias = parameter.slot() end
  self.out_proj = Projection { bias = o.bias, bias_init = "zeros" }
  if o.rotary then self.rotary = RotaryPosition() end
end

local function shape_of(x) return "[" .. table.concat(x.shape, ", ") .. "]" end

-- batch and count: of those that x has to agree with, or nil.
local function check_input(name, x, width, batch, count)
  if x:dim() ~= 3 or x:size(3) ~= width or batch and x:size(1) ~= batch or count and x:size(2) ~= count then
    error(("MultiheadAttention: %s must be [%s, %s, %d], got %s"):format(name, batch or "batch", count or "positions", width,
      shape_of(x)), 0)
  end
end

function MultiheadAttention:prepare(query)
  local width = query:size(-1)
  if self.inputs and self.inputs ~= width then check_input("the input", query, self.inputs) end
  if width % self.heads ~= 0 then
    error(("MultiheadAttention: %d heads don't divide the width %d of the input %s"):format(self.heads, width,
      shape_of(query)), 0)
  end
  self:fill("in_proj_weight", { 3 * width, width }, function(tensor, key) initialise.xavier_uniform(tensor, { key = key }) end)
  if self.in_proj_bias then self:fill("in_proj_bias", { 3 * width }, initialise.zeros) end
  self.out_proj.outputs = width
end

local function fits(size, wanted) return size == wanted or size == 1 end

local function check_mask(mask, batch, heads, T, S)
  local sizes = mask.shape
  local n = #sizes
  if (n == 2 or n == 4) and fits(sizes[n - 1], T) and fits(sizes[n], S)
    and (n == 2 or fits(sizes[1], batch) and fits(sizes[2], heads)) then return end
  error(("MultiheadAttention: attn_mask must be [%d, %d] or [%d, %d, %d, %d] (batch, heads, ...), got %s"):format(T, S, batch, heads,
    T, S, shape_of(mask)), 0)
end

-- What the op takes: true where a key may be looked at, or numbers to add.
-- count: of the keys, with those that a cache holds.
local function combined_mask(o, query, heads, count)
  local mask, padding = o.attn_mask, o.key_padding_mask
  if mask then
    check_mask(mask, query:size(1), heads, query:size(2), count)
    if mask.dtype == "bool" then mask = ~mask end
  end
  if not padding then return mask end
  local batch = query:size(1)
  if padding.dtype ~= "bool" or shape_of(padding) ~= ("[%d, %d]"):format(batch, count) then
    error(("MultiheadAttention: key_padding_mask must be bool [%d, %d], true at padding, got %s %s"):format(batch, count,
      padding.dtype, shape_of(padding)), 0)
  end
  local keep = (~padding):reshape(batch, 1, 1, count)
  if not mask then return keep end
  return mask.dtype == "bool" and mask & keep or ops.where(keep, mask, -math.huge)
end

-- [B, T, C] -> [B, heads, T, C / heads], a view.
local function split(x, heads)
  return x:reshape(x:size(1), x:size(2), heads, x:size(3) // heads):transpose(2, 3)
end

-- Rows `from` .. `to` (in widths) of the input projection.
local function project(self, x, from, to)
  local width = self.in_proj_weight:size(2)
  local function part(p) return p and p:slice(1, (from - 1) * width + 1, to * width) end
  return linear(x, part(self.in_proj_weight), part(self.in_proj_bias))
end

local function projections(self, query, key, value)
  local heads, width = self.heads, query:size(3)
  if rawequal(key, query) and rawequal(value, query) then
    local qkv = linear(query, self.in_proj_weight, self.in_proj_bias)
    return split(qkv:slice(3, 1, width), heads), split(qkv:slice(3, width + 1, 2 * width), heads),
      split(qkv:slice(3, 2 * width + 1, 3 * width), heads)
  end
  return split(project(self, query, 1, 1), heads), split(project(self, key, 2, 2), heads),
    split(project(self, value, 3, 3), heads)
end

-- The options of the op; dropout draws as nn.Dropout does.
local function op_options(self, mask, causal)
  local o = { mask = mask, causal = causal }
  if self.training and self.dropout > 0 then
    local info = self._info
    info.key = info.key or calls.key(self)
    o.dropout = self.dropout
    o.key = info.key and core.random_key(info.key, calls.count(self)) or 0
  end
  return o
end

local function arguments(...)
  local list, n = { ... }, select("#", ...)
  local o = {}
  if n > 0 and type(list[n]) == "table" then o, list[n] = read_call(list[n]), nil end
  return list[1], list[2], o
end

function MultiheadAttention:forward(query, ...)
  local key, value, o = arguments(...)
  local width = self.in_proj_weight:size(2)
  check_input("the input", query, width)
  if key then check_input(value and "the key" or "the memory", key, width, query:size(1)) end
  if value then check_input("the value", value, width, query:size(1), key:size(2)) end
  local itself = not key or rawequal(key, query) and (not value or rawequal(value, query))
  key = key or query
  value = value or key
  local causal = self.causal
  if o.causal ~= nil then causal = o.causal end
  local cache = o.cache or itself and causal and caching.entry(self)
  local offset = cache and cache.length or 0
  local given = op_options(self, combined_mask(o, query, self.heads, key:size(2) + offset), causal)
  if itself and not cache and not self.rotary then
    return self.out_proj(self_attention(linear(query, self.in_proj_weight, self.in_proj_bias), self.heads, given))
  end
  local q, k, v = projections(self, query, key, value)
  if self.rotary then q, k = self.rotary(q, offset), self.rotary(k, offset) end
  if cache then k, v, given.offset = caching.append(cache, k, v) end
  local y = attention(q, k, v, given):transpose(2, 3):reshape(query:size(1), query:size(2), width)
  return self.out_proj(y)
end

return MultiheadAttention
