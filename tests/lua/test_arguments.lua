-- Every op with arguments that make no sense, thousands of them: a result or an error with a place, never a crash. The
-- same calls each time.

local luaunit = require "luaunit"
local core = require "moonlab.core"
local cases = require "sweep_cases"

local SHAPES = { {}, { 0 }, { 1 }, { 3 }, { 2, 3 }, { 3, 1 }, { 0, 3 }, { 1, 2, 3 }, { 2, 3, 4 }, { 1, 2, 5, 5 }, { 2, 1, 1, 3, 2 }, { 1, 1, 1, 1, 1, 1, 1, 2 } }
local DTYPES = { "bool", "uint8", "int32", "int64", "float32", "float64" }
local NUMBERS = { 0, 1, -1, 2, 3, -2, 8, 9, -9, 100, 0.5, -0.5, 0.0, 1e300, math.huge, -math.huge, 0 / 0, math.maxinteger, math.mininteger, 1 << 45, -(1 << 45), 1 << 62 }

local function generator(key)
  local at = 0
  local draw = {}
  function draw.below(n)
    at = at + 1
    return core.random_below(key, at, n)
  end
  function draw.one_of(list) return list[draw.below(#list)] end

  function draw.tensor()
    local shape, dtype = draw.one_of(SHAPES), draw.one_of(DTYPES)
    if draw.below(12) == 1 then return core.shape_only(shape, dtype) end
    if draw.below(40) == 1 then return core.slot() end
    local x = core.randn(shape, { key = key + at })
    if draw.below(2) == 1 then x = x * 4 end
    x = x:to(dtype):detach()
    if dtype:find "float" then x.requires_grad = draw.below(2) == 1 end
    local how = draw.below(5)
    if how == 1 and x:dim() > 1 then x = x:transpose()
    elseif how == 2 and x:dim() > 0 then x = x:slice(1, 1, -1, 2)
    elseif how == 3 then x = x:unsqueeze(1):expand(2, table.unpack(x.shape, 1, math.min(x:dim(), 6))) end
    return x
  end

  function draw.value(depth)
    local kind = draw.below(10)
    if kind <= 3 then return draw.one_of(NUMBERS)
    elseif kind <= 5 then
      local ok, x = pcall(draw.tensor) -- expand may refuse
      return ok and x or nil
    elseif kind == 6 then return draw.one_of { true, false }
    elseif kind == 7 then return draw.one_of { "same", "mean", "none", "float64", "x", "", "1:2" }
    elseif kind == 8 and depth < 2 then
      local list = {}
      for i = 1, draw.below(4) - 1 do list[i] = draw.value(depth + 1) end
      return list
    elseif kind == 9 then return nil end
    return draw.below(4)
  end

  -- Something of the right kind more often than not, so that calls get further than their arguments.
  function draw.argument(a)
    if draw.below(5) == 1 then return draw.value(0) end
    local t = a.type
    if t == "tensor" or t == "state" then
      local ok, x = pcall(draw.tensor)
      return ok and x or core.ones(2, 3)
    elseif t == "index" then return core.randint(draw.below(3) - 2, 3, draw.one_of(SHAPES), { key = key + at })
    elseif t == "mask" or t == "any" then return core.rand(draw.one_of(SHAPES), { key = key + at }):lt(0.5)
    elseif t == "tensors" then
      local list = {}
      for i = 1, draw.below(3) do list[i] = draw.argument { type = "tensor" } end
      return list
    elseif t == "boolean" then return draw.below(2) == 1
    elseif t == "word" then return draw.one_of(a.words)
    elseif t == "dtype" then return draw.one_of(DTYPES)
    elseif t == "number" then return draw.one_of(NUMBERS)
    elseif t == "shape" or t == "dims" or t == "integers" or ((t == "pair" or t == "padding") and draw.below(2) == 1) then
      local list = {}
      for i = 1, t:find "^p" and 2 or draw.below(4) - 1 do list[i] = draw.below(4) == 1 and draw.one_of(NUMBERS) or draw.below(5) - 2 end
      return list
    end
    return draw.below(6) == 1 and draw.one_of(NUMBERS) or draw.below(5) - 2
  end
  return draw
end

-- An error is text with a place in front, or a table with a status (memory).
local function is_proper(message)
  if type(message) == "table" then return message.status == 6 end
  return type(message) == "string" and message:find "^[^\n]*test_arguments%.lua:%d+: " ~= nil
end

local function call(f, list, n) return f(table.unpack(list, 1, n)) end -- the line that errors name

local worked, refused = {}, {}

-- Half of the calls are one of the op's cases, mostly with one argument replaced, which gets deeper.
local function arguments(op, draw)
  local values = {}
  if draw.below(2) == 1 then
    values = cases.arguments(op, draw.one_of(op.cases), draw.one_of { "float32", "float64" })
    for _, x in ipairs(cases.leaves(op, values)) do x.requires_grad = x.dtype:find "float" ~= nil end
    local a = draw.one_of(op.all)
    if draw.below(5) > 1 then values[a.name] = draw.argument(a) end -- or none
    return values
  end
  for _, a in ipairs(op.all) do
    if not a.is_option or draw.below(3) == 1 then values[a.name] = draw.argument(a) end
  end
  return values
end

local function attempt(op, key)
  local draw = generator(key)
  local list, n, options = {}, 0, nil
  local values = arguments(op, draw)
  for _, a in ipairs(op.all) do
    local value = values[a.name]
    if not a.is_option then
      n = n + 1
      list[n] = value
    elseif value ~= nil then
      options = options or {}
      options[a.name] = value
    end
  end
  if options then
    n = n + 1
    list[n] = options
  end
  local ok, y = pcall(call, core.ops[op.name], list, n)
  if not ok then
    refused[op.name] = (refused[op.name] or 0) + 1
    luaunit.assertTrue(is_proper(y), ("%s, key %d: %s"):format(op.name, key, type(y) == "table" and y.message or tostring(y)))
    return
  end
  worked[op.name] = (worked[op.name] or 0) + 1
  if y.requires_grad and y:has_storage() and y:numel() < 10000 then
    local fine, message = pcall(function() y:backward(core.ones(y.shape, { dtype = y.dtype })) end)
    luaunit.assertTrue(fine or is_proper(message), ("%s backward, key %d: %s"):format(op.name, key, tostring(message)))
  end
end

TestArguments = {}
for _, op in ipairs(cases.ops) do
  TestArguments["test_" .. op.name] = function()
    for key = 1, 300 do attempt(op, core.random_key("arguments", op.name, key)) end
    luaunit.assertTrue((worked[op.name] or 0) > 0, "no call worked")
    luaunit.assertTrue((refused[op.name] or 0) > 0, "no call was refused")
  end
end

function TestArguments:test_indexing()
  local count = 0
  for key = 1, 4000 do
    local draw = generator(key * 7919)
    local ok, x = pcall(draw.tensor)
    if ok then
      local index, value = draw.value(0), draw.value(0)
      if index ~= nil then
        local read, message = pcall(call, function(t, i) return t[i] end, { x, index }, 2)
        luaunit.assertTrue(read or is_proper(message), ("key %d: %s"):format(key, tostring(message)))
        local written, why = pcall(call, function(t, i, v) t[i] = v end, { x, index, value }, 3)
        luaunit.assertTrue(written or is_proper(why), ("key %d: %s"):format(key, tostring(why)))
        count = count + 1
      end
    end
  end
  luaunit.assertTrue(count > 2000)
end

function TestArguments:test_methods_that_are_no_ops()
  local names = {}
  for name in pairs(core.methods) do
    if not core.ops[name] then names[#names + 1] = name end
  end
  table.sort(names)
  luaunit.assertTrue(#names > 30)
  for _, name in ipairs(names) do
    for key = 1, 60 do
      local draw = generator(key * 104729 + #name)
      local ok, x = pcall(draw.tensor)
      if ok then
        local list = { x, draw.value(0), draw.value(0), draw.value(0) }
        local fine, message = pcall(call, core.methods[name], list, draw.below(4))
        luaunit.assertTrue(fine or is_proper(message), ("%s, key %d: %s"):format(name, key, tostring(message)))
      end
    end
  end
end

function TestArguments:test_constructors()
  for _, name in ipairs { "tensor", "zeros", "ones", "full", "eye", "arange", "linspace", "empty", "rand", "randn", "randint", "randperm" } do
    for key = 1, 300 do
      local draw = generator(key * 15485863 + #name)
      local list, n = {}, draw.below(5) - 1
      for i = 1, n do
        list[i] = draw.value(0)
        if type(list[i]) == "number" and math.abs(list[i]) > 1000 and math.abs(list[i]) < 1e15 then list[i] = 7 end -- not for want of memory
      end
      local fine, message = pcall(call, core[name], list, n)
      luaunit.assertTrue(fine or is_proper(message), ("%s, key %d: %s"):format(name, key, type(message) == "table" and message.message or tostring(message)))
    end
  end
end
