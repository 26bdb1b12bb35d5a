-- Numbers as labels.

local number = {}

--- A number with four digits that matter, no more.
function number.short(x)
  if math.type(x) == "integer" then return ("%d"):format(x) end
  if x ~= x then return "nan" end
  if x == math.floor(x) and math.abs(x) < 1e6 then return ("%d"):format(math.tointeger(x)) end
  return (("%.4g"):format(x):gsub("e%+?(-?)0*(%d)", "e%1%2"))
end

local function plain(x, decimals)
  local s = ("%%.%df"):format(decimals):format(x)
  return s:find "[1-9]" and s or s:gsub("^-", "")
end

local function scientific(x, digits)
  if x == 0 then return "0" end
  local mantissa, sign, exponent = ("%%.%de"):format(digits):format(x):match "^(.-)e([+-])0*(%d+)$"
  if mantissa:find "%." then mantissa = mantissa:gsub("0+$", ""):gsub("%.$", "") end
  return ("%se%s%s"):format(mantissa, sign == "-" and "-" or "", exponent)
end

--- Multiples of a step as labels with as many digits as the step needs.
-- @param list  of numbers
-- @param step  between them
-- @return a list of strings
function number.labels(list, step)
  local most = 0
  for _, x in ipairs(list) do most = math.max(most, math.abs(x)) end
  local place = math.floor(math.log(step, 10) + 1e-9)
  local decimals = math.max(0, -place)
  local digits = most > 0 and math.max(0, math.min(15, math.floor(math.log(most, 10) + 1e-9) - place)) or 0
  local short, exact, longest, longest_exact = {}, {}, 0, 0
  for i, x in ipairs(list) do
    exact[i], short[i] = plain(x, math.min(decimals, 40)), scientific(x, digits)
    longest_exact, longest = math.max(longest_exact, #exact[i]), math.max(longest, #short[i])
  end
  return (longest_exact <= 6 or longest_exact <= longest) and exact or short
end

return number
