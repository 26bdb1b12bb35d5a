-- Expressions of elementwise ops: parsed once, emitted twice (kernels in C, compositions of ops).
-- Grammar: sum = product {("+"|"-") product}; product = factor {("*"|"/") factor};
--          factor = "-" factor | number | name | name "(" sum {"," sum} ")" | "(" sum ")"

local M = {}

-- A tree node: { kind = "number", value } { kind = "variable", name } { kind = "call", name, args... }
function M.parse(text, where)
  local position = 1
  local function fail(what) error(("op %s: %s at %d of \"%s\""):format(where, what, position, text)) end
  local function peek() position = text:find("%S", position) or #text + 1; return text:sub(position, position) end
  local function take(char)
    if peek() == char then position = position + 1; return true end
  end
  local sum

  local function factor()
    if take "-" then return { kind = "call", name = "neg", factor() } end
    if take "(" then
      local inner = sum()
      if not take ")" then fail "')' expected" end
      return inner
    end
    peek()
    local number = text:match("^%d+%.?%d*", position)
    if number then position = position + #number; return { kind = "number", value = number } end
    local name = text:match("^[%a_][%w_]*", position)
    if not name then fail "unexpected character" end
    position = position + #name
    if not take "(" then return { kind = "variable", name = name } end
    local call = { kind = "call", name = name }
    repeat call[#call + 1] = sum() until not take ","
    if not take ")" then fail "')' expected" end
    return call
  end

  local function chain(next_level, operators)
    local left = next_level()
    while true do
      local name = operators[peek()]
      if not name then return left end
      position = position + 1
      left = { kind = "call", name = name, left, next_level() }
    end
  end
  local function product() return chain(factor, { ["*"] = "mul", ["/"] = "div" }) end
  function sum() return chain(product, { ["+"] = "add", ["-"] = "sub" }) end

  local tree = sum()
  if peek() ~= "" then fail "unexpected text" end
  return tree
end

-- Adds the names of the variables of a tree to a set.
function M.variables(tree, set)
  if tree.kind == "variable" then set[tree.name] = true end
  for _, child in ipairs(tree) do M.variables(child, set) end
  return set
end

function M.substitute(tree, values)
  if tree.kind == "variable" then return values[tree.name] or tree end
  if tree.kind == "number" then return tree end
  local copy = { kind = "call", name = tree.name }
  for i, child in ipairs(tree) do copy[i] = M.substitute(child, values) end
  return copy
end

-- What kernels know by themselves; everything else is an op of the table and is expanded to its own expression.
M.INFIX = { add = "+", sub = "-", mul = "*", div = "/", eq = "==", ne = "!=", lt = "<", le = "<=", gt = ">", ge = ">=",
  ["and"] = "&", ["or"] = "|", xor = "^" }
M.PRIMITIVE = {}
for name in ([[neg not where abs pow floor_divide remainder fmod floor round trunc sqrt hypot exp expm1 exp2 log log1p log2 log10
  sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh erf erfc ndtr]]):gmatch "%S+" do M.PRIMITIVE[name] = true end

-- A C expression. Kernel files define the K_ macros for their element type T.
function M.to_c(tree, by_name)
  if tree.kind == "number" then return "(T)" .. tree.value end
  if tree.kind == "variable" then return tree.name .. "_" end
  local arguments = {}
  local infix = M.INFIX[tree.name]
  if infix then return ("(%s %s %s)"):format(M.to_c(tree[1], by_name), infix, M.to_c(tree[2], by_name)) end
  if tree.name == "neg" then return "(-" .. M.to_c(tree[1], by_name) .. ")" end
  if tree.name == "where" then
    return ("(%s ? %s : %s)"):format(M.to_c(tree[1], by_name), M.to_c(tree[2], by_name), M.to_c(tree[3], by_name))
  end
  if M.PRIMITIVE[tree.name] then
    for i, child in ipairs(tree) do arguments[i] = M.to_c(child, by_name) end
    return ("K_%s(%s)"):format(tree.name:upper(), table.concat(arguments, ", "))
  end
  local op = assert(by_name[tree.name], "unknown function " .. tree.name)
  local values = {}
  for i, a in ipairs(op.all) do values[a.name] = tree[i] end
  return M.to_c(M.substitute(op.forward, values), by_name)
end

return M
