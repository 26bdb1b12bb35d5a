-- A strict reader of the XML that the library writes: elements, attributes in double quotes, text, the five named entities. What is
-- not well-formed is an error.

local xml = {}

local NAMED = { amp = "&", lt = "<", gt = ">", quot = '"', ["#39"] = "'" }

local function decoded(s, place)
  assert(utf8.len(s), "not UTF-8 at " .. place)
  assert(not s:find "[%z\1-\8\11\12\14-\31<]", "a character that XML does not have at " .. place)
  assert(not s:gsub("&[^&;]*;", ""):find "&", "a bare & at " .. place)
  return (s:gsub("&([^&;]*);", function(name) return assert(NAMED[name], "unknown entity " .. name .. " at " .. place) end))
end

local function attributes(s, place)
  local out, rest = {}, s
  while rest ~= "" do
    local name, value, after = rest:match '^%s+([%a_:][%w_:.-]*)="([^"<]*)"(.*)$'
    assert(name, ("no attribute at %d: %s"):format(place, rest:sub(1, 40)))
    assert(out[name] == nil, "attribute " .. name .. " twice")
    out[name], rest = decoded(value, place), after:find "^%s*$" and "" or after
  end
  return out
end

--- Reads a document.
-- @return the root: { tag =, attributes =, text = of it and all below, children... }, a list of all elements
function xml.parse(document)
  local at, stack, all, root = 1, {}, {}, nil
  while at <= #document do
    local open = document:find("<", at, true) or #document + 1
    if open > at then
      local s = decoded(document:sub(at, open - 1), at)
      assert(#stack > 0 or s:find "^%s*$", "text outside of the root")
      for _, element in ipairs(stack) do element.text = element.text .. s end
      at = open
    end
    if at > #document then break end
    local close = assert(document:find(">", at, true), "no > after " .. at)
    local inside = document:sub(at + 1, close - 1)
    if inside:sub(1, 1) == "/" then
      local element = table.remove(stack)
      assert(element and element.tag == inside:sub(2), "unexpected </" .. inside:sub(2) .. ">")
    else
      local tag, rest, is_empty = inside:match "^(%a[%w:]*)(.-)(/?)$"
      assert(tag, "no element at " .. at)
      local element = { tag = tag, attributes = attributes(rest, at), text = "" }
      assert(#stack > 0 or not root, "two roots")
      table.insert(stack[#stack] or {}, element)
      root = root or element
      all[#all + 1] = element
      if is_empty == "" then stack[#stack + 1] = element end
    end
    at = close + 1
  end
  assert(#stack == 0 and root, "not closed")
  return root, all
end

return xml
