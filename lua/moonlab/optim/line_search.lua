-- A step along a direction that satisfies the strong Wolfe conditions: the loss falls enough for the length of the step,
-- and the slope has flattened. Nocedal and Wright 2006, algorithms 3.5 (an interval that holds such a step) and 3.6 (the
-- interval shrinks), with the cubic through two points and their slopes as the guess.
--
-- A point is { t = how far along the direction, loss =, slope =, gradient = }.

local LOSS_FALLS, SLOPE_FALLS = 1e-4, 0.9 -- c1 and c2 of the conditions
local GROWTH, CLOSEST = 10, 0.01          -- how far beyond the last step the next may be
local EDGE = 0.1                          -- a guess this near to an end of the interval makes no progress

local function within(x, low, high) return math.min(math.max(x, low), high) end

-- The minimum of the cubic through two points, kept within low..high; their middle where it has none.
local function cubic_minimum(a, b, low, high)
  if a.t > b.t then a, b = b, a end
  local d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.t - b.t)
  local square = d1 * d1 - a.slope * b.slope
  if square < 0 then return (low + high) / 2 end
  local d2 = math.sqrt(square)
  return within(b.t - (b.t - a.t) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2)), low, high)
end

local function too_high(start, point) return point.loss > start.loss + LOSS_FALLS * point.t * start.slope end
local function is_flat(start, point) return math.abs(point.slope) <= -SLOPE_FALLS * start.slope end

-- Goes on until a step is found (then its second result is nil) or lies between the two points that are given.
local function bracket(evaluate, start, step, budget)
  local before, point, used = start, evaluate(step), 0
  while used < budget do
    if too_high(start, point) or (used > 1 and point.loss >= before.loss) then return before, point, used end
    if is_flat(start, point) then return point, nil, used end
    if point.slope >= 0 then return before, point, used end
    local t = cubic_minimum(before, point, point.t + CLOSEST * (point.t - before.t), point.t * GROWTH)
    before, point, used = point, evaluate(t), used + 1
  end
  return start, point, used
end

-- The guess moved away from an end of the interval where it stands too near to one for the second time, or on it.
local function guess(a, b, stuck)
  local low, high = math.min(a.t, b.t), math.max(a.t, b.t)
  local t, edge = cubic_minimum(a, b, low, high), EDGE * (high - low)
  if math.min(high - t, t - low) >= edge then return t, false end
  if not stuck and t < high and t > low then return t, true end
  return math.abs(t - high) < math.abs(t - low) and high - edge or low + edge, false
end

-- low: the best point so far; the step lies between it and high.
local function zoom(evaluate, start, low, high, used, budget, enough)
  local stuck = false
  while used < budget and math.abs(high.t - low.t) * start.longest >= enough do
    local t
    t, stuck = guess(low, high, stuck)
    local point = evaluate(t)
    used = used + 1
    if too_high(start, point) or point.loss >= low.loss then
      high = point
    else
      if is_flat(start, point) then return point end
      if point.slope * (high.t - low.t) >= 0 then high = low end
      low = point
    end
  end
  return low
end

--- Looks for the step.
-- @param evaluate  function(t) -> the point there
-- @param start     the point at 0, with longest = the largest element of the direction
-- @param step      the first t to try
-- @param budget    how many points may be looked at after the first
-- @param enough    an interval shorter than this is not searched
-- @return the point
return function(evaluate, start, step, budget, enough)
  local a, b, used = bracket(evaluate, start, step, budget)
  if not b then return a end
  if b.loss < a.loss then a, b = b, a end
  return zoom(evaluate, start, a, b, used, budget, enough)
end
