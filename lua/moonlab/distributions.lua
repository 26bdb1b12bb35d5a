--- The distribution functions that tests and intervals need: normal, chi-squared, Student's t, F, binomial. Plain numbers; about 12 digits
-- where the parameters are below a million.

local core = require "moonlab.core"

local distributions = {}

local EPSILON, LEAST, MOST = 1e-16, 1e-300, 100000

-- Gamma and beta ---------------------------------------------------------------------------------------------------------------

local LANCZOS = { 0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7 }

--- The logarithm of the gamma function of a number above 0 (Lanczos 1964, with g = 7 and nine terms).
function distributions.log_gamma(x)
  if x < 0.5 then return math.log(math.pi / math.sin(math.pi * x)) - distributions.log_gamma(1 - x) end
  x = x - 1
  local sum, t = LANCZOS[1], x + 7.5
  for i = 2, 9 do sum = sum + LANCZOS[i] / (x + i - 1) end
  return 0.91893853320467274178 + (x + 0.5) * math.log(t) - t + math.log(sum)
end
local log_gamma = distributions.log_gamma

-- Lentz's way through a continued fraction b0 + a1/(b1 + a2/(b2 + ...)); term(i) -> a, b.
local function fraction(b0, term)
  local f = b0 ~= 0 and b0 or LEAST
  local c, d = f, 0
  for i = 1, MOST do
    local a, b = term(i)
    d = b + a * d
    c = b + a / c
    d, c = 1 / (d ~= 0 and d or LEAST), c ~= 0 and c or LEAST
    f = f * c * d
    if math.abs(c * d - 1) < EPSILON * 4 then break end
  end
  return f
end

-- The upper incomplete gamma function by the gamma function.
local function gamma_above(a, x)
  if x <= 0 then return 1 end
  local front = math.exp(a * math.log(x) - x - log_gamma(a))
  if x >= a + 1 then return front / fraction(x + 1 - a, function(i) return -i * (i - a), x + 2 * i + 1 - a end) end
  local sum, term, n = 1 / a, 1 / a, a
  repeat
    n = n + 1
    term = term * x / n
    sum = sum + term
  until term < sum * EPSILON
  return 1 - front * sum
end

-- The incomplete beta function by the beta function, 0 <= x <= 1; y = 1 - x, which may be known with more digits.
local function beta_below(a, b, x, y)
  if x <= 0 then return 0 end
  if y <= 0 then return 1 end
  if x > (a + 1) / (a + b + 2) then return 1 - beta_below(b, a, y, x) end
  local front = math.exp(a * math.log(x) + b * math.log(y) - (log_gamma(a) + log_gamma(b) - log_gamma(a + b)))
  return front / a / fraction(1, function(i)
    local m = i // 2
    if i % 2 == 0 then return m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)), 1 end
    return -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)), 1
  end)
end

-- Normal -------------------------------------------------------------------------------------------------------------------------

--- The part of the standard normal distribution below z.
function distributions.normal_cdf(z) return core.tensor(-z / math.sqrt(2), { dtype = "float64" }):erfc():item() / 2 end

local A = { 3.3871328727963666080, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125, 45921.953931549871457, 67265.770927008700853,
  33430.575583588128105, 2509.0809287301226727 }
local B = { 1, 42.313330701600911252, 687.18700749205790830, 5394.1960214247511077, 21213.794301586595867, 39307.895800092710610,
  28729.085735721942674, 5226.4952788528545610 }
local C = { 1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504, 1.27045825245236838258,
  0.241780725177450611770, 0.0227238449892691845833, 7.74545014278341407640e-4 }
local D = { 1, 2.05319162663775882187, 1.67638483018380384940, 0.689767334985100004550, 0.148103976427480074590, 0.0151986665636164571966,
  5.47593808499534494600e-4, 1.05075007164441684324e-9 }
local E = { 6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580, 0.296560571828504891230, 0.0265321895265761230930,
  0.00124266094738807843860, 2.71155556874348757815e-5, 2.01033439929228813265e-7 }
local F = { 1, 0.599832206555887937690, 0.136929880922735805310, 0.0148753612908506148525, 7.86869131145613259100e-4, 1.84631831751005468180e-5,
  1.42151175831644588870e-7, 2.04426310338993978564e-15 }

local function polynomial(c, x)
  local sum = 0
  for i = #c, 1, -1 do sum = sum * x + c[i] end
  return sum
end

--- The number below which the part p of the standard normal distribution lies (Wichura 1988, AS 241).
function distributions.normal_quantile(p)
  if p <= 0 then return -math.huge end
  if p >= 1 then return math.huge end
  local q = p - 0.5
  if math.abs(q) <= 0.425 then
    local r = 0.180625 - q * q
    return q * polynomial(A, r) / polynomial(B, r)
  end
  local r = math.sqrt(-math.log(q < 0 and p or 1 - p))
  local z = r <= 5 and polynomial(C, r - 1.6) / polynomial(D, r - 1.6) or polynomial(E, r - 5) / polynomial(F, r - 5)
  return q < 0 and -z or z
end

-- Of tests ------------------------------------------------------------------------------------------------------------------------

--- The part of a chi-squared distribution above x.
function distributions.chi_squared_above(x, df) return gamma_above(df / 2, x / 2) end

--- The part of Student's t distribution farther from 0 than t on either side.
function distributions.t_outside(t, df)
  if t ~= t then return t end
  if math.abs(t) == math.huge then return 0.0 end
  return beta_below(df / 2, 0.5, df / (df + t * t), t * t / (df + t * t))
end

--- The t outside of which, on both sides together, the part p lies.
function distributions.t_bound(p, df)
  local low, high = 0, 1
  while distributions.t_outside(high, df) > p do low, high = high, high * 2 end
  for _ = 1, 200 do
    local middle = (low + high) / 2
    if middle == low or middle == high then break end
    if distributions.t_outside(middle, df) > p then low = middle else high = middle end
  end
  return (low + high) / 2
end

--- The part of an F distribution above x.
function distributions.f_above(x, df1, df2)
  if x <= 0 then return 1.0 end
  return beta_below(df2 / 2, df1 / 2, df2 / (df2 + df1 * x), df1 * x / (df2 + df1 * x))
end

--- The chance of at most k heads of n tosses of a coin that shows heads with the chance p.
function distributions.binomial_cdf(k, n, p)
  if k < 0 then return 0.0 end
  if k >= n then return 1.0 end
  return beta_below(n - k, k + 1, 1 - p, p)
end

return distributions
