-- Makes recipes/data/customers.csv, the made-up table of recipes/churn.lua: customers of a telephone company with the defects that
-- such tables have. Who leaves depends on price, tenure, calls to the support and plan, and on chance.
--   build/moonlab tools/make_customers.lua > recipes/data/customers.csv

local ROWS = 2400
math.randomseed(20261126) -- the same file each time: Lua's generator is xoshiro256**, seeded by this number

local function normal() return math.sqrt(-2 * math.log(1 - math.random())) * math.cos(2 * math.pi * math.random()) end
local function pick(words, weights)
  local u = math.random()
  for i, weight in ipairs(weights) do
    if u < weight then return words[i] end
    u = u - weight
  end
  return words[#words]
end

local PLANS, PRICE = { "basic", "plus", "pro" }, { basic = 15, plus = 29, pro = 49 }
local CITIES = { "Aarau", "Basel", "Bern", "Chur", "Genf", "Lugano", "Sion", "Zug" }

local function customer(id, household)
  local plan = pick(PLANS, { 0.5, 0.3, 0.2 })
  local tenure = math.floor(math.random() ^ 2 * 96)
  local age = math.floor(math.max(18, math.min(92, 44 + 16 * normal())))
  local calls = math.max(0, math.floor(1.2 + 1.6 * normal()))
  local spend = PRICE[plan] * (1 + 0.5 * math.abs(normal())) * (1 + math.random() * 0.2)
  local late = math.random() < 0.15
  local score = -1.9 + 0.034 * (spend - 30) - 0.045 * tenure + 0.75 * calls + (plan == "basic" and 0.35 or 0) + (late and 0.9 or 0)
    + (age < 30 and 0.5 or 0) + 0.8 * normal()
  return { id = ("C%05d"):format(id), household = ("H%04d"):format(household), age = age, city = CITIES[math.random(#CITIES)], plan = plan,
    tenure = tenure, calls = calls, spend = ("%.2f"):format(spend), late = late and "yes" or "no", left = score > 0 and "yes" or "no" }
end

local NAMES = { "customer_id", "household", "age", "city", "plan", "tenure", "support_calls", "spend", "paid_late", "churned" }
local FIELDS = { "id", "household", "age", "city", "plan", "tenure", "calls", "spend", "late", "left" }

local function line(c)
  local out = {}
  for i, field in ipairs(FIELDS) do out[i] = tostring(c[field]) end
  return table.concat(out, ",")
end

-- What goes wrong in such tables: ages nobody gave or mistyped, a plan that was renamed, amounts with a currency, rows sent twice.
local function spoil(c)
  local u = math.random()
  if u < 0.04 then c.age = "" elseif u < 0.043 then c.age = c.age + 200 end
  u = math.random()
  if u < 0.02 then c.spend = "" elseif u < 0.022 then c.spend = "CHF " .. c.spend end
  if math.random() < 0.004 then c.plan = "Plus+" end
  if math.random() < 0.003 then c.left = "" end
end

print(table.concat(NAMES, ","))
local household = 0
for id = 1, ROWS do
  if id == 1 or math.random() < 0.7 then household = household + 1 end
  local c = customer(id, household)
  spoil(c)
  print(line(c))
  if math.random() < 0.008 then print(line(c)) end
end
