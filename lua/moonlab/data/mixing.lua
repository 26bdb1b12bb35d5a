-- What data.mixup and data.cutmix do to a batch. Each row is mixed with the one before it, the first with the last, as torchvision does;
-- how much is drawn anew for each row and epoch. The classes become what each row has of every class.

local core = require "moonlab.core"
local blame = require "moonlab.blame"

local ops = core.ops

local mixing = {}

-- Numbers in [0, 1) of a key, as many as are asked for.
local function uniform(key)
  local CHUNK, list, at, chunk = 8, {}, 0, 0
  return function()
    at = at + 1
    if not list[at] then
      chunk, at = chunk + 1, 1
      list = core.rand(CHUNK, { dtype = "float64", key = core.random_key(key, chunk) }):tolist()
    end
    return list[at]
  end
end

-- Half of a pair of normal numbers (Box and Muller 1958).
local function normal(draw) return math.sqrt(-2 * math.log(1 - draw())) * math.cos(2 * math.pi * draw()) end

-- The logarithm of a Gamma(alpha) number: of alpha + 1 by Marsaglia and Tsang (2000), brought down by U^(1/alpha).
local function log_gamma_number(alpha, draw)
  local d = alpha + 1 - 1 / 3
  local c = 1 / math.sqrt(9 * d)
  while true do
    local x = normal(draw)
    local v = (1 + c * x) ^ 3
    local u = 1 - draw()
    if v > 0 and math.log(u) < 0.5 * x * x + d - d * v + d * math.log(v) then
      return math.log(d * v) + math.log(1 - draw()) / alpha
    end
  end
end

-- Beta(alpha, alpha).
local function beta(alpha, draw)
  local one, other = log_gamma_number(alpha, draw), log_gamma_number(alpha, draw)
  return 1 / (1 + math.exp(other - one))
end

-- The rows before each: the last, 1, 2, ...
local function before(x) return x:index_select(1, ops.cat({ core.arange(#x, #x), core.arange(1, #x) }, 1):slice(1, 1, #x)) end

-- What stays of each row, on the shape of x.
local function shares(kept, x)
  local shape = { #x }
  for d = 2, x:dim() do shape[d] = 1 end
  return core.tensor(kept, { dtype = x.dtype }):reshape(shape)
end

local function blend(x, kept)
  local share = shares(kept, x)
  return x * share + before(x) * (1 - share)
end

local apply = {}

function apply.mixup(spec, x, draws)
  local kept = {}
  for i, draw in ipairs(draws) do kept[i] = beta(spec.alpha, draw) end
  return blend(x, kept), kept
end

-- The rectangle around a place anywhere, cut at the border, whose area is 1 - share; from and to, inclusive.
local function rectangle(share, height, width, draw)
  local half = 0.5 * math.sqrt(1 - share)
  local right, down = math.floor(draw() * width), math.floor(draw() * height)
  local half_width, half_height = math.floor(half * width), math.floor(half * height)
  return math.max(down - half_height, 0) + 1, math.min(down + half_height, height), math.max(right - half_width, 0) + 1,
    math.min(right + half_width, width)
end

function apply.cutmix(spec, x, draws)
  local height, width, kept, mixed, other = x:size(3), x:size(4), {}, x:clone(), before(x)
  for i, draw in ipairs(draws) do
    local top, bottom, left, right = rectangle(beta(spec.alpha, draw), height, width, draw)
    local covered = math.max(bottom - top + 1, 0) * math.max(right - left + 1, 0)
    if covered > 0 then
      local place = { i, {}, { top, bottom }, { left, right } }
      mixed[place] = other[place]
    end
    kept[i] = 1 - covered / (height * width)
  end
  return mixed, kept
end

local function check(spec, set, batch)
  local where = "data." .. spec.augment
  if not (set.classes and batch.y and batch.y.dtype == "int64" and batch.y:dim() == 1) then
    blame.raise("%s: the rows of %s have no class each, which could be mixed", where, set.name)
  end
  if batch.x:dim() ~= 4 or batch.x.dtype ~= "float32" then
    blame.raise("%s: x must be pictures, float32 [B, C, H, W], got %s [%s]", where, batch.x.dtype, table.concat(batch.x.shape, ", "))
  end
end

--- A list of changes without the one that mixes, and that one.
-- @param list  of batches, or nil
function mixing.taken_out(list)
  local single, spec = {}, nil
  for i, one in ipairs(list or {}) do
    local mixes = type(one) == "table" and apply[one.augment]
    if mixes and i < #list then blame.raise("data.%s must be the last change of the list: it mixes what the others give", one.augment) end
    if mixes then spec = one else single[#single + 1] = one end
  end
  return #single > 0 and single or nil, spec
end

--- Mixes the rows of a batch: x, and y, which becomes float32 [B, C].
-- @param spec   data.mixup(...) or data.cutmix(...)
-- @param set    that the batch is of
-- @param batch  with rows
-- @param how    key and epoch
function mixing.mix(spec, set, batch, how)
  check(spec, set, batch)
  local draws = {}
  for i, row in ipairs(batch.rows:tolist()) do draws[i] = uniform(core.random_key(how.key, spec.augment, how.epoch, row)) end
  local kept
  batch.x, kept = apply[spec.augment](spec, batch.x, draws)
  batch.y = blend(ops.one_hot(batch.y, #set.classes), kept)
end

return mixing
