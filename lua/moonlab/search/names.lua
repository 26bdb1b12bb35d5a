--- How a call is named by the text around it: by the key that it is the value of (`lr = ml.log_uniform(...)`), or by the call that it is
-- an argument of (`nn.Dropout(ml.grid {...})`). Looked up at the line that calls.

local vm = require "moonlab.vm"

local names = {}

local KEYWORDS = {}
for word in ("and break do else elseif end false for function goto if in local nil not or repeat return then true until while"):gmatch "%a+" do
  KEYWORDS[word] = true
end
local GOES_ON = { ["and"] = true, ["or"] = true, ["not"] = true, ["nil"] = true, ["true"] = true, ["false"] = true } -- inside of a value
local OPENS = { ["("] = true, ["{"] = true, ["["] = true }
local CLOSES = { [")"] = true, ["}"] = true, ["]"] = true }
local PLAIN = { tostring = true, tonumber = true } -- calls that only change the form of a value, as all of math do

-- The position behind a comment or a string that begins at i, or nil.
local function skip_long(text, i)
  local level = text:match("^%[(=*)%[", i)
  if not level then return nil end
  local _, stop = text:find("]" .. level .. "]", i, true)
  return (stop or #text) + 1
end

local function behind_comment(text, i) return skip_long(text, i + 2) or (text:find("\n", i, true) or #text + 1) end

local function behind_string(text, i)
  local quote, k = text:sub(i, i), i + 1
  while k <= #text do
    local c = text:sub(k, k)
    if c == quote or c == "\n" then return k + 1 end
    k = k + (c == "\\" and 2 or 1)
  end
  return k
end

local WORD_OPERATORS = { "==", "~=", "<=", ">=", "//", "::", "<<", ">>", "..." , ".." }

local function operator(text, i)
  for _, one in ipairs(WORD_OPERATORS) do
    if text:sub(i, i + #one - 1) == one then return one end
  end
  return text:sub(i, i)
end

-- The kind and the end of the token at i; of a comment the kind is nil.
local function token_at(text, i)
  if text:find("^%-%-", i) then return nil, behind_comment(text, i) end
  local word = text:match("^[%a_][%w_]*", i)
  if word then return KEYWORDS[word] and "keyword" or "name", i + #word end
  local number = text:match("^%.?%d[%w.]*", i)
  if number then return "number", i + #number end
  if text:find("^[\"']", i) then return "string", behind_string(text, i) end
  local behind = skip_long(text, i)
  if behind then return "string", behind end
  return "operator", i + #operator(text, i)
end

-- A list of { text =, kind =, line = }.
local function tokens_of(text)
  local out, line, i = {}, 1, 1
  while i <= #text do
    local from = text:find("%S", i)
    if not from then break end
    local kind, behind = token_at(text, from)
    line = line + select(2, text:sub(i, from - 1):gsub("\n", ""))
    local piece = text:sub(from, behind - 1)
    if kind then out[#out + 1] = { text = piece, kind = kind, line = line } end
    line = line + select(2, piece:gsub("\n", ""))
    i = behind
  end
  return out
end

-- local a, b = ...: the name of the value behind so many commas.
local function of_locals(tokens, k, commas)
  local list = {}
  while tokens[k + 1] and tokens[k + 1].kind == "name" do
    list[#list + 1], k = tokens[k + 1].text, k + 2
  end
  return list[commas + 1]
end

-- The name in front of `=` for the first value behind it: lr, ["lr"], x <const>, the first one of local a, b.
local function key_before(tokens, k)
  local before = tokens[k - 1]
  if before and before.text == ">" then before = tokens[k - 4] end
  if before and before.text == "]" and tokens[k - 2].kind == "string" then
    return (tokens[k - 2].text:sub(2, -2):gsub("[^%w_]", "_"))
  end
  local first = k - 1
  while first > 2 and tokens[first - 1].text == "," and tokens[first - 2].kind == "name" do first = first - 2 end
  if first > 1 and tokens[first - 1].text == "local" then return of_locals(tokens, first - 1, 0) end
  return before and before.kind == "name" and before.text or nil
end

-- The call whose arguments are opened at k; false where it changes but the form of the value, nil where it is none.
local function callee(tokens, k)
  local before = tokens[k - 1]
  if tokens[k].text == "[" or not before or before.kind ~= "name" then return nil end
  if PLAIN[before.text] or (k > 3 and tokens[k - 2].text == "." and tokens[k - 3].text == "math") then return false end
  return before.text
end

-- The name for the value that begins at token i.
local function around(tokens, i)
  local depth, commas, assigned = 0, 0, nil
  for k = i - 1, 1, -1 do
    local token = tokens[k]
    local text = token.text
    if token.kind == "operator" and CLOSES[text] then depth = depth + 1
    elseif token.kind == "operator" and OPENS[text] then
      if depth == 0 then
        local call = callee(tokens, k)
        if call then return call end
        commas, assigned = 0, nil
      end
      depth = math.max(0, depth - 1)
    elseif depth == 0 and (text == "," or text == ";") then commas = commas + 1
    elseif depth == 0 and text == "=" then
      if commas == 0 then return key_before(tokens, k) end
      assigned = assigned or commas
    elseif depth == 0 and token.kind == "keyword" and not GOES_ON[text] then
      return text == "local" and assigned and of_locals(tokens, k, assigned) or nil
    end
  end
end

-- The n-th call of `called` in a line, as the position of its first token.
local function call_in(tokens, line, called, n)
  local found = {}
  for i, token in ipairs(tokens) do
    local next_ = tokens[i + 1]
    if token.line == line and token.kind == "name" and token.text == called and next_
      and (next_.text == "{" or next_.text == "(" or next_.kind == "string") then
      found[#found + 1] = i
    end
  end
  if #found == 0 then return nil end
  local i = found[(n - 1) % #found + 1]
  while i > 2 and (tokens[i - 1].text == "." or tokens[i - 1].text == ":") do i = i - 2 end
  return i
end

local Names = {}
Names.__index = Names

local known = setmetatable({}, { __mode = "v" }) -- texts, which stay the same from trial to trial, in pieces

--- Names of calls, of files that are read once.
function names.new() return setmetatable({ tokens = {}, calls = {} }, Names) end

function Names:tokens_of(source)
  if not self.tokens[source] then
    local text = source:sub(1, 1) == "@" and vm.read(source:sub(2)) or source:sub(1, 1) ~= "=" and source or ""
    known[text] = known[text] or tokens_of(text)
    self.tokens[source] = known[text]
  end
  return self.tokens[source]
end

--- The name of the call of a library function that is under way.
-- @return a name, or nil where the text does not say one
function Names:of_call()
  local called
  for level = 2, 40 do
    local info = debug.getinfo(level, "Sln")
    if not info then return nil end
    if info.short_src:sub(1, 12) ~= "lua/moonlab/" then
      if not called or info.currentline < 1 then return nil end
      local place = ("%s:%d:%s"):format(info.source, info.currentline, called)
      self.calls[place] = (self.calls[place] or 0) + 1
      local tokens = self:tokens_of(info.source)
      local i = call_in(tokens, info.currentline, called, self.calls[place])
      return i and around(tokens, i)
    end
    called = info.name
  end
end

return names
