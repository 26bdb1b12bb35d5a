--- Layers that tell positions apart by adding a row to each: a learned one, or one of sines and cosines.
-- While a text grows with a cache (model:generate), they go on from the positions before.
-- @shape  [B, T, C] -> the same
-- @export LearnedPosition(size, {init =})  Adds row t of a learned table to position t, of up to `size` positions. init: a name
--         or function(tensor, key); normal with deviation 0.02 if not given.
-- @export SinusoidalPosition({base = 10000})  Adds sines and cosines of wavelengths from 2 pi to 2 pi base. Vaswani et al. 2017,
--         section 3.5.

local core = require "moonlab.core"
local Module = require "moonlab.nn.module"
local blame = require "moonlab.blame"
local caching = require "moonlab.nn.caching"
local initialise = require "moonlab.nn.initialise"
local options = require "moonlab.options"
local parameter = require "moonlab.nn.parameter"

local function check_input(name, x)
  if x:dim() < 2 then
    error(("%s: the input must be [..., positions, width], got [%s]"):format(name, table.concat(x.shape, ", ")), 0)
  end
end

local LearnedPosition = Module:extend "LearnedPosition"
local read_learned = options("nn.LearnedPosition", { { "init", "any" } }, "nn.LearnedPosition(64, {init = \"normal\"})")

local function small_normal(tensor, key) initialise.normal(tensor, { std = 0.02, key = key }) end

function LearnedPosition:init(size, o)
  if math.type(size) ~= "integer" or size < 1 then
    blame.raise("nn.LearnedPosition: the number of positions must be a positive integer, got %s", blame.show(size))
  end
  if type(o) == "number" then
    blame.raise("nn.LearnedPosition takes the number of positions and infers the width: write nn.LearnedPosition(%d)", size)
  end
  self.context = size -- what model:generate keeps within
  self.initialise_weight = initialise.pick("nn.LearnedPosition", read_learned(o).init, small_normal)
  self.weight = parameter.slot()
end

function LearnedPosition:prepare(x)
  check_input("LearnedPosition", x)
  self:fill("weight", { self.context, x:size(-1) }, self.initialise_weight)
end

function LearnedPosition:forward(x)
  check_input("LearnedPosition", x)
  local from, to = caching.offset() + 1, caching.offset() + x:size(-2)
  if to > self.context then
    error(("LearnedPosition: position %d, but there are %d: nn.LearnedPosition(%d)"):format(to, self.context, self.context), 0)
  end
  if from == 1 and to == self.context then return x + self.weight end
  return x + self.weight:slice(1, from, to)
end

local SinusoidalPosition = Module:extend "SinusoidalPosition"
local read_sinusoidal = options("nn.SinusoidalPosition", { { "base", "number", 10000 } }, "nn.SinusoidalPosition{base = 10000}")

function SinusoidalPosition:init(o)
  if type(o) == "number" then blame.raise "nn.SinusoidalPosition infers the width: write nn.SinusoidalPosition()" end
  self.base = read_sinusoidal(o).base
  if not (self.base > 0) then blame.raise("nn.SinusoidalPosition: base must be above 0, got %s", self.base) end
end

-- Rows of positions 0 .. count - 1.
local function waves(base, count, width, dtype)
  local list = {}
  for t = 0, count - 1 do
    for i = 0, width - 1 do
      local angle = t * base ^ (-(i - i % 2) / width)
      list[#list + 1] = i % 2 == 0 and math.sin(angle) or math.cos(angle)
    end
  end
  return core.tensor(list, { dtype = dtype }):reshape(count, width)
end

function SinusoidalPosition:forward(x)
  check_input("SinusoidalPosition", x)
  if not x:has_storage() then return x + core.shape_only({ x:size(-2), x:size(-1) }, x.dtype) end
  local from, to, width = caching.offset() + 1, caching.offset() + x:size(-2), x:size(-1)
  local rows = self.rows -- no parameter and no buffer: nothing to save
  if not rows or rows:size(1) < to or rows:size(2) ~= width or rows.dtype ~= x.dtype then
    rows = waves(self.base, math.max(to, rows and 2 * rows:size(1) or 0), width, x.dtype)
    self.rows = rows
  end
  return x + rows:slice(1, from, to)
end

return {
  { name = "LearnedPosition", class = LearnedPosition },
  { name = "SinusoidalPosition", class = SinusoidalPosition },
}
