--- Gated recurrent unit. Cho et al. 2014, with the reset gate behind the product, as in PyTorch.
-- Called as layer(x, h, {lengths = ...}), where all but x may be left out: the batch comes first, x is
-- [batch, steps, inputs]. Returns the outputs of all steps of the last layer and the last state h, which can be
-- given to the next call. lengths (a tensor or list, one number a sequence) says how many steps count: outputs behind
-- them are 0, last states are those at each sequence's own end, and the backward direction begins there.
-- Weights have PyTorch's names and order of gates (weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, ..._reverse); the
-- first values are uniform within 1 / sqrt(hidden). In a Sequential the next layer gets the outputs alone.
-- @shape  [B, T, I] -> [B, T, directions * hidden], [layers * directions, B, hidden]

local core = require "moonlab.core"
local Module = require "moonlab.nn.module"
local recurrent = require "moonlab.nn.recurrent"

local GRU = recurrent(Module:extend "GRU", { op = core.ops.gru, gates = 3, states = 1 })

--- @param hidden  hidden units; the inputs are inferred by the first call
-- @param o       { layers = 1, bidirectional = false, dropout = 0 (between layers), bias = true, inputs = asserts their
--                number }
-- @usage local layer = nn.GRU(128, {layers = 2})   local y, h = layer(x)   y = layer(x, {lengths = {5, 3}})
function GRU:init(hidden, o) self:begin(hidden, o) end

return GRU
