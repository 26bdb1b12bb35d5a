-- Base64 (RFC 4648).

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

-- Two letters for each 12 bits.
local PAIRS = {}
for i = 0, 4095 do PAIRS[i] = ALPHABET:sub((i >> 6) + 1, (i >> 6) + 1) .. ALPHABET:sub((i & 63) + 1, (i & 63) + 1) end

--- The letters that stand for bytes.
return function(bytes)
  local out, rest = {}, #bytes % 3
  for i = 1, #bytes - rest, 3 do
    local a, b, c = bytes:byte(i, i + 2)
    local word = a << 16 | b << 8 | c
    out[#out + 1] = PAIRS[word >> 12] .. PAIRS[word & 4095]
  end
  if rest > 0 then
    local a, b = bytes:byte(-rest, -1)
    if rest == 2 then a, b = bytes:byte(-2, -1) end
    local word = a << 16 | (rest == 2 and b or 0) << 8
    local letters = PAIRS[word >> 12] .. PAIRS[word & 4095]
    out[#out + 1] = letters:sub(1, rest + 1) .. ("="):rep(3 - rest)
  end
  return table.concat(out)
end
