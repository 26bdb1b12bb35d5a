--- Mutual information of two variables, in nats: from neighbours where one is a number, from counts where both are classes.
--
-- Two numbers: Kraskov, Stögbauer, Grassberger 2004, estimator 1. A number and a class: Ross 2014. As scikit-learn's
-- mutual_info_regression and mutual_info_classif have them. Along one dimension neighbours lie side by side in the order of the values,
-- so that no tree is needed.

local mutual = {}

-- digamma of an integer, less that of 1: the harmonic number before it. The constant cancels in every formula here.
local harmonic = { [1] = 0.0 }
local function psi(n)
  for i = #harmonic + 1, n do harmonic[i] = harmonic[i - 1] + 1 / (i - 1) end
  return harmonic[n]
end

local function order_of(x)
  local order = {}
  for i = 1, #x do order[i] = i end
  table.sort(order, function(a, b)
    if x[a] ~= x[b] then return x[a] < x[b] end
    return a < b
  end)
  return order
end

-- How many of the sorted numbers, itself among them, are nearer to x than the radius: along a sorted list the differences ascend.
local function count_within(sorted, x, radius)
  local function near(difference) return difference < radius or difference == 0 end
  local function first_place(holds) -- where a condition begins to hold
    local low, high = 1, #sorted + 1
    while low < high do
      local middle = (low + high) // 2
      if holds(sorted[middle]) then high = middle else low = middle + 1 end
    end
    return low
  end
  return first_place(function(v) return v > x and not near(v - x) end) - first_place(function(v) return v >= x or near(x - v) end)
end

local function sorted_values(x, order)
  local sorted = {}
  for place, i in ipairs(order) do sorted[place] = x[i] end
  return sorted
end

-- The distance to the k-th neighbour of each point on a line, by place in the order.
local function radii_on_line(sorted, k)
  local radii = {}
  for place = 1, #sorted do
    local low, high, x = place, place, sorted[place]
    for _ = 1, k do
      local left, right = sorted[low - 1], sorted[high + 1]
      if right == nil or left and x - left <= right - x then low = low - 1 else high = high + 1 end
    end
    radii[place] = math.max(x - sorted[low], sorted[high] - x)
  end
  return radii
end

-- Puts a distance among the k smallest.
local function insert(nearest, k, distance)
  local i = math.min(#nearest + 1, k)
  while i > 1 and nearest[i - 1] > distance do
    nearest[i] = nearest[i - 1]
    i = i - 1
  end
  nearest[i] = distance
end

-- The distance to the k-th neighbour in the larger of both coordinates, walking from each point along the first.
local function radius_in_plane(xs, ys, place, k)
  local x, y, nearest = xs[place], ys[place], {}
  local low, high = place - 1, place + 1
  while xs[low] or xs[high] do
    local left, right = xs[low] and x - xs[low] or math.huge, xs[high] and xs[high] - x or math.huge
    local step = math.min(left, right)
    if #nearest == k and step >= nearest[k] then break end
    local at = left <= right and low or high
    local distance = math.max(step, math.abs(ys[at] - y))
    if #nearest < k or distance < nearest[k] then insert(nearest, k, distance) end
    if at == low then low = low - 1 else high = high + 1 end
  end
  return nearest[#nearest]
end

--- Of two lists of numbers.
-- @param k  neighbours
function mutual.of_numbers(x, y, k)
  local n = #x
  k = math.min(k, n - 1)
  if k < 1 then return 0.0 end
  local order = order_of(x)
  local xs, ys = sorted_values(x, order), sorted_values(y, order)
  local ys_sorted = sorted_values(y, order_of(y))
  local sum = 0.0
  for place = 1, n do
    local radius = radius_in_plane(xs, ys, place, k)
    sum = sum + psi(count_within(xs, xs[place], radius)) + psi(count_within(ys_sorted, ys[place], radius))
  end
  return math.max(0, psi(n) + psi(k) - sum / n)
end

--- Of a list of numbers and a list of classes. A row that is alone in its class does not count.
-- @param k  neighbours within the class
function mutual.of_number_and_class(x, class, k)
  local rows = {}
  for i, one in ipairs(class) do
    rows[one] = rows[one] or {}
    table.insert(rows[one], i)
  end
  local counted, labels = {}, {}
  for label, list in pairs(rows) do
    if #list > 1 then
      labels[#labels + 1] = label
      for _, i in ipairs(list) do counted[#counted + 1] = x[i] end
    end
  end
  if #counted == 0 then return 0.0 end
  table.sort(counted)
  table.sort(labels)
  local sum = 0.0
  for _, label in ipairs(labels) do
    local within = {}
    for place, i in ipairs(rows[label]) do within[place] = x[i] end
    table.sort(within)
    local near = math.min(k, #within - 1)
    for place, radius in ipairs(radii_on_line(within, near)) do
      sum = sum + psi(near) - psi(#within) - psi(count_within(counted, within[place], radius))
    end
  end
  return math.max(0, psi(#counted) + sum / #counted)
end

--- Of two lists of classes.
function mutual.of_classes(a, b)
  local n, of_a, of_b, both, pairs_seen = #a, {}, {}, {}, {}
  for i = 1, n do
    local key = a[i] .. "|" .. b[i]
    if not both[key] then
      both[key] = 0
      pairs_seen[#pairs_seen + 1] = { key, a[i], b[i] }
    end
    both[key], of_a[a[i]], of_b[b[i]] = both[key] + 1, (of_a[a[i]] or 0) + 1, (of_b[b[i]] or 0) + 1
  end
  local sum = 0.0
  for _, one in ipairs(pairs_seen) do
    local count = both[one[1]]
    sum = sum + count / n * math.log(count * n / (of_a[one[2]] * of_b[one[3]]))
  end
  return math.max(0, sum)
end

return mutual
