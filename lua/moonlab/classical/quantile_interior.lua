-- Frisch and Newton's interior point method for quantile regression (Portnoy & Koenker 1997, section 4), on its dual:
--
--   max y a   with   x' a = x' (1 - part) weight,   0 <= a <= weight
--
-- whose multipliers are the coefficients. Then the vertex: the solution passes exactly through as many rows as it has coefficients.

local core = require "moonlab.core"

local ops = core.ops
local interior = {}

local SHORT = 0.9995   -- of the way to the border
local ENOUGH = 1e-12   -- gap against the sizes of y
local NEAR = 1e-7     -- the same for a solution that is one
local MANY = 300       -- coefficients: no vertex is looked for

--- The weighted quantile loss of coefficients b.
function interior.loss(lp, b)
  local rest = lp.y - lp.x:matmul(b:unsqueeze(2)):squeeze(2)
  return (ops.maximum(rest * lp.part, rest * (lp.part - 1)) * lp.weight):sum():item()
end

-- How far along d until a part of v is 0.
local function room(v, d)
  local falls = d:lt(0)
  return ops.where(falls, -v / d:masked_fill(falls:logical_not(), -1), 1e20):min():item()
end

-- (x' q x)^-1 x' q r
local function weighted_solve(x, q, r)
  local xq = (x * q:unsqueeze(2)):transpose(1, 2)
  local square = xq:matmul(x)
  local ridge = square:diagonal():max():item() * 1e-15
  local eye = core.eye(x:size(2), { dtype = "float64" }) * ridge
  return ops.solve(square + eye, xq:matmul(r:unsqueeze(2))):squeeze(2)
end

local function start(lp)
  local u = lp.weight
  local a = (1 - lp.part) * u
  local t = { lp = lp, u = u, a = a, s = u - a, c = -lp.y }
  t.rhs = lp.x:transpose(1, 2):matmul(a:unsqueeze(2)):squeeze(2)
  t.b = weighted_solve(lp.x, core.ones(#lp.y, { dtype = "float64" }), t.c)
  local r = t.c - lp.x:matmul(t.b:unsqueeze(2)):squeeze(2)
  local small = 0.1 * math.max(r:abs():mean():item(), 1e-12)
  t.z, t.w = r:clamp(0) + small, (-r):clamp(0) + small
  return t
end

local function gap(t) return (t.z * t.a):sum():item() + (t.w * t.s):sum():item() end

-- One step: predictor, then corrector (Mehrotra 1992).
local function step(t)
  local x, q = t.lp.x, 1 / (t.z / t.a + t.w / t.s)
  local r = t.z - t.w
  local function along(db) return x:matmul(db:unsqueeze(2)):squeeze(2) end
  local db = weighted_solve(x, q, r)
  local da = q * (along(db) - r)
  local dz, dw = -t.z * (1 + da / t.a), -t.w * (1 - da / t.s)
  local fp = math.min(SHORT * math.min(room(t.a, da), room(t.s, -da)), 1)
  local fd = math.min(SHORT * math.min(room(t.z, dz), room(t.w, dw)), 1)
  if math.min(fp, fd) < 1 then
    local mu = gap(t)
    local after = ((t.z + dz * fd) * (t.a + da * fp)):sum():item() + ((t.w + dw * fd) * (t.s - da * fp)):sum():item()
    mu = mu * (after / mu) ^ 3 / (2 * #t.a)
    local twice_a, twice_s = da * dz / t.a, -(da * dw) / t.s
    local xi = (1 / t.a - 1 / t.s) * mu
    local change = r + twice_a - twice_s - xi
    db = weighted_solve(x, q, change)
    da = q * (along(db) - change)
    dz = mu / t.a - t.z - t.z * da / t.a - twice_a
    dw = mu / t.s - t.w + t.w * da / t.s - twice_s
    fp = math.min(SHORT * math.min(room(t.a, da), room(t.s, -da)), 1)
    fd = math.min(SHORT * math.min(room(t.z, dz), room(t.w, dw)), 1)
  end
  t.a, t.s = t.a + da * fp, t.s - da * fp
  t.b, t.z, t.w = t.b + db * fd, t.z + dz * fd, t.w + dw * fd
end

-- Rows, the nearest to the line first, until they determine it: by elimination.
local function nearest_rows(lp, b)
  local rest = (lp.y - lp.x:matmul(b:unsqueeze(2)):squeeze(2)):abs()
  local _, order = rest:sort(1)
  local q, chosen, reduced = lp.x:size(2), {}, {}
  local many = math.min(#lp.y, 8 * q)
  local first = order:slice(1, 1, many)
  local rows, places = lp.x:index_select(1, first):tolist(), first:tolist()
  for k, row in ipairs(rows) do
    local size = 0
    for j = 1, q do size = math.max(size, math.abs(row[j])) end
    for _, other in ipairs(reduced) do
      local factor = row[other.pivot] / other.row[other.pivot]
      for j = 1, q do row[j] = row[j] - factor * other.row[j] end
    end
    local pivot = 1
    for j = 2, q do if math.abs(row[j]) > math.abs(row[pivot]) then pivot = j end end
    if math.abs(row[pivot]) > 1e-9 * size then
      reduced[#reduced + 1], chosen[#chosen + 1] = { row = row, pivot = pivot }, places[k]
      if #chosen == q then return core.tensor(chosen) end
    end
  end
end

-- The solution through the nearest rows, if its loss is no larger.
local function vertex(lp, b)
  if #b > MANY then return b end
  local rows = nearest_rows(lp, b)
  if not rows then return b end
  local exact = ops.solve(lp.x:index_select(1, rows), lp.y:index_select(1, rows):unsqueeze(2)):squeeze(2)
  local loss = interior.loss(lp, b)
  return interior.loss(lp, exact) <= loss * (1 + 1e-10) + 1e-300 and exact or b
end

--- @param lp    { x = [n, q], y = [n], part = [n], weight = [n] above 0 }, all float64
-- @param most  iterations
-- @return { b = [q], iterations =, converged =, gap = }
function interior.solve(lp, most)
  local t = start(lp)
  local scale = (lp.y:abs() * lp.weight):sum():item() + 1e-300
  local iterations, now = 0, gap(t)
  while now > ENOUGH * scale and iterations < most do
    iterations = iterations + 1
    local before = { a = t.a, s = t.s, b = t.b, z = t.z, w = t.w }
    step(t)
    local after = gap(t)
    if after ~= after or now <= NEAR * scale and not (after < now) then -- rounding hides any progress
      t.a, t.s, t.b, t.z, t.w = before.a, before.s, before.b, before.z, before.w
      break
    end
    now = after
  end
  return { b = vertex(lp, -t.b), iterations = iterations, converged = now <= NEAR * scale, gap = now }
end

return interior
