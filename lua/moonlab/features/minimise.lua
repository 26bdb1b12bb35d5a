--- The minimum of a function of one number: Brent 1973, chapter 5, in the bracket that a search downhill finds.

local GOLDEN = 0.5 * (3 - math.sqrt(5))
local GROWTH = 1.618034
local MOST_STEPS = 500

-- Three points of which the middle one is lowest.
local function bracket(f, a, b)
  local fa, fb = f(a), f(b)
  if fb > fa then a, b, fa, fb = b, a, fb, fa end
  local c = b + GROWTH * (b - a)
  local fc = f(c)
  for _ = 1, 60 do
    if fc >= fb then break end
    a, b, fb, c = b, c, fc, c + GROWTH * (c - b)
    fc = f(c)
  end
  return math.min(a, c), b, math.max(a, c), fb
end

-- The step to the lowest point of the parabola through three points, nil where it leads out of low..high or is too long.
local function parabola(x, w, v, fx, fw, fv, low, high, before)
  local r, q = (x - w) * (fx - fv), (x - v) * (fx - fw)
  local p = (x - v) * q - (x - w) * r
  q = 2 * (q - r)
  if q > 0 then p = -p end
  q = math.abs(q)
  if q == 0 or math.abs(p) >= math.abs(0.5 * q * before) or p <= q * (low - x) or p >= q * (high - x) then return nil end
  return p / q
end

--- Where f is lowest.
-- @param f          function(x) -> a number
-- @param a, b       where the search begins
-- @param tolerance  relative, of x; the square root of the type's precision is the least that can be told
-- @return x
return function(f, a, b, tolerance)
  local low, x, high, fx = bracket(f, a, b)
  local w, v, fw, fv, step, before = x, x, fx, fx, 0, 0
  for _ = 1, MOST_STEPS do
    local middle, tol = 0.5 * (low + high), tolerance * math.abs(x) + 1e-11
    if math.abs(x - middle) <= 2 * tol - 0.5 * (high - low) then break end
    local way = math.abs(before) > tol and parabola(x, w, v, fx, fw, fv, low, high, before)
    if way then before, step = step, way
    else
      before = x < middle and high - x or low - x
      step = GOLDEN * before
    end
    local u = math.abs(step) >= tol and x + step or x + (step > 0 and tol or -tol)
    local fu = f(u)
    if fu <= fx then
      if u >= x then low = x else high = x end
      v, fv, w, fw, x, fx = w, fw, x, fx, u, fu
    else
      if u < x then low = u else high = u end
      if fu <= fw or w == x then v, fv, w, fw = w, fw, u, fu
      elseif fu <= fv or v == x or v == w then v, fv = u, fu end
    end
  end
  return x
end
