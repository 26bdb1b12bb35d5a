--- Random numbers that are keyed by words: the same words give the same numbers, whatever was drawn before, in whichever process.

local Stream = {}
Stream.__index = Stream

-- FNV-1a of 64 bits.
local function hash(text)
  local h = 0xcbf29ce484222325
  for i = 1, #text do h = (h ~ text:byte(i)) * 0x100000001b3 end
  return h
end

--- The next number from 0 to below 1: splitmix64, its upper 53 bits.
function Stream:uniform()
  self.state = self.state + 0x9e3779b97f4a7c15
  local z = self.state
  z = (z ~ (z >> 30)) * 0xbf58476d1ce4e5b9
  z = (z ~ (z >> 27)) * 0x94d049bb133111eb
  z = z ~ (z >> 31)
  return (z >> 11) / 9007199254740992.0
end

--- A normal number of mean 0 and deviation 1: the method of Box and Muller.
function Stream:normal()
  local radius = math.sqrt(-2 * math.log(1 - self:uniform()))
  return radius * math.cos(2 * math.pi * self:uniform())
end

--- A whole number from 1 to n.
function Stream:place(n) return math.min(n, math.floor(self:uniform() * n) + 1) end

--- A stream of numbers.
-- @param ...  words and numbers that key it
return function(...)
  local words = table.pack(...)
  for i = 1, words.n do words[i] = tostring(words[i]) end
  return setmetatable({ state = hash(table.concat(words, "\0")) }, Stream)
end
